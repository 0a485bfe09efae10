//! The rule `sensor-argument`.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::decorator::airflow_external_task_sensor::{FURTHER_STATES, ONLY_OF_2, STATES, STATES_OF_RUNS};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// A sensor of Airflow lacks what it waits for (`external_dag_id`, `bucket_key`), or `allowed_states` names a
    /// state that Airflow does not have. States in anything but a text or a list are dropped in silence.
    ///
    /// For Airflow also what its operator refuses when the DAG is loaded: an unknown state in `failed_states`, a state
    /// twice (`allowed_states` is `["success"]` where it is not written), a state that a whole run does not have where no
    /// `external_task_ids` are given, a state that only Airflow 2 knows.
    ///
    /// A `pool` with which Airflow 2.11 loads no DAG, unless `--airflow-version` names another.
    ///
    /// A `bucket_key` that names no bucket where `bucket_name` is not given, or one where it is.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, airflow_external_task_sensor, step
    ///
    ///
    /// @airflow_external_task_sensor(external_dag_id="upstream", allowed_states=["done"])
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, airflow_external_task_sensor, step
    ///
    ///
    /// @airflow_external_task_sensor(external_dag_id="upstream", allowed_states=["success"])
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `` `external_dag_id` argument of `@airflow_external_task_sensor`cannot be `None`. ``, `` `'done'` is an
    /// invalid input of `allowed_states` for `@airflow_external_task_sensor`. Accepted values are … `` (2.19.39)
    pub static INFO: error "FLC240" "sensor-argument";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "airflow_external_task_sensor") {
        out.extend(missing(&used, "external_dag_id"));
        if let Some(states) = used.truthy("allowed_states") {
            states_problems(&used, states, out);
        }
        of_airflow(context, &used, out);
    }
    for used in uses::named(context, "airflow_s3_key_sensor") {
        out.extend(missing(&used, "bucket_key"));
        out.extend(key_without_place(context, &used));
    }
}

/// A key that the sensor can look for in no bucket, or in two; of one that Jinja makes nothing is known. Amazon's provider,
/// `S3Hook.get_s3_bucket_key`: a `TypeError` or an `AirflowException` in every run.
fn key_without_place(context: &Context<'_>, used: &Use<'_>) -> Option<Diagnostic> {
    let keys = used.truthy("bucket_key")?;
    let bucket = used.truthy("bucket_name");
    if bucket.is_none() && used.get("bucket_name").is_none() && used.may_have("bucket_name") {
        return None;
    }
    let is_wrong = |key: &&str| !key.contains("{{") && key.contains("://") == bucket.is_some();
    let key = texts(keys).into_iter().find(is_wrong)?;
    let message = if bucket.is_some() {
        format!("`{key}` names a bucket, and so does `bucket_name`: the sensor fails in every run")
    } else {
        format!("`{key}` is in no bucket: the sensor fails in every run")
    };
    let help = "write `bucket_key=\"s3://bucket/key\"`, or `bucket_key=\"key\"` with `bucket_name`";
    let finding = used
        .finding(&INFO, keys.span, message)
        .severity(Severity::Warning);
    Some(used.for_target(context, "bucket_key", finding.help(help)))
}

fn missing(used: &Use<'_>, name: &str) -> Option<Diagnostic> {
    let message = format!("`@{}` needs `{name}`", used.decorator.name);
    match used.get(name) {
        Some(written) if *written.value == Value::None => Some(used.finding(&INFO, written.span, message)),
        None if !used.may_have(name) => Some(used.finding(&INFO, used.span(), message)),
        Some(_) | None => None,
    }
}

fn states_problems(used: &Use<'_>, written: Written<'_>, out: &mut Vec<Diagnostic>) {
    match written.value {
        Value::Str(_) => out.extend(state_problem(used, written, written.value)),
        Value::List(states) => out.extend(
            states
                .iter()
                .filter_map(|state| state_problem(used, written, state)),
        ),
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => {
            let message = format!(
                "`allowed_states` is {}: what is no list is dropped, as by Metaflow, and the flow waits for `success`",
                shown(written.value)
            );
            out.push(
                used.finding(&INFO, written.span, message)
                    .severity(Severity::Warning)
                    .help("write it in `[]`"),
            );
        }
    }
}

