//! 487 generated flows with Metaflow's verdict and graph, recorded: accepted or refused alike, at the same line,
//! and the graph equal field by field where Metaflow accepts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use flowc::diagnostic::Diagnostic;
use flowc::graph::{FlowGraph, render};
use flowc::lint::{self, rules};
use serde_json::{Value as Json, json};

use crate::reading;

fn rows() -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/metaflow/lint_corpus.jsonl");
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Where flowc reports another line than Metaflow: how Metaflow's message begins, flowc's rule, how many flows,
/// why that is better.
const OTHER_LINES: [(&str, &str, usize, &str); 4] = [
    (
        "Step  seems like a join step",
        "FLC122",
        3,
        "a split leads directly to its join: the step that is missing goes where the split's `self.next` is, \
         and Metaflow dies of the same fault outside of another split",
    ),
    (
        "The start step  has incoming transitions from end",
        "FLC107",
        3,
        "the end step leads to the start step: what is wrong is that it leads anywhere",
    ),
    (
        "The terminal step  was reached",
        "FLC122",
        1,
        "as above; another split of the flow names a branch twice",
    ),
    (
        "The terminal step  was reached",
        "FLC128",
        2,
        "a split names the same branch twice: no join could mend that",
    ),
];

/// What is found of one source: line and code of each error of the structural rules, and the graph as JSON.
struct Verdict {
    errors: Vec<(u32, &'static str)>,
    graph: Json,
}

fn verdict(source: &str) -> Verdict {
    let checkup = reading::read(source);
    let [flow] = checkup.flows.as_slice() else {
        panic!("{} flows in\n{source}", checkup.flows.len());
    };
    let graph = FlowGraph::new(flow);
    let mut found = lint::run(&graph, rules::ALL, None).diagnostics;
    found.extend(checkup.diagnostics.iter().cloned());
    let is_structural = |finding: &&Diagnostic| finding.is_error() && finding.rule.code.starts_with("FLC1");
    let errors = found.iter().filter(is_structural);
    Verdict {
        errors: errors
            .map(|error| (checkup.sources.start(error.span).line, error.rule.code))
            .collect(),
        graph: render::flow_json(&graph, &checkup.sources),
    }
}

#[test]
fn accepts_and_refuses_what_metaflow_does() {
    let mut faults = Vec::new();
    let mut elsewhere: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut by_chance = 0;
    for row in rows() {
        let (id, expect) = (row["id"].as_str().unwrap(), &row["expect"]);
        let found = verdict(row["source"].as_str().unwrap());
        let is_refused = expect["lint"] != "ok";
        if is_refused == found.errors.is_empty() {
            faults.push(format!("{id}: Metaflow {expect}, flowc {:?}", found.errors));
        }
        let is_found = |line: &Json| found.errors.iter().any(|(other, _)| *line == json!(other));
        let has_recorded = expect["line"].as_u64().is_some_and(|line| line > 0);
        by_chance += usize::from(is_refused && has_recorded && !is_found(&expect["line"]));
        let lines: Vec<&Json> = match expect["lines_seen"].as_array() {
            Some(lines) => lines.iter().collect(),
            None => vec![&expect["line"]],
        };
        let has_line = lines
            .iter()
            .any(|line| line.as_u64().is_some_and(|line| line > 0));
        if has_line
            && !found
                .errors
                .iter()
                .any(|(line, _)| lines.iter().any(|&other| *other == json!(line)))
        {
            let words = expect["message"]
                .as_str()
                .unwrap()
                .split('*')
                .step_by(2)
                .collect::<String>();
            let code = found.errors.first().map_or("", |(_, code)| code);
            let known = OTHER_LINES
                .iter()
                .find(|(start, rule, ..)| words.starts_with(start) && *rule == code);
            let key = known.map_or(format!("{words} / {code}"), |(start, ..)| {
                format!("{start} / {code}")
            });
            let entry = elsewhere.entry(key).or_insert((0, id.to_owned()));
            entry.0 += 1;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let known = OTHER_LINES
        .iter()
        .map(|(start, rule, count, _)| (format!("{start} / {rule}"), *count));
    let known: BTreeMap<String, usize> = known.collect();
    let counts = elsewhere.iter().map(|(key, (count, _))| (key.clone(), *count));
    assert_eq!(counts.collect::<BTreeMap<_, _>>(), known, "{elsewhere:#?}");
    // The recorded line is one of several that Metaflow gives by the order of a set.
    let elsewhere: usize = elsewhere.values().map(|(count, _)| count).sum();
    assert_eq!(by_chance - elsewhere, 4);
}

#[test]
fn graphs_of_accepted_flows_are_metaflows() {
    let mut compared = 0;
    for row in rows().iter().filter(|row| row["expect"]["lint"] == "ok") {
        compared += 1;
        let (id, theirs) = (&row["id"], &row["graph"]);
        let ours = verdict(row["source"].as_str().unwrap()).graph;
        assert_eq!(ours["start"], theirs["start"], "{id}");
        assert_eq!(ours["end"], theirs["end"], "{id}");
        assert_eq!(ours["order"], theirs["sorted_nodes"], "{id}");
        for step in ours["steps"].as_array().unwrap() {
            let node = &theirs["nodes"][step["name"].as_str().unwrap()];
            for (our_name, their_name) in [
                ("type", "type"),
                ("line", "def_line"),
                ("in", "in_funcs"),
                ("out", "out_funcs"),
                ("split_parents", "split_parents"),
                ("split_branches", "split_branches"),
                ("matching_join", "matching_join"),
                ("is_inside_foreach", "is_inside_foreach"),
                ("parallel_step", "parallel_step"),
            ] {
                assert_eq!(
                    step[our_name], node[their_name],
                    "{id} {} {our_name}",
                    step["name"]
                );
            }
            let is_parallel = step["num_parallel"] != json!(false);
            assert_eq!(
                json!(is_parallel),
                node["parallel_foreach"],
                "{id} {}",
                step["name"]
            );
        }
        assert_eq!(
            ours["steps"].as_array().unwrap().len(),
            theirs["nodes"].as_object().unwrap().len(),
            "{id}"
        );
    }
    assert!(compared > 100);
}
