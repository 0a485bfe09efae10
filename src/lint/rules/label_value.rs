//! A label of `@kubernetes(labels=…)` is none that Kubernetes takes.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::value::Value;

declare_rule! {
    /// A label of `@kubernetes(labels=…)` is none that Kubernetes takes: a value has up to 63 letters, digits, `-`,
    /// `_` and `.`, and begins and ends with a letter or digit; a key is such a text, behind a domain and `/` or
    /// not. Metaflow looks at values alone, so that a bad key is a warning here.
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

const LONGEST: usize = 63;

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        let Some(written) = used.get("labels") else {
            continue;
        };
        for (key, value) in written.value.as_dict().unwrap_or_default() {
            let finding = |problem: String| used.finding(&INFO, written.span, problem);
            if value.is_truthy() && !value.as_str().is_some_and(is_value) {
                out.push(finding(format!(
                    "the label {} has the value {}: letters, digits, `-`, `_` and `.` are allowed, \
                     {LONGEST} characters, the first and last a letter or digit",
                    shown(key),
                    shown(value)
                )));
            } else if !is_key(key) {
                out.push(finding(format!("{} is no key of a label", shown(key))).severity(Severity::Warning));
            }
        }
    }
}

fn is_value(text: &str) -> bool {
    let is_outer = |c: char| c.is_ascii_alphanumeric();
    text.len() <= LONGEST
        && text.starts_with(is_outer)
        && text.ends_with(is_outer)
        && text.chars().all(|c| is_outer(c) || "-_.".contains(c))
}

/// `name`, `domain.name/name`
fn is_key(key: &Value) -> bool {
    let Some(text) = key.as_str() else {
        return false;
    };
    match text.split_once('/') {
        Some((domain, name)) => {
            is_value(name) && !domain.is_empty() && domain.len() <= 253 && is_domain(domain)
        }
        None => is_value(text),
    }
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|part| {
        let is_outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(is_outer)
            && part.ends_with(is_outer)
            && part.chars().all(|c| is_outer(c) || c == '-')
    })
}
