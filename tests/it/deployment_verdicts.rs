//! Small flows that Metaflow 2.19.39 was asked to deploy: what it refuses for a target is an error here when that
//! target is asked, what it deploys is none, or the difference has its reason.

use std::collections::BTreeMap;

use flowc::diagnostic::Diagnostic;
use flowc::settings::Settings;
use flowc::target::{Target, TargetVersion};
use serde_json::Value;

use crate::reading;

/// A setting or option decides, which is no part of the flow.
const OPTION: &str = "rests on an option or a setting, not on the flow";
/// flowc compiles more than Metaflow.
const MORE: &str = "flowc can express it on this target";
/// Metaflow hands it on, and the target refuses it.
const LATER: &str = "the target refuses it when the definition is applied";

/// Flows that the two judge differently, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    ("tgt_argo_cronbad", LATER),
    ("tgt_argo_schednonereq", MORE),
    ("tgt_argo_paramscript", MORE),
    ("tgt_argo_paramfn", "a function computes it when the flow is deployed, and flowc runs none"),
    ("tgt_argo_paramchoice", MORE),
    ("tgt_argo_include", "the file that it includes lay beside it"),
    ("tgt_argo_localds", OPTION),
    ("tgt_argo_badflowname", OPTION),
    ("tgt_argo_projname", OPTION),
    ("tgt_argo_fnevent", "a function computes it when the flow is deployed, and flowc runs none"),
    ("tgt_af_switch", MORE),
    ("tgt_af_foreach2", MORE),
    ("tgt_af_foreachnest", MORE),
    ("tgt_af_tz", MORE),
    ("tgt_af_cronbad", LATER),
    ("tgt_af_schednodefault", MORE),
    ("tgt_af_schednonereq", MORE),
    ("tgt_af_paramnodefault", MORE),
    ("tgt_af_paramfn", "a function computes it when the flow is deployed, and flowc runs none"),
    ("tgt_af_include", "the file that it includes lay beside it"),
    ("tgt_af_confignone", MORE),
    ("tgt_af_localds", OPTION),
    ("tgt_af_badflowname", OPTION),
    ("tgt_af_projname", OPTION),
    ("tgt_af_tmpfs", MORE),
    ("tgt_af_pvc", MORE),
    ("tgt_af_samefile", OPTION),
    ("tgt_sfn_switch", MORE),
    ("tgt_sfn_tz", MORE),
    ("tgt_sfn_cronbad", LATER),
    ("tgt_sfn_paramfn", "a function computes it when the flow is deployed, and flowc runs none"),
    ("tgt_sfn_include", "the file that it includes lay beside it"),
    ("tgt_sfn_localds", OPTION),
    ("tgt_sfn_badflowname", OPTION),
    ("tgt_sfn_projname", OPTION),
    ("tgt_sfn_b_eph", OPTION),
    ("tgt_sfn_b_efa", LATER),
    ("tgt_sfn_b_queue", OPTION),
    ("tgt_farg_norole", OPTION),
    ("tgt_farg_ok", LATER),
];

fn errors(case: &Value) -> Vec<Diagnostic> {
    let target = TargetVersion::newest(Target::parse(case["target"].as_str().unwrap()).unwrap());
    let source = case["source"].as_str().unwrap();
    let checkup = reading::with_inputs(source, &BTreeMap::new(), |entry, inputs| {
        flowc::check(entry, inputs, &Settings::default(), &[target]).unwrap()
    });
    checkup
        .diagnostics
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect()
}

#[test]
fn verdicts_are_metaflows_or_explained() {
    let recorded = include_str!("../../fixtures/metaflow/deployment_verdicts.jsonl");
    let different: BTreeMap<&str, &str> = DIFFERENT.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in recorded.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (id, is_refused) = (case["id"].as_str().unwrap(), case["refused"] == true);
        let errors = errors(&case);
        let agrees = errors.is_empty() != is_refused;
        if agrees == different.contains_key(id) {
            let found: Vec<String> = errors
                .iter()
                .map(|error| format!("{} {}", error.rule.code, error.message))
                .collect();
            wrong.push(format!(
                "{id} (explained: {}): Metaflow: {}; flowc: {found:?}",
                !agrees, case["said"]
            ));
        }
        count += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(count, 165);
}
