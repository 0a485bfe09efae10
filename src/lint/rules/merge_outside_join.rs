//! `merge_artifacts` in a step that is no join.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

/// What a join takes: `self` and `inputs`.
const ARGUMENTS_OF_A_JOIN: usize = 2;

declare_rule! {
    /// `self.merge_artifacts(…)` is called in a step that is no join: the task fails.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.merge_artifacts([])
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
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
    ///         self.merge_artifacts(inputs)
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
    /// nothing at definition time; when the task runs `merge_artifacts can only be called in a join and step start is not a join` (2.19.39)
    pub static INFO: warning "FLC316" "merge-outside-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // A base of the project may have a method of that name.
    let is_own = |name: &String| name == "merge_artifacts";
    if context.graph.flow.members.iter().any(is_own) {
        return;
    }
    for step in &context.graph.flow.steps {
        if step.argument_count == ARGUMENTS_OF_A_JOIN {
            continue;
        }
        for call in step.body.merges.iter().filter(|call| !call.is_attempted) {
            let message = format!("`{}` is no join: `merge_artifacts` fails in it", step.name);
            out.push(
                Diagnostic::new(&INFO, call.span, message)
                    .step(&step.name)
                    .help("leave it out: where no branches meet, all artifacts go on as they are")
                    .help("or take the branches' tasks as second argument, if this is where they meet"),
            );
        }
    }
}
