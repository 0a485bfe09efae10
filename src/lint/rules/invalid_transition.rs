//! A `self.next` that cannot be read.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Tail;
use crate::lint::Context;

declare_rule! {
    /// `self.next(…)` is not one of the forms that can be read before the flow runs:
    ///
    /// - `self.next(self.step)`
    /// - `self.next(self.step_a, self.step_b)`
    /// - `self.next(self.step, foreach="artifact")`
    /// - `self.next(self.step, num_parallel=4)`
    /// - `self.next({"case": self.step, …}, condition="artifact")`
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next("fit")
    ///
    ///     @step
    ///     def fit(self):
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
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self):
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
    /// `Step *start* specifies an invalid self.next() transition. Make sure the self.next() expression matches with one of the supported transition types: …`, without saying what is wrong with it (2.19.39)
    pub static INFO: error "FLC115" "invalid-transition";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name() {
        let step = graph.step(node);
        let Tail::Invalid {
            span, at, problem, ..
        } = &step.tail
        else {
            continue;
        };
        if graph.end == Some(node) {
            continue;
        }
        let message = format!("the `self.next` of `{}` cannot be read: {problem}", step.name);
        let mut finding = Diagnostic::new(&INFO, *at, message).step(&step.name);
        if at != span {
            finding = finding.label(*span, "in this transition");
        }
        out.push(finding.help(
            "allowed are `self.next(self.a)`, `self.next(self.a, self.b)`, `self.next(self.a, foreach=\"x\")`, \
             `self.next(self.a, num_parallel=4)` and `self.next({\"k\": self.a, …}, condition=\"x\")`",
        ));
    }
}
