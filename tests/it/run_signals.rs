//! How runs are stopped: interrupts early and late, terminals that go away, a worker that is killed.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::program::Project;
use super::run::{FAULTS, flowc, is_alive, metaflow, python, run, spawned, wait_until, worker_of};

#[test]
fn an_interrupt_ends_all_processes() {
    for (signal, expected) in [
        (Signal::INT, Some(130)),
        (Signal::TERM, Some(130)),
        (Signal::KILL, None),
    ] {
        let Some(python) = python() else { return };
        let project = Project::new(&[("faults.py", FAULTS)]);
        let mut child = spawned(&project, python, &["run", "faults.py", "--what", "sleep"]);
        wait_until("the task starts", || {
            project.path("child").exists() && !project.read("child").is_empty()
        });
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), expected, "{signal:?}");
        let sleeper: i32 = project.read("child").parse().unwrap();
        wait_until("the task's child is gone", || !is_alive(sleeper));
        project.write("mended", "");
        run(&project, python, &["resume", "faults.py"])
            .ends(0)
            .says("results [0, 10, 20]");
    }
}

/// A step that fails and leaves a process in a session of its own, and hooks that take long and leave one too.
const LEAVES: &str = r#"import os, subprocess, time
from metaflow import FlowSpec, exit_hook, step

def leave(file):
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with open(file, "w") as ids:
        ids.write(str(process.pid))

def mourn(run):
    print("mourning", flush=True)
    subprocess.Popen(["sleep", "600"])
    stubborn = "trap '' INT; echo $$ > stubborn; exec sleep 600"
    subprocess.Popen(["sh", "-c", stubborn], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists("stubborn") or not os.path.getsize("stubborn"):
        time.sleep(0.01)
    leave("kept")
    time.sleep(600)

@exit_hook(on_error=[mourn])
class LeavesFlow(FlowSpec):
    @step
    def start(self):
        leave("child")
        raise ValueError("after it was left")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    LeavesFlow()
"#;

#[test]
fn a_failed_run_leaves_nothing_and_its_hooks_can_be_interrupted() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("leaves.py", LEAVES)]);
    let child = spawned(&project, python, &["run", "leaves.py"]);
    wait_until("the hook starts", || {
        project.path("kept").exists() && !project.read("kept").is_empty()
    });
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(130), "{text}");
    for words in [
        "[exit hook mourn] mourning",
        "Exit hook mourn was interrupted",
        "after it was left",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let left: i32 = project.read("child").parse().unwrap();
    wait_until("what the task left is gone", || !is_alive(left));
    let stubborn: i32 = project.read("stubborn").trim().parse().unwrap();
    wait_until("what the hook started is gone", || !is_alive(stubborn));
    let kept: i32 = project.read("kept").parse().unwrap();
    let _ = kill_process(Pid::from_raw(kept).unwrap(), Signal::KILL);
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let Some(python) = python() else { return };
    // The second also where the tests themselves run under `nohup`.
    for (program, expected) in [("nohup", 0), ("env --default-signal=HUP", 130)] {
        let project = Project::new(&[("faults.py", FAULTS)]);
        let run = flowc(&project, python, &["run", "faults.py", "--what", "sleep"]);
        let mut words = program.split(' ');
        let mut command = Command::new(words.next().unwrap());
        metaflow(&mut command, &project.path(""));
        command.args(words).arg(run.get_program()).args(run.get_args());
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the task starts", || project.path("child").exists());
        kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
        // The one that sleeps is killed, and gets another worker that finds it mended.
        project.write("mended", "");
        if expected == 0 {
            kill_process(worker_of(&child), Signal::KILL).unwrap();
        }
        assert_eq!(child.wait().unwrap().code(), Some(expected), "{program}");
    }
}

/// A flow that takes long to be imported, in a task of `init` as in any other.
const SLOW: &str = r#"
import time

from metaflow import FlowSpec, step

open("importing", "w").close()
time.sleep(300)


class SlowFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SlowFlow()
"#;

#[test]
fn an_interrupt_before_the_run_began_is_quiet() {
    let Some(python) = python() else { return };
    for options in [&[][..], &["--isolation", "spawn"], &["--preload", "endless"]] {
        let endless = "open('importing', 'w').close()\nwhile True: pass\n";
        let project = Project::new(&[("slow.py", SLOW), ("endless.py", endless)]);
        let child = spawned(&project, python, &[&["run", "slow.py"], options].concat());
        wait_until("the flow is imported", || project.path("importing").exists());
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
        assert_eq!(output.status.code(), Some(130), "{out}{err}");
        assert_eq!(err, "", "{options:?}");
        assert!(
            out.ends_with("Interrupted before the workflow started.\n"),
            "{options:?}: {out}"
        );
        assert_eq!(out.lines().count(), 1, "{options:?}: {out}");
        assert!(!project.path(".metaflow").exists(), "{options:?}");
    }
}
