//! A page that stands alone: the drawing, and a table of the steps. Escapes what comes from the source.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::dot::ordered;
use super::svg::{self, escaped};
use super::{arms, decorators, place, role};
use crate::graph::{FlowGraph, NodeKind};
use crate::source::Sources;

const STYLE: &str = "\
:root{color-scheme:light dark}body{margin:0 auto;max-width:72rem;padding:1rem;font:15px/1.5 system-ui,sans-serif}\
.drawing{overflow:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem;\
border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);vertical-align:top}\
th{font-weight:600}td:first-child,code{font-family:ui-monospace,Menlo,Consolas,monospace}";

pub fn render(graphs: &[FlowGraph<'_>], sources: &Sources) -> String {
    let names: Vec<&str> = graphs.iter().map(|graph| graph.flow.name.as_str()).collect();
    let title = escaped(&names.join(", "));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n"
    );
    for graph in graphs {
        let _ = writeln!(out, "<h1>{}</h1>", escaped(&graph.flow.name));
        if let Some(text) = graph
            .flow
            .docstring
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            let _ = writeln!(out, "<p>{}</p>", escaped_lines(text));
        }
        let drawing = svg::render(std::slice::from_ref(graph), sources);
        let _ = writeln!(out, "<div class=\"drawing\">\n{drawing}</div>");
        table(graph, sources, &mut out);
    }
    out + "</body>\n</html>\n"
}

fn table(graph: &FlowGraph<'_>, sources: &Sources, out: &mut String) {
    *out +=
        "<table>\n<tr><th>step</th><th>type</th><th>leads to</th><th>decorators</th><th>source</th></tr>\n";
    for node in ordered(graph) {
        row(graph, sources, node, out);
    }
    *out += "</table>\n";
}

fn row(graph: &FlowGraph<'_>, sources: &Sources, node: NodeIndex, out: &mut String) {
    let step = graph.step(node);
    let kind = graph.node(node).kind.map_or("", NodeKind::name);
    let leads: Vec<String> = arms(graph, node)
        .into_iter()
        .map(|arm| match arm.label {
            Some(label) if graph.node(node).is(NodeKind::Switch) => {
                format!("{label} → {}", graph.name(arm.target))
            }
            _ => graph.name(arm.target).to_owned(),
        })
        .collect();
    let role = role(graph, node);
    let kind = if role.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind} ({role})")
    };
    let cells = [
        &step.name,
        &kind,
        &leads.join(", "),
        &decorators(step),
        &place(sources, step.span),
    ];
    *out += "<tr>";
    for cell in cells {
        let _ = write!(out, "<td>{}</td>", escaped(cell));
    }
    *out += "</tr>\n";
}

/// Line ends of a docstring as such.
fn escaped_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| escaped(line.trim())).collect();
    lines.join("<br>\n")
}
