//! The orchestrators flowc compiles to, their versions, and what each can express: one table.

use std::fmt;

/// An orchestrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Argo,
    StepFunctions,
    Airflow,
}

/// In place of a target where a flow runs on this machine: nothing is emitted for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThisMachine;

impl Target {
    pub const ALL: [Self; 3] = [Self::Argo, Self::StepFunctions, Self::Airflow];

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Argo => "argo",
            Self::StepFunctions => "step-functions",
            Self::Airflow => "airflow",
        }
    }

    /// The name in a message.
    pub fn title(self) -> &'static str {
        match self {
            Self::Argo => "Argo Workflows",
            Self::StepFunctions => "Step Functions",
            Self::Airflow => "Airflow",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// `major.minor` of a target, as 4.1 of Argo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
}

impl Version {
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// `4.1`, `v4.1.2`, `3.6`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        parts
            .all(|part| part.chars().all(|c| c.is_ascii_digit()))
            .then_some(Self { major, minor })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

/// A target with the range of versions that the definition must be right on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetVersion {
    pub target: Target,
    pub oldest: Version,
    pub newest: Version,
}

impl TargetVersion {
    /// The newest version flowc knows; of Step Functions there is only one.
    pub fn newest(target: Target) -> Self {
        let newest = match target {
            Target::Argo => Version::new(4, 1),
            Target::StepFunctions => Version::new(1, 0),
            Target::Airflow => Version::new(3, 3),
        };
        Self {
            target,
            oldest: newest,
            newest,
        }
    }

    /// A version given as text.
    ///
    /// # Errors
    /// A text that is no version, or one out of the range flowc knows, in words.
    pub fn parse(target: Target, text: &str) -> Result<Self, String> {
        let newest = Self::newest(target).newest;
        let oldest = match target {
            Target::Argo => Version::new(3, 6),
            Target::StepFunctions => Version::new(1, 0),
            Target::Airflow => Version::new(2, 10),
        };
        match Version::parse(text) {
            Some(version) if (oldest..=newest).contains(&version) => Ok(Self {
                target,
                oldest: version,
                newest: version,
            }),
            _ => Err(format!(
                "`{text}` is no version of {} that flowc knows; it is {oldest} to {newest}",
                target.title()
            )),
        }
    }
}

/// What a flow may ask for beyond steps in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    Switch,
    Recursion,
    Parallel,
    Trigger,
    ExitHook,
    ScheduleTimezone,
    Batch,
    Kubernetes,
    AirflowSensor,
    IncludeFile,
    Config,
}

/// How a target treats a feature or a decorator's attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    Yes,
    /// It has no effect there: a note.
    Ignored(&'static str),
    /// The target cannot express it: an error; the reason completes "… is not supported on TARGET: ".
    No(&'static str),
}

impl Target {
    /// What flowc can make of a feature on this target.
    #[expect(clippy::match_same_arms, reason = "one line a feature")]
    pub fn supports(self, feature: Feature) -> Support {
        use Support::{Ignored, No, Yes};
        match (feature, self) {
            (Feature::Switch | Feature::Config | Feature::IncludeFile | Feature::ScheduleTimezone, _) => Yes,
            (Feature::Recursion, Self::Argo | Self::StepFunctions) => Yes,
            (Feature::Recursion, Self::Airflow) => No("an Airflow DAG has no cycles"),
            (Feature::Parallel, Self::Argo) => Yes,
            (Feature::Parallel, Self::StepFunctions) => No("Step Functions has no gang-scheduled tasks"),
            (Feature::Parallel, Self::Airflow) => No("Airflow has no gang-scheduled tasks"),
            (Feature::Trigger | Feature::ExitHook, Self::Argo) => Yes,
            (Feature::Trigger, Self::StepFunctions | Self::Airflow) => {
                No("only Argo Events can start a flow")
            }
            (Feature::ExitHook, Self::StepFunctions | Self::Airflow) => {
                No("only Argo Workflows has exit handlers")
            }
            (Feature::Batch, Self::StepFunctions) => Yes,
            (Feature::Batch, Self::Argo | Self::Airflow) => No("its tasks are Kubernetes pods"),
            (Feature::Kubernetes, Self::Argo | Self::Airflow) => Yes,
            (Feature::Kubernetes, Self::StepFunctions) => Ignored("its tasks are AWS Batch jobs"),
            (Feature::AirflowSensor, Self::Airflow) => Yes,
            (Feature::AirflowSensor, Self::Argo | Self::StepFunctions) => {
                Ignored("it is a sensor of Airflow")
            }
        }
    }
}
