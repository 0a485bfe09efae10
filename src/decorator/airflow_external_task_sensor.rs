//! `@airflow_external_task_sensor`: the flow waits for another DAG.
//! Metaflow 2.19: `airflow/sensors/external_task_sensor.py`.

use super::sensor::{
    DESCRIPTION, EXPONENTIAL_BACKOFF, MODE, NAME, POKE_INTERVAL, POOL, SOFT_FAIL, TIMEOUT, read,
};
use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::FlowRequest;
use crate::target::Feature;

/// Airflow's states of a task, as Metaflow knows them.
pub const STATES: &[&str] = &[
    "queued",
    "running",
    "success",
    "shutdown",
    "failed",
    "up_for_retry",
    "up_for_reschedule",
    "upstream_failed",
    "skipped",
];

/// Further ones, from 2.10 on; Metaflow takes them for `failed_states` alone.
pub const FURTHER_STATES: &[&str] = &["deferred", "removed", "restarting", "scheduled"];

/// The state that Airflow 3 does not have any more.
pub const ONLY_OF_2: &str = "shutdown";

/// The states of a whole run.
pub const STATES_OF_RUNS: &[&str] = &["queued", "running", "success", "failed"];

pub(super) static DECORATOR: Decorator = Decorator {
    is_multiple: true,
    needs: Some(Feature::AirflowSensor),
    ..Decorator::new(
        "airflow_external_task_sensor",
        Level::Flow(lower),
        &[
            TIMEOUT,
            POKE_INTERVAL,
            MODE,
            EXPONENTIAL_BACKOFF,
            POOL,
            SOFT_FAIL,
            NAME,
            DESCRIPTION,
            Attribute::new("external_dag_id", "None", Kind::Text).unchecked(),
            Attribute::new("external_task_ids", "None", Kind::Texts).unchecked(),
            Attribute::new("allowed_states", "['success']", Kind::Any),
            Attribute::new("failed_states", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("execution_delta", "None", Kind::Timedelta),
            Attribute::new("check_existence", "True", Kind::Bool).harmless(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.sensors.push(read(DECORATOR.name, attributes));
}
