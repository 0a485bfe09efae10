//! The environment that every container of a run needs, whatever the target: who runs, where artifacts, code
//! and services are. Metaflow 2.19: `argo_workflows.py`, `_container_templates`; the same names in the other deployers.

use super::{Plan, PlannedConfig, json};
use crate::request::EnvVar;
use crate::settings::{Code, DatastoreKind, Deployment, Metaflow};

/// What the target says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Runtime<'a> {
    /// `METAFLOW_RUNTIME_NAME`: `argo-workflows`.
    pub name: &'static str,
    /// `METAFLOW_USER`: `argo-workflows`, `SFN`, on Airflow who deploys.
    pub user: &'a str,
    /// `METAFLOW_RUNTIME_ENVIRONMENT`: `kubernetes`, `aws-batch`.
    pub environment: &'static str,
}

/// Settings that tasks read, copied when they are given. Metaflow's list, without those that flowc derives.
const COPIED: [&str; 12] = [
    "S3_ENDPOINT_URL",
    "S3_SERVER_SIDE_ENCRYPTION",
    "KUBERNETES_SANDBOX_INIT_SCRIPT",
    "KUBERNETES_FETCH_EC2_METADATA",
    "DEFAULT_SECRETS_BACKEND_TYPE",
    "AWS_SECRETS_MANAGER_DEFAULT_REGION",
    "GCP_SECRET_MANAGER_PREFIX",
    "AZURE_KEY_VAULT_PREFIX",
    "AZURE_STORAGE_BLOB_SERVICE_ENDPOINT",
    "SERVICE_RETRY_COUNT",
    "SKIP_INSTALL_DEPENDENCIES",
    "DEFAULT_AWS_CLIENT_PROVIDER",
];

/// The constants of all containers, as `METAFLOW_*` variables.
pub fn common(plan: &Plan, runtime: Runtime<'_>) -> Vec<EnvVar> {
    let deployment = &plan.deployment;
    let mut variables = Variables::default();
    variables.put("FLOW_NAME", &plan.flow.name);
    variables.put("FLOW_FILENAME", &plan.flow.file_name);
    variables.put("OWNER", &deployment.owner);
    variables.put("USER", runtime.user);
    variables.put("RUNTIME_NAME", runtime.name);
    variables.put("RUNTIME_ENVIRONMENT", runtime.environment);
    variables.put_option("PRODUCTION_TOKEN", deployment.production_token.as_deref());
    variables.put(
        "DEFAULT_METADATA",
        deployment.setting("DEFAULT_METADATA").unwrap_or("local"),
    );
    put_datastore(&plan.deployment, &mut variables);
    put_code(plan, &mut variables);
    put_service(plan, &mut variables);
    variables.0.extend(configs(plan).map(|value| EnvVar {
        name: CONFIGS.to_owned(),
        value,
    }));
    for name in COPIED {
        variables.put_option(name, deployment.setting(name));
    }
    for (name, value) in &deployment.metaflow {
        if name.starts_with("CONDA_") || name.starts_with("DEBUG_") {
            variables.put(name, value);
        }
    }
    variables.0
}

#[derive(Default)]
struct Variables(Vec<EnvVar>);

impl Variables {
    fn put(&mut self, name: &str, value: &str) {
        self.0.push(EnvVar {
            name: format!("METAFLOW_{name}"),
            value: value.to_owned(),
        });
    }

    fn put_option(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }
}

/// The setting that names the root of a datastore, and those that Metaflow derives from it.
pub fn datastore_root_setting(kind: DatastoreKind) -> &'static str {
    match kind {
        DatastoreKind::S3 => "DATASTORE_SYSROOT_S3",
        DatastoreKind::Azure => "DATASTORE_SYSROOT_AZURE",
        DatastoreKind::Gs => "DATASTORE_SYSROOT_GS",
    }
}

