//! A sensor's name is no name for a task of Airflow, or another task has it.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::decorator::sensor;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `name` of a sensor is the id of its task on Airflow, and cannot be one: another task has it (a step, the items
    /// `STEP.paths` of a foreach, another sensor, which without a name is called `S3KeySensor-2` after its place), or
    /// it holds more than letters, digits, `-`, `_` and `.`. The DAG would not load.
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
    let sensors: Vec<Use<'_>> = uses::all(context)
        .filter(|used| used.decorator.name.ends_with("_sensor"))
        .collect();
    let mut taken = taken(context, &sensors);
    for used in &sensors {
        let Some((written, name)) = name(used) else {
            continue;
        };
        let message = if !is_task_id(name) {
            format!("`{name}` cannot be the id of a task: up to 250 letters, digits, `-`, `_` and `.`")
        } else if !taken.insert(name.to_owned()) {
            format!("the id `{name}` is taken by another task of the DAG")
        } else {
            continue;
        };
        out.push(used.finding(&INFO, written.span, message).target(Target::Airflow));
    }
}

/// The name that is written.
fn name<'a>(used: &Use<'a>) -> Option<(Written<'a>, &'a str)> {
    let written = used.get("name")?;
    Some((written, written.value.as_str()?))
}

/// The ids of all tasks but the sensors that have a name: the steps, the items of each foreach, the sensors without.
fn taken(context: &Context<'_>, sensors: &[Use<'_>]) -> BTreeSet<String> {
    let steps = &context.graph.flow.steps;
    let mut taken: BTreeSet<String> = steps.iter().map(|step| step.name.clone()).collect();
    let foreaches = steps.iter().filter(|step| {
        matches!(
            &step.tail,
            Tail::Next {
                transition: Transition::Foreach { .. },
                ..
            }
        )
    });
    taken.extend(foreaches.map(|step| format!("{}.paths", step.name)));
    let unnamed = sensors.iter().enumerate();
    let unnamed = unnamed.filter(|(_, used)| used.get("name").is_none_or(|name| *name.value == Value::None));
    taken.extend(unnamed.map(|(index, used)| {
        let class = sensor::class(used.decorator.name);
        sensor::task_id(class, index)
    }));
    taken
}

fn is_task_id(name: &str) -> bool {
    (1..=250).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
