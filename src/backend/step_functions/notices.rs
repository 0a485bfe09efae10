//! What only a plan shows of a state machine: a name that the project decides, and which variables the job does not
//! leave to the user.

use super::asl::Variable;
use super::job::Jobs;
use super::text::Source;
use super::{layout, names};
use crate::diagnostic::Diagnostic;
use crate::lint::rules::deployment::WORKFLOW_NAME;
use crate::plan::{Plan, Task};
use crate::target::Target;

/// The findings about a plan, before it is measured.
///
/// A machine is called after project, branch and flow.
pub fn check(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    plan.flow.project.as_ref()?;
    let message = format!(
        "`--name {name}` has no place in a project: the state machine is called after project, branch and flow"
    );
    let finding = Diagnostic::new(&WORKFLOW_NAME, plan.flow.span, message);
    Some(
        finding
            .help("give `--branch` instead")
            .target(Target::StepFunctions),
    )
}

/// Variables of users that the emitted jobs do not have as they are given, with their task.
pub fn own_variables(plan: &Plan) -> Vec<(&Task, &str)> {
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
        let taken = taken(task, &job.container_overrides.environment);
        found.extend(taken.into_iter().map(|name| (task, name)));
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
