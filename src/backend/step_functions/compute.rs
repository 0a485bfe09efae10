//! What a step's job asks of AWS Batch: `@batch` and `@resources` merged, the deployment's defaults filled in.
//! Metaflow 2.19: `batch_decorator.py`, `aws_utils.compute_resource_attributes`, `batch_client.py`.

use super::asl;
use super::job_definition::{
    ContainerProperties, Device, EfsVolume, EphemeralStorage, Host, JobDefinition, LinuxParameters,
    LogConfiguration, MountPoint, NetworkConfiguration, ResourceRequirement, Tmpfs, Volume,
};
use super::references::References;
use super::text::{Entries, Text};
use crate::plan::pod::full_image;
use crate::plan::{Plan, Task};
use crate::request::merge::{self, EffectiveCompute};
use crate::request::{BatchRequest, Compute};
use crate::settings::StepFunctionsSettings;
use crate::value::Value;

/// What one job is submitted with.
#[derive(Debug)]
pub struct Batch {
    pub queue: Text,
    pub definition: JobDefinition,
    pub resources: Vec<asl::ResourceRequirement>,
    /// `METAFLOW_TEMPDIR`
    pub tempdir: Option<String>,
    /// Of the decorator, in order.
    pub tags: Vec<(String, String)>,
    /// The decorator is in the source or given by `--with`, so that the task finds it.
    pub is_written: bool,
}

const NEURON_PERMISSIONS: [&str; 2] = ["READ", "WRITE"];

impl Batch {
    pub fn new(plan: &Plan, task: &Task, references: &mut References<'_>) -> Self {
        let none = BatchRequest::default();
        let written = request_of(task);
        let request = written.unwrap_or(&none);
        let sizes = merge::batch(request, task.request.resources.as_ref());
        let tmpfs = tmpfs(request, float(&sizes.memory)).filter(|_| !is_on_fargate(plan, request));
        Self {
            queue: references.queue(request.queue.as_deref()),
            resources: requirements(&sizes),
            tempdir: tmpfs
                .as_ref()
                .filter(|_| request.tmpfs_tempdir.unwrap_or(true))
                .map(|tmpfs| tmpfs.container_path.clone()),
            tags: tags(request),
            definition: definition(plan, request, &sizes, tmpfs, references),
            is_written: written.is_some(),
        }
    }
}

/// What a task's `@batch` asks for.
pub fn request_of(task: &Task) -> Option<&BatchRequest> {
    match &task.request.compute {
        Compute::Batch(request) => Some(request),
        Compute::Here | Compute::Kubernetes(_) => None,
    }
}

/// VCPU, GPU, MEMORY, in Metaflow's order.
fn requirements(sizes: &EffectiveCompute) -> Vec<asl::ResourceRequirement> {
    let one = |r#type, value| asl::ResourceRequirement { r#type, value };
    let mut all = vec![one("VCPU", general(float(&sizes.cpu)))];
    let gpu = sizes.gpu.as_deref().map_or(0.0, float);
    if gpu > 0.0 {
        all.push(one("GPU", truncated(gpu).to_string()));
    }
    all.push(one("MEMORY", truncated(float(&sizes.memory)).to_string()));
    all
}

/// A number as Metaflow writes it; a rule refuses what is none.
pub fn float(text: &str) -> f64 {
    text.trim().parse().unwrap_or(0.0)
}

/// Python's `"%g"`: six digits.
fn general(number: f64) -> String {
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    rounded.to_string()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "sizes of machines; Python's int()"
)]
pub fn truncated(number: f64) -> i64 {
    number as i64
}

pub fn whole(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::to_float).map(truncated)
}

