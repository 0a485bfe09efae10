//! Tags of jobs: those asked for, and Metaflow's own where the deployment wants them.

use super::compute::Batch;
use super::route::{Entry, Route};
use super::text::{Source, Sources};
use crate::settings::step_functions::is_allowed_in_tag;

/// `METAFLOW_BATCH_EMIT_TAGS`: Metaflow's own tags as well.
const EMIT: &str = "BATCH_EMIT_TAGS";
/// Tags of all jobs, as JSON.
const DEFAULTS: &str = "BATCH_DEFAULT_TAGS";

/// A later one replaces an earlier one of the same key.
pub fn of_job(route: Route<'_>, batch: &Batch) -> Sources {
    let deployment = &route.plan.deployment;
    let mut tags = Sources::default();
    if deployment.setting(EMIT).is_some_and(is_on) {
        put_metaflows(route, &mut tags);
    }
    let defaults: Vec<(String, String)> = deployment
        .setting(DEFAULTS)
        .and_then(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok())
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            (
                key,
                value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect();
    for (key, value) in defaults
        .iter()
        .chain(&deployment.step_functions.batch_tags)
        .chain(&batch.tags)
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
