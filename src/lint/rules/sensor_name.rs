//! A sensor's name is no name for a task of Airflow, or another task has it.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `name` of a sensor is the id of its task on Airflow, and cannot be one: a step or another sensor has it, or it
    /// holds more than letters, digits, `-`, `_` and `.`. The DAG would not load.
    ///
    /// ## Wrong
    /// ```python
    /// # target: airflow
    /// from metaflow import FlowSpec, airflow_s3_key_sensor, step
    ///
    ///
    /// @airflow_s3_key_sensor(bucket_key="s3://bucket/key", name="start")
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
    /// # target: airflow
    /// from metaflow import FlowSpec, airflow_s3_key_sensor, step
    ///
    ///
    /// @airflow_s3_key_sensor(bucket_key="s3://bucket/key", name="wait_for_key")
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
    /// nothing (2.19.39); Airflow says `Task id 'start' has already been added to the DAG`
    pub static INFO: error "FLC445" "sensor-name";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context
        .target
        .is_none_or(|target| target.target != Target::Airflow)
    {
        return;
    }
    let mut taken: Vec<&str> = context
        .graph
        .flow
        .steps
        .iter()
        .map(|step| step.name.as_str())
        .collect();
    let sensors = uses::all(context).filter(|used| used.decorator.name.ends_with("_sensor"));
    let sensors: Vec<_> = sensors.collect();
    for used in &sensors {
        let Some(written) = used.get("name").filter(|written| *written.value != Value::None) else {
            continue;
        };
        let Some(name) = written.value.as_str() else {
            continue;
        };
        let message = if !is_task_id(name) {
            format!("`{name}` cannot be the id of a task: up to 250 letters, digits, `-`, `_` and `.`")
        } else if taken.contains(&name) {
            format!("the id `{name}` is taken by another task of the DAG")
        } else {
            taken.push(name);
            continue;
        };
        out.push(used.finding(&INFO, written.span, message).target(Target::Airflow));
    }
}

fn is_task_id(name: &str) -> bool {
    (1..=250).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
