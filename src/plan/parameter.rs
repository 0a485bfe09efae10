//! A flow's parameters with their defaults decided, and the values as `init` takes them.

use crate::flow::{Parameter, ParameterKind, ParameterType};
use crate::value::Value;

use super::json;

/// A `Parameter` or `IncludeFile` with its default decided.
#[derive(Clone, Debug)]
pub struct PlannedParameter {
    pub kind: ParameterKind,
    pub name: String,
    pub variable: String,
    pub value_type: ParameterType,
    /// None: no default, or the default None. Known, or there would be no plan.
    pub default: Option<Value>,
    pub is_required: bool,
    pub help: Option<String>,
    pub separator: Option<String>,
}

impl PlannedParameter {
    pub(super) fn new(parameter: &Parameter) -> Self {
        let text = |name| {
            let attribute = parameter.attribute(name)?;
            attribute.value.value()?.as_str().map(str::to_owned)
        };
        let default = parameter.default().and_then(|default| default.value().cloned());
        Self {
            kind: parameter.kind,
            name: parameter.name.clone(),
            variable: parameter.variable.clone(),
            value_type: parameter.value_type,
            default: default.filter(|value| *value != Value::None),
            is_required: parameter.is_required(),
            help: text("help"),
            separator: text("separator"),
        }
    }

    /// Metaflow's name of the type, as deployers record it.
    pub fn type_name(&self) -> &'static str {
        match self.value_type {
            ParameterType::Str | ParameterType::Other => "str",
            ParameterType::Int => "int",
            ParameterType::Float => "float",
            ParameterType::Bool => "bool",
            ParameterType::Json => "JSON",
            ParameterType::File => "FilePath",
        }
    }

    /// The default as JSON text, as Metaflow's deployers hold parameter values: `3`, `true`, `"it's"`; a JSON
    /// parameter's text is a JSON string itself. None where the default is None.
    pub fn default_json(&self) -> Option<String> {
        let default = self.default.as_ref()?;
        let value = match (self.value_type, default) {
            (ParameterType::Json, Value::Str(_)) => json::to_json(default),
            (ParameterType::Json, other) => json::dumps(&json::to_json(other)).into(),
            (ParameterType::Bool, Value::Str(text)) => {
                bool_of(text).map_or_else(|| json::to_json(default), Into::into)
            }
            // `type=str, default=3`: click makes a text of it.
            (ParameterType::Str | ParameterType::File, other) => other.to_text().into(),
            (
                ParameterType::Int | ParameterType::Float | ParameterType::Bool | ParameterType::Other,
                other,
            ) => json::to_json(other),
        };
        Some(json::dumps(&value))
    }
}

/// click's words for a bool.
fn bool_of(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}
