//! `flowc run` with a real Metaflow: runs equal to its own, faults, interrupts, resume. The virtual environment is made
//! once, under `target/`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use rustix::process::Pid;

use super::program::{self, Project, Ran};

/// An interpreter that has Metaflow, or none where it cannot be made.
pub fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON.get_or_init(environment).as_deref()
}

fn environment() -> Option<PathBuf> {
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/requirements.txt");
    let wanted = fs::read_to_string(requirements).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("metaflow");
    let python = folder.join("bin/python");
    let ready = folder.join("ready");
    if fs::read_to_string(&ready).is_ok_and(|found| found == wanted) {
        return Some(python);
    }
    let works = |program: &str, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    let is_made = works("python3", &["-m", "venv", "--clear", folder.to_str().unwrap()])
        && works(
            python.to_str().unwrap(),
            &["-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements],
        );
    if !is_made {
        // Written past the test harness, which hides what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "not run here: Metaflow, needs python3 with venv and a package index"
        );
        return None;
    }
    fs::write(ready, wanted).unwrap();
    Some(python)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/run")
        .join(name)
}

/// A project with a flow of the fixtures.
pub(super) fn project(flow: &str) -> Project {
    let project = Project::new(&[]);
    for name in [flow, "included.txt"] {
        project.write(name, fs::read(fixture(name)).unwrap());
    }
    project
}

pub(super) fn metaflow(command: &mut Command, folder: &Path) {
    let path = std::env::var("PATH").unwrap();
    command
        .current_dir(folder)
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("METAFLOW_USER", "tester"),
            ("METAFLOW_PYLINT", "0"),
        ])
        .env("HOME", folder)
        .env("METAFLOW_HOME", folder.join("none"))
        // Not a datastore that lies in a folder above.
        .env("METAFLOW_DATASTORE_SYSROOT_LOCAL", folder);
}

pub(super) fn flowc(project: &Project, python: &Path, arguments: &[&str]) -> Command {
    let mut command = program::flowc(&project.path(""));
    metaflow(&mut command, &project.path(""));
    command.args(arguments).arg("--python").arg(python);
    command
}

pub(super) fn run(project: &Project, python: &Path, arguments: &[&str]) -> Ran {
    program::finish(flowc(project, python, arguments), b"")
}

pub(super) fn latest(project: &Project, flow: &str) -> String {
    project.read(&format!(".metaflow/{flow}/latest_run"))
}

/// What Metaflow's client sees of the latest run.
pub(super) fn snapshot(project: &Project, python: &Path, flow: &str) -> Value {
    let mut command = Command::new(python);
    metaflow(&mut command, &project.path(""));
    command
        .arg(fixture("snapshot.py"))
        .arg(format!("{flow}/{}", latest(project, flow)));
    let ran = program::finish(command, b"").ends(0);
    serde_json::from_str(&ran.out).unwrap()
}

/// Runs a flow and compares what it left with what Metaflow's own run left.
fn equals_metaflow(file: &str, flow: &str, options: &[&str]) {
    let Some(python) = python() else { return };
    let recorded = fixture(&file.replace(".py", ".json"));
    if std::env::var_os("RECORD_RUNS").is_some() {
        record(python, file, flow, &recorded);
    }
    let expected: Value = serde_json::from_slice(&fs::read(&recorded).unwrap()).unwrap();
    let project = project(file);
    run(
        &project,
        python,
        &[&["run", file, "--tag", "tagged"], options].concat(),
    )
    .ends(0)
    .says("Done!");
    let found = snapshot(&project, python, flow);
    let lines = |value: &Value| -> Vec<String> {
        serde_json::to_string_pretty(value)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    };
    let (found, expected) = (lines(&found), lines(&expected));
    let different = found
        .iter()
        .zip(&expected)
        .filter(|(found, expected)| found != expected);
    assert_eq!(
        different.collect::<Vec<_>>(),
        [],
        "found and expected, line by line"
    );
    assert_eq!(found.len(), expected.len());
}

