//! A decorator comes from another package.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::DecoratorKind;
use crate::lint::Context;

declare_rule! {
    /// A decorator comes from another package, or from code that is not followed. What it does to the step cannot be told: most wrap the run time only, and then the definition is right without it.
    ///
    /// Declare it in `flowc.toml`: `[decorators]` with `name = "harmless"`, or `name = "mutator"` if it changes the flow.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    /// from elsewhere import checkpoint
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @checkpoint
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
    pub static INFO: note "FLC902" "third-party-decorator";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    let of_steps = flow
        .steps
        .iter()
        .flat_map(|step| step.decorators.iter().map(move |used| (used, Some(step))));
    let of_flow = flow.decorators.iter().map(|used| (used, None));
    for (used, step) in of_flow.chain(of_steps) {
        if !matches!(used.kind, DecoratorKind::ThirdParty) || used.undecided.is_some() {
            continue;
        }
        let message = format!(
            "`@{}` is no decorator of Metaflow: what it does is not followed",
            used.name
        );
        let mut finding = Diagnostic::new(&INFO, used.span, message);
        finding.step = step.map(|step| step.name.clone());
        out.push(finding.help(format!(
            "declare it under `[decorators]` in `flowc.toml`: `\"{}\" = \"harmless\"` or `\"mutator\"`",
            used.name
        )));
    }
}
