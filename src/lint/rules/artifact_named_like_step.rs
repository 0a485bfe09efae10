//! An artifact has the name of a step or method.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step sets an artifact that has the name of a step.
    ///
    /// From then on `self.NAME` is the artifact's value, also in `self.next(self.NAME)`, which then fails when the task runs.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.train = 0.9
    ///         self.next(self.train)
    ///
    ///     @step
    ///     def train(self):
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
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.train_share = 0.9
    ///         self.next(self.train)
    ///
    ///     @step
    ///     def train(self):
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
    /// nothing at definition time (2.19.39)
    pub static INFO: warning "FLC306" "artifact-named-like-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    for step in &flow.steps {
        for set in &step.body.assigned {
            let Some(namesake) = flow.step(&set.name) else {
                continue;
            };
            let message = format!(
                "the artifact `{}` has the name of a step, which it hides from here on",
                set.name
            );
            let finding = Diagnostic::new(&INFO, set.span, message)
                .label(namesake.span, "the step")
                .help("give one of the two another name");
            out.push(finding.step(&step.name));
        }
    }
}
