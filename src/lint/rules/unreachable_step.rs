//! A step that nothing leads to.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::graph::{FlowGraph, PerStep};
use crate::lint::Context;
use crate::lint::words;

declare_rule! {
    /// No path leads from the start step to this step: it would never run. Of a chain of such steps the first one is reported.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
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
    /// `Step *fit* is unreachable from the entry step *start*. Add self.next(fit) in another step or remove *fit*.`; of several steps any one (2.19.39)
    pub static INFO: error "FLC117" "unreachable-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let Some(start) = graph.start else { return };
    let mut is_reached = PerStep::filled(false, graph.nodes.len());
    let mut has_caller = PerStep::filled(false, graph.nodes.len());
    for &node in &graph.order {
        is_reached[node] = true;
    }
    for node in graph.by_name() {
        for &successor in graph
            .node(node)
            .successors
            .iter()
            .filter(|&&successor| successor != node)
        {
            has_caller[successor] = true;
        }
    }
    let roots: Vec<_> = graph
        .by_name()
        .filter(|&node| !is_reached[node] && !has_caller[node])
        .collect();
    for node in roots {
        out.push(finding(graph, start, node, &mut is_reached));
    }
}

/// One message for a step and all that only it leads to.
fn finding(
    graph: &FlowGraph<'_>,
    start: NodeIndex,
    node: NodeIndex,
    is_reached: &mut PerStep<bool>,
) -> Diagnostic {
    let mut behind = Vec::new();
    let mut open = vec![node];
    while let Some(next) = open.pop() {
        for &successor in &graph.node(next).successors {
            if successor != node && !is_reached[successor] {
                is_reached[successor] = true;
                behind.push(graph.name(successor));
                open.push(successor);
            }
        }
    }
    behind.sort_unstable();
    let (name, start) = (graph.name(node), graph.name(start));
    let mut message = format!("no path leads from `{start}` to `{name}`");
    if !behind.is_empty() {
        let _ = write!(message, ", nor to {} behind it", words::list(&behind));
    }
    Diagnostic::new(&INFO, graph.step(node).span, message)
        .help(format!(
            "lead to it from another step with `self.next(self.{name})`, or remove it"
        ))
        .step(name)
}
