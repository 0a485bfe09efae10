//! Metaflow 2.19's graph walk and linter written down literally, path by path, to compare with: exponential,
//! for small flows only.

use std::collections::BTreeSet;

use flowc::flow::{Flow, Step, Tail, Transition};
use flowc::graph::NodeKind;

/// `DAGNode`, steps by their place in the flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub kind: Option<NodeKind>,
    pub out: Vec<usize>,
    pub unknown: Vec<String>,
    pub incoming: BTreeSet<usize>,
    pub parents: Vec<usize>,
    pub branches: Vec<usize>,
    pub matching_join: Option<usize>,
    pub is_inside_foreach: bool,
}

/// `FlowGraph`.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    pub flow: &'a Flow,
    pub nodes: Vec<Node>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub order: Vec<usize>,
}

/// A linter's finding: which check (numbers of its table of checks), and the step at whose line, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub step: Option<String>,
}

impl<'a> Graph<'a> {
    pub fn new(flow: &'a Flow) -> Self {
        let end = terminal(flow, "end", |step| step.is_annotated_end);
        let start = terminal(flow, "start", |step| step.is_annotated_start);
        let index = |name: &str| flow.steps.iter().position(|step| step.name == name);
        let node = |(place, step): (usize, &Step)| {
            let names: Vec<&str> = step.targets().iter().map(|target| target.name.as_str()).collect();
            Node {
                kind: kind(step, start == Some(place), end == Some(place)),
                out: names.iter().filter_map(|name| index(name)).collect(),
                unknown: names
                    .iter()
                    .filter(|name| index(name).is_none())
                    .map(ToString::to_string)
                    .collect(),
                ..Node::default()
            }
        };
        let nodes = flow.steps.iter().enumerate().map(node).collect();
        let mut graph = Self {
            flow,
            nodes,
            start,
            end,
            order: Vec::new(),
        };
        if let Some(start) = start {
            graph.visit(start, &[], &[], &[]);
        }
        graph.postprocess();
        graph
    }

    fn visit(&mut self, node: usize, path: &[usize], parents: &[usize], branches: &[usize]) {
        self.order.retain(|&other| other != node);
        self.order.push(node);
        let (mut parents, mut branches) = (parents.to_vec(), branches.to_vec());
        let mut push = false;
        match self.nodes[node].kind {
            Some(NodeKind::Split | NodeKind::Foreach) => {
                self.nodes[node].parents.clone_from(&parents);
                self.nodes[node].branches.clone_from(&branches);
                push = true;
                parents.push(node);
            }
            Some(NodeKind::Join) => {
                if let Some(&top) = parents.last() {
                    self.nodes[top].matching_join = Some(node);
                    self.nodes[node].parents.clone_from(&parents);
                    branches.pop();
                    self.nodes[node].branches.clone_from(&branches);
                    parents.pop();
                }
            }
            _ => {
                self.nodes[node].parents.clone_from(&parents);
                self.nodes[node].branches.clone_from(&branches);
            }
        }
        for next in self.nodes[node].out.clone() {
            if !path.contains(&next) {
                self.nodes[next].incoming.insert(node);
                let path = [path, &[next]].concat();
                let inner = if push {
                    [branches.as_slice(), &[next]].concat()
                } else {
                    branches.clone()
                };
                self.visit(next, &path, &parents, &inner);
            }
        }
    }

    fn postprocess(&mut self) {
        for node in 0..self.nodes.len() {
            let is_inside = self.nodes[node].parents.iter().any(|&parent| {
                let parent = &self.nodes[parent];
                parent.kind == Some(NodeKind::Foreach) && parent.matching_join != Some(node)
            });
            self.nodes[node].is_inside_foreach = is_inside;
        }
    }

    fn step(&self, node: usize) -> &Step {
        &self.flow.steps[node]
    }

    fn at(&self, check: &'static str, node: usize) -> Finding {
        Finding {
            check,
            step: Some(self.step(node).name.clone()),
        }
    }

    fn is_switch(&self, node: usize) -> bool {
        self.nodes[node].kind == Some(NodeKind::Switch)
    }

    fn is_parallel_foreach(&self, node: usize) -> bool {
        matches!(
            self.step(node).tail,
            Tail::Next {
                transition: Transition::Parallel { .. },
                ..
            }
        )
    }

    /// `linter.run_checks`: the first finding. Names are not looked at (checks 1 and 6).
    pub fn lint(&self) -> Option<Finding> {
        let (Some(start), Some(end)) = (self.start, self.end) else {
            return Some(Finding {
                check: if self.start.is_none() { "2a" } else { "2b" },
                step: None,
            });
        };
        for (name, terminal) in [("start", start), ("end", end)] {
            if self.step(terminal).name != name
                && self.flow.step(name).is_some()
                && (if name == "start" {
                    self.step(terminal).is_annotated_start
                } else {
                    self.step(terminal).is_annotated_end
                })
            {
                return Some(Finding {
                    check: "3",
                    step: None,
                });
            }
        }
        if !self.nodes[start].incoming.is_empty() {
            return Some(self.at("4a", start));
        }
        if !self.nodes[end].out.is_empty() || !self.nodes[end].unknown.is_empty() {
            return Some(self.at("4b", end));
        }
        if self.step(end).tail_span().is_some() {
            return Some(self.at("5a", end));
        }
        if self.step(end).argument_count > 1 {
            return Some(Finding {
                check: "5b",
                step: None,
            });
        }
        let all = 0..self.nodes.len();
        let is_join = |node: usize| self.nodes[node].kind == Some(NodeKind::Join);
        for node in all.clone() {
            match self.step(node).argument_count {
                3.. => return Some(self.at("7a", node)),
                2 if !is_join(node) => return Some(self.at("7b", node)),
                0 => return Some(self.at("7c", node)),
                _ => {}
            }
        }
        let missing = |&node: &usize| node != end && matches!(self.step(node).tail, Tail::Missing);
        if let Some(node) = all.clone().find(missing) {
            return Some(self.at("8", node));
        }
        let invalid = |&node: &usize| node != end && matches!(self.step(node).tail, Tail::Invalid { .. });
        if let Some(node) = all.clone().find(invalid) {
            return Some(self.at("9", node));
        }
        if let Some(node) = all.clone().find(|&node| !self.nodes[node].unknown.is_empty()) {
            return Some(self.at("10", node));
        }
        if let Some(node) = all.clone().find_map(|node| self.cycle(node, &[])) {
            return Some(self.at("11", node));
        }
        if let Some(node) = all.clone().find(|&node| !self.order.contains(&node)) {
            return Some(self.at("12", node));
        }
        if let Err(finding) = self.balance(start, &[]) {
            return Some(finding);
        }
        self.lint_details(end)
    }

