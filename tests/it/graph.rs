//! The graph's attributes: linear algorithms against Metaflow's exponential ones, and their speed.

use std::fmt::Write;
use std::time::{Duration, Instant};

use flowc::graph::FlowGraph;
use petgraph::graph::NodeIndex;

use crate::{literal, random, sketch};

fn indices(nodes: &[NodeIndex]) -> Vec<usize> {
    nodes.iter().map(|node| node.index()).collect()
}

/// A node of ours in the words of the literal walk.
fn literally(graph: &FlowGraph<'_>, node: NodeIndex) -> literal::Node {
    let ours = graph.node(node);
    literal::Node {
        kind: ours.kind,
        out: indices(&ours.successors),
        unknown: Vec::new(),
        incoming: indices(&ours.predecessors).into_iter().collect(),
        parents: indices(&graph.split_parents(node)),
        branches: indices(&graph.split_branches(node)),
        matching_join: ours.matching_join.map(NodeIndex::index),
        is_inside_foreach: ours.is_inside_foreach,
    }
}

fn assert_equal(sketch: &str) -> Option<literal::Finding> {
    let (flow, _) = sketch::flow(sketch);
    let theirs = literal::Graph::new(&flow);
    let finding = theirs.lint();
    let ours = FlowGraph::new(&flow);
    assert_eq!(ours.start.map(NodeIndex::index), theirs.start, "{sketch}");
    assert_eq!(ours.end.map(NodeIndex::index), theirs.end, "{sketch}");
    if finding.is_none() {
        assert_eq!(indices(&ours.order), theirs.order, "order of\n{sketch}");
        for node in ours.by_name() {
            let theirs = &theirs.nodes[node.index()];
            assert_eq!(
                &literally(&ours, node),
                theirs,
                "{} of\n{sketch}",
                ours.name(node)
            );
        }
    }
    finding
}

#[test]
fn equals_metaflow_on_random_flows() {
    let accepted = (0..6000)
        .filter(|&seed| assert_equal(&random::sketch(seed)).is_none())
        .count();
    assert!(accepted > 1500, "only {accepted} of the random flows are sound");
}

#[test]
fn two_splits_into_the_same_branches_are_closed_by_the_same_join() {
    assert_eq!(
        assert_equal("start: ? p q\np: x y\nq: y x\nx: j\ny: j\nj/2: end\nend\n"),
        None
    );
    assert_eq!(
        assert_equal("start: ? p q\np: x foreach\nq: x foreach\nx: j\nj/2: end\nend\n"),
        None
    );
}

#[test]
fn huge_flows_take_no_time() {
    let mut splits = String::new();
    let mut switches = String::new();
    let mut nested = "start: b0 foreach\n".to_owned();
    let mut long = String::new();
    for index in 0..2000 {
        let (here, next) = (name("p", index, 2000), name("p", index + 1, 2000));
        let _ = writeln!(
            splits,
            "{here}: a{index} b{index}\na{index}: j{index}\nb{index}: j{index}\nj{index}/2: {next}"
        );
        let _ = writeln!(
            switches,
            "{here}: ? a{index} b{index}\na{index}: {next}\nb{index}: {next}"
        );
        let _ = writeln!(
            nested,
            "b{index}: b{} foreach\nj{}/2: j{index}",
            index + 1,
            index + 1
        );
    }
    nested += "b2000: j2000\nj0/2: end\n";
    for index in 0..20_000 {
        let _ = writeln!(
            long,
            "{}: {}",
            name("p", index, 20_000),
            name("p", index + 1, 20_000)
        );
    }
    for sketch in [splits, switches, nested, long] {
        let (flow, _) = sketch::flow(&(sketch + "end\n"));
        let started = Instant::now();
        let graph = FlowGraph::new(&flow);
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{:?}",
            started.elapsed()
        );
        assert_eq!(graph.order.len(), flow.steps.len());
    }
}

fn name(prefix: &str, index: usize, count: usize) -> String {
    match index {
        0 => "start".to_owned(),
        _ if index == count => "end".to_owned(),
        _ => format!("{prefix}{index}"),
    }
}
