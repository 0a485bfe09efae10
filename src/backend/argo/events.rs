//! The events that start a flow (`@trigger`, `@trigger_on_finish`): their names, and the payloads on their way
//! to the tasks. Metaflow 2.19: `argo_workflows.py`, `_process_triggers`.

use sha1::{Digest, Sha1};

use super::document::{Env, Parameter};
use super::names::base32;
use crate::plan::Plan;
use crate::request::{Trigger, TriggerOn};

/// An event with its names decided.
pub struct Event<'a> {
    /// As it is published: `data.updated`, `metaflow.project.prod.Other.end`.
    pub name: String,
    /// The same as a name of Argo: `dataupdated_2q7f`.
    pub parameter: String,
    pub project: Option<String>,
    pub branch: Option<String>,
    pub trigger: &'a Trigger,
}

impl Event<'_> {
    /// Metaflow's word: an `event`, or the end of a `run`.
    pub fn kind(&self) -> &'static str {
        match self.trigger.on {
            TriggerOn::Event { .. } => "event",
            TriggerOn::Finish { .. } => "run",
        }
    }
}

/// The events of a flow, in source order.
pub fn all(plan: &Plan) -> Vec<Event<'_>> {
    plan.flow
        .request
        .triggers
        .iter()
        .map(|trigger| event(plan, trigger))
        .collect()
}

fn event<'a>(plan: &'a Plan, trigger: &'a Trigger) -> Event<'a> {
    let own = plan.flow.project.as_ref();
    let (name, project, branch) = match &trigger.on {
        TriggerOn::Event { is_namespaced: false } => (trigger.name.clone(), None, None),
        TriggerOn::Event { is_namespaced: true } => {
            let middle = own.map_or_else(String::new, |own| format!("{}.{}.", own.project, own.branch));
            (format!("mfns.{middle}{}", trigger.name), None, None)
        }
        TriggerOn::Finish { project, branch } => {
            let project = project.clone().or_else(|| own.map(|own| own.project.clone()));
            let branch = branch.clone().or_else(|| own.map(|own| own.branch.clone()));
            let parts = [
                Some("metaflow"),
                project.as_deref(),
                branch.as_deref(),
                Some(&trigger.name),
                Some("end"),
            ];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            (parts.join("."), project, branch)
        }
    };
    Event {
        parameter: sanitize(&name),
        name,
        project,
        branch,
        trigger,
    }
}

/// Metaflow's `_sanitize_artifact_name`-like form: no dots, dashes, `@` and `+`, and a digest that keeps names apart.
fn sanitize(name: &str) -> String {
    let plain = name.replace(['.', '-', '@', '+'], "");
    let digest: String = base32(&Sha1::digest(name.as_bytes())).chars().take(4).collect();
    format!("{plain}_{}", digest.to_lowercase())
}

/// The workflow's parameters that hold the payloads; `null` in a run that the event did not start.
pub fn parameters(events: &[Event<'_>]) -> impl Iterator<Item = Parameter> {
    events.iter().map(|event| Parameter {
        description: Some("the event's payload, set by the Sensor".to_owned()),
        ..Parameter::value(&event.parameter, "null")
    })
}

/// A payload is a text of others: base64 keeps Argo and Kubernetes from reading it, the script decodes it.
pub fn variables(events: &[Event<'_>]) -> Vec<Env> {
    let variable = |event: &Event<'_>| {
        let value = format!("{{{{=toBase64(workflow.parameters['{}'])}}}}", event.parameter);
        Env::new(format!("FLOWC_EVENT_{}_{}", event.kind(), event.parameter), value)
    };
    events.iter().map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::sanitize;

    #[test]
    fn event_names_are_metaflows() {
        assert_eq!(sanitize("data.up-dated"), "dataupdated_2q7f");
        assert_eq!(sanitize("metaflow.Other.end"), "metaflowOtherend_tr5r");
    }
}
