//! A drawing that stands alone: one SVG, no fonts or scripts from elsewhere. Escapes names.

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use super::dot::ordered;
use super::layout::Layout;
use super::{Arm, arms, decorators, is_terminal, place, role};
use crate::graph::{FlowGraph, NodeKind};
use crate::source::Sources;

const LETTER: usize = 8;
const BOX_HEIGHT: usize = 44;
const ROW: usize = 96;
const COLUMN_GAP: usize = 32;
const MARGIN: usize = 32;
const TITLE: usize = 40;

/// The colors follow the reader's light or dark scheme.
const STYLE: &str = "\
svg.flowc{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;--ink:#1f2328;--soft:#656d76;--line:#8c959f;\
--paper:#fff;--box:#f6f8fa;--edge:#afb8c1;--accent:#0969da;--split:#8250df;--switch:#9a6700}\
@media(prefers-color-scheme:dark){svg.flowc{--ink:#e6edf3;--soft:#8d96a0;--line:#6e7681;--paper:#0d1117;--box:#161b22;\
--edge:#444c56;--accent:#58a6ff;--split:#bc8cff;--switch:#d29922}}\
.flowc .paper{fill:var(--paper)}.flowc text{fill:var(--ink)}.flowc .soft{fill:var(--soft);font-size:11px}\
.flowc rect.box{fill:var(--box);stroke:var(--edge);stroke-width:1.25}\
.flowc .split rect.box,.flowc .foreach rect.box,.flowc .join rect.box{stroke:var(--split)}.flowc .split-switch rect.box{stroke:var(--switch);stroke-dasharray:5 3}.flowc .terminal rect.box{stroke:var(--accent);stroke-width:2}\
.flowc path.line{fill:none;stroke:var(--line);stroke-width:1.25}.flowc marker path{fill:var(--line)}.flowc .title{font-size:16px;font-weight:600}\
.flowc .label{fill:var(--soft);font-size:11px;paint-order:stroke;stroke:var(--paper);stroke-width:4px}";

pub fn render(graphs: &[FlowGraph<'_>], sources: &Sources) -> String {
    let drawings: Vec<Drawing<'_, '_>> = graphs.iter().map(Drawing::new).collect();
    let width = drawings.iter().map(Drawing::width).max().unwrap_or(MARGIN * 2);
    let height: usize = drawings.iter().map(Drawing::height).sum();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flowc\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<style>{STYLE}</style>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0.5 8 4 0 7.5z\"/></marker></defs>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"
    );
    let mut top = 0;
    for drawing in &drawings {
        let _ = writeln!(out, "<g transform=\"translate(0 {top})\">");
        drawing.draw(sources, &mut out);
        out += "</g>\n";
        top += drawing.height();
    }
    out + "</svg>\n"
}

/// One flow, in pixels.
struct Drawing<'a, 'f> {
    graph: &'a FlowGraph<'f>,
    layout: Layout,
    box_width: usize,
}

impl<'a, 'f> Drawing<'a, 'f> {
    fn new(graph: &'a FlowGraph<'f>) -> Self {
        let letters = |node| {
            let name = graph.name(node).chars().count() * LETTER;
            let below = subtitle(graph, node).chars().count() * (LETTER - 1);
            name.max(below)
        };
        let widest = graph.by_name().map(letters).max().unwrap_or(0);
        Self {
            graph,
            layout: Layout::new(graph),
            box_width: (widest + 28).clamp(96, 480),
        }
    }

    fn width(&self) -> usize {
        let columns = self.layout.width * (self.box_width + COLUMN_GAP) / 2 + MARGIN * 2;
        columns.max(title_width(self.graph) + MARGIN * 2)
    }

    fn height(&self) -> usize {
        MARGIN * 2 + TITLE + (self.layout.height * ROW).saturating_sub(ROW - BOX_HEIGHT)
    }

    /// Of a half column's middle.
    fn x(&self, column: usize) -> usize {
        MARGIN + column * (self.box_width + COLUMN_GAP) / 2
    }

    fn draw(&self, sources: &Sources, out: &mut String) {
        let (name, at) = (
            escaped(&self.graph.flow.name),
            escaped(&place(sources, self.graph.flow.span)),
        );
        let _ = writeln!(
            out,
            "<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{name} <tspan class=\"soft\">{at}</tspan></text>",
            MARGIN + 8
        );
        for node in ordered(self.graph) {
            for arm in arms(self.graph, node) {
                self.line(node, &arm, out);
            }
        }
        for node in ordered(self.graph) {
            self.node(node, out);
        }
    }

