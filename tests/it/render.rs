//! Graphs to look at, as snapshots of text; the drawings stay well-formed and quick.

use std::fmt::Write;
use std::time::{Duration, Instant};

use flowc::flow::{Flow, Tail, Transition};
use flowc::graph::{FlowGraph, render};
use flowc::source::{Sources, Span};
use flowc::value::Value;

use crate::sketch;

const EVERY_SHAPE: &str = "\
start: a b
a: each foreach
each: tell
tell: ? tell yes no after
yes: deep parallel
deep@: deep_join
deep_join/2: after
no: after
after: each_join
each_join/2: join
b: b2
b2: join
join/2: check
check: ? left right right join2
left: join2
right: join2
join2: end
end
";

type Render = fn(&[FlowGraph<'_>], &Sources) -> String;

fn rendered(render: Render, text: &str) -> String {
    let (flow, sources) = sketch::flow(text);
    render(&[FlowGraph::new(&flow)], &sources)
}

#[test]
fn text_shows_every_shape() {
    insta::assert_snapshot!(rendered(render::text, EVERY_SHAPE));
}

#[test]
fn text_shows_a_broken_flow() {
    insta::assert_snapshot!(rendered(
        render::text,
        "start: a b\na: c\nb: c nowhere\nc: a end\nlost: also_lost\nalso_lost: end\nend\n"
    ));
}

#[test]
fn mermaid_shows_every_shape() {
    insta::assert_snapshot!(rendered(render::mermaid, EVERY_SHAPE));
}

#[test]
fn dot_shows_every_shape() {
    insta::assert_snapshot!(rendered(render::dot, EVERY_SHAPE));
}

/// Every tag that is opened is closed, and text holds none.
fn assert_well_formed(markup: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in markup.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{part}");
        let name = tag.split_whitespace().next().expect("a tag has a name");
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !tag.ends_with('/') && !["!doctype", "meta", "br"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

const HOSTILE: &str = "</svg><script>alert(1)</script>&\"'`#é\u{7}\n-->";

/// The flow of a sketch with hostile text wherever a source may have some.
fn hostile(text: &str) -> (Flow, Sources) {
    let (mut flow, sources) = sketch::flow(text);
    flow.docstring = Some(HOSTILE.to_owned());
    for step in &mut flow.steps {
        for used in &mut step.decorators {
            HOSTILE.clone_into(&mut used.name);
        }
        let Tail::Next { transition, .. } = &mut step.tail else {
            continue;
        };
        if let Transition::Switch { cases, condition, .. } = transition {
            HOSTILE.clone_into(condition);
            for case in cases {
                case.key = Value::str(HOSTILE);
            }
        }
    }
    (flow, sources)
}

#[test]
fn drawings_are_well_formed_whatever_the_source_holds() {
    for text in [EVERY_SHAPE, "end\n", "a: b\nb: c\n", "start: start\n"] {
        let (flow, sources) = hostile(text);
        let graph = [FlowGraph::new(&flow)];
        assert_well_formed(&render::svg(&graph, &sources));
        assert_well_formed(&render::html(&graph, &sources));
        assert!(!render::mermaid(&graph, &sources).contains("<script"));
        for line in render::dot(&graph, &sources)
            .lines()
            .filter(|line| line.contains("alert"))
        {
            assert_eq!(line.replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
        }
    }
    let mut sources = Sources::default();
    let source = sources.add("empty.py", "");
    let flow = Flow::new("Empty", Span::new(source, 0, 0));
    for render in [
        render::text,
        render::svg,
        render::html,
        render::mermaid,
        render::dot,
    ] {
        assert!(render(&[FlowGraph::new(&flow)], &sources).contains("Empty"));
    }
}

#[test]
fn boxes_of_a_sound_flow_do_not_overlap() {
    let drawing = rendered(render::svg, EVERY_SHAPE);
    let number = |part: &str, name: &str| -> u32 {
        let (_, rest) = part.split_once(name).expect("an attribute");
        rest.split('"')
            .next()
            .expect("a value")
            .parse()
            .expect("a number")
    };
    let boxes: Vec<(u32, u32)> = drawing
        .split("<text x=")
        .skip(1)
        .map(|part| (number(part, "\""), number(part, "y=\"")))
        .collect();
    assert_eq!(boxes.len(), 18);
    for (index, left) in boxes.iter().enumerate() {
        for right in &boxes[index + 1..] {
            assert!(
                left.0.abs_diff(right.0) >= 90 || left.1.abs_diff(right.1) >= 50,
                "{left:?} {right:?}"
            );
        }
    }
}

#[test]
fn huge_flows_are_drawn_quickly() {
    let mut text = "start: p0\n".to_owned();
    for index in 0..1000 {
        let next = index + 1;
        let _ = writeln!(
            text,
            "p{index}: ? a{index} b{index}\na{index}: p{next}\nb{index}: p{next}"
        );
    }
    text += "p1000: end\nend\n";
    for render in [
        render::text,
        render::svg,
        render::html,
        render::mermaid,
        render::dot,
    ] {
        let started = Instant::now();
        assert!(rendered(render, &text).contains("p1000"));
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    }
}
