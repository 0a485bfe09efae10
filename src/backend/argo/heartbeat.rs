//! The daemon beside a run that tells Metaflow's metadata service that the run goes on. Metaflow 2.19:
//! `argo_workflows.py`, `_heartbeat_daemon_template`.

use super::document::{Backoff, DagTask, RetryStrategy, Template};
use super::handler::{self, Handler, Handlers};
use super::script;
use crate::plan::Plan;

const TEMPLATE: &str = "heartbeat-daemon";
/// No step's task is called so: its name has no dash of its own before an underscore became one.
const TASK: &str = "heartbeat-daemon-task";

fn is_asked_for(plan: &Plan) -> bool {
    plan.deployment.argo.has_heartbeat
}

/// The first task of the entry; nothing waits for it.
pub fn task(plan: &Plan, taken: impl Fn(&str) -> bool) -> Option<DagTask> {
    let mut name = TASK.to_owned();
    while taken(&name) {
        name.push_str("-x");
    }
    is_asked_for(plan).then(|| DagTask {
        name,
        template: TEMPLATE.to_owned(),
        ..DagTask::default()
    })
}

pub fn template(handlers: &Handlers<'_>) -> Option<Template> {
    if !is_asked_for(handlers.plan) {
        return None;
    }
    let template = handlers.template(Handler {
        name: TEMPLATE.to_owned(),
        inputs: &[],
        command: handler::bash(script::heartbeat(handlers.plan)),
        env: Vec::new(),
        resources: handler::small("200m", "100Mi", "100Mi"),
        image: None,
    });
    Some(Template {
        daemon: true,
        retry_strategy: Some(RetryStrategy {
            retry_policy: "Always",
            limit: "10".to_owned(),
            backoff: Some(Backoff {
                duration: "1m".to_owned(),
            }),
        }),
        ..template
    })
}
