//! The same machines in an interpreter that others wrote, where `FLOWC_ORACLE` says that it is there: it decides which
//! jobs run and what is handed to them, what they do is ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use flowc::flow::Flow;
use serde_json::{Value as Json, json};

use super::interpreter::Execution;
use super::model::{self, Chooser};
use super::{deployment, flows, machine, shapes};
use crate::oracle::{self, Oracle};
use crate::sketch;

/// The script that mocks jobs and the table, and the folder of the interpreter's modules.
fn find() -> Option<[PathBuf; 2]> {
    let place = |oracle: &Oracle| [oracle.folder.join("lib/asl-run.mjs"), oracle.home.join("node")];
    let is_there = |oracle: &Oracle| {
        let [script, home] = place(oracle);
        script.exists() && home.join("node_modules").exists()
    };
    oracle::find("machines in a second interpreter", is_there)
        .as_ref()
        .map(place)
}

#[test]
fn a_second_interpreter_agrees() {
    let Some(program) = find() else { return };
    let mut runs = 0;
    let mut seen = BTreeSet::new();
    for (name, text) in shapes() {
        let (flow, _) = sketch::flow(&text);
        runs += agrees(&program, &name, &flow, &machine(&text, &deployment()));
    }
    for flow in flows::compiled() {
        // No interpreter runs a distributed map.
        if !flow.machine.to_string().contains("ResultWriter") && seen.insert(outline(&flow.flow)) {
            runs += agrees(&program, &flow.name, &flow.flow, &flow.machine);
        }
    }
    assert!(runs > 50, "{runs} runs");
}

/// The steps and where they lead: what decides how a machine runs.
fn outline(flow: &Flow) -> Vec<(String, Vec<String>)> {
    let steps = flow.steps.iter().map(|step| {
        let targets = step.targets().into_iter().map(|target| target.name.clone());
        (step.name.clone(), targets.collect())
    });
    steps.collect()
}

/// Runs a machine until every outcome of its switches came up; how often.
fn agrees(program: &[PathBuf; 2], name: &str, flow: &Flow, machine: &Json) -> usize {
    let mut missing = None;
    let mut runs = 0;
    for seed in 0..200 {
        let chooser = Chooser {
            flow,
            width: 1 + (seed + name.len()) % 3,
            seed,
            is_even: true,
        };
        let missing = missing.get_or_insert_with(|| chooser.outcomes());
        let wanted = model::run(&chooser);
        let taken = model::taken(&wanted);
        // Only runs that show something new.
        if runs > 0 && !missing.iter().any(|outcome| taken.contains(outcome)) {
            continue;
        }
        missing.retain(|outcome| !taken.contains(outcome));
        assert_eq!(
            executed(program, machine, &chooser, &wanted),
            wanted,
            "{name}, width {}, seed {seed}",
            chooser.width
        );
        runs += 1;
    }
    assert_eq!(missing, Some(BTreeSet::new()), "{name}");
    runs
}

type Inputs = BTreeMap<String, Vec<String>>;

fn executed([script, home]: &[PathBuf; 2], machine: &Json, chooser: &Chooser, wanted: &Inputs) -> Inputs {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Json| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    };
    let ran = Command::new("node")
        .arg("--no-deprecation")
        .args([script, home])
        .arg(write("machine.json", machine))
        .arg(write("mock.json", &answers(chooser, wanted)))
        .arg("{}")
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)));
    assert_eq!(
        report["status"], "SUCCEEDED",
        "{} {}",
        report["error"], report["cause"]
    );
    let mut execution = Execution::default();
    for job in report["jobs"].as_array().unwrap() {
        let environment = job["environment"].as_object().unwrap().iter();
        let environment: Json = environment
            .map(|(name, value)| json!({"Name": name, "Value": value}))
            .collect();
        let parameters = json!({
            "Parameters": job["parameters"],
            "ContainerOverrides": {"Command": job["command"], "Environment": environment},
        });
        execution.job(job["id"].as_str().unwrap(), &parameters, chooser);
    }
    execution.inputs
}

/// The answers to what states ask of the table: all items of a foreach go through a loop side by side.
fn answers(chooser: &Chooser, wanted: &Inputs) -> Json {
    let mut turns: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for task in wanted.keys() {
        let (step, rest) = task.split_once('[').unwrap();
        let turn = rest.rsplit('#').next().unwrap().parse().unwrap();
        *turns.entry((step, turn)).or_default() += 1;
    }
    let mut choose: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut cardinality: BTreeMap<&str, usize> = BTreeMap::new();
    for ((step, turn), count) in turns {
        if let Some(width) = chooser.width(step) {
            cardinality.insert(step, width);
        }
        if chooser.outcomes().iter().any(|(switch, _)| switch == step) {
            let task = model::Task {
                step: step.to_owned(),
                indices: Vec::new(),
                turn,
            };
            let chosen = chooser.choose(&task);
            choose
                .entry(step)
                .or_default()
                .extend(std::iter::repeat_n(chosen, count));
        }
    }
    json!({"choose": choose, "cardinality": cardinality})
}
