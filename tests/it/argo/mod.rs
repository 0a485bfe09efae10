//! Argo: the shapes of flows and what is made of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowc::backend::{self, Format};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::{
    ArgoSettings, Code, Datastore, DatastoreKind, Deployment, Metaflow, StepFunctionsSettings,
};
use flowc::target::{Target, TargetVersion, Version};

use crate::sketch;

mod names;
mod notices;
mod texts;

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
        python_version: None,
        workflow_timeout: None,
        metaflow: BTreeMap::new(),
        argo: ArgoSettings::default(),
        step_functions: StepFunctionsSettings::default(),
        airflow: flowc::settings::AirflowSettings::default(),
        is_draft: false,
        placeholders: Vec::new(),
    }
}

pub fn argo() -> TargetVersion {
    TargetVersion {
        target: Target::Argo,
        oldest: Version::new(4, 1),
        newest: Version::new(4, 1),
    }
}

/// The definition of a sketch.
pub fn compiled(text: &str) -> String {
    compiled_for(text, Version::new(4, 1))
}

/// The same for one version of Argo.
pub fn compiled_for(text: &str, version: Version) -> String {
    let (flow, _) = sketch::flow(text);
    let graph = FlowGraph::new(&flow);
    let target = TargetVersion {
        oldest: version,
        newest: version,
        ..argo()
    };
    let checked = lint::run(&graph, &[], Some(target)).checked.unwrap();
    let origin = Origin {
        file_name: "flow.py".to_owned(),
        digest: String::new(),
        ..Origin::default()
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

fn shape_files() -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(manifest("fixtures/argo/shapes")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 34, "{} shapes", paths.len());
    paths
}

#[test]
fn every_shape_is_laid_out_as_it_was_run() {
    #[expect(clippy::disallowed_methods, reason = "below `target/`")]
    let write = |path: &std::path::Path, text: &str| std::fs::write(path, text).unwrap();
    let target = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/argo-shapes");
    std::fs::create_dir_all(&target).unwrap();
    for path in shape_files() {
        let text = read_text(&path);
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

/// A flow whose texts are as bad as they get.
const HOSTILE: &str = r#"
from metaflow import FlowSpec, Parameter, environment, kubernetes, step

class HostileFlow(FlowSpec):
    "Docstring: with 'quotes', {{braces}} and # signs"
    text = Parameter("text", default="it's \"q\" $(touch x) {{=1+1}} ü\n\ttail ", help="y: {{x}} 'no'")
    yes = Parameter("y", default="on")
    version = Parameter("version", default="1.10")
    none = Parameter("none")
    must = Parameter("must", type=int, required=True)
    flag = Parameter("flag", default=True)

    @environment(vars={"A": "$(HOME) $$ {{=1+1}}", "y": "null", "EMPTY": "x", "METAFLOW_OWNER": "me"})
    @kubernetes(labels={"a": "1"}, annotations={"note": "~"})
    @step
    def start(self):
        self.next(self.y)

    @step
    def y(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    HostileFlow()
"#;

/// The definition of a source, compiled as the command line does.
fn compiled_source(source: &str, deployment: &Deployment, format: Format) -> String {
    let environment = BTreeMap::new();
    let inputs = flowc::flow::Inputs {
        files: &NoFiles,
        environment: &environment,
        configs: &flowc::flow::Configs::default(),
        defines: &BTreeMap::new(),
        known_decorators: &BTreeMap::new(),
        harmless_bases: &std::collections::BTreeSet::new(),
    };
    let entry = flowc::flow::Entry {
        path: std::path::Path::new("a flow.py"),
        text: Some(source.as_bytes()),
        class: None,
    };
    let checkup = flowc::read(entry, &inputs).unwrap();
    let flow = &checkup.flows[0];
    let path = std::path::Path::new("a flow.py");
    let compiled = flowc::compile(&checkup, flow, path, argo(), Some(deployment), format);
    let errors: Vec<_> = compiled
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    compiled.emitted.unwrap().files.remove(0).1
}

struct NoFiles;

impl flowc::source::Files for NoFiles {
    fn read(&self, _: &std::path::Path) -> std::io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn is_folder(&self, _: &std::path::Path) -> bool {
        false
    }
}

/// A key that stands twice is no YAML.
#[test]
fn a_resource_named_twice_stands_once() {
    let plain = "@kubernetes(labels";
    let named = r#"@kubernetes(gpu=1, extended_resources={"cpu": 4, "nvidia.com/gpu": 1, "example.com/x": 3}, labels"#;
    let source = HOSTILE.replacen(plain, named, 1);
    let definition = compiled_source(&source, &deployment(), Format::Yaml);
    let _: serde_json::Value = serde_saphyr::from_str(&definition).unwrap();
    for resource in ["cpu: \"4\"", "nvidia.com/gpu: \"1\"", "example.com/x: \"3\""] {
        // Once in the requests, once in the limits.
        assert_eq!(
            definition.matches(resource).count(),
            2,
            "{resource}: {definition}"
        );
    }
}

#[test]
fn every_text_of_the_yaml_is_read_back() {
    let deployment = Deployment {
        tags: vec![
            "it's $(HOME) `id` {{=1+1}} ü".to_owned(),
            "a;echo \"x\"".to_owned(),
        ],
        owner: "o'brien".to_owned(),
        ..deployment()
    };
    let yaml = compiled_source(HOSTILE, &deployment, Format::Yaml);
    let json = compiled_source(HOSTILE, &deployment, Format::Json);
    let read: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    let meant: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read, meant);
    insta::assert_snapshot!("hostile", yaml);
}

pub fn manifest(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
pub fn read_text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_wanted_difference_is_explained() {
    let wanted = read_text(&manifest("fixtures/argo/wanted-differences.txt"));
    let page = read_text(&manifest("docs/differences.md"));
    for line in wanted.lines().filter(|line| !line.starts_with('#')) {
        let (_, reason) = line.split_once("  # [").expect(line);
        let (heading, _) = reason.split_once(']').expect(line);
        assert!(
            page.contains(&format!("\n### {heading}\n")),
            "no heading for: {line}"
        );
    }
}

const DEPLOYED: &str = r#"
from metaflow import FlowSpec, JSONType, Parameter, exit_hook, project, schedule, step, trigger

def tell(run):
    pass

@exit_hook(on_success=[tell], on_error=[tell, "package.module.cry"], options={"image": "hook:1"})
@trigger(events=[{"name": "data.updated", "parameters": {"ALPHA": "a", "js": "j"}}, "other"])
@schedule(cron="0 6 ? * 2-6 *", timezone="Europe/Berlin")
@project(name="demo")
class DeployedFlow(FlowSpec):
    alpha = Parameter("Alpha", default=0.5)
    js = Parameter("js", type=JSONType, default='{"a": 1}')

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    DeployedFlow()
"#;

/// Everything of a bundle but the templates and defaults, which other tests show.
#[test]
fn schedules_events_and_hooks() {
    let settings = [
        ("ARGO_EVENTS_EVENT", "metaflow-event"),
        ("ARGO_EVENTS_EVENT_SOURCE", "argo-events-webhook"),
        ("ARGO_EVENTS_SERVICE_ACCOUNT", "operate-workflow-sa"),
    ];
    let deployment = Deployment {
        metaflow: settings
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        production_token: Some("demo-0-abcd".to_owned()),
        ..deployment()
    };
    let yaml = compiled_source(DEPLOYED, &deployment, Format::Yaml);
    let (head, rest) = yaml.split_once("  volumes:\n").unwrap();
    let (templates, others) = rest.split_once("\n---\n").unwrap();
    let handlers = templates.split_once("  - name: exit-hook\n").unwrap().1;
    insta::assert_snapshot!(
        "deployed",
        format!("{head}  …\n  - name: exit-hook\n{handlers}\n---\n{others}")
    );
    let json = compiled_source(DEPLOYED, &deployment, Format::Json);
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    let kinds: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["WorkflowTemplate", "CronWorkflow", "Sensor"]);
}
