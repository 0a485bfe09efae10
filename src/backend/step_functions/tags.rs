//! Tags of jobs: those asked for, and Metaflow's own where the deployment wants them; and what AWS makes of all together.

use super::compute::{self, request_of};
use super::route::{Entry, Route};
use super::text::{Source, Sources};
use crate::diagnostic::{Diagnostic, RuleInfo};
use crate::lint::rules::{aws_batch, batch_tag};
use crate::plan::{Plan, Task};
use crate::settings::aws::is_allowed_in_tag;
use crate::target::Target;

/// `METAFLOW_BATCH_EMIT_TAGS`: Metaflow's own tags as well.
const EMIT: &str = "BATCH_EMIT_TAGS";

/// AWS: tags of one job.
const MOST: usize = 50;

/// What stands against the tags of a job, of each fault the first.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let keys = keys(plan, task);
        let finding = |rule: &'static RuleInfo, message: String| {
            let finding = Diagnostic::new(rule, task.span, message);
            finding.step(task.step.clone()).target(Target::StepFunctions)
        };
        if keys.len() > MOST {
            let message = format!(
                "the job of `{}` has {} tags, AWS accepts {MOST}",
                task.step,
                keys.len()
            );
            found.push(finding(&batch_tag::INFO, message));
        }
        let is_bundle = plan.deployment.step_functions.bundle.is_some();
        if let [only] = keys.as_slice()
            && is_bundle
            && (only == "Ref" || only.starts_with("Fn::"))
        {
            let message = format!(
                "CloudFormation takes the tag `{only}` of `{}` for a function: it is the only one",
                task.step
            );
            found.push(
                finding(&aws_batch::TEMPLATE_TEXT, message).help("give it another key, or a second tag"),
            );
        }
    }
    found
}

/// The keys of all tags of a job.
fn keys(plan: &Plan, task: &Task) -> Vec<String> {
    let Some(id) = plan.find(&task.step) else {
        return Vec::new();
    };
    let entry = if task.role.is_start {
        Entry::Execution
    } else {
        Entry::Job
    };
    let route = Route { plan, id, entry };
    let own = request_of(task).map(compute::tags).unwrap_or_default();
    of_job(route, &own).0.into_iter().map(|(key, _)| key).collect()
}

/// A later one replaces an earlier one of the same key.
pub fn of_job(route: Route<'_>, own: &[(String, String)]) -> Sources {
    let deployment = &route.plan.deployment;
    let mut tags = Sources::default();
    if deployment.setting(EMIT).is_some_and(is_on) {
        put_metaflows(route, &mut tags);
    }
    let settings = &deployment.step_functions;
    for (key, value) in settings
        .default_tags
        .iter()
        .chain(&settings.batch_tags)
        .chain(own)
    {
        tags.0.retain(|(other, _)| other != key);
        tags.put(key, Source::plain(value));
    }
    tags
}

fn put_metaflows(route: Route<'_>, tags: &mut Sources) {
    let deployment = &route.plan.deployment;
    tags.put("app", Source::plain("metaflow"));
    tags.put("metaflow.flow_name", Source::plain(&route.plan.flow.name));
    tags.put("metaflow.step_name", Source::plain(&route.task().step));
    tags.put("metaflow.run_id", Source::path(route.run_id()));
    if let Some(token) = deployment
        .production_token
        .as_ref()
        .filter(|_| route.entry == Entry::Execution)
    {
        tags.put("metaflow.production_token", Source::plain(token));
    }
    if let Some(version) = &deployment.metaflow_version {
        tags.put("metaflow.version", Source::plain(sanitized(version)));
    }
    tags.put("metaflow.user", Source::plain("SFN"));
    tags.put("metaflow.owner", Source::plain(sanitized(&deployment.owner)));
}

fn is_on(text: &str) -> bool {
    !matches!(text.to_ascii_lowercase().as_str(), "" | "0" | "false")
}

fn sanitized(text: &str) -> String {
    text.chars()
        .filter(|&character| is_allowed_in_tag(character))
        .take(256)
        .collect()
}
