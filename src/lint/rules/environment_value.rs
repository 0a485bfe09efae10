//! The rule `environment-value`.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `@environment(vars=…)` has a name or a value that no process can have (a name that is empty, with `=`, with
    /// blanks, in a pod with letters beyond ASCII; a null byte, 128 KiB), or the value `None`, which becomes the text `None`. What is impossible is an
    /// error where a target is asked for.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @environment(vars={"TOKEN": None})
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
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @environment(vars={"TOKEN": ""})
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
    /// nothing: values are put through `str()` (2.19.39)
    pub static INFO: warning "FLC250" "environment-value";
}

/// Linux starts no program with a longer `NAME=value`; names are short.
const LONGEST: usize = 131_000;

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "environment") {
        let Some(written) = used.get("vars") else { continue };
        for (name, value) in written.value.as_dict().unwrap_or_default() {
            let impossible = impossible_name(name)
                .or_else(|| name_of_no_pod(context, name))
                .or_else(|| impossible_value(name, value));
            let odd = || (*value == Value::None).then(|| format!("{} gets the text `None`", shown(name)));
            let is_impossible = impossible.is_some();
            let Some(message) = impossible.or_else(odd) else {
                continue;
            };
            let finding = used.finding(&INFO, written.place(&name.to_text()), message);
            // A container without it does not start; here Metaflow leaves it to the operating system.
            out.push(match context.target {
                Some(target) if is_impossible => finding.severity(Severity::Error).target(target.target),
                Some(_) | None => finding,
            });
        }
    }
}

fn impossible_name(name: &Value) -> Option<String> {
    match name.as_str() {
        None => Some(format!(
            "the name of a variable must be a text, not {}",
            shown(name)
        )),
        Some(text) if !is_name(text) => Some(format!("{} is no name of a variable", shown(name))),
        Some(_) => None,
    }
}

/// Kubernetes takes names of printable ASCII alone.
fn name_of_no_pod(context: &Context<'_>, name: &Value) -> Option<String> {
    let target = context.target?.target;
    let is_printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_wrong = target != Target::StepFunctions && !name.as_str().is_some_and(is_printable);
    is_wrong.then(|| {
        format!(
            "{} is no name of a variable in a pod: ASCII alone is allowed",
            shown(name)
        )
    })
}

fn impossible_value(name: &Value, value: &Value) -> Option<String> {
    let text = value.to_text();
    if text.contains('\0') {
        Some(format!("the value of {} holds a null byte", shown(name)))
    } else if text.len() > LONGEST {
        let bytes = text.len();
        Some(format!(
            "the value of {} has {bytes} bytes, at most {LONGEST} are possible",
            shown(name)
        ))
    } else {
        None
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['=', '\0']) && !text.contains(char::is_whitespace)
}
