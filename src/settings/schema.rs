//! The JSON Schema of `flowc.toml`, made of the table of keys, for editors that complete and check TOML by one.

use serde_json::{Map, Value as Json, json};

use super::keys::{FREE_TABLES, KEYS, Key, Kind};

/// The schema, draft 2020-12.
pub fn schema() -> Json {
    let mut properties = Map::new();
    for key in KEYS {
        match key.name.split_once('.') {
            None => {
                properties.insert(key.name.to_owned(), of_key(key));
            }
            Some((table, name)) => {
                let table = properties.entry(table).or_insert_with(table_of_keys);
                if let Some(keys) = table.get_mut("properties").and_then(Json::as_object_mut) {
                    keys.insert(name.to_owned(), of_key(key));
                }
            }
        }
    }
    for (name, about) in FREE_TABLES {
        properties.insert(name.to_owned(), of_free_table(name, about));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flowc.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn table_of_keys() -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn of_key(key: &Key) -> Json {
    let mut schema = match key.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Whole { min: i64::MIN } => json!({ "type": "integer" }),
        Kind::Whole { min } => json!({ "type": "integer", "minimum": min }),
        Kind::Flag => json!({ "type": "boolean" }),
        // `serverless = "fargate"` in a table of its own is `queues = ["serverless=fargate"]`.
        Kind::Texts if key.name == "step-functions.queues" => {
            json!({ "type": ["string", "array", "object"], "items": { "type": "string" } })
        }
        Kind::Choices(words) => json!({
            "anyOf": [{ "enum": words }, { "type": "array", "items": { "enum": words } }],
        }),
        Kind::Texts => json!({ "type": ["string", "array"], "items": { "type": "string" } }),
    };
    if let Some(schema) = schema.as_object_mut() {
        let default = if key.default.is_empty() {
            String::new()
        } else {
            format!(" (default: {})", key.default)
        };
        schema.insert("description".to_owned(), format!("{}{default}", key.about).into());
    }
    schema
}

fn of_free_table(name: &str, about: &str) -> Json {
    let values = match name {
        "decorators" => json!({ "enum": ["harmless", "mutator"] }),
        "bases" => json!({ "enum": ["harmless"] }),
        "configs" => json!({ "type": "string" }),
        _ => json!(true),
    };
    json!({ "type": "object", "description": about, "additionalProperties": values })
}
