//! Metaflow's own definitions for Argo, recorded, against ours, step by step.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::argo::{manifest, read_text};
use crate::oracle;
use crate::program::{finish, flowc};

/// Recorded flows that flowc refuses, with the rule that says why.
const REFUSED: [(&str, &str); 0] = [];

/// The settings of the recordings.
const SETTINGS: [&str; 7] = [
    "METAFLOW_KUBERNETES_NAMESPACE=default",
    "METAFLOW_DATATOOLS_S3ROOT=s3://oracle-bucket/data",
    "METAFLOW_S3_ENDPOINT_URL=http://127.0.0.1:5000",
    "METAFLOW_DEFAULT_METADATA=local",
    "METAFLOW_ARGO_EVENTS_EVENT=metaflow-event",
    "METAFLOW_ARGO_EVENTS_EVENT_SOURCE=argo-events-webhook",
    "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=operate-workflow-sa",
];

/// What the recordings' deploy-time functions gave.
const DEFINES: [&str; 3] = [
    "ParamsFlow.dep=deploy-ParamsFlow-dep",
    "Params.lam=Params-deploytime",
    "ParamsPlain.lam=ParamsPlain-deploytime",
];

/// Our options for those with which Metaflow was recorded.
fn options(case: &serde_json::Value) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    for part in ["top", "group", "create"] {
        let words = case[part].as_array().into_iter().flatten();
        for word in words.filter_map(serde_json::Value::as_str) {
            if let Some(name) = word.strip_prefix("--environment=") {
                options.push(format!("--set=METAFLOW_DEFAULT_ENVIRONMENT={name}"));
            } else if word == "--new-token" {
                options.push("--production-token".to_owned());
            } else {
                options.push(word.to_owned());
            }
        }
    }
    let settings = case["env"].as_object().into_iter().flatten();
    for (name, value) in settings.filter_map(|(name, value)| Some((name, value.as_str()?))) {
        options.push(format!("--set={name}={value}"));
    }
    options
}

/// Compiles a recorded flow as Metaflow did, into a file; its output where it is refused.
fn compile(oracle: &Path, case: &serde_json::Value, flow: &str, place: &Path) -> Result<PathBuf, String> {
    let name = case["name"].as_str().unwrap();
    let file = oracle.join("flows").join(case["flow"].as_str().unwrap());
    let zeros = "0".repeat(40);
    let code = format!("s3://oracle-bucket/metaflow/{flow}/data/00/{zeros}@{zeros}");
    let ours = place.join(format!("{name}.yaml"));
    let mut command = flowc(file.parent().unwrap());
    command.args([
        "compile",
        file.file_name().unwrap().to_str().unwrap(),
        "--target",
        "argo",
    ]);
    command.args([
        "--datastore-root",
        "s3://oracle-bucket/metaflow",
        "--code",
        &code,
        "--user",
        "oracle",
    ]);
    command.args(["--image", "python:3.11", "--python-version", "3.11.7"]);
    command.args(SETTINGS.iter().flat_map(|setting| ["--set", setting]));
    command.args(DEFINES.iter().flat_map(|define| ["-D", define]));
    command.args(options(case)).arg("-o").arg(&ours);
    let ran = finish(command, b"");
    if ran.code == 0 { Ok(ours) } else { Err(ran.err) }
}

/// Every recording, with the options it was made with.
#[test]
fn agrees_with_metaflow_but_for_the_wanted_differences() {
    let Some(oracle) = oracle::find("argo differences", |oracle| {
        oracle.folder.join("argo/compare").exists()
    }) else {
        return;
    };
    let oracle = oracle.folder.as_path();
    let place = manifest("target/argo-recorded");
    std::fs::create_dir_all(&place).unwrap();
    let cases: serde_json::Value =
        serde_json::from_str(&read_text(&oracle.join("flows/cases.json"))).unwrap();
    let mut pairs = Vec::new();
    let mut refused = BTreeSet::new();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let recorded = oracle.join(format!("recorded/argo/{name}.json"));
        if !recorded.exists() {
            continue;
        }
        let theirs: serde_json::Value = serde_json::from_str(&read_text(&recorded)).unwrap();
        let flow = &theirs["metadata"]["annotations"]["metaflow/flow_name"];
        match compile(oracle, case, flow.as_str().unwrap(), &place) {
            Ok(ours) => pairs.extend([ours, recorded]),
            Err(said) => {
                let code = said
                    .split_once('[')
                    .map_or("", |(_, rest)| rest.split(']').next().unwrap());
                refused.insert((name.to_owned(), code.to_owned()));
            }
        }
    }
    let known = REFUSED.map(|(name, code)| (name.to_owned(), code.to_owned()));
    assert_eq!(refused, BTreeSet::from(known));
    assert!(pairs.len() / 2 >= 80, "{} flows", pairs.len() / 2);
    #[expect(clippy::disallowed_methods, reason = "asks the oracle")]
    let ran = std::process::Command::new(oracle.join("argo/compare"))
        .args(["--by-step", "--allow"])
        .arg(manifest("fixtures/argo/wanted-differences.txt"))
        .args(&pairs)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    writeln!(std::io::stderr(), "{}", said.lines().last().unwrap_or("")).unwrap();
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{complained}");
    // A line that explains nothing any more would hide the next difference of its kind.
    assert!(!complained.contains("allowed, but no difference"), "{complained}");
}

/// The flows of `fixtures/ok` and `fixtures/argo/e2e`, against Argo's CRDs and what its controller checks beyond them.
#[test]
fn definitions_are_what_argo_accepts() {
    let programs = ["argo/schema", "argo/semantics"];
    let is_there = |oracle: &oracle::Oracle| programs.iter().all(|name| oracle.folder.join(name).exists());
    let Some(oracle) = oracle::find("Argo's schema and rules", is_there) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for folder in ["fixtures/ok", "fixtures/argo/e2e"] {
        for entry in std::fs::read_dir(manifest(folder)).unwrap() {
            let flow = entry.unwrap().path();
            if flow.extension().is_none_or(|extension| extension != "py") {
                continue;
            }
            let name = flow.file_stem().unwrap().to_string_lossy().into_owned();
            let file = place.path().join(format!("{}-{name}.yaml", files.len()));
            let mut command = flowc(flow.parent().unwrap());
            command.args(["compile", "--isolated", "--draft", "--target", "argo"]);
            command.arg(&flow).arg("-o").arg(&file);
            let ran = finish(command, b"");
            if ran.code == 0 {
                files.push(file);
            }
        }
    }
    assert!(files.len() >= 20, "{} definitions", files.len());
    for program in programs {
        let mut command = std::process::Command::new(oracle.folder.join(program));
        let ran = finish_other(command.args(&files));
        assert!(ran.0, "{program}: {}", ran.1);
    }
}

fn finish_other(command: &mut std::process::Command) -> (bool, String) {
    let ran = command.output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
}
