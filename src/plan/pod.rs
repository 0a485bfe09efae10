//! What a step asks of Kubernetes, with the deployment's defaults filled in: the targets that run pods (Argo
//! Workflows, Airflow) share it. Metaflow 2.19: `kubernetes_decorator.py`, `init` and `step_init`.

use std::collections::BTreeMap;

use crate::request::{Compute, KubernetesRequest, Request, merge};
use crate::settings::Deployment;
use crate::value::Value;

use super::json;

/// A pod, decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    pub image: String,
    pub image_pull_policy: Option<String>,
    /// Where another one than the deployment's is asked for; a rule refuses that where a target cannot do it.
    pub namespace: Option<String>,
    pub image_pull_secrets: Vec<String>,
    pub service_account: Option<String>,
    /// Kubernetes secrets whose entries become variables.
    pub secrets: Vec<String>,
    pub node_selector: BTreeMap<String, String>,
    pub tolerations: Vec<Toleration>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Cores.
    pub cpu: f64,
    /// MB of 10^6 bytes.
    pub memory: f64,
    pub disk: f64,
    /// Resource name (`nvidia.com/gpu`) and count.
    pub gpu: Option<(String, String)>,
    pub extended_resources: BTreeMap<String, String>,
    /// `qos="guaranteed"`: limits equal requests.
    pub is_guaranteed: bool,
    /// MiB at `/dev/shm`.
    pub shared_memory: Option<i64>,
    pub tmpfs: Option<Tmpfs>,
    /// Claim → where it is mounted.
    pub volume_claims: BTreeMap<String, String>,
    pub port: Option<i64>,
    /// In Kubernetes' spelling: `runAsUser`.
    pub security_context: Vec<(String, Value)>,
}

/// The variable by which Metaflow finds its folder for temporary files.
pub const TEMPDIR: &str = "METAFLOW_TEMPDIR";

impl Pod {
    /// The folder that [`TEMPDIR`] points to.
    pub fn tempdir(&self) -> Option<&str> {
        let tmpfs = self.tmpfs.as_ref().filter(|tmpfs| tmpfs.is_tempdir);
        tmpfs.map(|tmpfs| tmpfs.path.as_str())
    }
}

/// A file system in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Tmpfs {
    pub path: String,
    /// MiB.
    pub size: i64,
    /// `METAFLOW_TEMPDIR` points to it.
    pub is_tempdir: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toleration {
    pub key: Option<String>,
    pub operator: Option<String>,
    pub value: Option<String>,
    pub effect: Option<String>,
    pub seconds: Option<i64>,
}

