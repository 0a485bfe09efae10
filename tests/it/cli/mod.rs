//! The program from outside: exit codes, streams, settings, files.

use std::process::Stdio;

use crate::program::{Project, flowc};

mod checking;
mod compiling;
mod fixing;
mod pods;
mod schedules;
mod settings;

const GOOD: &str = "from metaflow import FlowSpec, step


class TrainFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

/// Everything a definition needs.
const DEPLOYMENT: [&str; 6] = [
    "--datastore-root",
    "s3://bucket/metaflow",
    "--code",
    "image:/app",
    "--image",
    "python:3.12",
];

fn bad() -> String {
    GOOD.replace("self.next(self.end)", "self.next(self.nowhere)")
}

fn project() -> Project {
    Project::new(&[("good.py", GOOD), ("bad.py", &bad())])
}

fn compile<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["compile", file, "--target", "argo"], more].concat()
}
