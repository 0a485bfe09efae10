//! A flow as a graph, with Metaflow's own node attributes (`graph.py`, `FlowGraph` of 2.19). Judges nothing.
//!
//! Metaflow walks every path from the start step, which takes time exponential in the number of branches in
//! a row, and lets the last visit of a node win. Here every node is visited once, along the path of that
//! last visit ([`walk`]), and [`split`] finds which join closes which split: linear, and equal on every
//! flow that Metaflow accepts.

use petgraph::graph::{DiGraph, NodeIndex};

use crate::flow::{Flow, Step, Tail, Transition};

pub mod per_step;
pub mod render;
pub mod split;
pub mod walk;

pub use per_step::PerStep;

/// Decorators that make a step one of several machines working together (`IS_PARALLEL`).
const PARALLEL_DECORATORS: [&str; 2] = ["parallel", "pytorch_parallel"];

/// The graph of a flow. Edges to steps that do not exist are left out.
#[derive(Debug)]
pub struct FlowGraph<'a> {
    pub flow: &'a Flow,
    /// Node weights are indices into `flow.steps`, and nodes stand in the same order.
    pub edges: DiGraph<usize, ()>,
    pub nodes: PerStep<Node>,
    /// The unique start and end step, where there is one.
    pub start: Option<NodeIndex>,
    pub end: Option<NodeIndex>,
    /// Metaflow's `sorted_nodes`: the steps reachable from start in the order of its last visits, then none other.
    /// Where the flow has no loop (a switch to itself is none) every step stands behind its predecessors.
    pub order: Vec<NodeIndex>,
}

/// What Metaflow knows of one node; its lists `split_parents` and `split_branches` are [`FlowGraph::split_parents`]
/// and [`FlowGraph::split_branches`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Metaflow's `type`; none where the step has no readable `self.next`.
    pub kind: Option<NodeKind>,
    /// `in_funcs`: predecessors met on the walk from start (no back and no self edges), sorted by name.
    pub predecessors: Vec<NodeIndex>,
    /// `out_funcs` that exist, in source order, repetitions kept.
    pub successors: Vec<NodeIndex>,
    /// The innermost split or foreach that is open behind this node: a join's own is closed.
    pub enclosing: Option<NodeIndex>,
    /// The step after `enclosing` through which this node is reached.
    pub branch: Option<NodeIndex>,
    /// For a join: the split or foreach that it closes.
    pub closes: Option<NodeIndex>,
    /// For a split or foreach: the join that closes it.
    pub matching_join: Option<NodeIndex>,
    pub is_inside_foreach: bool,
}

impl Node {
    /// A split or a foreach, which a join has to close; a switch is none.
    pub fn opens_split(&self) -> bool {
        matches!(self.kind, Some(NodeKind::Split | NodeKind::Foreach))
    }

    pub fn is(&self, kind: NodeKind) -> bool {
        self.kind == Some(kind)
    }
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
    pub fn new(flow: &'a Flow) -> Self {
        let start = terminal(flow, "start", |step| step.is_annotated_start);
        let end = terminal(flow, "end", |step| step.is_annotated_end);
        let mut graph = Self {
            flow,
            edges: DiGraph::new(),
            nodes: flow.steps.iter().map(|_| Node::default()).collect(),
            start,
            end,
            order: Vec::new(),
        };
        graph.link();
        graph.walk();
        graph.close_splits();
        graph
    }

