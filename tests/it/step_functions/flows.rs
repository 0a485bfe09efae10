//! Whole flows through the program: Metaflow's recorded ones, and those that are executed with their real commands.
//! Each machine is interpreted, and no job's overrides are longer than the report said.

use std::collections::BTreeMap;
use std::path::Path;

use flowc::flow::Flow;
use serde_json::{Value as Json, json};

use super::recorded::{DEFINES, DEPLOYMENT, code};
use super::runs_as_the_flow_says;
use crate::memory;
use crate::program::Project;

/// What AWS Batch may add to the overrides, which the report counts.
const ADDED: usize = 512;

/// A flow with its machine.
pub struct Compiled {
    pub name: String,
    pub flow: Flow,
    pub machine: Json,
    /// By state: what the report says of the overrides.
    reported: BTreeMap<String, usize>,
}

/// Every flow of the recording, and the small ones for real executions.
pub fn compiled() -> Vec<Compiled> {
    let recorded = include_str!("../../../fixtures/metaflow/step-functions.jsonl");
    let mut all: Vec<Compiled> = recorded
        .lines()
        .map(|line| {
            let case: Json = serde_json::from_str(line).unwrap();
            let text = |value: &Json| value.as_str().unwrap().to_owned();
            let files = case["files"].as_object().unwrap().iter();
            let files: Vec<_> = files.map(|(name, value)| (name.clone(), text(value))).collect();
            let options: Vec<_> = case["options"].as_array().unwrap().iter().map(text).collect();
            compile(text(&case["case"]), &text(&case["flow"]), &files, &options)
        })
        .collect();
    for (name, text) in ["fixtures/argo/e2e", "fixtures/step-functions/e2e"]
        .map(python_files)
        .concat()
    {
        // What only Argo has, and a flow that needs another file.
        if ["@exit_hook", "@parallel", "IncludeFile"]
            .iter()
            .all(|word| !text.contains(word))
        {
            all.push(compile(name.clone(), &name, &[(name.clone(), text)], &[]));
        }
    }
    all
}

fn python_files(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "py"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn compile(name: String, file: &str, files: &[(String, String)], options: &[String]) -> Compiled {
    let texts: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let project = Project::new(&texts);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let common = DEPLOYMENT
        .iter()
        .chain(DEFINES)
        .copied()
        .chain(["--report", "json:report"]);
    let ran = project.run(
        common
            .chain(code(&options).iter().copied())
            .chain(options.iter().copied())
            .chain([file]),
    );
    assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    let report: Json = serde_json::from_str(&project.read("report")).unwrap();
    let measures = report["measures"].as_array().unwrap().iter();
    let overrides = measures.filter(|measure| measure["limit"] == "BatchOverrides");
    let reported = overrides.map(|measure| {
        let size = usize::try_from(measure["size"].as_u64().unwrap()).unwrap();
        (measure["what"].as_str().unwrap().to_owned(), size)
    });
    Compiled {
        flow: read(file, files),
        reported: reported.collect(),
        machine: serde_json::from_str(&ran.out).unwrap(),
        name,
    }
}

fn read(file: &str, files: &[(String, String)]) -> Flow {
    let mut memory = memory::Project::default();
    for (name, text) in files {
        memory = memory.with(if name == file { "f.py" } else { name }, text);
    }
    memory.flow()
}

/// An input that gives every parameter its default again.
fn input(machine: &Json) -> Json {
    let start = machine["StartAt"].as_str().unwrap();
    let variables = &machine["States"][start]["Parameters"]["ContainerOverrides"]["Environment"];
    let mut variables = variables.as_array().unwrap().iter();
    match variables.find(|variable| variable["Name"] == "METAFLOW_DEFAULT_PARAMETERS") {
        Some(defaults) => json!({"Parameters": defaults["Value"]}),
        None => json!({}),
    }
}

#[test]
fn every_flow_runs_as_it_says_and_no_job_is_longer_than_reported() {
    let mut flows = 0;
    for Compiled {
        name,
        flow,
        machine,
        reported,
    } in compiled()
    {
        let (_, longest) = runs_as_the_flow_says(&name, &flow, &machine, &input(&machine));
        assert!(
            longest.keys().eq(reported.keys()),
            "{name}: {longest:?} {reported:?}"
        );
        for (state, length) in longest {
            let most = reported[&state];
            assert!(
                length + ADDED <= most && most < 2 * length + ADDED,
                "{name}: {state} has {length}, reported {most}"
            );
        }
        flows += 1;
    }
    assert!(flows >= 80, "{flows} flows");
}