/// The settings of the folders that Metaflow derives from the root: for data tools and for cards.
fn folder_settings(kind: DatastoreKind) -> [&'static str; 2] {
    match kind {
        DatastoreKind::S3 => ["DATATOOLS_S3ROOT", "CARD_S3ROOT"],
        DatastoreKind::Azure => ["DATATOOLS_AZUREROOT", "CARD_AZUREROOT"],
        DatastoreKind::Gs => ["DATATOOLS_GSROOT", "CARD_GSROOT"],
    }
}

fn folder(deployment: &Deployment, setting: &str, name: &str) -> String {
    let given = deployment.setting(setting).map(str::to_owned);
    given.unwrap_or_else(|| format!("{}/{name}", deployment.datastore.root))
}

/// Where the included files of a flow lie, as a URL.
pub fn included_root(deployment: &Deployment, flow: &str) -> String {
    let kind = deployment.datastore.kind;
    let [tools, _] = folder_settings(kind);
    let folder = folder(deployment, tools, "data");
    match kind {
        // There the root has no scheme, and Metaflow puts one before it (2.19: `azure/includefile_support.py`).
        DatastoreKind::Azure => format!("azure://{folder}/{flow}"),
        DatastoreKind::S3 | DatastoreKind::Gs => format!("{folder}/{flow}"),
    }
}

fn put_datastore(deployment: &Deployment, variables: &mut Variables) {
    let store = &deployment.datastore;
    let [tools, cards] = folder_settings(store.kind);
    variables.put("DEFAULT_DATASTORE", store.kind.name());
    variables.put(datastore_root_setting(store.kind), &store.root);
    variables.put(tools, &folder(deployment, tools, "data"));
    variables.put(cards, &folder(deployment, cards, "mf.cards"));
}

fn put_code(plan: &Plan, variables: &mut Variables) {
    match &plan.deployment.code {
        Code::Image { directory: _ } => {}
        Code::Package {
            url,
            sha,
            metaflow: _,
        } => {
            variables.put("CODE_URL", url);
            variables.put("CODE_SHA", sha);
            variables.put("CODE_DS", plan.deployment.datastore.kind.name());
            variables.put(
                "CODE_METADATA",
                r#"{"version": 0, "archive_format": "tgz", "mfcontent_version": 1}"#,
            );
        }
    }
}

/// The metadata service; a key joins the headers, as in `metaflow_config.py`.
fn put_service(plan: &Plan, variables: &mut Variables) {
    let deployment = &plan.deployment;
    let url = deployment
        .setting("SERVICE_INTERNAL_URL")
        .or(deployment.setting("SERVICE_URL"));
    variables.put_option("SERVICE_URL", url);
    let mut headers = match deployment.setting("SERVICE_HEADERS").map(serde_json::from_str) {
        Some(Ok(serde_json::Value::Object(headers))) => headers,
        _ => serde_json::Map::new(),
    };
    if let Some(key) = deployment.setting("SERVICE_AUTH_KEY") {
        headers.insert("x-api-key".to_owned(), key.into());
    }
    if !headers.is_empty() {
        variables.put("SERVICE_HEADERS", &json::dumps(&headers.into()));
    }
}

/// Where tasks read their `Config`s.
pub const CONFIGS: &str = "METAFLOW_FLOW_CONFIG_VALUE";

/// The text of [`CONFIGS`]: for each a pointer into the code package (`kv.NAME`) where that holds Metaflow, which
/// looks for them beside itself; else the values, or the texts of which a parser makes them. None where there is
/// nothing to read.
pub fn configs(plan: &Plan) -> Option<String> {
    let is_packed = match plan.deployment.code {
        Code::Package {
            metaflow: Metaflow::Packed,
            ..
        } => true,
        Code::Image { directory: _ }
        | Code::Package {
            metaflow: Metaflow::Installed(_) | Metaflow::InImage,
            ..
        } => false,
    };
    let value = |config: &PlannedConfig| {
        if is_packed && config.content.is_some() {
            Some(format!("kv.{}", config.name).into())
        } else {
            config.given()
        }
    };
    let configs = plan.configs.iter();
    let pairs = configs.filter_map(|config| Some((config.name.clone(), value(config)?)));
    let object: serde_json::Map<_, _> = pairs.collect();
    (!object.is_empty()).then(|| json::dumps(&object.into()))
}
