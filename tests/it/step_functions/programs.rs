//! The commands of jobs, run by bash with Python's small programs in them: what these ask of AWS, which the
//! interpreters of machines do not see. Metaflow and AWS are stubs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{deployment, emitted};
use crate::program::Project;

/// Notes how Metaflow is called; runs the programs of the command itself.
const PYTHON: &str = r#"#!/bin/bash
[ "$1" = -c ] && exec "$REAL_PYTHON" "$@"
if [ "$1" = -m ]; then
  [ "$2" = metaflow.mflog.tee ] && cat >/dev/null
  [ "$2" = metaflow.plugins.pypi.bootstrap ] && printf '%s\0' "$@" > "$OUT/bootstrap"
  exit 0
fi
for word in "$@"; do case $word in init|step|dump) kind=$word; break;; esac; done
printf '%s\0' "$@" > "$OUT/$kind"; env -0 > "$OUT/$kind.variables"
all="$*"
case "$kind $all" in
  dump*_transition*) file=${all#*--file }; cp "$OUT/transition" "${file%% *}" ;;
  step*--input-paths-filename*) file=${all#*--input-paths-filename }; cp "${file%% *}" "$OUT/inputs"; exit "${STUB_STEP:-0}" ;;
  dump*) exit "${STUB_DUMP:-1}" ;;
  step*) exit "${STUB_STEP:-0}" ;;
esac
"#;
const BOTO3: &str = r#"
import json, os, shutil
place = os.environ["OUT"]
class Client:
    def download_file(self, bucket, key, name):
        shutil.copy(place + "/package", name)
        self.note(bucket=bucket, key=key)
    def __getattr__(self, name):
        def call(**arguments):
            self.note(call=name, **arguments)
            return json.load(open(place + "/item")) if name == "get_item" else {}
        return call
    def note(self, **what):
        with open(place + "/aws", "a") as out:
            out.write(json.dumps(what) + "\n")
def client(service, **options):
    return Client()
"#;

/// A folder with the stubs, in which commands run.
struct Container {
    folder: tempfile::TempDir,
    /// Python itself: a wrapper of that name may change the path.
    python: String,
}

/// What a command did.
struct Ran {
    status: i32,
    said: String,
    /// Metaflow's last call by its command: words and variables.
    calls: BTreeMap<&'static str, (Vec<String>, BTreeMap<String, String>)>,
    aws: Vec<Json>,
}

impl Container {
    fn new() -> Self {
        let asked = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        let container = Self {
            folder: tempfile::tempdir().unwrap(),
            python: String::from_utf8(asked.unwrap().stdout)
                .unwrap()
                .trim()
                .to_owned(),
        };
        container.program("python", PYTHON);
        container.program("sleep", "#!/bin/sh\n");
        container.write("boto3.py", BOTO3);
        container
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(name, text);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path().join(name), mode).unwrap();
    }

    /// Runs a job's command; paths into the state's input are `run` or what is given under the variable's name.
    fn run(&self, job: &Json, given: &[(&str, &str)]) -> Ran {
        let place = self.path().join("job");
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir_all(&place).unwrap();
        for old in ["aws", "init", "step", "dump"] {
            let _ = std::fs::remove_file(self.path().join(old));
        }
        let overrides = &job["Parameters"]["ContainerOverrides"];
        let mut bash = Command::new("bash");
        bash.args(["-c", overrides["Command"][2].as_str().unwrap()]);
        let path = format!("{}:{}", self.path().display(), std::env::var("PATH").unwrap());
        bash.current_dir(&place).env_clear().env("PATH", path);
        bash.env("OUT", self.path()).env("PYTHONPATH", self.path());
        bash.env("REAL_PYTHON", &self.python);
        bash.envs([("AWS_BATCH_JOB_ID", "job"), ("AWS_BATCH_JOB_ATTEMPT", "1")]);
        bash.env("METAFLOW_SKIP_INSTALL_DEPENDENCIES", "1");
        for variable in overrides["Environment"].as_array().unwrap() {
            let value = variable["Value"].as_str().unwrap_or("run");
            bash.env(variable["Name"].as_str().unwrap(), value);
        }
        bash.envs(given.iter().copied());
        let ended = bash.output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        let words = |name: &str| -> Option<Vec<String>> {
            let text = std::fs::read_to_string(self.path().join(name)).ok()?;
            Some(text.split_terminator('\0').map(str::to_owned).collect())
        };
        let calls = ["init", "step", "dump", "bootstrap"]
            .into_iter()
            .filter_map(|kind| {
                let variables = words(&format!("{kind}.variables")).unwrap_or_default();
                let pairs = variables.iter().filter_map(|one| one.split_once('='));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                Some((kind, (words(kind)?, pairs.collect())))
            });
        let aws = std::fs::read_to_string(self.path().join("aws")).unwrap_or_default();
        Ran {
            status: ended.status.code().unwrap(),
            said,
            calls: calls.collect(),
            aws: aws
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        }
    }
}

