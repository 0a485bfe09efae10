//! Pods that are no tasks of the flow: exit handlers and the daemon. They run where the start step runs: its
//! image, account, nodes and secrets, as far as its `@kubernetes` or the deployment says.

use super::document::{
    Container, Env, Map, Metadata, Pairs, Parameter, Parameters, Resources, Template, Text,
};
use super::leaf;
use crate::plan::{Plan, pod};
use crate::request::Request;

/// The templates of a plan's handlers.
pub struct Handlers<'a> {
    pub plan: &'a Plan,
    common: &'a Container,
}

/// What one of them is besides its place.
pub struct Handler {
    pub name: String,
    /// Inputs that every caller gives.
    pub inputs: &'static [&'static str],
    pub command: Vec<Text>,
    pub env: Vec<Env>,
    pub resources: Resources,
    /// In place of the start step's.
    pub image: Option<String>,
}

impl<'a> Handlers<'a> {
    pub fn new(plan: &'a Plan, common: &'a Container) -> Self {
        Self { plan, common }
    }

    pub fn template(&self, handler: Handler) -> Template {
        let Handler {
            name,
            inputs,
            command,
            env,
            resources,
            image,
        } = handler;
        let none = Request::default();
        let start = self.plan.tasks.iter().find(|task| task.role.is_start);
        let pod = pod::pod(start.map_or(&none, |task| &task.request), &self.plan.deployment);
        let image = image.unwrap_or_else(|| pod.image.clone());
        let mut annotations = Pairs::default();
        annotations.put("metaflow/handler", &name);
        annotations.0.extend(pod.annotations.clone());
        let inputs = inputs.iter().map(|&name| Parameter::input(name));
        Template {
            inputs: Parameters::new(inputs.collect()),
            container: Some(Container {
                image: Some(image).filter(|image| self.common.image.as_ref() != Some(image)),
                image_pull_policy: pod.image_pull_policy.clone(),
                command,
                env,
                env_from: leaf::secrets(&pod.secrets),
                resources,
                security_context: Some(Map(pod.security_context.clone()))
                    .filter(|context| !context.0.is_empty()),
                ..Container::default()
            }),
            service_account_name: pod.service_account.clone(),
            metadata: Metadata {
                labels: pod.labels.clone().into_iter().collect(),
                annotations,
                ..Metadata::default()
            },
            node_selector: pod.node_selector.clone().into_iter().collect(),
            tolerations: pod.tolerations.iter().cloned().map(leaf::toleration).collect(),
            pod_spec_patch: leaf::pull_secrets_patch(&pod),
            ..Template::dag(&name)
        }
    }
}

/// What a program that does little needs. It says something of the disk, as the defaults are a task's.
pub fn small(cpu: &str, memory: &str, memory_limit: &str) -> Resources {
    let mut requests = Pairs::default();
    requests.put("cpu", cpu);
    requests.put("memory", memory);
    requests.put("ephemeral-storage", "100Mi");
    let mut limits = Pairs::default();
    limits.put("cpu", cpu);
    limits.put("memory", memory_limit);
    Resources { requests, limits }
}

/// `bash -c SCRIPT`
pub fn bash(script: String) -> Vec<Text> {
    let words = ["bash", "-c"].map(|word| Text::Word(word.to_owned()));
    words.into_iter().chain([Text::Script(script)]).collect()
}
