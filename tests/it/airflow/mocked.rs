//! Runs by Airflow in which no pod runs: each is told what it leaves. Every pod must be told the tasks whose results
//! it goes on with, and a result that is lost must fail the run.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{compiled, engine};

const SKETCH: &str = "\
start: outer foreach
outer: choose foreach
choose: ? left right
left: merge
right: more foreach
more: gather
gather/2: merge
merge: inner_join
inner_join/2: after
after: outer_join
outer_join/2: mid
mid: l r
l: both
r: both
both/2: end
end
";

/// Items of `choose` by the task of `outer` that opened them; its tasks 0 to 4 have these parents and places.
const ITEMS: [(usize, usize); 5] = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)];
/// Those of them that go to the right, and the items that each then has.
const RIGHT: [(usize, usize); 2] = [(1, 2), (4, 1)];

/// What each pod leaves in `return.json`, by step and map index (-1: not mapped).
fn results() -> BTreeMap<(&'static str, i64), Json> {
    let mut out = BTreeMap::new();
    let mut put = |step: &'static str, index: i64, more: Json| {
        let mut result = json!({"metaflow_task_id": format!("{step}-{index}")});
        for (key, value) in more.as_object().unwrap() {
            result[key] = value.clone();
        }
        out.insert((step, index), result);
    };
    put("start", -1, json!({"metaflow_foreach_cardinality": 2}));
    for (index, count) in [(0, 2), (1, 3)] {
        put("outer", index, json!({"metaflow_foreach_cardinality": count}));
        put("inner_join", index, json!({}));
        put("after", index, json!({}));
    }
    let mut more = 0;
    for index in 0..5 {
        let right = RIGHT
            .iter()
            .find(|(chosen, _)| i64::try_from(*chosen).unwrap() == index);
        put("merge", index, json!({}));
        match right {
            None => {
                put("choose", index, json!({"flowc_next": "left"}));
                put("left", index, json!({}));
            }
            Some((_, count)) => {
                put("choose", index, json!({"flowc_next": "right"}));
                put("right", index, json!({"metaflow_foreach_cardinality": count}));
                put("gather", index, json!({}));
                for _ in 0..*count {
                    put("more", more, json!({}));
                    more += 1;
                }
            }
        }
    }
    for step in ["outer_join", "mid", "l", "r", "both", "end"] {
        put(step, -1, json!({}));
    }
    out
}

/// The mock file of the engine, without the result of one task.
fn mock(lost: Option<(&str, i64)>) -> String {
    let mut out = json!({});
    for ((step, index), result) in results() {
        if lost != Some((step, index)) {
            out[step]["returns"][index.to_string()] = result;
        }
    }
    out.to_string()
}

/// Input paths and split index of every pod, `RUN` for the run.
fn wanted() -> BTreeMap<(String, i64), (String, Option<String>)> {
    let mut out = BTreeMap::new();
    let mut put = |step: &str, index: i64, paths: String, split: Option<usize>| {
        out.insert(
            (step.to_owned(), index),
            (paths, split.map(|split| split.to_string())),
        );
    };
    let one = |step: &str, index: i64| format!("RUN/{step}/{step}-{index}");
    let several = |step: &str, indexes: &[i64]| {
        let paths: Vec<String> = indexes
            .iter()
            .map(|index| format!("/{step}/{step}-{index}"))
            .collect();
        format!("RUN:{}", paths.join(","))
    };
    for index in [0, 1] {
        put(
            "outer",
            index,
            one("start", -1),
            Some(usize::try_from(index).unwrap()),
        );
        put("after", index, one("inner_join", index), None);
    }
    put("inner_join", 0, several("merge", &[0, 1]), None);
    put("inner_join", 1, several("merge", &[2, 3, 4]), None);
    for (index, (parent, split)) in ITEMS.iter().enumerate() {
        let index = i64::try_from(index).unwrap();
        put(
            "choose",
            index,
            one("outer", i64::try_from(*parent).unwrap()),
            Some(*split),
        );
        if [1, 4].contains(&index) {
            put("right", index, one("choose", index), None);
            put("merge", index, one("gather", index), None);
        } else {
            put("left", index, one("choose", index), None);
            put("merge", index, one("left", index), None);
        }
    }
    for (index, parent, split) in [(0, 1, 0), (1, 1, 1), (2, 4, 0)] {
        put("more", index, one("right", parent), Some(split));
    }
    put("gather", 1, several("more", &[0, 1]), None);
    put("gather", 4, several("more", &[2]), None);
    put("outer_join", -1, several("after", &[0, 1]), None);
    put("mid", -1, one("outer_join", -1), None);
    put("l", -1, one("mid", -1), None);
    put("r", -1, one("mid", -1), None);
    put("both", -1, format!("{},{}", one("l", -1), one("r", -1)), None);
    put("end", -1, one("both", -1), None);
    out
}