fn definition(
    plan: &Plan,
    request: &BatchRequest,
    sizes: &EffectiveCompute,
    tmpfs: Option<Tmpfs>,
    references: &mut References<'_>,
) -> JobDefinition {
    let is_fargate = is_on_fargate(plan, request);
    let deployment = &plan.deployment;
    let registry = deployment
        .setting("BATCH_CONTAINER_REGISTRY")
        .or(deployment.setting("DEFAULT_CONTAINER_REGISTRY"));
    let (volumes, mount_points) = volumes(request);
    JobDefinition {
        r#type: "container",
        container_properties: ContainerProperties {
            image: full_image(request.image.as_deref(), deployment.image.as_deref(), registry),
            job_role_arn: references.job_role(request.iam_role.as_deref()),
            command: ["echo", "hello world"],
            resource_requirements: [
                ResourceRequirement {
                    value: "1",
                    r#type: "VCPU",
                },
                ResourceRequirement {
                    value: "4096",
                    r#type: "MEMORY",
                },
            ],
            privileged: request.privileged.filter(|&is_privileged| is_privileged),
            log_configuration: log_configuration(request),
            execution_role_arn: is_fargate
                .then(|| references.execution_role(request.execution_role.as_deref())),
            network_configuration: is_fargate.then_some(NetworkConfiguration {
                assign_public_ip: "ENABLED",
            }),
            ephemeral_storage: whole(request.ephemeral_storage.as_ref())
                .filter(|_| is_fargate)
                .map(|size| EphemeralStorage { size }),
            linux_parameters: (!is_fargate).then(|| linux_parameters(request, sizes, tmpfs)),
            volumes,
            mount_points,
            environment: Vec::new(),
        },
        propagate_tags: true,
        platform_capabilities: if is_fargate { vec!["FARGATE"] } else { Vec::new() },
    }
}

/// Another step may show that the queue is on Fargate.
pub fn is_on_fargate(plan: &Plan, request: &BatchRequest) -> bool {
    let settings = &plan.deployment.step_functions;
    let requests = std::iter::once(request).chain(plan.tasks.iter().filter_map(request_of));
    let queues = requests.map(|request| (queue_of(settings, request), request.ephemeral_storage.is_some()));
    settings.on_fargate(queues).contains(&queue_of(settings, request))
}

fn queue_of<'a>(settings: &'a StepFunctionsSettings, request: &'a BatchRequest) -> Option<&'a str> {
    request.queue.as_deref().or(settings.job_queue.as_deref())
}

fn linux_parameters(
    request: &BatchRequest,
    sizes: &EffectiveCompute,
    tmpfs: Option<Tmpfs>,
) -> LinuxParameters {
    LinuxParameters {
        shared_memory_size: sizes.shared_memory.as_deref().map(float).map(truncated),
        swappiness: whole(request.swappiness.as_ref()),
        max_swap: whole(request.max_swap.as_ref()),
        devices: devices(request),
        tmpfs: tmpfs.into_iter().collect(),
    }
}

fn devices(request: &BatchRequest) -> Vec<Device> {
    // `trainium` is another name of `inferentia`.
    let neurons = whole(request.inferentia.as_ref().or(request.trainium.as_ref())).unwrap_or(0);
    let neuron = |index| {
        let path = format!("/dev/neuron{index}");
        Device {
            container_path: Some(path.clone()),
            host_path: path,
            permissions: NEURON_PERMISSIONS.to_vec(),
        }
    };
    let has_adapter = whole(request.efa.as_ref()).is_some_and(|count| count > 0);
    let adapter = has_adapter.then(|| Device {
        container_path: None,
        host_path: "/dev/infiniband/uverbs0".to_owned(),
        permissions: Vec::new(),
    });
    (0..neurons).map(neuron).chain(adapter).collect()
}

/// Memory as a file system; half of the job's where no size is given.
pub fn tmpfs(request: &BatchRequest, memory: f64) -> Option<Tmpfs> {
    let size = whole(request.tmpfs_size.as_ref()).filter(|&size| size != 0);
    let uses = request.use_tmpfs.unwrap_or(false);
    let size = size.or_else(|| uses.then(|| truncated(memory) / 2))?;
    Some(Tmpfs {
        container_path: request
            .tmpfs_path
            .clone()
            .unwrap_or_else(|| "/metaflow_temp".to_owned()),
        size,
        mount_options: ["defaults"],
    })
}

