//! JSON as Python's `json.loads` reads it.

use crate::value::Value;

pub fn to_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::str(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(to_value).collect()),
        serde_json::Value::Object(entries) => Value::Dict(
            entries
                .iter()
                .map(|(key, value)| (Value::str(key.as_str()), to_value(value)))
                .collect(),
        ),
    }
}
