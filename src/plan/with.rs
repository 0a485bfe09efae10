//! `--with DECOSPEC`: decorators attached to every step that does not have them already.
//! Metaflow 2.19: `decorators.py`, `StepDecorator.parse_decorator_spec`.

use crate::value::Value;

/// One `name:key=value,key=value`, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub name: String,
    pub attributes: Vec<(String, Value)>,
}

/// Reads a decorator specification.
///
/// # Errors
/// The part behind the colon that is no `key=value`.
pub fn parse(text: &str) -> Result<Spec, String> {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let mut attributes = Vec::new();
    for part in split_attributes(rest) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(part);
        };
        attributes.push((key.trim().to_owned(), value_of(value)));
    }
    Ok(Spec {
        name: name.to_owned(),
        attributes,
    })
}

/// Cuts at commas that a `word=` follows: Python's `re.split(r",(?=[\s\w]+=)", text)`.
fn split_attributes(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (index, character) in text.char_indices() {
        let starts_attribute = character == ',' && is_key_ahead(text.get(index + 1..).unwrap_or(""));
        match parts.last_mut() {
            Some(last) if !starts_attribute => last.push(character),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn is_key_ahead(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c.is_whitespace()));
    end.is_some_and(|end| end > 0 && text.get(end..).is_some_and(|rest| rest.starts_with('=')))
}

/// JSON where it parses, else an int, a float, the text.
fn value_of(text: &str) -> Value {
    let unescaped = text.replace("\\\"", "\"");
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(&unescaped) {
        return super::json::from_json(&json);
    }
    let trimmed = text.trim();
    if let Ok(number) = trimmed.parse::<i64>() {
        return Value::Int(number);
    }
    trimmed
        .parse::<f64>()
        .map_or_else(|_| Value::str(text), Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_and_types_as_metaflow() {
        let spec = parse(r#"kubernetes:cpu=2,image=a/b:c,labels={"a":"b"},x="2",y=.5,z=true"#).unwrap();
        assert_eq!(spec.name, "kubernetes");
        let values: Vec<_> = spec
            .attributes
            .iter()
            .map(|(k, v)| (k.as_str(), v.clone()))
            .collect();
        assert_eq!(
            values,
            [
                ("cpu", Value::Int(2)),
                ("image", Value::str("a/b:c")),
                ("labels", Value::Dict(vec![(Value::str("a"), Value::str("b"))])),
                ("x", Value::str("2")),
                ("y", Value::Float(0.5)),
                ("z", Value::Bool(true)),
            ]
        );
        assert!(parse("retry:").unwrap().attributes.is_empty());
        assert_eq!(parse("retry:times"), Err("times".to_owned()));
    }
}
