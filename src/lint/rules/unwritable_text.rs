//! The rule `unwritable-text`.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::flow::{ParameterKind, unknowns};
use crate::lint::Context;
use crate::lint::uses;
use crate::value::{Value, Why};

declare_rule! {
    /// A text that goes into a definition cannot reach a task: it holds a null byte, with which a text ends for the
    /// operating system, or half of a character (`"\ud83d"`, one of a surrogate pair), which no file, argument or
    /// variable can hold. An error where a target is asked for.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     face = Parameter("face", default="\ud83d\ude00")
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     face = Parameter("face", default="\U0001f600")
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing: both go into the definition as escapes of JSON, and the first task fails (2.19.39)
    pub static INFO: warning "FLC253" "unwritable-text";
}

const WHOLE: &str =
    "write the whole character, as itself or by its code point: `\\U0001f600` for `\\ud83d\\ude00`";

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut found = Vec::new();
    halves(context, &mut found);
    null_in_defaults(context, &mut found);
    null_in_pods(context, &mut found);
    out.extend(found.into_iter().map(|finding| match context.target {
        Some(target) => finding.severity(Severity::Error).target(target.target),
        None => finding,
    }));
}

fn halves(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for unknown in unknowns(context.graph.flow) {
        let Why::HalfCharacter { escape } = &unknown.unknown.why else {
            continue;
        };
        let message = format!(
            "{} holds `{escape}`, half of a character, which nothing that a task gets can hold",
            unknown.what
        );
        let mut finding = Diagnostic::new(&INFO, unknown.unknown.span, message).help(WHOLE);
        finding.step = unknown.step.map(str::to_owned);
        out.push(finding);
    }
}

/// In the JSON of a container the byte is an escape, which arrives.
fn null_in_defaults(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for parameter in &context.graph.flow.parameters {
        let Some(default) = parameter
            .default()
            .filter(|_| parameter.kind == ParameterKind::Parameter)
        else {
            continue;
        };
        if matches!(&default.result, Ok(Value::Str(text)) if text.contains('\0')) {
            let message = format!(
                "the default of `{}` holds a null byte, which no argument of a task can hold",
                parameter.name
            );
            out.push(
                Diagnostic::new(&INFO, default.span, message)
                    .help("leave it out, or write `type=JSONType` and the text as an entry of a list"),
            );
        }
    }
}

/// Attributes that a pod or job is made of. Values of `@environment` have a rule of their own.
fn null_in_pods(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for name in ["kubernetes", "batch"] {
        for used in uses::named(context, name) {
            for (attribute, written) in used.known().filter(|(_, written)| has_null(written.value)) {
                let declared = used.decorator.attribute(&attribute.name);
                let target = context.target.map(|target| target.target);
                if declared.is_some_and(|it| target.is_none_or(|target| used.reaches(it, target))) {
                    let message = format!(
                        "`{}` of `@{name}` holds a null byte, which no API takes",
                        attribute.name
                    );
                    out.push(used.finding(&INFO, written.span, message).help("leave it out"));
                }
            }
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.contains('\0'),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().any(has_null),
        Value::Dict(entries) => entries
            .iter()
            .any(|(key, value)| has_null(key) || has_null(value)),
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => false,
    }
}
