//! A parameter's default is a list or dict, but its type is not `JSONType`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{ParameterKind, ParameterType};
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A parameter's default is a list, tuple or dict without `type=JSONType`. In a local run the default works, but no other value can be given: Metaflow would call `list(…)` or `dict(…)` on the text. On a target not even the default arrives, since it travels as a text as well.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     sizes = Parameter("sizes", default=[1, 2])
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
    /// from metaflow import FlowSpec, JSONType, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     sizes = Parameter("sizes", type=JSONType, default=[1, 2])
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
    /// nothing; `--sizes '[3]'` gives a list of the characters, a dict `Error: Invalid value for '--sizes'` (2.19.39)
    pub static INFO: warning "FLC611" "container-default";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let is_many = parameter.attribute("multiple").is_some();
        if parameter.kind != ParameterKind::Parameter
            || (parameter.value_type != ParameterType::Other && !is_many)
        {
            continue;
        }
        let Some(default) = parameter.default() else {
            continue;
        };
        let Ok(value @ (Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::Bytes(_))) =
            &default.result
        else {
            continue;
        };
        let (name, type_name) = (&parameter.name, value.type_name());
        let is_untyped = !is_many && parameter.attribute("type").is_none();
        let finding = |text: &str| {
            let message = format!("the default of `{name}` is a {type_name}: {text}");
            Diagnostic::new(&INFO, default.span, message).help("add `type=JSONType`")
        };
        if let Some(target) = context.target {
            let text = "it reaches the first task as a text, which Metaflow does not read back";
            out.push(finding(text).target(target.target));
        } else if is_untyped && !matches!(value, Value::Bytes(_)) {
            out.push(finding("no other value can be given on the command line"));
        }
    }
}
