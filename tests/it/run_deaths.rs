//! What becomes of a run whose processes are killed: the one that starts the tasks, tasks with it, flowc itself.

use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use super::program::Project;
use super::run::{FAULTS, flowc, is_alive, metaflow, python, run, spawned, stat, wait_until, worker_of};

#[test]
fn a_killed_worker_is_replaced() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let child = spawned(&project, python, &["run", "faults.py", "--what", "sleep"]);
    number_in(&project, "child");
    project.write("mended", "");
    kill_process(worker_of(&child), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("starting it and") && text.contains("results [0, 10, 20]"),
        "{text}"
    );
}

/// The end step stops between what it stores and what it tells Metaflow's metadata, once.
const REGISTERS: &str = r#"import os, time
from metaflow import FlowSpec, step
from metaflow.plugins.metadata_providers.local import LocalMetadataProvider

register = LocalMetadataProvider.register_data_artifacts

def slowly(self, run_id, step_name, *arguments):
    if step_name == "end" and not os.path.exists("stored"):
        open("stored", "w").close()
        time.sleep(600)
    register(self, run_id, step_name, *arguments)

LocalMetadataProvider.register_data_artifacts = slowly

class RegistersFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.answer = 42

if __name__ == "__main__":
    RegistersFlow()
"#;

#[test]
fn a_task_that_its_worker_takes_along_when_it_has_stored_all_runs_again() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("registers.py", REGISTERS)]);
    let child = spawned(&project, python, &["run", "registers.py"]);
    wait_until("the artifacts are stored", || project.path("stored").exists());
    let run = project.read(".metaflow/RegistersFlow/latest_run");
    let task = format!(".metaflow/RegistersFlow/{run}/end/t2");
    assert!(project.path(&format!("{task}/0.DONE.lock")).exists());
    kill_process(worker_of(&child), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    // By it Metaflow's client finds the artifact.
    let registered = format!("{task}/_meta/0_artifact_answer.json");
    assert!(project.path(&registered).exists(), "{text}");
}

/// The start step draws a number, stores it and fails; it is still there when its worker dies. The next time it is well.
const DRAWS: &str = r#"import atexit, os, random, time
from metaflow import FlowSpec, step

def linger():
    if not os.path.exists("stored"):
        open("stored", "w").close()
        time.sleep(600)

class DrawsFlow(FlowSpec):
    @step
    def start(self):
        self.number = random.random()
        if not os.path.exists("stored"):
            atexit.register(linger)
            self.first = True
            raise ValueError("the first time")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    DrawsFlow()
"#;

/// Metaflow's metadata keeps what is there.
#[test]
fn nothing_of_an_execution_that_is_repeated_is_left() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("draws.py", DRAWS)]);
    let child = spawned(&project, python, &["run", "draws.py", "--json-log", "log"]);
    wait_until("the number is stored", || project.path("stored").exists());
    kill_process(worker_of(&child), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let task = format!(
        ".metaflow/DrawsFlow/{}/start/t1",
        project.read(".metaflow/DrawsFlow/latest_run")
    );
    let read =
        |file: &str| -> Json { serde_json::from_str(&project.read(&format!("{task}/{file}"))).unwrap() };
    let stored = &read("0.data.json")["objects"]["number"];
    assert_eq!(&read("_meta/0_artifact_number.json")["sha"], stored);
    let metadata = std::fs::read_dir(project.path(&format!("{task}/_meta"))).unwrap();
    let names: Vec<String> = metadata
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.contains(&"0_artifact_first.json".to_owned()), "{names:?}");
    let ends = names.iter().filter(|name| name.starts_with("sysmeta_attempt_ok"));
    assert_eq!(ends.count(), 1, "{names:?}");
    let errors = project.path(&format!("{task}/0.runtime_stderr.log"));
    assert!(!errors.exists(), "the first execution's errors are still there");
    // The events tell of both.
    let log = project.read("log");
    let ends = log
        .lines()
        .filter(|line| line.contains("task-ended") && line.contains("/start/t1"));
    assert_eq!(ends.count(), 2, "{log}");
}

/// A task is killed, and before what it left is swept away its worker is, too.
#[test]
fn what_a_killed_task_left_goes_with_its_worker() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let mut child = spawned(&project, python, &["run", "faults.py", "--what", "sleep"]);
    let sleeper = number_in(&project, "child");
    let (_, task) = stat(sleeper).unwrap();
    let worker = worker_of(&child);
    project.write("mended", "");
    kill_process(Pid::from_raw(task).unwrap(), Signal::KILL).unwrap();
    // flowc hears of the task's end, and waits for its output to be let go.
    std::thread::sleep(std::time::Duration::from_millis(150));
    kill_process(worker, Signal::KILL).unwrap();
    child.wait().unwrap();
    wait_until("the task's child is gone", || !is_alive(sleeper));
}

