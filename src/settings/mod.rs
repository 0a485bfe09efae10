//! What a deployment is made of: typed, complete, merged from options, `flowc.toml` and `METAFLOW_*` names.
//! Reading files and the environment is `cli`'s part.

use std::collections::BTreeMap;

pub mod airflow;
pub mod argo;
pub mod aws;
mod batch_steps;
pub mod checks;
pub mod file;
pub mod json;
pub mod keys;
pub mod layer;
pub mod merge;
pub mod metaflow;
pub mod package;
mod pods;
pub mod required;
pub mod schema;
pub mod step_functions;

pub use airflow::AirflowSettings;
pub use argo::ArgoSettings;
pub use layer::SettingsError;
pub use merge::Settings;
pub use package::PackageSettings;
pub use required::{Missing, NoDeployment};
pub use step_functions::StepFunctionsSettings;

/// Everything a definition needs besides the flow. Metaflow's documented defaults are filled in; nothing is guessed.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub datastore: Datastore,
    pub code: Code,
    /// For steps that name none.
    pub image: Option<String>,
    /// `METAFLOW_OWNER`.
    pub owner: String,
    /// Metaflow's namespace (`--namespace`), for runs.
    pub namespace: Option<String>,
    pub tags: Vec<String>,
    pub max_workers: u32,
    pub name: Option<String>,
    pub branch: Option<String>,
    pub is_production: bool,
    pub production_token: Option<String>,
    /// `--with`, in order.
    pub with: Vec<String>,
    pub metaflow_version: Option<String>,
    /// Of steps whose `@conda` or `@pypi` name none.
    pub python_version: Option<String>,
    /// In seconds.
    pub workflow_timeout: Option<u64>,
    /// Every other `METAFLOW_*` setting given by `--set` or `[metaflow]`, without defaults.
    pub metaflow: BTreeMap<String, String>,
    pub argo: ArgoSettings,
    pub step_functions: StepFunctionsSettings,
    pub airflow: AirflowSettings,
    /// `--draft`: placeholders stand for what is missing.
    pub is_draft: bool,
    /// The keys for which they stand.
    pub placeholders: Vec<&'static str>,
}

/// Where artifacts live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datastore {
    pub kind: DatastoreKind,
    /// Without a final slash.
    pub root: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatastoreKind {
    S3,
    Azure,
    Gs,
}

impl Datastore {
    /// Where data of a flow with this SHA-1 lie (Metaflow 2.19: `content_addressed_store.py`).
    pub fn data_url(&self, flow: &str, digest: &str) -> String {
        data_url(&self.root, flow, digest)
    }
}

/// The same below any root.
pub fn data_url(root: &str, flow: &str, digest: &str) -> String {
    let begin = digest.get(..2).unwrap_or(digest);
    format!("{root}/{flow}/data/{begin}/{digest}")
}

impl DatastoreKind {
    /// Metaflow's name: `s3`, `azure`, `gs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "azure",
            Self::Gs => "gs",
        }
    }
}

/// How the code reaches the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// In the image; the folder is the container's working directory.
    Image { directory: Option<String> },
    /// A code package at this place; a task starts only with the one of this SHA-1.
    Package {
        url: String,
        sha: String,
        metaflow: Metaflow,
    },
}

/// Where the Metaflow of a task with a code package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metaflow {
    /// It is in the package, and the values of `Config`s with it.
    Packed,
    /// This version is installed when the task starts, unless it is in the image.
    Installed(String),
    /// It is in the image.
    InImage,
}

impl Deployment {
    /// Names the flow's own code package, of which only now the digest is known.
    pub fn set_package(&mut self, flow: &str, digest: &str) {
        let own = self.datastore.data_url(flow, digest);
        if let Code::Package { url, sha, .. } = &mut self.code {
            (*url, *sha) = (own, digest.to_owned());
        }
    }

    /// The Kubernetes namespace of steps that name none, as Metaflow has it.
    pub fn namespace(&self) -> &str {
        self.argo.namespace.as_deref().unwrap_or("default")
    }

    /// A `METAFLOW_*` setting by its name without the prefix.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.metaflow.get(name).map(String::as_str)
    }
}
