//! `@airflow_s3_key_sensor`: the flow waits for an object in S3. Metaflow 2.19: `airflow/sensors/s3_sensor.py`.

use super::sensor::{
    DESCRIPTION, EXPONENTIAL_BACKOFF, MODE, NAME, POKE_INTERVAL, POOL, SOFT_FAIL, TIMEOUT, read,
};
use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::FlowRequest;
use crate::target::Feature;

pub(super) static DECORATOR: Decorator = Decorator {
    is_multiple: true,
    needs: Some(Feature::AirflowSensor),
    ..Decorator::new(
        "airflow_s3_key_sensor",
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
            Attribute::new("bucket_key", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("bucket_name", "None", Kind::Text).unchecked(),
            Attribute::new("wildcard_match", "False", Kind::Bool).harmless(),
            Attribute::new("aws_conn_id", "None", Kind::Text).unchecked(),
            Attribute::new("verify", "None", Kind::Any),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.sensors.push(read(DECORATOR.name, attributes));
}
