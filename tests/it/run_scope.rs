//! Parts of a run: `--until`, `--from`, `--only`, `resume STEP`; what `--dry-run` says of them is what then runs.

use std::path::Path;

use super::program::{self, Project};
use super::run::{flowc, python, run};

/// `side` is beside the foreach; the item 1 fails until there is a file `mended`.
const FLOW: &str = r#"
import os

from metaflow import FlowSpec, step


class PartsFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.fan, self.side)

    @step
    def fan(self):
        self.items = [0, 1, 2]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        assert self.input != 1 or os.path.exists("mended")
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.join)

    @step
    def side(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PartsFlow()
"#;

/// The steps of a dry run's tree: with `+` those that run, with `=` those that are taken over, with `~` both.
fn tree(text: &str) -> String {
    let blocks = text.split("\n\n").skip(1);
    let step = |block: &str| {
        let (head, commands) = block.trim_start().split_once('\n').unwrap();
        let name = head.split_whitespace().next().unwrap().to_owned();
        let is_taken = commands.contains("--clone-only");
        let runs = commands
            .lines()
            .any(|line| line.contains(" step ") && !line.contains("--clone-only"));
        let sign = match (is_taken, runs) {
            (true, true) => '~',
            (true, false) => '=',
            (false, _) => '+',
        };
        format!("{sign}{name}")
    };
    blocks.map(step).collect::<Vec<_>>().join(" ")
}

fn dry(project: &Project, python: &Path, arguments: &[&str]) -> String {
    run(project, python, &[arguments, &["--dry-run"]].concat())
        .ends(0)
        .out
}

#[test]
fn a_dry_run_of_a_part_shows_that_part() {
    let project = Project::new(&[("parts.py", FLOW)]);
    // Nothing has run yet, so no Python is needed.
    let python = Path::new("/bin/false");
    let dry = |arguments: &[&str]| dry(&project, python, &[&["run", "parts.py"], arguments].concat());
    assert_eq!(tree(&dry(&["--until", "each"])), "+start +fan +each");
    assert_eq!(tree(&dry(&["--until", "side"])), "+start +side");
    let text = dry(&["--until", "fan"]);
    assert!(text.contains("\n    fan  (foreach)\n"), "{text}");
    assert!(text.contains("\n  start → fan  (split)\n"), "{text}");
}

#[test]
fn a_dry_run_on_an_earlier_one_shows_what_is_taken_over() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("parts.py", FLOW)]);
    let dry = |arguments: &[&str]| tree(&dry(&project, python, arguments));
    let run = |arguments: &[&str]| run(&project, python, arguments);
    // One worker: all of the foreach but its second item is done when that fails.
    run(&["run", "parts.py", "--max-workers", "1", "--until", "gather"]).ends(1);
    assert_eq!(
        dry(&["resume", "parts.py"]),
        "=start =fan ~each +gather +side +join +end"
    );
    assert_eq!(
        dry(&["resume", "parts.py", "fan", "--until", "gather"]),
        "=start +fan +each +gather"
    );
    project.write("mended", "");
    let resumed = run(&["resume", "parts.py"]).ends(0);
    let count = |text: &str, words: &str| text.matches(words).count();
    assert_eq!(
        (
            count(&resumed.out, "Cloning previously run task"),
            count(&resumed.out, "Task is starting")
        ),
        (3, 6)
    );
    assert_eq!(
        dry(&["resume", "parts.py", "join"]),
        "=start =fan =each =gather =side +join +end"
    );
    assert_eq!(
        dry(&["run", "parts.py", "--from", "gather"]),
        "=start =fan =each +gather =side +join +end"
    );
    assert_eq!(
        dry(&["run", "parts.py", "--only", "gather"]),
        "=start =fan =each +gather"
    );
    let only = run(&["run", "parts.py", "--only", "gather"]).ends(0);
    assert_eq!(count(&only.out, "Task is starting"), 1, "{}", only.out);
}

#[test]
fn steps_that_make_no_sense_together_are_refused() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("parts.py", FLOW), ("mended", "")]);
    run(&project, python, &["run", "parts.py"]).ends(0);
    for (arguments, told) in [
        (
            &["run", "parts.py", "--from", "join", "--until", "each"][..],
            "nothing would run: `join`",
        ),
        (
            &["run", "parts.py", "--from", "side", "--until", "gather"],
            "nothing would run: `side`",
        ),
        (
            &["resume", "parts.py", "join", "--until", "each"],
            "nothing would run: `join`",
        ),
        (
            &["run", "parts.py", "--until", "gathr"],
            "no step `gathr`; did you mean `gather`?",
        ),
        (&["run", "parts.py", "--from", "eech"], "did you mean `each`?"),
        (&["run", "parts.py", "--only", "zzzzzz"], "it has `start`"),
        (&["resume", "parts.py", "strat"], "did you mean `start`?"),
        (
            &["run", "parts.py", "--only", "each", "--until", "join"],
            "cannot be used with",
        ),
        (
            &["resume", "parts.py", "each", "--from", "side"],
            "cannot be used with",
        ),
        (
            &["run", "parts.py", "--branch", "trial"],
            "--branch is an option of flows with `@project`",
        ),
        (
            &["run", "parts.py", "--production"],
            "--production is an option of flows with `@project`",
        ),
        (
            &["run", "parts.py", "--origin-run-id", "flowc-1"],
            "give --from STEP or --only STEP",
        ),
        (
            &["resume", "parts.py", "--origin-run-id", "flowc-1"],
            "no run `flowc-1`",
        ),
    ] {
        for more in [&[][..], &["--dry-run"]] {
            let ran = run(&project, python, &[arguments, more].concat()).ends(2);
            assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
            assert_eq!(ran.out, "", "{arguments:?}");
        }
    }
}

