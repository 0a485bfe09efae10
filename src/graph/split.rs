//! Which join closes which split. Purely positional, as in Metaflow: whether the branches fit is a rule's question.

use petgraph::graph::NodeIndex;

use super::{FlowGraph, NodeKind, PerStep};

impl FlowGraph<'_> {
    /// Fills in `matching_join` and `is_inside_foreach`.
    pub(super) fn close_splits(&mut self) {
        self.match_joins();
        self.mark_foreach_bodies();
    }

    /// From the end to the start: the join that a walk from each node meets at the node's own depth. Metaflow
    /// lets the last path decide, so the last child that leads to one does.
    fn match_joins(&mut self) {
        let mut closing = PerStep::filled(None, self.nodes.len());
        for &node in self.order.iter().rev() {
            closing[node] = match self.nodes[node].kind {
                Some(NodeKind::Join) => Some(node),
                Some(NodeKind::Split | NodeKind::Foreach) => {
                    let join = self.behind(node, &closing);
                    self.nodes[node].matching_join = join;
                    // After its own join the walk is back at the split's depth.
                    join.and_then(|join| self.behind(join, &closing))
                }
                Some(NodeKind::Start | NodeKind::Linear | NodeKind::Switch | NodeKind::End) | None => {
                    self.behind(node, &closing)
                }
            };
        }
    }

    fn behind(&self, node: NodeIndex, closing: &PerStep<Option<NodeIndex>>) -> Option<NodeIndex> {
        let children = self.nodes[node].successors.iter().rev();
        children
            .filter(|&&child| child != node)
            .find_map(|&child| closing[child])
    }

    /// A node is inside a foreach when one is open around it that it does not itself join.
    fn mark_foreach_bodies(&mut self) {
        let mut opens_foreach = PerStep::filled(false, self.nodes.len());
        for &node in &self.order {
            let here = &self.nodes[node];
            let is_around = here.enclosing.is_some_and(|split| opens_foreach[split]);
            let is_left_open = here.closes.is_some_and(|split| {
                self.nodes[split].is(NodeKind::Foreach) && self.nodes[split].matching_join != Some(node)
            });
            opens_foreach[node] = here.is(NodeKind::Foreach) || is_around;
            self.nodes[node].is_inside_foreach = is_around || is_left_open;
        }
    }
}
