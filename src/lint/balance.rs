//! Does every join close the split that is open? Metaflow's `check_split_join_balance` without walking every
//! path. Knows no message.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use crate::graph::{FlowGraph, NodeKind, PerStep};

/// What does not fit, each with the split it is about; one for each split, as one fault breaks all that follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Imbalance {
    /// The end step is reached inside a split.
    EndInsideSplit { end: NodeIndex, split: NodeIndex },
    /// A join is reached outside of any split, from `via`.
    JoinWithoutSplit { join: NodeIndex, via: Option<NodeIndex> },
    /// A join gets the branches `found` (sorted, each once), which are not those of the split.
    WrongBranches {
        join: NodeIndex,
        split: NodeIndex,
        found: Vec<NodeIndex>,
    },
    /// A join is reached from steps that are not inside the same splits.
    Unrelated { join: NodeIndex, split: NodeIndex },
    /// A split leads directly to its join.
    EmptyBranch { join: NodeIndex, split: NodeIndex },
}

/// Every imbalance, in the order in which a walk meets them.
///
/// Metaflow walks every path with a stack of the splits that are open. What may differ between two paths to a
/// node is only that stack, and if everything is well there is only one for each node: a path from the node to
/// the end passes the same joins with either stack, each join takes off what equals its own branches, and at
/// the end nothing is left, so the two are equal. Hence the walk enters a node once; where it arrives with a
/// second stack, and found no fault so far, there is one ahead, and it enters the node again to meet it.
pub fn find(graph: &FlowGraph<'_>) -> Vec<Imbalance> {
    let mut walk = Walk {
        graph,
        frames: Frames::default(),
        entered: PerStep::filled(Entered::Never, graph.nodes.len()),
        is_blamed: PerStep::filled(false, graph.nodes.len()),
        has_fault: false,
        found: Vec::new(),
    };
    if let Some(start) = graph.start {
        walk.run(start);
    }
    walk.found
}

/// The splits that are open, innermost: an index into [`Frames`].
type Stack = Option<usize>;

#[derive(Clone, Copy, PartialEq)]
enum Entered {
    Never,
    Once(Stack),
    Twice,
}

struct Walk<'a, 'f> {
    graph: &'a FlowGraph<'f>,
    frames: Frames,
    entered: PerStep<Entered>,
    /// Splits (or joins without one) that an imbalance names already.
    is_blamed: PerStep<bool>,
    has_fault: bool,
    found: Vec<Imbalance>,
}

impl Walk<'_, '_> {
    fn run(&mut self, start: NodeIndex) {
        let mut open: Vec<(NodeIndex, Option<NodeIndex>, Stack)> = vec![(start, None, None)];
        while let Some((node, via, stack)) = open.pop() {
            if !self.enters(node, stack) {
                continue;
            }
            let Some(stack) = self.pass(node, via, stack) else {
                continue;
            };
            let is_switch = self.graph.node(node).is(NodeKind::Switch);
            for &child in self.graph.node(node).successors.iter().rev() {
                if !(is_switch && child == node) {
                    open.push((child, Some(node), stack));
                }
            }
        }
    }

    fn enters(&mut self, node: NodeIndex, stack: Stack) -> bool {
        match self.entered[node] {
            Entered::Never => self.entered[node] = Entered::Once(stack),
            Entered::Once(first) if first != stack && !self.has_fault => {
                self.entered[node] = Entered::Twice;
            }
            Entered::Once(_) | Entered::Twice => return false,
        }
        true
    }

    /// The splits that are open behind a node, or nothing where it does not fit.
    fn pass(&mut self, node: NodeIndex, via: Option<NodeIndex>, stack: Stack) -> Option<Stack> {
        match self.graph.node(node).kind {
            Some(NodeKind::Split | NodeKind::Foreach) => Some(Some(self.split(node, stack))),
            Some(NodeKind::End) => match stack.and_then(|frame| self.frames.split(frame)) {
                Some(split) => self.blame(split, Imbalance::EndInsideSplit { end: node, split }),
                None => Some(stack),
            },
            Some(NodeKind::Join) => match stack {
                None => self.blame(node, Imbalance::JoinWithoutSplit { join: node, via }),
                Some(frame) => self.join(node, frame),
            },
            Some(NodeKind::Start | NodeKind::Linear | NodeKind::Switch) | None => Some(stack),
        }
    }

    /// No join fits a split that names a branch twice, which is a finding of its own (FLC128).
    fn split(&mut self, split: NodeIndex, stack: Stack) -> usize {
        let frame = self.frames.push(self.graph, split, stack);
        let branches = self
            .frames
            .all
            .get(frame)
            .map_or(&[][..], |frame| &frame.branches);
        if branches
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one == other))
        {
            self.has_fault = true;
            self.is_blamed[split] = true;
        }
        frame
    }

    fn join(&mut self, join: NodeIndex, frame: usize) -> Option<Stack> {
        let frame = self.frames.all.get(frame)?;
        let (split, outer) = (frame.split, frame.outer);
        let before = &self.graph.node(join).predecessors;
        let branches: Option<Vec<NodeIndex>> =
            before.iter().map(|&node| self.graph.node(node).branch).collect();
        let mut found = branches.clone().unwrap_or_default();
        found.sort_unstable();
        found.dedup();
        let outside = |&node: &NodeIndex| self.graph.node(node).enclosing;
        let first = before.first().and_then(outside);
        let is_unrelated = before.iter().any(|node| outside(node) != first);
        if branches.is_some() && found == frame.branches && !is_unrelated {
            return Some(outer);
        }
        let imbalance = if before.contains(&split) {
            Imbalance::EmptyBranch { join, split }
        } else if branches.is_none() || found == frame.branches {
            Imbalance::Unrelated { join, split }
        } else {
            Imbalance::WrongBranches { join, split, found }
        };
        self.blame(split, imbalance)
    }

    fn blame(&mut self, culprit: NodeIndex, imbalance: Imbalance) -> Option<Stack> {
        if !self.is_blamed[culprit] {
            self.is_blamed[culprit] = true;
            self.has_fault = true;
            self.found.push(imbalance);
        }
        None
    }
}

/// Stacks of open splits that share their outer parts. Two splits into the same branches are the same to a
/// join, so they are one frame.
#[derive(Default)]
struct Frames {
    all: Vec<Frame>,
    known: BTreeMap<(Stack, Vec<NodeIndex>), usize>,
}

struct Frame {
    split: NodeIndex,
    /// Sorted; one that is named twice stands twice.
    branches: Vec<NodeIndex>,
    outer: Stack,
}

impl Frames {
    fn push(&mut self, graph: &FlowGraph<'_>, split: NodeIndex, outer: Stack) -> usize {
        let mut branches = graph.node(split).successors.clone();
        branches.sort_unstable();
        *self.known.entry((outer, branches.clone())).or_insert_with(|| {
            self.all.push(Frame {
                split,
                branches,
                outer,
            });
            self.all.len() - 1
        })
    }

    fn split(&self, frame: usize) -> Option<NodeIndex> {
        self.all.get(frame).map(|frame| frame.split)
    }
}
