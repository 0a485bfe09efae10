//! The rule `environment-value`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::value::Value;

declare_rule! {
    /// `@environment(vars=…)` has a name that no process can have (empty, with `=`, with blanks), or the value
    /// `None`, which becomes the text `None`.
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

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "environment") {
        let Some(written) = used.get("vars") else { continue };
        for (name, value) in written.value.as_dict().unwrap_or_default() {
            let problem = match name.as_str() {
                None => Some(format!(
                    "the name of a variable must be a text, not {}",
                    shown(name)
                )),
                Some(text) if !is_name(text) => Some(format!("{} is no name of a variable", shown(name))),
                Some(_) if *value == Value::None => Some(format!("{} gets the text `None`", shown(name))),
                Some(_) => None,
            };
            out.extend(problem.map(|problem| used.finding(&INFO, written.span, problem)));
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['=', '\0']) && !text.contains(char::is_whitespace)
}
