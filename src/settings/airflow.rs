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
    /// ISO 8601: `2024-01-01`, `2024-01-01T00:00:00-05:00`. Nothing where the settings say nothing.
    pub start_date: Option<String>,
    pub worker_pool: Option<String>,
    pub is_paused: bool,
    pub max_active_runs: i64,
    /// Seconds that a pod may wait for its start, where `METAFLOW_AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS` says it.
    pub startup_timeout: Option<u64>,
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

/// Seconds of a time that a database can add to a date: a thousand years.
const LONGEST_TIMEOUT: i64 = 31_536_000_000;

const STARTUP_TIMEOUT: &str = "AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS";

/// The first day on which a schedule is looked at, in its own time zone, where the settings name none.
pub const START_DATE: &str = "2024-01-01T00:00:00+00:00";

impl Default for AirflowSettings {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            service_account: None,
            start_date: None,
            worker_pool: None,
            is_paused: false,
            max_active_runs: 16,
            startup_timeout: None,
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
        let start_date = text("airflow.start-date");
        if let Some(start_date) = start_date.as_deref().filter(|date| !is_date(date)) {
            let message = format!("airflow.start-date: `{start_date}` is not like `{START_DATE}`");
            return Err(SettingsError(message));
        }
        if let Some(seconds) = settings
            .whole("workflow-timeout")
            .filter(|&seconds| seconds > LONGEST_TIMEOUT)
        {
            let message =
                format!("workflow-timeout: {seconds} seconds are more than Airflow takes, {LONGEST_TIMEOUT}");
            return Err(SettingsError(message));
        }
        let version = text("airflow.version").map(|text| version(&text)).transpose()?;
        let worker_pool = text("airflow.worker-pool");
        if let Some(problem) = worker_pool
            .as_deref()
            .and_then(|pool| problem_of_pool(version, pool))
        {
            return Err(SettingsError(format!("airflow.worker-pool: {problem}")));
        }
        Ok(Self {
            namespace: text("k8s-namespace").unwrap_or_else(|| "default".to_owned()),
            service_account: text("airflow.service-account"),
            start_date,
            worker_pool,
            is_paused: settings.flag("airflow.paused"),
            max_active_runs: settings.whole("airflow.max-active-runs").unwrap_or(16),
            startup_timeout: settings.metaflow(STARTUP_TIMEOUT).map(startup).transpose()?,
            is_deferrable: settings.flag("airflow.deferrable"),
            version,
            provider_version: text("airflow.provider-version")
                .map(|text| provider(&text))
                .transpose()?,
        })
    }
}

/// What is wrong with a pool of tasks or sensors. Only Airflow 2.11 holds names of pools to its rule for names
/// (`BaseOperator`, `validate_key`).
pub fn problem_of_pool(version: Option<Version>, pool: &str) -> Option<String> {
    (!takes_pool(version, pool)).then(|| {
        format!(
            "Airflow 2.11 loads no DAG with the pool `{pool}`: letters, digits, `-`, `_` and `.` are allowed"
        )
    })
}

fn takes_pool(version: Option<Version>, pool: &str) -> bool {
    let is_free = version.is_some_and(|version| version != Version::new(2, 11));
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    is_free || (pool.chars().count() <= 250 && pool.chars().all(is_plain))
}

fn startup(text: &str) -> Result<u64, SettingsError> {
    let seconds = text
        .trim()
        .parse()
        .ok()
        .filter(|seconds| *seconds <= LONGEST_TIMEOUT.unsigned_abs());
    seconds.ok_or_else(|| {
        SettingsError(format!(
            "METAFLOW_{STARTUP_TIMEOUT}: `{text}` is no number of seconds"
        ))
    })
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
    [10, 16, 19, 25].contains(&text.len()) && text.chars().zip(FORM.chars()).all(fits) && is_in_range(text)
}

/// Is it a day of the calendar, a time of the day, an offset of less than a day?
fn is_in_range(date: &str) -> bool {
    let at_most = |from: usize, to: usize, most: u32| {
        let part = date.get(from..to).and_then(|part| part.parse::<u32>().ok());
        part.is_none_or(|number| number <= most)
    };
    let day = date
        .get(..10)
        .and_then(|day| day.parse::<jiff::civil::Date>().ok());
    // Python has the years 1 to 9999, in UTC and in the schedule's zone, and no second 60.
    day.is_some_and(|day| (2..=9998).contains(&day.year()))
        && at_most(11, 13, 23)
        && at_most(14, 16, 59)
        && at_most(17, 19, 59)
        && at_most(20, 22, 23)
        && at_most(23, 25, 59)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_iso_8601() {
        assert!(is_date("2024-01-01") && is_date("2024-01-01T00:00:00-05:00"));
        assert!(!is_date("01.02.2024") && !is_date("2024-01-01T00:00:0"));
        assert!(is_date("2024-02-29") && is_date("2000-02-29") && is_date("2024-12-31T23:59:59+23:59"));
        for wrong in [
            "2024-13-45",
            "2024-00-01",
            "2024-02-30",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "0000-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-05:00",
            "2024-01-01T24:00",
            "2024-01-01T00:60",
            "2024-01-01T00:00:00+99:99",
        ] {
            assert!(!is_date(wrong), "{wrong}");
        }
    }
}
