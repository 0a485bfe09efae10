//! Leaf templates: the pods. Steps whose pods differ in nothing but their inputs share one: `step` those that ask for
//! nothing, each other shape its own, called after the first step that has it (`step-train`), so that a decorator on
//! one step changes no other. What all have in common stands in the workflow's `templateDefaults`.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{
    Backoff, Container, Env, EnvFrom, Map, Metadata, Pairs, Parameter, Parameters, Port, Resources,
    RetryStrategy, SecretRef, Template, Toleration, ValueFrom, Volume, VolumeMount,
};
use super::names;
use super::place::{Input, Place};
use super::text;
use crate::plan::pod::{self, Pod, TEMPDIR, plain};
use crate::plan::python_environment::{self, Interpreter};
use crate::plan::{Fan, Plan, Task, TaskId};
use crate::request::{Attempts, EnvVar, Request};

/// Metaflow's `METAFLOW_DEFAULT_RUNTIME_LIMIT`, in seconds.
const RUNTIME_LIMIT: u64 = 5 * 24 * 60 * 60;
/// Metaflow's `MAX_ATTEMPTS` is 6: a task of attempt 6 or later always fails.
const RETRY_LIMIT: u8 = 5;
/// Metaflow's default of `minutes_between_retries`, in seconds.
const RETRY_DELAY: u64 = 120;
/// The leaf of steps that ask for nothing.
const NAME: &str = "step";
/// Where tasks leave their results.
pub const OUT: &str = "out";
pub const OUT_PATH: &str = "/mnt/out";

/// Leaf templates by task.
#[derive(Debug)]
pub struct Leaves {
    /// Distinct leaves without name and inputs, in the order of their first task.
    shapes: Vec<Shape>,
    /// Index into `shapes` for each task.
    of_task: Vec<usize>,
    /// The leaves of steps that run as gangs, which have templates of another kind.
    gangs: BTreeMap<TaskId, Template>,
}

#[derive(Debug)]
struct Shape {
    /// Of the finished template.
    name: String,
    template: Template,
    inputs: Vec<Input>,
    is_switch: bool,
    is_foreach: bool,
    opens_gang: bool,
}

impl Leaves {
    /// `common`: what `templateDefaults` gives already; `reserved`: variables that a user's do not override.
    pub fn new(plan: &Plan, common: &Container, reserved: &[String]) -> Self {
        let mut leaves = Self {
            shapes: Vec::new(),
            of_task: Vec::new(),
            gangs: BTreeMap::new(),
        };
        let plain = plan.tasks.first().map(|task| Task {
            request: Request::default(),
            ..task.clone()
        });
        let plain = plain.map(|task| template(plan, &task, common, reserved));
        let mut taken = BTreeSet::new();
        for id in plan.ids() {
            let template = template(plan, plan.task(id), common, reserved);
            if is_gang(plan, id) {
                leaves.gangs.insert(id, template);
                leaves.of_task.push(0);
                continue;
            }
            let known = leaves.shapes.iter().position(|shape| shape.template == template);
            let index = known.unwrap_or(leaves.shapes.len());
            if known.is_none() {
                let name = if plain.as_ref() == Some(&template) {
                    NAME.to_owned()
                } else {
                    names::of_leaf(&plan.task(id).step, &mut taken)
                };
                leaves.shapes.push(Shape {
                    name,
                    template,
                    inputs: Vec::new(),
                    is_switch: false,
                    is_foreach: false,
                    opens_gang: false,
                });
            }
            if let Some(shape) = leaves.shapes.get_mut(index) {
                shape.add(plan, id);
            }
            leaves.of_task.push(index);
        }
        leaves
    }

    /// The name of a task's leaf template.
    pub fn name(&self, id: TaskId) -> String {
        let shape = self.of_task.get(id.0).and_then(|&index| self.shapes.get(index));
        shape.map_or_else(|| NAME.to_owned(), |shape| shape.name.clone())
    }

    /// What the pods of a gang need beyond what all have.
    pub fn gang(&self, id: TaskId) -> Template {
        self.gangs.get(&id).cloned().unwrap_or_default()
    }

    /// The finished templates.
    pub fn templates(self) -> impl Iterator<Item = Template> {
        self.shapes.into_iter().map(Shape::finish)
    }
}

/// The step of `num_parallel`.
fn is_gang(plan: &Plan, id: TaskId) -> bool {
    let split = plan.task(id).predecessors.first();
    split.is_some_and(|&split| match plan.task(split).role.fans {
        Fan::Parallel { first, .. } => first == id,
        Fan::None | Fan::Split { .. } | Fan::Foreach { .. } | Fan::Switch { .. } => false,
    })
}

