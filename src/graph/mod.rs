//! A flow as a graph, with Metaflow's own node attributes (`graph.py`, `FlowGraph` of 2.19). Judges nothing.

use petgraph::graph::{DiGraph, NodeIndex};

use crate::flow::{Flow, Step};

/// The graph of a flow. Edges to steps that do not exist are left out.
#[derive(Debug)]
pub struct FlowGraph<'a> {
    pub flow: &'a Flow,
    /// Node weights are indices into `flow.steps`, and nodes stand in the same order.
    pub edges: DiGraph<usize, ()>,
    /// By the same index.
    pub nodes: Vec<Node>,
    /// The unique start and end step, where there is one.
    pub start: Option<NodeIndex>,
    pub end: Option<NodeIndex>,
    /// Metaflow's `sorted_nodes`: the steps reachable from start in the order of its last visits, then none other.
    pub order: Vec<NodeIndex>,
}

/// Metaflow's attributes of one node. Names in lists are steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub kind: Option<NodeKind>,
    /// `in_funcs`: predecessors met on the walk from start (no back and no self edges), sorted by name.
    pub predecessors: Vec<NodeIndex>,
    /// `out_funcs` that exist, in source order, repetitions kept.
    pub successors: Vec<NodeIndex>,
    /// The open splits around this node, outermost first (`split_parents`).
    pub split_parents: Vec<NodeIndex>,
    /// The first step after each of them (`split_branches`).
    pub split_branches: Vec<NodeIndex>,
    /// For a split or foreach: the join that closes it.
    pub matching_join: Option<NodeIndex>,
    pub is_inside_foreach: bool,
}

/// Metaflow's node types. A start step that branches keeps the type of its branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    Start,
    Linear,
    Split,
    Foreach,
    Switch,
    Join,
    End,
}

impl NodeKind {
    /// Metaflow's word for it, as in `graph --format json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Linear => "linear",
            Self::Split => "split",
            Self::Foreach => "foreach",
            Self::Switch => "split-switch",
            Self::Join => "join",
            Self::End => "end",
        }
    }
}

impl<'a> FlowGraph<'a> {
    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeIndex of this graph is an index into its steps"
    )]
    pub fn step(&self, node: NodeIndex) -> &'a Step {
        &self.flow.steps[node.index()]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeIndex of this graph is an index into its nodes"
    )]
    pub fn node(&self, node: NodeIndex) -> &Node {
        &self.nodes[node.index()]
    }

    pub fn find(&self, name: &str) -> Option<NodeIndex> {
        self.flow
            .steps
            .binary_search_by(|step| step.name.as_str().cmp(name))
            .ok()
            .map(NodeIndex::new)
    }
}
