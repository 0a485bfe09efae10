//! `@parallel` without a join behind it.

use petgraph::graph::NodeIndex;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Step;
use crate::graph::{FlowGraph, NodeKind};
use crate::lint::Context;

declare_rule! {
    /// A step with `@parallel` does not lead directly to a join. The machines that worked together end there; the step behind them has to take `inputs`.
    ///
    /// ## Wrong
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
    ///         self.next(self.tidy)
    ///
    ///     @step
    ///     def tidy(self):
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
    ///         self.next(self.tidy)
    ///
    ///     @step
    ///     def tidy(self):
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
    /// `An @parallel step should be followed by a join step. Step *tidy* is called after an @parallel step but is not a join step. Please add an extra `inputs` argument to the step.`; for an end step with `@parallel` an internal error, `IndexError: list index out of range` (2.19.39)
    pub static INFO: error "FLC125" "parallel-step-without-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name().filter(|&node| graph.is_parallel_step(node)) {
        let step = graph.step(node);
        let behind = graph.node(node).successors.first().copied();
        if behind.is_some_and(|join| graph.node(join).is(NodeKind::Join)) {
            continue;
        }
        let finding = match behind {
            Some(behind) => leads_on(graph, step, behind),
            None => at_the_end(step),
        };
        out.push(finding.step(&step.name));
    }
}

fn leads_on(graph: &FlowGraph<'_>, step: &Step, behind: NodeIndex) -> Diagnostic {
    let is_end = graph.end == Some(behind);
    let behind = graph.step(behind);
    let message = format!(
        "the `@parallel` step `{}` leads to `{}`, which is no join",
        step.name, behind.name
    );
    let help = if is_end {
        format!(
            "put a join between the two: `def join(self, inputs)`, then `{}`",
            behind.name
        )
    } else {
        format!(
            "write `def {}(self, inputs)`, or put a join between the two",
            behind.name
        )
    };
    Diagnostic::new(&INFO, step.span, message)
        .label(behind.span, "this step takes only `self`")
        .help(help)
}

fn at_the_end(step: &Step) -> Diagnostic {
    let message = format!(
        "the `@parallel` step `{}` leads to no join: it is the end step",
        step.name
    );
    Diagnostic::new(&INFO, step.span, message)
        .help("remove `@parallel` here; such a step stands between `num_parallel=…` and a join")
}
