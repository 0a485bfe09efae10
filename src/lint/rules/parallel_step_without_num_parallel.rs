//! `@parallel` on a step that is called without `num_parallel`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step with `@parallel` is reached by a transition without `num_parallel`, so nothing says how many machines are to work together.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, parallel, step
    ///
    ///
    /// class ClusterFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.xs = [1, 2]
    ///         self.next(self.work, foreach="xs")
    ///
    ///     @parallel
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
    ///     ClusterFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, parallel, step
    ///
    ///
    /// class ClusterFlow(FlowSpec):
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
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     ClusterFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step *work* has a @parallel decorator, but is not called with self.next(num_parallel=...) from step *start*.` (2.19.39)
    pub static INFO: error "FLC126" "parallel-step-without-num-parallel";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name().filter(|&node| graph.is_parallel_step(node)) {
        let step = graph.step(node);
        for &caller in graph
            .node(node)
            .predecessors
            .iter()
            .filter(|&&caller| !graph.is_parallel_foreach(caller))
        {
            let caller = graph.step(caller);
            let message = format!(
                "`{}` has `@parallel`, but `{}` leads to it without `num_parallel`",
                step.name, caller.name
            );
            let target = caller
                .targets()
                .into_iter()
                .find(|target| target.name == step.name);
            out.push(
                Diagnostic::new(&INFO, step.span, message)
                    .label(
                        target.map_or(caller.span, |target| target.span),
                        "this transition starts one machine only",
                    )
                    .help(format!(
                        "write `self.next(self.{}, num_parallel=4)`, or remove `@parallel`",
                        step.name
                    ))
                    .step(&step.name),
            );
        }
    }
}
