//! What only a plan shows of a DAG: a name that Airflow does not take, a version that changes nothing.

use crate::diagnostic::Diagnostic;
use crate::lint::rules::{deployment as rules, no_effect};
use crate::plan::Plan;
use crate::settings::airflow::OLDEST_PROVIDER;
use crate::target::Target;

/// The findings about a plan.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    name(plan).into_iter().chain(provider(plan)).collect()
}

/// The version of the Kubernetes provider, which all that is written suits.
fn provider(plan: &Plan) -> Option<Diagnostic> {
    let version = plan.deployment.airflow.provider_version?;
    let message = format!(
        "`--provider-version {version}` has no effect: the DAG is the same for every version from {OLDEST_PROVIDER} on"
    );
    Some(Diagnostic::new(&no_effect::INFO, plan.flow.span, message).target(Target::Airflow))
}

/// Airflow's names of DAGs, which is the file's name, too.
fn name(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let message = if plan.flow.project.is_some() {
        format!("`--name {name}` has no place in a project: the DAG is called after project, branch and flow")
    } else if !name.starts_with('.') && (1..=250).contains(&name.len()) && name.chars().all(is_plain) {
        return None;
    } else {
        format!("`{name}` cannot be the name of a DAG: up to 250 letters, digits, `-`, `_` and `.`")
    };
    Some(Diagnostic::new(&rules::WORKFLOW_NAME, plan.flow.span, message).target(Target::Airflow))
}