fn record(python: &Path, file: &str, flow: &str, to: &Path) {
    let project = project(file);
    let mut command = Command::new(python);
    metaflow(&mut command, &project.path(""));
    let path = format!(
        "{}:{}",
        python.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    command
        .env("PATH", path)
        .args([file, "--no-pylint", "run", "--tag", "tagged"]);
    program::finish(command, b"").ends(0);
    let found = snapshot(&project, python, flow);
    fs::write(to, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
}

#[test]
fn splits_and_foreaches_equal_metaflows() {
    equals_metaflow("shapes.py", "ShapesFlow", &[]);
}

#[test]
fn switches_loops_and_gangs_equal_metaflows() {
    equals_metaflow("loops.py", "LoopsFlow", &[]);
}

#[test]
fn retries_catches_and_parameters_equal_metaflows() {
    equals_metaflow("rough.py", "RoughFlow", &["--isolation", "fork"]);
}

#[test]
fn new_interpreters_equal_metaflows() {
    equals_metaflow("rough.py", "RoughFlow", &["--isolation", "spawn"]);
}

#[test]
fn what_steps_do_to_their_process_equals_metaflows() {
    equals_metaflow("process.py", "ProcessFlow", &[]);
}

#[test]
fn values_texts_and_environments_equal_metaflows() {
    equals_metaflow("values.py", "ValuesFlow", &[]);
}

#[test]
fn parameters_arrive_as_given() {
    let Some(python) = python() else { return };
    let project = project("rough.py");
    let given = [
        "--count=-4",
        "--text",
        "1.10",
        "--tree",
        "{\"k\": \"é --x\"}",
        "--late=$(id) it's",
    ];
    let ran = run(
        &project,
        python,
        &[&["run", "rough.py", "--until", "start"], &given[..]].concat(),
    )
    .ends(0);
    assert!(!ran.out.contains("/end/"), "{}", ran.out);
    let seen = snapshot(&project, python, "RoughFlow");
    let artifacts = &seen["steps"]["start"][0]["artifacts"];
    let expected = [
        ("count", "-4"),
        ("text", "'1.10'"),
        ("tree", "{'k': 'é --x'}"),
        ("late", "\"$(id) it's\""),
    ];
    for (name, value) in expected {
        assert_eq!(artifacts[name], value, "{name}");
    }
}

#[test]
fn wrong_parameters_and_options_do_not_start() {
    let Some(python) = python() else { return };
    let project = project("rough.py");
    run(&project, python, &["run", "rough.py", "--count", "many"])
        .ends(2)
        .complains("many");
    run(&project, python, &["run", "rough.py", "--nothing", "1"])
        .ends(2)
        .complains("--nothing");
    run(&project, python, &["run", "rough.py", "--until", "nowhere"])
        .ends(2)
        .complains("`nowhere`");
    for (tag, told) in [
        ("", "a tag cannot be empty"),
        (&"x".repeat(501), "501 characters"),
    ] {
        run(&project, python, &["run", "rough.py", "--tag", tag])
            .ends(2)
            .complains(told);
    }
    assert!(!project.path(".metaflow/RoughFlow/latest_run").exists());
    run(&project, python, &["resume", "rough.py"])
        .ends(2)
        .complains("no earlier run");
}

#[test]
fn a_python_without_metaflow_is_named() {
    let project = project("shapes.py");
    let mut command = program::flowc(&project.path(""));
    command
        .args(["run", "shapes.py", "--python", "/bin/false"])
        .env("METAFLOW_USER", "tester");
    program::finish(command, b"")
        .ends(2)
        .complains("`/bin/false` ended before it could start a task");
}

/// A step that does what the parameter says, and one after it.
pub(super) const FAULTS: &str = r#"
import os
import subprocess
import sys
import time

from metaflow import FlowSpec, Parameter, step


class FaultsFlow(FlowSpec):
    what = Parameter("what", default="nothing")

    @step
    def start(self):
        self.items = [0, 1, 2]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        if self.input == 1 and not os.path.exists("mended"):
            self.fault()
        self.result = self.input * 10
        self.next(self.join)

    def fault(self):
        if self.what == "half":
            sys.stdout.write("half a line")
            sys.stdout.flush()
            os._exit(3)
        if self.what == "vanish":
            os._exit(0)
        if self.what == "kill":
            os.kill(os.getpid(), 9)
        if self.what == "raise":
            raise ValueError("on purpose")
        if self.what == "read":
            print("read", repr(sys.stdin.read()))
        if self.what == "close":
            print("before", flush=True)
            os.close(1)
        if self.what == "flood":
            for _ in range(30):
                sys.stdout.write(("x" * 99 + "\n") * 10000)
            print("the last of it")
        if self.what == "sleep":
            child = subprocess.Popen(["sleep", "300"])
            open("child", "w").write(str(child.pid))
            time.sleep(300)

    @step
    def join(self, inputs):
        self.results = [one.result for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("results", self.results)


if __name__ == "__main__":
    FaultsFlow()
"#;

#[test]
fn what_tasks_do_to_their_streams_is_survived() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let run = |what: &str| {
        run(
            &project,
            python,
            &["run", "faults.py", "--max-log-size", "1", "--what", what],
        )
    };
    run("read").ends(0).says("read ''").says("results [0, 10, 20]");
    run("close").ends(0).says("before").says("results [0, 10, 20]");
    let flood = run("flood").ends(0).says("the last of it");
    assert_eq!(
        flood.out.lines().filter(|line| line.contains("xxxx")).count(),
        300_000
    );
    let log = format!(
        ".metaflow/FaultsFlow/{}/each/t3/0.runtime_stdout.log",
        latest(&project, "FaultsFlow")
    );
    let log = project.read(&log);
    assert!(log.len() < 1_100_000 && log.contains("[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]"));
}

#[test]
fn failures_say_why_and_can_be_resumed() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let run = |arguments: &[&str]| run(&project, python, arguments);
    run(&["run", "faults.py", "--what", "half"])
        .ends(1)
        .says("half a line")
        .complains("exit status 3");
    run(&["run", "faults.py", "--what", "vanish"])
        .ends(1)
        .complains("before it had stored its artifacts");
    run(&["run", "faults.py", "--what", "kill"])
        .ends(1)
        .complains("killed (signal 9)");
    // One worker: what is done when the second item fails does not depend on the time.
    let ran = run(&["run", "faults.py", "--what", "raise", "--max-workers", "1"]).ends(1);
    let last: Vec<_> = ran.err.lines().rev().take(2).collect();
    assert!(
        last[0].contains("faults.py:35: ValueError: on purpose"),
        "{last:?}"
    );
    assert!(last[1].starts_with("error: step `each`"), "{last:?}");
    project.write("mended", "");
    let resumed = run(&["resume", "faults.py"]).ends(0).says("results [0, 10, 20]");
    let clones = resumed.out.matches("Cloning previously run task").count();
    let starts = resumed.out.matches("Task is starting").count();
    assert_eq!((clones, starts), (2, 4), "{}", resumed.out);
    let again = run(&["run", "faults.py", "--only", "join"]).ends(0);
    assert_eq!(again.out.matches("Task is starting").count(), 1, "{}", again.out);
}

/// Members of a gang are started by Metaflow itself, in interpreters of their own.
const REMOTE_GANG: &str = r#"
from metaflow import FlowSpec, current, kubernetes, parallel, step


class GangFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.work, num_parallel=2)

    @kubernetes
    @parallel
    @step
    def work(self):
        self.node = current.parallel.node_index
        self.next(self.join)

    @step
    def join(self, inputs):
        self.nodes = [one.node for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("members", self.nodes)


if __name__ == "__main__":
    GangFlow()
"#;

/// Without the id, the clock or anything else that only a run has.
#[test]
fn a_dry_run_shows_the_commands_and_runs_nothing() {
    let project = Project::new(&[("gang.py", REMOTE_GANG)]);
    // No Metaflow is needed for it, nor a Python that works.
    let python = Path::new("/bin/false");
    let ran = run(&project, python, &["run", "gang.py", "--dry-run"])
        .ends(0)
        .says("start → work  (foreach)")
        .says(" init --run-id RUN --task-id t0")
        .says(" step work --run-id RUN --task-id TASK --retry-count 0 --max-user-code-retries 0 --input-paths RUN/start/TASK --split-index 0");
    assert_eq!(project.names(), ["gang.py"]);
    let again = run(&project, python, &["run", "gang.py", "--dry-run"]);
    assert_eq!(ran.out, again.out);
}

#[test]
fn what_cannot_run_here_is_left_out_after_saying_so() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("gang.py", REMOTE_GANG)]);
    let ran = run(&project, python, &["run", "gang.py"])
        .ends(0)
        .says("members [0, 1]")
        .complains("`@kubernetes`");
    assert_eq!(ran.err.matches("@kubernetes").count(), 1, "{}", ran.err);
    run(&project, python, &["run", "gang.py", "--strict"])
        .ends(2)
        .complains("`@kubernetes`");
}