/// The states of a sketch; the folder of its image is that of the test.
fn states(text: &str) -> Json {
    let mut local = deployment();
    local.code = flowc::settings::Code::Image { directory: None };
    states_with(text, &local)
}

fn states_with(text: &str, deployment: &flowc::settings::Deployment) -> Json {
    let machine: Json = serde_json::from_str(&emitted(text, deployment).files[0].1).unwrap();
    machine["States"].clone()
}

fn after<'a>(words: &'a [String], option: &str) -> &'a str {
    let at = words.iter().position(|word| word == option).unwrap();
    &words[at + 1]
}

const FOREACH: &str = "start: work foreach\nwork: join\njoin/2: end\nend\n";

#[test]
fn the_last_of_a_body_reports_itself_to_the_join() {
    let states = states(FOREACH);
    let job = &states["*work"]["ItemProcessor"]["States"]["work"];
    let given = [
        ("METAFLOW_SPLIT_PARENT_TASK_ID_FOR_FOREACH_JOIN", "foreach-job"),
        ("METAFLOW_SPLIT_INDEX", "7"),
    ];
    let container = Container::new();
    let ran = container.run(job, &given);
    assert_eq!(ran.status, 0);
    assert_eq!(after(&ran.calls["step"].0, "--split-index"), "7");
    let wanted = json!({
        "call": "update_item",
        "TableName": "table",
        "Key": {"pathspec": {"S": "foreach-job"}},
        "UpdateExpression": "ADD children :v",
        "ExpressionAttributeValues": {":v": {"SS": ["7/work/job"]}},
    });
    assert_eq!(ran.aws, [wanted]);
    // A task that failed is not reported, and its status is the job's.
    let failed = container.run(job, &[given.as_slice(), &[("STUB_STEP", "3")]].concat());
    assert_eq!(failed.status, 3);
    assert!(failed.aws.is_empty());
}

#[test]
fn a_join_gets_its_inputs_by_index() {
    let container = Container::new();
    container.write(
        "item",
        &json!({"Item": {"children": {"SS": ["10/b/job-x", "2/a/job-z", "0/b/job-y"]}}}).to_string(),
    );
    let ran = container.run(
        &states(FOREACH)["join"],
        &[("METAFLOW_SPLIT_PARENT_TASK_ID", "foreach-job")],
    );
    assert_eq!(ran.status, 0);
    assert!(ran.calls["step"].0.contains(&"--input-paths-filename".to_owned()));
    assert_eq!(
        std::fs::read_to_string(container.path().join("inputs")).unwrap(),
        "sfn-run:/b/job-y,/a/job-z,/b/job-x\n"
    );
    assert_eq!(ran.aws[0]["Key"], json!({"pathspec": {"S": "foreach-job"}}));
    assert_eq!(ran.aws[0]["ConsistentRead"], json!(true));
    // More than a word of a command holds.
    let many: Vec<String> = (0..5_000)
        .map(|index| format!("{index}/b/11111111-2222-3333-4444-{index:012}"))
        .collect();
    container.write("item", &json!({"Item": {"children": {"SS": many}}}).to_string());
    let ran = container.run(
        &states(FOREACH)["join"],
        &[("METAFLOW_SPLIT_PARENT_TASK_ID", "f")],
    );
    assert_eq!(ran.status, 0, "{}", ran.said);
    let paths = std::fs::read_to_string(container.path().join("inputs")).unwrap();
    assert_eq!(paths.split(',').count(), 5_000);
}

