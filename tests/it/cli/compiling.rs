//! `flowc compile`: where definitions go, and what stands in their way.

use super::*;

#[test]
fn what_a_definition_lacks_is_listed_at_once() {
    let project = project();
    let ran = project.run(compile("good.py", &[])).ends(2);
    assert_eq!(ran.out, "");
    let ran = ran
        .complains("3 settings are missing")
        .complains("--datastore-root URL")
        .complains("steps `end`, `start`");
    let block: String = ran
        .err
        .lines()
        .filter(|line| line.contains(" = "))
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("flowc.toml", block);
    project
        .run(compile("good.py", &[]))
        .ends(0)
        .says("kind: WorkflowTemplate");
}

#[test]
fn a_draft_says_so() {
    let project = project();
    let ran = project
        .run(compile("good.py", &["--draft"]))
        .ends(0)
        .complains("draft");
    assert!(
        ran.out.starts_with("# ") && ran.out.lines().next().unwrap().contains("draft"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("s3://DATASTORE-ROOT"), "{}", ran.out);
    let whole = project
        .run(compile("good.py", &[&DEPLOYMENT[..], &["--draft"]].concat()))
        .ends(0)
        .without_stderr();
    assert!(!whole.out.contains("draft"), "{}", whole.out);
}

#[test]
fn findings_stand_in_the_way_of_a_definition() {
    let project = project();
    let ran = project
        .run(compile("bad.py", &DEPLOYMENT))
        .ends(1)
        .complains("FLC110");
    assert_eq!(ran.out, "");
    project
        .run(compile(
            "bad.py",
            &[&DEPLOYMENT[..], &["-o", "out.yaml"]].concat(),
        ))
        .ends(1);
    assert_eq!(project.names(), ["bad.py", "good.py"]);
}

#[test]
fn a_dash_is_stdout() {
    let project = Project::new(&[("good.py", GOOD)]);
    let to_stdout = ["-o", "-"];
    let commands = [
        (compile("good.py", &DEPLOYMENT), to_stdout),
        (vec!["graph", "good.py"], to_stdout),
        (vec!["check", "good.py"], ["--output-file", "-"]),
    ];
    for (command, dash) in commands {
        let plain = project.run(command.clone()).ends(0).out;
        let dashed = project.run([&command[..], &dash].concat()).ends(0).out;
        assert_eq!(dashed, plain, "{command:?}");
    }
    assert_eq!(project.names(), ["good.py"]);
}

#[test]
fn definitions_go_to_files_and_folders() {
    let project = project();
    let text = project
        .run(compile("good.py", &DEPLOYMENT))
        .ends(0)
        .without_stderr()
        .out;
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["-o", "train.yaml"]].concat(),
        ))
        .ends(0);
    assert_eq!(project.read("train.yaml"), text);
    project.write("out/keep.txt", "mine");
    project
        .run(compile("good.py", &[&DEPLOYMENT[..], &["-o", "out/"]].concat()))
        .ends(0);
    assert_eq!(project.read("out/keep.txt"), "mine");
    assert_eq!(std::fs::read_dir(project.path("out")).unwrap().count(), 2);
    let json = project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["--format", "json"]].concat(),
        ))
        .ends(0)
        .out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["kind"], "WorkflowTemplate");
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["-o", "gone/x.yaml"]].concat(),
        ))
        .ends(2)
        .complains("gone/x.yaml");
}

