//! The keyword arguments of one step's operator: its pod, its attempts, its place in the flow.

use super::python::Py;
use super::script::literal;
use super::wiring::{self, Names};
use crate::plan::pod::{self, Pod, Toleration};
use crate::plan::{Plan, TaskId};
use crate::request::{Attempts, EnvVar, Request};

/// Metaflow's time limit of a task, in seconds (`DEFAULT_RUNTIME_LIMIT`).
const RUNTIME_LIMIT: u64 = 432_000;
/// Seconds that a pod may wait for its start (`AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS`).
const STARTUP: u64 = 3_600;
/// A task with the number 6 is refused by Metaflow (`MAX_ATTEMPTS`): the first and five more.
const MOST_RETRIES: u8 = 5;
/// Metaflow's `minutes_between_retries`, in seconds.
const DELAY: u64 = 120;

type Keywords = Vec<(String, Py)>;

/// `step("train", after=[["start"]], image="…", …)`
pub fn operator(plan: &Plan, id: TaskId, names: &Names) -> Py {
    let task = plan.task(id);
    let mut keywords = place(plan, id, names);
    keywords.extend(described(task.docstring.as_deref()));
    keywords.extend(requested(plan, &task.request));
    Py::Call {
        callee: "step".to_owned(),
        arguments: vec![Py::text(task.step.as_str())],
        keywords,
    }
}

/// Where the step stands: what leads to it, which foreach it is in.
fn place(plan: &Plan, id: TaskId, names: &Names) -> Keywords {
    let step = |id: TaskId| Py::text(plan.task(id).step.as_str());
    let mut keywords = Keywords::new();
    if let Some(foreach) = plan.task(id).foreach() {
        keywords.push(("over".to_owned(), Py::name(names.paths(foreach))));
    }
    if plan.task(id).role.is_start && !plan.flow.request.sensors.is_empty() {
        // A sensor that gives up softly is skipped, and the flow with it.
        keywords.push(("trigger_rule".to_owned(), Py::text("all_success")));
    }
    let groups = wiring::groups(plan, id);
    if !groups.is_empty() {
        let group = |group: Vec<TaskId>| Py::List(group.into_iter().map(step).collect());
        keywords.push((
            "after".to_owned(),
            Py::List(groups.into_iter().map(group).collect()),
        ));
    }
    keywords.extend(wiring::opened_by(plan, id).map(|foreach| ("opened_by".to_owned(), step(foreach))));
    keywords.extend(wiring::closes(plan, id).map(|foreach| ("closes".to_owned(), step(foreach))));
    keywords
}

fn described(docstring: Option<&str>) -> Keywords {
    let text = docstring.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| ("doc_md".to_owned(), Py::text(text)))
        .into_iter()
        .collect()
}

fn requested(plan: &Plan, request: &Request) -> Keywords {
    let Request {
        attempts: wanted,
        deadline,
        // Merged into the pod with `resources`.
        compute: _,
        resources: _,
        environment,
        // Read by Metaflow in the task.
        secrets: _,
        // A rule refuses what the deployment's environment does not give.
        conda: _,
        pypi: _,
        // Acts through `attempts`, and by Metaflow in the task.
        catch: _,
        parallel: _,
    } = request;
    let pod = pod::pod(request, &plan.deployment);
    let mut keywords = variables(environment, &pod);
    keywords.extend(attempts(wanted));
    if let Some(seconds) = deadline.filter(|&seconds| seconds != RUNTIME_LIMIT) {
        keywords.push((
            "execution_timeout".to_owned(),
            seconds_of(seconds + startup(plan)),
        ));
    }
    keywords.extend(pod_keywords(&pod));
    keywords
}

/// Arguments that all operators have unless their step says otherwise.
pub fn defaults(plan: &Plan) -> Keywords {
    let airflow = &plan.deployment.airflow;
    let mut keywords = vec![
        (
            "cmds".to_owned(),
            Py::Name("[\"bash\", \"-c\", SCRIPT]".to_owned()),
        ),
        ("namespace".to_owned(), Py::text(airflow.namespace.as_str())),
        ("do_xcom_push".to_owned(), Py::Bool(true)),
        ("get_logs".to_owned(), Py::Bool(true)),
        ("log_events_on_failure".to_owned(), Py::Bool(true)),
        ("on_finish_action".to_owned(), Py::text("delete_pod")),
        ("startup_timeout_seconds".to_owned(), whole(startup(plan))),
        (
            "execution_timeout".to_owned(),
            seconds_of(RUNTIME_LIMIT + startup(plan)),
        ),
        ("trigger_rule".to_owned(), Py::text("none_failed")),
        ("retries".to_owned(), Py::Int(0)),
    ];
    if airflow.is_deferrable {
        keywords.push(("deferrable".to_owned(), Py::Bool(true)));
    }
    if let Some(account) = &airflow.service_account {
        keywords.push(("service_account_name".to_owned(), Py::text(account.as_str())));
    }
    keywords.extend(connection(plan));
    keywords
}

