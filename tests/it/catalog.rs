//! The catalog of decorators against what Metaflow 2.19.39 was seen to declare.

use flowc::decorator::{CATALOG, Decorator};
use serde_json::Value;

pub fn recorded() -> Value {
    serde_json::from_str(include_str!("../../fixtures/metaflow/decorators.json")).unwrap()
}

/// Python's text of a default that was recorded as JSON.
fn python(default: &Value) -> String {
    match default {
        Value::Null => "None".to_owned(),
        Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => "{}".to_owned(),
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap()
}

fn compare(recorded: &Value, declared: &Decorator) {
    let name = declared.name;
    assert_eq!(
        text(recorded, "level") == "step",
        declared.is_step_level(),
        "{name}: level"
    );
    assert_eq!(
        recorded["allow_multiple"], declared.is_multiple,
        "{name}: multiple"
    );
    assert_eq!(recorded["internal"], declared.is_internal, "{name}: internal");
    let attributes = recorded["attributes"].as_array().unwrap();
    let expected: Vec<_> = attributes
        .iter()
        .map(|attribute| match text(attribute, "default_type") {
            "required" => (text(attribute, "name"), "required".to_owned()),
            _ => (text(attribute, "name"), python(&attribute["default"])),
        })
        .collect();
    let found: Vec<_> = declared
        .attributes
        .iter()
        .map(|attribute| (attribute.name, attribute.default.to_owned()))
        .collect();
    assert_eq!(found, expected, "{name}: attributes");
}

#[test]
fn the_catalog_is_metaflows() {
    let recorded = recorded();
    let decorators = recorded["decorators"].as_array().unwrap();
    assert_eq!(decorators.len(), CATALOG.len());
    for decorator in decorators {
        let name = text(decorator, "name");
        compare(
            decorator,
            flowc::decorator::find(name).unwrap_or_else(|| panic!("{name} is missing")),
        );
    }
}
