//! A decorator rewrites the flow when it is imported.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::flow::DecoratorKind;
use crate::lint::Context;

declare_rule! {
    /// A `FlowMutator` or `StepMutator` is on the flow or a step. It is a program that may add and remove decorators and parameters when the flow is imported; flowc does not run it, and shows the flow as it is before. It is a warning when a flow is checked, and an error when it is compiled.
    ///
    /// Write out what the mutator does, or declare in `flowc.toml` that it has no influence on the definition: `[decorators]` with `name = "harmless"`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowMutator, FlowSpec, step
    ///
    /// class EveryStep(FlowMutator):
    ///     def mutate(self, flow):
    ///         for _, each in flow.steps:
    ///             each.add_decorator("retry")
    ///
    ///
    /// @EveryStep
    /// class TrainFlow(FlowSpec):
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry
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
    pub static INFO: warning "FLC903" "mutator";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    let of_steps = flow
        .steps
        .iter()
        .flat_map(|step| step.decorators.iter().map(move |used| (used, Some(step))));
    let of_flow = flow.decorators.iter().map(|used| (used, None));
    for (used, step) in of_flow.chain(of_steps) {
        if !matches!(used.kind, DecoratorKind::Mutator) {
            continue;
        }
        let what = if step.is_some() { "step" } else { "flow" };
        let message = format!(
            "`@{}` rewrites the {what} when it is imported: what is shown is the {what} before",
            used.name
        );
        let mut finding = Diagnostic::new(&INFO, used.span, message);
        finding.step = step.map(|step| step.name.clone());
        if context.target.is_some() {
            finding.severity = Severity::Error;
        }
        out.push(finding.help(format!(
            "write out what it does, or declare it under `[decorators]` in `flowc.toml`: `\"{}\" = \"harmless\"`",
            used.name
        )));
    }
}
