//! What a plan for Argo and its measures are told to be, and what its environments and handlers are.

use super::*;

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
        harmless_bases: &std::collections::BTreeSet::new(),
    };
    let path = std::path::Path::new("flow.py");
    let entry = flowc::flow::Entry {
        path,
        text: Some(source.as_bytes()),
        class: None,
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
        "    @kubernetes(tolerations=[{\"key\": \"a\", \"operator\": \"Exists\", \"effect\": \"NoExecute\", \"toleration_seconds\": 3}], \
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

#[test]
fn what_the_api_server_would_refuse_is_told() {
    let codes = |decorators: &str, body: &str, deployment: &Deployment| -> Vec<String> {
        let found = findings(&two_steps("F", decorators, body), deployment).into_iter();
        found.map(|(code, _)| code).collect()
    };
    let mut given = deployment();
    for name in ["EVENT", "EVENT_SOURCE", "SERVICE_ACCOUNT"] {
        given
            .metaflow
            .insert(format!("ARGO_EVENTS_{name}"), "x".to_owned());
    }
    let none: [&str; 0] = [];
    assert_eq!(
        codes("", "    p = Parameter(\"ü\", default=1)\n", &given),
        ["FLC604"]
    );
    let image = "def f(run):\n    pass\n@exit_hook(on_error=[f], options={\"image\": \"Img 9\"})\n";
    assert_eq!(codes(image, "", &given), ["FLC239"]);
    // One of another digest.
    let beside = |name: &str| format!("    p = Parameter(\"{name}\", default=1)\n");
    assert_eq!(
        codes("@trigger(event=\"foo\")\n", &beside("foo_bpxn"), &given),
        none
    );
    assert_eq!(
        codes("@trigger(event=\"foo\")\n", &beside("foo_bpxm"), &given),
        ["FLC541"]
    );
    let twice = |more: &str| format!("@trigger_on_finish(flows=[\"Foo\", {more}])\n");
    assert_eq!(codes(&twice("\"Foo\""), "", &given), ["FLC541"]);
    assert_eq!(codes(&twice("\"p.prod.Foo\""), "", &given), none);
    for odd in ["p'q.prod.Foo", "{{x}}.prod.Foo"] {
        let flow = format!("@trigger_on_finish(flow=\"{odd}\")\n");
        assert_eq!(codes(&flow, "", &given), ["FLC238"], "{odd}");
    }
    // The branch of a user, in which an apostrophe may be.
    let own = "@project(name=\"pp\")\n@trigger_on_finish(flow=\"Up\")\n";
    given.owner = "Zoë".to_owned();
    assert_eq!(codes(own, "", &given), none);
    given.owner = "O'Neil".to_owned();
    assert_eq!(codes(own, "", &given), ["FLC238"]);
}

#[test]
fn every_hook_is_called() {
    let hooks = "def pkg_clean(run):\n    pass\n@exit_hook(on_error=[\"pkg.clean\", pkg_clean])\n\
                 @exit_hook(on_error=[pkg_clean], options={\"image\": \"hooks:1\"})\n\
                 @exit_hook(on_error=[pkg_clean], options={\"image\": \"\"})\n";
    let definition = compiled_source(&two_steps("F", hooks, ""), &deployment(), Format::Yaml);
    let (_, hooks) = definition.split_once("\n  hooks:\n").unwrap();
    let names: Vec<&str> = hooks
        .lines()
        .take_while(|line| line.starts_with("    "))
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert_eq!(
        names,
        ["error-pkg-clean:", "error-pkg-clean-2:", "error-pkg-clean-3:"],
        "{hooks}"
    );
}

#[test]
fn what_has_no_effect_is_told() {
    use flowc::settings::argo::{Notifications, ServiceKey};
    let codes = |source: &str, deployment: &Deployment| -> Vec<String> {
        let found = findings(source, deployment).into_iter();
        found.map(|(code, _)| code).collect()
    };
    let plain = two_steps("F", "", "");
    let mut given = deployment();
    given.argo.has_heartbeat = true;
    assert_eq!(codes(&plain, &given), ["FLC402"]);
    given
        .metaflow
        .insert("DEFAULT_METADATA".to_owned(), "service".to_owned());
    assert!(codes(&plain, &given).is_empty());
    given.argo.notifications = Notifications {
        slack: Some(ServiceKey::Given),
        ..Notifications::default()
    };
    assert_eq!(codes(&plain, &given), ["FLC402"]);
    for (name, code) in [("METAFLOW_TASK_ID", "FLC518"), ("MF_ATTEMPT", "FLC518")] {
        let body = format!("    @environment(vars={{\"{name}\": \"x\"}})\n");
        assert_eq!(codes(&two_steps("F", "", &body), &deployment()), [code], "{name}");
    }
    for (name, value) in [("EMPTY", "x"), ("OTHER", "{{x}}")] {
        let body = format!("    @environment(vars={{\"{name}\": \"{value}\"}})\n");
        assert!(
            codes(&two_steps("F", "", &body), &deployment()).is_empty(),
            "{name}"
        );
    }
    let both = "    @environment(vars={\"EMPTY\": \"x\", \"OTHER\": \"{{x}}\"})\n";
    assert_eq!(codes(&two_steps("F", "", both), &deployment()), ["FLC518"]);
    let tmpfs = "    @kubernetes(use_tmpfs=True, tmpfs_path=\"/{{=1+}}\")\n";
    assert_eq!(codes(&two_steps("F", "", tmpfs), &deployment()), ["FLC254"]);
    let annotated = "    @kubernetes(annotations={\"a\": \"{{=1+}}\"})\n";
    assert_eq!(codes(&two_steps("F", "", annotated), &deployment()), ["FLC254"]);
}
