//! A parameter is required and has a default.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A parameter has `required=True` and a default. The default wins: the parameter is not required.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", required=True, default=1)
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
    ///     alpha = Parameter("alpha", required=True)
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
    /// nothing: the default is used (2.19.39)
    pub static INFO: warning "FLC616" "required-with-default";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = context.graph.flow.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.kind == ParameterKind::Parameter) {
        let required = parameter.attribute("required");
        let Some(required) = required.filter(|it| it.value.result == Ok(Value::Bool(true))) else {
            continue;
        };
        let Some(default) = parameter.default() else {
            continue;
        };
        if default.result != Ok(Value::None) {
            let message = format!(
                "`required=True` of `{}` has no effect: the default is used",
                parameter.name
            );
            let finding = Diagnostic::new(&INFO, required.name_span.cover(required.value.span), message);
            out.push(
                finding
                    .label(default.span, "the default")
                    .help("keep one of the two"),
            );
        }
    }
}