#[test]
fn a_switch_reports_the_step_that_it_stored() {
    let container = Container::new();
    let program = r#"import pickle,sys; pickle.dump({"F/run/start/job": {"_transition": (["b"], None)}}, open(sys.argv[1], "wb"))"#;
    let pickled = Command::new("python3")
        .args(["-c", program])
        .arg(container.path().join("transition"))
        .status();
    assert!(pickled.unwrap().success());
    let mut timed = deployment();
    timed.code = flowc::settings::Code::Image { directory: None };
    timed.workflow_timeout = Some(60);
    for (deployment, lives) in [(&timed, 60), (&super::deployment(), 31_622_400)] {
        let mut deployment = deployment.clone();
        deployment.code = flowc::settings::Code::Image { directory: None };
        let states = states_with("start: ? a b\na: end\nb: end\nend\n", &deployment);
        let ran = container.run(&states["start"], &[]);
        assert_eq!(ran.status, 0);
        assert_eq!(ran.calls["dump"].0.last().unwrap(), "sfn-run/start/job");
        let item = &ran.aws[0]["Item"];
        assert_eq!(ran.aws[0]["call"], "put_item");
        assert_eq!(item["pathspec"], json!({"S": "job"}));
        assert_eq!(item["next_step"], json!({"S": "b"}));
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let ends: u64 = item["ttl"]["N"].as_str().unwrap().parse().unwrap();
        let left = ends - now - 7_776_000;
        assert!(left <= lives && left + 60 > lives, "{left}");
    }
}

const PARAMETERS: &str = r#"from metaflow import FlowSpec, JSONType, Parameter, retry, step


class Given(FlowSpec):
    text = Parameter("text", default="d $(id)")
    a_b = Parameter("a-b", type=int, default=3)
    data = Parameter("data", type=JSONType, default='{"a": [1, null]}')
    flag = Parameter("flag", type=bool, default=False)
    none = Parameter("none", type=str)

    @retry(times=1)
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Given()
"#;

fn compiled(file: &str, text: &str, options: &[&str]) -> Json {
    let project = Project::new(&[(file, text)]);
    let common = [
        "compile",
        file,
        "--target",
        "step-functions",
        "--datastore-root",
        "s3://b/m",
        "--image",
        "i",
        "--job-queue",
        "q",
        "--job-role",
        "arn:aws:iam::123456789012:role/r",
    ];
    let ran = project.run(common.iter().chain(options).copied());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let machine: Json = serde_json::from_str(&ran.out).unwrap();
    machine["States"].clone()
}

#[test]
fn parameters_arrive_as_they_are_given() {
    let states = compiled("given.py", PARAMETERS, &["--code", "image"]);
    let container = Container::new();
    let hostile = "$(touch x) `id` ${HOME} \"q\" it's \\ \n\té $.x";
    let defaults = [
        ("TEXT", "d $(id)"),
        ("A_B", "3"),
        ("DATA", "{\"a\": [1, null]}"),
        ("FLAG", "false"),
    ];
    let given = [
        ("TEXT", hostile),
        ("A_B", "-7"),
        ("DATA", "[1.5]"),
        ("FLAG", "true"),
        ("NONE", "1.10"),
    ];
    let values = json!({"text": hostile, "a-b": -7, "data": "[1.5]", "flag": true, "none": "1.10"});
    let nulls = json!({"text": null, "a-b": null});
    let inputs: [(Json, &[(&str, &str)]); 9] = [
        (json!({}), &defaults),
        (json!({"Parameters": null}), &defaults),
        (json!({"Parameters": {}}), &defaults),
        (json!({"Parameters": ""}), &defaults),
        (json!({"Parameters": "{}"}), &defaults),
        (json!({"Parameters": "null"}), &defaults),
        (json!({"Parameters": nulls}), &defaults),
        (json!({"Parameters": values}), &given),
        (json!({"Parameters": values.to_string()}), &given),
    ];
    for (input, wanted) in inputs {
        let ran = container.run(&states["start"], &[("METAFLOW_INPUT", &input.to_string())]);
        assert_eq!(ran.status, 0, "{input}: {}", ran.said);
        let (words, variables) = &ran.calls["init"];
        let found: BTreeMap<&str, &str> = variables
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("METAFLOW_INIT_")?, value.as_str())))
            .collect();
        assert_eq!(found, wanted.iter().copied().collect(), "{input}");
        assert_eq!(after(words, "--task-id"), "job-params");
        assert!(!container.path().join("job/x").exists());
    }
}

