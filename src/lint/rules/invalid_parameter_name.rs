//! A parameter's name cannot be an option.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Parameter, ParameterKind};
use crate::lint::Context;
use crate::target::Target;

declare_rule! {
    /// A parameter's name cannot be made an option of the command line: it is empty, has a space, or does not begin with a letter. On Argo
    /// Workflows it is also the name of an argument, on Airflow that of a variable of the pod, which have ASCII letters,
    /// digits, `_` and `-` alone.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     rate = Parameter("1st rate", default=1)
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
    ///     rate = Parameter("first_rate", default=1)
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
    /// nothing at `check`; a raw `TypeError: Could not determine name for option` when the flow is run (2.19.39)
    pub static INFO: error "FLC604" "invalid-parameter-name";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = context.graph.flow.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.kind != ParameterKind::Config) {
        let Some(name) = parameter.known_name() else {
            continue;
        };
        // click makes an identifier of it: `-` becomes `_`, and it must then be one.
        let begins = name
            .trim_start_matches('-')
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_');
        let is_word = name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if begins && is_word {
            out.extend(for_target(context, parameter));
            continue;
        }
        let message = format!("`{name}` cannot be the name of an option");
        let finding = Diagnostic::new(&INFO, parameter.name_span, message);
        out.push(finding.help("use letters, digits, `_` and `-`, a letter first"));
    }
}

/// The name of a workflow's argument (Argo's CRDs: `^[-a-zA-Z0-9_]+$`), or of the variable in which a pod of Airflow
/// gets the value (Kubernetes: ASCII).
fn for_target(context: &Context<'_>, parameter: &Parameter) -> Option<Diagnostic> {
    let target = context.target?;
    let what = match target.target {
        Target::Argo => "an argument of a workflow",
        Target::Airflow => "a variable of a pod",
        Target::StepFunctions => return None,
    };
    if parameter.name.is_ascii() {
        return None;
    }
    let message = format!("`{}` cannot be the name of {what}", parameter.name);
    let finding = Diagnostic::new(&INFO, parameter.name_span, message);
    Some(
        finding
            .help("use letters from a to z, digits, `_` and `-`; the variable may keep its name")
            .target(target.target),
    )
}
