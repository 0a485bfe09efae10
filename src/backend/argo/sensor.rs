//! The Sensor of Argo Events that starts a flow when its events come. Metaflow 2.19: `argo_workflows.py`,
//! `_compile_sensor`.

use serde::Serialize;

use super::cron::in_unix_dialect;
use super::document::{
    API_VERSION, Container, Document, Metadata, Pairs, Parameter, Parameters, Resources, TemplateRef,
};
use super::events::Event;
use super::{metadata, parameters};
use crate::flow::ParameterType;
use crate::plan::json::dumps;
use crate::plan::{Plan, PlannedParameter};
use crate::request::TriggerOn;
use crate::value::Value;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SensorSpec {
    event_bus_name: String,
    replicas: u32,
    template: PodTemplate,
    dependencies: Vec<Dependency>,
    triggers: Vec<TriggerSpec>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodTemplate {
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_account_name: Option<String>,
    container: Container,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    name: String,
    event_source_name: String,
    event_name: String,
    filters: Filters,
}

#[derive(Clone, Debug, Serialize)]
struct Filters {
    exprs: Vec<Filter>,
}

#[derive(Clone, Debug, Serialize)]
struct Filter {
    expr: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: &'static str,
    path: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TriggerSpec {
    template: TriggerTemplate,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TriggerTemplate {
    name: String,
    k8s: Create,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions_reset: Vec<Reset>,
}

#[derive(Clone, Debug, Serialize)]
struct Create {
    operation: &'static str,
    source: Source,
    parameters: Vec<Mapping>,
}

#[derive(Clone, Debug, Serialize)]
struct Source {
    resource: Document<RunSpec>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunSpec {
    arguments: Parameters,
    workflow_template_ref: TemplateRef,
}

/// What of an event goes where in the run that it starts.
#[derive(Clone, Debug, Serialize)]
struct Mapping {
    src: MappingSource,
    dest: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MappingSource {
    dependency_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_key: Option<&'static str>,
    /// Where the event does not have it.
    value: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reset {
    by_time: ByTime,
}

#[derive(Clone, Debug, Serialize)]
struct ByTime {
    cron: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

/// The Sensor's name: a workflow's may hold dots, a Sensor's may not.
pub fn name(workflow: &str) -> String {
    workflow.replace('.', "-")
}

/// None where no event starts the flow.
pub fn sensor(plan: &Plan, events: &[Event<'_>], workflow: &str) -> Option<Document<SensorSpec>> {
    if events.is_empty() {
        return None;
    }
    let setting = |name: &str| {
        plan.deployment
            .setting(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let namespace =
        setting("ARGO_EVENTS_SENSOR_NAMESPACE").or_else(|| plan.deployment.argo.namespace.clone());
    Some(Document {
        api_version: API_VERSION,
        kind: "Sensor",
        metadata: Metadata {
            name: Some(name(workflow)),
            namespace,
            ..metadata::sensor(plan)
        },
        spec: SensorSpec {
            event_bus_name: setting("ARGO_EVENTS_EVENT_BUS").unwrap_or_else(|| "default".to_owned()),
            replicas: 1,
            template: PodTemplate {
                metadata: metadata::sensor(plan),
                service_account_name: setting("ARGO_EVENTS_SERVICE_ACCOUNT"),
                container: small_container(),
            },
            dependencies: events
                .iter()
                .map(|event| dependency(plan, event, &setting))
                .collect(),
            triggers: vec![TriggerSpec {
                template: trigger(plan, events, workflow),
            }],
        },
    })
}

fn small_container() -> Container {
    let mut sizes = Pairs::default();
    sizes.put("cpu", "100m");
    sizes.put("memory", "250Mi");
    Container {
        resources: Resources {
            requests: sizes.clone(),
            limits: sizes,
        },
        ..Container::default()
    }
}

fn dependency(plan: &Plan, event: &Event<'_>, setting: &dyn Fn(&str) -> Option<String>) -> Dependency {
    let equals = |field: &'static str, value: &str, path: &str| Filter {
        expr: format!("{field} == '{value}'"),
        fields: vec![Field {
            name: field,
            path: format!("body.payload.{path}"),
        }],
    };
    let mut exprs = vec![equals("name", &event.name, "name")];
    // An event without the field of a required parameter cannot start the flow.
    for (parameter, field) in mapped(plan, event) {
        if parameter.is_required {
            exprs.push(Filter {
                expr: "true == true".to_owned(),
                fields: vec![Field {
                    name: "field",
                    path: format!("body.payload.{field}"),
                }],
            });
        }
    }
    match event.trigger.on {
        TriggerOn::Event { .. } => {}
        TriggerOn::Finish { .. } => {
            exprs.push(equals("field", "True", "auto-generated-by-metaflow"));
            exprs.extend(
                event
                    .project
                    .iter()
                    .map(|project| equals("field", project, "project_name")),
            );
            exprs.extend(
                event
                    .branch
                    .iter()
                    .map(|branch| equals("field", branch, "branch_name")),
            );
        }
    }
    Dependency {
        name: event.parameter.clone(),
        event_source_name: setting("ARGO_EVENTS_EVENT_SOURCE").unwrap_or_default(),
        event_name: setting("ARGO_EVENTS_EVENT").unwrap_or_default(),
        filters: Filters { exprs },
    }
}

fn trigger(plan: &Plan, events: &[Event<'_>], workflow: &str) -> TriggerTemplate {
    let mut annotations = Pairs::default();
    let causes = events
        .iter()
        .map(|event| serde_json::json!({ "name": event.name, "type": event.kind() }));
    annotations.put("metaflow/triggered_by", dumps(&causes.collect::<Vec<_>>().into()));
    let own = plan
        .parameters
        .iter()
        .map(|parameter| Parameter::value(&parameter.name, fallback(parameter)));
    let payloads = events
        .iter()
        .map(|event| Parameter::value(&event.parameter, "null"));
    let mappings = events.iter().flat_map(|event| mappings(plan, event));
    TriggerTemplate {
        name: workflow.to_owned(),
        k8s: Create {
            operation: "create",
            source: Source {
                resource: Document {
                    api_version: API_VERSION,
                    kind: "Workflow",
                    metadata: Metadata {
                        generate_name: Some(format!("{workflow}-")),
                        namespace: plan.deployment.argo.namespace.clone(),
                        annotations,
                        ..Metadata::default()
                    },
                    spec: RunSpec {
                        arguments: Parameters::new(own.chain(payloads).collect()),
                        workflow_template_ref: TemplateRef {
                            name: workflow.to_owned(),
                        },
                    },
                },
            },
            parameters: mappings.collect(),
        },
        conditions_reset: reset(plan).into_iter().collect(),
    }
}

/// A required parameter has no default; `null` lets `init` say that it is missing.
fn fallback(parameter: &PlannedParameter) -> String {
    parameters::value(parameter).unwrap_or_else(|| "null".to_owned())
}

/// The flow's parameters that an event sets, with the fields of its payload. A single event without a
/// mapping sets each from the field of its name.
fn mapped<'a>(plan: &'a Plan, event: &'a Event<'_>) -> Vec<(&'a PlannedParameter, String)> {
    let is_alone = plan.flow.request.triggers.len() == 1 && event.trigger.parameters.is_empty();
    match event.trigger.on {
        TriggerOn::Event { .. } if is_alone => {
            let each = plan.parameters.iter();
            each.map(|parameter| (parameter, parameter.name.to_lowercase()))
                .collect()
        }
        TriggerOn::Event { .. } | TriggerOn::Finish { .. } => {
            let pairs = event.trigger.parameters.iter();
            pairs
                .filter_map(|(name, field)| Some((find(plan, name)?, field.clone())))
                .collect()
        }
    }
}

/// Parameter names do not differ in case alone.
fn find<'a>(plan: &'a Plan, name: &str) -> Option<&'a PlannedParameter> {
    plan.parameters
        .iter()
        .find(|parameter| parameter.name.eq_ignore_ascii_case(name))
}

fn mappings(plan: &Plan, event: &Event<'_>) -> Vec<Mapping> {
    let destination = |name: &str| format!("spec.arguments.parameters.#(name={name}).value");
    let own = mapped(plan, event).into_iter().map(|(parameter, field)| Mapping {
        src: MappingSource {
            dependency_name: event.parameter.clone(),
            data_template: Some(data_template(parameter, &field)),
            data_key: None,
            value: fallback(parameter),
        },
        dest: destination(&parameter.name),
    });
    let payload = Mapping {
        src: MappingSource {
            dependency_name: event.parameter.clone(),
            data_template: None,
            data_key: Some("body.payload"),
            value: "null".to_owned(),
        },
        dest: destination(&event.parameter),
    };
    own.chain([payload]).collect()
}

/// A Go template that writes the field as JSON, and fails where it is absent, so that the default is used.
/// JSON parameters are JSON texts within JSON.
fn data_template(parameter: &PlannedParameter, field: &str) -> String {
    let value = match parameter.value_type {
        ParameterType::Json => format!(
            r#"{{{{- $pv:=(get $.Input.body.payload "{field}") -}}}}{{{{ if kindIs "string" $pv }}}}{{{{- $pv | toRawJson -}}}}{{{{- else -}}}}{{{{ $pv | toRawJson | toRawJson }}}}{{{{- end -}}}}"#
        ),
        ParameterType::Str
        | ParameterType::Int
        | ParameterType::Float
        | ParameterType::Bool
        | ParameterType::File
        | ParameterType::Other => format!(r#"{{{{- (get $.Input.body.payload "{field}" | toRawJson) -}}}}"#),
    };
    format!(
        r#"{{{{ if (hasKey $.Input.body.payload "{field}") }}}}{value}{{{{- else -}}}}{{{{ (fail "use-default-instead") }}}}{{{{- end -}}}}"#
    )
}

/// `options={"reset_at": {"cron": …, "timezone": …}}`: when events that wait for others are forgotten.
fn reset(plan: &Plan) -> Option<Reset> {
    let options = plan.flow.request.trigger_options.as_ref()?;
    let reset = options.get("reset_at").filter(|reset| reset.is_truthy())?;
    Some(Reset {
        by_time: ByTime {
            cron: reset.get("cron").map(|cron| in_unix_dialect(&cron.to_text()))?,
            timezone: reset
                .get("timezone")
                .filter(|zone| zone.is_truthy())
                .map(Value::to_text),
        },
    })
}
