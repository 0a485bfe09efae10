//! The rule `kubernetes-value`.

use crate::declare_rule;
use crate::decorator::kubernetes_values as values;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written};
use crate::value::Value;

declare_rule! {
    /// An attribute of `@kubernetes` has a value that no pod can have: the name of a service account, secret or claim
    /// that is none (lower-case letters, digits, `-` and `.`; a claim's is a volume's name too, without `.` and of 63
    /// characters at most), a node selector, annotation, toleration or resource that Kubernetes refuses, an amount
    /// that is negative or not finite. The definition is accepted, and then no pod starts. An error where a target
    /// is asked that uses it.
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

/// What is wrong with a value, or nothing.
type Problem = fn(&Value) -> Option<String>;

const ATTRIBUTES: [(&str, Problem); 15] = [
    ("cpu", values::endless),
    ("memory", values::endless),
    ("disk", values::endless),
    ("gpu", values::negative),
    ("service_account", values::name),
    ("secrets", values::names),
    ("image_pull_policy", values::pull_policy),
    ("image_pull_secrets", values::names),
    ("namespace", values::namespace),
    ("persistent_volume_claims", values::claims),
    ("node_selector", values::node_selector),
    ("annotations", values::annotations),
    ("tolerations", values::tolerations),
    ("compute_pool", values::label_value),
    ("extended_resources", values::extended_resources),
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
        // Such a toleration is written without its seconds.
        let tolerations = used.truthy("tolerations");
        let idle = tolerations.and_then(|written| Some((written, values::idle_seconds(written.value)?)));
        out.extend(idle.map(|(written, problem)| {
            let message = format!("`tolerations` of `@kubernetes`: {problem}, they are left out");
            used.finding(&INFO, written.span, message)
        }));
        if let Some((written, problem)) = two_counts(&used) {
            out.push(finding(context, &used, "extended_resources", written, &problem));
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
    // A problem names first what is wrong.
    let place = problem
        .split('`')
        .nth(1)
        .map_or(written.span, |named| written.place(named));
    let finding = used.finding(&INFO, place, message);
    used.for_target(context, attribute, finding)
}

/// `gpu=1` beside `extended_resources={"nvidia.com/gpu": 3}`: one is the limit, the other is asked for.
fn two_counts<'a>(used: &Use<'a>) -> Option<(Written<'a>, String)> {
    let count = used.get("gpu")?.value.to_float()?;
    let vendor = used.truthy("gpu_vendor").map(|vendor| vendor.value.to_text());
    let name = format!("{}.com/gpu", vendor.as_deref().unwrap_or("nvidia").to_lowercase());
    let resources = used.truthy("extended_resources")?;
    let other = resources.value.get(&name).and_then(Value::to_float)?;
    let problem = format!("`{name}` is {other} here and {count} by `gpu`");
    (other.to_bits() != count.to_bits()).then_some((resources, problem))
}
