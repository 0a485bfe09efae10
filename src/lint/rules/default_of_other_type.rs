//! A parameter's default does not fit its type.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Parameter, ParameterKind, ParameterType, bool_of};
use crate::lint::Context;
use crate::python::is_json_text;
use crate::value::Value;

declare_rule! {
    /// A parameter's default cannot be read as the type that is given: `type=int` with a text that is no number, `type=bool` with `1` or `"on"` (a truth value is `True`, `False` or one of the texts `true`, `t`, `yes`, `y`, `1` and their opposites), `JSONType` with a text that is no JSON.
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
            && let Some(wanted) = misfit(parameter, value)
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
fn misfit(parameter: &Parameter, value: &Value) -> Option<&'static str> {
    let text = value.as_str();
    let number = value.to_float().filter(|_| text.is_none());
    let (fits, wanted) = match parameter.value_type {
        ParameterType::Int => {
            let is_whole = || number.is_some_and(f64::is_finite);
            (text.map_or_else(is_whole, is_int), "a whole number")
        }
        ParameterType::Float => (text.map_or(number.is_some(), is_float), "a number"),
        ParameterType::Bool => {
            let is_bool = value.as_bool().is_some();
            (
                text.map_or(is_bool, |text| bool_of(text).is_some()),
                "a truth value",
            )
        }
        ParameterType::Json => (text.is_none_or(is_json_text), "JSON"),
        // click calls `dict(text)`.
        ParameterType::Other if is_dict(parameter) => (text.is_none_or(str::is_empty), "a dict"),
        ParameterType::Str | ParameterType::File | ParameterType::Other => return None,
    };
    (!fits && *value != Value::None).then_some(wanted)
}

fn is_dict(parameter: &Parameter) -> bool {
    let value_type = parameter.attribute("type").and_then(|it| it.value.value());
    value_type.and_then(Value::as_str) == Some("dict")
}

/// Python's `int(text)`: digits of any script, single underscores between them.
fn is_int(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(char::is_numeric);
    digits.split('_').all(is_digits)
}

/// Python's `float(text)`, which reads digits of any script too.
fn is_float(text: &str) -> bool {
    let plain = |character: char| if character.is_numeric() { '0' } else { character };
    let text: String = text.trim().chars().map(plain).collect();
    let parts: Vec<&str> = text.split('_').collect();
    let is_between = parts
        .windows(2)
        .all(|pair| matches!(pair, [before, after] if before.ends_with('0') && after.starts_with('0')));
    is_between && parts.concat().parse::<f64>().is_ok()
}
