//! The flows of `fixtures/ok`: silent under every rule, and compiled for every target but those that the first line
//! names (`# not on: airflow`).

use std::path::PathBuf;

use crate::program::{finish, flowc};

fn flows() -> Vec<(PathBuf, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ok");
    let mut flows: Vec<(PathBuf, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .filter(|(_, text)| text.contains("__main__"))
        .collect();
    flows.sort();
    flows
}

fn run(path: &std::path::Path, arguments: &[&str]) -> crate::program::Ran {
    let mut command = flowc(path.parent().unwrap());
    command.args(arguments).arg(path.file_name().unwrap());
    finish(command, b"")
}

#[test]
fn every_rule_is_silent() {
    let flows = flows();
    assert!(flows.len() >= 11, "{}", flows.len());
    for (path, _) in flows {
        run(&path, &["check", "--isolated", "--deny", "warnings", "--strict"])
            .ends(0)
            .says("no problem in 1 flow of 1 file");
    }
}

#[test]
fn every_target_compiles_them() {
    for (path, text) in flows() {
        let excepted = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# not on: "));
        for target in ["argo", "airflow", "step-functions"] {
            let ran = run(&path, &["compile", "--isolated", "--draft", "--target", target]);
            let is_excepted = excepted.is_some_and(|names| names.split(", ").any(|name| name == target));
            assert_eq!(
                ran.code,
                i32::from(is_excepted),
                "{} {target}: {}",
                path.display(),
                ran.err
            );
            assert_eq!(ran.out.is_empty(), is_excepted, "{} {target}", path.display());
        }
    }
}
