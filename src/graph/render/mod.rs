//! Graphs to look at and to compare, one file per format. All take the graphs of a file's flows in source order.

use petgraph::graph::NodeIndex;

use super::{FlowGraph, NodeKind};
use crate::flow::{Step, Tail, Transition};
use crate::source::Sources;
use crate::value::Value;

mod dot;
mod html;
mod json;
mod layout;
mod mermaid;
mod regions;
mod svg;
mod text;

pub use dot::render as dot;
pub use html::render as html;
pub use json::{flow as flow_json, render as json};
pub use mermaid::render as mermaid;
pub use svg::render as svg;
pub use text::render as text;

/// An edge with what it says: the keys of a switch's case, `foreach xs`.
struct Arm {
    target: NodeIndex,
    label: Option<String>,
}

/// The edges out of a node, each target once, in source order.
fn arms(graph: &FlowGraph<'_>, node: NodeIndex) -> Vec<Arm> {
    let mut arms: Vec<Arm> = Vec::new();
    for (name, label) in named_arms(graph.step(node)) {
        let Some(target) = graph.find(name) else { continue };
        match arms.iter_mut().find(|arm| arm.target == target) {
            Some(arm) => {
                if let (Some(known), Some(more)) = (&mut arm.label, label) {
                    *known = format!("{known}, {more}");
                }
            }
            None => arms.push(Arm { target, label }),
        }
    }
    arms
}

fn named_arms(step: &Step) -> Vec<(&str, Option<String>)> {
    let Tail::Next { transition, .. } = &step.tail else {
        let targets = step.targets().into_iter();
        return targets.map(|target| (target.name.as_str(), None)).collect();
    };
    match transition {
        Transition::Linear(target) => vec![(&target.name, None)],
        Transition::Split(targets) => targets
            .iter()
            .map(|target| (target.name.as_str(), None))
            .collect(),
        Transition::Foreach { target, .. } | Transition::Parallel { target, .. } => {
            vec![(&target.name, Some(opening(transition)))]
        }
        Transition::Switch { cases, .. } => {
            let case = |case: &'_ crate::flow::Case| key(&case.key);
            cases
                .iter()
                .map(|each| (each.target.name.as_str(), Some(case(each))))
                .collect()
        }
    }
}

/// What a branching transition does, in a few words; nothing for a linear one.
fn opening(transition: &Transition) -> String {
    match transition {
        Transition::Linear(_) => String::new(),
        Transition::Split(_) => "split".to_owned(),
        Transition::Foreach {
            variable: Some(name), ..
        } => format!("foreach {}", printable(name)),
        Transition::Foreach { variable: None, .. } => "foreach".to_owned(),
        Transition::Parallel {
            count: Some(count), ..
        } => format!("num_parallel {count}"),
        Transition::Parallel { count: None, .. } => "num_parallel".to_owned(),
        Transition::Switch { condition, .. } => format!("switch {}", printable(condition)),
    }
}

/// What a step does with the graph: `foreach xs`, `switch kind`, `joins start`.
fn role(graph: &FlowGraph<'_>, node: NodeIndex) -> String {
    let here = graph.node(node);
    if here.is(NodeKind::Join) {
        return here.closes.map_or_else(
            || "join".to_owned(),
            |split| format!("joins {}", graph.name(split)),
        );
    }
    match &graph.step(node).tail {
        Tail::Next { transition, .. } => opening(transition),
        Tail::Missing | Tail::Invalid { .. } => String::new(),
    }
}

/// A literal may hold line ends; a line stays a line.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// Where the flow begins or ends.
fn is_terminal(graph: &FlowGraph<'_>, node: NodeIndex) -> bool {
    graph.start == Some(node) || graph.end == Some(node)
}

/// A case's key as written, but `config:a.b` without quotes.
fn key(key: &Value) -> String {
    match key.as_str() {
        Some(text) if text.starts_with("config:") => text.to_owned(),
        _ => key.to_repr(),
    }
}

/// `@retry @batch`
fn decorators(step: &Step) -> String {
    let names: Vec<String> = step
        .decorators
        .iter()
        .map(|used| format!("@{}", used.name))
        .collect();
    names.join(" ")
}

/// `train.py:4`
fn place(sources: &Sources, span: crate::source::Span) -> String {
    format!("{}:{}", sources.get(span.source).name(), sources.start(span).line)
}