fn log_configuration(request: &BatchRequest) -> Option<LogConfiguration> {
    let options = texts(request.log_options.as_ref());
    let driver = request.log_driver.clone().filter(|driver| !driver.is_empty());
    if driver.is_none() && options.is_empty() {
        return None;
    }
    let pair = |option: &String| {
        let (name, value) = option.split_once(':').unwrap_or((option, ""));
        (name.to_owned(), value.to_owned())
    };
    Some(LogConfiguration {
        log_driver: driver,
        options: Entries(options.iter().map(pair).collect()),
    })
}

pub fn volumes(request: &BatchRequest) -> (Vec<Volume>, Vec<MountPoint>) {
    let host = |text: &String| {
        let (host, container) = text.split_once(':').unwrap_or((text, text));
        let volume = Volume {
            name: volume_name(host),
            host: Some(Host {
                source_path: host.to_owned(),
            }),
            efs_volume_configuration: None,
        };
        (volume, container.to_owned())
    };
    let efs = |text: &String| {
        let given = text.split_once(':');
        let (id, container) = given.map_or_else(
            || (text.as_str(), format!("/mnt/{text}")),
            |(id, path)| (id, path.to_owned()),
        );
        let volume = Volume {
            name: volume_name(&format!("efs_{id}")),
            host: None,
            efs_volume_configuration: Some(EfsVolume {
                file_system_id: id.to_owned(),
                transit_encryption: "ENABLED",
            }),
        };
        (volume, container)
    };
    let hosts = texts(request.host_volumes.as_ref());
    let filesystems = texts(request.efs_volumes.as_ref());
    let all = hosts.iter().map(host).chain(filesystems.iter().map(efs));
    let (mut volumes, mut mounts) = (Vec::new(), Vec::new());
    for (volume, container_path) in all {
        let mount = MountPoint {
            source_volume: put_volume(volume, &mut volumes),
            container_path,
        };
        if !mounts.contains(&mount) {
            mounts.push(mount);
        }
    }
    (volumes, mounts)
}

/// What AWS takes as the name of a volume: Metaflow's, where it is one.
fn volume_name(text: &str) -> String {
    let fit = |character: char| match character {
        '-' => character,
        other if other.is_ascii_alphanumeric() => other,
        _ => '_',
    };
    text.chars().map(fit).collect()
}

/// The name of a volume, once for each: `/a.b` and `/a/b` come out the same, and one may be mounted twice.
fn put_volume(mut volume: Volume, volumes: &mut Vec<Volume>) -> String {
    let first = volume.name.clone();
    for number in 2.. {
        match volumes.iter().find(|other| other.name == volume.name) {
            Some(other) if *other == volume => return volume.name,
            Some(_) => volume.name = format!("{first}_{number}"),
            None => break,
        }
    }
    let name = volume.name.clone();
    volumes.push(volume);
    name
}

/// One text, or a list of them.
fn texts(value: Option<&Value>) -> Vec<String> {
    let Some(value) = value.filter(|value| value.is_truthy()) else {
        return Vec::new();
    };
    match value.as_sequence() {
        Some(items) => items.iter().map(Value::to_text).collect(),
        None => vec![value.to_text()],
    }
}

pub fn tags(request: &BatchRequest) -> Vec<(String, String)> {
    let entries = request
        .aws_batch_tags
        .as_ref()
        .and_then(Value::as_dict)
        .unwrap_or_default();
    entries
        .iter()
        .map(|(key, value)| (key.to_text(), value.to_text()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_percent_g() {
        assert_eq!(general(2.0), "2");
        assert_eq!(general(1.0 / 3.0), "0.333333");
    }
}
