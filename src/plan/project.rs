//! The names that `@project` gives a flow (Metaflow 2.19: `project_decorator.py`, `format_name`).

use super::ProjectNames;
use crate::request::Project;
use crate::settings::Deployment;
use crate::source::Span;

/// Project, branch and full name of a flow in a project. A branch or `--production` on the command line
/// stands for what the decorator leaves open.
pub fn names(project: &Project, span: Span, flow: &str, deployment: &Deployment) -> ProjectNames {
    let is_production = project.production.unwrap_or(deployment.is_production);
    let written = project.branch.as_deref().or(deployment.branch.as_deref());
    let branch = match written.filter(|branch| !branch.is_empty()) {
        Some(branch) if is_production => format!("prod.{branch}"),
        Some(branch) => format!("test.{branch}"),
        None if is_production => "prod".to_owned(),
        None => format!("user.{}", deployment.owner),
    };
    ProjectNames {
        span,
        flow: format!("{}.{branch}.{flow}", project.name),
        project: project.name.clone(),
        branch,
        is_production,
    }
}

/// Options of `@project` as containers need them: only what the command line gave, since the decorator's own
/// attributes are in the source that containers run.
pub fn options(deployment: &Deployment) -> Vec<String> {
    let mut options = Vec::new();
    if let Some(branch) = &deployment.branch {
        options.push(format!("--branch={branch}"));
    }
    if deployment.is_production {
        options.push("--production".to_owned());
    }
    options
}
