//! Small files that Metaflow's command line was run on: what it refuses is an error here, what it accepts is none,
//! and what fails when it runs is at least a warning. Every exception is named with its reason.

use serde_json::Value as Json;

use crate::memory::Project;

const RECORDED: &str = include_str!("../../fixtures/metaflow/definition_cases.jsonl");

/// Refused by Metaflow, not by flowc.
const NOT_REFUSED: &[(&str, &str)] = &[
    ("deco_batch_local", "the datastore is a setting of the deployment"),
    ("deco_k8s_local", "the datastore is a setting of the deployment"),
    (
        "deco_k8s_local_show",
        "the datastore is a setting of the deployment",
    ),
    ("fd_conda_base", "the environment is an option of the command"),
    ("fd_conda_disabled", "the environment is an option of the command"),
    ("fd_conda_step", "the environment is an option of the command"),
    ("fd_pypi_base", "the environment is an option of the command"),
    ("fd_pypi_step", "the environment is an option of the command"),
    (
        "mut_step_mut_error",
        "what a mutator does is not followed: a warning says so",
    ),
    (
        "ph_import_missing",
        "which packages are installed is not looked at",
    ),
];

/// Accepted by Metaflow, an error of flowc: the flow fails later, or does something else than it says.
const NOT_ACCEPTED: &[(&str, &str, &str)] = &[
    (
        "cls_not_instantiated_broken",
        "FLC102",
        "Metaflow looks at nothing that is not run",
    ),
    ("deco_batch_cpu0", "FLC221", "AWS Batch refuses it"),
    ("deco_batch_cpubad", "FLC221", "the deployer dies of it"),
    ("deco_batch_cpuneg", "FLC221", "AWS Batch refuses it"),
    ("deco_env_list", "FLC221", "the deployers die of it"),
    ("deco_env_none", "FLC221", "the deployers die of it"),
    ("deco_k8s_tolbad", "FLC235", "Kubernetes refuses it"),
    ("deco_k8s_toldict", "FLC235", "the deployer dies of it"),
    ("fd_schedule_cronint", "FLC221", "no target accepts it"),
    ("par_dup_case", "FLC603", "the run fails"),
    ("par_inc_s3_check", "FLC613", "the run fails"),
    ("par_param_default_other_param", "FLC202", "the run fails"),
    ("par_unknown_kw", "FLC608", "the run fails"),
    ("ph_const_assign", "FLC301", "the task fails"),
    ("ph_current_flow", "FLC201", "the value is silently `None`"),
    ("ph_current_get", "FLC201", "the value is silently the default"),
    ("ph_current_run", "FLC201", "the value is silently `None`"),
    ("ph_lambda_cpu", "FLC219", "no machine has such a size"),
    ("ph_param_cpu", "FLC202", "no machine has such a size"),
    ("ph_param_env", "FLC202", "the task gets the text of the object"),
    ("ph_param_fstr", "FLC202", "the task gets the text of the object"),
    ("ph_param_mutable", "FLC301", "the task fails"),
    ("ph_param_res_batch", "FLC202", "no machine has such a size"),
    ("ph_param_subscript", "FLC202", "the value is silently `None`"),
    ("ph_param_ternary", "FLC202", "the condition is always true"),
    (
        "ph_self_lambda",
        "FLC219",
        "the task gets the text of the function",
    ),
];

/// Fails when it runs, and nothing in the source says so.
const UNSEEN: &[(&str, &str)] = &[
    ("deco_secrets_run", "the backend is asked by the task"),
    ("par_inc_missing_run", "which files are there is not looked at"),
    ("par_inc_parser_bad", "the parser is called by the task"),
    ("par_inc_required", "the run lacks its value"),
    ("par_required", "the run lacks its value"),
    ("ph_switch_no_match", "the value is computed by the task"),
];

struct Case {
    id: String,
    verdict: String,
    source: String,
    said: String,
}

fn cases(verdict: &str) -> Vec<Case> {
    let text = |row: &Json, field: &str| row[field].as_str().expect("a text").to_owned();
    let rows = RECORDED
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let cases = rows.map(|row| Case {
        id: text(&row, "id"),
        verdict: text(&row, "verdict"),
        source: text(&row, "source"),
        said: text(&row, "said"),
    });
    cases.filter(|case| case.verdict == verdict).collect()
}

fn errors(case: &Case) -> Vec<String> {
    let mut found = Project::new(&case.source).findings();
    found.retain(|finding| finding.contains(" error "));
    found
}

#[test]
fn what_metaflow_refuses_is_an_error() {
    let cases = cases("refused");
    assert_eq!(cases.len(), 299);
    let mut wrong = Vec::new();
    for case in &cases {
        let is_exception = NOT_REFUSED.iter().any(|(id, _)| *id == case.id);
        if errors(case).is_empty() != is_exception {
            wrong.push(format!("{}: {}", case.id, case.said));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_metaflow_accepts_is_none() {
    let cases = cases("accepted");
    assert_eq!(cases.len(), 322);
    let mut wrong = Vec::new();
    for case in &cases {
        let exception = NOT_ACCEPTED.iter().find(|(id, ..)| *id == case.id);
        let found = errors(case);
        let is_right = match exception {
            None => found.is_empty(),
            Some((_, code, _)) => found.iter().any(|finding| finding.contains(code)),
        };
        if !is_right {
            wrong.push(format!("{}: {found:?}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_fails_when_it_runs_is_told() {
    let cases = cases("run time");
    assert_eq!(cases.len(), 32);
    let mut wrong = Vec::new();
    for case in &cases {
        let is_exception = UNSEEN.iter().any(|(id, _)| *id == case.id);
        let found = Project::new(&case.source).findings();
        if found.is_empty() != is_exception {
            wrong.push(format!("{}: {found:?} {}", case.id, case.said));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
