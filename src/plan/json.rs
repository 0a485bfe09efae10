//! Python values as JSON and back, by the rules of Python's `json` module.

use serde_json::{Number, Value as Json};

use crate::value::Value;

/// `json.dumps(value)`; what JSON cannot hold is written as its text.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => {
            Number::from_f64(*number).map_or_else(|| Json::from(value.to_text()), Json::Number)
        }
        Value::Str(text) => Json::from(text.as_ref()),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            Json::Array(items.iter().map(to_json).collect())
        }
        Value::Dict(entries) => {
            let pairs = entries.iter().map(|(key, value)| (key_text(key), to_json(value)));
            Json::Object(pairs.collect())
        }
        Value::Bytes(_) | Value::Ellipsis | Value::Function(_) | Value::Call(_) => {
            Json::from(value.to_text())
        }
    }
}

/// A key as `json.dumps` writes it: `True` becomes `true`, `1` becomes `"1"`.
fn key_text(key: &Value) -> String {
    match to_json(key) {
        Json::String(text) => text,
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
            other.to_string()
        }
    }
}

/// `json.loads(text)`, of a value already parsed.
pub fn from_json(json: &Json) -> Value {
    Value::from(json)
}

/// JSON text on one line with Python's blanks behind `,` and `:`.
pub fn dumps(json: &Json) -> String {
    match json {
        Json::Array(items) => {
            let parts: Vec<String> = items.iter().map(dumps).collect();
            format!("[{}]", parts.join(", "))
        }
        Json::Object(entries) => {
            let parts: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), dumps(value)))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_json_as_python_does() {
        let value = Value::Dict(vec![
            (
                Value::str("a"),
                Value::List(vec![Value::Int(1), Value::Float(0.5)]),
            ),
            (Value::Int(2), Value::None),
        ]);
        assert_eq!(dumps(&to_json(&value)), r#"{"a": [1, 0.5], "2": null}"#);
        assert_eq!(from_json(&to_json(&Value::str("ü"))), Value::str("ü"));
    }
}
