//! An artifact is read that a join before it did not take over.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::artifacts::{Artifacts, Living};

declare_rule! {
    /// A step reads an artifact that was set before a join, but the join did not take it over.
    ///
    /// A join begins without the artifacts of the steps before it: it gets them as `inputs`. What is to live on must be set anew (`self.x = inputs[0].x`), or taken over by `self.merge_artifacts(inputs)`. Nothing is said of flows in which more may be set than can be seen.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.name_of_run = "first"
    ///         self.next(self.left, self.right)
    ///
    ///     @step
    ///     def left(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def right(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         print(self.name_of_run)
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
    ///         self.name_of_run = "first"
    ///         self.next(self.left, self.right)
    ///
    ///     @step
    ///     def left(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def right(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
    ///         self.merge_artifacts(inputs)
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         print(self.name_of_run)
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at definition time; the task dies of `AttributeError: Flow TrainFlow has no attribute 'name_of_run'` (2.19.39)
    pub static INFO: warning "FLC310" "artifact-lost-at-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let flow = graph.flow;
    let known = Artifacts::new(flow);
    // Without a start nothing flows anywhere, and an opaque body may set what it likes.
    if graph.start.is_none() || known.is_open() {
        return;
    }
    let living = Living::new(graph);
    for node in graph.by_name() {
        let step = graph.step(node);
        let lost = step.body.read.iter().filter(|read| {
            known.is_set_by_a_step(&read.name)
                && !step.body.sets(&read.name)
                && !living.is_alive(node, &read.name)
        });
        for read in lost {
            let Some(join) = living.join_before(node) else {
                continue;
            };
            let message = format!(
                "`self.{}` is gone here: the join `{}` does not take it over",
                read.name, join.name
            );
            let finding = Diagnostic::new(&INFO, read.span, message)
                .label(join.span, "begins without the artifacts of the steps before it")
                .help("in the join call `self.merge_artifacts(inputs)`, or set what is to live on from `inputs`");
            out.push(finding.step(&step.name));
        }
    }
}