/// What the pods of a run were told, all but the start, whose input are the parameters.
fn told(run: &Json) -> BTreeMap<(String, i64), (String, Option<String>)> {
    let pods = run["pods"].as_array().unwrap().iter();
    let pods = pods.filter(|pod| pod["task"] != "start").map(|pod| {
        let variable = |name: &str| pod["environment"][name].as_str().map(str::to_owned);
        let id = variable("METAFLOW_RUN_ID").unwrap();
        let paths = variable("FLOWC_INPUT_PATHS").unwrap().replace(&id, "RUN");
        let place = (
            pod["task"].as_str().unwrap().to_owned(),
            pod["map_index"].as_i64().unwrap(),
        );
        (place, (paths, variable("FLOWC_SPLIT_INDEX")))
    });
    pods.collect()
}

/// A DAG's file beside what its pods leave.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("dag.py"), compiled(SKETCH)).unwrap();
        Self { folder }
    }

    fn mock(&self, lost: Option<(&str, i64)>) -> String {
        let file = self.folder.path().join("mock.json");
        std::fs::write(&file, mock(lost)).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn dag(&self) -> std::path::PathBuf {
        self.folder.path().join("dag.py")
    }
}

/// Results whose loss must fail the run: of a foreach, a switch, the last step of a body.
const LOST: [(&str, i64); 3] = [("outer", 1), ("choose", 3), ("merge", 4)];

fn assert_inputs(report: &Json, times: &str) {
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len().to_string(), times, "{report:#}");
    for run in runs {
        assert_eq!(run["state"], "success", "{:#}", run["tasks"]);
        assert_eq!(told(run), wanted(), "{:#}", run["tasks"]);
    }
}

#[test]
fn by_the_model_every_pod_is_told_its_own_inputs() {
    let place = Place::new();
    for version in ["2.10.5", "3.3.2"] {
        let mock = place.mock(None);
        let options = ["--airflow", version, "--mock", &mock, "--times", "2"];
        assert_inputs(&engine::model(&place.dag(), &options), "2");
        for lost in LOST {
            let mock = place.mock(Some(lost));
            let report = engine::model(&place.dag(), &["--airflow", version, "--mock", &mock]);
            assert_eq!(report["runs"][0]["state"], "failed", "{lost:?}: {report:#}");
        }
    }
}

#[test]
fn every_pod_is_told_its_own_inputs() {
    let Some(engine) = engine::find("input paths of nested foreaches on Airflow") else {
        return;
    };
    // What goes wrong only now and then: 20 runs have to be alike before a release.
    let times = std::env::var("FLOWC_AIRFLOW_TIMES").unwrap_or_else(|_| "1".to_owned());
    let place = Place::new();
    for version in engine::VERSIONS {
        let mock = place.mock(None);
        let (code, report) = engine.run(version, &place.dag(), &["--mock", &mock, "--times", &times]);
        assert_inputs(&report, &times);
        assert_eq!(code, 0, "{version}: {report:#}");
    }
}

#[test]
fn a_result_that_is_lost_fails_the_run() {
    let Some(engine) = engine::find("lost results on Airflow") else {
        return;
    };
    let place = Place::new();
    for version in engine::VERSIONS {
        for lost in LOST {
            let mock = place.mock(Some(lost));
            let (code, report) = engine.run(version, &place.dag(), &["--mock", &mock]);
            assert_eq!(
                report["runs"][0]["state"], "failed",
                "{version}: {lost:?}: {report:#}"
            );
            assert_eq!(code, 1);
        }
    }
}
