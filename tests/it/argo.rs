//! Argo: the shapes of flows and what is made of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowc::backend::{self, Format};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::{ArgoSettings, Code, Datastore, DatastoreKind, Deployment, StepFunctionsSettings};
use flowc::target::{Target, TargetVersion, Version};

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
        step_functions: StepFunctionsSettings::default(),
        airflow: flowc::settings::AirflowSettings::default(),
        is_draft: false,
        placeholders: Vec::new(),
    }
}

fn argo() -> TargetVersion {
    TargetVersion {
        target: Target::Argo,
        oldest: Version::new(4, 1),
        newest: Version::new(4, 1),
    }
}

/// The definition of a sketch.
fn compiled(text: &str) -> String {
    let (flow, _) = sketch::flow(text);
    let graph = FlowGraph::new(&flow);
    let checked = lint::run(&graph, &[], Some(argo())).checked.unwrap();
    let origin = Origin {
        file_name: "flow.py".to_owned(),
        digest: String::new(),
    };
    let plan = Plan::new(&checked, &deployment(), &origin);
    backend::emit(&plan, Format::Yaml).files.remove(0).1
}

/// The part of a definition that depends on the flow's shape: the DAG templates.
fn dags(definition: &str) -> String {
    let templates = definition.split_once("\n  templates:").unwrap().1;
    let mut out = String::new();
    for template in templates.split("\n  - name: ").skip(1) {
        if template.contains("\n    dag:\n") {
            writeln!(out, "- name: {}", template.replace("\n    ", "\n  ")).unwrap();
        }
    }
    out
}

#[test]
fn every_shape_is_laid_out_as_it_was_run() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/argo/shapes");
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    #[expect(clippy::disallowed_methods, reason = "below `target/`")]
    let write = |path: &std::path::Path, text: &str| std::fs::write(path, text).unwrap();
    let target = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/argo-shapes");
    std::fs::create_dir_all(&target).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 34, "{} shapes", paths.len());
    for path in paths {
        let text = read(&path);
        let name = path.file_stem().unwrap().to_str().unwrap();
        let definition = compiled(&text);
        // For `scripts/argo-shapes`, which runs them.
        write(&target.join(format!("{name}.yaml")), &definition);
        let output = format!("{text}\n---\n{}", dags(&definition));
        insta::assert_snapshot!(format!("shape_{name}"), output);
    }
}

#[test]
fn a_whole_definition() {
    insta::assert_snapshot!(compiled("start: end\nend\n"));
}