/// The pod that a step asks for.
pub fn pod(request: &Request, deployment: &Deployment) -> Pod {
    let none = KubernetesRequest::default();
    let written = match &request.compute {
        Compute::Kubernetes(written) => written,
        Compute::Here | Compute::Batch(_) => &none,
    };
    let KubernetesRequest {
        cpu,
        memory,
        disk,
        gpu,
        gpu_vendor,
        image,
        image_pull_policy,
        image_pull_secrets,
        service_account,
        secrets,
        node_selector,
        namespace,
        tolerations,
        labels,
        annotations,
        use_tmpfs,
        tmpfs_tempdir,
        tmpfs_size,
        tmpfs_path,
        persistent_volume_claims,
        shared_memory,
        port,
        compute_pool,
        // Ignored by Metaflow's deployers too.
        executable: _,
        // Of `@parallel` started by Metaflow itself, not by a deployment.
        hostname_resolution_timeout: _,
        qos,
        extended_resources,
        security_context,
    } = written;
    let setting = |name| deployment.setting(name).filter(|value| !value.is_empty());
    let with_defaults = KubernetesRequest {
        cpu: Some(sized("CPU", cpu.as_ref(), "1", deployment)),
        memory: Some(sized("MEMORY", memory.as_ref(), "4096", deployment)),
        disk: Some(sized("DISK", disk.as_ref(), "10240", deployment)),
        gpu: gpu.clone(),
        shared_memory: shared_memory
            .clone()
            .filter(Value::is_truthy)
            .or(setting("KUBERNETES_SHARED_MEMORY").map(Value::str)),
        ..KubernetesRequest::default()
    };
    let sizes = merge::kubernetes(&with_defaults, request.resources.as_ref());
    let size = |text: &str| Value::str(text).to_float().unwrap_or(0.0);
    // Metaflow takes the deployment's where the attribute is false for Python.
    let chosen = |written: &Option<String>, name| {
        let written = written.as_deref().filter(|text| !text.is_empty());
        written.or(setting(name)).map(str::to_owned)
    };
    let vendor = chosen(gpu_vendor, "KUBERNETES_GPU_VENDOR");
    let vendor = vendor.as_deref().unwrap_or("nvidia");
    let qos = qos
        .as_deref()
        .or(setting("KUBERNETES_QOS"))
        .unwrap_or("burstable");
    let given_selector = node_selector.as_ref().filter(|value| value.is_truthy());
    let mut selector = given_selector.map_or_else(
        || {
            setting("KUBERNETES_NODE_SELECTOR")
                .map(pairs_of_text)
                .unwrap_or_default()
        },
        text_map,
    );
    if let Some(pool) = compute_pool.as_ref().filter(|pool| !pool.is_empty()) {
        selector.insert("outerbounds.co/compute-pool".to_owned(), pool.clone());
    }
    Pod {
        image: full_image(
            image.as_deref(),
            setting("KUBERNETES_CONTAINER_IMAGE").or(deployment.image.as_deref()),
            setting("KUBERNETES_CONTAINER_REGISTRY").or(setting("DEFAULT_CONTAINER_REGISTRY")),
        ),
        image_pull_policy: chosen(image_pull_policy, "KUBERNETES_IMAGE_PULL_POLICY"),
        namespace: namespace.clone().filter(|namespace| !namespace.is_empty()),
        image_pull_secrets: given_or_setting(
            image_pull_secrets.as_ref(),
            "KUBERNETES_IMAGE_PULL_SECRETS",
            deployment,
        )
        .map(|value| texts(&value))
        .unwrap_or_default(),
        service_account: chosen(service_account, "KUBERNETES_SERVICE_ACCOUNT"),
        secrets: secret_names(secrets.as_ref(), deployment),
        node_selector: selector,
        tolerations: given_or_setting(tolerations.as_ref(), "KUBERNETES_TOLERATIONS", deployment)
            .as_ref()
            .and_then(Value::as_sequence)
            .map(|items| items.iter().map(toleration).collect())
            .unwrap_or_default(),
        labels: merged(setting("KUBERNETES_LABELS"), labels.as_ref()),
        annotations: merged(setting("KUBERNETES_ANNOTATIONS"), annotations.as_ref()),
        cpu: size(&sizes.cpu),
        memory: size(&sizes.memory),
        disk: sizes.disk.as_deref().map_or(0.0, size),
        gpu: sizes
            .gpu
            .map(|count| (format!("{}.com/gpu", vendor.to_lowercase()), count)),
        extended_resources: extended_resources.as_ref().map(text_map).unwrap_or_default(),
        is_guaranteed: qos.eq_ignore_ascii_case("guaranteed"),
        shared_memory: sizes
            .shared_memory
            .and_then(|size| whole(&Value::str(size)))
            .filter(|&size| size > 0),
        // Metaflow takes the memory before `@resources` is merged.
        tmpfs: tmpfs(
            *use_tmpfs,
            tmpfs_size.as_ref(),
            with_defaults.memory.as_ref().and_then(number),
        )
        .map(|size| Tmpfs {
            path: tmpfs_path.clone().unwrap_or_else(|| "/metaflow_temp".to_owned()),
            size,
            is_tempdir: tmpfs_tempdir.unwrap_or(true),
        }),
        volume_claims: given_or_setting(
            persistent_volume_claims.as_ref(),
            "KUBERNETES_PERSISTENT_VOLUME_CLAIMS",
            deployment,
        )
        .map(|value| text_map(&value))
        .unwrap_or_default(),
        port: port
            .as_ref()
            .and_then(whole)
            .filter(|port| *port != 0)
            .or(setting("KUBERNETES_PORT").and_then(|port| whole(&Value::str(port)))),
        security_context: security_context
            .as_ref()
            .map(camel_case_entries)
            .unwrap_or_default(),
    }
}

/// A size: the attribute, or where it is the default *text* (`cpu="1"`, not `cpu=1`) the deployment's setting.
fn sized(setting: &str, written: Option<&Value>, default: &str, deployment: &Deployment) -> Value {
    let is_default = written.is_none_or(|value| value.as_str() == Some(default));
    let configured = deployment.setting(&format!("KUBERNETES_{setting}"));
    match configured.filter(|text| is_default && !text.is_empty()) {
        Some(text) => Value::str(text),
        None => written.cloned().unwrap_or_else(|| Value::str(default)),
    }
}

fn tmpfs(use_tmpfs: Option<bool>, size: Option<&Value>, memory: Option<f64>) -> Option<i64> {
    match (size.and_then(whole).filter(|&size| size != 0), use_tmpfs) {
        (Some(size), _) => Some(size),
        #[expect(clippy::cast_possible_truncation, reason = "MB of a machine's memory")]
        (None, Some(true)) => Some(memory.unwrap_or(0.0) as i64 / 2),
        (None, Some(false) | None) => None,
    }
}

/// The image that a step names, else the deployment's, with its registry in front where it names none itself.
pub fn full_image(written: Option<&str>, configured: Option<&str>, registry: Option<&str>) -> String {
    let image = written
        .filter(|image| !image.is_empty())
        .or(configured)
        .unwrap_or("IMAGE");
    match registry.filter(|registry| !registry.is_empty() && !names_registry(image)) {
        Some(registry) => format!("{}/{image}", registry.trim_end_matches('/')),
        None => image.to_owned(),
    }
}

