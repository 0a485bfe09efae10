//! `@exit_hook` takes lists of functions, or of their names, in `on_success` and `on_error`.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// `@exit_hook` takes lists of functions, or of their names, in `on_success` and `on_error`; one of them must
    /// hold something. A bare text is taken letter by letter, and a lambda has no name to be found by: Metaflow
    /// lets both pass, and the hook then fails.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, exit_hook, step
    ///
    ///
    /// def report(run):
    ///     print(run)
    ///
    ///
    /// @exit_hook(on_error=report)
    /// class DemoFlow(FlowSpec):
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, exit_hook, step
    ///
    ///
    /// def report(run):
    ///     print(run)
    ///
    ///
    /// @exit_hook(on_error=[report])
    /// class DemoFlow(FlowSpec):
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Choose at least one of the options on_success/on_error`; otherwise a traceback, as `TypeError: 'function'
    /// object is not iterable` (2.19.39)
    pub static INFO: error "FLC239" "exit-hook-form";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "exit_hook") {
        let given = ["on_success", "on_error"].map(|name| (name, used.truthy(name)));
        if given.iter().all(|(_, written)| written.is_none()) && used.is_complete() {
            let message = "`@exit_hook` has neither `on_success` nor `on_error`";
            out.push(
                used.finding(&INFO, used.span(), message)
                    .help("write `on_error=[function]`"),
            );
        }
        for (name, written) in given {
            out.extend(written.and_then(|written| finding(&used, name, written)));
        }
    }
}

fn finding(used: &Use<'_>, name: &str, written: Written<'_>) -> Option<Diagnostic> {
    let (severity, problem) = problem(name, written.value)?;
    let finding = used.finding(&INFO, written.span, problem).severity(severity);
    Some(finding.help(format!(
        "write `{name}=[function]`, where `function` is defined in the flow's file"
    )))
}

fn problem(name: &str, hooks: &Value) -> Option<(Severity, String)> {
    match hooks {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().find_map(item_problem),
        Value::Str(text) => {
            let letters = text.chars().count();
            Some((
                Severity::Warning,
                format!("`{name}` is a text: Metaflow takes its {letters} letters for hooks"),
            ))
        }
        // Iterated key by key.
        Value::Dict(entries) => entries.iter().find_map(|(key, _)| item_problem(key)),
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => Some((
            Severity::Error,
            format!("`{name}` must be a list of functions, not {}", shown(hooks)),
        )),
    }
}

fn item_problem(item: &Value) -> Option<(Severity, String)> {
    match item {
        Value::Function(name) if &**name == "<lambda>" => Some((
            Severity::Warning,
            "a lambda has no name by which the hook could find it".to_owned(),
        )),
        Value::Function(_) | Value::Str(_) => None,
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Call(_) => Some((
            Severity::Error,
            format!("an exit hook is a function or its name, not {}", shown(item)),
        )),
    }
}
