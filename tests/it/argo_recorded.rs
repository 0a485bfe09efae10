//! Metaflow's own definitions for Argo, recorded, against ours, step by step.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::argo::{manifest, read_text};
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
    #[expect(clippy::disallowed_methods, reason = "where the oracle is")]
    let oracle = std::env::var("FLOWC_ORACLE").unwrap_or_default();
    let oracle = Path::new(&oracle);
    let compare = oracle.join("argo/compare");
    if !compare.exists() {
        writeln!(
            std::io::stderr(),
            "not run here: argo differences, set FLOWC_ORACLE"
        )
        .unwrap();
        return;
    }
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
    let ran = std::process::Command::new(&compare)
        .args(["--by-step", "--allow"])
        .arg(manifest("fixtures/argo/wanted-differences.txt"))
        .args(&pairs)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    writeln!(std::io::stderr(), "{}", said.lines().last().unwrap_or("")).unwrap();
    assert!(
        ran.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
