//! What only a plan shows of a DAG: a name that Airflow does not take, a version that changes nothing.

use super::{dag, sensor};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::rules::{deployment as rules, no_effect, sensor_argument};
use crate::plan::Plan;
use crate::settings::airflow::{OLDEST_PROVIDER, problem_of_pool};
use crate::target::Target;

/// Characters of a DAG's id (Airflow 2.10 to 3.3: `validate_key`).
const LONGEST_ID: usize = 250;
/// Characters of a step's name: its pod is called after it (the Kubernetes provider's `_set_name`).
const LONGEST_STEP: usize = 220;

/// The findings about a plan.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    name(plan)
        .into_iter()
        .chain(long_steps(plan))
        .chain(provider(plan))
        .chain(long_tags(plan))
        .chain(pools(plan))
        .collect()
}

/// The version of the Kubernetes provider, which all that is written suits.
fn provider(plan: &Plan) -> Option<Diagnostic> {
    let version = plan.deployment.airflow.provider_version?;
    let message = format!(
        "`--provider-version {version}` has no effect: the DAG is the same for every version from {OLDEST_PROVIDER} on"
    );
    Some(Diagnostic::new(&no_effect::INFO, plan.flow.span, message).target(Target::Airflow))
}

/// Pools of sensors that keep the DAG from loading, as `--worker-pool` would.
fn pools(plan: &Plan) -> impl Iterator<Item = Diagnostic> {
    let sensors = plan.flow.request.sensors.iter();
    sensors.filter_map(|sensor| {
        let pool = sensor::given(sensor, "pool")?.as_str()?;
        let problem = problem_of_pool(plan.deployment.airflow.version, pool)?;
        let message = format!("`pool` of `@{}`: {problem}", sensor.decorator);
        let finding = Diagnostic::new(&sensor_argument::INFO, plan.flow.span, message);
        let finding = finding.severity(Severity::Error).target(Target::Airflow);
        Some(finding.help("rename the pool, or say with `--airflow-version` where the DAG is to run"))
    })
}

/// Tags that runs get and the DAG does not.
fn long_tags(plan: &Plan) -> impl Iterator<Item = Diagnostic> {
    let tags = plan.deployment.tags.iter();
    let long = tags.filter(|tag| !dag::is_tag(tag));
    long.map(|tag| {
        let start: String = tag.chars().take(20).collect();
        let message = format!(
            "the tag `{start}…` is no tag of the DAG, which has {} characters at most: only its runs have it",
            dag::LONGEST_TAG
        );
        Diagnostic::new(&no_effect::INFO, plan.flow.span, message).target(Target::Airflow)
    })
}

/// Airflow's names of DAGs, which is the file's name, too. A name that is given is held to what Metaflow takes.
fn name(plan: &Plan) -> Option<Diagnostic> {
    let given = plan.deployment.name.as_deref();
    if given.is_some() && plan.flow.project.is_some() {
        return None;
    }
    let id = dag::id(plan);
    let is_word = |c: char| c.is_ascii_alphanumeric() || (given.is_none() && c.is_alphanumeric());
    let is_plain = |c: char| is_word(c) || "-_.".contains(c);
    let is_short = (1..=LONGEST_ID).contains(&id.chars().count());
    if is_short && !id.starts_with('.') && id.chars().all(is_plain) {
        return None;
    }
    let message =
        format!("`{id}` cannot be the name of a DAG: up to {LONGEST_ID} letters, digits, `-`, `_` and `.`");
    let finding = Diagnostic::new(&rules::WORKFLOW_NAME, plan.flow.span, message).target(Target::Airflow);
    Some(if plan.flow.project.is_some() {
        finding.help("it is made of the project, `--branch` or `--user`, and the flow's name: choose shorter or plainer ones")
    } else if given.is_none() {
        finding.help("give another with `--name`")
    } else {
        finding
    })
}

/// Steps whose pods would have no name: the operator refuses it, and the DAG does not load.
fn long_steps(plan: &Plan) -> impl Iterator<Item = Diagnostic> {
    let tasks = plan.tasks.iter();
    let long = tasks.filter(|task| task.step.chars().count() > LONGEST_STEP);
    long.map(|task| {
        let message = format!(
            "the name of the step `{}` is too long for a pod of Airflow: it has {} characters, {LONGEST_STEP} are allowed",
            task.step,
            task.step.chars().count()
        );
        Diagnostic::new(&rules::WORKFLOW_NAME, task.span, message)
            .step(task.step.clone())
            .target(Target::Airflow)
    })
}
