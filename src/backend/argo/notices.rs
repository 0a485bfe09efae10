//! What only a plan shows of a workflow: names that Kubernetes does not take, places that are mounted twice, services
//! and secrets that are to be there.

use super::events;
use super::leaf::{OUT, OUT_PATH};
use super::names;
use super::notify::{self, Service};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::rules::{deployment as rules, kubernetes_value, mount, no_effect, trigger_on_finish_form};
use crate::plan::Plan;
use crate::plan::pod;
use crate::settings::argo::ServiceKey;
use crate::target::Target;

/// The findings about a plan, before it is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = name(plan).into_iter().collect();
    found.extend(mounts(plan));
    found.extend(event_source(plan));
    found.extend(arguments(plan));
    found.extend(unquotable(plan));
    found.extend(notifications(plan));
    found.extend(idle_options(plan));
    found.extend(braces(plan));
    found
}

/// `--name` is taken as it is, so it has to be a name; in a project the names come from the project. That of a
/// class may leave none, or the same as another's.
fn name(plan: &Plan) -> Option<Diagnostic> {
    let class = &plan.flow.name;
    let found =
        |rule, message: String| Some(Diagnostic::new(rule, plan.flow.span, message).target(Target::Argo));
    match (plan.deployment.name.as_deref(), &plan.flow.project) {
        (Some(name), None) if !names::is_valid(name) => found(
            &rules::WORKFLOW_NAME,
            format!(
                "`{name}` cannot be the name of a workflow: lower-case letters, digits, `-` and `.`, a letter first"
            ),
        ),
        (Some(_), _) | (None, Some(_)) => None,
        (None, None) => {
            let name = names::of_class(class);
            if name.is_empty() {
                let message = format!(
                    "`{class}` leaves no name for the workflow: it has no letter from a to z and no digit"
                );
                return found(&rules::WORKFLOW_NAME, message)
                    .map(|finding| finding.help("give one with `--name`"));
            }
            let mut others = plan.flow.beside.iter();
            let other = others.find(|other| names::of_class(other) == name)?;
            let message = format!("the workflows of `{class}` and `{other}` would both be called `{name}`");
            found(&rules::SAME_WORKFLOW_NAME, message).map(|finding| {
                finding.help("the one deployed later replaces the other: give one a name with `--name`")
            })
        }
    }
}

/// A place in a container can be mounted once, and a volume's name is taken once.
fn mounts(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let pod = pod::pod(&task.request, &plan.deployment);
        let mut taken = vec![OUT_PATH];
        taken.extend(pod.tmpfs.as_ref().map(|tmpfs| tmpfs.path.as_str()));
        taken.extend(pod.shared_memory.map(|_| "/dev/shm"));
        for (claim, path) in &pod.volume_claims {
            let path = path.trim_end_matches('/');
            let message = if taken.contains(&path) {
                format!("`{path}` of `{}` is mounted twice", task.step)
            } else if claim == OUT {
                format!(
                    "the claim `{claim}` of `{}` has the name of the volume for results",
                    task.step
                )
            } else {
                taken.push(path);
                continue;
            };
            let finding = Diagnostic::new(&mount::INFO, task.span, message).severity(Severity::Error);
            found.push(
                finding
                    .help("mount each claim at a place of its own")
                    .target(Target::Argo),
            );
        }
    }
    found
}

/// A Sensor needs to know where events come from.
fn event_source(plan: &Plan) -> Option<Diagnostic> {
    let trigger = plan.flow.request.triggers.first()?;
    let needed = [
        "ARGO_EVENTS_EVENT",
        "ARGO_EVENTS_EVENT_SOURCE",
        "ARGO_EVENTS_SERVICE_ACCOUNT",
    ];
    let is_missing = |name: &&str| plan.deployment.setting(name).is_none_or(str::is_empty);
    let missing: Vec<String> = needed
        .into_iter()
        .filter(is_missing)
        .map(|name| format!("`METAFLOW_{name}`"))
        .collect();
    if missing.is_empty() || plan.deployment.is_draft {
        return None;
    }
    let message = format!("a flow that events start needs {}", missing.join(", "));
    let finding = Diagnostic::new(&rules::EVENTS_NOT_CONFIGURED, trigger.span, message);
    Some(
        finding
            .help("give each with `--set NAME=VALUE`, or under `[metaflow]` in `flowc.toml`")
            .target(Target::Argo),
    )
}

/// A run gets the payload of an event as an argument, whose name is made of the event's.
fn arguments(plan: &Plan) -> Vec<Diagnostic> {
    let mut taken: Vec<(&str, String)> = Vec::new();
    let of_parameter = |name: &str| format!("the parameter `{name}`");
    let parameters = plan.parameters.iter();
    taken.extend(parameters.map(|parameter| (parameter.name.as_str(), of_parameter(&parameter.name))));
    let mut found = Vec::new();
    let events = events::all(plan);
    for event in &events {
        let of_event = format!("the payload of the event `{}`", event.name);
        let other = taken.iter().find(|(name, _)| *name == event.parameter);
        let (message, help) = match other {
            Some((_, other)) if *other == of_event => (
                format!("the event `{}` is named twice", event.name),
                "name it once",
            ),
            Some((name, other)) => (
                format!("{other} and {of_event} would be one argument of the workflow, `{name}`"),
                "give the parameter another name",
            ),
            None => {
                taken.push((&event.parameter, of_event));
                continue;
            }
        };
        let finding = Diagnostic::new(&rules::SAME_ARGUMENT, event.trigger.span, message);
        found.push(finding.help(help).target(Target::Argo));
    }
    found
}

