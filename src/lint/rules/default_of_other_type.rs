//! A parameter's default does not fit its type.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{ParameterKind, ParameterType, bool_of};
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A parameter's default cannot be read as the type that is given: `type=int` with a text that is no number, `JSONType` with a text that is no JSON.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", type=int, default="abc")
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", type=int, default=3)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; `Error: Invalid value for '--alpha': abc is not a valid integer` when the flow is run (2.19.39)
    pub static INFO: error "FLC607" "default-of-other-type";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let Some(default) = parameter
            .default()
            .filter(|_| parameter.kind == ParameterKind::Parameter)
        else {
            continue;
        };
        // With `multiple` or `nargs` the default is a list of such values.
        if parameter.attribute("multiple").is_some() || parameter.attribute("nargs").is_some() {
            continue;
        }
        if let Ok(value) = &default.result
            && let Some(wanted) = misfit(parameter.value_type, value)
        {
            let message = format!(
                "the default of `{}` is {}, which is not {wanted}",
                parameter.name,
                value.to_repr()
            );
            out.push(Diagnostic::new(&INFO, default.span, message));
        }
    }
}

/// What the type wants, where the value is none of it.
fn misfit(value_type: ParameterType, value: &Value) -> Option<&'static str> {
    let text = value.as_str();
    let is_number = matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_));
    let fits = match value_type {
        ParameterType::Int => text.map_or(is_number, is_int),
        ParameterType::Float => text.map_or(is_number, is_float),
        ParameterType::Bool => text.is_none_or(|text| bool_of(text).is_some()),
        ParameterType::Json => text.is_none_or(is_json),
        ParameterType::Str | ParameterType::File | ParameterType::Other => true,
    };
    let wanted = match value_type {
        ParameterType::Int => "a whole number",
        ParameterType::Float => "a number",
        ParameterType::Bool => "a truth value",
        ParameterType::Json => "JSON",
        ParameterType::Str | ParameterType::File | ParameterType::Other => return None,
    };
    (!fits && *value != Value::None).then_some(wanted)
}

/// Python's `int(text)` for the texts that matter.
fn is_int(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text).replace('_', "");
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    text.trim().replace('_', "").parse::<f64>().is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
