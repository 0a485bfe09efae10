//! Where the engines and Metaflow's own compilers are that some tests ask: `FLOWC_ORACLE` names their folder,
//! `FLOWC_ORACLE_HOME` that of their environments. A test that lacks them says so on stderr, and passes.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// All of these tests, by the names by which they say that they were not run.
const TESTS: [&str; 8] = [
    "Argo's schema and rules",
    "argo differences",
    "input paths of nested foreaches on Airflow",
    "lost results on Airflow",
    "machines in a second interpreter",
    "pods of Airflow's provider",
    "random flows against Metaflow",
    "texts through Airflow",
];

pub struct Oracle {
    pub folder: PathBuf,
    /// The environments.
    pub home: PathBuf,
}

/// None, and a line on stderr, where something is missing that the test needs.
pub fn find(test: &str, is_there: impl Fn(&Oracle) -> bool) -> Option<Oracle> {
    assert!(TESTS.contains(&test), "{test} is not listed in oracle.rs");
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = || Some(variable("HOME")?.join(".cache/flowc-oracle"));
    let oracle = Oracle {
        folder: variable("FLOWC_ORACLE").unwrap_or_default(),
        home: variable("FLOWC_ORACLE_HOME").or_else(home).unwrap_or_default(),
    };
    if oracle.folder.is_dir() && is_there(&oracle) {
        return Some(oracle);
    }
    let mut stderr = std::io::stderr();
    // `eprintln!` would be hidden, as the output of every test that passes.
    writeln!(stderr, "not run here: {test}, set FLOWC_ORACLE").unwrap();
    None
}

/// A test that forgets to say that it was not run would look like one that passed.
#[test]
fn every_test_that_needs_it_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut asked: Vec<&&str> = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                asked.extend(TESTS.iter().filter(|test| {
                    path.file_name().is_some_and(|name| name != "oracle.rs")
                        && text.contains(&format!("find(\"{test}\""))
                }));
            }
        }
    }
    asked.sort_unstable();
    assert_eq!(asked, TESTS.iter().collect::<Vec<_>>());
}
