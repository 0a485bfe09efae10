//! What only a plan shows of a state machine: variables that the job does not leave to the user, and a name that the
//! project decides.

use super::asl::Variable;
use super::job::Jobs;
use super::text::Source;
use super::{layout, names};
use crate::diagnostic::Diagnostic;
use crate::lint::rules::limits::WORKFLOW_NAME;
use crate::lint::rules::step_functions_limits::VARIABLE_OF_JOB;
use crate::plan::{Plan, Task};
use crate::target::Target;

/// The findings about a plan, before it is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = variables(plan);
    found.extend(name(plan));
    found
        .into_iter()
        .map(|finding| finding.target(Target::StepFunctions))
        .collect()
}

/// A machine is called after project, branch and flow.
fn name(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    plan.flow.project.as_ref()?;
    let message = format!(
        "`--name {name}` has no place in a project: the state machine is called after project, branch and flow"
    );
    Some(Diagnostic::new(&WORKFLOW_NAME, plan.flow.span, message).help("give `--branch` instead"))
}

/// Variables of users that the emitted jobs do not have as they are given.
fn variables(plan: &Plan) -> Vec<Diagnostic> {
    if plan.tasks.iter().all(|task| task.request.environment.is_empty()) {
        return Vec::new();
    }
    let mut jobs = Jobs::new(plan, &names::state_machine(plan));
    let machine = layout::machine(plan, &mut jobs);
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for (state, job) in machine.jobs() {
        let Some(id) = plan
            .find(state.trim_end_matches('+'))
            .filter(|id| !seen.contains(id))
        else {
            continue;
        };
        seen.push(id);
        let task = plan.task(id);
        for taken in taken(task, &job.container_overrides.environment) {
            let message = format!(
                "the job of `{}` sets `{taken}` itself, the value of `@environment` has no effect",
                task.step
            );
            found.push(Diagnostic::new(&VARIABLE_OF_JOB, task.span, message).step(task.step.clone()));
        }
    }
    found
}

fn taken<'a>(task: &'a Task, emitted: &[Variable]) -> Vec<&'a str> {
    let given = task.request.environment.iter();
    let is_taken = |name: &str, value: &str| {
        emitted
            .iter()
            .any(|variable| variable.name == name && variable.value != Source::plain(value))
    };
    given
        .filter(|variable| is_taken(&variable.name, &variable.value))
        .map(|variable| variable.name.as_str())
        .collect()
}
