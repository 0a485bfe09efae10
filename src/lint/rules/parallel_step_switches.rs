//! A `@parallel` step ends in a switch.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::{Context, uses};

declare_rule! {
    /// A `@parallel` step ends in a switch. The tasks of a gang end together in a join; they cannot take different
    /// ways.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, parallel, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, num_parallel=2)
    ///
    ///     @parallel
    ///     @step
    ///     def work(self):
    ///         self.size = "small"
    ///         self.next({"small": self.small, "large": self.large}, condition="size")
    ///
    ///     @step
    ///     def small(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def large(self):
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, parallel, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, num_parallel=2)
    ///
    ///     @parallel
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
    ///         self.size = "small"
    ///         self.next(self.choose)
    ///
    ///     @step
    ///     def choose(self):
    ///         self.next({"small": self.small, "large": self.large}, condition="size")
    ///
    ///     @step
    ///     def small(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def large(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `A @parallel step can not be a conditional switch step. Please add a join step after *work*` (2.19.39)
    pub static INFO: error "FLC224" "parallel-step-switches";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let Tail::Next {
            span,
            transition: Transition::Switch { .. },
        } = &step.tail
        else {
            continue;
        };
        if let Some(used) = uses::any(step, &["parallel", "pytorch_parallel"]) {
            let message = format!(
                "`{}` is a `@{}` step and cannot switch",
                step.name, used.decorator.name
            );
            out.push(
                used.finding(&INFO, *span, message)
                    .label(used.span(), "its tasks end together")
                    .help("go on to a join, and switch in a step behind it"),
            );
        }
    }
}
