//! `@airflow_external_task_sensor` and `@airflow_s3_key_sensor`: tasks of their own in front of the start.

use super::python::Py;
use super::wiring::Names;
use crate::decorator;
use crate::plan::Plan;
use crate::request;
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
pub fn sensors(plan: &Plan, names: &Names) -> Vec<Sensor> {
    let sensors = plan.flow.request.sensors.iter().enumerate();
    sensors
        .map(|(index, sensor)| operator(index, names.sensor(index), sensor))
        .collect()
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

fn operator(index: usize, variable: &str, sensor: &request::Sensor) -> Sensor {
    let kind = match sensor.decorator {
        "airflow_s3_key_sensor" => Kind::S3Key,
        _ => Kind::ExternalTask,
    };
    let class = decorator::sensor::class(sensor.decorator);
    let name = given(sensor, "name")
        .and_then(Value::as_str)
        .map_or_else(|| decorator::sensor::task_id(class, index), str::to_owned);
    let mut keywords = vec![("task_id".to_owned(), Py::text(name))];
    keywords.extend(
        defaults(kind)
            .into_iter()
            .filter(|(name, _)| given(sensor, name).is_none())
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
        variable: variable.to_owned(),
        call: Py::call(class, keywords),
        kind,
    }
}

/// An attribute as it is written.
pub fn given<'a>(sensor: &'a request::Sensor, name: &str) -> Option<&'a Value> {
    let found = sensor.attributes.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

/// May a sensor give up without failing? Then the whole flow is skipped.
pub fn may_give_up(plan: &Plan) -> bool {
    let mut sensors = plan.flow.request.sensors.iter();
    sensors.any(|sensor| given(sensor, "soft_fail").is_some_and(Value::is_truthy))
}

/// Metaflow's defaults (`airflow/sensors/*.py`), all but `None`, which it does not hand on.
fn defaults(kind: Kind) -> Vec<(&'static str, Py)> {
    let mut defaults = vec![
        ("timeout", Py::Int(3600)),
        ("poke_interval", Py::Int(60)),
        ("mode", Py::text("reschedule")),
        ("exponential_backoff", Py::Bool(true)),
        ("soft_fail", Py::Bool(false)),
    ];
    defaults.extend(match kind {
        Kind::ExternalTask => vec![
            ("allowed_states", Py::texts(["success"])),
            ("check_existence", Py::Bool(true)),
        ],
        Kind::S3Key => vec![("wildcard_match", Py::Bool(false))],
    });
    defaults
}

fn argument(name: &str, value: &Value) -> Py {
    match (name, value) {
        ("mode", Value::Str(mode)) => return Py::text(mode.to_lowercase()),
        ("failed_states", Value::Str(state)) => return Py::texts([state.as_ref()]),
        ("allowed_states", value) => return allowed_states(value),
        _ => {}
    }
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

/// A text is one state; what is neither text nor list Metaflow replaces by its default.
fn allowed_states(value: &Value) -> Py {
    if matches!(value, Value::List(_)) {
        Py::value(value)
    } else {
        Py::texts([value.as_str().unwrap_or("success")])
    }
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
