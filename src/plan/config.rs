//! A flow's `Config`s on their way to the tasks, which read them again when they start (Metaflow 2.19:
//! `config_options.py`, `process_configs`). Knows neither files nor where the values are put.

use serde_json::Value as Json;

use super::json;
use crate::flow::{ConfigText, Parameter};
use crate::source::Span;
use crate::value::Value;

/// A `Config` with its content decided.
#[derive(Clone, Debug)]
pub struct PlannedConfig {
    pub name: String,
    pub span: Span,
    pub is_plain: bool,
    /// The content, where it is known and JSON can hold it; `None` of Python for an optional one of which nothing
    /// is given. Unknown is what only a parser of others makes of the text.
    pub content: Option<Json>,
    text: Option<String>,
    has_parser: bool,
}

impl PlannedConfig {
    pub fn new(config: &Parameter) -> Self {
        let field = |name: &str| config.attribute(name).map(|field| field.value.value());
        Self {
            name: config.name.clone(),
            span: config.call,
            is_plain: field("plain").flatten().is_some_and(Value::is_truthy),
            content: config
                .content
                .as_ref()
                .filter(|it| fits_json(it))
                .map(json::to_json),
            text: match &config.text {
                ConfigText::Given(text) => Some(text.clone()),
                ConfigText::Absent | ConfigText::Unknown(_) => None,
            },
            // One that is not known is a function.
            has_parser: field("parser").is_some_and(|parser| parser.is_none_or(Value::is_truthy)),
        }
    }

    /// What a task is given to read: the content as JSON, but the text itself where a parser reads it there. None
    /// where the task has to find for itself that nothing is given.
    pub fn given(&self) -> Option<Json> {
        let text = self.text.as_deref()?;
        let content = self.content.as_ref().filter(|_| !self.has_parser);
        Some(content.cloned().unwrap_or_else(|| text.into()))
    }
}

/// Does `json.dumps` write it so that `json.loads` gives it again (tuples as lists, keys as texts)?
fn fits_json(value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Str(_) => true,
        Value::Float(number) => number.is_finite(),
        Value::List(items) | Value::Tuple(items) => items.iter().all(fits_json),
        Value::Dict(entries) => entries
            .iter()
            .all(|(key, value)| fits_json(key) && fits_json(value)),
        Value::Set(_) | Value::Bytes(_) | Value::Ellipsis | Value::Function(_) | Value::Call(_) => false,
    }
}
