//! Joins of many tasks: their input paths are more than one variable of a pod can hold.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::{compiled, engine};

/// Tasks whose paths have 170 bytes each, with the path that each leaves.
fn run(count: usize, id: &str) -> (String, String, Json) {
    let name = "w".repeat(150);
    let dag = compiled(&format!(
        "start: {name} foreach\n{name}: join\njoin/2: end\nend\n"
    ));
    let folder = tempfile::tempdir().unwrap();
    let (file, mock) = (folder.path().join("dag.py"), folder.path().join("mock.json"));
    std::fs::write(&file, &dag).unwrap();
    let mut left = json!({
        "start": {"return": {"metaflow_task_id": "s", "metaflow_foreach_cardinality": count}},
        "join": {"return": {"metaflow_task_id": "j"}},
        "end": {"return": {"metaflow_task_id": "e"}},
    });
    for index in 0..count {
        left[&name]["returns"][index.to_string()] = json!({"metaflow_task_id": format!("{id}{index:04}")});
    }
    std::fs::write(&mock, left.to_string()).unwrap();
    let report = engine::model(&file, &["--mock", mock.to_str().unwrap()]);
    (dag, name, report["runs"][0].clone())
}

#[test]
fn the_paths_of_a_wide_join_come_in_parts() {
    let (dag, name, run) = run(1000, "airflow-0123456789");
    let pods = run["pods"].as_array().unwrap();
    let join = pods.iter().find(|pod| pod["task"] == "join").unwrap();
    let environment = join["environment"].as_object().unwrap();
    let texts = environment
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    assert!(texts.clone().all(|(_, text)| text.len() < 128 * 1024));
    let paths: Vec<String> = (0..1000)
        .map(|index| format!("/{name}/airflow-0123456789{index:04}"))
        .collect();
    let id = environment["METAFLOW_RUN_ID"].as_str().unwrap();
    let wanted = format!("{id}:{}", paths.join(","));
    // The lines of the pod's program that put them together again.
    let lines = dag
        .lines()
        .filter(|line| line.contains("FLOWC_INPUT_PATHS") && line.contains("printf"));
    let lines: Vec<&str> = lines.collect();
    let folder = tempfile::tempdir().unwrap();
    let written = Command::new("bash")
        .args([
            "-euc",
            &format!("{}\nenv | grep -c FLOWC_INPUT_PATHS_ || :", lines.join("\n")),
        ])
        .envs(texts.filter(|(name, _)| name.starts_with("FLOWC_INPUT_PATHS")))
        .env("mf_own", folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&written.stdout), "0\n", "{written:?}");
    let read = std::fs::read_to_string(folder.path().join("input-paths")).unwrap();
    assert!(read == wanted, "{} bytes of {}", read.len(), wanted.len());
}

#[test]
fn more_paths_than_a_pod_can_be_given_fail_the_run() {
    let (_, _, run) = run(1000, &"i".repeat(900));
    assert_eq!(run["state"], "failed");
    assert_eq!(run["tasks"]["join"], json!([[-1, "failed"]]));
}
