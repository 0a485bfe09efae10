//! The rule `sensor-argument`.

use crate::declare_rule;
use crate::decorator::airflow_external_task_sensor::STATES;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// A sensor of Airflow lacks what it waits for (`external_dag_id`, `bucket_key`), or `allowed_states` names a
    /// state that Airflow does not have. States in anything but a text or a list are dropped in silence.
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
    }
    for used in uses::named(context, "airflow_s3_key_sensor") {
        out.extend(missing(&used, "bucket_key"));
    }
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
                "`allowed_states` is {}: Metaflow drops what is no list and waits for `success`",
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
