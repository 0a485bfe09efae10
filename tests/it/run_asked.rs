//! What a flow finds around it: what its decorators ask, where only running code knows it, and the modules beside it.

use super::program::Project;
use super::run::{python, run};

const FLOW: &str = r#"
import os

from metaflow import FlowSpec, StepMutator, current, environment, retry, step


def patient(function):
    return retry(times=1, minutes_between_retries=0)(function)


class greeted(StepMutator):
    def mutate(self, mutable_step):
        mutable_step.add_decorator("environment", deco_kwargs={"vars": {"GREETING": "hello"}})


class AskedFlow(FlowSpec):
    @patient
    @environment(vars={"FOLDER": str(len(os.listdir("."))), "FIXED": "yes"})
    @step
    def start(self):
        print("start", current.retry_count, int(os.environ["FOLDER"]) > 0, os.environ["FIXED"])
        assert current.retry_count == 1
        self.next(self.end)

    @greeted
    @step
    def end(self):
        print("end", os.environ["GREETING"])


if __name__ == "__main__":
    AskedFlow()
"#;

#[test]
fn what_only_running_code_knows_is_honored() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("asked.py", FLOW)]);
    for isolation in ["fork", "spawn"] {
        run(&project, python, &["run", "asked.py", "--isolation", isolation])
            .ends(0)
            .says("start 0 True yes")
            .says("start 1 True yes")
            .says("end hello");
    }
}

/// `python folder/flow.py` looks into the flow's folder; a `-c` would look into the working directory.
#[test]
fn modules_of_the_working_directory_are_not_found() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("folder/asked.py", FLOW)]);
    for name in ["json", "select", "socket", "tokenize", "types"] {
        project.write(&format!("{name}.py"), "raise RuntimeError('not this one')\n");
    }
    for isolation in ["fork", "spawn"] {
        let file = "folder/asked.py";
        run(&project, python, &["run", file, "--isolation", isolation]).ends(0);
    }
}
