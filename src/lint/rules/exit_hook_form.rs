//! `@exit_hook` takes lists of functions, or of their names, in `on_success` and `on_error`.

use crate::declare_rule;
use crate::decorator::image;
use crate::diagnostic::{Diagnostic, Severity};
use crate::flow::{LostHook, LostWhy};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// `@exit_hook` takes lists of functions, or of their names, in `on_success` and `on_error`; one of them must
    /// hold something. Of `options` the `image` is read alone: the name of one, in which the hooks run.
    ///
    /// When the run has ended, a hook is looked for by its name: a name with dots in its module, any other in the flow's
    /// file. A function that has no name there is not found: a lambda, a misspelt text, a function that was imported
    /// under another name or made by a decorator without `functools.wraps`. Metaflow lets these pass, as it does a
    /// bare text, which it takes letter by letter; the hook then fails. What has no `__name__`, as a
    /// `functools.partial`, it refuses with a traceback.
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
    /// object is not iterable`; of a hook that is not there nothing until the run has ended: `[exit_hook] Could not load
    /// function 'reprot' as an import path or from 'flow.py'` (2.19.39)
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
        options(context, &used, out);
    }
    out.extend(context.graph.flow.lost_hooks.iter().map(lost));
}

/// `options={"image": …}`; nothing else is looked at.
fn options(context: &Context<'_>, used: &Use<'_>, out: &mut Vec<Diagnostic>) {
    let Some(written) = used.truthy("options") else {
        return;
    };
    for (key, value) in written.value.as_dict().unwrap_or_default() {
        let finding = |message: String| used.finding(&INFO, written.span, message);
        if key.as_str() != Some("image") {
            let message = format!("the option {} of `@exit_hook` has no effect", shown(key));
            out.push(
                finding(message)
                    .severity(Severity::Warning)
                    .help("`image` is the only one"),
            );
            continue;
        }
        let problem = match value.as_str() {
            Some(image) => image::problem(image).filter(|_| !image.is_empty()),
            None if value.is_truthy() => Some("it is no text".to_owned()),
            None => None,
        };
        if let Some(problem) = problem {
            let message = format!(
                "the `image` of `@exit_hook` is {}, which is no name of an image: {problem}",
                shown(value)
            );
            out.push(used.for_target(context, "options", finding(message).severity(Severity::Warning)));
        }
    }
}

/// A hook that the script will not find.
fn lost(hook: &LostHook) -> Diagnostic {
    let name = &hook.name;
    let place = name.rsplit_once('.').map_or_else(
        || "the flow's file".to_owned(),
        |(module, _)| format!("`{module}`"),
    );
    let (problem, help) = match &hook.why {
        LostWhy::NoFunction => (
            format!("`{name}` of {place} is no function"),
            "name a function".to_owned(),
        ),
        LostWhy::Absent { near: Some(near) } => (
            format!("no function of {place} has this name"),
            format!("did you mean `{near}`?"),
        ),
        LostWhy::Absent { near: None } => (
            format!("no function of {place} has this name"),
            "define the function there, or import it under its own name".to_owned(),
        ),
    };
    let message = if hook.is_text {
        format!("the hook `{name}` will not be found: {problem}")
    } else {
        format!("the hook is looked for as `{name}` and will not be found: {problem}")
    };
    let finding = Diagnostic::new(&INFO, hook.span, message);
    finding.severity(Severity::Warning).help(help)
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