#[test]
fn options_of_a_deployment_are_checked() {
    let project = project();
    let with = |option: &[&str]| {
        let mut all = compile("good.py", &DEPLOYMENT);
        all.extend(option);
        project.run(all)
    };
    with(&["--set", "FOO=1"])
        .ends(2)
        .complains("--set: `METAFLOW_FOO` is no setting of Metaflow");
    with(&["--set", "METAFLOW_SERVICE_ULR=x"])
        .ends(2)
        .complains("did you mean `METAFLOW_SERVICE_URL`?");
    with(&["--set", "nothing"]).ends(2).complains("--set");
    with(&["-D", "nothing"]).ends(2).complains("-D");
    with(&["--config", "nothing"]).ends(2).complains("--config");
    let image = [
        "compile", "good.py", "--draft", "--target", "argo", "--image", "a b",
    ];
    project
        .run(image)
        .ends(2)
        .complains("image: `a b` is no name of an image: it has a blank");
    // What Argo would evaluate, where nothing keeps it from that.
    with(&["--production-token", "a{{=1+1}}"])
        .ends(2)
        .complains("production-token: `a{{=1+1}}` contains `{{`, which Argo Workflows would evaluate");
    for name in [
        "KUBERNETES_CONTAINER_REGISTRY",
        "DEFAULT_CONTAINER_REGISTRY",
        "ARGO_EVENTS_SENSOR_NAMESPACE",
    ] {
        let setting = format!("METAFLOW_{name}");
        with(&["--set", &format!("{setting}=a{{{{=1+1}}}}")])
            .ends(2)
            .complains(&format!("--set: {setting}: `a{{{{=1+1}}}}` is no "));
    }
    with(&["--set", "METAFLOW_KUBERNETES_CONTAINER_REGISTRY=localhost:5000/"]).ends(0);
    with(&["--argo-version", "9.9"]).ends(2).complains("3.6 to 4.1");
    let airflow = |version: &'static str| {
        let options = ["--target", "airflow", "--provider-version", version];
        project.run([&["compile", "good.py"], &DEPLOYMENT[..], &options].concat())
    };
    airflow("10.25.0")
        .ends(0)
        .complains("note[FLC402]: `--provider-version 10.25` has no effect");
    airflow("7.1").ends(2).complains("`7.1` is not 7.2 or later");
    airflow("new").ends(2).complains("`new` is not 7.2 or later");
    with(&["--max-workers", "0"]).ends(2).complains("max-workers");
    let code = |code: &str| {
        project.run([
            "compile", "good.py", "--target", "argo", "--draft", "--code", code,
        ])
    };
    code("package").ends(0).says("s3://DATASTORE-ROOT/");
    code("s3://b/x@123").ends(2).complains("SHA-1");
    code("zip").ends(2).complains("`zip`");
    let root = |root: &str| {
        project.run([
            "compile",
            "good.py",
            "--target",
            "argo",
            "--draft",
            "--datastore-root",
            root,
        ])
    };
    root("ftp://x").ends(2).complains("unknown scheme");
    root("/tmp/x").ends(2).complains("has no scheme");
    project
        .run([
            "compile",
            "good.py",
            "--target",
            "argo",
            "--draft",
            "--datastore",
            "gs",
            "--datastore-root",
            "s3://b",
        ])
        .ends(2);
}

#[test]
fn one_of_several_flows_is_named() {
    let several = format!(
        "{GOOD}\n\nclass Other(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
    );
    let several = several.replace("if __name__ == \"__main__\":\n    TrainFlow()\n", "");
    let project = Project::new(&[("several.py", &several), ("none.py", "x = 1\n")]);
    project
        .run(compile("several.py", &DEPLOYMENT))
        .ends(2)
        .complains("`TrainFlow`, `Other`");
    project
        .run(compile("several.py:Other", &DEPLOYMENT))
        .ends(0)
        .says("Other");
    project
        .run(compile("several.py:Gone", &DEPLOYMENT))
        .ends(2)
        .complains("no flow `Gone`");
    project
        .run(compile("none.py", &DEPLOYMENT))
        .ends(2)
        .complains("no flow");
    project.run(["check", "several.py"]).ends(0).says("2 flows");
}

#[test]
fn the_report_says_what_the_definition_rests_on() {
    let project = project();
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["--report", "json:report.json"]].concat(),
        ))
        .ends(0);
    let report: serde_json::Value = serde_json::from_str(&project.read("report.json")).unwrap();
    assert_eq!(report["target"], "argo");
    assert_eq!(report["flow"], "TrainFlow");
    assert_eq!(report["flow_files"][0], "good.py");
    assert_eq!(report["digest"].as_str().unwrap().len(), 40);
    let name = &report["measures"][0];
    assert_eq!(
        (&name["limit"], &name["what"], &name["size"], &name["most"]),
        (
            &"ArgoWorkflowName".into(),
            &"trainflow".into(),
            &9.into(),
            &45.into()
        )
    );
    assert_eq!(report["diagnostics"], serde_json::json!([]));
}

/// What a decorator of `--with` is refused for in the source stands in the way here as well.
#[test]
fn decorators_from_the_command_line_meet_the_rules() {
    let project = project();
    let given = |spec| compile("good.py", &[&DEPLOYMENT[..], &["--with", spec]].concat());
    let refused = [
        ("timeout", "FLC227"),
        ("timeout:seconds=10", "FLC228"),
        ("batch", "FLC401"),
        ("kubernetes:image_pull_policy=zz", "FLC221"),
    ];
    for (spec, code) in refused {
        project
            .run(given(spec))
            .ends(1)
            .complains(code)
            .complains(&format!("attached by `--with {spec}`"));
    }
    project.run(given("timeout:minutes=2")).ends(0).without_stderr();
}

