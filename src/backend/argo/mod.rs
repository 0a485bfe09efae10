//! Argo Workflows: one WorkflowTemplate, a CronWorkflow for a flow with a schedule, and a Sensor for one that
//! events start.
//!
//! The shapes were run on the controller of Argo 4.1. A step is a task of a DAG that calls a leaf template
//! ([`leaf`]); steps whose pods are alike share one, and the script ([`script`]), the image and the constants
//! stand once in `templateDefaults`. [`way`] spells how a task is reached, [`dag`] lays out the templates,
//! [`loops`] and [`parts`] get around the limits of nesting and of tasks in a DAG.
//!
//! Values of users never pass between tasks: only ids, names of steps and numbers do.

use crate::backend::script::EXPORTED;
use crate::backend::{Emitted, Format, Limit, Measure};
use crate::plan::environment::{self, Runtime};
use crate::plan::{Plan, pod};
use crate::request::{EnvVar, Request};
use crate::settings::{ArgoSettings, Code};

mod cron;
mod dag;
mod document;
mod events;
mod gang;
mod handler;
mod heartbeat;
mod hooks;
mod leaf;
mod loops;
mod metadata;
mod names;
mod nesting;
pub mod notices;
mod notify;
mod parameters;
mod parts;
mod place;
mod script;
mod sensor;
mod text;
mod way;
mod yaml;

use document::{
    API_VERSION, Container, Document, Env, PodGc, Template, TemplateDefaults, Text, TtlStrategy, Volume,
    VolumeMount, WorkflowSpec,
};
use yaml::Object;

/// The definition of a flow.
pub fn emit(plan: &Plan, format: Format) -> Emitted {
    let name = names::workflow(plan);
    let template = template(plan, &name);
    let mut measures = measures(plan, &name, &template);
    let mut objects = vec![Object::Template(Box::new(template))];
    let sensor = sensor::sensor(plan, &events::all(plan), &name);
    objects.extend(cron::workflow(plan, &name).map(Box::new).map(Object::Cron));
    objects.extend(sensor.map(Box::new).map(Object::Sensor));
    measures.extend(objects.first().map(|object| size(plan, object)));
    let (text, extension) = match format {
        Format::Usual | Format::Yaml => (yaml::yaml(plan, &objects), "yaml"),
        Format::Json => (yaml::json(&objects), "json"),
    };
    let file = format!("{name}.{extension}");
    let kustomization = plan
        .deployment
        .argo
        .kustomization
        .then(|| yaml::kustomization(&file));
    let kustomization = kustomization.map(|text| ("kustomization.yaml".to_owned(), text));
    Emitted {
        files: [(file, text)].into_iter().chain(kustomization).collect(),
        measures,
    }
}

fn template(plan: &Plan, name: &str) -> Document<WorkflowSpec> {
    let common = defaults(plan, name, &constants(plan));
    let names = names::Names::new(plan);
    let reserved = reserved(&common);
    let leaves = leaf::Leaves::new(plan, &common, &reserved);
    let mut templates = dag::templates(plan, &names, &leaves, &common);
    templates.extend(leaves.templates());
    let handlers = handler::Handlers::new(plan, &common);
    templates.extend(heartbeat::template(&handlers));
    let (hooks, called) = hooks::hooks(&handlers);
    templates.extend(called);
    let argo = &plan.deployment.argo;
    Document {
        api_version: API_VERSION,
        kind: "WorkflowTemplate",
        metadata: metadata::template(plan, name),
        spec: WorkflowSpec {
            active_deadline_seconds: plan.deployment.workflow_timeout,
            parallelism: plan.deployment.max_workers,
            priority: argo.workflow_priority,
            ttl_strategy: time_to_live(argo),
            pod_gc: argo.pod_gc.clone().map(|strategy| PodGc { strategy }),
            workflow_metadata: metadata::workflow(plan),
            pod_metadata: metadata::pod(plan),
            entrypoint: dag::ENTRYPOINT,
            on_exit: hooks::on_exit(plan),
            hooks,
            arguments: parameters::arguments(plan),
            volumes: vec![Volume::empty_dir(leaf::OUT, None)],
            template_defaults: TemplateDefaults { container: common },
            templates,
        },
    }
}

