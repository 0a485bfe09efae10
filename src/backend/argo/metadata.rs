//! Labels and annotations by which Metaflow recognises what it deployed. Metaflow 2.19: `argo_workflows.py`,
//! `_base_annotations`; without the time of deployment, so that the same flow gives the same text.

use serde_json::{Map, json};

use super::document::{Metadata, Pairs};
use super::{events, names, notify, parameters, sensor, text};
use crate::plan::json::dumps;
use crate::plan::{Plan, PlannedParameter};

/// Of the WorkflowTemplate.
pub fn template(plan: &Plan, name: &str) -> Metadata {
    let mut annotations = details(plan);
    annotations.0.extend(identity(plan).0);
    let argo = &plan.deployment.argo;
    let of_project = plan.flow.project.as_ref().map(|project| &project.flow);
    let title = argo.title.as_ref().or(of_project).unwrap_or(&plan.flow.name);
    annotations.put("workflows.argoproj.io/title", title);
    let description = argo.description.as_deref().or(plan.flow.docstring.as_deref());
    let description = description.map(str::trim).filter(|text| !text.is_empty());
    if let Some(description) = description {
        annotations.put("workflows.argoproj.io/description", description);
    }
    if argo.step_docstrings {
        annotations.0.extend(step_docstrings(plan));
    }
    Metadata {
        name: Some(name.to_owned()),
        generate_name: None,
        namespace: argo.namespace.clone(),
        labels: labels("metaflow-flow"),
        annotations,
    }
}

/// What each step says of itself, as JSON.
fn step_docstrings(plan: &Plan) -> Option<(String, String)> {
    let described = plan.tasks.iter().filter_map(|task| {
        let docstring = task.docstring.as_deref()?.trim();
        Some((task.step.clone(), docstring.into()))
    });
    let described: Map<String, serde_json::Value> = described.collect();
    let text = dumps(&described.clone().into());
    (!described.is_empty()).then(|| ("metaflow/step_docstrings".to_owned(), text))
}

/// Of the runs.
pub fn workflow(plan: &Plan) -> Metadata {
    let mut annotations = details(plan);
    annotations.0.extend(identity(plan).0);
    annotations.put("metaflow/run_id", "argo-{{workflow.name}}");
    Metadata {
        labels: labels("metaflow-run"),
        annotations,
        ..Metadata::default()
    }
}

/// Of the pods.
pub fn pod(plan: &Plan) -> Metadata {
    let mut annotations = identity(plan);
    annotations.put("metaflow/run_id", "argo-{{workflow.name}}");
    Metadata {
        labels: labels("metaflow-task"),
        annotations,
        ..Metadata::default()
    }
}

/// Of the Sensor and its pod.
pub fn sensor(plan: &Plan) -> Metadata {
    Metadata {
        labels: labels("metaflow-sensor"),
        annotations: identity(plan),
        ..Metadata::default()
    }
}

pub fn labels(name: &str) -> Pairs {
    let mut labels = Pairs::default();
    labels.put("app.kubernetes.io/part-of", "metaflow");
    labels.put("app.kubernetes.io/name", name);
    labels
}

/// Whose deployment of which flow it is.
fn identity(plan: &Plan) -> Pairs {
    let mut pairs = Pairs::default();
    // Metaflow's deployer fails where this one is absent.
    pairs.put(
        "metaflow/production_token",
        plan.deployment.production_token.clone().unwrap_or_default(),
    );
    pairs.put("metaflow/owner", &plan.deployment.owner);
    pairs.put("metaflow/user", "argo-workflows");
    pairs.put("metaflow/flow_name", &plan.flow.name);
    if let Some(project) = &plan.flow.project {
        pairs.put("metaflow/project_name", &project.project);
        pairs.put("metaflow/branch_name", &project.branch);
        pairs.put("metaflow/project_flow_name", &project.flow);
    }
    pairs
}

/// What the Deployer API reads back, as JSON.
fn details(plan: &Plan) -> Pairs {
    let mut pairs = Pairs::default();
    if let Some(cron) = plan.cron() {
        let schedule = plan.flow.request.schedule.as_ref();
        let timezone = schedule
            .and_then(|schedule| schedule.timezone.as_deref())
            .unwrap_or("");
        let cron = super::cron::in_unix_dialect(cron);
        put_json(
            &mut pairs,
            "metaflow/cron",
            &json!({ "schedule": cron, "tz": timezone }),
        );
    }
    let events = events::all(plan);
    if !events.is_empty() {
        let triggers = events
            .iter()
            .map(|event| json!({ "name": event.name, "type": event.kind() }));
        put_json(
            &mut pairs,
            "metaflow/triggers",
            &triggers.collect::<Vec<_>>().into(),
        );
        pairs.put("metaflow/sensor_name", sensor::name(&names::workflow(plan)));
        if let Some(namespace) = plan.deployment.setting("ARGO_EVENTS_SENSOR_NAMESPACE") {
            pairs.put("metaflow/sensor_namespace", namespace);
        }
    }
    if !plan.parameters.is_empty() {
        let entries = plan
            .parameters
            .iter()
            .map(|parameter| (parameter.name.clone(), described(parameter)));
        put_json(
            &mut pairs,
            "metaflow/parameters",
            &entries.collect::<Map<_, _>>().into(),
        );
    }
    let notifications = &plan.deployment.argo.notifications;
    for (is_asked_for, outcome) in [
        (notifications.on_error, "error"),
        (notifications.on_success, "success"),
    ] {
        if is_asked_for {
            let name = format!("metaflow/notify_on_{outcome}");
            put_json(&mut pairs, &name, &notify::annotation(notifications));
        }
    }
    if !plan.deployment.tags.is_empty() {
        put_json(&mut pairs, "metaflow/tags", &json!(plan.deployment.tags));
    }
    pairs
}

fn described(parameter: &PlannedParameter) -> serde_json::Value {
    let mut described = json!({
        "python_var_name": parameter.variable,
        "name": parameter.name,
        "value": parameters::value(parameter).unwrap_or_else(|| "null".to_owned()),
        "type": parameter.type_name(),
        "description": parameter.help,
        "is_required": parameter.is_required,
    });
    if let (Some(format), Some(entries)) = (&parameter.format, described.as_object_mut()) {
        entries.insert("is_text".to_owned(), format.is_text.into());
        entries.insert("encoding".to_owned(), format.encoding.as_str().into());
    }
    described
}

fn put_json(pairs: &mut Pairs, name: &str, value: &serde_json::Value) {
    pairs.put(name, text::escape_json(&dumps(value)));
}
