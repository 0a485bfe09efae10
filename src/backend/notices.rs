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
        Target::Argo => found.extend(argo_name(plan)),
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
