//! What only a plan shows: names of the command line that the target does not take, files that have to be where
//! the definition looks for them.

use super::argo::names;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::rules::limits as rules;
use crate::plan::Plan;
use crate::target::Target;

/// The findings about a plan, before anything is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = included_files(plan);
    match plan.target.target {
        Target::Argo => {
            found.extend(argo_name(plan));
            found.extend(events(plan));
            found.extend(notifications(plan));
        }
        Target::StepFunctions | Target::Airflow => {}
    }
    found
}

/// Included files are not uploaded by compiling.
fn included_files(plan: &Plan) -> Vec<Diagnostic> {
    let files = plan
        .parameters
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::IncludeFile);
    let files = files.filter_map(|parameter| parameter.included.as_ref());
    files
        .map(|file| {
            let message = format!("runs look for `{}` at `{}`, compressed", file.path, file.url);
            Diagnostic::new(&rules::FILE_TO_UPLOAD, plan.flow.span, message).help(format!(
                "put it there before a run: `gzip -c {}` to that place",
                file.path
            ))
        })
        .collect()
}

/// A Sensor needs to know where events come from.
fn events(plan: &Plan) -> Option<Diagnostic> {
    let trigger = plan.flow.request.triggers.first()?;
    let needed = [
        "ARGO_EVENTS_EVENT",
        "ARGO_EVENTS_EVENT_SOURCE",
        "ARGO_EVENTS_SERVICE_ACCOUNT",
    ];
    let is_missing = |name: &&str| plan.deployment.setting(name).is_none_or(str::is_empty);
    let missing: Vec<String> = needed
        .into_iter()
        .filter(is_missing)
        .map(|name| format!("`METAFLOW_{name}`"))
        .collect();
    if missing.is_empty() || plan.deployment.is_draft {
        return None;
    }
    let message = format!("a flow that events start needs {}", missing.join(", "));
    let finding = Diagnostic::new(&rules::EVENTS_NOT_CONFIGURED, trigger.span, message);
    Some(
        finding
            .help("give each with `--set NAME=VALUE`, or under `[metaflow]` in `flowc.toml`")
            .target(Target::Argo),
    )
}

/// Asked for and not emitted would be lost without a word.
fn notifications(plan: &Plan) -> Option<Diagnostic> {
    let argo = &plan.deployment.argo;
    if !argo.notify_on_error && !argo.notify_on_success {
        return None;
    }
    let message = "flowc does not emit notifications (`--notify-on-error`, `--notify-on-success`) yet";
    let finding = Diagnostic::new(&rules::NOTIFICATIONS, plan.flow.span, message);
    Some(
        finding
            .help("call a function with `@exit_hook(on_error=[…])` instead")
            .target(Target::Argo),
    )
}

/// `--name` is taken as it is, so it has to be a name; in a project the names come from the project.
fn argo_name(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    let message = if plan.flow.project.is_some() {
        format!(
            "`--name {name}` has no place in a project: the workflow is called after project, branch and flow"
        )
    } else if names::is_valid(name) {
        return None;
    } else {
        format!(
            "`{name}` cannot be the name of a workflow: lower-case letters, digits, `-` and `.`, a letter first"
        )
    };
    Some(Diagnostic::new(&rules::WORKFLOW_NAME, plan.flow.span, message).target(Target::Argo))
}