    fn line(&self, from: NodeIndex, arm: &Arm, out: &mut String) {
        let (x, y) = (
            self.x(self.layout.column[from]),
            upper_edge(self.layout.row[from]) + BOX_HEIGHT,
        );
        if arm.target == from {
            return self.loop_line(from, arm, out);
        }
        let (to_x, to_y) = (
            self.x(self.layout.column[arm.target]),
            upper_edge(self.layout.row[arm.target]),
        );
        let bypass = self
            .layout
            .bypasses
            .iter()
            .find(|(node, target, _)| *node == from && *target == arm.target);
        let gap = (ROW - BOX_HEIGHT) / 2;
        let mut path = format!("M{x} {y}");
        let mut label_x = to_x;
        if let Some((_, _, column)) = bypass {
            let middle = self.x(*column);
            let _ = write!(
                path,
                " C{x} {} {middle} {} {middle} {}",
                y + gap,
                y + gap,
                y + gap * 2
            );
            let _ = write!(path, " V{}", to_y.saturating_sub(gap * 2).max(y + gap * 2));
            let _ = write!(
                path,
                " C{middle} {} {to_x} {} {to_x} {to_y}",
                to_y.saturating_sub(gap),
                to_y.saturating_sub(gap)
            );
            label_x = middle;
        } else if to_y >= y {
            // A narrower arm waits for the longest one: straight down first, then to the side.
            let bend = if x != to_x {
                to_y.saturating_sub(gap * 2).max(y)
            } else {
                y
            };
            let _ = write!(
                path,
                " V{bend} C{x} {} {to_x} {} {to_x} {to_y}",
                bend + gap,
                to_y.saturating_sub(gap)
            );
        } else {
            let _ = write!(
                path,
                " C{x} {} {to_x} {} {to_x} {to_y}",
                y + gap,
                to_y.saturating_sub(gap)
            );
        }
        let _ = writeln!(
            out,
            "<path class=\"line\" marker-end=\"url(#arrow)\" d=\"{path}\"/>"
        );
        // What a foreach does stands in its box.
        let is_switch = self.graph.node(from).is(NodeKind::Switch);
        if let Some(label) = arm.label.as_ref().filter(|_| is_switch) {
            let (text_x, text_y) = (usize::midpoint(label_x, usize::midpoint(x, label_x)), y + gap + 4);
            label_text(text_x, text_y, label, out);
        }
    }

    /// Round the right side of the box.
    fn loop_line(&self, node: NodeIndex, arm: &Arm, out: &mut String) {
        let (x, y) = (
            self.x(self.layout.column[node]) + self.box_width / 2,
            upper_edge(self.layout.row[node]),
        );
        let (low, high, right) = (y + BOX_HEIGHT - 10, y + 10, x + 26);
        let _ = writeln!(
            out,
            "<path class=\"line\" marker-end=\"url(#arrow)\" d=\"M{x} {low} C{right} {low} {right} {high} {x} {high}\"/>"
        );
        if let Some(label) = &arm.label {
            label_text(x + 20, y + BOX_HEIGHT + 8, label, out);
        }
    }

    fn node(&self, node: NodeIndex, out: &mut String) {
        let here = self.graph.node(node);
        let (middle, top) = (
            self.x(self.layout.column[node]),
            upper_edge(self.layout.row[node]),
        );
        let left = middle.saturating_sub(self.box_width / 2);
        let kind = here.kind.map_or("unknown", NodeKind::name);
        let terminal = if is_terminal(self.graph, node) {
            " terminal"
        } else {
            ""
        };
        let _ = write!(out, "<g class=\"{kind}{terminal}\">");
        let tooltip = decorators(self.graph.step(node));
        if !tooltip.is_empty() {
            let _ = write!(out, "<title>{}</title>", escaped(&tooltip));
        }
        if here.is_inside_foreach {
            self.rectangle(left + 5, top + 5, out);
        }
        self.rectangle(left, top, out);
        let below = subtitle(self.graph, node);
        let line = if below.is_empty() { top + 27 } else { top + 19 };
        let name = escaped(self.graph.name(node));
        let _ = write!(
            out,
            "<text x=\"{middle}\" y=\"{line}\" text-anchor=\"middle\">{name}</text>"
        );
        if !below.is_empty() {
            let _ = write!(
                out,
                "<text class=\"soft\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                top + 35,
                escaped(&below)
            );
        }
        out.push_str("</g>\n");
    }

    fn rectangle(&self, left: usize, top: usize, out: &mut String) {
        let _ = write!(
            out,
            "<rect class=\"box\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{BOX_HEIGHT}\" rx=\"8\"/>",
            self.box_width
        );
    }
}

/// What a box says below the name: its part in the graph, else its decorators.
fn subtitle(graph: &FlowGraph<'_>, node: NodeIndex) -> String {
    let role = role(graph, node);
    if role.is_empty() {
        decorators(graph.step(node))
    } else {
        role
    }
}

/// Of a row's boxes.
fn upper_edge(row: usize) -> usize {
    MARGIN + TITLE + row * ROW
}

fn title_width(graph: &FlowGraph<'_>) -> usize {
    graph.flow.name.chars().count() * 10 + 200
}

fn label_text(x: usize, y: usize, label: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "<text class=\"label\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>",
        escaped(label)
    );
}

/// For XML text and attributes; control characters are not allowed in XML at all.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
