//! What a run says last: of a task that failed, of one of several.

use super::program::Project;
use super::run::{python, run};

const GANG: &str = r#"
import os

from metaflow import FlowSpec, current, parallel, step


class GangFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.work, num_parallel=3)

    @parallel
    @step
    def work(self):
        node = current.parallel.node_index
        if node == 2:
            raise ValueError("node 2")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    GangFlow()
"#;

#[test]
fn of_a_gang_the_member_that_failed_is_told() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("gang.py", GANG)]);
    let ran = run(&project, python, &["run", "gang.py"]).ends(1);
    let last: Vec<_> = ran.err.lines().rev().take(3).collect();
    assert!(last[0].ends_with("gang.py:17: ValueError: node 2"), "{last:?}");
    assert!(last[1].starts_with("error: step `work`"), "{last:?}");
    assert_eq!(last[2].trim(), "ValueError: node 2", "{last:?}");
    assert!(!ran.err.contains("Subprocess failed"), "{}", ran.err);
}

#[test]
fn a_file_that_runs_no_flow_does_not_start() {
    let Some(python) = python() else { return };
    let text = GANG.split("if __name__").next().unwrap();
    let project = Project::new(&[("gang.py", text)]);
    run(&project, python, &["run", "gang.py"])
        .ends(2)
        .complains("does it end with `if __name__ == \"__main__\":` and `GangFlow()`?");
    assert_eq!(project.names(), ["gang.py"]);
}

#[test]
fn a_quiet_run_says_what_its_tasks_say() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", super::run::FAULTS)]);
    let ran = run(&project, python, &["run", "faults.py", "-q"]).ends(0);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert!(ran.out.ends_with("results [0, 10, 20]\n"), "{}", ran.out);
}

const MUTATED: &str = r#"
from metaflow import FlowMutator, FlowSpec, Parameter, step


class adds(FlowMutator):
    def pre_mutate(self, mutable_flow):
        mutable_flow.add_parameter("extra", Parameter("extra", default="none"))


@adds
class MutatedFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("extra", self.extra)


if __name__ == "__main__":
    MutatedFlow()
"#;

#[test]
fn a_parameter_that_a_mutator_adds_is_a_variable() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("mutated.py", MUTATED)]);
    run(&project, python, &["run", "mutated.py", "--extra", "one"])
        .ends(2)
        .complains("METAFLOW_RUN_NAME=VALUE");
    let mut command = super::run::flowc(&project, python, &["run", "mutated.py"]);
    command.env("METAFLOW_RUN_EXTRA", "one");
    super::program::finish(command, b"").ends(0).says("extra one");
}