/// Names and variables that would make another definition than the flow says.
#[test]
fn what_argo_would_not_take_is_refused() {
    let vars = |text: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, environment")
            .replacen(
                "    @step",
                &format!("    @environment(vars={{{text}}})\n    @step"),
                1,
            )
    };
    let mounted = |claims: &str| {
        let line = format!("    @kubernetes(persistent_volume_claims={{{claims}}})\n    @step");
        GOOD.replace("import FlowSpec", "import FlowSpec, kubernetes")
            .replacen("    @step", &line, 1)
    };
    let project = Project::new(&[
        ("letters.py", &GOOD.replace("TrainFlow", "Поток")),
        ("ours.py", &vars("\"FLOWC_PARAMETERS\": \"x\"")),
        ("metaflows.py", &vars("\"METAFLOW_STEP_NAME\": \"x\"")),
        ("impossible.py", &vars("\"A=B\": \"x\"")),
        ("mounted.py", &mounted("\"a\": \"/m\", \"b\": \"/m/\"")),
        ("results.py", &mounted("\"a\": \"/mnt/out\"")),
        ("executor.py", &mounted("\"tmp-dir-argo\": \"/d\"")),
    ]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    project
        .run(given("letters.py", &[]))
        .ends(1)
        .complains("error[FLC507]: `Поток` leaves no name for the workflow");
    project
        .run(given("letters.py", &["--name", "train"]))
        .ends(0)
        .says("name: train");
    project
        .run(given("ours.py", &[]))
        .ends(1)
        .complains("error[FLC410]");
    project
        .run(given("metaflows.py", &[]))
        .ends(0)
        .complains("warning[FLC518]: `METAFLOW_STEP_NAME` of `start` has no effect");
    project
        .run(given("impossible.py", &[]))
        .ends(1)
        .complains("error[FLC250]");
    for (file, place) in [("mounted.py", "/m"), ("results.py", "/mnt/out")] {
        project
            .run(given(file, &[]))
            .ends(1)
            .complains(&format!("error[FLC519]: `{place}` "));
    }
    project
        .run(given("executor.py", &[]))
        .ends(1)
        .complains("error[FLC519]: the claim `tmp-dir-argo` has the name of the volume of Argo's executor");
    let check = |target| ["check", "executor.py", "--target", target];
    project.run(check("airflow")).ends(0);
}

/// A step may name the namespace that the workflow is deployed in, however that is given, and no other.
#[test]
fn a_step_may_name_the_deployments_namespace() {
    let named = |name: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, kubernetes")
            .replacen(
                "    @step",
                &format!("    @kubernetes(namespace=\"{name}\")\n    @step"),
                1,
            )
    };
    let project = Project::new(&[("ml.py", &named("ml")), ("default.py", &named("default"))]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    project
        .run(given("ml.py", &[]))
        .ends(1)
        .complains("error[FLC403]");
    project
        .run(given("default.py", &[]))
        .ends(0)
        .says("namespace: default");
    project
        .run(given("default.py", &["--k8s-namespace", "ml"]))
        .ends(1)
        .complains("error[FLC403]");
    let setting = ["--set", "METAFLOW_KUBERNETES_NAMESPACE=ml"];
    for option in [&["--k8s-namespace", "ml"], &setting] {
        project.run(given("ml.py", option)).ends(0).says("namespace: ml");
    }
    let missing = ["compile", "ml.py", "--target", "argo", "--k8s-namespace", "ml"];
    project.run(missing).ends(2).complains("--datastore-root");
    let taken = ["--env", "METAFLOW_KUBERNETES_NAMESPACE"];
    project
        .run_with(
            given("ml.py", &taken),
            &[("METAFLOW_KUBERNETES_NAMESPACE", "ml")],
            b"",
        )
        .ends(0)
        .says("namespace: ml");
    let with = ["--k8s-namespace", "ml", "--with", "kubernetes:namespace=ml"];
    project.run(given("ml.py", &with)).ends(0);
    project.write("flowc.toml", "target = [\"argo\"]\nk8s-namespace = \"ml\"\n");
    project.run(["check", "ml.py"]).ends(0);
}

