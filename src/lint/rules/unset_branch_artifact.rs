//! `foreach=` or `condition=` names an artifact that nothing sets.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;
use crate::lint::artifacts::Artifacts;

declare_rule! {
    /// `foreach=` or `condition=` names an artifact that no step sets.
    ///
    /// The artifact must be there when the step ends: set in the step itself, by a step before it, or as a parameter.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = [1, 2]
    ///         self.next(self.train, foreach="itmes")
    ///
    ///     @step
    ///     def train(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    ///         self.items = [1, 2]
    ///         self.next(self.train, foreach="items")
    ///
    ///     @step
    ///     def train(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// nothing at definition time; when the task runs `Foreach variable *self.itmes* in step *start* does not exist. Check your variable.` (2.19.39)
    pub static INFO: warning "FLC304" "unset-branch-artifact";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let known = Artifacts::new(context.graph.flow);
    for step in &context.graph.flow.steps {
        let Tail::Next { transition, .. } = &step.tail else {
            continue;
        };
        let (word, name, span) = match transition {
            Transition::Foreach {
                variable: Some(name),
                variable_span,
                ..
            } => ("foreach", name, *variable_span),
            Transition::Switch {
                condition,
                condition_span,
                ..
            } => ("condition", condition, *condition_span),
            Transition::Foreach { variable: None, .. }
            | Transition::Linear(_)
            | Transition::Split(_)
            | Transition::Parallel { .. } => continue,
        };
        if known.may_exist(name) {
            continue;
        }
        let message = format!("`{word}` names `{name}`, which nothing sets");
        let finding = Diagnostic::new(&INFO, span, message);
        let finding = match known.nearest(name) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("set `self.{name}` in the step")),
        };
        out.push(finding.step(&step.name));
    }
}
