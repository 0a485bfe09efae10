//! Random flows, judged by an installed Metaflow too: `FLOWC_ORACLE` names a folder whose `metaflow/check FLOW.py`
//! prints Metaflow's verdict as JSON. `FLOWC_FLOWS=2000` sets how many, `FLOWC_FLOWS_FROM=1000` the first seed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flowc::graph::FlowGraph;
use flowc::lint::{self, rules};
use serde_json::Value as Json;

use crate::{oracle, random, reading};

/// So many take about half a minute: Metaflow starts anew for each.
const FEW: usize = 25;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The Python of a sketch (see `sketch.rs`).
fn python(sketch: &str) -> String {
    let mut text =
        "from metaflow import FlowSpec, parallel, step\n\n\nclass RandomFlow(FlowSpec):\n".to_owned();
    for line in sketch.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        step(&mut text, words[0].trim_end_matches(':'), &words[1..]);
    }
    text + "\nif __name__ == \"__main__\":\n    RandomFlow()\n"
}

fn step(text: &mut String, head: &str, tail: &[&str]) {
    if head.ends_with('@') {
        text.push_str("    @parallel\n");
    }
    let mark = match head.split_once('+') {
        Some((_, end)) => format!("({end}=True)"),
        None => String::new(),
    };
    let name = head.split(['/', '@', '+']).next().unwrap();
    let count = head.split_once('/').map(|(_, count)| count.trim_end_matches('@'));
    let arguments = match count {
        None | Some("1") => "self",
        Some("0") => "",
        Some("2") => "self, inputs",
        Some(_) => "self, inputs, more",
    };
    let body = transition(tail);
    writeln!(
        text,
        "    @step{mark}\n    def {name}({arguments}):\n        {body}\n"
    )
    .unwrap();
}

fn transition(tail: &[&str]) -> String {
    let steps = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("self.{name}")).collect();
        names.join(", ")
    };
    match tail {
        [] => "pass".to_owned(),
        ["!", ..] => "self.next(1)".to_owned(),
        ["?", names @ ..] => {
            let cases = names.iter().enumerate();
            let cases: Vec<String> = cases
                .map(|(index, name)| format!("\"k{index}\": self.{name}"))
                .collect();
            format!("self.next({{{}}}, condition=\"c\")", cases.join(", "))
        }
        [name, .., "foreach"] => format!("self.next(self.{name}, foreach=\"xs\")"),
        [name, .., "parallel"] => format!("self.next(self.{name}, num_parallel=2)"),
        names => format!("self.next({})", steps(names)),
    }
}

/// The codes of the structural errors.
fn errors(source: &str) -> Vec<&'static str> {
    let checkup = reading::read(source);
    let mut found = checkup.diagnostics.clone();
    for flow in &checkup.flows {
        found.extend(lint::run(&FlowGraph::new(flow), rules::ALL, None).diagnostics);
    }
    let structural = found
        .iter()
        .filter(|finding| finding.is_error() && finding.rule.code.starts_with("FLC1"));
    structural.map(|finding| finding.rule.code).collect()
}

fn asked(oracle: &Path, file: &Path) -> Json {
    let answer = Command::new(oracle.join("metaflow/check"))
        .arg(file)
        .output()
        .expect("it runs");
    serde_json::from_slice(&answer.stdout).expect("a verdict")
}

#[test]
fn random_flows_are_judged_alike() {
    let is_there = |oracle: &oracle::Oracle| oracle.folder.join("metaflow/check").exists();
    let Some(oracle) = oracle::find("random flows against Metaflow", is_there) else {
        return;
    };
    let oracle = oracle.folder;
    let (count, from) = (number("FLOWC_FLOWS", FEW), number("FLOWC_FLOWS_FROM", 7_000));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("against-metaflow");
    std::fs::create_dir_all(&folder).unwrap();
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for seed in from..from + count {
        let source = python(&random::sketch(seed as u64));
        let file = folder.join("flow.py");
        std::fs::write(&file, &source).unwrap();
        let (theirs, ours) = (asked(&oracle, &file), errors(&source));
        let is_refused = theirs["verdict"] != "ok";
        refused += usize::from(is_refused);
        if is_refused == ours.is_empty() {
            wrong.push(format!(
                "seed {seed}: Metaflow {theirs}, flowc {ours:?}\n{source}"
            ));
        }
    }
    writeln!(
        std::io::stderr(),
        "{count} random flows, Metaflow refuses {refused}"
    )
    .unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Both kinds have to be met.
    assert!(refused > 0 && refused < count);
}
