//! Where the DAG's file is written: never over the flow, and with a word where it would be packed with it.

use crate::program::Project;

const FLOW: &str = "\
from metaflow import FlowSpec, step


class flow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    flow()
";

fn compile<'a>(file: &'a str, output: &'a str) -> Vec<&'a str> {
    let fixed = "--target airflow --datastore-root s3://b/m --code image:/app --image i";
    let options = fixed.split(' ').chain(["-o", output]);
    ["compile", file].into_iter().chain(options).collect()
}

#[test]
fn the_flow_is_not_written_over() {
    let project = Project::new(&[("flow.py", FLOW)]);
    for output in ["./", "flow.py", "../missing/../flow.py"] {
        let ran = project.run(compile("flow.py", output));
        assert_ne!(ran.code, 0, "{output}");
        assert_eq!(project.read("flow.py"), FLOW, "{output}");
    }
    let graph = project.run(["graph", "flow.py", "-o", "flow.py"]).ends(2);
    graph.complains("`flow.py` is a source of the flow: it is not written over");
    assert_eq!(project.read("flow.py"), FLOW);
}

#[test]
fn a_folder_that_is_packed_with_the_flow_is_said() {
    const WORD: &str = "the folder holds the flow: the DAG's file will be in the flow's code package";
    let project = Project::new(&[("code/train.py", FLOW)]);
    project
        .run(compile("code/train.py", "code/"))
        .ends(0)
        .complains(WORD);
    project
        .run(compile("code/train.py", "code/dags/"))
        .ends(0)
        .complains(WORD);
    project
        .run(compile("code/train.py", "dags/"))
        .ends(0)
        .without_stderr();
    assert_eq!(project.read("dags/flow.py"), project.read("code/flow.py"));
}

#[test]
fn a_name_is_one_that_airflow_takes() {
    let project = Project::new(&[("train.py", FLOW), ("named.py", &project_flow())]);
    let named = |file, name| [compile(file, "dag.py"), vec!["--name", name, "--user", "me"]].concat();
    project.run(named("train.py", "my-dag.1")).ends(0);
    for name in ["my dag", "../dag", ".dag", ""] {
        let ran = project.run(named("train.py", name));
        assert_ne!(ran.code, 0, "{name}");
    }
    project
        .run(named("named.py", "dag"))
        .ends(1)
        .complains("has no place in a project");
}

fn project_flow() -> String {
    let flow = FLOW.replace("import FlowSpec", "import FlowSpec, project");
    flow.replace("class flow", "@project(name=\"demo\")\nclass flow")
}

#[test]
fn an_unknown_time_zone_is_an_error_where_the_dag_would_not_load() {
    let flow = FLOW.replace("import FlowSpec", "import FlowSpec, schedule");
    let flow = flow.replace(
        "class flow",
        "@schedule(daily=True, timezone=\"Mars/Phobos\")\nclass flow",
    );
    let project = Project::new(&[("zone.py", &flow)]);
    project
        .run(compile("zone.py", "dag.py"))
        .ends(1)
        .complains("FLC245");
    project.run(["check", "zone.py"]).ends(0);
}

#[test]
fn every_option_is_in_the_file() {
    let project = Project::new(&[("train.py", FLOW)]);
    let options = "--dag-id mine --service-account robot --start-date 2025-02-03 --worker-pool slow --paused \
                   --max-active-runs 3 --deferrable --k8s-namespace research --workflow-timeout 90 --max-workers 7 \
                   --tag blue --user ann";
    let arguments = [
        compile("train.py", "dag.py"),
        options.split_whitespace().collect(),
    ]
    .concat();
    project.run(arguments).ends(0);
    let dag = project.read("dag.py");
    for text in [
        "dag_id=\"mine\"",
        "\"service_account_name\": \"robot\"",
        "fromisoformat(\"2025-02-03T00:00:00+00:00\")",
        "\"pool\": \"slow\"",
        "is_paused_upon_creation=True",
        "max_active_runs=3",
        "\"deferrable\": True",
        "\"namespace\": \"research\"",
        "dagrun_timeout=datetime.timedelta(seconds=90)",
        "max_active_tasks=7",
        "tags=[\"metaflow\", \"flow\", \"blue\"]",
        "--tag=blue",
        "\"owner\": \"ann\"",
    ] {
        assert!(dag.contains(text), "no {text} in\n{dag}");
    }
}

