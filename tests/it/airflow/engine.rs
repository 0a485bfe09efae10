//! Airflow itself, where `FLOWC_ORACLE` says that its environments are there: two versions, each with its provider.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::oracle::{self, Oracle};

/// Short names of the versions as the programs below `FLOWC_ORACLE/airflow` take them.
pub const VERSIONS: [&str; 2] = ["2", "3"];

/// The programs that parse and run DAGs.
pub struct Engine {
    oracle: PathBuf,
    home: PathBuf,
}

/// None where it is not installed, which is said on stderr: `what` is the name of the test.
pub fn find(what: &str) -> Option<Engine> {
    let engine = |oracle: &Oracle| Engine {
        oracle: oracle.folder.clone(),
        home: oracle.home.clone(),
    };
    let is_there = |oracle: &Oracle| {
        let engine = engine(oracle);
        engine.oracle.join("airflow/run").exists()
            && VERSIONS.iter().all(|version| engine.python(version).exists())
    };
    oracle::find(what, is_there).as_ref().map(engine)
}

/// The report of the model of Airflow in `fixtures/airflow/model.py`, which needs Python alone.
pub fn model(dag: &Path, options: &[&str]) -> serde_json::Value {
    let place = tempfile::tempdir().unwrap();
    let answer = place.path().join("answer.json");
    let ran = Command::new("python3")
        .arg(script("model.py"))
        .args([dag, &answer])
        .args(options)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    serde_json::from_slice(&std::fs::read(answer).unwrap()).unwrap()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/airflow")
        .join(name)
}

impl Engine {
    /// The interpreter of a version's environment.
    fn python(&self, version: &str) -> PathBuf {
        self.home.join(format!("airflow{version}/bin/python"))
    }

    /// What a script of `fixtures/airflow` writes about a DAG file.
    pub fn ask(&self, version: &str, script: &str, dag: &Path) -> serde_json::Value {
        let place = tempfile::tempdir().unwrap();
        let answer = place.path().join("answer.json");
        let ran = Command::new(self.python(version))
            .arg(self::script(script))
            .args([dag, &answer])
            .current_dir(place.path())
            .env("AIRFLOW_HOME", place.path())
            .env("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{version}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        serde_json::from_slice(&std::fs::read(answer).unwrap()).unwrap()
    }

    /// Runs a DAG: the exit status and the report.
    pub fn run(&self, version: &str, dag: &Path, options: &[&str]) -> (i32, serde_json::Value) {
        let ran = Command::new(self.oracle.join("airflow/run"))
            .arg(dag)
            .args(["--airflow", version])
            .args(options)
            .output()
            .unwrap();
        let report = serde_json::from_slice(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&ran.stderr)));
        (ran.status.code().unwrap_or(-1), report)
    }
}