fn startup(plan: &Plan) -> u64 {
    plan.deployment.airflow.startup_timeout.unwrap_or(STARTUP)
}

/// How Airflow reaches the cluster (Metaflow's `AIRFLOW_KUBERNETES_*`); from inside it where nothing is said.
fn connection(plan: &Plan) -> Keywords {
    const NAMES: [(&str, &str); 3] = [
        ("AIRFLOW_KUBERNETES_CONN_ID", "kubernetes_conn_id"),
        ("AIRFLOW_KUBERNETES_KUBECONFIG_CONTEXT", "cluster_context"),
        ("AIRFLOW_KUBERNETES_KUBECONFIG_FILE", "config_file"),
    ];
    let given = NAMES.iter().filter_map(|(setting, keyword)| {
        let value = plan
            .deployment
            .setting(setting)
            .filter(|value| !value.is_empty())?;
        Some(((*keyword).to_owned(), Py::text(value)))
    });
    let mut keywords: Keywords = given.collect();
    keywords.push(("in_cluster".to_owned(), Py::Bool(keywords.is_empty())));
    keywords
}

fn variables(environment: &[EnvVar], pod: &Pod) -> Keywords {
    let tempdir = pod.tempdir().map(|path| (pod::TEMPDIR, path));
    let own = environment
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.as_str()));
    let variables: Vec<Py> = own
        .chain(tempdir)
        .map(|(name, value)| variable(name, value))
        .collect();
    if variables.is_empty() {
        Keywords::new()
    } else {
        vec![("environment".to_owned(), Py::List(variables))]
    }
}

/// `variable("NAME", "value")` with the value as Kubernetes leaves it.
pub fn variable(name: &str, value: &str) -> Py {
    Py::Call {
        callee: "variable".to_owned(),
        arguments: vec![Py::text(name), Py::text(literal(value))],
        keywords: Keywords::new(),
    }
}

fn attempts(attempts: &Attempts) -> Keywords {
    let Attempts {
        user,
        fallback,
        delay,
    } = attempts;
    let retries = user.saturating_add(*fallback).min(MOST_RETRIES);
    if retries == 0 {
        return Keywords::new();
    }
    let mut keywords = vec![
        ("retries".to_owned(), Py::Int(i64::from(retries))),
        ("retry_delay".to_owned(), seconds_of(delay.unwrap_or(DELAY))),
    ];
    let fallback = retries.saturating_sub(*user);
    if fallback > 0 {
        keywords.push(("fallback".to_owned(), Py::Int(i64::from(fallback))));
    }
    keywords
}

/// `datetime.timedelta(seconds=60)`
pub fn seconds_of(seconds: u64) -> Py {
    Py::call("datetime.timedelta", vec![("seconds".to_owned(), whole(seconds))])
}