    /// Kinds and edges, from each step's transition alone.
    fn link(&mut self) {
        for index in 0..self.flow.steps.len() {
            self.edges.add_node(index);
        }
        for (index, step) in self.flow.steps.iter().enumerate() {
            let node = NodeIndex::new(index);
            let kind = kind(step, self.start == Some(node), self.end == Some(node));
            let successors: Vec<_> = step
                .targets()
                .into_iter()
                .filter_map(|target| self.find(&target.name))
                .collect();
            for &successor in &successors {
                self.edges.add_edge(node, successor, ());
            }
            self.nodes[node].kind = kind;
            self.nodes[node].successors = successors;
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeIndex of this graph is an index into its steps"
    )]
    pub fn step(&self, node: NodeIndex) -> &'a Step {
        &self.flow.steps[node.index()]
    }

    pub fn node(&self, node: NodeIndex) -> &Node {
        &self.nodes[node]
    }

    pub fn name(&self, node: NodeIndex) -> &'a str {
        &self.step(node).name
    }

    pub fn find(&self, name: &str) -> Option<NodeIndex> {
        self.flow
            .steps
            .binary_search_by(|step| step.name.as_str().cmp(name))
            .ok()
            .map(NodeIndex::new)
    }

    /// All nodes, sorted by name; also those that cannot be reached.
    pub fn by_name(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        (0..self.flow.steps.len()).map(NodeIndex::new)
    }

    /// Called with `self.next(self.step, num_parallel=…)`'s `num_parallel` (`parallel_foreach`).
    pub fn is_parallel_foreach(&self, node: NodeIndex) -> bool {
        matches!(
            self.step(node).tail,
            Tail::Next {
                transition: Transition::Parallel { .. },
                ..
            }
        )
    }

    /// Carries `@parallel` or one of its kin (`parallel_step`).
    pub fn is_parallel_step(&self, node: NodeIndex) -> bool {
        let step = self.step(node);
        PARALLEL_DECORATORS.into_iter().any(|name| step.has(name))
    }

    /// Metaflow's `split_parents`: the splits open before this node, outermost first; a join's own is the last.
    pub fn split_parents(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let here = &self.nodes[node];
        let innermost = here.closes.or(here.enclosing);
        let mut parents: Vec<_> =
            std::iter::successors(innermost, |&split| self.nodes[split].enclosing).collect();
        parents.reverse();
        parents
    }

    /// Metaflow's `split_branches`: the first step after each of the splits that are open behind this node.
    pub fn split_branches(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let mut branches: Vec<_> = std::iter::successors(Some(node), |&inner| self.nodes[inner].enclosing)
            .filter_map(|inner| self.nodes[inner].branch)
            .collect();
        branches.reverse();
        branches
    }

    /// The foreach splits open behind this node, outermost first.
    pub fn foreach_parents(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let mut parents: Vec<_> =
            std::iter::successors(self.nodes[node].enclosing, |&split| self.nodes[split].enclosing)
                .filter(|&split| self.nodes[split].is(NodeKind::Foreach))
                .collect();
        parents.reverse();
        parents
    }
}

/// The one annotated step, else the step of that name; the step of a one-step flow is both ends.
fn terminal(flow: &Flow, name: &str, is_annotated: fn(&Step) -> bool) -> Option<NodeIndex> {
    let position = |wanted: &dyn Fn(&Step) -> bool| flow.steps.iter().position(wanted);
    match flow.steps.iter().filter(|step| is_annotated(step)).count() {
        0 if flow.steps.len() == 1 => Some(0),
        0 => position(&|step| step.name == name),
        1 => position(&is_annotated),
        _ => None,
    }
    .map(NodeIndex::new)
}

fn kind(step: &Step, is_start: bool, is_end: bool) -> Option<NodeKind> {
    if is_end {
        return Some(NodeKind::End);
    }
    let own = match &step.tail {
        Tail::Missing
        | Tail::Invalid {
            only_keyword: None, ..
        } => None,
        Tail::Invalid {
            only_keyword: Some(_),
            ..
        } => Some(NodeKind::Foreach),
        Tail::Next { transition, .. } => Some(match transition {
            Transition::Linear(_) if step.argument_count > 1 => NodeKind::Join,
            Transition::Linear(_) => NodeKind::Linear,
            Transition::Split(_) => NodeKind::Split,
            Transition::Foreach { .. } | Transition::Parallel { .. } => NodeKind::Foreach,
            Transition::Switch { .. } => NodeKind::Switch,
        }),
    };
    match own {
        None | Some(NodeKind::Linear) if is_start => Some(NodeKind::Start),
        other => other,
    }
}
