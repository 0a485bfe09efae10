//! A label of `@kubernetes(labels=…)` is none that Kubernetes takes.

use crate::declare_rule;
use crate::decorator::kubernetes_names::{LONGEST_LABEL, is_key, is_label_value};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::value::Value;

declare_rule! {
    /// A label of `@kubernetes(labels=…)` is none that Kubernetes takes: a value has up to 63 letters, digits, `-`,
    /// `_` and `.`, and begins and ends with a letter or digit; a key is such a text, behind a domain and `/` or
    /// not. Metaflow looks at values alone, so that a bad key is a warning, and an error where a target is asked.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(labels={"team": "data science"})
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
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(labels={"team": "data-science"})
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
    /// `Invalid value: "data science" …`, nothing about keys (2.19.39)
    pub static INFO: error "FLC233" "label-value";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        let Some(written) = used.get("labels") else {
            continue;
        };
        for (key, value) in written.value.as_dict().unwrap_or_default() {
            let finding = |place: &Value, problem: String| {
                used.finding(&INFO, written.place(&place.to_text()), problem)
            };
            if value.is_truthy() && !value.as_str().is_some_and(is_label_value) {
                out.push(finding(
                    value,
                    format!(
                        "the label {} has the value {}: letters, digits, `-`, `_` and `.` are allowed, \
                     {LONGEST_LABEL} characters, the first and last a letter or digit",
                        shown(key),
                        shown(value)
                    ),
                ));
            } else if !key.as_str().is_some_and(is_key) {
                let finding =
                    finding(key, format!("{} is no key of a label", shown(key))).severity(Severity::Warning);
                out.push(used.for_target(context, "labels", finding));
            }
        }
    }
}