#[test]
fn a_run_names_itself_to_who_started_it_once_it_has_begun() {
    let Some(python) = python() else { return };
    let project = project("rough.py");
    let files = ["--run-id-file", "id", "--runner-attribute-file", "attributes"];
    let run = |more: &[&str]| {
        run(
            &project,
            python,
            &[&["run", "rough.py", "--until", "start"], &files[..], more].concat(),
        )
    };
    run(&["--count", "many"]).ends(2);
    assert_eq!(project.names(), ["included.txt", "rough.py"]);
    run(&[]).ends(0);
    let id = latest(&project, "RoughFlow");
    assert_eq!(project.read("id"), id);
    let attributes: Value = serde_json::from_str(&project.read("attributes")).unwrap();
    let folder = project.path("").canonicalize().unwrap();
    assert_eq!(attributes["run_id"], id.as_str());
    assert_eq!(attributes["flow_name"], "RoughFlow");
    assert_eq!(
        Path::new(
            attributes["metadata"]
                .as_str()
                .unwrap()
                .trim_start_matches("local@")
        ),
        folder
    );
}

#[test]
fn a_reader_that_goes_away_does_not_end_the_run() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let mut command = flowc(&project, python, &["run", "faults.py"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_datastore_that_cannot_be_written_is_named() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS), ("file", "")]);
    run(
        &project,
        python,
        &["run", "faults.py", "--datastore-root", "file"],
    )
    .ends(2)
    .complains("file/.metaflow");
    let bucket = ["run", "faults.py", "--datastore-root", "s3://bucket/x"];
    run(&project, python, &bucket)
        .ends(2)
        .complains("is a folder, not `s3://bucket/x`");
    assert_eq!(project.names(), ["faults.py", "file"]);
}

