//! `check`, `graph` and `compile` look at sources and nothing else: no second program, no connection, and the
//! same bytes wherever and by whomever they are run.

use std::io::Write;
use std::process::Command;

use crate::program::{Project, finish, flowc};

const FLOW: &str = "from metaflow import FlowSpec, Parameter, kubernetes, retry, step

from images import IMAGE


class TrainFlow(FlowSpec):
    alpha = Parameter(\"alpha\", default=0.1)

    @step
    def start(self):
        self.rows = [1, 2, 3]
        self.next(self.fit, foreach=\"rows\")

    @retry(times=2)
    @kubernetes(cpu=2, image=IMAGE)
    @step
    def fit(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

const DEPLOYMENT: &str = "target = [\"argo\"]\ndatastore-root = \"s3://bucket/metaflow\"\ncode = \"image:/app\"\nimage = \"python:3.12\"\n";

/// Two faulty flows besides, so that findings are compared too.
fn files() -> Vec<(&'static str, String)> {
    vec![
        ("train.py", FLOW.to_owned()),
        ("images.py", "IMAGE = \"registry/\" + \"train:1\"\n".to_owned()),
        ("one.py", FLOW.replace("self.join)", "self.jion)")),
        ("two.py", FLOW.replace("times=2", "tmies=2")),
        ("flowc.toml", DEPLOYMENT.to_owned()),
    ]
}

fn write(project: &Project, folder: &str) {
    for (name, text) in files() {
        project.write(&format!("{folder}{name}"), text);
    }
}

const COMMANDS: [&[&str]; 7] = [
    &["check", "train.py"],
    &["check", "--output-format", "json", "."],
    &["graph", "--format", "json", "train.py"],
    &["graph", "train.py"],
    &["compile", "train.py"],
    &["compile", "--code", "package", "train.py"],
    &["package", "train.py"],
];

#[test]
fn the_same_bytes_elsewhere() {
    let here = Project::new(&[]);
    write(&here, "");
    let there = Project::new(&[]);
    write(&there, "deeper folder é/still/");
    let other = [
        ("HOME", "/nonexistent"),
        ("USER", "mallory"),
        ("LOGNAME", "mallory"),
        ("LC_ALL", "C"),
        ("LANG", "tr_TR.UTF-8"),
        ("TZ", "Pacific/Kiritimati"),
        ("RAYON_NUM_THREADS", "1"),
        ("COLUMNS", "40"),
        ("METAFLOW_USER", "mallory"),
        ("METAFLOW_DEFAULT_DATASTORE", "azure"),
        ("SOURCE_DATE_EPOCH", "1"),
    ];
    for command in COMMANDS {
        let first = here.run_with(command.iter().copied(), &[("RAYON_NUM_THREADS", "4")], b"");
        let mut elsewhere = flowc(&there.path("deeper folder é/still"));
        elsewhere.args(command).envs(other);
        let second = finish(elsewhere, b"");
        assert!(!first.out.is_empty(), "{command:?}: {first:?}");
        assert_eq!(first.out, second.out, "{command:?}");
        assert_eq!(first.code, second.code, "{command:?}");
        assert!(!second.out.contains("mallory"), "{command:?}");
    }
    let absolute = there.path("deeper folder é/still/train.py");
    let mut from_root = flowc("/".as_ref());
    from_root.arg("compile").arg(absolute);
    assert_eq!(finish(from_root, b"").out, here.run(["compile", "train.py"]).out);
}

#[test]
fn no_second_program_and_no_connection() {
    if Command::new("strace").arg("-V").output().is_err() {
        // The test harness hides `eprintln!` of a passing test, not this.
        let _ = writeln!(std::io::stderr(), "not run here: strace, install it");
        return;
    }
    let project = Project::new(&[]);
    write(&project, "");
    for command in COMMANDS {
        let mut traced = Command::new("strace");
        traced
            .current_dir(project.path(""))
            .args([
                "-f",
                "-qq",
                "-o",
                "trace",
                "-e",
                "trace=connect,sendto,sendmsg,bind,execve,execveat",
            ])
            .arg(env!("CARGO_BIN_EXE_flowc"))
            .args(command);
        let ran = finish(traced, b"");
        let trace = project.read("trace");
        // A thread that ends while strace lets go of it leaves a line without a call: `123 ???( <detached ...>`.
        let is_call = |line: &&str| line.contains('(') && !line.contains("???(");
        let calls: Vec<&str> = trace.lines().filter(is_call).collect();
        assert!(
            calls.first().is_some_and(|call| call.contains("execve(")),
            "{trace}\n{ran:?}"
        );
        assert_eq!(calls.len(), 1, "{command:?}: {trace}");
    }
}
