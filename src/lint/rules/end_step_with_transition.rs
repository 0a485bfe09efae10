//! The end step goes on.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::{Edit, Fix};
use crate::lint::Context;

declare_rule! {
    /// The end step calls `self.next`. Nothing comes after the end step.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         self.next(self.start)
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
    /// `The end step *end* has outgoing transitions. An end step must have no outgoing transitions (no self.next()).` at the end step's `def`, or `The terminal step *end* should not have a self.next() transition. Just remove it.` where the call names no step (2.19.39)
    pub static INFO: error "FLC107" "end-step-with-transition";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let Some(end) = graph.end else { return };
    let step = graph.step(end);
    let Some(call) = step.tail_span() else { return };
    // Like Metaflow, point at the `def` where the call names steps, else at the call.
    let names_steps = !step.targets().is_empty();
    let at = if names_steps { step.span } else { call };
    let message = format!(
        "the end step `{}` calls `self.next`: nothing may follow it",
        step.name
    );
    let mut finding = Diagnostic::new(&INFO, at, message)
        .help("remove the call, or give the end step's part to another step")
        .step(&step.name);
    if names_steps {
        finding = finding.label(call, "this transition leads on");
    }
    out.push(finding.fix(Fix {
        title: "replace the call by `pass`".to_owned(),
        is_safe: false,
        edits: vec![Edit {
            span: call,
            text: "pass".to_owned(),
        }],
    }));
}
