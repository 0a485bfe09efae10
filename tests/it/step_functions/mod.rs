//! Step Functions: the shapes of flows and what is made of them.

use std::collections::BTreeMap;

use flowc::backend::{self, Emitted, Format};
use flowc::flow::{Flow, Tail, Transition};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::{ArgoSettings, Code, Datastore, DatastoreKind, Deployment, StepFunctionsSettings};
use flowc::target::{Target, TargetVersion, Version};
use serde_json::Value as Json;

use crate::sketch;

mod interpreter;
mod model;
mod recorded;

use model::Chooser;

pub fn deployment() -> Deployment {
    Deployment {
        datastore: Datastore {
            kind: DatastoreKind::S3,
            root: "s3://bucket/metaflow".to_owned(),
        },
        code: Code::Image {
            directory: Some("/app".to_owned()),
        },
        image: Some("python:3.11".to_owned()),
        owner: "me".to_owned(),
        namespace: None,
        tags: Vec::new(),
        max_workers: 100,
        name: None,
        branch: None,
        is_production: false,
        production_token: None,
        with: Vec::new(),
        metaflow_version: None,
        workflow_timeout: None,
        metaflow: BTreeMap::new(),
        argo: ArgoSettings::default(),
        airflow: flowc::settings::AirflowSettings::default(),
        step_functions: StepFunctionsSettings {
            region: Some("eu-central-1".to_owned()),
            job_queue: Some("queue".to_owned()),
            job_role: Some("arn:aws:iam::123456789012:role/job".to_owned()),
            table: Some("table".to_owned()),
            ..StepFunctionsSettings::default()
        },
        is_draft: false,
        placeholders: Vec::new(),
    }
}

/// What is emitted for a sketch.
pub fn emitted(text: &str, deployment: &Deployment) -> Emitted {
    let (flow, _) = sketch::flow(text);
    let graph = FlowGraph::new(&flow);
    let target = TargetVersion {
        target: Target::StepFunctions,
        oldest: Version::new(1, 0),
        newest: Version::new(1, 0),
    };
    let checked = lint::run(&graph, &[], Some(target)).checked.unwrap();
    let origin = Origin {
        file_name: "flow.py".to_owned(),
        digest: String::new(),
    };
    backend::emit(&Plan::new(&checked, deployment, &origin), Format::Usual)
}

/// The state machine of a sketch.
pub fn machine(text: &str, deployment: &Deployment) -> Json {
    serde_json::from_str(&emitted(text, deployment).files[0].1).unwrap()
}

/// The sketches of all shapes that Step Functions is asked to run, by name.
pub fn shapes() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/argo/shapes");
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mut shapes: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                read(&path),
            )
        })
        .filter(|(_, text)| !is_refused(&sketch::flow(text).0))
        .collect();
    shapes.sort();
    assert!(shapes.len() >= 28, "{} shapes", shapes.len());
    shapes
}

/// Metaflow refuses a switch that leads to a join, and a start that is recursive; AWS Batch has no gangs.
fn is_refused(flow: &Flow) -> bool {
    let is_join = |name: &str| {
        flow.steps
            .iter()
            .any(|step| step.name == name && step.argument_count > 1)
    };
    flow.steps.iter().any(|step| match &step.tail {
        Tail::Next {
            transition: transition @ Transition::Switch { .. },
            ..
        } => {
            let targets = transition.targets();
            targets
                .iter()
                .any(|target| is_join(&target.name) || target.name == "start")
        }
        Tail::Next {
            transition: Transition::Parallel { .. },
            ..
        } => true,
        _ => false,
    })
}

#[test]
fn every_shape_runs_as_the_flow_says() {
    let mut runs = 0;
    for (name, text) in shapes() {
        let (flow, _) = sketch::flow(&text);
        let machine = machine(&text, &deployment());
        for (width, seed) in (1..=3).flat_map(|width| (0..12).map(move |seed| (width, seed))) {
            let chooser = Chooser {
                flow: &flow,
                width,
                seed,
            };
            let execution = interpreter::run(&machine, &chooser);
            assert_eq!(
                execution.inputs,
                model::run(&chooser),
                "{name}, width {width}, seed {seed}"
            );
            runs += 1;
        }
    }
    assert!(runs > 1000, "{runs} runs");
}
