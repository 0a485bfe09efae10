//! `@schedule` as a schedule of `EventBridge` Scheduler, which knows time zones.

use serde::Serialize;

use super::text::Text;
use crate::decorator::cron::Cron;
use crate::plan::Plan;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Schedule {
    name: String,
    description: String,
    #[serde(rename = "ScheduleExpression")]
    expression: String,
    #[serde(
        rename = "ScheduleExpressionTimezone",
        skip_serializing_if = "Option::is_none"
    )]
    timezone: Option<String>,
    flexible_time_window: Window,
    target: Target,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Window {
    mode: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: Text,
    role_arn: Text,
    input: &'static str,
}

impl Schedule {
    pub fn new(plan: &Plan, name: String, cron: &str, state_machine: Text, role_arn: Text) -> Self {
        let timezone = plan
            .flow
            .request
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.timezone.clone());
        Self {
            name,
            description: format!("Starts {}", plan.flow.name),
            expression: format!("cron({cron})"),
            timezone,
            flexible_time_window: Window { mode: "OFF" },
            target: Target {
                arn: state_machine,
                role_arn,
                input: r#"{"Parameters":"{}"}"#,
            },
        }
    }
}

/// The six fields of AWS; none without a schedule, or with one that a rule refuses.
pub fn expression(plan: &Plan) -> Option<String> {
    Cron::parse(plan.cron()?).ok()?.to_aws().ok()
}
