//! The CronWorkflow of a flow with `@schedule`.

use super::document::{API_VERSION, CronTarget, CronWorkflowSpec, Document, Metadata, TemplateRef};
use super::metadata;
use crate::decorator::cron::Cron;
use crate::plan::Plan;

/// Runs that are missed by less than this many seconds are made up for (Metaflow's value).
const STARTING_DEADLINE: u32 = 3540;
/// Finished runs that are kept (Metaflow's value).
const HISTORY: u32 = 10_000;

/// None where nothing is scheduled.
pub fn workflow(plan: &Plan, name: &str) -> Option<Document<CronWorkflowSpec>> {
    let schedule = plan.flow.request.schedule.as_ref()?;
    let cron = schedule.cron.as_deref()?;
    Some(Document {
        api_version: API_VERSION,
        kind: "CronWorkflow",
        metadata: Metadata {
            name: Some(name.to_owned()),
            namespace: plan.deployment.argo.namespace.clone(),
            labels: metadata::labels("metaflow-flow"),
            ..Metadata::default()
        },
        spec: CronWorkflowSpec {
            schedules: vec![in_unix_dialect(cron)],
            timezone: schedule.timezone.clone().filter(|timezone| !timezone.is_empty()),
            starting_deadline_seconds: STARTING_DEADLINE,
            failed_jobs_history_limit: HISTORY,
            successful_jobs_history_limit: HISTORY,
            workflow_spec: CronTarget {
                workflow_template_ref: TemplateRef {
                    name: name.to_owned(),
                },
            },
        },
    })
}

/// Five fields or `@every 20s`, as Argo reads them. What cannot be converted was refused before there was a plan.
pub fn in_unix_dialect(cron: &str) -> String {
    let converted = Cron::parse(cron).and_then(|cron| cron.to_unix_or_interval());
    converted.unwrap_or_else(|_| cron.to_owned())
}
