//! The graph as an indented list, for a terminal: one line a step, arms below the step that opens them.

use std::collections::BTreeMap;
use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::dot::ordered;
use super::regions::{Place, Regions, branches};
use super::{Arm, arms, decorators, place, role};
use crate::flow::{AttributeUse, Flow, Parameter, ParameterKind};
use crate::graph::{FlowGraph, NodeKind};
use crate::source::Sources;

/// Deeper arms are not indented further, so that the lines of a hostile flow do not grow without end.
const DEEPEST: usize = 40;
/// Names longer than this do not move the column behind them.
const WIDEST: usize = 40;

pub fn render(graphs: &[FlowGraph<'_>], sources: &Sources) -> String {
    let flows: Vec<String> = graphs.iter().map(|graph| flow(graph, sources)).collect();
    flows.join("\n")
}

fn flow(graph: &FlowGraph<'_>, sources: &Sources) -> String {
    let mut out = format!("{} ({})\n", graph.flow.name, place(sources, graph.flow.span));
    header(graph.flow, &mut out);
    out.push('\n');
    let mut outline = Outline::new(graph);
    for index in 0..graph.order.len() {
        outline.step(index);
    }
    outline.rest();
    table(&outline.lines, &mut out);
    out
}

/// Flow decorators and parameters.
fn header(flow: &Flow, out: &mut String) {
    for used in &flow.decorators {
        let _ = writeln!(out, "  @{}{}", used.name, arguments(&used.attributes));
    }
    for parameter in &flow.parameters {
        let _ = writeln!(out, "  {}", parameter_line(parameter));
    }
}

fn arguments(attributes: &[AttributeUse]) -> String {
    let known = attributes.iter().map(|attribute| {
        let value = attribute
            .value
            .value()
            .map_or("…".to_owned(), crate::value::Value::to_repr);
        format!("{}={value}", attribute.name)
    });
    let known: Vec<String> = known.collect();
    if known.is_empty() {
        String::new()
    } else {
        format!("({})", known.join(", "))
    }
}

fn parameter_line(parameter: &Parameter) -> String {
    let kind = match parameter.kind {
        ParameterKind::Parameter => "parameter",
        ParameterKind::IncludeFile => "file",
        ParameterKind::Config => "config",
    };
    let default = match parameter.default().map(crate::value::Evaluated::value) {
        None if parameter.is_required() => " (required)".to_owned(),
        None => String::new(),
        Some(Some(value)) => format!(" = {}", value.to_repr()),
        Some(None) => " = …".to_owned(),
    };
    format!("{kind} {}{default}", parameter.name)
}

struct Line {
    tree: String,
    role: String,
    decorators: String,
}

struct Outline<'a, 'f> {
    graph: &'a FlowGraph<'f>,
    regions: Regions,
    /// For each open region its opening step and whether its last arm has begun: below that, no line goes down.
    open: Vec<(NodeIndex, bool)>,
    /// The last arm that gets a block of its own, by opening step.
    last_heads: BTreeMap<NodeIndex, NodeIndex>,
    lines: Vec<Line>,
}

impl<'a, 'f> Outline<'a, 'f> {
    fn new(graph: &'a FlowGraph<'f>) -> Self {
        let regions = Regions::new(graph);
        let mut last_heads = BTreeMap::new();
        for &node in &graph.order {
            let Place { region, is_head, .. } = regions.places[node];
            if let (Some(region), true) = (region, is_head) {
                last_heads.insert(region, node);
            }
        }
        Self {
            graph,
            regions,
            open: Vec::new(),
            last_heads,
            lines: Vec::new(),
        }
    }

    fn step(&mut self, index: usize) {
        let Some(&node) = self.graph.order.get(index) else {
            return;
        };
        let at = self.regions.places[node];
        self.open.truncate(at.depth);
        let outer = at.depth.saturating_sub(usize::from(at.is_head));
        let mut tree = self.rails(outer);
        if let (true, Some(region)) = (at.is_head, at.region) {
            let is_last = self.last_heads.get(&region) == Some(&node);
            let is_foreach = self.graph.node(region).is(NodeKind::Foreach);
            tree += if is_last { "└" } else { "├" };
            tree += if is_foreach { "× " } else { "─ " };
            if let Some(last) = self.open.last_mut() {
                last.1 = is_last;
            }
            tree += &self.case(region, node);
        }
        tree += self.graph.name(node);
        let next = self.graph.order.get(index + 1).copied();
        if branches(self.graph, node) {
            self.push(tree, node);
            self.open.push((node, false));
            self.arrows(node);
        } else {
            tree += &self.jump(node, next);
            self.push(tree, node);
        }
    }

    fn push(&mut self, tree: String, node: NodeIndex) {
        let step = self.graph.step(node);
        let mut role = role(self.graph, node);
        for target in step.targets() {
            if self.graph.find(&target.name).is_none() {
                let _ = write!(role, " (no step {})", target.name);
            }
        }
        self.lines.push(Line {
            tree,
            role: role.trim_start().to_owned(),
            decorators: decorators(step),
        });
    }

    /// The vertical lines of the regions around.
    fn rails(&self, depth: usize) -> String {
        let rail = |&(_, is_last_arm): &(NodeIndex, bool)| if is_last_arm { "   " } else { "│  " };
        self.open.iter().take(depth.min(DEEPEST)).map(rail).collect()
    }

    /// `'a' ▸ ` before the first step of a switch's arm.
    fn case(&self, region: NodeIndex, head: NodeIndex) -> String {
        if !self.graph.node(region).is(NodeKind::Switch) {
            return String::new();
        }
        let arm = arms(self.graph, region)
            .into_iter()
            .find(|arm| arm.target == head);
        arm.and_then(|arm| arm.label)
            .map_or_else(String::new, |label| format!("{label} ▸ "))
    }

    /// Arms without steps of their own: a switch back to itself, a case that goes straight on.
    fn arrows(&mut self, node: NodeIndex) {
        let is_drawn = |arm: &Arm| {
            let at = self.regions.places[arm.target];
            at.region == Some(node) && at.is_head
        };
        let plain: Vec<Arm> = arms(self.graph, node)
            .into_iter()
            .filter(|arm| !is_drawn(arm))
            .collect();
        let has_blocks = self.last_heads.contains_key(&node);
        let count = plain.len();
        for (index, arm) in plain.into_iter().enumerate() {
            let mut tree = self.rails(self.open.len().saturating_sub(1));
            tree += if index + 1 == count && !has_blocks {
                "└─ "
            } else {
                "├─ "
            };
            if let Some(label) = &arm.label {
                tree += label;
                tree.push(' ');
            }
            let again = if arm.target == node { "↺" } else { "→" };
            let _ = write!(tree, "{again} {}", self.graph.name(arm.target));
            self.lines.push(Line {
                tree,
                role: String::new(),
                decorators: String::new(),
            });
        }
    }

    /// ` → step` where the step that follows is neither the next line nor the end of the region.
    fn jump(&self, node: NodeIndex, next: Option<NodeIndex>) -> String {
        let here = self.regions.places[node];
        let mut targets: Vec<&str> = Vec::new();
        for &target in &self.graph.node(node).successors {
            let there = self.regions.places[target];
            let is_next = next == Some(target) && there.depth == here.depth && !there.is_head;
            let is_exit = here
                .region
                .is_some_and(|region| self.regions.exits[region] == Some(target));
            if !is_next && !is_exit {
                targets.push(self.graph.name(target));
            }
        }
        if targets.is_empty() {
            String::new()
        } else {
            format!(" → {}", targets.join(", "))
        }
    }

    /// Steps that nothing leads to.
    fn rest(&mut self) {
        let reached = self.graph.order.len();
        for node in ordered(self.graph).into_iter().skip(reached) {
            let targets = arms(self.graph, node)
                .into_iter()
                .map(|arm| self.graph.name(arm.target));
            let targets: Vec<&str> = targets.collect();
            let mut tree = format!("? {}", self.graph.name(node));
            if !targets.is_empty() {
                let _ = write!(tree, " → {}", targets.join(", "));
            }
            self.push(tree, node);
        }
    }
}

/// The lines with their second and third column aligned.
fn table(lines: &[Line], out: &mut String) {
    let width = |text: &str| text.chars().count();
    let tree = lines
        .iter()
        .map(|line| width(&line.tree))
        .filter(|&width| width <= WIDEST)
        .max()
        .unwrap_or(0);
    let role = lines
        .iter()
        .map(|line| width(&line.role))
        .filter(|&width| width <= WIDEST)
        .max()
        .unwrap_or(0);
    for line in lines {
        let mut text = format!("{:tree$}  {:role$}  {}", line.tree, line.role, line.decorators);
        text.truncate(text.trim_end().len());
        out.push_str(&text);
        out.push('\n');
    }
}
