//! What a deployment on Argo Workflows is made of besides the common settings.

use super::layer::SettingsError;
use super::merge::Settings;
use crate::decorator::kubernetes_names::is_name;

/// Settings of the Argo target alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct ArgoSettings {
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    pub workflow_priority: Option<i64>,
    /// In place of the flow's name and docstring.
    pub title: Option<String>,
    pub description: Option<String>,
    pub notifications: Notifications,
    /// An exit handler that says which task failed first (Metaflow's default too).
    pub captures_errors: bool,
    /// A pod beside the run that tells the metadata service that it goes on.
    pub has_heartbeat: bool,
    /// Tasks publish that they have finished; none where the webhook's setting decides.
    pub emits_events: Option<bool>,
    pub time_to_live: TimeToLive,
    /// `spec.podGC.strategy`.
    pub pod_gc: Option<String>,
    pub step_docstrings: bool,
    pub kustomization: bool,
}

impl Default for ArgoSettings {
    fn default() -> Self {
        Self {
            namespace: None,
            workflow_priority: None,
            title: None,
            description: None,
            notifications: Notifications::default(),
            captures_errors: true,
            has_heartbeat: false,
            emits_events: None,
            time_to_live: TimeToLive::default(),
            pod_gc: None,
            step_docstrings: false,
            kustomization: false,
        }
    }
}

/// Seconds for which a finished run is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeToLive {
    pub after_completion: Option<u64>,
    pub after_success: Option<u64>,
    pub after_failure: Option<u64>,
}

/// Who is told how a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notifications {
    pub on_error: bool,
    pub on_success: bool,
    /// A webhook's URL.
    pub slack: Option<ServiceKey>,
    /// An integration key.
    pub pager_duty: Option<ServiceKey>,
    /// An API key.
    pub incident_io: Option<ServiceKey>,
    pub incident_io_alert_source: Option<String>,
    /// Key and value, in order, each key once.
    pub incident_io_metadata: Vec<(String, String)>,
}

/// A key of a service. The value itself is never kept: a definition refers to a secret of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceKey {
    /// `secret:NAME/KEY`: an entry of a secret that is there.
    In { secret: String, entry: String },
    /// Given as itself: it has to be in the secret that belongs to the workflow.
    Given,
}

impl ArgoSettings {
    /// # Errors
    /// A reference to a secret that is none, metadata that is no pair or there twice, a priority that is too large.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let text = |key: &str| settings.text(key).map(str::to_owned);
        let seconds = |key: &str| {
            let given = settings.whole(&format!("argo.ttl-after-{key}"));
            given.and_then(|seconds| u64::try_from(seconds).ok())
        };
        let workflow_priority = settings.whole("argo.workflow-priority");
        if let Some(priority) = workflow_priority.filter(|priority| i32::try_from(*priority).is_err()) {
            return Err(SettingsError(format!(
                "argo.workflow-priority: {priority} is no number of 32 bits"
            )));
        }
        Ok(Self {
            namespace: text("k8s-namespace"),
            workflow_priority,
            title: text("argo.workflow-title"),
            description: text("argo.workflow-description"),
            notifications: Notifications::new(settings)?,
            captures_errors: settings.switch("argo.enable-error-msg-capture").unwrap_or(true),
            has_heartbeat: settings.flag("argo.enable-heartbeat-daemon"),
            emits_events: settings.switch("argo.auto-emit-argo-events"),
            time_to_live: TimeToLive {
                after_completion: seconds("completion"),
                after_success: seconds("success"),
                after_failure: seconds("failure"),
            },
            pod_gc: text("argo.pod-gc"),
            step_docstrings: settings.flag("argo.step-docstrings"),
            kustomization: settings.flag("argo.kustomization"),
        })
    }
}

impl Notifications {
    fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let key = |name: &str| {
            let text = settings.text(name).filter(|text| !text.is_empty());
            text.map(|text| self::key(name, text)).transpose()
        };
        let source = settings.text("argo.incident-io-alert-source-config-id");
        Ok(Self {
            on_error: settings.flag("argo.notify-on-error"),
            on_success: settings.flag("argo.notify-on-success"),
            slack: key("argo.notify-slack-webhook-url")?,
            pager_duty: key("argo.notify-pager-duty-integration-key")?,
            incident_io: key("argo.notify-incident-io-api-key")?,
            incident_io_alert_source: source.filter(|source| !source.is_empty()).map(str::to_owned),
            incident_io_metadata: metadata(settings.texts("argo.incident-io-metadata"))?,
        })
    }

    pub fn are_asked_for(&self) -> bool {
        self.on_error || self.on_success
    }
}

fn key(setting: &str, text: &str) -> Result<ServiceKey, SettingsError> {
    let Some(reference) = text.strip_prefix("secret:") else {
        return Ok(ServiceKey::Given);
    };
    let is_entry = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        !name.is_empty() && name.len() <= 253 && name.chars().all(is_allowed)
    };
    match reference.split_once('/') {
        Some((secret, entry)) if is_name(secret) && is_entry(entry) => Ok(ServiceKey::In {
            secret: secret.to_owned(),
            entry: entry.to_owned(),
        }),
        Some(_) | None => Err(SettingsError(format!(
            "{setting}: `{text}` is not `secret:NAME/KEY`, an entry of a Kubernetes secret"
        ))),
    }
}

fn metadata(texts: &[String]) -> Result<Vec<(String, String)>, SettingsError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for text in texts {
        let Some((key, value)) = text.split_once('=') else {
            let message = format!("argo.incident-io-metadata: `{text}` is not `KEY=VALUE`");
            return Err(SettingsError(message));
        };
        if pairs.iter().any(|(known, _)| known == key) {
            let message = format!("argo.incident-io-metadata: `{key}` is given twice");
            return Err(SettingsError(message));
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_references_or_kept_out() {
        let named = ServiceKey::In {
            secret: "alerts".to_owned(),
            entry: "slack_url".to_owned(),
        };
        assert_eq!(key("x", "secret:alerts/slack_url"), Ok(named));
        assert_eq!(key("x", "https://hooks.slack.com/x"), Ok(ServiceKey::Given));
        for wrong in ["secret:alerts", "secret:/x", "secret:Alerts/x", "secret:a/b c"] {
            assert!(key("x", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn metadata_has_each_key_once() {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let pair = ("a".to_owned(), "1=2".to_owned());
        assert_eq!(metadata(&texts(&["a=1=2"])), Ok(vec![pair]));
        assert!(metadata(&texts(&["a=1", "a=2"])).is_err());
        assert!(metadata(&texts(&["a"])).is_err());
    }
}