/// Where a finished flow starts this one, a Sensor compares its project and branch with texts in quotes, and the
/// workflow names it in an annotation, where Argo replaces `{{…}}`.
fn unquotable(plan: &Plan) -> Vec<Diagnostic> {
    let is_odd = |text: &str| {
        let is_odd = |c: char| matches!(c, '\'' | '\\') || c.is_control();
        text.contains(is_odd) || text.contains("{{")
    };
    let mut found = Vec::new();
    for event in &events::all(plan) {
        let parts = [
            ("flow", Some(&event.trigger.name)),
            ("project", event.project.as_ref()),
            ("branch", event.branch.as_ref()),
        ];
        let parts = parts.into_iter().filter_map(|(what, text)| Some((what, text?)));
        found.extend(parts.filter(|(_, text)| is_odd(text)).map(|(what, text)| {
            let message = format!("no event of a {what} called `{text}` can be listened to");
            let finding = Diagnostic::new(&trigger_on_finish_form::INFO, event.trigger.span, message);
            let help = "quotes, backslashes, line ends and `{{` are not possible; of a project without `--branch` or `--production` the branch holds the name of `--user`";
            finding.help(help).target(Target::Argo)
        }));
    }
    found
}

/// Options that ask for something which another one would have to bring about.
fn idle_options(plan: &Plan) -> Vec<Diagnostic> {
    let argo = &plan.deployment.argo;
    let told = Service::ALL.into_iter();
    let told = told.filter(|service| service.key(&argo.notifications).is_some());
    let told: Vec<&str> = told.map(Service::name).collect();
    let mut found = Vec::new();
    let mut idle = |message: String, help: &str| {
        let finding = Diagnostic::new(&no_effect::INFO, plan.flow.span, message);
        let finding = finding.severity(Severity::Warning).help(help);
        found.push(finding.target(Target::Argo));
    };
    if !told.is_empty() && !argo.notifications.are_asked_for() {
        idle(
            format!(
                "nothing is told to {}: no notification is asked for",
                told.join(", ")
            ),
            "give `--notify-on-error` or `--notify-on-success`",
        );
    }
    if argo.has_heartbeat && plan.deployment.setting("DEFAULT_METADATA") != Some("service") {
        idle(
            "`--enable-heartbeat-daemon` has no effect but a pod beside each run: there is no metadata service to tell".to_owned(),
            "give `--set METAFLOW_DEFAULT_METADATA=service` and the service's address",
        );
    }
    found
}

/// Argo replaces `{{…}}` in a pod's annotations and in the places of its volumes, and has no escape for it there.
fn braces(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let pod = pod::pod(&task.request, &plan.deployment);
        let path = pod
            .tmpfs
            .as_ref()
            .map(|tmpfs| ("`tmpfs_path`".to_owned(), &tmpfs.path));
        let mut annotations = pod.annotations.iter();
        let annotation = annotations.find(|(_, value)| value.contains("{{"));
        let annotation = annotation.map(|(key, value)| (format!("the annotation `{key}`"), value));
        let texts = path.into_iter().chain(annotation);
        let odd = texts.filter(|(_, value)| value.contains("{{"));
        found.extend(odd.map(|(what, value)| {
            let message = format!(
                "{what} of `{}` is `{value}`, in which Argo Workflows would replace `{{{{…}}}}`",
                task.step
            );
            let finding = Diagnostic::new(&kubernetes_value::INFO, task.span, message);
            let finding = finding.severity(Severity::Error).step(task.step.clone());
            finding
                .help("write it without two braces in a row")
                .target(Target::Argo)
        }));
    }
    found
}

/// Who is to be told, and with which key: as an error where that is not said, as a note where a secret has to be made.
fn notifications(plan: &Plan) -> Vec<Diagnostic> {
    let notifications = &plan.deployment.argo.notifications;
    if !notifications.are_asked_for() {
        return Vec::new();
    }
    let services = Service::ALL.into_iter();
    let keys = services.filter_map(|service| Some((service, service.key(notifications)?)));
    let keys: Vec<(Service, &ServiceKey)> = keys.collect();
    let wrong = |message: &str, help: &str| {
        let finding = Diagnostic::new(&rules::NOTIFICATIONS, plan.flow.span, message);
        finding.help(help).target(Target::Argo)
    };
    let mut found = Vec::new();
    if keys.is_empty() {
        found.push(wrong(
            "nobody is named whom to notify of how a run ended",
            "give `--notify-slack-webhook-url`, `--notify-pager-duty-integration-key` or `--notify-incident-io-api-key`",
        ));
    }
    if notifications.incident_io.is_some() && notifications.incident_io_alert_source.is_none() {
        found.push(wrong(
            "incident.io needs to know which of its alert sources the notifications come from",
            "give `--incident-io-alert-source-config-id`",
        ));
    }
    let given = keys.iter().filter(|(_, key)| **key == ServiceKey::Given);
    let entries: Vec<String> = given.map(|(service, _)| service.name().to_owned()).collect();
    if !entries.is_empty() {
        let secret = notify::own_secret(&names::workflow(plan));
        let literals = entries.iter().map(|entry| format!(" --from-literal={entry}=…"));
        let message = format!(
            "a key does not stand in a definition: the run takes it from the secret `{secret}`, where it has to be under `{}`",
            entries.join("`, `")
        );
        let help = format!(
            "make it: `kubectl create secret generic {secret}{}`; or give an entry of another secret: `secret:NAME/KEY`",
            literals.collect::<String>()
        );
        let finding = Diagnostic::new(&rules::NOTIFICATION_SECRET, plan.flow.span, message);
        found.push(finding.help(help).target(Target::Argo));
    }
    found
}
