//! A join that is a split, a foreach or a switch at once.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;

declare_rule! {
    /// A step takes `inputs`, which makes it a join, and branches out at once. Joining and branching need a step each.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TwoInOneFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def meet(self, inputs):
    ///         self.xs = [1, 2]
    ///         self.next(self.each, foreach="xs")
    ///
    ///     @step
    ///     def each(self):
    ///         self.next(self.collect)
    ///
    ///     @step
    ///     def collect(self, inputs):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TwoInOneFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class OneByOneFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def meet(self, inputs):
    ///         self.next(self.spread)
    ///
    ///     @step
    ///     def spread(self):
    ///         self.xs = [1, 2]
    ///         self.next(self.each, foreach="xs")
    ///
    ///     @step
    ///     def each(self):
    ///         self.next(self.collect)
    ///
    ///     @step
    ///     def collect(self, inputs):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     OneByOneFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step *meet* is both a join step (it takes an extra argument) and a split step (it transitions to multiple steps). This is not allowed. Add a new step so that split and join become separate steps.` (2.19.39; also where `self.next` is missing or invalid)
    pub static INFO: error "FLC113" "join-that-branches";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name() {
        let step = graph.step(node);
        if step.argument_count != 2 || graph.end == Some(node) {
            continue;
        }
        let Tail::Next { span, transition } = &step.tail else {
            continue;
        };
        let what = match transition {
            Transition::Linear(_) => continue,
            Transition::Split(_) => "a split",
            Transition::Foreach { .. } => "a foreach",
            Transition::Parallel { .. } => "a parallel foreach",
            Transition::Switch { .. } => "a switch",
        };
        let message = format!(
            "`{}` is a join, as it takes an argument besides `self`, and {what} at once",
            step.name
        );
        out.push(
            Diagnostic::new(&INFO, step.span, message)
                .label(*span, "it branches here")
                .help("let the join go on to a new step, and branch there")
                .help("a step that joins nothing takes only `self`")
                .step(&step.name),
        );
    }
}
