//! A parameter has a name that Metaflow's own options use.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::lint::Context;

declare_rule! {
    /// A parameter or config has a name that one of Metaflow's own options has, with `-` or `_`: `params with tag namespace obj tags decospecs run-id-file max-num-splits max-workers max-log-size user-namespace run-id task-id runner-attribute-file`. Also `help` cannot be a parameter's name, since `--help` shows the options.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     tag = Parameter("tag")
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
    ///     label = Parameter("label")
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
    /// `Parameter name *tag* is a reserved word. Please use a different name for your parameter.` (2.19.39); for `help` nothing: `--help` then wants a value
    pub static INFO: error "FLC601" "reserved-parameter-name";
}

const RESERVED: [&str; 15] = [
    "decospecs",
    "help",
    "max-log-size",
    "max-num-splits",
    "max-workers",
    "namespace",
    "obj",
    "params",
    "run-id",
    "run-id-file",
    "runner-attribute-file",
    "tag",
    "tags",
    "task-id",
    "user-namespace",
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let Some(name) = parameter.known_name() else {
            continue;
        };
        if name == "with" || RESERVED.contains(&name.replace('_', "-").as_str()) {
            let message = format!("the name `{name}` is taken by an option of Metaflow");
            let finding = Diagnostic::new(&INFO, parameter.name_span, message).help("choose another name");
            // With this one the flow runs; only its help does not.
            let severity = if name == "help" {
                Severity::Warning
            } else {
                Severity::Error
            };
            out.push(finding.severity(severity));
        }
    }
}
