//! Where the boxes of a drawing lie: arms side by side, each in columns of its own; rows by the longest path
//! from start. Knows no pixels.

use petgraph::graph::NodeIndex;

use super::arms;
use super::dot::ordered;
use super::regions::{Regions, branches};
use crate::graph::{FlowGraph, PerStep};

pub(super) struct Layout {
    /// The middle of each box, in half columns.
    pub column: PerStep<usize>,
    pub row: PerStep<usize>,
    /// In half columns and rows.
    pub width: usize,
    pub height: usize,
    /// For an arm without steps, from a step straight on: the half column kept free for its line.
    pub bypasses: Vec<(NodeIndex, NodeIndex, usize)>,
}

impl Layout {
    pub(super) fn new(graph: &FlowGraph<'_>) -> Self {
        let count = graph.nodes.len();
        let mut layout = Self {
            column: PerStep::filled(0, count),
            row: PerStep::filled(0, count),
            width: 0,
            height: 0,
            bypasses: Vec::new(),
        };
        let regions = Regions::new(graph);
        let widths = Widths::new(graph, &regions);
        layout.place_columns(graph, &regions, &widths);
        layout.place_rows(graph);
        layout.place_rest(graph);
        layout
    }

    /// Outer regions first: each arm gets its part of the width of its region.
    fn place_columns(&mut self, graph: &FlowGraph<'_>, regions: &Regions, widths: &Widths) {
        // The left edge of each arm of each opening step, in half columns, and the arm's width.
        let mut slots: PerStep<Vec<(usize, usize)>> = PerStep::filled(Vec::new(), graph.nodes.len());
        self.width = widths.outermost * 2;
        for &node in &graph.order {
            let at = regions.places[node];
            let slot = at.region.and_then(|region| slots[region].get(at.arm).copied());
            let (left, width) = slot.unwrap_or((0, self.width));
            self.column[node] = left + width / 2;
            if !branches(graph, node) {
                continue;
            }
            let inner: usize = widths.arms[node].iter().map(|arm| arm * 2).sum();
            let mut edge = left + width.saturating_sub(inner) / 2;
            for (arm, columns) in arms(graph, node).iter().zip(&widths.arms[node]) {
                slots[node].push((edge, columns * 2));
                let there = regions.places[arm.target];
                if arm.target != node && !(there.region == Some(node) && there.is_head) {
                    self.bypasses.push((node, arm.target, edge + columns));
                }
                edge += columns * 2;
            }
        }
    }

    fn place_rows(&mut self, graph: &FlowGraph<'_>) {
        let mut is_placed = PerStep::filled(false, graph.nodes.len());
        for &node in &graph.order {
            is_placed[node] = true;
            let below = self.row[node] + 1;
            self.height = self.height.max(below);
            for &successor in graph.node(node).successors.iter().filter(|&&next| next != node) {
                if !is_placed[successor] {
                    self.row[successor] = self.row[successor].max(below);
                }
            }
        }
    }

    /// Steps that nothing leads to stand in a row below.
    fn place_rest(&mut self, graph: &FlowGraph<'_>) {
        let rest: Vec<NodeIndex> = ordered(graph).into_iter().skip(graph.order.len()).collect();
        for (index, &node) in rest.iter().enumerate() {
            self.column[node] = index * 2 + 1;
            self.row[node] = self.height;
        }
        self.width = self.width.max(rest.len() * 2);
        self.height += usize::from(!rest.is_empty());
    }
}

/// How many columns each arm needs.
struct Widths {
    arms: PerStep<Vec<usize>>,
    outermost: usize,
}

impl Widths {
    /// Inner regions first.
    fn new(graph: &FlowGraph<'_>, regions: &Regions) -> Self {
        let mut widths = Self {
            arms: PerStep::filled(Vec::new(), graph.nodes.len()),
            outermost: 1,
        };
        for &node in &graph.order {
            if branches(graph, node) {
                // A switch back to itself needs no column: its line goes round the box.
                let arms = arms(graph, node).into_iter();
                widths.arms[node] = arms.map(|arm| usize::from(arm.target != node)).collect();
            }
        }
        for &node in graph.order.iter().rev() {
            if !branches(graph, node) {
                continue;
            }
            let needed: usize = widths.arms[node].iter().sum();
            let at = regions.places[node];
            match at.region.and_then(|region| widths.arms[region].get_mut(at.arm)) {
                Some(arm) => *arm = needed.max(*arm),
                None => widths.outermost = widths.outermost.max(needed),
            }
        }
        widths
    }
}