/// Does the part before the first slash look like a host (`a.b/x`, `localhost/x`, `h:5000/x`)?
fn names_registry(image: &str) -> bool {
    image
        .split_once('/')
        .is_some_and(|(host, _)| host == "localhost" || host.contains(['.', ':']))
}

fn secret_names(written: Option<&Value>, deployment: &Deployment) -> Vec<String> {
    let settings = ["KUBERNETES_SECRETS", "ARGO_WORKFLOWS_KUBERNETES_SECRETS"];
    let settings = settings.into_iter().filter_map(|name| deployment.setting(name));
    let mut lists = written.map(texts).unwrap_or_default();
    lists.extend(settings.map(str::to_owned));
    let listed = lists.iter().flat_map(|list| list.split(',')).map(str::trim);
    let mut names: Vec<String> = listed
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        let is_new = !seen.contains(name);
        seen.push(name.clone());
        is_new
    });
    names
}

/// The attribute, else the setting, which is JSON text.
fn given_or_setting(written: Option<&Value>, setting: &str, deployment: &Deployment) -> Option<Value> {
    let given = written.cloned().filter(Value::is_truthy);
    given.or_else(|| {
        let text = deployment.setting(setting)?;
        Some(json::from_json(&serde_json::from_str(text).ok()?))
    })
}

fn toleration(value: &Value) -> Toleration {
    let text = |name: &str| {
        let given = value.get(name).filter(|given| **given != Value::None);
        given.map(Value::to_text)
    };
    let evicts = text("effect").as_deref() == Some("NoExecute");
    Toleration {
        key: text("key"),
        operator: text("operator"),
        value: text("value"),
        effect: text("effect"),
        seconds: value
            .get("toleration_seconds")
            .or(value.get("tolerationSeconds"))
            .and_then(whole)
            // The API server refuses a pod that has them with another effect, where they say nothing.
            .filter(|_| evicts),
    }
}

fn merged(setting: Option<&str>, written: Option<&Value>) -> BTreeMap<String, String> {
    let mut map = setting.map(pairs_of_text).unwrap_or_default();
    map.extend(written.map(text_map).unwrap_or_default());
    map
}

/// `a=b,c=d`
fn pairs_of_text(text: &str) -> BTreeMap<String, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A dict of texts, or `"a=b,c=d"`; values that are None are left out.
fn text_map(value: &Value) -> BTreeMap<String, String> {
    if let Some(text) = value.as_str() {
        return pairs_of_text(text);
    }
    let entries = value.as_dict().unwrap_or_default().iter();
    entries
        .filter(|(_, value)| *value != Value::None)
        .map(|(key, value)| (key.to_text(), value.to_text()))
        .collect()
}

/// One text, or a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value.as_sequence() {
        Some(items) => items.iter().map(Value::to_text).collect(),
        None => vec![value.to_text()],
    }
}

/// `run_as_user` → `runAsUser`, in nested maps too.
fn camel_case_entries(value: &Value) -> Vec<(String, Value)> {
    let entries = value.as_dict().unwrap_or_default().iter();
    entries
        .filter(|(_, value)| *value != Value::None)
        .map(|(key, value)| (camel_case(&key.to_text()), camel_cased(value)))
        .collect()
}

fn camel_cased(value: &Value) -> Value {
    if value.as_dict().is_none() {
        return value.clone();
    }
    let entries = camel_case_entries(value).into_iter();
    Value::Dict(entries.map(|(key, value)| (Value::str(key), value)).collect())
}

fn camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut is_upper = false;
    for character in name.chars() {
        if character == '_' {
            is_upper = true;
        } else if std::mem::take(&mut is_upper) {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
    }
    out
}

/// A number, also as text.
fn number(value: &Value) -> Option<f64> {
    value.to_float()
}

fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "sizes of machines")]
    number(value).map(|number| number as i64)
}

/// A quantity without needless zeros: `2`, `0.5`.
pub fn plain(number: f64) -> String {
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_put_before_images_without_one() {
        assert!(names_registry("ghcr.io/a/b"));
        assert!(names_registry("localhost/a"));
        assert!(!names_registry("python:3.11"));
        assert!(!names_registry("me/image:1"));
    }

    #[test]
    fn reads_both_spellings_of_maps() {
        let written = Value::Dict(vec![(Value::str("a"), Value::str("b"))]);
        assert_eq!(text_map(&written), pairs_of_text("a=b"));
        assert_eq!(
            camel_case("allow_privilege_escalation"),
            "allowPrivilegeEscalation"
        );
    }

    #[test]
    fn quantities_are_plain() {
        assert_eq!(plain(2.0), "2");
        assert_eq!(plain(0.5), "0.5");
    }
}