#[test]
fn a_version_narrows_the_imports() {
    let project = Project::new(&[("train.py", FLOW)]);
    let dag = |version: &str| {
        let arguments = [compile("train.py", "dag.py"), vec!["--airflow-version", version]].concat();
        project.run(arguments).ends(0);
        project.read("dag.py")
    };
    let newest = dag("3.3");
    assert!(
        newest.contains("\nfrom airflow.sdk import DAG\n") && !newest.contains("__version__"),
        "{newest}"
    );
    assert!(dag("2.11").contains("__version__.startswith(\"2.\")"));
    let arguments = [compile("train.py", "dag.py"), vec!["--airflow-version", "2.9"]].concat();
    project.run(arguments).ends(2);
}

#[test]
fn the_name_of_the_flow_s_file_cannot_be_code() {
    let name = "x\"\"\";print(\"PWNED\");\"\"\".py";
    let project = Project::new(&[(name, FLOW)]);
    project.run(compile(name, "dag.py")).ends(0);
    let dag = project.read("dag.py");
    let docstring = dag.split("\"\"\"").nth(1).unwrap();
    assert!(docstring.contains("A change belongs into the flow"), "{dag}");
    assert!(
        docstring.contains(r#"x\"\"\";print(\"PWNED\");\"\"\".py"#),
        "{dag}"
    );
}

#[test]
fn a_name_made_of_the_project_is_checked_as_well() {
    let project = Project::new(&[("named.py", &project_flow())]);
    let named = |more: &[&'static str]| [compile("named.py", "dags/"), more.to_vec()].concat();
    project.run(named(&["--user", "bob"])).ends(0);
    assert_eq!(project.names(), ["dags", "named.py"]);
    for user in ["bob@x.com", "../../esc"] {
        let ran = project.run(named(&["--user", user])).ends(1);
        ran.complains("cannot be the name of a DAG");
    }
    let long = FLOW
        .replace(" flow", &format!(" {}", "F".repeat(251)))
        .replace("    flow()", &format!("    {}()", "F".repeat(251)));
    let name = "e".repeat(221);
    let step = FLOW.replace(
        "self.end)",
        &format!("self.{name})\n\n    @step\n    def {name}(self):\n        self.next(self.end)"),
    );
    let project = Project::new(&[("long.py", &long), ("step.py", &step)]);
    project
        .run(compile("long.py", "dag.py"))
        .ends(1)
        .complains("cannot be the name of a DAG");
    project
        .run(compile("step.py", "dag.py"))
        .ends(1)
        .complains("221 characters, 220 are allowed");
}

#[test]
fn code_of_the_image_has_its_folder_of_metadata() {
    let project = Project::new(&[("train.py", FLOW)]);
    let made = |target: &str, more: &[&str]| {
        let fixed = "compile train.py --datastore-root s3://b/m --code image:/app --image i --target";
        let arguments = fixed.split(' ').chain([target]).chain(more.iter().copied());
        let ran = project.run(arguments).ends(0);
        ran.out.contains("mkdir -p .metaflow")
    };
    let queue = [
        "--set",
        "METAFLOW_BATCH_JOB_QUEUE=q",
        "--set",
        "METAFLOW_ECS_S3_ACCESS_IAM_ROLE=arn:aws:iam::123456789012:role/r",
    ];
    let service = [
        "--set",
        "METAFLOW_DEFAULT_METADATA=service",
        "--set",
        "METAFLOW_SERVICE_URL=http://m",
    ];
    assert!(made("airflow", &[]) && made("argo", &[]) && made("step-functions", &queue));
    assert!(!made("airflow", &service) && !made("argo", &service));
}

#[test]
fn what_airflow_could_not_read_is_refused() {
    let project = Project::new(&[("train.py", FLOW)]);
    let with = |more: &[&'static str]| project.run([compile("train.py", "dag.py"), more.to_vec()].concat());
    with(&["--start-date", "2024-02-30"]).ends(2);
    with(&["--start-date", "2024-01-01T00:00:00+99:99"]).ends(2);
    with(&["--workflow-timeout", "99999999999999"])
        .ends(2)
        .complains("more than Airflow takes");
    with(&["--start-date", "9999-12-31T23:59:59-05:00"]).ends(2);
    with(&["--worker-pool", "two words"])
        .ends(2)
        .complains("Airflow 2.11 loads no DAG with the pool `two words`");
    with(&["--worker-pool", "two words", "--airflow-version", "3.0"]).ends(0);
    let timeout = "METAFLOW_AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS";
    with(&["--set", &*format!("{timeout}=abc").leak()])
        .ends(2)
        .complains("`abc` is no number of seconds");
    with(&["--set", &*format!("{timeout}=90").leak()]).ends(0);
    assert!(project.read("dag.py").contains("\"startup_timeout_seconds\": 90"));
}

#[test]
fn options_of_other_targets_are_said() {
    let project = Project::new(&[("train.py", FLOW)]);
    let more = [
        "--argo-version",
        "4.0",
        "--compress",
        "--paused",
        "--format",
        "yaml",
    ]
    .to_vec();
    let ran = project
        .run([compile("train.py", "dag.py"), more].concat())
        .ends(0);
    let ran = ran.complains("`--argo-version` has no effect on airflow");
    let ran = ran.complains("`--compress` has no effect on airflow");
    let ran = ran.complains("`--format` has no effect on airflow");
    assert!(!ran.err.contains("--paused"), "{}", ran.err);
}

#[test]
fn parameters_can_be_given_by_every_form() {
    let parameters = "    empty = Parameter(\"empty\", default=\"\")
    text = Parameter(\"text\", default=\"a\")
    lines = Parameter(\"lines\", default=\"a\\nb\")
    flag = Parameter(\"flag\", default=False)
    one = Parameter(\"one\", type=bool, default=\"yes\")
    must = Parameter(\"must\", type=bool, required=True)
    count = Parameter(\"count\", default=0)
    none = Parameter(\"none\", type=int, default=None)

    @step
    def start";
    let flow = FLOW.replace("    @step\n    def start", parameters);
    let flow = flow.replace("import FlowSpec", "import FlowSpec, Parameter");
    let project = Project::new(&[("train.py", &flow)]);
    project.run(compile("train.py", "dag.py")).ends(0);
    let dag = project.read("dag.py");
    for text in [
        r#""empty": Param("", type=["null", "string"])"#,
        r#""text": Param("a", type="string")"#,
        r#""lines": Param("a\nb", type="string", format="multiline")"#,
        r#""flag": Param(False, type=["null", "boolean", "string"])"#,
        r#""one": Param(True, type=["null", "boolean", "string"])"#,
        r#""must": Param(type=["boolean", "string"])"#,
        r#""count": Param(0, type=["integer", "string"])"#,
        r#""none": Param(None, type=["null", "integer", "string"])"#,
    ] {
        assert!(dag.contains(text), "no {text} in\n{dag}");
    }
}

#[test]
fn a_start_date_elsewhere_does_not_move_the_schedule() {
    let flow = FLOW.replace("import FlowSpec", "import FlowSpec, schedule");
    let flow = flow.replace("class flow", "@schedule(daily=True)\nclass flow");
    let project = Project::new(&[("train.py", &flow)]);
    let dag = |date: &'static str| {
        let more = ["--start-date", date].to_vec();
        project
            .run([compile("train.py", "dag.py"), more].concat())
            .ends(0);
        project.read("dag.py")
    };
    let text = dag("2024-01-01T00:00:00-05:00");
    assert!(
        text.contains("fromisoformat(\"2024-01-01T05:00:00+00:00\"),"),
        "{text}"
    );
    // With a time zone of the schedule the moment stays the one that was given.
    let zoned = flow.replace("daily=True", "daily=True, timezone=\"Asia/Tokyo\"");
    project.write("train.py", zoned);
    for (date, written) in [
        (
            "2024-01-01T00:00:00-05:00",
            "(\"2024-01-01T05:00:00+00:00\").astimezone(\n        tz=zoneinfo.ZoneInfo(\"Asia/Tokyo\"),\n    ),",
        ),
        ("2024-01-01T00:00", "(\"2024-01-01T00:00\").replace("),
    ] {
        let text = dag(date);
        assert!(text.contains(written), "{text}");
    }
}

#[test]
fn names_that_no_pod_can_have_are_refused() {
    let flow = FLOW.replace("import FlowSpec", "import FlowSpec, Parameter, environment");
    let flow = flow.replacen(
        "    @step",
        "    size = Parameter(\"größe\", default=1)\n\n    @environment(vars={\"MF_ATTEMPT\": \"1\"})\n    @step",
        1,
    );
    let project = Project::new(&[
        ("train.py", &flow),
        ("named.py", &flow.replace("größe", "groesse")),
    ]);
    project
        .run(compile("train.py", "dag.py"))
        .ends(1)
        .complains("`größe` cannot be the name of a variable of a pod");
    let ran = project.run(compile("named.py", "dag.py")).ends(0);
    ran.complains("`MF_ATTEMPT` of `start` has no effect");
}

/// A flow whose start step asks for these things of its pod.
fn pod(arguments: &str) -> Project {
    let flow = FLOW.replace("import FlowSpec", "import FlowSpec, kubernetes");
    let decorated = format!("    @kubernetes({arguments})\n    @step\n    def start");
    Project::new(&[("train.py", &flow.replace("    @step\n    def start", &decorated))])
}

#[test]
fn a_resource_stands_once_in_the_pod() {
    let project = pod("gpu=1, memory=100, extended_resources={'memory': '8Gi', 'nvidia.com/gpu': 1}");
    project.run(compile("train.py", "dag.py")).ends(0);
    let dag = project.read("dag.py");
    let (_, start) = dag.split_once("\n    start = step(").unwrap();
    let (start, _) = start.split_once("\n    end = step(").unwrap();
    assert_eq!(start.matches("\"memory\": \"8Gi\"").count(), 2, "{start}");
    assert_eq!(start.matches("\"memory\": ").count(), 2, "{start}");
    assert_eq!(start.matches("nvidia.com/gpu").count(), 2, "{start}");
}

#[test]
fn labels_and_tags_that_airflow_does_not_take_are_said() {
    let project = pod("labels={'team': 'x', 'dag_id': 'mine'}");
    let ran = project.run([
        "check",
        "train.py",
        "--target",
        "airflow",
        "--output-format",
        "concise",
    ]);
    let said = ran.ends(0).out;
    assert!(
        said.contains("note[FLC402] the label `dag_id` of `@kubernetes` has no effect on Airflow"),
        "{said}"
    );
    assert!(!said.contains("`team`"), "{said}");
    let long = "t".repeat(101);
    let options = [
        compile("train.py", "dag.py"),
        vec!["--tag", &long, "--tag", "short"],
    ]
    .concat();
    let ran = project.run(options).ends(0);
    assert_eq!(ran.err.matches("is no tag of the DAG").count(), 1, "{}", ran.err);
}
