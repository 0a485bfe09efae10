//! Argo's documents as types, in the order in which they are written. Only what flowc emits is here; an absent
//! value is not written at all. Fields are named as in Argo 4.1's CRDs.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_saphyr::LitString;

use crate::value::Value;

pub const API_VERSION: &str = "argoproj.io/v1alpha1";

/// A map that keeps its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    /// As Python's `pairs[key] = value`.
    pub fn put(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(given, _)| given == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl FromIterator<(String, String)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<Spec> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: Spec,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub labels: Pairs,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub annotations: Pairs,
}

impl Metadata {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_deadline_seconds: Option<u64>,
    pub parallelism: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    #[serde(skip_serializing_if = "TtlStrategy::is_empty")]
    pub ttl_strategy: TtlStrategy,
    #[serde(rename = "podGC", skip_serializing_if = "Option::is_none")]
    pub pod_gc: Option<PodGc>,
    pub workflow_metadata: Metadata,
    pub pod_metadata: Metadata,
    pub entrypoint: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_exit: Option<&'static str>,
    #[serde(skip_serializing_if = "Hooks::is_empty")]
    pub hooks: Hooks,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub arguments: Parameters,
    pub volumes: Vec<Volume>,
    pub template_defaults: TemplateDefaults,
    pub templates: Vec<Template>,
}

/// For how many seconds a finished run is kept.
#[expect(clippy::struct_field_names, reason = "Argo's names")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TtlStrategy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_after_completion: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_after_success: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_after_failure: Option<u64>,
}

impl TtlStrategy {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PodGc {
    pub strategy: String,
}

/// Lifecycle hooks by name, in order; of two of one name the last stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks(Vec<(String, Hook)>);

impl Hooks {
    pub fn put(&mut self, name: String, hook: Hook) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, hook));
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Hooks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, hook)| (name, hook)))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hook {
    pub expression: String,
    pub template: String,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub arguments: Parameters,
}

#[derive(Clone, Debug, Serialize)]
pub struct TemplateDefaults {
    pub container: Container,
}

/// `arguments`, `inputs` or `outputs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Parameters {
    pub parameters: Vec<Parameter>,
}

impl Parameters {
    pub fn new(parameters: Vec<Parameter>) -> Self {
        Self { parameters }
    }

    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ValueFrom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Parameter {
    /// An argument.
    pub fn value(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// An input that every caller gives.
    pub fn input(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// An input that may be left out.
    pub fn optional(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            default: Some(String::new()),
            ..Self::default()
        }
    }

    /// An output.
    pub fn output(name: impl Into<String>, value_from: ValueFrom) -> Self {
        Self {
            name: name.into(),
            value_from: Some(value_from),
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ValueFrom {
    /// A file of a pod; the default stands for the output of a task that was skipped.
    Path {
        path: String,
        default: &'static str,
    },
    Parameter {
        parameter: String,
    },
    Expression {
        expression: String,
    },
    Supplied {
        supplied: Empty,
    },
}

/// `{}`
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Empty;

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

/// A template of one of five kinds: `dag`, `steps`, `container`, `resource` or `suspend`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    pub name: String,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub inputs: Parameters,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub outputs: Parameters,
    /// Runs beside the tasks that follow, until the workflow ends.
    #[serde(skip_serializing_if = "is_false")]
    pub daemon: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_deadline_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_strategy: Option<RetryStrategy>,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub node_selector: Pairs,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_spec_patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Suspend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceTemplate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dag: Option<Dag>,
    /// A list of lists: those within a list run side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<[[Step; 1]; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// An object of the cluster, made and waited for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTemplate {
    pub action: &'static str,
    pub set_owner_reference: bool,
    pub success_condition: &'static str,
    pub failure_condition: &'static str,
    pub manifest: Text,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspend {
    pub duration: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Dag {
    pub tasks: Vec<DagTask>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub name: &'static str,
    pub template: &'static str,
    pub when: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DagTask {
    pub name: String,
    pub template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_sequence: Option<Sequence>,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub arguments: Parameters,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sequence {
    pub count: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryStrategy {
    pub retry_policy: &'static str,
    pub limit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Backoff>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backoff {
    pub duration: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    #[serde(rename = "tolerationSeconds", skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDir>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<Claim>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmptyDir {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_limit: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    pub claim_name: String,
}

impl Volume {
    /// An empty folder of the pod, on disk or (with a size in MiB) in memory.
    pub fn empty_dir(name: &str, memory: Option<i64>) -> Self {
        Self {
            name: name.to_owned(),
            empty_dir: Some(EmptyDir {
                medium: memory.map(|_| "Memory"),
                size_limit: memory.map(|size| format!("{size}Mi")),
            }),
            persistent_volume_claim: None,
        }
    }

    pub fn claim(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            empty_dir: None,
            persistent_volume_claim: Some(Claim {
                claim_name: name.to_owned(),
            }),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Env>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_from: Vec<EnvFrom>,
    #[serde(skip_serializing_if = "Resources::is_empty")]
    pub resources: Resources,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<Map>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_message_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
}

/// A word of a command; a script is written as a literal block.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    Word(String),
    Script(String),
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Word(text) => serializer.serialize_str(text),
            Self::Script(text) => LitString(text.clone()).serialize(serializer),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    pub container_port: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Env {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<EnvSource>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvSource {
    FieldRef(FieldRef),
    SecretKeyRef(SecretKeyRef),
}

/// An entry of a secret; the variable is absent where the secret has none, so that the pod starts all the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecretKeyRef {
    pub name: String,
    pub key: String,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldRef {
    pub field_path: &'static str,
}

impl Env {
    /// A value that Argo and Kubernetes read: a tag, or a text without `$` and `{{`.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Some(value.into()),
            value_from: None,
        }
    }

    /// An entry of a Kubernetes secret.
    pub fn secret(variable: &str, name: String, key: String) -> Self {
        Self {
            name: variable.to_owned(),
            value: None,
            value_from: Some(EnvSource::SecretKeyRef(SecretKeyRef {
                name,
                key,
                optional: true,
            })),
        }
    }

    /// A field of the pod.
    pub fn field(name: &str, field_path: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            value_from: Some(EnvSource::FieldRef(FieldRef { field_path })),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvFrom {
    pub secret_ref: SecretRef,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecretRef {
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Resources {
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub requests: Pairs,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub limits: Pairs,
}

impl Resources {
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.limits.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    pub name: String,
    pub mount_path: String,
}

/// A map whose values keep their types.
#[derive(Clone, Debug, PartialEq)]
pub struct Map(pub Vec<(String, Value)>);

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter();
        serializer.collect_map(entries.map(|(key, value)| (key, crate::plan::json::to_json(value))))
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronWorkflowSpec {
    pub schedules: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    pub starting_deadline_seconds: u32,
    pub failed_jobs_history_limit: u32,
    pub successful_jobs_history_limit: u32,
    pub workflow_spec: CronTarget,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronTarget {
    pub workflow_template_ref: TemplateRef,
}

#[derive(Clone, Debug, Serialize)]
pub struct TemplateRef {
    pub name: String,
}