fn constants(plan: &Plan) -> Vec<EnvVar> {
    environment::common(
        plan,
        Runtime {
            name: "argo-workflows",
            user: "argo-workflows",
            environment: "kubernetes",
        },
    )
}

fn time_to_live(argo: &ArgoSettings) -> TtlStrategy {
    TtlStrategy {
        seconds_after_completion: argo.time_to_live.after_completion,
        seconds_after_success: argo.time_to_live.after_success,
        seconds_after_failure: argo.time_to_live.after_failure,
    }
}

/// What every container has, unless its leaf says otherwise.
fn defaults(plan: &Plan, name: &str, constants: &[EnvVar]) -> Container {
    let script = script::script(plan);
    let pod = pod::pod(&Request::default(), &plan.deployment);
    let owner = &plan.deployment.owner;
    let mut env = vec![
        Env::new("ARGO_WORKFLOW_NAME", "{{workflow.name}}"),
        Env::new("ARGO_WORKFLOW_NAMESPACE", "{{workflow.namespace}}"),
        Env::new("ARGO_WORKFLOW_TEMPLATE", name),
        Env::new("FLOWC_CREATED", "{{workflow.creationTimestamp}}"),
        Env::new("USER", text::escape(owner)),
        Env::new("METAFLOW_KUBERNETES_WORKLOAD", "1"),
    ];
    let mut user_texts = text::variables(constants);
    if user_texts.first().is_some_and(|first| first.name == text::EMPTY) {
        user_texts.remove(0);
        env.insert(0, text::empty());
    } else if script::needs_empty(&script) || text::needs_empty(owner) {
        env.insert(0, text::empty());
    }
    env.append(&mut user_texts);
    env.append(&mut events::variables(&events::all(plan)));
    env.extend(FIELDS.map(|(name, path)| Env::field(name, path)));
    let skipped = plan
        .deployment
        .setting("ARGO_WORKFLOWS_ENV_VARS_TO_SKIP")
        .unwrap_or("");
    env.retain(|variable| !skipped.split(',').any(|name| name.trim() == variable.name));
    Container {
        image: Some(default_image(plan)),
        command: vec![
            Text::Word("bash".to_owned()),
            Text::Word("-c".to_owned()),
            Text::Script(script),
        ],
        working_dir: match &plan.deployment.code {
            Code::Image { directory } => directory.clone(),
            Code::Package { .. } => None,
        },
        env,
        resources: leaf::resources(&pod),
        termination_message_policy: Some("FallbackToLogsOnError"),
        volume_mounts: vec![VolumeMount {
            name: leaf::OUT.to_owned(),
            mount_path: leaf::OUT_PATH.to_owned(),
        }],
        ..Container::default()
    }
}

/// The deployment's image; where it has none every step names its own, and the first one's does.
fn default_image(plan: &Plan) -> String {
    let deployment = &plan.deployment;
    let is_given = deployment.image.is_some() || deployment.setting("KUBERNETES_CONTAINER_IMAGE").is_some();
    let none = Request::default();
    let first = plan.tasks.first().filter(|_| !is_given);
    pod::pod(first.map_or(&none, |task| &task.request), deployment).image
}

/// What the pod knows of itself; Metaflow records it with each task.
const FIELDS: [(&str, &str); 6] = [
    ("METAFLOW_KUBERNETES_NAMESPACE", "metadata.namespace"),
    ("METAFLOW_KUBERNETES_POD_NAMESPACE", "metadata.namespace"),
    ("METAFLOW_KUBERNETES_POD_NAME", "metadata.name"),
    ("METAFLOW_KUBERNETES_POD_ID", "metadata.uid"),
    (
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT_NAME",
        "spec.serviceAccountName",
    ),
    ("METAFLOW_KUBERNETES_NODE_IP", "status.hostIP"),
];

