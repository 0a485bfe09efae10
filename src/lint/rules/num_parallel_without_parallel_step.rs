//! `num_parallel` to a step without `@parallel`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{DecoratorKind, Tail, Transition};
use crate::graph::FlowGraph;
use crate::lint::Context;

use petgraph::graph::NodeIndex;

declare_rule! {
    /// `self.next(self.step, num_parallel=…)` starts several machines that work together, and the step it leads to has no `@parallel`, which sets them up.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ClusterFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, num_parallel=2)
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
    /// `Step *start* is called as a parallel step with self.next(num_parallel=..) but does not have a @parallel decorator.`, which names the wrong step (2.19.39)
    pub static INFO: error "FLC124" "num-parallel-without-parallel-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    // A mutator may add the decorator.
    if !graph.flow.mutators.is_empty() {
        return;
    }
    for step in &graph.flow.steps {
        let Tail::Next {
            transition: Transition::Parallel {
                target, count_span, ..
            },
            ..
        } = &step.tail
        else {
            continue;
        };
        let Some(called) = graph.find(&target.name) else {
            continue;
        };
        if graph.is_parallel_step(called) || may_be_parallel(graph, called) {
            continue;
        }
        let message = format!(
            "`{}` starts `{}` with `num_parallel`, but `{1}` has no `@parallel`",
            step.name, target.name
        );
        out.push(
            Diagnostic::new(&INFO, step.span, message)
                .label(*count_span, "several machines are asked for here")
                .label(graph.step(called).span, "`@parallel` is missing on this step")
                .help(format!("put `@parallel` above the `@step` of `{}`", target.name))
                .help("for independent tasks use `foreach` instead")
                .step(&step.name),
        );
    }
}

/// A decorator that cannot be followed may be one of the kind, as those of Metaflow's extensions are.
fn may_be_parallel(graph: &FlowGraph<'_>, node: NodeIndex) -> bool {
    let mut decorators = graph.step(node).decorators.iter();
    decorators.any(|used| matches!(used.kind, DecoratorKind::ThirdParty | DecoratorKind::Mutator))
}
