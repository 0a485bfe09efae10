//! What decorators ask for and backends give. The hinge between the two: neither knows the other.
//! Only what is written stands here; the plan fills in the deployment's defaults.

use crate::source::Span;
use crate::value::Value;

pub mod merge;

/// What the decorators of one step ask of the machine that runs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub attempts: Attempts,
    /// `@timeout`: the sum of its fields.
    pub deadline: Option<Seconds>,
    pub compute: Compute,
    /// `@resources`, merged by the plan: the two computes merge by different rules.
    pub resources: Option<Resources>,
    /// `@environment(vars=…)` in source order.
    pub environment: Vec<EnvVar>,
    /// `@secrets(sources=…)`: acted on inside the task.
    pub secrets: Vec<SecretSource>,
    /// `@conda`, not merged with the flow's `@conda_base`.
    pub conda: Option<PythonEnvironment>,
    /// `@pypi`, not merged with the flow's `@pypi_base`.
    pub pypi: Option<PythonEnvironment>,
    /// `@catch`: the step goes on after its last attempt failed.
    pub catch: bool,
    /// `@parallel`, `@pytorch_parallel`.
    pub parallel: bool,
}

/// `@retry` and the retries that `@catch` adds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempts {
    /// `@retry(times=…)`, the retries of the user's code.
    pub user: u8,
    /// 3 with `@catch`, run without the user's code.
    pub fallback: u8,
    /// `@retry(minutes_between_retries=…)` in seconds; none where it is not written (Metaflow's default is 2 minutes).
    pub delay: Option<Seconds>,
}

pub type Seconds = u64;

/// Which machine a step asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Compute {
    /// None written.
    #[default]
    Here,
    Kubernetes(Box<KubernetesRequest>),
    Batch(Box<BatchRequest>),
}

/// `@resources`; numbers as written (`"2"`, `2`, `2.0`), in Metaflow's units: cores, MB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    pub cpu: Option<Value>,
    pub gpu: Option<Value>,
    pub memory: Option<Value>,
    pub disk: Option<Value>,
    pub shared_memory: Option<Value>,
}

/// `@kubernetes`: the attributes as written; `None` where the attribute is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesRequest {
    pub cpu: Option<Value>,
    pub memory: Option<Value>,
    pub disk: Option<Value>,
    pub gpu: Option<Value>,
    pub gpu_vendor: Option<String>,
    pub image: Option<String>,
    pub image_pull_policy: Option<String>,
    pub image_pull_secrets: Option<Value>,
    pub service_account: Option<String>,
    pub secrets: Option<Value>,
    pub node_selector: Option<Value>,
    pub namespace: Option<String>,
    pub tolerations: Option<Value>,
    pub labels: Option<Value>,
    pub annotations: Option<Value>,
    pub use_tmpfs: Option<bool>,
    pub tmpfs_tempdir: Option<bool>,
    pub tmpfs_size: Option<Value>,
    pub tmpfs_path: Option<String>,
    pub persistent_volume_claims: Option<Value>,
    pub shared_memory: Option<Value>,
    pub port: Option<Value>,
    pub compute_pool: Option<String>,
    pub executable: Option<String>,
    pub hostname_resolution_timeout: Option<Value>,
    pub qos: Option<String>,
    pub extended_resources: Option<Value>,
    pub security_context: Option<Value>,
}

/// `@batch`: the attributes as written; `None` where the attribute is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchRequest {
    pub cpu: Option<Value>,
    pub gpu: Option<Value>,
    pub memory: Option<Value>,
    pub image: Option<String>,
    pub queue: Option<String>,
    pub iam_role: Option<String>,
    pub execution_role: Option<String>,
    pub shared_memory: Option<Value>,
    pub max_swap: Option<Value>,
    pub swappiness: Option<Value>,
    pub inferentia: Option<Value>,
    pub trainium: Option<Value>,
    pub efa: Option<Value>,
    pub host_volumes: Option<Value>,
    pub efs_volumes: Option<Value>,
    pub use_tmpfs: Option<bool>,
    pub aws_batch_tags: Option<Value>,
    pub tmpfs_tempdir: Option<bool>,
    pub tmpfs_size: Option<Value>,
    pub tmpfs_path: Option<String>,
    pub ephemeral_storage: Option<Value>,
    pub log_driver: Option<String>,
    pub log_options: Option<Value>,
    pub executable: Option<String>,
    pub privileged: Option<bool>,
}

