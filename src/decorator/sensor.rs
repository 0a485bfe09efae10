//! What Airflow's sensors have in common. Metaflow 2.19: `airflow/sensors/base_sensor.py`.

use super::{Attribute, Attributes, Kind};
use crate::request::Sensor;

pub(super) const TIMEOUT: Attribute = Attribute::new("timeout", "3600", Kind::Seconds).unchecked();
pub(super) const POKE_INTERVAL: Attribute = Attribute::new("poke_interval", "60", Kind::Seconds).unchecked();
pub(super) const MODE: Attribute =
    Attribute::new("mode", "'reschedule'", Kind::OneOf(&["reschedule", "poke"])).unchecked();
pub(super) const EXPONENTIAL_BACKOFF: Attribute =
    Attribute::new("exponential_backoff", "True", Kind::Bool).harmless();
pub(super) const POOL: Attribute = Attribute::new("pool", "None", Kind::Text).unchecked();
pub(super) const SOFT_FAIL: Attribute = Attribute::new("soft_fail", "False", Kind::Bool).harmless();
pub(super) const NAME: Attribute = Attribute::new("name", "None", Kind::Text).unchecked();
pub(super) const DESCRIPTION: Attribute = Attribute::new("description", "None", Kind::Text).unchecked();

/// Airflow's class of a sensor.
pub fn class(decorator: &str) -> &'static str {
    match decorator {
        "airflow_s3_key_sensor" => "S3KeySensor",
        _ => "ExternalTaskSensor",
    }
}

/// The id of a sensor's task that has no name: its class and its place among the flow's sensors, from 0 on.
pub fn task_id(class: &str, index: usize) -> String {
    format!("{class}-{}", index + 1)
}

pub(super) fn read(decorator: &'static str, attributes: &Attributes<'_>) -> Sensor {
    let written = attributes.values.iter();
    Sensor {
        decorator,
        attributes: written
            .map(|(name, value)| ((*name).to_owned(), (*value).clone()))
            .collect(),
    }
}
