//! What a deployment on Airflow is made of besides the common settings.

use super::layer::SettingsError;
use super::merge::Settings;
use crate::target::Version;

/// Settings of the Airflow target alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirflowSettings {
    /// The Kubernetes namespace of the pods.
    pub namespace: String,
    pub service_account: Option<String>,
    /// ISO 8601 with an offset: `2024-01-01T00:00:00+00:00`.
    pub start_date: String,
    pub worker_pool: Option<String>,
    pub is_paused: bool,
    pub max_active_runs: i64,
    /// Pods are watched by the triggerer, not by a worker.
    pub is_deferrable: bool,
    /// The only version the DAG has to load on, where one is given.
    pub version: Option<Version>,
    /// Of the Kubernetes provider; one DAG file suits them all.
    pub provider_version: Option<Version>,
}

/// The oldest and the newest Airflow that a DAG is written for.
pub const OLDEST: Version = Version::new(2, 10);
pub const NEWEST: Version = Version::new(3, 3);

/// The oldest Kubernetes provider whose operator takes every argument of the DAG (`on_finish_action` is its youngest).
pub const OLDEST_PROVIDER: Version = Version::new(7, 2);

const START_DATE: &str = "2024-01-01T00:00:00+00:00";

impl Default for AirflowSettings {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            service_account: None,
            start_date: START_DATE.to_owned(),
            worker_pool: None,
            is_paused: false,
            max_active_runs: 16,
            is_deferrable: false,
            version: None,
            provider_version: None,
        }
    }
}

impl AirflowSettings {
    /// # Errors
    /// A version that is out of range, a date that is none.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let text = |key: &str| {
            let found = settings.text(key).filter(|text| !text.is_empty());
            found.map(str::to_owned)
        };
        let start_date = text("airflow.start-date").unwrap_or_else(|| START_DATE.to_owned());
        if !is_date(&start_date) {
            let message = format!("airflow.start-date: `{start_date}` is not like `{START_DATE}`");
            return Err(SettingsError(message));
        }
        Ok(Self {
            namespace: text("k8s-namespace").unwrap_or_else(|| "default".to_owned()),
            service_account: text("airflow.service-account"),
            start_date,
            worker_pool: text("airflow.worker-pool"),
            is_paused: settings.flag("airflow.paused"),
            max_active_runs: settings.whole("airflow.max-active-runs").unwrap_or(16),
            is_deferrable: settings.flag("airflow.deferrable"),
            version: text("airflow.version").map(|text| version(&text)).transpose()?,
            provider_version: text("airflow.provider-version")
                .map(|text| provider(&text))
                .transpose()?,
        })
    }
}

fn version(text: &str) -> Result<Version, SettingsError> {
    let version = Version::parse(text).filter(|version| (OLDEST..=NEWEST).contains(version));
    version.ok_or_else(|| SettingsError(format!("airflow.version: `{text}` is not {OLDEST} to {NEWEST}")))
}

fn provider(text: &str) -> Result<Version, SettingsError> {
    let version = Version::parse(text).filter(|version| *version >= OLDEST_PROVIDER);
    version.ok_or_else(|| {
        let message = format!("airflow.provider-version: `{text}` is not {OLDEST_PROVIDER} or later");
        SettingsError(message)
    })
}

/// `2024-01-01`, `2024-01-01T00:00`, `2024-01-01T00:00:00+00:00`: what Python's `fromisoformat` reads.
fn is_date(text: &str) -> bool {
    const FORM: &str = "dddd-dd-ddTdd:dd:dd+dd:dd";
    let fits = |(given, wanted): (char, char)| match wanted {
        'd' => given.is_ascii_digit(),
        '+' => given == '+' || given == '-',
        other => given == other,
    };
    [10, 16, 19, 25].contains(&text.len()) && text.chars().zip(FORM.chars()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_iso_8601() {
        assert!(is_date("2024-01-01") && is_date("2024-01-01T00:00:00-05:00"));
        assert!(!is_date("01.02.2024") && !is_date("2024-01-01T00:00:0"));
    }
}
