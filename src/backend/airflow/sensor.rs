//! `@airflow_external_task_sensor` and `@airflow_s3_key_sensor`: tasks of their own in front of the start.

use super::python::Py;
use crate::plan::Plan;
use crate::value::{Call, Value};

/// A sensor's operator.
pub struct Sensor {
    pub variable: String,
    pub call: Py,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ExternalTask,
    S3Key,
}

/// Which part of the file an import stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    Airflow2,
    Airflow3,
}

/// The flow's sensors, in source order.
pub fn sensors(plan: &Plan) -> Vec<Sensor> {
    let sensors = plan.flow.request.sensors.iter().enumerate();
    sensors.map(|(index, sensor)| operator(index, sensor)).collect()
}

/// The lines that import the operators' classes.
pub fn imports(sensors: &[Sensor], when: When) -> Vec<&'static str> {
    let has = |kind| sensors.iter().any(|sensor| sensor.kind == kind);
    match when {
        When::Always if has(Kind::S3Key) => {
            vec!["from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor"]
        }
        When::Airflow2 if has(Kind::ExternalTask) => {
            vec!["from airflow.sensors.external_task import ExternalTaskSensor"]
        }
        When::Airflow3 if has(Kind::ExternalTask) => {
            vec!["from airflow.providers.standard.sensors.external_task import ExternalTaskSensor"]
        }
        When::Always | When::Airflow2 | When::Airflow3 => Vec::new(),
    }
}

fn operator(index: usize, sensor: &crate::request::Sensor) -> Sensor {
    let (kind, class) = match sensor.decorator {
        "airflow_s3_key_sensor" => (Kind::S3Key, "S3KeySensor"),
        _ => (Kind::ExternalTask, "ExternalTaskSensor"),
    };
    let given = |name: &str| {
        sensor
            .attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let name = given("name")
        .and_then(Value::as_str)
        .map_or_else(|| format!("{class}-{}", index + 1), str::to_owned);
    let mut keywords = vec![("task_id".to_owned(), Py::text(name))];
    keywords.extend(
        defaults()
            .into_iter()
            .filter(|(name, _)| given(name).is_none())
            .map(|(name, value)| (name.to_owned(), value)),
    );
    for (name, value) in &sensor.attributes {
        let name = match name.as_str() {
            "name" => continue,
            "description" => "doc",
            other => other,
        };
        if *value != Value::None {
            keywords.push((name.to_owned(), argument(name, value)));
        }
    }
    Sensor {
        variable: format!("sensor_{}", index + 1),
        call: Py::call(class, keywords),
        kind,
    }
}

/// Metaflow's defaults where they are not Airflow's (`airflow/sensors/base_sensor.py`).
fn defaults() -> Vec<(&'static str, Py)> {
    vec![
        ("timeout", Py::Int(3600)),
        ("poke_interval", Py::Int(60)),
        ("mode", Py::text("reschedule")),
        ("exponential_backoff", Py::Bool(true)),
    ]
}

fn argument(name: &str, value: &Value) -> Py {
    if let Value::Call(call) = value
        && &*call.callee == Call::TIMEDELTA
    {
        return timedelta(call);
    }
    if let (Value::Int(seconds), "execution_delta") = (value, name) {
        // Seconds, as Metaflow hands them on.
        return Py::call(
            "datetime.timedelta",
            vec![("seconds".to_owned(), Py::Int(*seconds))],
        );
    }
    Py::value(value)
}

fn timedelta(call: &Call) -> Py {
    const POSITIONS: [&str; 7] = [
        "days",
        "seconds",
        "microseconds",
        "milliseconds",
        "minutes",
        "hours",
        "weeks",
    ];
    let keyword = |(index, (name, value)): (usize, &(Option<std::sync::Arc<str>>, Value))| {
        let name = name
            .as_deref()
            .or(POSITIONS.get(index).copied())
            .unwrap_or("days");
        (name.to_owned(), Py::value(value))
    };
    Py::call(
        "datetime.timedelta",
        call.arguments.iter().enumerate().map(keyword).collect(),
    )
}
