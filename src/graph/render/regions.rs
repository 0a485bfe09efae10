//! A graph as people read it: a branching step opens a region, its arms lie side by side, and the step at which
//! all of them have come together closes it. Also where Metaflow sees none, as after a switch. Draws nothing.

use petgraph::algo::dominators::{self, Dominators};
use petgraph::graph::NodeIndex;
use petgraph::visit::Reversed;

use super::arms;
use crate::graph::{FlowGraph, NodeKind, PerStep};

/// Where each step lies.
pub(super) struct Regions {
    pub places: PerStep<Place>,
    /// For a step that branches: where its arms are together again; none where they never are.
    pub exits: PerStep<Option<NodeIndex>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    /// The innermost region's opening step.
    pub region: Option<NodeIndex>,
    /// Which of its arms, counted from 0.
    pub arm: usize,
    /// The first step of that arm.
    pub is_head: bool,
    pub depth: usize,
}

impl Regions {
    pub(super) fn new(graph: &FlowGraph<'_>) -> Self {
        let mut regions = Self {
            places: PerStep::filled(Place::default(), graph.nodes.len()),
            exits: exits(graph),
        };
        regions.place(graph);
        regions
    }

    /// The order of the graph has each arm's own steps together, so a stack of open regions is enough.
    fn place(&mut self, graph: &FlowGraph<'_>) {
        let mut open: Vec<Open> = Vec::new();
        for &node in &graph.order {
            while open.last().is_some_and(|region| region.exit == Some(node)) {
                open.pop();
            }
            let depth = open.len();
            if let Some(region) = open.last_mut() {
                let head = region.heads.iter().position(|&head| head == node);
                region.arm = head.unwrap_or(region.arm);
                self.places[node] = Place {
                    region: Some(region.opener),
                    arm: region.arm,
                    is_head: head.is_some(),
                    depth,
                };
            }
            if branches(graph, node) {
                let heads = arms(graph, node).into_iter().map(|arm| arm.target).collect();
                open.push(Open {
                    opener: node,
                    exit: self.exits[node],
                    arm: 0,
                    heads,
                });
            }
        }
    }
}

struct Open {
    opener: NodeIndex,
    exit: Option<NodeIndex>,
    arm: usize,
    heads: Vec<NodeIndex>,
}

/// A split, a foreach, a switch: all whose transition has arms.
pub(super) fn branches(graph: &FlowGraph<'_>, node: NodeIndex) -> bool {
    graph.node(node).opens_split() || graph.node(node).is(NodeKind::Switch)
}

/// A split's join; of a switch the step that every path from it to the end comes to first.
fn exits(graph: &FlowGraph<'_>) -> PerStep<Option<NodeIndex>> {
    let closest: Option<Dominators<NodeIndex>> = graph
        .end
        .map(|end| dominators::simple_fast(Reversed(&graph.edges), end));
    let exit = |node| {
        let here = graph.node(node);
        if here.matching_join.is_some() || !branches(graph, node) {
            return here.matching_join;
        }
        closest.as_ref()?.immediate_dominator(node)
    };
    graph.by_name().map(exit).collect()
}