impl Shape {
    fn add(&mut self, plan: &Plan, id: TaskId) {
        let task = plan.task(id);
        self.inputs.extend(Place::of(plan, id).inputs());
        self.is_switch |= task.is_switch();
        self.is_foreach |= task.fan_out().is_some();
        self.opens_gang |= matches!(task.role.fans, Fan::Parallel { .. });
    }

    /// Adds the inputs that some task of this shape is given, their variables, and the results.
    fn finish(mut self) -> Template {
        self.inputs.sort_unstable();
        self.inputs.dedup();
        let optional = [Input::Paths].into_iter().chain(self.inputs);
        let mut inputs = vec![Parameter::input(Input::Step.name())];
        let mut variables = vec![Env::new(Input::Step.variable(), Input::Step.tag())];
        for input in optional {
            inputs.push(Parameter::optional(input.name()));
            variables.push(Env::new(input.variable(), input.tag()));
        }
        let results = [
            ("path", "path", true),
            ("next", "switch_step", self.is_switch),
            ("cardinality", "split_cardinality", self.is_foreach),
            (Input::GangSize.name(), "num_parallel", self.opens_gang),
            (Input::Entropy.name(), "task_id_entropy", self.opens_gang),
        ];
        let outputs = results.into_iter().filter(|(.., is_needed)| *is_needed);
        let outputs = outputs.map(|(name, file, _)| {
            let path = format!("{OUT_PATH}/{file}");
            Parameter::output(name, ValueFrom::Path { path, default: "" })
        });
        let mut template = self.template;
        template.name = self.name;
        template.inputs = Parameters::new(inputs);
        template.outputs = Parameters::new(outputs.collect());
        if let Some(container) = &mut template.container {
            container.env.append(&mut variables);
        }
        template
    }
}

/// A step's leaf without name, inputs and outputs.
fn template(plan: &Plan, task: &Task, common: &Container, reserved: &[String]) -> Template {
    let Request {
        attempts,
        deadline,
        compute: _,
        resources: _,
        environment,
        // Acted on inside the task, as the source says.
        secrets: _,
        catch: _,
        // Which Python they make is known to the plan.
        conda: _,
        pypi: _,
        parallel: _,
    } = &task.request;
    let pod = pod::pod(&task.request, &plan.deployment);
    let limit = plan
        .deployment
        .setting("DEFAULT_RUNTIME_LIMIT")
        .and_then(|limit| limit.parse().ok());
    let python = match python_environment::interpreter(plan, task) {
        Interpreter::OfImage => None,
        Interpreter::Solved(id) => Some(id),
        // In a draft alone.
        Interpreter::Unnamed => Some("PYTHON-VERSION".to_owned()),
    };
    let retries = retries(attempts);
    let attempt = if retries > 0 { "{{retries}}" } else { "0" };
    let mut annotations = Pairs::default();
    annotations.put("metaflow/step_name", Input::Step.tag());
    annotations.put("metaflow/attempt", attempt);
    annotations.0.extend(pod.annotations.clone());
    Template {
        active_deadline_seconds: Some(deadline.or(limit).unwrap_or(RUNTIME_LIMIT)),
        service_account_name: pod.service_account.clone(),
        retry_strategy: (retries > 0).then(|| retry_strategy(retries, attempts)),
        metadata: Metadata {
            labels: pod.labels.clone().into_iter().collect(),
            annotations,
            ..Metadata::default()
        },
        volumes: volumes(&pod),
        node_selector: pod.node_selector.clone().into_iter().collect(),
        tolerations: pod.tolerations.iter().cloned().map(toleration).collect(),
        pod_spec_patch: pull_secrets_patch(&pod),
        container: Some(container(
            &pod,
            environment,
            reserved,
            common,
            attempt,
            attempts.user,
            python,
        )),
        ..Template::default()
    }
}

/// The retries of the user's code and those that `@catch` adds, as many as Metaflow accepts.
fn retries(attempts: &Attempts) -> u8 {
    attempts.user.saturating_add(attempts.fallback).min(RETRY_LIMIT)
}

fn retry_strategy(retries: u8, attempts: &Attempts) -> RetryStrategy {
    let seconds = attempts.delay.unwrap_or(RETRY_DELAY);
    let duration = if seconds.is_multiple_of(60) {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    };
    RetryStrategy {
        retry_policy: "Always",
        limit: retries.to_string(),
        backoff: (seconds > 0).then_some(Backoff { duration }),
    }
}

