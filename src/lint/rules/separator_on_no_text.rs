//! A parameter that is no text has a separator.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterType;
use crate::lint::Context;
use crate::value::{Evaluated, Value};

declare_rule! {
    /// A parameter has a `separator`, but its type is not text. The separator splits the text that is given into a list.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     sizes = Parameter("sizes", type=int, separator=",")
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
    ///     sizes = Parameter("sizes", default="1,2", separator=",")
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
    /// `Parameter *sizes*: Separator is only allowed for string parameters.` (2.19.39)
    pub static INFO: error "FLC606" "separator-on-no-text";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let Some(separator) = parameter.attribute("separator") else {
            continue;
        };
        let is_given = separator.value.value().is_some_and(Value::is_truthy);
        let default = parameter.default().and_then(Evaluated::value);
        // `type=str, default=3`, and a function as default, whatever the type.
        let is_no_text = parameter.is_computed
            || parameter.value_type != ParameterType::Str
            || default.is_some_and(|default| !matches!(default, Value::None | Value::Str(_)));
        if is_given && is_no_text {
            let message = format!(
                "`separator` of `{}` is only allowed where type and default are text",
                parameter.name
            );
            let finding = Diagnostic::new(&INFO, separator.value.span, message);
            out.push(finding.help("leave `type` out, and convert the pieces in a step"));
        }
    }
}
