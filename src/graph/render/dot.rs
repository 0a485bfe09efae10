//! Graphviz. Escapes names; knows no layout.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::{arms, is_terminal, role};
use crate::graph::{FlowGraph, NodeKind};
use crate::source::Sources;

pub fn render(graphs: &[FlowGraph<'_>], _sources: &Sources) -> String {
    let mut out = String::new();
    for graph in graphs {
        let _ = writeln!(out, "digraph {} {{", quoted(&graph.flow.name));
        out += "  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n";
        out += "  edge [fontname=\"Helvetica\", fontsize=10];\n";
        for node in ordered(graph) {
            let _ = writeln!(out, "  {}{};", quoted(graph.name(node)), looks(graph, node));
        }
        for node in ordered(graph) {
            for arm in arms(graph, node) {
                let label = arm
                    .label
                    .map(|label| format!(" [label={}]", quoted(&label)))
                    .unwrap_or_default();
                let (from, to) = (quoted(graph.name(node)), quoted(graph.name(arm.target)));
                let _ = writeln!(out, "  {from} -> {to}{label};");
            }
        }
        out += "}\n";
    }
    out
}

/// The order of the graph, then what cannot be reached, by name.
pub(super) fn ordered(graph: &FlowGraph<'_>) -> Vec<NodeIndex> {
    let mut is_shown = crate::graph::PerStep::filled(false, graph.nodes.len());
    let mut nodes = graph.order.clone();
    for &node in &nodes {
        is_shown[node] = true;
    }
    nodes.extend(graph.by_name().filter(|&node| !is_shown[node]));
    nodes
}

fn looks(graph: &FlowGraph<'_>, node: NodeIndex) -> String {
    let here = graph.node(node);
    let role = role(graph, node);
    let shape = if here.is(NodeKind::Switch) {
        Some("shape=diamond, style=solid")
    } else if is_terminal(graph, node) {
        Some("style=\"rounded,bold\"")
    } else if here.is_inside_foreach {
        Some("peripheries=2")
    } else {
        None
    };
    let tooltip = (!role.is_empty()).then(|| format!("tooltip={}", quoted(&role)));
    let all: Vec<String> = shape.map(str::to_owned).into_iter().chain(tooltip).collect();
    if all.is_empty() {
        String::new()
    } else {
        format!(" [{}]", all.join(", "))
    }
}

fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
