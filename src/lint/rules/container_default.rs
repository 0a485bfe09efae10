//! A parameter's default is a list or dict, but its type is not `JSONType`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{ParameterKind, ParameterType};
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A parameter's default is a list, tuple or dict without `type=JSONType`. The default works, but no other value can be given: Metaflow would call `list(…)` or `dict(…)` on the text.
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
        if parameter.kind != ParameterKind::Parameter || parameter.value_type != ParameterType::Other {
            continue;
        }
        if parameter.attribute("multiple").is_some() || parameter.attribute("type").is_some() {
            continue;
        }
        let Some(default) = parameter.default() else {
            continue;
        };
        if let Ok(value @ (Value::List(_) | Value::Tuple(_) | Value::Dict(_))) = &default.result {
            let message = format!(
                "the default of `{}` is a {}: no other value can be given on the command line",
                parameter.name,
                value.type_name(),
            );
            out.push(Diagnostic::new(&INFO, default.span, message).help("add `type=JSONType`"));
        }
    }
}