#[test]
fn parameters_are_stored_once() {
    let states = compiled("given.py", PARAMETERS, &["--code", "image"]);
    let container = Container::new();
    let second = |dump| {
        let given = [
            ("METAFLOW_INPUT", "{}"),
            ("AWS_BATCH_JOB_ATTEMPT", "2"),
            ("STUB_DUMP", dump),
        ];
        container.run(&states["start"], &given).calls
    };
    let there = second("0");
    assert!(!there.contains_key("init"));
    assert_eq!(after(&there["step"].0, "--retry-count"), "1");
    assert_eq!(after(&there["step"].0, "--max-user-code-retries"), "1");
    assert!(second("1").contains_key("init"));
}

#[test]
fn variables_of_the_user_survive_the_command() {
    let container = Container::new();
    container.write(
        "item",
        &json!({"Item": {"children": {"SS": ["0/b/j"]}}}).to_string(),
    );
    let names = ["P", "F", "T", "c", "i", "b", "k", "e"];
    let users: Vec<(&str, &str)> = names.iter().map(|name| (*name, "mine")).collect();
    for state in ["start", "join"] {
        let ran = container.run(&states(FOREACH)[state], &users);
        assert_eq!(ran.status, 0);
        for name in names {
            assert_eq!(
                ran.calls["step"].1.get(name).map(String::as_str),
                Some("mine"),
                "{name}"
            );
        }
    }
}

#[test]
fn a_package_is_unpacked_where_its_digest_is_the_one_named() {
    let container = Container::new();
    let made = Command::new("bash")
        .current_dir(container.path())
        .args([
            "-c",
            "touch flow.py && tar -czf package flow.py && sha1sum package | cut -c1-40",
        ])
        .output()
        .unwrap();
    let digest = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let url = format!("s3://b/m/F/data/00/{digest}@{digest}");
    let states = compiled("given.py", PARAMETERS, &["--code", &url]);
    let ran = container.run(&states["end"], &[]);
    assert_eq!(ran.status, 0);
    assert_eq!(
        ran.aws,
        [json!({"bucket": "b", "key": format!("m/F/data/00/{digest}")})]
    );
    let variables = &ran.calls["step"].1;
    assert!(variables["METAFLOW_EXTRACTED_ROOT"].ends_with("/job/metaflow"));
    assert!(container.path().join("job/metaflow/flow.py").exists());
    let other = container.run(
        &states["end"],
        &[("METAFLOW_CODE_SHA", "0000000000000000000000000000000000000000")],
    );
    assert_eq!(other.status, 1);
    assert!(!other.calls.contains_key("step"));
    assert_eq!(other.aws.len(), 6);
}

#[test]
fn a_solved_environment_runs_the_step() {
    let flow = PARAMETERS
        .replace(
            "    @retry(times=1)",
            "    @pypi(python=\"3.11\", packages={\"numpy\": \"1.26.0\"})",
        )
        .replace("Parameter, retry", "Parameter, pypi");
    let url = format!("s3://b/m/F/data/00/{}@{}", "0".repeat(40), "0".repeat(40));
    let states = compiled("given.py", &flow, &["--code", &url, "--python-version", "3.11.7"]);
    let command = states["start"]["Parameters"]["ContainerOverrides"]["Command"][2]
        .as_str()
        .unwrap();
    let id = command
        .split("pypi.bootstrap $METAFLOW_FLOW_NAME ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert_eq!(id.len(), 15);
    assert!(
        command.contains(&format!("MF=($MF_ARCH/{id}/bin/python -s given.py ")),
        "{command}"
    );
    assert!(command.contains(" --environment=pypi "), "{command}");
    let checked = Command::new("bash").args(["-n", "-c", command]).status().unwrap();
    assert!(checked.success());
}