#[test]
fn only_one_step_tells_of_others_that_it_needs() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("parts.py", FLOW)]);
    run(&project, python, &["run", "parts.py", "--max-workers", "1"]).ends(1);
    project.write("mended", "");
    run(&project, python, &["run", "parts.py", "--only", "gather"])
        .ends(0)
        .complains("`--only gather` runs `each` too");
}

#[test]
fn beginning_at_a_step_tells_of_others_that_run_too() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("parts.py", FLOW), ("mended", "")]);
    run(&project, python, &["run", "parts.py", "--until", "gather"]).ends(0);
    let from = ["run", "parts.py", "--from", "join"];
    run(&project, python, &from)
        .ends(0)
        .complains("`--from join` runs `side` too");
    // Now all before it is there.
    let again = run(&project, python, &from).ends(0);
    assert_eq!(again.err, "");
    let resumed = run(&project, python, &["resume", "parts.py", "join"]).ends(0);
    assert_eq!(resumed.err, "");
}

const FLAKY: &str = r#"
from metaflow import FlowSpec, current, step


class FlakyFlow(FlowSpec):
    @step
    def start(self):
        print("attempt", current.retry_count)
        assert current.retry_count > 0
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FlakyFlow()
"#;

/// As Metaflow's own `run` takes them, from its configuration file too.
#[test]
fn decorators_of_the_environment_are_put_on_every_step() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("flaky.py", FLAKY)]);
    let spec = "retry:times=1,minutes_between_retries=0";
    for name in ["METAFLOW_DECOSPECS", "METAFLOW_DEFAULT_DECOSPECS"] {
        let mut command = flowc(&project, python, &["run", "flaky.py"]);
        command.env(name, spec);
        program::finish(command, b"").ends(0).says("attempt 1");
    }
    let text = format!(r#"{{"METAFLOW_DEFAULT_DECOSPECS": "{spec}"}}"#);
    project.write("none/config.json", text);
    run(&project, python, &["run", "flaky.py"])
        .ends(0)
        .says("attempt 1");
}

/// Prints what it knows of the run that it goes on from, as the client does.
const RESUMED: &str = r#"
import os

from metaflow import FlowSpec, current, step


class ResumedFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(self):
        assert os.path.exists("mended")
        self.next(self.end)

    @step
    def end(self):
        print("origin", current.origin_run_id)


if __name__ == "__main__":
    ResumedFlow()
"#;

/// As in a run that Metaflow's own `resume` made.
#[test]
fn a_resumed_run_knows_where_it_comes_from() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("resumed.py", RESUMED)]);
    run(&project, python, &["run", "resumed.py"]).ends(1);
    let first = super::run::latest(&project, "ResumedFlow");
    project.write("mended", "");
    run(&project, python, &["resume", "resumed.py"])
        .ends(0)
        .says(&format!("origin {first}"));
    let text = "from metaflow import Flow
run = Flow('ResumedFlow').latest_run
print(run.origin_pathspec, run['start'].task.origin_pathspec)";
    let mut client = std::process::Command::new(python);
    super::run::metaflow(&mut client, &project.path(""));
    client.args(["-c", text]);
    program::finish(client, b"")
        .ends(0)
        .says(&format!("ResumedFlow/{first} ResumedFlow/{first}/start/t1"));
}

#[test]
fn a_task_that_the_flow_has_left_behind_is_named() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("resumed.py", RESUMED)]);
    run(&project, python, &["run", "resumed.py"]).ends(1);
    let changed = RESUMED
        .replace("self.middle", "self.between")
        .replace("def middle", "def between");
    project.write("resumed.py", changed);
    project.write("mended", "");
    let told = "/start/t1` cannot be taken over: it went on to `middle`, and `start` does not any more";
    run(&project, python, &["resume", "resumed.py"])
        .ends(1)
        .complains(told);
    run(&project, python, &["resume", "resumed.py", "--dry-run"])
        .ends(2)
        .complains(told);
    run(&project, python, &["resume", "resumed.py", "start"]).ends(0);
}

const SWITCH: &str = r#"
from metaflow import FlowSpec, step


class SwitchFlow(FlowSpec):
    @step
    def start(self):
        self.way = "left"
        self.next({"left": self.left, "right": self.right}, condition="way")

    @step
    def left(self):
        self.next(self.end)

    @step
    def right(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SwitchFlow()
"#;

#[test]
fn a_step_where_the_earlier_run_did_not_go_is_told() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("switch.py", SWITCH)]);
    run(&project, python, &["run", "switch.py"]).ends(0);
    for arguments in [
        ["run", "switch.py", "--from", "right"],
        ["run", "switch.py", "--only", "right"],
        ["resume", "switch.py", "right", "--dry-run"],
    ] {
        run(&project, python, &arguments)
            .ends(2)
            .complains("`right` would not run: the earlier run did not go there");
    }
    run(&project, python, &["run", "switch.py", "--from", "left"]).ends(0);
}
