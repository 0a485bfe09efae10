//! AWS Batch job definitions: what of a step's machine cannot be said when a job is submitted.
//! Metaflow 2.19: `batch_client.py`, `_register_job_definition`, in its order of keys.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha224};

use super::text::{Entries, Text};
use crate::plan::json;

/// A job definition as `RegisterJobDefinition` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobDefinition {
    pub r#type: &'static str,
    pub container_properties: ContainerProperties,
    /// AWS Batch's tags on the ECS tasks, too.
    pub propagate_tags: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platform_capabilities: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerProperties {
    pub image: String,
    pub job_role_arn: Text,
    pub command: [&'static str; 2],
    pub resource_requirements: [ResourceRequirement; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_configuration: Option<LogConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_role_arn: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_configuration: Option<NetworkConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<EphemeralStorage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linux_parameters: Option<LinuxParameters>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_points: Vec<MountPoint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceRequirement {
    pub value: &'static str,
    pub r#type: &'static str,
}

/// A variable that is the same for all jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    pub name: String,
    pub value: Text,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_driver: Option<String>,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub options: Entries<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkConfiguration {
    pub assign_public_ip: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EphemeralStorage {
    #[serde(rename = "sizeInGiB")]
    pub size: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinuxParameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_memory_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swappiness: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_swap: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<Tmpfs>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_path: Option<String>,
    pub host_path: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tmpfs {
    pub container_path: String,
    pub size: i64,
    pub mount_options: [&'static str; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efs_volume_configuration: Option<EfsVolume>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    pub source_path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EfsVolume {
    pub file_system_id: String,
    pub transit_encryption: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MountPoint {
    pub source_volume: String,
    pub container_path: String,
}

impl JobDefinition {
    /// The name under which Metaflow registers the same definition: a digest of Python's `str(dict)`, so that a
    /// definition that is there already is used.
    pub fn registered_name(&self) -> String {
        let text = json::from_json(&self.to_json()).to_repr();
        let digest = Sha224::digest(text.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("metaflow_{hex}")
    }

    /// As `aws batch register-job-definition --cli-input-json` takes it.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The properties of `AWS::Batch::JobDefinition`, whose names begin with capitals.
    pub fn to_cloudformation(&self) -> Map<String, Json> {
        match capitalized(self.to_json()) {
            Json::Object(properties) => properties,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => Map::new(),
        }
    }
}

fn capitalized(value: Json) -> Json {
    match value {
        Json::Object(entries) => {
            let renamed = entries.into_iter().map(|(key, value)| match key.as_str() {
                // Its keys are the log driver's.
                "options" => ("Options".to_owned(), of_options(value)),
                // A text that is made for a template already.
                "Fn::Sub" => (key, value),
                _ => (capital(&key), capitalized(value)),
            });
            Json::Object(renamed.collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(capitalized).collect()),
        Json::String(text) => of_template(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => value,
    }
}

fn of_options(options: Json) -> Json {
    let Json::Object(entries) = options else {
        return options;
    };
    let entries = entries.into_iter().map(|(key, value)| (key, capitalized(value)));
    Json::Object(entries.collect())
}

/// A text as a template leaves it alone.
fn of_template(text: String) -> Json {
    let mut text = Text::Plain(text);
    text.for_template();
    serde_json::to_value(&text).unwrap_or_default()
}

fn capital(key: &str) -> String {
    let mut characters = key.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
