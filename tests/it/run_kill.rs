//! Kills processes of runs at random: `scripts/kill-runs` with numbers that suit a test.

use std::path::Path;
use std::process::Command;

use super::program;
use super::run::python;

#[test]
fn killed_processes_leave_nothing_behind_and_runs_resume() {
    let Some(python) = python() else { return };
    for (isolation, kills, seed) in [("fork", "6", "1"), ("spawn", "2", "2")] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/kill-runs");
        let mut command = Command::new("python3");
        command
            .arg(script)
            .arg(env!("CARGO_BIN_EXE_flowc"))
            .args(["--isolation", isolation, "--kills", kills, "--seed", seed])
            .args(["--scheduler-kills", "2", "--width", "12"])
            .env("METAFLOW_PYTHON", python);
        program::finish(command, b"").ends(0).says("no process left");
    }
}
