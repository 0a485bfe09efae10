//! The order in which Metaflow last visits the nodes, and what each knows of its predecessors.

use petgraph::graph::NodeIndex;

use super::{FlowGraph, NodeKind, PerStep};

/// A depth-first search that takes the last child first.
///
/// Metaflow's walk visits a node once per path and its last visit counts; paths come in the order of their
/// child indices, so that is the visit along the lexicographically greatest path. In a graph without loops
/// the search from last to first child finds each node first along exactly that path: what is reachable from a
/// later child is all found before an earlier child is tried. The order of those last visits is the search's
/// reversed postorder: a node before its children, children from first to last.
struct Search {
    order: Vec<NodeIndex>,
    /// The node before it on that path.
    via: PerStep<Option<NodeIndex>>,
}

impl FlowGraph<'_> {
    /// Fills in `order`, `predecessors` and the splits around each node.
    pub(super) fn walk(&mut self) {
        let search = self.search();
        let mut position = PerStep::filled(usize::MAX, self.nodes.len());
        for (index, &node) in search.order.iter().enumerate() {
            position[node] = index;
        }
        for &node in &search.order {
            for successor in self.nodes[node].successors.clone() {
                if position[successor] > position[node] {
                    self.nodes[successor].predecessors.push(node);
                }
            }
        }
        for &node in &search.order {
            let predecessors = &mut self.nodes[node].predecessors;
            predecessors.sort_unstable();
            predecessors.dedup();
            self.enter(node, search.via[node]);
        }
        self.order = search.order;
    }

    fn search(&self) -> Search {
        let mut search = Search {
            order: Vec::new(),
            via: PerStep::filled(None, self.nodes.len()),
        };
        let mut is_found = PerStep::filled(false, self.nodes.len());
        // Each with the number of its children that are still to be tried; no recursion, flows may be long.
        let mut path: Vec<(NodeIndex, usize)> = Vec::new();
        if let Some(start) = self.start {
            is_found[start] = true;
            path.push((start, self.nodes[start].successors.len()));
        }
        while let Some((node, left)) = path.last_mut() {
            let node = *node;
            let Some(child) = left
                .checked_sub(1)
                .and_then(|index| self.nodes[node].successors.get(index))
            else {
                search.order.push(node);
                path.pop();
                continue;
            };
            *left -= 1;
            if !is_found[*child] {
                is_found[*child] = true;
                search.via[*child] = Some(node);
                path.push((*child, self.nodes[*child].successors.len()));
            }
        }
        search.order.reverse();
        search
    }

    /// What a node inherits from the one before it; that one was entered already.
    fn enter(&mut self, node: NodeIndex, via: Option<NodeIndex>) {
        let (enclosing, branch) = match via {
            None => (None, None),
            Some(split) if self.nodes[split].opens_split() => (Some(split), Some(node)),
            Some(before) => (self.nodes[before].enclosing, self.nodes[before].branch),
        };
        let is_join = self.nodes[node].is(NodeKind::Join);
        match enclosing {
            Some(split) if is_join => {
                self.nodes[node].closes = Some(split);
                self.nodes[node].enclosing = self.nodes[split].enclosing;
                self.nodes[node].branch = self.nodes[split].branch;
            }
            _ => {
                self.nodes[node].enclosing = enclosing;
                self.nodes[node].branch = branch;
            }
        }
    }
}
