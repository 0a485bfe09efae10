//! A function is given for a field of a parameter that cannot be computed.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A function is given for a field of a parameter other than `default`. Only a default can be computed when the flow is deployed.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", required=lambda context: True)
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
    /// `Parameter *alpha*: Field 'required' cannot have a function as its value`; a function as `help` breaks `--help` alone, which is a warning (2.19.39)
    pub static INFO: error "FLC605" "function-in-parameter-field";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        for field in ["required", "show_default", "separator", "help"] {
            let Some(attribute) = parameter.attribute(field) else {
                continue;
            };
            if matches!(attribute.value.result, Ok(Value::Function(_))) {
                let message = format!(
                    "`{field}` of the parameter `{}` cannot be a function",
                    parameter.name
                );
                let severity = match field {
                    "help" => Severity::Warning,
                    _ => Severity::Error,
                };
                let finding = Diagnostic::new(&INFO, attribute.value.span, message).severity(severity);
                out.push(
                    finding.help(
                        "give the value itself; only `default` may be computed when the flow is deployed",
                    ),
                );
            }
        }
    }
}
