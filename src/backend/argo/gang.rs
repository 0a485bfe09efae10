//! `num_parallel`: tasks that run at the same time and know each other, as a JobSet that a resource template
//! creates. Argo's `templateDefaults` do not reach its pods, so that they hold everything themselves.
//! Metaflow 2.19: `argo_workflows.py` and `kubernetes_jobsets.py`.

use serde::Serialize;

use super::document::{
    Container, DagTask, Env, Metadata, Pairs, Parameter, Parameters, ResourceTemplate, Template, Text,
    Toleration, Volume,
};
use super::names::Names;
use super::way::path_tag;
use super::{metadata, script, text};
use crate::plan::pod;
use crate::plan::{Plan, TaskId};

/// Stands for the number of workers until the manifest is a text; Argo's expression is no YAML number.
const WORKERS: u32 = 987_654_321;
const WORKERS_EXPRESSION: &str = "{{=asInt(inputs.parameters['num-parallel']) - 1}}";
/// A finished JobSet is kept for a week (Metaflow's value).
const KEPT_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Inputs of the gang's template beside the input paths; the split step writes them.
const SIZE: &str = "num-parallel";
const ENTROPY: &str = "task-id-entropy";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JobSet {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: JobSetSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JobSetSpec {
    replicated_jobs: Vec<ReplicatedJob>,
}

#[derive(Serialize)]
struct ReplicatedJob {
    name: &'static str,
    replicas: u32,
    template: JobTemplate,
}

#[derive(Serialize)]
struct JobTemplate {
    spec: JobSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JobSpec {
    backoff_limit: u32,
    completions: u32,
    parallelism: u32,
    ttl_seconds_after_finished: u32,
    template: PodTemplate,
}

#[derive(Serialize)]
struct PodTemplate {
    metadata: Metadata,
    spec: PodSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    active_deadline_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_account_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_pull_secrets: Vec<PullSecret>,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    node_selector: Pairs,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tolerations: Vec<Toleration>,
    restart_policy: &'static str,
    #[serde(rename = "setHostnameAsFQDN")]
    set_hostname_as_fqdn: bool,
    subdomain: String,
    termination_grace_period_seconds: u32,
    containers: Vec<NamedContainer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<Volume>,
}

#[derive(Serialize)]
struct PullSecret {
    name: String,
}

#[derive(Serialize)]
struct NamedContainer {
    name: &'static str,
    #[serde(flatten)]
    container: Container,
}

pub fn name(names: &Names, first: TaskId) -> String {
    format!("gang-{}", names.get(first))
}

/// The task that runs the gang, called after its step.
pub fn task(names: &Names, split: TaskId, first: TaskId) -> DagTask {
    let before = names.get(split);
    let output = |output: &str| format!("{{{{tasks.{before}.outputs.parameters.{output}}}}}");
    DagTask {
        name: names.get(first).to_owned(),
        template: name(names, first),
        depends: Some(format!("{before}.Succeeded")),
        arguments: Parameters::new(vec![
            Parameter::value("input-paths", path_tag(before)),
            Parameter::value(SIZE, output(SIZE)),
            Parameter::value(ENTROPY, output(ENTROPY)),
        ]),
        ..DagTask::default()
    }
}

/// The resource template of a gang. `leaf` says what the step's pods need beyond what all have.
pub fn template(plan: &Plan, names: &Names, leaf: &Template, common: &Container, first: TaskId) -> Template {
    let step = &plan.task(first).step;
    let jobset = JobSet {
        api_version: "jobset.x-k8s.io/v1alpha2",
        kind: "JobSet",
        metadata: Metadata {
            name: Some(jobset_name(leaf)),
            ..gang_metadata(plan, leaf, step)
        },
        spec: JobSetSpec {
            replicated_jobs: vec![
                job(plan, leaf, common, step, first, "control", 1),
                job(plan, leaf, common, step, first, "worker", WORKERS),
            ],
        },
    };
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let manifest = serde_saphyr::to_string_with_options(&jobset, options).unwrap_or_default();
    Template {
        inputs: Parameters::new(["input-paths", SIZE, ENTROPY].map(Parameter::input).into()),
        retry_strategy: leaf.retry_strategy.clone(),
        resource: Some(ResourceTemplate {
            action: "create",
            set_owner_reference: true,
            success_condition: "status.terminalState == Completed",
            failure_condition: "status.terminalState == Failed",
            manifest: Text::Script(manifest.replace(&WORKERS.to_string(), WORKERS_EXPRESSION)),
        }),
        service_account_name: leaf.service_account_name.clone(),
        ..Template::dag(&name(names, first))
    }
}

/// Each attempt has a JobSet of its own.
fn jobset_name(leaf: &Template) -> String {
    let attempt = if leaf.retry_strategy.is_some() {
        "-{{retries}}"
    } else {
        ""
    };
    format!("js-{{{{inputs.parameters.{ENTROPY}}}}}{attempt}")
}

fn gang_metadata(plan: &Plan, leaf: &Template, step: &str) -> Metadata {
    let mut metadata = metadata::pod(plan);
    metadata
        .labels
        .put("metaflow/argo-workflows-name", "{{workflow.name}}");
    metadata
        .labels
        .put("workflows.argoproj.io/workflow", "{{workflow.name}}");
    metadata
        .labels
        .put("num_parallel", format!("{{{{inputs.parameters.{SIZE}}}}}"));
    metadata
        .labels
        .put("task_id_entropy", format!("{{{{inputs.parameters.{ENTROPY}}}}}"));
    metadata.labels.0.extend(leaf.metadata.labels.0.iter().cloned());
    let own = leaf.metadata.annotations.0.iter().cloned();
    metadata.annotations.0.extend(own.map(|(key, value)| {
        let value = if key == "metaflow/step_name" {
            step.to_owned()
        } else {
            value
        };
        (key, value)
    }));
    metadata
}

fn job(
    plan: &Plan,
    leaf: &Template,
    common: &Container,
    step: &str,
    first: TaskId,
    role: &'static str,
    replicas: u32,
) -> ReplicatedJob {
    let pod = pod::pod(&plan.task(first).request, &plan.deployment);
    let spec = PodSpec {
        active_deadline_seconds: leaf.active_deadline_seconds,
        service_account_name: leaf.service_account_name.clone(),
        image_pull_secrets: pod
            .image_pull_secrets
            .into_iter()
            .map(|name| PullSecret { name })
            .collect(),
        node_selector: leaf.node_selector.clone(),
        tolerations: leaf.tolerations.clone(),
        restart_policy: "Never",
        set_hostname_as_fqdn: true,
        subdomain: jobset_name(leaf),
        termination_grace_period_seconds: 0,
        containers: vec![NamedContainer {
            name: "main",
            container: container(plan, leaf, common, step, role),
        }],
        volumes: leaf.volumes.clone(),
    };
    ReplicatedJob {
        name: role,
        replicas,
        template: JobTemplate {
            spec: JobSpec {
                backoff_limit: 0,
                completions: 1,
                parallelism: 1,
                ttl_seconds_after_finished: KEPT_SECONDS,
                template: PodTemplate {
                    metadata: gang_metadata(plan, leaf, step),
                    spec,
                },
            },
        },
    }
}

/// The step's container with everything that `templateDefaults` would give it.
fn container(plan: &Plan, leaf: &Template, common: &Container, step: &str, role: &str) -> Container {
    let own = leaf.container.clone().unwrap_or_default();
    let mut env = own.env;
    env.extend(variables(
        leaf,
        step,
        role,
        own.ports.first().map(|port| port.container_port),
    ));
    let defaults = common
        .env
        .iter()
        .filter(|default| !env.iter().any(|own| own.name == default.name));
    let mut defaults: Vec<Env> = defaults.cloned().collect();
    env.append(&mut defaults);
    // The empty variable has to stand before those that need it.
    env.sort_by_key(|variable| variable.name != text::EMPTY);
    Container {
        image: own.image.or_else(|| common.image.clone()),
        command: ["bash", "-c"]
            .map(|word| Text::Word(word.to_owned()))
            .into_iter()
            .chain([Text::Script(script::gang(plan))])
            .collect(),
        working_dir: common.working_dir.clone(),
        env,
        resources: if own.resources.is_empty() {
            common.resources.clone()
        } else {
            own.resources
        },
        termination_message_policy: common.termination_message_policy,
        image_pull_policy: own.image_pull_policy,
        ports: own.ports,
        env_from: own.env_from,
        security_context: own.security_context,
        volume_mounts: own.volume_mounts,
    }
}

/// What tells a pod its place in the gang, and where to find the others.
fn variables(leaf: &Template, step: &str, role: &str, port: Option<i64>) -> Vec<Env> {
    let jobset = jobset_name(leaf);
    let entropy = format!("{{{{inputs.parameters.{ENTROPY}}}}}");
    let context = if role == "control" {
        "ubf_control"
    } else {
        "ubf_task"
    };
    // Argo's tag: the JobSet lies in the workflow's namespace.
    let namespace = "{{workflow.namespace}}";
    let mut env = vec![
        Env::new("METAFLOW_STEP_NAME", step),
        Env::new("INPUT_PATHS", "{{inputs.parameters.input-paths}}"),
        Env::new("TASK_ID_PREFIX", role),
        Env::new("FLOWC_ENTROPY", entropy.as_str()),
        Env::new("UBF_CONTEXT", context),
        Env::new(
            "MF_MASTER_ADDR",
            format!("{jobset}-control-0-0.{jobset}.{namespace}.svc.cluster.local"),
        ),
        Env::new("MF_WORLD_SIZE", format!("{{{{inputs.parameters.{SIZE}}}}}")),
        Env::new("MF_PARALLEL_CONTROL_TASK_ID", format!("control-{entropy}-0")),
    ];
    env.extend(port.map(|port| Env::new("MF_MASTER_PORT", port.to_string())));
    if role == "control" {
        env.push(Env::new("MF_CONTROL_INDEX", "0"));
    }
    let annotations = [
        (
            "MF_WORKER_REPLICA_INDEX",
            "metadata.annotations['jobset.sigs.k8s.io/job-index']",
        ),
        (
            "JOBSET_RESTART_ATTEMPT",
            "metadata.annotations['jobset.sigs.k8s.io/restart-attempt']",
        ),
        (
            "TASK_ID_SUFFIX",
            "metadata.annotations['jobset.sigs.k8s.io/job-index']",
        ),
        (
            "METAFLOW_KUBERNETES_JOBSET_NAME",
            "metadata.annotations['jobset.sigs.k8s.io/jobset-name']",
        ),
    ];
    env.extend(annotations.map(|(name, path)| Env::field(name, path)));
    env
}
