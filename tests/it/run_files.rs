//! What a run writes for others beside its datastore: `--json-log`, `--timeline`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::Project;
use super::run::{FAULTS, flowc, python, run};

/// The events of a log.
fn events(text: &str) -> Vec<Value> {
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn files_that_cannot_be_written_are_told_before_anything_runs() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    fs::create_dir(project.path("folder")).unwrap();
    for option in [
        "--json-log",
        "--timeline",
        "--run-id-file",
        "--runner-attribute-file",
    ] {
        for (file, told) in [
            (
                "nowhere/x",
                "cannot write `nowhere/x`: there is no folder `nowhere`",
            ),
            ("folder", "cannot write `folder`: it is a folder"),
            ("faults.py", "`faults.py` is a source of the flow"),
        ] {
            let ran = run(&project, python, &["run", "faults.py", option, file]).ends(2);
            assert!(ran.err.contains(told), "{option}: {}", ran.err);
            assert_eq!(ran.out, "", "{option}");
        }
    }
    run(&project, python, &["run", "faults.py", "--timeline", "-"])
        .ends(2)
        .complains("`-` is no file");
    assert_eq!(project.names(), ["faults.py", "folder"]);
}

/// `/dev/full` is a disk without room.
#[test]
fn a_record_that_is_lost_is_told_once_and_no_success() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let run = |arguments: &[&str]| run(&project, python, &[&["run", "faults.py"], arguments].concat());
    for option in ["--json-log", "--timeline"] {
        let ran = run(&[option, "/dev/full"])
            .ends(2)
            .says("results [0, 10, 20]")
            .says("Done!")
            .complains("cannot write `/dev/full`: No space left on device");
        assert_eq!(ran.err.lines().count(), 1, "{option}: {}", ran.err);
    }
    let mut command = flowc(&project, python, &["run", "faults.py"]);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(
        err.contains("cannot write the output: No space left on device"),
        "{err}"
    );
    run(&["--json-log", "/dev/full", "--what", "raise"])
        .ends(1)
        .complains("cannot write `/dev/full`")
        .complains("ValueError: on purpose");
}

#[test]
fn events_can_go_to_stdout() {
    let Some(python) = python() else { return };
    let project = Project::new(&[("faults.py", FAULTS)]);
    let ran = run(&project, python, &["run", "faults.py", "--json-log", "-"])
        .ends(0)
        .complains("Workflow starting")
        .complains("Done!");
    let events = events(&ran.out);
    assert_eq!(events[0]["event"], "run-started");
    assert_eq!(events.last().unwrap()["outcome"], "success");
    assert_eq!(project.names(), [".metaflow", "faults.py"]);
}

#[test]
fn a_run_that_does_not_start_is_an_event() {
    let Some(python) = python() else { return };
    let project = super::run::project("rough.py");
    let outcome = |python: &Path, arguments: &[&str]| {
        let options = ["--json-log", "events", "--timeline", "page.html"];
        run(
            &project,
            python,
            &[&["run", "rough.py"], arguments, &options[..]].concat(),
        )
        .ends(2);
        let events = events(&project.read("events"));
        let last = events.last().unwrap();
        assert_eq!(last["event"], "run-ended");
        assert!(!project.path("page.html").exists());
        (
            last["outcome"].as_str().unwrap().to_owned(),
            last["error"].as_str().unwrap().to_owned(),
        )
    };
    let (word, error) = outcome(python, &["--count", "many"]);
    assert_eq!(word, "not-started");
    assert!(
        error.starts_with("the run could not start: Invalid value for '--count'"),
        "{error}"
    );
    let (word, error) = outcome(Path::new("/bin/false"), &[]);
    assert_eq!(word, "not-started");
    assert!(
        error.contains("`/bin/false` ended before it could start a task"),
        "{error}"
    );
}