/// A tag that looks like a hole of the script's template.
#[test]
fn tags_are_not_taken_for_holes() {
    let project = project();
    let options = ["--tag", "see #STEP and #INIT"];
    project
        .run(compile("good.py", &[&DEPLOYMENT[..], &options].concat()))
        .ends(0)
        .says("'--tag=see #STEP and #INIT'");
}

/// Metaflow's tasks refuse options that contradict their decorator.
#[test]
fn options_of_projects_are_held_against_the_decorator() {
    let flow = |project: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, project")
            .replace("class Train", &format!("@project({project})\nclass Train"))
    };
    let project = Project::new(&[
        ("branch.py", &flow("name=\"demo\", branch=\"x_1\"")),
        ("plain.py", &flow("name=\"demo\"")),
        ("never.py", &flow("name=\"demo\", production=False")),
    ]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    // A branch that stands in the source needs no user.
    project
        .run(given("branch.py", &[]))
        .ends(0)
        .says("name: demo.test.x1.trainflow");
    project
        .run(given("branch.py", &["--branch", "y"]))
        .ends(1)
        .complains("`--branch y` contradicts the branch `x_1` of `@project`");
    project
        .run(given("plain.py", &["--branch", "X"]))
        .ends(1)
        .complains("`--branch X` is no branch of a project");
    project
        .run(given("never.py", &["--production"]))
        .ends(1)
        .complains("`--production` contradicts `production=False`");
}

/// Metaflow hands a parameter `script` over as `METAFLOW_INIT_SCRIPT`, which its containers execute.
#[test]
fn no_parameter_is_executed() {
    let flow = GOOD
        .replace("FlowSpec, step", "FlowSpec, Parameter, step")
        .replacen(
            "    @step",
            "    script = Parameter(\"script\", default=\"touch x\")\n\n    @step",
            1,
        );
    let project = Project::new(&[("train.py", &flow)]);
    for target in ["argo", "airflow", "step-functions"] {
        let words = ["compile", "train.py", "--draft", "--target", target];
        let ran = project.run(
            words
                .into_iter()
                .chain(["--set", "KUBERNETES_SANDBOX_INIT_SCRIPT=echo 1"]),
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains("eval \"${METAFLOW_INIT_"), "{target}");
        let preparation = "eval \"${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}";
        assert_eq!(
            ran.out.contains(preparation),
            target != "step-functions",
            "{target}"
        );
    }
}

#[test]
fn what_others_wrote_in_a_folder_stays() {
    let project = project();
    let hand_written = "resources:\n- mine.yaml\n";
    project.write("out/kustomization.yaml", hand_written);
    let both = [&DEPLOYMENT[..], &["-o", "out/", "--kustomization"]].concat();
    let refused = project.run(compile("good.py", &both)).ends(2);
    refused.complains("`out/kustomization.yaml` is there and is not flowc's");
    assert_eq!(project.read("out/kustomization.yaml"), hand_written);
    assert_eq!(std::fs::read_dir(project.path("out")).unwrap().count(), 1);
    // Its own it does write over, in each format.
    for format in ["yaml", "json", "yaml"] {
        let own = ["-o", "own/", "--kustomization", "--format", format];
        let command = compile("good.py", &[&DEPLOYMENT[..], &own].concat());
        project.run(command.clone()).ends(0);
        project.run(command).ends(0);
    }
}

#[test]
fn keys_of_services_are_shown_nowhere() {
    let project = project();
    let keys = [
        "--notify-on-error",
        "--notify-slack-webhook-url",
        "https://hooks.slack.com/services/T0/B0/hush",
        "--set",
        "METAFLOW_SERVICE_AUTH_KEY=hush",
    ];
    let report = [&DEPLOYMENT[..], &keys, &["--report", "json:report.json"]].concat();
    let ran = project.run(compile("good.py", &report)).ends(0);
    ran.complains("warning[FLC542]: what `METAFLOW_SERVICE_AUTH_KEY` holds stands in the definition");
    let report = project.read("report.json");
    assert!(
        !report.contains("hush") && report.contains("metaflow.SERVICE_AUTH_KEY"),
        "{report}"
    );
    let settings = ["settings", "."].into_iter().chain(keys);
    let shown = project.run(settings).ends(0).out;
    assert!(
        !shown.contains("hush") && shown.contains("metaflow.SERVICE_AUTH_KEY"),
        "{shown}"
    );
    let reference = [
        "settings",
        ".",
        "--notify-slack-webhook-url",
        "secret:alerts/slack",
    ];
    project.run(reference).ends(0).says("secret:alerts/slack");
}
