//! What only a plan shows of a state machine: its name, what becomes of its schedule, and which variables the job does
//! not leave to the user.

use super::asl::Variable;
use super::job::Jobs;
use super::text::Source;
use super::{command, layout, names, platform, schedule, tags};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::rules::aws_batch::RIGHTS;
use crate::lint::rules::deployment::WORKFLOW_NAME;
use crate::lint::rules::no_effect;
use crate::plan::{Plan, Task};
use crate::target::Target;

/// The findings about a plan, before it is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = name(plan).into_iter().collect();
    found.extend(schedule_left_out(plan));
    found.extend(rights_to_add(plan));
    found.extend(made_by_the_bundle(plan));
    found.extend(platform::check(plan));
    found.extend(tags::check(plan));
    found
}

/// The machine's name, wherever it comes from: `--name`, the class, the project, `METAFLOW_SFN_STATE_MACHINE_PREFIX`.
/// Files are called after it, too.
fn name(plan: &Plan) -> Option<Diagnostic> {
    if plan.deployment.name.is_some() && plan.flow.project.is_some() {
        return None;
    }
    let name = names::state_machine(plan);
    let is_bundle = plan.deployment.step_functions.bundle.is_some();
    if names::is_right(&name, is_bundle) {
        return None;
    }
    let (what, letters) = if is_bundle {
        ("a state machine and its schedule", "letters of ASCII")
    } else {
        ("a state machine", "letters")
    };
    let message = format!("`{name}` is no name of {what}: {letters}, digits, `-`, `_` and `.`");
    let finding = Diagnostic::new(&WORKFLOW_NAME, plan.flow.span, message).target(Target::StepFunctions);
    Some(finding.help(if plan.flow.project.is_some() {
        "project, branch and class are parts of it, and `METAFLOW_SFN_STATE_MACHINE_PREFIX`"
    } else {
        "give another with `--name`, and one to `METAFLOW_SFN_STATE_MACHINE_PREFIX` where that is given"
    }))
}

/// A definition without template has no place for a schedule.
fn schedule_left_out(plan: &Plan) -> Option<Diagnostic> {
    if plan.deployment.step_functions.bundle.is_some() {
        return None;
    }
    schedule::expression(plan)?;
    let message = "`@schedule` has no effect: a state machine that stands alone carries no schedule";
    let finding = Diagnostic::new(&no_effect::INFO, plan.flow.span, message);
    let finding = finding.severity(Severity::Warning).target(Target::StepFunctions);
    Some(finding.help("`--bundle cloudformation` writes one beside the machine"))
}

/// Which key encrypts the artifacts is not said anywhere: the roles of the bundle cannot name it.
fn rights_to_add(plan: &Plan) -> Option<Diagnostic> {
    let deployment = &plan.deployment;
    let encryption = deployment.setting("S3_SERVER_SIDE_ENCRYPTION")?;
    if !deployment.step_functions.with_iam || !encryption.starts_with("aws:kms") {
        return None;
    }
    let message = format!("the roles of the bundle have no rights on the key of `{encryption}`");
    let finding = Diagnostic::new(&RIGHTS, plan.flow.span, message).target(Target::StepFunctions);
    Some(finding.help("allow the job's role `kms:GenerateDataKey` and `kms:Decrypt` in the key's policy"))
}

/// What is given and made by the bundle too.
fn made_by_the_bundle(plan: &Plan) -> Vec<Diagnostic> {
    let settings = &plan.deployment.step_functions;
    if settings.bundle.is_none() {
        return Vec::new();
    }
    let region = settings.region.is_some().then(|| {
        let message = "`region` has no effect: the jobs of a bundle have the region of its stack";
        Diagnostic::new(&no_effect::INFO, plan.flow.span, message).target(Target::StepFunctions)
    });
    let both = [
        (
            settings.table.is_some() && settings.with_table,
            "table",
            "--with-table",
        ),
        (
            settings.job_role.is_some() && settings.with_iam,
            "job-role",
            "--with-iam",
        ),
    ];
    let both = both.into_iter().filter(|(is_given, ..)| *is_given);
    let finding = |(_, given, option): (bool, &str, &str)| {
        let message = format!("`{given}` has no effect: `{option}` gives the bundle one of its own");
        Diagnostic::new(&no_effect::INFO, plan.flow.span, message).target(Target::StepFunctions)
    };
    region.into_iter().chain(both.map(finding)).collect()
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
        let taken = taken(plan, task, &job.container_overrides.environment, jobs.constants());
        found.extend(taken.into_iter().map(|name| (task, name)));
    }
    found
}

/// Where a definition is compressed, the constants stand in the job definition.
fn taken<'a>(plan: &Plan, task: &'a Task, emitted: &[Variable], constants: &[Variable]) -> Vec<&'a str> {
    let given = task.request.environment.iter();
    let set = command::variables(plan, task);
    let is_taken = |name: &str, value: &str| {
        let mut all = emitted.iter().chain(constants);
        set.contains(&name)
            || all.any(|variable| variable.name == name && variable.value != Source::plain(value))
    };
    given
        .filter(|variable| is_taken(&variable.name, &variable.value))
        .map(|variable| variable.name.as_str())
        .collect()
}
