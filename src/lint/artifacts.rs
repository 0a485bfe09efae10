//! Which artifacts a flow sets, and where they live. Knows no rule.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::graph::NodeIndex;

use crate::diagnostic::nearest;
use crate::flow::{DecoratorKind, DecoratorUse, Flow, Step};
use crate::graph::{FlowGraph, NodeKind};
use crate::value::Value;

/// What every flow has from `FlowSpec`.
const FLOWSPEC: [&str; 9] = [
    "cmd",
    "foreach_stack",
    "index",
    "input",
    "merge_artifacts",
    "name",
    "next",
    "script_name",
    "to_dict",
];

/// The names that may follow `self.` in a step.
pub(super) struct Artifacts<'f> {
    /// Set by a step, with the methods it calls, or by `@catch`.
    set: BTreeSet<&'f str>,
    /// Of the class: parameters, constants, steps, methods; and names that a step asks for by `hasattr`.
    given: BTreeSet<&'f str>,
    is_open: bool,
}

impl<'f> Artifacts<'f> {
    pub fn new(flow: &'f Flow) -> Self {
        let mut given: BTreeSet<&str> = FLOWSPEC.into_iter().collect();
        given.extend(
            flow.parameters
                .iter()
                .map(|parameter| parameter.variable.as_str()),
        );
        given.extend(flow.constants.iter().map(|constant| constant.name.as_str()));
        given.extend(flow.steps.iter().map(|step| step.name.as_str()));
        given.extend(flow.members.iter().map(String::as_str));
        let mut set = BTreeSet::new();
        for step in &flow.steps {
            given.extend(step.body.probed.iter().map(String::as_str));
            set.extend(set_by(step));
        }
        Self {
            set,
            given,
            is_open: is_open(flow),
        }
    }

    /// May `self.NAME` be there in some step?
    pub fn may_exist(&self, name: &str) -> bool {
        self.is_open || name.starts_with('_') || self.given.contains(name) || self.set.contains(name)
    }

    /// Is it an artifact of a step, and nothing of the class?
    pub fn is_set_by_a_step(&self, name: &str) -> bool {
        self.set.contains(name) && !self.given.contains(name)
    }

    /// More may be set than can be seen.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// The name that a misspelt one may have meant; not sought among so many that it would take long.
    pub fn nearest(&self, name: &str) -> Option<&'f str> {
        const MOST: usize = 500;
        let names = self.set.iter().chain(&self.given).copied();
        (self.set.len() + self.given.len() <= MOST)
            .then(|| nearest(name, names))
            .flatten()
    }
}

fn is_open(flow: &Flow) -> bool {
    let foreign = |used: &DecoratorUse| !matches!(used.kind, DecoratorKind::Known(_));
    flow.has_foreign_base
        || flow.decorators.iter().any(foreign)
        || flow
            .steps
            .iter()
            .any(|step| step.body.is_opaque || step.decorators.iter().any(foreign))
}

/// What a step sets, and `@catch(var="x")` for it.
fn set_by(step: &Step) -> impl Iterator<Item = &str> {
    let caught = step.decorators_named("catch").filter_map(|used| {
        let variable = used.attribute("var")?;
        variable.value.value().and_then(Value::as_str)
    });
    let body = &step.body;
    let assigned = body.assigned.iter().chain(&body.set_by_helpers);
    assigned.map(|named| named.name.as_str()).chain(caught)
}

/// Which artifacts may be alive where each step begins: a join begins with none, unless it merges.
pub(super) struct Living<'f> {
    graph: &'f FlowGraph<'f>,
    numbers: BTreeMap<&'f str, usize>,
    at_start: Vec<Names>,
}

impl<'f> Living<'f> {
    pub fn new(graph: &'f FlowGraph<'f>) -> Self {
        let names: BTreeSet<&str> = graph.flow.steps.iter().flat_map(set_by).collect();
        let numbers: BTreeMap<&str, usize> = names.into_iter().zip(0..).collect();
        let mut living = Self {
            graph,
            at_start: vec![Names::none(numbers.len()); graph.flow.steps.len()],
            numbers,
        };
        living.flow_down();
        living
    }

    /// May the artifact be there when the step begins?
    pub fn is_alive(&self, step: NodeIndex, name: &str) -> bool {
        let number = self.numbers.get(name);
        let alive = self.at_start.get(step.index());
        alive
            .zip(number)
            .is_some_and(|(alive, number)| alive.contains(*number))
    }

    /// From the start down, again where a step got more than it had before.
    fn flow_down(&mut self) {
        let own: Vec<Names> = self.graph.flow.steps.iter().map(|step| self.own(step)).collect();
        let mut waiting: VecDeque<NodeIndex> = self.graph.order.iter().copied().collect();
        while let Some(node) = waiting.pop_front() {
            let index = node.index();
            let (Some(alive), Some(own)) = (self.at_start.get(index), own.get(index)) else {
                continue;
            };
            let mut at_end = alive.clone();
            at_end.add(own);
            for successor in &self.graph.node(node).successors {
                if self.begins_empty(*successor) {
                    continue;
                }
                if let Some(next) = self.at_start.get_mut(successor.index())
                    && next.add(&at_end)
                {
                    waiting.push_back(*successor);
                }
            }
        }
    }

    fn own(&self, step: &Step) -> Names {
        let mut own = Names::none(self.numbers.len());
        for name in set_by(step) {
            if let Some(number) = self.numbers.get(name) {
                own.insert(*number);
            }
        }
        own
    }

    /// A join that does not merge.
    fn begins_empty(&self, node: NodeIndex) -> bool {
        let body = &self.graph.step(node).body;
        let merges = body.is_merged_by_helpers || !body.merges.is_empty();
        self.graph.node(node).is(NodeKind::Join) && !merges
    }

    /// The nearest join before a step, the step itself included, that takes nothing over.
    pub fn join_before(&self, node: NodeIndex) -> Option<&'f Step> {
        let mut seen = BTreeSet::from([node]);
        let mut waiting = VecDeque::from([node]);
        while let Some(node) = waiting.pop_front() {
            if self.begins_empty(node) {
                return Some(self.graph.step(node));
            }
            let before = &self.graph.node(node).predecessors;
            waiting.extend(before.iter().filter(|node| seen.insert(**node)));
        }
        None
    }
}

/// A set of numbered names.
#[derive(Clone)]
struct Names {
    words: Vec<u64>,
}

impl Names {
    fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
        }
    }

    fn insert(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    fn contains(&self, number: usize) -> bool {
        let word = self.words.get(number / 64).copied().unwrap_or(0);
        word & (1 << (number % 64)) != 0
    }

    /// Adds all of the others; was one of them new?
    fn add(&mut self, others: &Self) -> bool {
        let mut is_new = false;
        for (word, other) in self.words.iter_mut().zip(&others.words) {
            is_new |= *other & !*word != 0;
            *word |= other;
        }
        is_new
    }
}
