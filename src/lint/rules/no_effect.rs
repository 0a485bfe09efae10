//! The target drops a decorator or an attribute.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::{Support, Target};

declare_rule! {
    /// The target drops a decorator or an attribute: the flow is compiled without it. Asked only of the target that
    /// is named with `--target` or in `flowc.toml`.
    ///
    /// ## Wrong
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=2, minutes_between_retries=5)
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
    /// # target: step-functions
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// nothing (2.19.39)
    pub static INFO: note "FLC402" "no-effect";
}

/// Labels that Airflow's Kubernetes provider sets itself, by which it finds a pod again.
const LABELS_OF_AIRFLOW: [&str; 9] = [
    "airflow_kpo_in_cluster",
    "airflow_version",
    "already_checked",
    "dag_id",
    "kubernetes_pod_operator",
    "map_index",
    "run_id",
    "task_id",
    "try_number",
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    if target == Target::Airflow {
        labels_of_airflow(context, out);
    }
    for used in uses::all(context) {
        let name = used.decorator.name;
        if let Some(Support::Ignored(reason)) = used.decorator.needs.map(|feature| target.supports(feature)) {
            let message = format!("`@{name}` has no effect on {}: {reason}", target.title());
            out.push(used.finding(&INFO, used.span(), message).target(target));
            continue;
        }
        for (attribute, written) in used.known() {
            let declared = used.decorator.attribute(&attribute.name);
            if let Some(Support::Ignored(reason)) = declared.map(|declared| declared.support(target)) {
                let message = format!(
                    "`{}` of `@{name}` has no effect on {}: {reason}",
                    attribute.name,
                    target.title()
                );
                out.push(used.finding(&INFO, written.span, message).target(target));
            }
        }
    }
}

fn labels_of_airflow(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        let Some(labels) = used.truthy("labels") else {
            continue;
        };
        let names = labels.value.as_dict().unwrap_or_default().iter();
        for name in names.filter_map(|(name, _)| name.as_str()) {
            if LABELS_OF_AIRFLOW.contains(&name) {
                let message = format!(
                    "the label `{name}` of `@kubernetes` has no effect on Airflow: the provider sets it itself"
                );
                out.push(
                    used.finding(&INFO, labels.place(name), message)
                        .target(Target::Airflow),
                );
            }
        }
    }
}
