//! Every spelling of `self.next` against Metaflow's own reading of it, recorded.

use flowc::flow::{NoName, Step, Tail, Transition};
use flowc::source::Sources;
use flowc::value::Value;
use serde_json::{Value as Json, json};

use crate::memory::Project;

const RECORDED: &str = include_str!("../../fixtures/metaflow/next_forms.json");

#[test]
fn all_forms_are_read_as_metaflow_reads_them() {
    let rows: Vec<Json> = serde_json::from_str(RECORDED).expect("it is JSON");
    assert_eq!(rows.len(), 105);
    let mut wrong = Vec::new();
    for row in &rows {
        let source = row["source"].as_str().expect("a source");
        let project = Project::new(source);
        let (sources, reading) = project.read();
        let start = reading.flows.iter().find_map(|flow| flow.step("start"));
        let expected = &row["node"];
        let found = match start {
            // What Metaflow refuses at import is an error here, and what is read besides is free.
            _ if expected.is_null()
                && reading
                    .diagnostics
                    .iter()
                    .any(flowc::diagnostic::Diagnostic::is_error) =>
            {
                Json::Null
            }
            Some(start) => node(&sources, start),
            None => Json::Null,
        };
        if found != *expected {
            wrong.push(format!(
                "{}\n  found    {found}\n  expected {expected}",
                row["id"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of 105 differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The node in the words of the recording.
fn node(sources: &Sources, step: &Step) -> Json {
    let line = sources.start(step.span).line;
    let mut node = json!({
        "type": "start", "out": [], "has": false, "invalid": false, "foreach": null, "nump": 0, "pf": false,
        "cond": null, "cases": [], "num_args": step.argument_count, "line": line, "tail": 0,
    });
    let span = match &step.tail {
        Tail::Missing => return node,
        Tail::Invalid {
            span,
            targets,
            only_keyword,
            problem,
            ..
        } => {
            assert!(!problem.is_empty());
            node["invalid"] = json!(true);
            node["out"] = targets.iter().map(|target| target.name.as_str()).collect();
            if let Some(keyword) = only_keyword {
                node["type"] = json!("foreach");
                node["pf"] = json!(*keyword == "num_parallel");
            }
            span
        }
        Tail::Next { span, transition } => {
            let out: Vec<&str> = transition
                .targets()
                .iter()
                .map(|target| target.name.as_str())
                .collect();
            node["out"] = json!(out);
            describe(&mut node, transition, step);
            span
        }
    };
    node["has"] = json!(true);
    node["tail"] = json!(sources.start(*span).line);
    node
}

fn describe(node: &mut Json, transition: &Transition, step: &Step) {
    match transition {
        Transition::Linear(_) => {
            if step.argument_count > 1 {
                node["type"] = json!("join");
            }
        }
        Transition::Split(_) => node["type"] = json!("split"),
        Transition::Foreach {
            variable, no_name, ..
        } => {
            node["type"] = json!("foreach");
            node["foreach"] = match (variable, no_name) {
                (Some(name), _) => json!(name),
                (None, Some(NoName::Literal(Value::Int(number)))) => json!(number),
                _ => Json::Null,
            };
        }
        Transition::Parallel { count, .. } => {
            node["type"] = json!("foreach");
            node["pf"] = json!(true);
            node["nump"] = json!(count);
        }
        Transition::Switch { cases, condition, .. } => {
            node["type"] = json!("split-switch");
            node["cond"] = json!(condition);
            let cases = cases
                .iter()
                .map(|case| json!([case.key.to_repr(), case.target.name]));
            node["cases"] = cases.collect();
        }
    }
}