/// Variables that the definition sets itself: a user's `@environment` does not override them, as in Metaflow.
pub fn own_variables(plan: &Plan) -> Vec<String> {
    let mut own = reserved(&defaults(plan, "", &constants(plan)));
    own.extend(OF_SCRIPT.into_iter().chain(EXPORTED).map(str::to_owned));
    own
}

/// Does a task with these variables need [`text::EMPTY`] for itself? All pods have it where they need it.
pub fn takes(name: &str, environment: &[EnvVar]) -> bool {
    name == text::EMPTY && text::need_empty(environment)
}

/// What the script makes of others.
const OF_SCRIPT: [&str; 2] = ["METAFLOW_RUN_ID", "METAFLOW_TASK_ID"];

fn reserved(common: &Container) -> Vec<String> {
    let per_leaf = [
        "METAFLOW_RETRY_COUNT",
        "FLOWC_USER_RETRIES",
        "FLOWC_ENVIRONMENT_ID",
    ];
    let inputs = place::Input::ALL.map(place::Input::variable);
    let common = common.env.iter().map(|variable| variable.name.clone());
    // Metaflow's tasks have the deployer's USER only where a step does not set one.
    let common = common.filter(|name| name != "USER");
    let fixed = per_leaf.into_iter().chain(inputs).map(str::to_owned);
    common.chain(fixed).collect()
}

fn measures(plan: &Plan, name: &str, template: &Document<WorkflowSpec>) -> Vec<Measure> {
    let names = &names::Names::new(plan);
    let at = plan.flow.span;
    let measure = |limit, what: String, size| Measure {
        limit,
        at,
        what,
        size,
        spent: Vec::new(),
    };
    let mut measures = vec![
        measure(Limit::ArgoWorkflowName, name.to_owned(), name.chars().count()),
        measure(
            Limit::ArgoTemplates,
            name.to_owned(),
            template.spec.templates.len(),
        ),
    ];
    let of_template = |limit, template: &Template, size| {
        let first = nesting::first_step(plan, names, template).map(|id| plan.task(id));
        Measure {
            limit,
            at: first.map_or(at, |task| task.span),
            what: first.map_or_else(|| template.name.clone(), |task| task.step.clone()),
            size,
            spent: Vec::new(),
        }
    };
    let templates = &template.spec.templates;
    let dags = templates
        .iter()
        .filter_map(|template| Some((template, template.dag.as_ref()?)));
    measures.extend(dags.map(|(template, dag)| of_template(Limit::ArgoDagTasks, template, dag.tasks.len())));
    let deepest = nesting::deepest(templates);
    measures.extend(deepest.map(|(template, level)| of_template(Limit::ArgoNesting, template, level)));
    let values = template.spec.arguments.parameters.iter();
    let values =
        values.map(|parameter| parameter.value.as_ref().map_or(0, String::len) + parameter.name.len() + 8);
    measures.push(measure(
        Limit::ArgoParameters,
        name.to_owned(),
        template.spec.arguments.parameters.len(),
    ));
    for (id, size) in loops::rounds(plan, names, &template.spec.templates) {
        measures.push(Measure {
            limit: Limit::ArgoLoopRounds,
            at: plan.task(id).span,
            what: plan.task(id).step.clone(),
            size,
            spent: Vec::new(),
        });
    }
    // base64 takes four characters for three.
    measures.push(measure(
        Limit::ArgoParameterBytes,
        name.to_owned(),
        values.sum::<usize>() * 4 / 3,
    ));
    measures
}

fn size(plan: &Plan, object: &Object) -> Measure {
    Measure {
        limit: Limit::ArgoWorkflowBytes,
        at: plan.flow.span,
        what: plan.flow.name.clone(),
        size: serde_json::to_string(object).map_or(0, |text| text.len()),
        spent: Vec::new(),
    }
}
