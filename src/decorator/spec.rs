//! `--with DECOSPEC`: decorators attached to every step that does not have them already.
//! Metaflow 2.19: `decorators.py`, `Decorator.extract_args_kwargs_from_decorator_spec`.

use std::fmt;

use super::{CATALOG, Decorator, Outside, find};
use crate::diagnostic::nearest;
use crate::value::Value;

/// One `name:key=value,key=value`, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub name: String,
    pub attributes: Vec<(String, Value)>,
}

/// Why a text is no specification.
#[derive(Clone, Debug)]
pub enum SpecError {
    /// A part behind the colon that is no `key=value`.
    NoValue {
        part: String,
    },
    UnknownDecorator {
        name: String,
    },
    /// It stands on classes, or is Metaflow's own.
    NotForSteps {
        name: String,
    },
    UnknownAttribute {
        decorator: &'static Decorator,
        name: String,
    },
    NotAccepted {
        decorator: &'static str,
        attribute: &'static str,
        accepted: String,
        value: String,
    },
}

/// Reads a specification.
///
/// # Errors
/// [`SpecError::NoValue`] alone: what is named is not looked up.
pub fn parse(text: &str) -> Result<Spec, SpecError> {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let mut attributes: Vec<(String, Value)> = Vec::new();
    for part in split_attributes(rest) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(SpecError::NoValue { part });
        };
        let key = key.trim().to_owned();
        attributes.retain(|(known, _)| *known != key);
        attributes.push((key, value_of(value.trim())));
    }
    Ok(Spec {
        name: name.to_owned(),
        attributes,
    })
}

impl Spec {
    /// Holds the specification against the catalog. A dotted name is a decorator of the project or of a package,
    /// of which nothing is known.
    ///
    /// # Errors
    /// The first thing that Metaflow, or a task of it, would refuse.
    pub fn check(&self) -> Result<(), SpecError> {
        let name = || self.name.clone();
        let Some(decorator) = find(&self.name) else {
            return if self.name.contains('.') {
                Ok(())
            } else {
                Err(SpecError::UnknownDecorator { name: name() })
            };
        };
        if !decorator.is_step_level() || decorator.is_internal {
            return Err(SpecError::NotForSteps { name: name() });
        }
        for (attribute, value) in &self.attributes {
            let Some(declared) = decorator.attribute(attribute) else {
                let name = attribute.clone();
                return Err(SpecError::UnknownAttribute { decorator, name });
            };
            if !declared.takes(value) && declared.outside == Outside::Refused {
                return Err(SpecError::NotAccepted {
                    decorator: decorator.name,
                    attribute: declared.name,
                    accepted: declared.accepts.describe(),
                    value: value.to_repr(),
                });
            }
        }
        Ok(())
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue { part } => write!(out, "`{part}` is no `attribute=value`"),
            Self::UnknownDecorator { name } => {
                write!(out, "no decorator is called `{name}`")?;
                let steps = CATALOG
                    .iter()
                    .filter(|decorator| decorator.is_step_level() && !decorator.is_internal);
                match nearest(name, steps.map(|decorator| decorator.name)) {
                    Some(near) => write!(out, ": did you mean `{near}`?"),
                    None => Ok(()),
                }
            }
            Self::NotForSteps { name } => write!(out, "`@{name}` is no decorator for steps"),
            Self::UnknownAttribute { decorator, name } => {
                let known: Vec<_> = decorator
                    .attributes
                    .iter()
                    .map(|known| format!("`{}`", known.name))
                    .collect();
                write!(
                    out,
                    "`@{}` has no attribute `{name}`: it takes {}",
                    decorator.name,
                    known.join(", ")
                )
            }
            Self::NotAccepted {
                decorator,
                attribute,
                accepted,
                value,
            } => {
                write!(
                    out,
                    "`{attribute}` of `@{decorator}` must be {accepted}, not `{value}`"
                )
            }
        }
    }
}

impl std::error::Error for SpecError {}

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
        return Value::from(&json);
    }
    let text = Value::str(text);
    let number = text.to_int().map(Value::Int);
    number
        .or_else(|| text.to_float().map(Value::Float))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Value)> {
        parse(text).unwrap().attributes
    }

    /// Seen in Metaflow 2.19.39.
    #[test]
    fn splits_and_types_as_metaflow() {
        let text = |text: &str| Value::str(text);
        let map = |key: &str, value: &str| Value::Dict(vec![(text(key), text(value))]);
        let cases = [
            ("retry", vec![]),
            ("retry:", vec![]),
            ("retry:times=1", vec![("times", Value::Int(1))]),
            ("retry:times = 1", vec![("times", Value::Int(1))]),
            ("retry:times=01", vec![("times", Value::Int(1))]),
            ("retry:times=1,times=2", vec![("times", Value::Int(2))]),
            (
                "resources:cpu=0.5,memory=100,gpu=abc",
                vec![
                    ("cpu", Value::Float(0.5)),
                    ("memory", Value::Int(100)),
                    ("gpu", text("abc")),
                ],
            ),
            ("resources:cpu=.5", vec![("cpu", Value::Float(0.5))]),
            ("resources:cpu=\"2\"", vec![("cpu", text("2"))]),
            (
                "catch:print_exception=false,var=e",
                vec![("print_exception", Value::Bool(false)), ("var", text("e"))],
            ),
            ("kubernetes:image=a/b:c", vec![("image", text("a/b:c"))]),
            ("kubernetes:labels={\"a\":\"b\"}", vec![("labels", map("a", "b"))]),
            (
                "kubernetes:labels={\\\"a\\\":\\\"b\\\"}",
                vec![("labels", map("a", "b"))],
            ),
            (
                "kubernetes:node_selector=a=b,c=d",
                vec![("node_selector", text("a=b")), ("c", text("d"))],
            ),
            ("kubernetes:image=null", vec![("image", Value::None)]),
        ];
        for (spec, expected) in cases {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            assert_eq!(read(spec), expected, "{spec}");
        }
        // The cut does not know of braces.
        assert_eq!(read(r#"environment:vars={"A":"b","C":"d,e=f"}"#).len(), 2);
        let error = parse("retry:times").unwrap_err();
        assert_eq!(error.to_string(), "`times` is no `attribute=value`");
    }

    #[test]
    fn holds_it_against_the_catalog() {
        let problem = |text: &str| parse(text).unwrap().check().err().map(|error| error.to_string());
        assert_eq!(problem("retry:times=4"), None);
        assert_eq!(problem("package.timing:a=1"), None);
        let cases = [
            ("retri", "no decorator is called `retri`: did you mean `retry`?"),
            ("project:name=x", "`@project` is no decorator for steps"),
            (
                "airflow_internal",
                "`@airflow_internal` is no decorator for steps",
            ),
            (
                "retry:foo=1",
                "`@retry` has no attribute `foo`: it takes `times`, `minutes_between_retries`",
            ),
            (
                "retry:times=5",
                "`times` of `@retry` must be a whole number of at most 4, not `5`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(problem(text).as_deref(), Some(expected));
        }
    }
}
