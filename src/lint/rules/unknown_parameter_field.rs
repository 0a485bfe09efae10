//! A parameter is given a field that does not exist.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::nearest;
use crate::flow::ParameterKind;
use crate::lint::Context;

declare_rule! {
    /// A `Parameter` or `IncludeFile` is given a keyword that neither Metaflow nor click's options know.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", defualt=1)
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
    ///     alpha = Parameter("alpha", default=1)
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
    /// nothing at `check`; a raw `TypeError: Parameter.__init__() got an unexpected keyword argument 'defualt'` when the flow is run (2.19.39)
    pub static INFO: error "FLC608" "unknown-parameter-field";
}

const COMMON: [&str; 6] = ["default", "help", "required", "show_default", "type", "separator"];
/// What `click.Option` takes, to which Metaflow passes all it does not know.
const CLICK: [&str; 22] = [
    "allow_from_autoenv",
    "attrs",
    "autocompletion",
    "callback",
    "cls",
    "confirmation_prompt",
    "count",
    "envvar",
    "expose_value",
    "flag_value",
    "hidden",
    "hide_input",
    "is_eager",
    "is_flag",
    "metavar",
    "multiple",
    "nargs",
    "param_decls",
    "prompt",
    "show_choices",
    "show_envvar",
    "shell_complete",
];
const INCLUDE_FILE: [&str; 3] = ["is_text", "encoding", "parser"];
const CONFIG: [&str; 6] = ["default", "default_value", "help", "required", "parser", "plain"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let known: Vec<&str> = match parameter.kind {
            ParameterKind::Parameter => [&COMMON[..], &CLICK].concat(),
            ParameterKind::IncludeFile => [&COMMON[..], &CLICK, &INCLUDE_FILE].concat(),
            ParameterKind::Config => [&CONFIG[..], &["show_default"], &CLICK].concat(),
        };
        let attributes = parameter.attributes.iter();
        for attribute in attributes.filter(|attribute| !known.contains(&attribute.name.as_str())) {
            let message = format!(
                "the parameter `{}` has no field `{}`",
                parameter.name, attribute.name
            );
            let finding = Diagnostic::new(&INFO, attribute.name_span, message);
            out.push(match nearest(&attribute.name, known.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("allowed are {}", quoted(parameter.kind))),
            });
        }
    }
}

fn quoted(kind: ParameterKind) -> String {
    let names: Vec<String> = match kind {
        ParameterKind::Parameter => COMMON.iter().map(|name| format!("`{name}`")).collect(),
        ParameterKind::IncludeFile => COMMON
            .iter()
            .chain(&INCLUDE_FILE)
            .map(|name| format!("`{name}`"))
            .collect(),
        ParameterKind::Config => CONFIG.iter().map(|name| format!("`{name}`")).collect(),
    };
    names.join(", ")
}