fn container(
    pod: &Pod,
    environment: &[EnvVar],
    reserved: &[String],
    common: &Container,
    attempt: &str,
    user_retries: u8,
    python: Option<String>,
) -> Container {
    let own = environment
        .iter()
        .filter(|variable| !reserved.contains(&variable.name))
        .filter(|variable| !super::takes(&variable.name, environment))
        .filter(|variable| pod.tempdir().is_none() || variable.name != TEMPDIR)
        .cloned();
    let own: Vec<EnvVar> = own.collect();
    let mut env = text::variables(&own);
    env.extend(pod.tempdir().map(|path| Env::new(TEMPDIR, text::escape(path))));
    env.push(Env::new("METAFLOW_RETRY_COUNT", attempt));
    env.push(Env::new("FLOWC_USER_RETRIES", user_retries.to_string()));
    env.extend(python.map(|id| Env::new("FLOWC_ENVIRONMENT_ID", id)));
    let resources = resources(pod);
    Container {
        image: Some(pod.image.clone()).filter(|image| common.image.as_ref() != Some(image)),
        image_pull_policy: pod.image_pull_policy.clone(),
        ports: pod
            .port
            .map(|container_port| Port { container_port })
            .into_iter()
            .collect(),
        env,
        env_from: secrets(&pod.secrets),
        resources: if resources == common.resources {
            Resources::default()
        } else {
            resources
        },
        security_context: Some(Map(pod.security_context.clone())).filter(|context| !context.0.is_empty()),
        volume_mounts: mounts(pod),
        ..Container::default()
    }
}

/// Kubernetes secrets whose entries become variables.
pub fn secrets(names: &[String]) -> Vec<EnvFrom> {
    let names = names.iter().cloned();
    names
        .map(|name| EnvFrom {
            secret_ref: SecretRef { name },
        })
        .collect()
}

/// Requests, and limits where the pod asks for some.
pub fn resources(pod: &Pod) -> Resources {
    let mut requests = Pairs::default();
    requests.put("cpu", plain(pod.cpu));
    requests.put("memory", format!("{}M", plain(pod.memory)));
    requests.put("ephemeral-storage", format!("{}M", plain(pod.disk)));
    let mut limits = if pod.is_guaranteed {
        requests.clone()
    } else {
        Pairs::default()
    };
    // `{"memory": "8Gi"}` counts more than `memory`, as in Metaflow.
    for (name, count) in &pod.extended_resources {
        requests.put(name, count.as_str());
        limits.put(name, count.as_str());
    }
    if let Some((name, count)) = &pod.gpu {
        limits.put(name, count.as_str());
    }
    Resources { requests, limits }
}

fn volumes(pod: &Pod) -> Vec<Volume> {
    let mut volumes = Vec::new();
    volumes.extend(
        pod.tmpfs
            .as_ref()
            .map(|tmpfs| Volume::empty_dir("tmpfs-ephemeral-volume", Some(tmpfs.size))),
    );
    volumes.extend(
        pod.shared_memory
            .map(|size| Volume::empty_dir("dhsm", Some(size))),
    );
    volumes.extend(pod.volume_claims.keys().map(|claim| Volume::claim(claim)));
    volumes
}

fn mounts(pod: &Pod) -> Vec<VolumeMount> {
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
    };
    let mut mounts = Vec::new();
    mounts.extend(
        pod.tmpfs
            .as_ref()
            .map(|tmpfs| mount("tmpfs-ephemeral-volume", &tmpfs.path)),
    );
    mounts.extend(pod.shared_memory.map(|_| mount("dhsm", "/dev/shm")));
    mounts.extend(pod.volume_claims.iter().map(|(claim, path)| mount(claim, path)));
    mounts
}

/// In Kubernetes' spelling.
pub fn toleration(toleration: pod::Toleration) -> Toleration {
    let pod::Toleration {
        key,
        operator,
        value,
        effect,
        seconds,
    } = toleration;
    Toleration {
        key,
        operator,
        value,
        effect,
        seconds,
    }
}

/// Argo's templates have no field for these, the pod has.
pub fn pull_secrets_patch(pod: &Pod) -> Option<String> {
    if pod.image_pull_secrets.is_empty() {
        return None;
    }
    let names = pod
        .image_pull_secrets
        .iter()
        .map(|name| serde_json::json!({ "name": name }));
    let names: Vec<serde_json::Value> = names.collect();
    Some(serde_json::json!({ "imagePullSecrets": names }).to_string())
}
