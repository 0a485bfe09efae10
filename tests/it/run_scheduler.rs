//! What the scheduler itself costs: a wide foreach with a worker that only says that tasks are done
//! (`fixtures/run/stub_worker.py`). Its time is that of flowc alone, without its children.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::program::{self, Project};

/// A foreach of 100 whose tasks do nothing.
pub const WIDE: &str = r#"
from metaflow import FlowSpec, step


class StubFlow(FlowSpec):
    @step
    def start(self):
        self.items = list(range(100))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StubFlow()
"#;

/// Seconds of CPU that a process that has ended took, its children not counted.
fn cpu(pid: i32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11..=12]
        .iter()
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    f64::from(u32::try_from(ticks).unwrap()) / 100.0
}

#[test]
fn the_scheduler_is_light() {
    let project = Project::new(&[("stub.py", WIDE)]);
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/run/stub_worker.py");
    let mut command = program::flowc(&project.path(""));
    let width = 2000;
    command
        .args(["run", "stub.py", "--max-num-splits", "20000", "--python"])
        .arg(python)
        .envs([
            ("PATH", std::env::var("PATH").unwrap()),
            ("STUB_WIDTH", width.to_string()),
            ("STUB_REPORT", project.path("memory").display().to_string()),
        ])
        .stdout(fs::File::create(project.path("out")).unwrap());
    let mut child = command.spawn().unwrap();
    let pid = Pid::from_child(&child);
    // It stays in the list of processes until it is waited for.
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
    let cpu = cpu(pid.as_raw_nonzero().get());
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", project.read("out"));
    let done = project.read("out").matches("Task finished successfully.").count();
    assert_eq!(done, width + 3);
    // An unoptimized build on an idle machine takes 0.5 s and 20 MB; on a busy one several times that.
    let memory: u64 = project.read("memory").parse().unwrap();
    assert!(cpu < 6.0, "{cpu} s of CPU for {width} tasks");
    assert!(memory < 60_000, "{memory} KiB");
}