    fn lint_details(&self, end: usize) -> Option<Finding> {
        let all = 0..self.nodes.len();
        let distinct = |node: usize| self.nodes[node].out.iter().collect::<BTreeSet<_>>().len();
        let cases = |node: usize| match &self.step(node).tail {
            Tail::Next {
                transition: Transition::Switch { cases, .. },
                ..
            } => cases.len(),
            _ => distinct(node),
        };
        if let Some(node) = all.clone().find(|&node| self.is_switch(node) && cases(node) < 2) {
            return Some(self.at("14", node));
        }
        let is_parallel = |node: usize| self.step(node).has("parallel");
        for node in all.clone().filter(|&node| self.is_parallel_foreach(node)) {
            if self.nodes[node].out.iter().any(|&target| !is_parallel(target)) {
                return Some(self.at("16", node));
            }
        }
        for node in all.clone().filter(|&node| is_parallel(node)) {
            if node == end {
                return Some(Finding {
                    check: "17!",
                    step: None,
                });
            }
            if self.nodes[self.nodes[node].out[0]].kind != Some(NodeKind::Join) {
                return Some(self.at("17", node));
            }
        }
        for node in all.clone().filter(|&node| is_parallel(node)) {
            if self.nodes[node]
                .incoming
                .iter()
                .any(|&caller| !self.is_parallel_foreach(caller))
            {
                return Some(self.at("18", node));
            }
        }
        for node in all {
            if self.nodes[node].kind == Some(NodeKind::Join)
                && self.nodes[node]
                    .incoming
                    .iter()
                    .any(|&caller| self.is_switch(caller))
            {
                return Some(self.at("20", node));
            }
        }
        None
    }

    /// `check_for_acyclicity` from one root: the node that closes a loop.
    fn cycle(&self, node: usize, seen: &[usize]) -> Option<usize> {
        for &next in &self.nodes[node].out {
            if self.is_switch(node) && next == node {
                continue;
            }
            if seen.contains(&next) {
                return Some(node);
            }
            let closing = self.cycle(next, &[seen, &[next]].concat());
            if closing.is_some() {
                return closing;
            }
        }
        None
    }

    /// `check_split_join_balance`.
    fn balance(&self, node: usize, stack: &[Vec<usize>]) -> Result<(), Finding> {
        let mut stack = stack.to_vec();
        match self.nodes[node].kind {
            Some(NodeKind::Split | NodeKind::Foreach) => stack.push(self.nodes[node].out.clone()),
            Some(NodeKind::Switch) => {
                for &next in self.nodes[node].out.iter().filter(|&&next| next != node) {
                    self.balance(next, &stack)?;
                }
                return Ok(());
            }
            Some(NodeKind::End) if !stack.is_empty() => return Err(self.at("13a", node)),
            Some(NodeKind::Join) => {
                let Some(roots) = stack.pop() else {
                    return Err(self.at("13b", node));
                };
                self.check_join(node, &roots)?;
            }
            _ => {}
        }
        for &next in &self.nodes[node].out {
            self.balance(next, &stack)?;
        }
        Ok(())
    }

    fn check_join(&self, node: usize, roots: &[usize]) -> Result<(), Finding> {
        let mut found = BTreeSet::new();
        for &before in &self.nodes[node].incoming {
            let Some(&branch) = self.nodes[before].branches.last() else {
                return Err(Finding {
                    check: "13!",
                    step: None,
                });
            };
            found.insert(branch);
        }
        if found.len() != roots.len() || found != roots.iter().copied().collect() {
            return Err(self.at("13c", node));
        }
        let mut parents = self.nodes[node].incoming.iter().map(|&before| {
            let before = &self.nodes[before];
            match before.kind {
                Some(NodeKind::Join) => before.parents.split_last().map_or(&[][..], |(_, outer)| outer),
                _ => &before.parents,
            }
        });
        let first = parents.next();
        if parents.any(|other| Some(other) != first) {
            return Err(self.at("13d", node));
        }
        Ok(())
    }
}

fn terminal(flow: &Flow, name: &str, is_annotated: fn(&Step) -> bool) -> Option<usize> {
    let annotated: Vec<usize> = (0..flow.steps.len())
        .filter(|&index| is_annotated(&flow.steps[index]))
        .collect();
    match annotated.as_slice() {
        [] if flow.steps.len() == 1 => Some(0),
        [] => flow.steps.iter().position(|step| step.name == name),
        [one] => Some(*one),
        _ => None,
    }
}

fn kind(step: &Step, is_start: bool, is_end: bool) -> Option<NodeKind> {
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
    if is_end {
        Some(NodeKind::End)
    } else if is_start && matches!(own, None | Some(NodeKind::Linear)) {
        Some(NodeKind::Start)
    } else {
        own
    }
}
