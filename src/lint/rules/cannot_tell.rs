//! A value that matters for a definition cannot be known statically.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::flow::unknowns;
use crate::lint::Context;
use crate::value::Why;

declare_rule! {
    /// A value that goes into the definition is computed in a way that is not followed: by a call of another package, from data, by a loop that cannot be unrolled; or the class body sets names that are computed (`locals()[name] = …`). It is a note when a flow is checked, and an error when it is compiled.
    ///
    /// The same is said of a decorator of Metaflow that depends on what is not known: which one it is (`gpu = kubernetes(gpu=1) if HAS_GPU else resources(cpu=1)`), whether it is applied (`if "--prod" in sys.argv: schedule(daily=True)(TrainFlow)`); and of a parameter that is there under such a condition. A definition without it would be another flow's.
    ///
    /// Write it as a literal, a module constant, a `Config` value or an environment look-up; or give it by `-D NAME=VALUE`, where `NAME` is the name in the source, `Flow.parameter` or `step.decorator.attribute`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    /// from os import cpu_count
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @resources(cpu=cpu_count())
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @resources(cpu=4)
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing: it runs the code (2.19.39)
    pub static INFO: note "FLC901" "cannot-tell";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for unknown in unknowns(context.graph.flow) {
        let Why::Opaque { reason } = &unknown.unknown.why else {
            continue;
        };
        let message = format!("{} cannot be known statically: {reason}", unknown.what);
        let mut finding = Diagnostic::new(&INFO, unknown.unknown.span, message);
        if context.target.is_some() {
            finding.severity = Severity::Error;
        }
        if let Some(option) = &unknown.option {
            finding = finding.help(format!("give a value by `{option}`"));
        }
        if let Some(way_out) = unknown.way_out {
            finding = finding.help(way_out);
        }
        finding.step = unknown.step.map(str::to_owned);
        out.push(finding);
    }
}
