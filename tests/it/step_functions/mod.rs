//! Step Functions: the shapes of flows and what is made of them.

use std::collections::BTreeMap;

use flowc::backend::{self, Emitted, Format};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::{ArgoSettings, Code, Datastore, DatastoreKind, Deployment, StepFunctionsSettings};
use flowc::target::{Target, TargetVersion, Version};
use serde_json::Value as Json;

use crate::sketch;

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
    // Metaflow refuses a switch that leads to a join or is the start and recursive.
    const REFUSED: [&str; 2] = ["switch-to-join", "loop-start"];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/argo/shapes");
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mut shapes: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(&path)))
        .filter(|(name, _)| !REFUSED.contains(&name.as_str()))
        .collect();
    shapes.sort();
    shapes
}

#[test]
fn dump() {
    for (name, text) in shapes() {
        std::fs::write(format!("/tmp/sfn/{name}.json"), emitted(&text, &deployment()).files[0].1.clone()).unwrap();
    }
}
