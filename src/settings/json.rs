//! JSON as Python's `json.loads` reads it.

use crate::value::Value;

pub fn to_value(json: &serde_json::Value) -> Value {
    Value::from(json)
}
