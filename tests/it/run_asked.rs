//! What a flow finds around it: what its decorators ask, where only running code knows it, and the modules beside it.

use std::process::Command;

use super::program::{self, Project};
use super::run::{flowc, metaflow, python, run};
use super::run_scheduler::WIDE;

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

const CONFIGS: &str = r#"
import os

from metaflow import Config, FlowSpec, Parameter, config_expr, environment, parallel, step


def parse(text):
    with open("parsed", "a") as file:
        file.write("x")
    return {"text": text}


class ConfigsFlow(FlowSpec):
    sizes = Config("sizes", default="sizes.json")
    parsed = Config("parsed", default_value="abc", parser=parse)
    words = Parameter("words", multiple=True, default=["none"])
    fast = Parameter("fast", is_flag=True, default=False)
    loud = Parameter("loud", count=True, default=0)
    pair = Parameter("pair", nargs=2, type=int, default=(1, 2))

    @environment(vars={"SIZE": config_expr("str(sizes.n)")})
    @step
    def start(self):
        print("start", os.environ["SIZE"], self.words, self.fast, self.loud, self.pair)
        with open("sizes.json", "w") as file:
            file.write('{"n": 99}')
        self.next(self.gang, num_parallel=2)

    @environment(vars={"SIZE": config_expr("str(sizes.n)")})
    @parallel
    @step
    def gang(self):
        print("gang", os.environ["SIZE"], self.parsed.text)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @environment(vars={"SIZE": config_expr("str(sizes.n)")})
    @step
    def end(self):
        print("end", os.environ["SIZE"], self.sizes.n)
        assert os.path.exists("repaired")


if __name__ == "__main__":
    ConfigsFlow()
"#;

/// Metaflow's launcher reads them and hands the values on; a resumed run has those of the earlier one.
#[test]
fn configs_are_read_once_for_all_tasks() {
    let Some(python) = python() else { return };
    for isolation in ["fork", "spawn"] {
        let project = Project::new(&[("configs.py", CONFIGS), ("sizes.json", r#"{"n": 1}"#)]);
        let configs = ["--config-value", r#"sizes={"n": 5}"#];
        let parameters = [
            "--words=a",
            "--words=b",
            "--fast",
            "--loud",
            "--loud",
            "--pair",
            "-3",
            "4",
        ];
        let arguments = ["run", "configs.py", "--isolation", isolation];
        let arguments = [&arguments[..], &configs, &parameters].concat();
        let ran = run(&project, python, &arguments)
            .ends(1)
            .says("start 5 (['a'], ['b']) True 2 (-3, 4)")
            .says("end 5 5")
            .says(r#"flowc resume configs.py --config-value 'sizes={"n": 5}'"#);
        assert_eq!(ran.out.matches("gang 5 abc").count(), 2, "{}", ran.out);
        assert_eq!(project.read("parsed"), "x");
        project.write("repaired", "");
        run(&project, python, &["resume", "configs.py"])
            .ends(0)
            .says("end 5 5");
    }
}

/// A Config that nothing gives is read from the earlier run, also where a decorator needs it.
#[test]
fn a_config_is_given_once() {
    let Some(python) = python() else { return };
    let flow = CONFIGS.replace(r#"default="sizes.json""#, "required=True");
    let project = Project::new(&[("configs.py", &flow)]);
    let config = [
        "--config-value",
        r#"sizes={"n": 5, "more": [0.5, null, {"a": "b"}]}"#,
    ];
    run(&project, python, &[&["run", "configs.py"][..], &config].concat())
        .ends(1)
        .says("end 5 5")
        .says("flowc resume configs.py --config-value 'sizes={");
    project.write("repaired", "");
    for command in [
        &["resume", "configs.py"][..],
        &["run", "configs.py", "--only", "end"],
    ] {
        run(&project, python, command).ends(0).says("end 5 5");
    }
}

#[test]
fn more_tasks_than_files_may_be_open_are_told() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("wide.py", WIDE)]);
    let command = flowc(&project, python, &["run", "wide.py", "--max-workers", "40"]);
    let mut shell = Command::new("sh");
    metaflow(&mut shell, &project.path(""));
    shell.args(["-c", r#"ulimit -n 24; exec "$0" "$@""#]);
    shell.arg(command.get_program()).args(command.get_args());
    program::finish(shell, b"")
        .ends(1)
        .says("to go on from here")
        .complains("--max-workers")
        .complains("Too many open files");
}