fn state_problem(used: &Use<'_>, written: Written<'_>, state: &Value) -> Option<Diagnostic> {
    if state.as_str().is_some_and(|state| STATES.contains(&state)) {
        return None;
    }
    let message = format!("{} is no state of a task in Airflow", shown(state));
    let finding = used.finding(&INFO, written.span, message);
    let near = state
        .as_str()
        .and_then(|state| nearest(state, STATES.iter().copied()));
    Some(match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("the states are `{}`", STATES.join("`, `"))),
    })
}

/// What Metaflow hands on and the operator of Airflow refuses when the DAG is loaded.
fn of_airflow(context: &Context<'_>, used: &Use<'_>, out: &mut Vec<Diagnostic>) {
    let mut found = Vec::new();
    let allowed = used
        .truthy("allowed_states")
        .filter(|written| matches!(written.value, Value::Str(_) | Value::List(_)));
    let failed = used.truthy("failed_states");
    let waits_for_tasks = used.may_have("external_task_ids")
        && used
            .get("external_task_ids")
            .is_none_or(|ids| ids.value.is_truthy());
    let mut seen = BTreeSet::new();
    if allowed.is_none() {
        seen.insert("success");
    }
    for (name, written) in [("allowed_states", allowed), ("failed_states", failed)] {
        let Some(written) = written else { continue };
        for state in texts(written) {
            if let Some(message) = state_of_airflow(context, name, state, waits_for_tasks, seen.insert(state))
            {
                found.push((name, written, message));
            }
        }
    }
    if let Some(ids) = used.truthy("external_task_ids")
        && let Some(id) = repeated(&texts(ids))
    {
        found.push((
            "external_task_ids",
            ids,
            format!("`{id}` stands twice in `external_task_ids`"),
        ));
    }
    for (name, written, message) in found {
        let finding = used
            .finding(&INFO, written.span, message)
            .severity(Severity::Warning);
        out.push(used.for_target(context, name, finding));
    }
}

/// What Airflow says to a state that Metaflow takes; `failed_states` Metaflow does not look at.
fn state_of_airflow(
    context: &Context<'_>,
    attribute: &str,
    state: &str,
    waits_for_tasks: bool,
    is_new: bool,
) -> Option<String> {
    let is_of_task = STATES.contains(&state) || FURTHER_STATES.contains(&state);
    if !is_of_task {
        // Of `allowed_states` it is said anyway.
        let message = || format!("`{state}` in `{attribute}` is no state of a task in Airflow");
        return (attribute != "allowed_states").then(message);
    }
    if !waits_for_tasks && !STATES_OF_RUNS.contains(&state) {
        let states = STATES_OF_RUNS.join("`, `");
        return Some(format!(
            "`{state}` in `{attribute}` is no state of a run: without `external_task_ids` the sensor waits for the DAG, whose states are `{states}`"
        ));
    }
    let is_for_3 = context.target.is_some_and(|target| target.newest.major >= 3);
    if state == ONLY_OF_2 && is_for_3 {
        return Some(format!(
            "`{state}` in `{attribute}` is no state of a task in Airflow 3"
        ));
    }
    (!is_new).then(|| format!("`{state}` stands twice in `allowed_states` and `failed_states` together"))
}

fn repeated<'a>(texts: &[&'a str]) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    texts.iter().copied().find(|text| !seen.insert(*text))
}

/// The texts of a list, or the one text.
fn texts(written: Written<'_>) -> Vec<&str> {
    match (written.value.as_str(), written.value.as_sequence()) {
        (Some(text), _) => vec![text],
        (None, Some(items)) => items.iter().filter_map(Value::as_str).collect(),
        (None, None) => Vec::new(),
    }
}