fn whole(number: u64) -> Py {
    Py::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn pod_keywords(pod: &Pod) -> Keywords {
    let Pod {
        image,
        image_pull_policy,
        namespace,
        image_pull_secrets,
        service_account,
        secrets,
        node_selector,
        tolerations,
        labels,
        annotations,
        cpu,
        memory,
        disk,
        gpu,
        extended_resources,
        is_guaranteed,
        // Volumes and ports of the pod's template.
        shared_memory: _,
        tmpfs: _,
        volume_claims: _,
        port: _,
        security_context,
    } = pod;
    let mut keywords = vec![("image".to_owned(), Py::text(image.as_str()))];
    let mut put =
        |name: &str, value: Option<Py>| keywords.extend(value.map(|value| (name.to_owned(), value)));
    put("namespace", namespace.as_deref().map(Py::text));
    put("image_pull_policy", image_pull_policy.as_deref().map(Py::text));
    put(
        "image_pull_secrets",
        named(
            image_pull_secrets
                .iter()
                .map(|name| [("name", Py::text(name.as_str()))]),
        ),
    );
    put("service_account_name", service_account.as_deref().map(Py::text));
    put(
        "env_from",
        named(
            secrets
                .iter()
                .map(|name| [("secretRef", Py::dict([("name", Py::text(name.as_str()))]))]),
        ),
    );
    put("node_selector", text_map(node_selector));
    put("tolerations", list(tolerations.iter().map(toleration)));
    put("labels", text_map(labels));
    put("annotations", text_map(annotations));
    let quantity = |number: f64, unit: &str| Py::text(format!("{}{unit}", pod::plain(number)));
    let mut requests = vec![
        ("cpu".to_owned(), quantity(*cpu, "")),
        ("memory".to_owned(), quantity(*memory, "M")),
        ("ephemeral-storage".to_owned(), quantity(*disk, "M")),
    ];
    let mut limits = if *is_guaranteed {
        requests.clone()
    } else {
        Vec::new()
    };
    limits.extend(
        gpu.iter()
            .map(|(name, count)| (name.clone(), Py::text(count.as_str()))),
    );
    for (name, count) in extended_resources {
        // `{"memory": "8Gi"}` counts more than `memory`, as in Metaflow.
        for resources in [&mut requests, &mut limits] {
            resources.retain(|(given, _)| given != name);
            resources.push((name.clone(), Py::text(count.as_str())));
        }
    }
    let mut resources = vec![("requests", Py::dict(requests))];
    if !limits.is_empty() {
        resources.push(("limits", Py::dict(limits)));
    }
    put("container_resources", Some(Py::dict(resources)));
    let context = security_context
        .iter()
        .map(|(name, value)| (name.clone(), Py::value(value)));
    put(
        "container_security_context",
        (!security_context.is_empty()).then(|| Py::dict(context)),
    );
    put("pod_template_dict", template(pod));
    keywords
}

/// What the operator takes as objects of Kubernetes' client alone goes into a template of the pod instead:
/// volumes and ports. It is merged with the pod that the operator makes.
fn template(pod: &Pod) -> Option<Py> {
    let mut volumes = Vec::new();
    let mut mounts = Vec::new();
    let mut put = |name: &str, path: &str, kind: &str, source: Py| {
        volumes.push(Py::dict([("name", Py::text(name)), (kind, source)]));
        mounts.push(Py::dict([
            ("name", Py::text(name)),
            ("mountPath", Py::text(path)),
        ]));
    };
    let memory = |size: i64| {
        Py::dict([
            ("medium", Py::text("Memory")),
            ("sizeLimit", Py::text(format!("{size}Mi"))),
        ])
    };
    if let Some(size) = pod.shared_memory {
        put("dhsm", "/dev/shm", "emptyDir", memory(size));
    }
    if let Some(tmpfs) = &pod.tmpfs {
        put(
            "tmpfs-ephemeral-volume",
            &tmpfs.path,
            "emptyDir",
            memory(tmpfs.size),
        );
    }
    for (claim, path) in &pod.volume_claims {
        put(
            claim,
            path,
            "persistentVolumeClaim",
            Py::dict([("claimName", Py::text(claim.as_str()))]),
        );
    }
    if volumes.is_empty() && pod.port.is_none() {
        return None;
    }
    let mut container = vec![("name", Py::text("base"))];
    if !mounts.is_empty() {
        container.push(("volumeMounts", Py::List(mounts)));
    }
    if let Some(port) = pod.port {
        container.push((
            "ports",
            Py::List(vec![Py::dict([("containerPort", Py::Int(port))])]),
        ));
    }
    let mut spec = vec![("containers", Py::List(vec![Py::dict(container)]))];
    if !volumes.is_empty() {
        spec.push(("volumes", Py::List(volumes)));
    }
    Some(Py::dict([("spec", Py::dict(spec))]))
}

fn toleration(toleration: &Toleration) -> Py {
    let Toleration {
        key,
        operator,
        value,
        effect,
        seconds,
    } = toleration;
    let texts = [
        ("key", key),
        ("operator", operator),
        ("value", value),
        ("effect", effect),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, Py::text(text.as_deref()?))));
    Py::dict(texts.chain(seconds.map(|seconds| ("tolerationSeconds", Py::Int(seconds)))))
}

fn named<'a, const N: usize>(items: impl Iterator<Item = [(&'a str, Py); N]>) -> Option<Py> {
    list(items.map(Py::dict))
}

fn list(items: impl Iterator<Item = Py>) -> Option<Py> {
    let items: Vec<Py> = items.collect();
    (!items.is_empty()).then_some(Py::List(items))
}

fn text_map(map: &std::collections::BTreeMap<String, String>) -> Option<Py> {
    let entries = map
        .iter()
        .map(|(key, value)| (key.clone(), Py::text(value.as_str())));
    (!map.is_empty()).then(|| Py::dict(entries))
}
