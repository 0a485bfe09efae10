//! `@catch` stands on a step that fans out by `foreach`, `num_parallel` or a switch.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::{Context, uses};

declare_rule! {
    /// `@catch` stands on a step that fans out by `foreach`, `num_parallel` or a switch. When such a step fails
    /// there is nothing to fan out over, so the flow could not go on.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, catch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @catch(var="failure")
    ///     @step
    ///     def start(self):
    ///         self.items = [1, 2]
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
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
    /// from metaflow import FlowSpec, catch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = [1, 2]
    ///         self.next(self.work, foreach="items")
    ///
    ///     @catch(var="failure")
    ///     @step
    ///     def work(self):
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
    /// ## What Metaflow says
    /// `@catch is defined for the step *start* but @catch is not supported in foreach split steps.`, of a switch `…
    /// in conditional switch steps.` (2.19.39)
    pub static INFO: error "FLC223" "catch-on-split";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let (Some(used), Tail::Next { span, transition }) = (uses::first(step, "catch"), &step.tail) else {
            continue;
        };
        let Some(kind) = kind(transition) else {
            continue;
        };
        let message = format!(
            "`@catch` cannot stand on `{}`, which goes on by {kind}",
            step.name
        );
        out.push(
            used.finding(&INFO, used.span(), message)
                .label(*span, "nothing can be passed on here when the step failed")
                .help("move what may fail into a step of its own before this one"),
        );
    }
}

fn kind(transition: &Transition) -> Option<&'static str> {
    match transition {
        Transition::Foreach { .. } => Some("`foreach`"),
        Transition::Parallel { .. } => Some("`num_parallel`"),
        Transition::Switch { .. } => Some("a switch"),
        Transition::Linear(_) | Transition::Split(_) => None,
    }
}
