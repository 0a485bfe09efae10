//! Notifications of how a run ended: Slack, PagerDuty, incident.io. A program in a pod sends them, not Argo's
//! own request templates, which can take neither an address nor a body from a secret.

use serde_json::{Map, json};

use super::document::{Env, Hook, Hooks, Parameter, Parameters, Template, Text};
use super::handler::{self, Handler, Handlers};
use super::{hooks, names, text};
use crate::plan::Plan;
use crate::plan::json::dumps;
use crate::settings::argo::{Notifications, ServiceKey};

const TEMPLATE: &str = "notify";
const PROGRAM: &str = include_str!("../../../templates/notify.py");

/// Someone who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Slack,
    PagerDuty,
    IncidentIo,
}

impl Service {
    pub const ALL: [Self; 3] = [Self::Slack, Self::PagerDuty, Self::IncidentIo];

    /// `pager-duty`: in names of hooks, and the entry of the workflow's own secret.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::PagerDuty => "pager-duty",
            Self::IncidentIo => "incident-io",
        }
    }

    /// Metaflow's name in annotations.
    fn annotation(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::PagerDuty => "pager_duty",
            Self::IncidentIo => "incident_io",
        }
    }

    pub fn key(self, notifications: &Notifications) -> Option<&ServiceKey> {
        match self {
            Self::Slack => notifications.slack.as_ref(),
            Self::PagerDuty => notifications.pager_duty.as_ref(),
            Self::IncidentIo => notifications.incident_io.as_ref(),
        }
    }

    /// Where the program finds the key.
    fn variable(self) -> &'static str {
        match self {
            Self::Slack => "FLOWC_SLACK_URL",
            Self::PagerDuty => "FLOWC_PAGER_DUTY_KEY",
            Self::IncidentIo => "FLOWC_INCIDENT_IO_KEY",
        }
    }
}

/// The secret that belongs to the workflow, for keys that were given as themselves.
pub fn own_secret(workflow: &str) -> String {
    format!("{workflow}-notifications")
}

/// The hooks, and the template that they share.
pub fn add(handlers: &Handlers<'_>, hooks: &mut Hooks, templates: &mut Vec<Template>) {
    let notifications = &handlers.plan.deployment.argo.notifications;
    let outcomes = [
        (notifications.on_error, "error", hooks::FAILED),
        (notifications.on_success, "success", hooks::SUCCEEDED),
    ];
    let services = Service::ALL.into_iter();
    let services: Vec<Service> = services
        .filter(|service| service.key(notifications).is_some())
        .collect();
    for (_, outcome, expression) in outcomes.into_iter().filter(|(is_asked_for, ..)| *is_asked_for) {
        for service in &services {
            let arguments = vec![
                Parameter::value("service", service.name()),
                Parameter::value("outcome", outcome),
            ];
            hooks.put(
                format!("notify-{}-on-{outcome}", service.name()),
                Hook {
                    template: TEMPLATE.to_owned(),
                    expression: expression.to_owned(),
                    arguments: Parameters::new(arguments),
                },
            );
        }
    }
    if notifications.are_asked_for() && !services.is_empty() {
        templates.push(template(handlers, &services));
    }
}

fn template(handlers: &Handlers<'_>, services: &[Service]) -> Template {
    let program = [Text::Word("python".to_owned()), Text::Word("-c".to_owned())];
    handlers.template(Handler {
        name: TEMPLATE.to_owned(),
        inputs: &["service", "outcome"],
        command: program
            .into_iter()
            .chain([Text::Script(PROGRAM.to_owned())])
            .collect(),
        env: variables(handlers.plan, services),
        resources: handler::small("100m", "100Mi", "100Mi"),
        image: None,
    })
}

fn variables(plan: &Plan, services: &[Service]) -> Vec<Env> {
    let notifications = &plan.deployment.argo.notifications;
    let mut env = vec![
        Env::new("FLOWC_SERVICE", "{{inputs.parameters.service}}"),
        Env::new("FLOWC_OUTCOME", "{{inputs.parameters.outcome}}"),
    ];
    for service in services {
        let (secret, entry) = match service.key(notifications) {
            Some(ServiceKey::In { secret, entry }) => (secret.clone(), entry.clone()),
            Some(ServiceKey::Given) | None => (own_secret(&names::workflow(plan)), service.name().to_owned()),
        };
        env.push(Env::secret(service.variable(), secret, entry));
    }
    let mut texts = Vec::new();
    for setting in ["UI_URL", "ARGO_WORKFLOWS_UI_URL"] {
        let url = plan.deployment.setting(setting).filter(|url| !url.is_empty());
        texts.extend(url.map(|url| (format!("METAFLOW_{setting}"), url.to_owned())));
    }
    if services.contains(&Service::IncidentIo) {
        let source = notifications.incident_io_alert_source.clone().unwrap_or_default();
        texts.push(("FLOWC_INCIDENT_IO_SOURCE".to_owned(), source));
        if !notifications.incident_io_metadata.is_empty() {
            let pairs = notifications.incident_io_metadata.iter();
            let object: Map<_, _> = pairs
                .map(|(key, value)| (key.clone(), value.as_str().into()))
                .collect();
            texts.push(("FLOWC_INCIDENT_IO_METADATA".to_owned(), dumps(&object.into())));
        }
    }
    if texts.iter().any(|(_, value)| text::needs_empty(value)) {
        env.insert(0, text::empty());
    }
    env.extend(
        texts
            .into_iter()
            .map(|(name, value)| Env::new(name, text::escape(&value))),
    );
    env
}

/// Metaflow's annotation: who is told.
pub fn annotation(notifications: &Notifications) -> serde_json::Value {
    let services = Service::ALL.into_iter();
    let told = services.map(|service| {
        let is_told = service.key(notifications).is_some();
        (service.annotation().to_owned(), json!(is_told))
    });
    told.collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::PROGRAM;

    #[test]
    fn neither_argo_nor_kubernetes_reads_the_program() {
        assert!(!PROGRAM.contains("{{") && !PROGRAM.contains("$$") && !PROGRAM.contains("$("));
    }
}
