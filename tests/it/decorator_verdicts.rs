//! What Metaflow 2.19.39 was seen to say of small flows with decorators, against what flowc says: the verdict of
//! each is the same, or the difference has its reason here.

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
/// Refused here although Metaflow's `check` passes: no target runs it, or it would run as something else.
const LATER: &str = "fails in every deployment, or in the task";

/// Flows that the two judge differently, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    ("deco_batch_local", OPTION),
    ("deco_k8s_local", OPTION),
    ("deco_env_list", LATER),
    ("deco_env_none", LATER),
    ("deco_k8s_tolbad", LATER),
    ("deco_k8s_toldict", LATER),
    ("deco_batch_cpu0", LATER),
    ("deco_batch_cpuneg", LATER),
    ("deco_batch_cpubad", LATER),
    ("fd_project_cli_branch_conflict", OPTION),
    ("fd_project_cli_prod_conflict", OPTION),
    ("fd_noproject_branch", OPTION),
    ("fd_schedule_cronint", LATER),
    ("fd_tof_cli", OPTION),
    ("fd_conda_base", OPTION),
    ("fd_pypi_base", OPTION),
    ("fd_conda_step", OPTION),
    ("fd_pypi_step", OPTION),
    ("fd_conda_disabled", OPTION),
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
    ("tgt_farg_tmpfs", OPTION),
    ("tgt_farg_inf", OPTION),
];

fn errors(case: &Value) -> Vec<Diagnostic> {
    let target = case["target"]
        .as_str()
        .map(|name| TargetVersion::newest(Target::parse(name).unwrap()));
    let targets: Vec<TargetVersion> = target.into_iter().collect();
    let source = case["source"].as_str().unwrap();
    let checkup = reading::with_inputs(source, &BTreeMap::new(), |entry, inputs| {
        flowc::check(entry, inputs, &Settings::default(), &targets).unwrap()
    });
    checkup
        .diagnostics
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect()
}

#[test]
fn verdicts_are_metaflows_or_explained() {
    let recorded = include_str!("../../fixtures/metaflow/decorator_verdicts.jsonl");
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
    assert!(count > 400, "{count} cases");
}
