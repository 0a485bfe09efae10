//! A join that does not get the branches of its split.

use petgraph::graph::NodeIndex;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::graph::{FlowGraph, NodeKind};
use crate::lint::Context;
use crate::lint::balance::{self, Imbalance};
use crate::lint::words;

declare_rule! {
    /// A join closes a split, but what leads to it is not exactly the split's branches: one is missing, two have merged on the way, or one comes from elsewhere. Each branch has to arrive by itself.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ThreeFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b, self.c)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def c(self):
    ///         self.next(self.end)
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
    ///     ThreeFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ThreeFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b, self.c)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def c(self):
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
    ///     ThreeFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step *join* seems like a join step (it takes an extra input argument) but an incorrect number of steps (*a, b*) lead to it. This join was expecting 3 incoming paths, starting from split step(s) *a, b, c*.` (2.19.39)
    pub static INFO: error "FLC120" "wrong-branches-at-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for imbalance in balance::find(graph) {
        if let Imbalance::WrongBranches { join, split, found } = imbalance {
            out.push(finding(graph, join, split, &found));
        }
    }
}

fn finding(graph: &FlowGraph<'_>, join: NodeIndex, split: NodeIndex, found: &[NodeIndex]) -> Diagnostic {
    let (step, opener) = (graph.step(join), graph.step(split));
    let branches = &graph.node(split).successors;
    let missing: Vec<NodeIndex> = branches
        .iter()
        .copied()
        .filter(|branch| !found.contains(branch))
        .collect();
    let foreign: Vec<NodeIndex> = found
        .iter()
        .copied()
        .filter(|branch| !branches.contains(branch))
        .collect();
    let mut faults = Vec::new();
    if !missing.is_empty() {
        let count = words::verb(missing.len(), "does not arrive", "do not arrive");
        faults.push(format!("{} {count}", words::steps(graph, &missing)));
    }
    if !foreign.is_empty() {
        let count = words::verb(foreign.len(), "is no branch", "are no branches");
        faults.push(format!("{} {count} of it", words::steps(graph, &foreign)));
    }
    let message = format!(
        "`{}` should join the {} of `{}` ({}), but {}",
        step.name,
        words::opening(graph, split),
        opener.name,
        words::steps(graph, branches),
        faults.join(", and ")
    );
    let mut finding = Diagnostic::new(&INFO, step.span, message)
        .label(
            opener.tail_span().unwrap_or(opener.span),
            "the branches begin here",
        )
        .step(&step.name);
    for merging in merging_steps(graph, split) {
        let name = graph.name(merging);
        finding = finding
            .label(graph.step(merging).span, "branches run together here without a join")
            .help(format!("give each branch its own copy of `{name}`, or make `{name}` the join: `def {name}(self, inputs)`"));
    }
    for &branch in &missing {
        let name = graph.name(branch);
        finding = finding.label(
            graph.step(branch).span,
            format!("the branch `{name}` begins here"),
        );
    }
    finding.help(format!(
        "every branch of `{}` has to lead to `{}`, and no other step may",
        opener.name, step.name
    ))
}

/// Steps that are no joins and are reached from two branches of the split.
fn merging_steps(graph: &FlowGraph<'_>, split: NodeIndex) -> Vec<NodeIndex> {
    let is_merging = |&node: &NodeIndex| {
        let here = graph.node(node);
        let mut branches = here.predecessors.iter().filter_map(|&before| {
            let before_node = graph.node(before);
            match before_node.enclosing {
                _ if before == split => Some(node),
                Some(enclosing) if enclosing == split => before_node.branch,
                Some(_) | None => None,
            }
        });
        let first = branches.next();
        here.enclosing == Some(split)
            && !here.is(NodeKind::Join)
            && branches.any(|branch| Some(branch) != first)
    };
    graph.order.iter().copied().filter(is_merging).collect()
}
