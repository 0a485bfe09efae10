//! Two parameters have names that differ in case only, or two configs have one name.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Parameter, ParameterKind};
use crate::lint::Context;

declare_rule! {
    /// Two parameters of a flow have the same name; upper and lower case make no difference, nor do `-` and `_` (Metaflow gives both the value of one option). Two configs have the same name, as it is written. The same object bound to two variables (`b = a`) counts twice. A parameter and a config may share a name: `--config` names the one, an option of its own the other.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default=1)
    ///     other = Parameter("Alpha", default=2)
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
    ///     other = Parameter("other", default=2)
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
    /// nothing at `check`; `Parameter *alpha* is specified twice. Note that parameter names are case-insensitive.` when the flow is run or deployed; of configs `Multiple configurations use the same name` (2.19.39)
    pub static INFO: error "FLC603" "duplicate-parameter";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(OptionName, &Parameter)> = Vec::new();
    let mut in_source_order: Vec<&Parameter> = context
        .graph
        .flow
        .parameters
        .iter()
        .filter(|it| it.known_name().is_some())
        .collect();
    in_source_order.sort_by_key(|parameter| parameter.span);
    for parameter in in_source_order {
        let option = OptionName::of(parameter);
        match seen.iter().find(|(name, _)| *name == option) {
            Some((_, first)) => {
                let message = if first.call == parameter.call {
                    format!(
                        "the {} `{}` is bound to two variables",
                        option.word(),
                        parameter.name
                    )
                } else if let OptionName::Config(name) = &option {
                    format!("the name `{name}` stands for two configs")
                } else if first.name.to_lowercase() != parameter.name.to_lowercase() {
                    format!(
                        "`{}` and `{}` are one option for the command line: `-` is read as `_`",
                        first.name, parameter.name
                    )
                } else {
                    format!(
                        "the name `{}` stands for two parameters: case makes no difference",
                        parameter.name
                    )
                };
                let finding = Diagnostic::new(&INFO, parameter.span, message);
                out.push(
                    finding
                        .label(first.span, "the first one")
                        .help("give each its own name"),
                );
            }
            None => seen.push((option, parameter)),
        }
    }
}

/// What the command line tells apart.
#[derive(PartialEq)]
enum OptionName {
    /// `--alpha`, in lower case, with `_` for `-`.
    Own(String),
    /// `--config NAME=…`, as written.
    Config(String),
}

impl OptionName {
    fn of(parameter: &Parameter) -> Self {
        match parameter.kind {
            ParameterKind::Parameter | ParameterKind::IncludeFile => {
                Self::Own(parameter.name.to_lowercase().replace('-', "_"))
            }
            ParameterKind::Config => Self::Config(parameter.name.clone()),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Own(_) => "parameter",
            Self::Config(_) => "config",
        }
    }
}