/// A secret that a task asks a store for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretSource {
    /// `aws-secrets-manager`; none where the deployment's default is meant.
    pub store: Option<String>,
    pub id: String,
    pub region: Option<String>,
    /// Taken to read it.
    pub role: Option<String>,
}

/// One variable of a container, as its user means it (unescaped).
#[derive(Clone, Debug, PartialEq)]
pub struct EnvVar {
    pub name: String,
    pub value: String,
}

/// `@conda` or `@pypi` of a step, `@conda_base` or `@pypi_base` of the class: the attributes as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PythonEnvironment {
    /// Name → version, in source order; `libraries` of `@conda` stand here too.
    pub packages: Vec<(String, String)>,
    pub python: Option<String>,
    pub disabled: Option<bool>,
}

impl PythonEnvironment {
    /// The step's environment over the flow's: its packages win by name, its other attributes where given.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let is_own = |name: &String| self.packages.iter().any(|(own, _)| own == name);
        let inherited = base.packages.iter().filter(|(name, _)| !is_own(name));
        Self {
            packages: inherited.chain(&self.packages).cloned().collect(),
            python: self.python.clone().or_else(|| base.python.clone()),
            disabled: self.disabled.or(base.disabled),
        }
    }
}

/// What the decorators of the class ask of the deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowRequest {
    pub schedule: Option<Schedule>,
    pub project: Option<Project>,
    pub triggers: Vec<Trigger>,
    /// `@trigger(options=…)`, `@trigger_on_finish(options=…)`.
    pub trigger_options: Option<Value>,
    pub exit_hooks: Vec<ExitHook>,
    /// `@airflow_s3_key_sensor`, `@airflow_external_task_sensor` with their attributes as written.
    pub sensors: Vec<Sensor>,
    pub conda_base: Option<PythonEnvironment>,
    pub pypi_base: Option<PythonEnvironment>,
    /// `@package_sources`: files for the code package.
    pub package_sources: Vec<PackageSources>,
}

/// `@package_sources`.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageSources {
    /// Path (as written, relative to the flow's folder) and place in the package; its base name where none is given.
    pub sources: Vec<(String, Option<String>)>,
    /// With their dot; none for the deployment's own list.
    pub suffixes: Option<Vec<String>>,
}

/// `@schedule`: a cron text in Metaflow's dialect (AWS: five or six fields), none where it is switched off.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub span: Span,
    pub cron: Option<String>,
    pub timezone: Option<String>,
}

/// `@project`.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub name: String,
    /// None where the decorator leaves it to `--production`.
    pub production: Option<bool>,
    /// None where it is left to `--branch`.
    pub branch: Option<String>,
}

/// One event that starts the flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    pub span: Span,
    /// The event's name (`@trigger`) or the finished flow's (`@trigger_on_finish`), not sanitised.
    pub name: String,
    pub on: TriggerOn,
    /// Flow parameter → field of the event's payload.
    pub parameters: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TriggerOn {
    Event {
        /// `namespaced_event_name("x")`: the name is `mfns.x`, in a project `mfns.PROJECT.BRANCH.x`.
        is_namespaced: bool,
    },
    Finish {
        project: Option<String>,
        branch: Option<String>,
    },
}

/// `@exit_hook`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExitHook {
    pub on_success: Vec<String>,
    pub on_error: Vec<String>,
    pub options: Option<Value>,
}

/// An Airflow sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// The decorator's name.
    pub decorator: &'static str,
    pub attributes: Vec<(String, Value)>,
}