const UNWRITABLE: &str = r#"import os
import shutil

from metaflow import FlowSpec, current, step


class DiskFlow(FlowSpec):
    @step
    def start(self):
        folder = os.path.join(".metaflow", current.flow_name, current.run_id, "start", current.task_id)
        shutil.rmtree(folder)
        open(folder, "w").close()
        print("printed all the same", flush=True)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DiskFlow()
"#;

/// As on a disk that fills up: the run fails in order, and what a task still prints is shown.
#[test]
fn a_log_that_cannot_be_written_fails_the_run() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("disk.py", UNWRITABLE)]);
    run(&project, python, &["run", "disk.py", "--json-log", "events"])
        .ends(1)
        .says("printed all the same")
        .says("Workflow failed.")
        .complains("cannot write the log `");
    assert!(project.read("events").contains(r#""event":"run-ended""#));
}

pub(super) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "waited in vain until {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A run whose output and errors can be read.
pub(super) fn spawned(project: &Project, python: &Path, words: &[&str]) -> Child {
    let mut command = flowc(project, python, words);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(super) fn stat(pid: i32) -> Option<(char, i32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

pub(super) fn is_alive(pid: i32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

/// The only child of flowc.
pub(super) fn worker_of(child: &Child) -> Pid {
    let parent = i32::try_from(child.id()).unwrap();
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut children = pids.filter(|&pid: &i32| stat(pid).is_some_and(|(_, above)| above == parent));
    Pid::from_raw(children.next().unwrap()).unwrap()
}
