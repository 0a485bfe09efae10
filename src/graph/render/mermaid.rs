//! Mermaid, as GitHub and GitLab show it in Markdown. Nodes have numbers for ids, as `end` is a word of Mermaid's.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::dot::ordered;
use super::{arms, is_terminal, role};
use crate::graph::{FlowGraph, NodeKind};
use crate::source::Sources;

pub fn render(graphs: &[FlowGraph<'_>], _sources: &Sources) -> String {
    let mut out = String::new();
    for graph in graphs {
        let _ = writeln!(out, "---\ntitle: {}\n---\nflowchart TD", title(&graph.flow.name));
        for node in ordered(graph) {
            let _ = writeln!(out, "    {}{}", id(node), shaped(graph, node));
        }
        for node in ordered(graph) {
            for arm in arms(graph, node) {
                let label = arm
                    .label
                    .map(|label| format!("|\"{}\"|", escaped(&label)))
                    .unwrap_or_default();
                let _ = writeln!(out, "    {} -->{label} {}", id(node), id(arm.target));
            }
        }
    }
    out
}

fn id(node: NodeIndex) -> String {
    format!("s{}", node.index())
}

fn shaped(graph: &FlowGraph<'_>, node: NodeIndex) -> String {
    let here = graph.node(node);
    let name = escaped(graph.name(node));
    let role = role(graph, node);
    let label = match here.kind {
        Some(NodeKind::Join | NodeKind::Switch) => format!("{name}<br/><small>{}</small>", escaped(&role)),
        Some(NodeKind::Start | NodeKind::Linear | NodeKind::Split | NodeKind::Foreach | NodeKind::End)
        | None => name,
    };
    if here.is(NodeKind::Switch) {
        format!("{{\"{label}\"}}")
    } else if is_terminal(graph, node) {
        format!("([\"{label}\"])")
    } else if here.is_inside_foreach {
        format!("[[\"{label}\"]]")
    } else {
        format!("[\"{label}\"]")
    }
}

/// Mermaid's entities; `#` first, as it begins them.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace('`', "#96;")
        .replace(['\n', '\r'], " ")
}

/// A flow's name is a Python identifier: YAML needs quotes only where it would read another type.
fn title(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
