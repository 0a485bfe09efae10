//! Metaflow's own package of a project beside flowc's: the same files with the same content, but for what
//! docs/differences.md lists.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::members;
use crate::program::Project;
use crate::run;

const FLOW: &str = "from metaflow import Config, FlowSpec, IncludeFile, package_sources, step


@package_sources([(\"../shared\", \"common/code\")], suffixes=\".py,sql\")
@package_sources(\"../one.py\", arcname=\"two.py\")
class TrainFlow(FlowSpec):
    cfg = Config(\"Settings\", default=\"settings.json\")
    note = Config(\"note\", default_value=\"as it is\", plain=True)
    data = IncludeFile(\"data\", default=\"data.csv\")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

/// Everything that Metaflow's rules tell apart.
fn project() -> Project {
    let project = Project::new(&[]);
    let files = [
        ("train.py", FLOW),
        ("helper.py", "X = 1\n"),
        ("settings.json", "{\"rate\": 0.5}"),
        ("data.csv", "a,b\n1,2\n"),
        ("run.PY", ""),
        ("lib/__init__.py", ""),
        ("lib/model.R", "x <- 1\n"),
        ("lib/Old.Rds", "x"),
        ("lib/notes.md", "no code\n"),
        ("lib/__pycache__/model.py", ""),
        ("lib/deep/er/one.py", ""),
        (".hidden/secret.py", ""),
        (".hidden.py", ""),
        (".py", ""),
        ("lib/.py", ""),
        ("scratch/try.py", ""),
        ("ignored.py", ""),
        ("venv/pyvenv.cfg", ""),
        ("venv/lib/thing.py", ""),
        ("_escape_trampolines/x.py", ""),
        ("lib/_escape_trampolines/x.py", ""),
        ("a b/ü.py", ""),
        (".gitignore", "scratch/\nignored.py\n"),
        ("../shared/tool.py", "T = 1\n"),
        ("../shared/.hid/x.py", ""),
        ("../shared/sub/t.sql", "select 1"),
        ("../one.py", "O = 1\n"),
        ("../elsewhere/linked/x.py", ""),
    ];
    for (name, text) in files {
        project.write(&format!("flows/{name}"), text);
    }
    symlink("../elsewhere/linked", project.path("flows/linked")).unwrap();
    symlink("helper.py", project.path("flows/link.py")).unwrap();
    symlink(".", project.path("flows/me")).unwrap();
    project
}

/// What flowc leaves out: see docs/differences.md.
fn is_left_out(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    ["scratch", "ignored.py", "venv", "_escape_trampolines"]
        .iter()
        .any(|part| parts.contains(part))
}

#[test]
fn the_files_are_those_of_metaflow() {
    let recorded = include_str!("../../../fixtures/package/metaflow-2.19.39.txt");
    let recorded = recorded.lines().filter(|line| !line.starts_with('#'));
    let wanted: Vec<&str> = recorded.filter(|name| !is_left_out(name)).collect();
    let command = [
        "package",
        "flows/train.py",
        "--list",
        "--package-suffixes",
        ".csv",
    ];
    let ran = project().run(command).ends(0);
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn the_content_is_that_of_metaflow() {
    let Some(python) = run::python() else { return };
    let project = project();
    let mut save = Command::new(python);
    save.current_dir(project.path("flows"))
        .env_clear()
        .env("USER", "tester")
        .env("METAFLOW_HOME", project.path("home"))
        .arg("train.py")
        .args(["--datastore=local", "--datastore-root", "../store"])
        .args(["--package-suffixes=.csv", "package", "save", "../theirs"]);
    let saved = save.output().unwrap();
    assert!(saved.status.success(), "{saved:?}");
    let command = [
        "package",
        "flows/train.py",
        "-o",
        "ours",
        "--package-suffixes",
        ".csv",
    ];
    let from = ["--metaflow-from", python.to_str().unwrap()];
    project.run(command.into_iter().chain(from)).ends(0);
    let read = |name: &str| members(&std::fs::read(project.path(name)).unwrap());
    let (ours, mut theirs) = (read("ours"), read("theirs"));
    theirs.retain(|name, _| !is_left_out(name));
    assert!(theirs.len() > 400, "no Metaflow in Metaflow's package");
    let names =
        |members: &std::collections::BTreeMap<String, _>| members.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&ours), names(&theirs));
    for (name, (_, content)) in &theirs {
        let ours = &ours[name].1;
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        match name.as_str() {
            ".mf_meta/INFO" => {
                let mut wanted = json(content);
                for personal in ["username", "python_version", "python_version_code"] {
                    wanted.as_object_mut().unwrap().remove(personal);
                }
                assert_eq!(json(ours), wanted);
            }
            ".mf_meta/CONFIG" => assert_eq!(json(ours), json(content)),
            _ => assert_eq!(ours, content, "{name}"),
        }
    }
}