/// `sleep & exec flowc run …`: what the shell had started before is now below flowc.
#[test]
fn what_was_below_flowc_before_it_began_stays() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let words = flowc(&project, python, &["run", "faults.py", "--what", "sleep"]);
    let mut shell = Command::new("sh");
    metaflow(&mut shell, &project.path(""));
    shell.args(["-c", r#"sleep 600 > before & echo $! > own; exec "$0" "$@""#]);
    shell.arg(words.get_program()).args(words.get_args());
    let mut child = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let task = number_in(&project, "child");
    let own: i32 = project.read("own").trim().parse().unwrap();
    let worker = stat(stat(task).unwrap().1).unwrap().1;
    project.write("mended", "");
    kill_process(Pid::from_raw(worker).unwrap(), Signal::KILL).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!is_alive(task), "what the task started is still there");
    assert!(is_alive(own), "what the shell started is gone");
    kill_process(Pid::from_raw(own).unwrap(), Signal::KILL).unwrap();
}

/// `init` evaluates a default for ever.
const WAITS: &str = r#"import os, time
from metaflow import FlowSpec, Parameter, step

def endless(context):
    with open("waiting", "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)

class WaitsFlow(FlowSpec):
    when = Parameter("when", type=str, default=endless)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    WaitsFlow()
"#;

#[test]
fn an_interrupt_before_the_run_began_leaves_nothing_of_a_dead_worker() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("waits.py", WAITS)]);
    let mut child = spawned(&project, python, &["run", "waits.py"]);
    let init = number_in(&project, "waiting");
    let worker = worker_of(&child);
    // It is frozen, so that it does nothing about the interrupt.
    kill_process(worker, Signal::STOP).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    kill_process(worker, Signal::KILL).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    wait_until("`init` is gone", || !is_alive(init));
}

#[test]
fn a_worker_that_does_not_listen_is_killed_in_the_end() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let mut child = spawned(&project, python, &["run", "faults.py", "--what", "sleep"]);
    let sleeper = number_in(&project, "child");
    kill_process(worker_of(&child), Signal::STOP).unwrap();
    for _ in 0..2 {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    wait_until("the task's child is gone", || !is_alive(sleeper));
    project.write("mended", "");
    run(&project, python, &["resume", "faults.py"]).ends(0);
}

/// A hook that takes long.
const MOURNS: &str = r#"import subprocess, time
from metaflow import FlowSpec, exit_hook, step

def mourn(run):
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with open("child", "w") as file:
        file.write(str(child.pid))
    time.sleep(600)

@exit_hook(on_success=[mourn])
class MournsFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    MournsFlow()
"#;

#[test]
fn a_hook_goes_with_flowc() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("mourns.py", MOURNS)]);
    let mut child = spawned(&project, python, &["run", "mourns.py"]);
    let started = number_in(&project, "child");
    let (_, hook) = stat(started).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the hook is gone", || !is_alive(hook) && !is_alive(started));
}

/// Says more than a pipe holds, and goes on for ever.
const TALKS: &str = r#"import time
from metaflow import FlowSpec, step

class TalksFlow(FlowSpec):
    @step
    def start(self):
        for number in range(5000):
            print("line", number, "x" * 60)
        open("said", "w").close()
        time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    TalksFlow()
"#;

#[test]
fn a_signal_is_heard_though_nobody_reads() {
    let Some(python) = python() else { return };
    for options in [&[][..], &["--json-log", "-"]] {
        let project = Project::new(&[("talks.py", TALKS)]);
        let mut child = spawned(&project, python, &[&["run", "talks.py"], options].concat());
        let log = || project.path(".metaflow/TalksFlow/latest_run").exists();
        wait_until("the run has begun", log);
        // The pipes are full by then.
        std::thread::sleep(Duration::from_secs(1));
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let process = i32::try_from(child.id()).unwrap();
        wait_until("flowc ends", || !is_alive(process));
        assert_eq!(child.wait().unwrap().code(), Some(130), "{options:?}");
    }
}

/// The process id that a task writes into a file, as soon as it stands there.
fn number_in(project: &Project, file: &str) -> i32 {
    let read = || project.path(file).exists() && !project.read(file).is_empty();
    wait_until("a process has written its id", read);
    project.read(file).trim().parse().unwrap()
}
