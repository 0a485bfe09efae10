//! A switch has a keyword besides `condition`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;

declare_rule! {
    /// A switch has another keyword besides `condition`. The graph does not look at it, but when the task runs it is refused.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.kind = "big"
    ///         self.next({"big": self.big, "small": self.small}, condition="kind", foreach="items")
    ///
    ///     @step
    ///     def big(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def small(self):
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
    ///         self.kind = "big"
    ///         self.next({"big": self.big, "small": self.small}, condition="kind")
    ///
    ///     @step
    ///     def big(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def small(self):
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
    /// nothing at definition time; the task fails with `Invalid self.next() transition detected` (2.19.39)
    pub static INFO: warning "FLC309" "further-switch-keyword";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let Tail::Next {
            transition: Transition::Switch { further_keywords, .. },
            ..
        } = &step.tail
        else {
            continue;
        };
        for keyword in further_keywords {
            let message = "a switch takes `condition` only: this keyword fails when the task runs";
            let finding = Diagnostic::new(&INFO, *keyword, message).help("leave it out");
            out.push(finding.step(&step.name));
        }
    }
}
