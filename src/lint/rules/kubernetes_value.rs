//! The rule `kubernetes-value`.

use crate::declare_rule;
use crate::decorator::kubernetes_names::{is_key, is_label_value, is_name};
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// An attribute of `@kubernetes` has a value that no pod can have: the name of a service account, secret or claim
    /// that is none (lower-case letters, digits, `-` and `.`), a node selector, annotation or toleration that
    /// Kubernetes refuses, an amount that is negative or not finite. The definition is accepted, and then no pod starts. An error
    /// where a target is asked that uses it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(service_account="ml_runner")
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
    ///     @kubernetes(service_account="ml-runner")
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
    /// nothing: the values go into the definition as they are (2.19.39)
    pub static INFO: warning "FLC254" "kubernetes-value";
}

const OPERATORS: [&str; 2] = ["Exists", "Equal"];
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// What is wrong with a value, or nothing.
type Problem = fn(&Value) -> Option<String>;

const ATTRIBUTES: [(&str, Problem); 11] = [
    ("cpu", endless),
    ("memory", endless),
    ("disk", endless),
    ("gpu", negative),
    ("service_account", no_name),
    ("secrets", no_names),
    ("image_pull_secrets", no_names),
    ("persistent_volume_claims", no_named_keys),
    ("node_selector", no_labels),
    ("annotations", no_keys),
    ("tolerations", no_toleration),
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        for (attribute, problem) in ATTRIBUTES {
            let written = used.truthy(attribute);
            let found = written.and_then(|written| Some((written, problem(written.value)?)));
            if let Some((written, problem)) = found {
                out.push(finding(context, &used, attribute, written, &problem));
            }
        }
    }
}

fn finding(
    context: &Context<'_>,
    used: &Use<'_>,
    attribute: &str,
    written: Written<'_>,
    problem: &str,
) -> Diagnostic {
    let message = format!("Kubernetes refuses `{attribute}` of `@kubernetes`: {problem}");
    let finding = used.finding(&INFO, written.span, message);
    used.for_target(context, attribute, finding)
}

fn endless(value: &Value) -> Option<String> {
    let is_endless = value.to_float().is_some_and(|number| !number.is_finite());
    is_endless.then(|| format!("{} is no amount", shown(value)))
}

fn negative(value: &Value) -> Option<String> {
    let is_negative = value.to_float().is_some_and(|number| number < 0.0);
    is_negative.then(|| format!("{} is less than nothing", shown(value)))
}

fn no_name(value: &Value) -> Option<String> {
    value.as_str().and_then(wrong_name)
}

fn wrong_name(name: &str) -> Option<String> {
    // A NUL is said of every text.
    (!is_name(name) && !name.contains('\0'))
        .then(|| format!("`{name}` is no name: lower-case letters, digits, `-` and `.` are allowed"))
}

/// A list, or a text with commas.
fn no_names(value: &Value) -> Option<String> {
    if let Some(items) = value.as_sequence() {
        return items.iter().find_map(no_name);
    }
    // `["a", "b"]` as a text is read as JSON.
    let text = value.as_str().filter(|text| !text.starts_with('['))?;
    text.split(',').find_map(|name| wrong_name(name.trim()))
}

fn no_named_keys(value: &Value) -> Option<String> {
    value.as_dict()?.iter().find_map(|(key, _)| no_name(key))
}

fn no_labels(value: &Value) -> Option<String> {
    let pair = |key: &str, label: &str| {
        if !is_key(key) {
            return Some(format!("`{key}` is no key of a label"));
        }
        (!label.is_empty() && !is_label_value(label)).then(|| format!("`{label}` is no value of a label"))
    };
    match value.as_dict() {
        Some(entries) => entries
            .iter()
            .find_map(|(key, label)| pair(key.as_str()?, label.as_str()?)),
        None => value.as_str()?.split(',').find_map(|item| {
            let (key, label) = item.split_once('=')?;
            pair(key, label)
        }),
    }
}

fn no_keys(value: &Value) -> Option<String> {
    let key = value
        .as_dict()?
        .iter()
        .find_map(|(key, _)| key.as_str().filter(|key| !is_key(key)))?;
    Some(format!("`{key}` is no key of an annotation"))
}

fn no_toleration(value: &Value) -> Option<String> {
    let wrong = |entry: &Value, key: &str, allowed: &[&str]| {
        let text = entry
            .get(key)?
            .as_str()
            .filter(|text| !text.is_empty() && !allowed.contains(text))?;
        Some(format!(
            "the {key} `{text}` of a toleration is none of `{}`",
            allowed.join("`, `")
        ))
    };
    value
        .as_sequence()?
        .iter()
        .find_map(|entry| wrong(entry, "operator", &OPERATORS).or_else(|| wrong(entry, "effect", &EFFECTS)))
}
