//! What is said of files that Python refuses, and what is not said of them.

use std::collections::BTreeMap;

use flowc::settings::Settings;
use flowc::target::{Target, TargetVersion};

use crate::reading;

/// `line code` of each finding.
fn found(text: &str) -> Vec<String> {
    reading::with_inputs(text, &BTreeMap::new(), |entry, inputs| {
        let checkup = flowc::check(entry, inputs, &Settings::default(), &[]).unwrap();
        let lines = checkup.diagnostics.iter();
        lines
            .map(|found| {
                let line = checkup.sources.start(found.span).line;
                format!("{line} {}", found.rule.code)
            })
            .collect()
    })
}

const FLOW: &str = r#"from metaflow import FlowSpec, Parameter, batch, retry, step

class BrokenFlow(FlowSpec):
    alpha = Parameter("alpha", default=1, hlp="typo")

    @retry(tims=3)
    @batch(cpu=self.cpus)
    @step
    def start(self):
        self.next(self.fit)

    @step
    def fit(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        print(self.x)

BrokenFlow()
"#;

#[test]
fn a_syntax_error_blames_nothing_else() {
    let own = ["4 FLC608", "6 FLC220", "7 FLC201"];
    assert_eq!(found(FLOW), own);
    // Each takes something away that the flow needs.
    for (from, to) in [
        ("self.next(self.fit)", "self.next(self.fit"),
        ("def fit(self):", "def fit(self:"),
        ("def fit(self):", "def fit(self)"),
        ("self.x = 1", "self.x = = 1"),
        ("self.next(self.end)", "if self.x self.next(self.end)"),
        ("def end(self):", "de end(self):"),
        ("BrokenFlow()\n", "BrokenFlow(\n"),
    ] {
        let text = FLOW.replacen(from, to, 1);
        let (errors, others): (Vec<_>, Vec<_>) = found(&text)
            .into_iter()
            .partition(|found| found.ends_with("FLC100"));
        assert!(!errors.is_empty(), "{text}");
        assert_eq!(others, own, "{text}");
    }
}

#[test]
fn behind_an_open_bracket_no_statement_is_what_it_seems() {
    let text = FLOW
        .replacen("\nclass", "N = (1\nclass", 1)
        .replace("hlp", "help");
    let found = found(&text);
    assert!(found.iter().all(|found| found.ends_with("FLC100")), "{found:?}");
    assert!(found.len() > 1);
}

#[test]
fn all_syntax_errors_are_told() {
    let text = FLOW
        .replace("self.next(self.fit)", "self.next(self.fit")
        .replace("self.x = 1", "self.x = = 1");
    let found = found(&text);
    assert!(found.contains(&"12 FLC100".to_owned()), "{found:?}");
    assert!(found.contains(&"14 FLC100".to_owned()), "{found:?}");
}

/// What Python's compiler refuses loses no line: the flow is known in full.
#[test]
fn a_tree_that_is_whole_is_judged_whole() {
    let text = FLOW
        .replace("self.x = 1", "await self.x")
        .replace("self.next(self.end)", "self.next(self.ende)");
    let found = found(&text);
    assert!(found.contains(&"14 FLC100".to_owned()), "{found:?}");
    assert!(found.contains(&"15 FLC110".to_owned()), "{found:?}");
}

/// The comment's finding may be among those that are not judged.
#[test]
fn no_suppression_is_called_unused_in_a_broken_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow.py");
    let comment = "self.x = = 1  # flowc: ignore[FLC305]";
    std::fs::write(&path, FLOW.replace("self.x = 1", comment)).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_flowc"))
        .args(["check", "--isolated", "--output-format", "concise"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FLC100") && !text.contains("FLC801"), "{text}");
}

/// `line:column code` of each error for Argo.
fn errors_on_argo(text: &str) -> Vec<String> {
    let argo = [TargetVersion::newest(Target::Argo)];
    reading::with_inputs(text, &BTreeMap::new(), |entry, inputs| {
        let checkup = flowc::check(entry, inputs, &Settings::default(), &argo).unwrap();
        let errors = checkup.diagnostics.iter().filter(|found| found.is_error());
        errors
            .map(|found| {
                let at = checkup.sources.start(found.span);
                format!("{}:{} {}", at.line, at.column, found.rule.code)
            })
            .collect()
    })
}

/// None of these texts reaches a definition, changed or not.
#[test]
fn texts_that_no_task_can_get_are_refused_where_they_stand() {
    let flow = "from metaflow import FlowSpec, Parameter, environment, kubernetes, step
class DemoFlow(FlowSpec):
    a = Parameter(\"a\", default=NULL)
    b = Parameter(\"b\", default=\"a\" + HALF)
    @environment(vars={\"A\": HALF})
    @kubernetes(image=\"a b\", service_account=NULL)
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self):
        pass
DemoFlow()
";
    let flow = flow
        .replace("NULL", r#""x\0""#)
        .replace("HALF", r#""\ud83d\ude00""#);
    let errors = errors_on_argo(&flow);
    assert_eq!(
        errors,
        [
            "3:32 FLC253",
            "4:38 FLC253",
            "5:29 FLC253",
            "6:23 FLC252",
            "6:46 FLC253"
        ]
    );
}

const COMPILED: &str = include_str!("../../fixtures/python/compile.jsonl");

/// Where flowc and Python 3.13 disagree, and why.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "from .__future__ import braces\n",
    "a module of the project to 3.13 alone; 3.11 and 3.12 refuse it",
)];

#[test]
fn a_class_in_an_endless_loop_takes_no_time() {
    let text = format!("while True:\n    class C: pass\n    class D(C):\n        x = 1\n{FLOW}");
    assert!(found(&text).contains(&"10 FLC220".to_owned()));
}

/// Pieces of Python with what the compilers of 3.11 to 3.13 say.
#[test]
fn what_python_refuses_to_compile_is_refused() {
    let mut faults = String::new();
    let mut count = 0;
    for line in COMPILED.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let code = case["code"].as_str().unwrap();
        let found: Vec<String> = reading::read(code)
            .diagnostics
            .into_iter()
            .filter(|found| found.rule.code == "FLC100")
            .map(|found| found.message)
            .collect();
        let is_excepted = EXCEPTIONS.iter().any(|(other, _)| *other == code);
        if case["3.13"].is_null() != found.is_empty() && !is_excepted {
            faults += &format!("{code}  Python: {}\n  flowc:  {found:?}\n", case["3.13"]);
        }
        count += 1;
    }
    assert!(count > 300, "{count}");
    assert!(faults.is_empty(), "{faults}");
}
