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
    };
    let entry = flowc::flow::Entry {
        path: std::path::Path::new("a flow.py"),
        text: Some(source.as_bytes()),
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

#[test]
fn what_users_write_is_kept_from_argo_and_kubernetes() {
    let json = compiled_source(HOSTILE, &deployment(), Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&json).unwrap();
    let templates = definition["spec"]["templates"].as_array().unwrap();
    let leaf = templates
        .iter()
        .find(|template| template["name"] == "step")
        .unwrap();
    let env: Vec<(&str, &str)> = leaf["container"]["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["name"].as_str().unwrap(), entry["value"].as_str().unwrap()))
        .collect();
    // First the variable that the others need; not those that the task itself needs.
    assert_eq!(
        env[..3],
        [
            ("EMPTY", ""),
            ("A", "$$(HOME) $$$$ {$(EMPTY){=1+1}}"),
            ("y", "null")
        ]
    );
    assert!(!env.iter().any(|(name, _)| *name == "METAFLOW_OWNER"));
    for place in ["workflowMetadata", "podMetadata"] {
        for (name, text) in definition["spec"][place]["annotations"].as_object().unwrap() {
            let tags: Vec<_> = text.as_str().unwrap().match_indices("{{").collect();
            assert!(tags.is_empty() || name == "metaflow/run_id", "{name}: {text}");
        }
    }
}

#[test]
fn parameters_are_json_and_a_required_one_has_no_value() {
    let json = compiled_source(HOSTILE, &deployment(), Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut values = BTreeMap::new();
    for parameter in definition["spec"]["arguments"]["parameters"].as_array().unwrap() {
        values.insert(parameter["name"].as_str().unwrap(), parameter["value"].as_str());
    }
    let text = "\"it's \\\"q\\\" $(touch x) {{=1+1}} ü\\n\\ttail \"";
    let wanted = [
        ("flag", Some("true")),
        ("must", None),
        ("none", Some("null")),
        ("text", Some(text)),
        ("version", Some("\"1.10\"")),
        ("y", Some("\"on\"")),
    ];
    assert_eq!(values, BTreeMap::from(wanted));
}

#[test]
fn a_long_flow_is_cut_into_parts_and_stays_small() {
    let steps = (0..400).map(|number| format!("s{number}: s{}\n", number + 1));
    let text = format!("start: s0\n{}s400: end\nend\n", steps.collect::<String>());
    let definition = compiled(&text);
    for part in ["part-1", "part-2", "part-3"] {
        assert!(definition.contains(&format!("- name: {part}\n")), "{part}");
    }
    assert!(!definition.contains("part-4"));
    let read: serde_json::Value = serde_saphyr::from_str(&definition).unwrap();
    for template in read["spec"]["templates"].as_array().unwrap() {
        let tasks = template["dag"]["tasks"].as_array().map_or(0, Vec::len);
        assert!(tasks <= 150, "{tasks} tasks");
    }
    assert!(
        definition.len() / 403 < 400,
        "{} bytes a step",
        definition.len() / 403
    );
}

/// Every word of a text that has another name, with it.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        out.push_str(names.get(&word).unwrap_or(&word));
        word.clear();
        out.push(character);
    }
    out.pop();
    out
}

/// Ten new alphabets for each of the shapes with switches: the definition is the same but for the names.
#[test]
fn renaming_steps_changes_nothing_but_names() {
    let mut random = crate::random::Random::new(7);
    let mut shapes = 0;
    for path in shape_files() {
        let sketch = read_text(&path);
        if !sketch.contains('?') {
            continue;
        }
        shapes += 1;
        let ours = compiled(&sketch);
        for _ in 0..10 {
            let mut names = BTreeMap::new();
            let mut back = BTreeMap::new();
            for line in sketch.lines() {
                let name = line.split([':', '/', '@']).next().unwrap();
                if ["start", "end", ""].contains(&name) {
                    continue;
                }
                // A first letter from anywhere in the alphabet, and no word that the definition has already.
                let letter = char::from(b'a' + u8::try_from(random.below(26)).unwrap());
                let new = format!("{letter}q{}q{}", random.below(1000), names.len());
                back.insert(new.clone(), name.replace('_', "-"));
                names.insert(name.to_owned(), new);
            }
            let theirs = renamed(&compiled(&renamed(&sketch, &names)), &back);
            // A step's own name keeps its underscore, which names of tasks do not have; `n` stands in quotes.
            let plain = |text: &str| text.replace('_', "-").replace('"', "");
            assert!(plain(&ours) == plain(&theirs), "{}: {names:?}", path.display());
        }
    }
    assert!(shapes >= 10, "{shapes} shapes");
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

/// The ids are those of Metaflow 2.19 for the same flows, machine (Linux on x86-64) and datastore.
#[test]
fn environments_have_metaflows_ids() {
    let packages = |class: &str, decorators: [&str; 3]| {
        let [flow, first, second] = decorators;
        format!(
            "from metaflow import FlowSpec, conda, conda_base, pypi, pypi_base, step\n\n{flow}\nclass {class}(FlowSpec):\n    \
             @step\n    def start(self):\n        self.next(self.a)\n    {first}\n    @step\n    def a(self):\n        \
             self.next(self.b)\n    {second}\n    @step\n    def b(self):\n        self.next(self.end)\n    @step\n    \
             def end(self):\n        pass\n"
        )
    };
    let zeros = "0".repeat(40);
    let deployment = Deployment {
        datastore: Datastore {
            kind: DatastoreKind::S3,
            root: "s3://oracle-bucket/metaflow".to_owned(),
        },
        code: Code::Package {
            url: format!("s3://oracle-bucket/metaflow/X/data/00/{zeros}"),
            sha: zeros,
            metaflow: Metaflow::Packed,
        },
        ..deployment()
    };
    let conda = packages(
        "CondaFlow",
        [
            "@conda_base(python=\"3.10.4\", packages={\"pandas\": \"2.0.0\"})",
            "@conda(packages={\"numpy\": \"1.26.0\"})",
            "@conda(disabled=True)",
        ],
    );
    let pypi = packages(
        "PypiFlow",
        [
            "@pypi_base(python=\"3.11\", packages={\"requests\": \"2.31.0\"})",
            "@pypi(packages={\"numpy\": \"1.26.0\"})",
            "@pypi(disabled=True)",
        ],
    );
    for (source, ids, name) in [
        (conda, ["fcb3b25223d44a8", "36b57e5a27c0d0c"], "conda"),
        (pypi, ["08d6f09f7658c9d", "2f4bb482d012fb4"], "pypi"),
    ] {
        let definition = compiled_source(&source, &deployment, Format::Yaml);
        let found: Vec<&str> = definition
            .split("- name: FLOWC_ENVIRONMENT_ID\n        value: ")
            .skip(1)
            .map(|rest| rest.lines().next().unwrap().trim_matches('"'))
            .collect();
        // `start` and `end`, `a`; `b` runs in the image's Python.
        assert_eq!(found, ids);
        assert!(definition.contains(&format!("--environment={name} ")));
    }
}

/// What compiling a source finds; code and message.
fn findings(source: &str, deployment: &Deployment) -> Vec<(String, String)> {
    let environment = BTreeMap::new();
    let inputs = flowc::flow::Inputs {
        files: &NoFiles,
        environment: &environment,
        configs: &flowc::flow::Configs::default(),
        defines: &BTreeMap::new(),
        known_decorators: &BTreeMap::new(),
    };
    let path = std::path::Path::new("flow.py");
    let entry = flowc::flow::Entry {
        path,
        text: Some(source.as_bytes()),
    };
    let checkup = flowc::read(entry, &inputs).unwrap();
    let flow = &checkup.flows[0];
    let compiled = flowc::compile(&checkup, flow, path, argo(), Some(deployment), Format::Yaml);
    let found = compiled.diagnostics.iter();
    found
        .map(|found| (found.rule.code.to_owned(), found.message.clone()))
        .collect()
}

/// A flow of a start and an end, with more at its class and start step.
fn two_steps(class: &str, decorators: &str, body: &str) -> String {
    format!(
        "from metaflow import *\n{decorators}class {class}(FlowSpec):\n{body}    @step\n    def start(self):\n        \
         self.next(self.end)\n    @step\n    def end(self):\n        pass\nif __name__ == \"__main__\":\n    {class}()\n"
    )
}

#[test]
fn limits_are_told_with_numbers() {
    let codes = |source: &str| -> Vec<String> {
        let found = findings(source, &deployment()).into_iter();
        found
            .map(|(code, _)| code)
            .filter(|code| code.starts_with("FLC5"))
            .collect()
    };
    let parameters: String = (0..501)
        .map(|number| format!("    p{number} = Parameter(\"p{number}\", default=1)\n"))
        .collect();
    assert_eq!(codes(&two_steps("Many", "", &parameters)), ["FLC515"]);
    let large = format!("    p = Parameter(\"p\", default=\"{}\")\n", "x".repeat(100_000));
    assert_eq!(codes(&two_steps("Large", "", &large)), ["FLC504", "FLC506"]);
    assert_eq!(codes(&two_steps("Ü", "", "")), ["FLC507"]);
    let beside = two_steps("A_B", "", "") + &two_steps("AB", "", "");
    assert_eq!(codes(&beside), ["FLC517"]);
    let long = two_steps(&"L".repeat(46), "", "");
    assert_eq!(codes(&long), ["FLC501"]);
    let looping = "from metaflow import *\nclass Loop(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.fan)\n    \
                   @step\n    def fan(self):\n        self.xs = [1]\n        self.next(self.turn, foreach=\"xs\")\n    @step\n    \
                   def turn(self):\n        self.way = \"x\"\n        self.next({\"again\": self.turn, \"x\": self.out}, \
                   condition=\"way\")\n    @step\n    def out(self):\n        self.next(self.join)\n    @step\n    \
                   def join(self, inputs):\n        self.next(self.end)\n    @step\n    def end(self):\n        pass\n";
    let rounds: Vec<_> = findings(looping, &deployment())
        .into_iter()
        .filter(|(code, _)| code == "FLC516")
        .map(|(_, message)| message)
        .collect();
    assert_eq!(
        rounds,
        ["`turn` can run at most 1152 times in a row: Argo Workflows nests templates 100 deep"]
    );
}

#[test]
fn keys_of_services_are_references() {
    use flowc::settings::argo::{Notifications, ServiceKey};
    let notifications = |slack, source: Option<&str>| Deployment {
        argo: ArgoSettings {
            notifications: Notifications {
                on_error: true,
                slack,
                incident_io: source.map(|_| ServiceKey::Given),
                incident_io_alert_source: source.filter(|source| !source.is_empty()).map(str::to_owned),
                ..Notifications::default()
            },
            ..ArgoSettings::default()
        },
        ..deployment()
    };
    let source = two_steps("Told", "", "");
    let codes = |deployment: &Deployment| -> Vec<String> {
        findings(&source, deployment)
            .into_iter()
            .map(|(code, _)| code)
            .collect()
    };
    let named = ServiceKey::In {
        secret: "alerts".to_owned(),
        entry: "slack".to_owned(),
    };
    assert_eq!(codes(&notifications(None, None)), ["FLC510"]);
    assert_eq!(codes(&notifications(Some(ServiceKey::Given), None)), ["FLC511"]);
    assert_eq!(codes(&notifications(None, Some(""))), ["FLC510", "FLC511"]);
    assert!(codes(&notifications(Some(named.clone()), None)).is_empty());
    let definition = compiled_source(&source, &notifications(Some(named), Some("x")), Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&definition).unwrap();
    let templates = definition["spec"]["templates"].as_array().unwrap();
    let notify = templates
        .iter()
        .find(|template| template["name"] == "notify")
        .unwrap();
    let references = notify["container"]["env"].as_array().unwrap().iter();
    let references: Vec<_> = references
        .filter_map(|variable| Some(variable.get("valueFrom")?["secretKeyRef"].to_string()))
        .collect();
    assert_eq!(
        references,
        [
            r#"{"name":"alerts","key":"slack","optional":true}"#,
            r#"{"name":"told-notifications","key":"incident-io","optional":true}"#
        ]
    );
    let hooks = definition["spec"]["hooks"].as_object().unwrap().keys();
    assert_eq!(
        hooks.collect::<Vec<_>>(),
        ["notify-slack-on-error", "notify-incident-io-on-error"]
    );
}

/// Nothing of `@kubernetes` is lost on pods that are no tasks.
#[test]
fn handlers_run_where_the_start_step_runs() {
    let source = two_steps(
        "Placed",
        "def bye(run):\n    pass\n@exit_hook(on_error=[bye])\n",
        "",
    )
    .replacen(
        "    @step\n",
        "    @kubernetes(tolerations=[{\"key\": \"a\", \"operator\": \"Exists\", \"toleration_seconds\": 3}], \
         node_selector={\"x\": \"z\"}, image_pull_secrets=[\"reg\"], service_account=\"sa\", secrets=[\"s1\"], \
         labels={\"team\": \"ml\"}, annotations={\"q\": \"1\"}, image=\"other:1\", image_pull_policy=\"Always\", \
         security_context={\"run_as_user\": 7})\n    @step\n",
        1,
    );
    let deployment = Deployment {
        argo: ArgoSettings {
            has_heartbeat: true,
            ..ArgoSettings::default()
        },
        ..deployment()
    };
    let definition = compiled_source(&source, &deployment, Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&definition).unwrap();
    let templates = definition["spec"]["templates"].as_array().unwrap();
    for name in ["exit-hook", "capture-error", "heartbeat-daemon"] {
        let template = templates
            .iter()
            .find(|template| template["name"] == name)
            .unwrap();
        let wanted = [
            ("/serviceAccountName", "sa"),
            ("/nodeSelector/x", "z"),
            ("/tolerations/0/key", "a"),
            ("/metadata/labels/team", "ml"),
            ("/metadata/annotations/q", "1"),
            ("/podSpecPatch", r#"{"imagePullSecrets":[{"name":"reg"}]}"#),
            ("/container/image", "other:1"),
            ("/container/imagePullPolicy", "Always"),
            ("/container/envFrom/0/secretRef/name", "s1"),
        ];
        for (pointer, value) in wanted {
            assert_eq!(template.pointer(pointer).unwrap(), value, "{name}{pointer}");
        }
        assert_eq!(template.pointer("/tolerations/0/tolerationSeconds").unwrap(), 3);
        assert_eq!(
            template.pointer("/container/securityContext/runAsUser").unwrap(),
            7
        );
    }
    let main = &templates[0]["dag"]["tasks"][0];
    assert_eq!(main["name"], "heartbeat-daemon-task");
}
