//! No step is the last.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Tail;
use crate::lint::Context;

declare_rule! {
    /// The flow has no last step: none is called `end`, and none is marked with `@step(end=True)`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.report)
    ///
    ///     @step
    ///     def report(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.report)
    ///
    ///     @step(end=True)
    ///     def report(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Your flow must have exactly one end step. Either name a step 'end' or use @step(end=True).`, without a line (2.19.39)
    pub static INFO: error "FLC103" "missing-end-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = &context.graph.flow;
    let is_annotated = flow.steps.iter().any(|step| step.is_annotated_end);
    if context.graph.end.is_some() || is_annotated || flow.steps.is_empty() {
        return;
    }
    let message = format!("`{}` has no end step", flow.name);
    let mut finding = Diagnostic::new(&INFO, flow.span, message)
        .help("name the last step `end`, or mark it with `@step(end=True)`");
    for step in flow
        .steps
        .iter()
        .filter(|step| matches!(step.tail, Tail::Missing))
    {
        finding = finding.label(step.span, format!("`{}` leads to no other step", step.name));
    }
    out.push(finding);
}
