//! The Python of steps with `@conda` or `@pypi`: Metaflow solves their packages, keeps them in the datastore and
//! writes what it found into the code package; a task unpacks the environment of this id before it runs.
//! Metaflow 2.19: `conda_environment.py`. What the solver finds is not known here, the id is.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::json::dumps;
use super::{Plan, Task};
use crate::request::PythonEnvironment;
use crate::settings::{DatastoreKind, Deployment};
use crate::target::Target;

/// Metaflow's `--environment` of a flow whose packages are solved; both do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    Conda,
    Pypi,
}

/// What runs a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interpreter {
    /// `python` of the image.
    OfImage,
    /// That of the solved environment of this id.
    Solved(String),
    /// Of a solved environment, whose Python nobody names: Metaflow takes the one it is deployed with.
    Unnamed,
}

/// The solver of a flow: `METAFLOW_DEFAULT_ENVIRONMENT`, else what its decorators need; then every step of the flow
/// runs in a solved environment.
pub fn solver(plan: &Plan) -> Option<Solver> {
    match plan.deployment.setting("DEFAULT_ENVIRONMENT") {
        Some("conda") => return Some(Solver::Conda),
        Some("pypi") => return Some(Solver::Pypi),
        Some(_) | None => {}
    }
    let flow = &plan.flow.request;
    let uses_conda = flow.conda_base.is_some() || plan.tasks.iter().any(|task| task.request.conda.is_some());
    let uses_pypi = flow.pypi_base.is_some() || plan.tasks.iter().any(|task| task.request.pypi.is_some());
    if uses_conda {
        Some(Solver::Conda)
    } else {
        uses_pypi.then_some(Solver::Pypi)
    }
}

/// `--environment`'s value.
pub fn name(plan: &Plan) -> &'static str {
    match solver(plan) {
        Some(Solver::Conda) => "conda",
        Some(Solver::Pypi) => "pypi",
        None => "local",
    }
}

/// What runs this step.
pub fn interpreter(plan: &Plan, task: &Task) -> Interpreter {
    if solver(plan).is_none() {
        return Interpreter::OfImage;
    }
    let flow = &plan.flow.request;
    let none = PythonEnvironment::default();
    let over = |own: Option<&PythonEnvironment>, base: Option<&PythonEnvironment>| {
        own.unwrap_or(&none).over(base.unwrap_or(&none))
    };
    // Every step has `@conda`, written or not; `@pypi` where it is written or on the class.
    let conda = over(task.request.conda.as_ref(), flow.conda_base.as_ref());
    let has_pypi = task.request.pypi.is_some() || flow.pypi_base.is_some();
    let pypi = has_pypi.then(|| over(task.request.pypi.as_ref(), flow.pypi_base.as_ref()));
    let is_off = |environment: &PythonEnvironment| environment.disabled == Some(true);
    if is_off(&conda) || pypi.as_ref().is_some_and(is_off) {
        return Interpreter::OfImage;
    }
    let own = pypi.as_ref().and_then(|pypi| pypi.python.as_deref());
    let python = own
        .or(conda.python.as_deref())
        .or(plan.deployment.python_version.as_deref());
    match python {
        Some(python) => Interpreter::Solved(id(plan, &conda, pypi.as_ref(), python)),
        None => Interpreter::Unnamed,
    }
}

/// The first 15 digits of the SHA-256 of what is asked for, as sorted JSON in Python's spelling.
fn id(plan: &Plan, conda: &PythonEnvironment, pypi: Option<&PythonEnvironment>, python: &str) -> String {
    let deployment = &plan.deployment;
    let platform = platform(plan);
    let asked = |environment: &PythonEnvironment, is_pinned: bool, platforms: &[&str]| {
        let mut packages: Vec<(String, String)> = Vec::new();
        if is_pinned {
            let pins = pins(deployment.datastore.kind).iter();
            packages.extend(pins.map(|(name, version)| ((*name).to_owned(), (*version).to_owned())));
        }
        for (name, version) in &environment.packages {
            packages.retain(|(known, _)| known != name);
            packages.push((name.clone(), version.clone()));
        }
        packages.sort();
        let packages: Map<String, Json> = packages
            .into_iter()
            .map(|(name, version)| (name, version.into()))
            .collect();
        json!({ "packages": packages, "platforms": platforms, "python": python })
    };
    // For `@pypi` Metaflow solves Conda's part for the machine that deploys as well.
    let mut of_conda = vec![platform, DEPLOYER];
    of_conda.sort_unstable();
    of_conda.dedup();
    let mut whole = Map::new();
    match pypi {
        None => {
            whole.insert("conda".to_owned(), asked(conda, true, &[platform]));
        }
        Some(_) => {
            whole.insert("conda".to_owned(), asked(conda, false, &of_conda));
        }
    }
    whole.insert("package_root".to_owned(), package_root(deployment).into());
    if let Some(pypi) = pypi {
        whole.insert("pypi".to_owned(), asked(pypi, true, &[platform]));
    }
    let digest = Sha256::digest(dumps(&whole.into()).as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().take(15).collect()
}

/// The machine on which Metaflow solves.
const DEPLOYER: &str = "linux-64";

fn platform(plan: &Plan) -> &str {
    let of_pods = plan.deployment.setting("KUBERNETES_CONDA_ARCH");
    match plan.target.target {
        Target::Argo | Target::Airflow => of_pods
            .filter(|platform| !platform.is_empty())
            .unwrap_or("linux-64"),
        Target::StepFunctions => "linux-64",
    }
}

/// Where solved packages are kept.
fn package_root(deployment: &Deployment) -> String {
    let setting = match deployment.datastore.kind {
        DatastoreKind::S3 => "CONDA_PACKAGE_S3ROOT",
        DatastoreKind::Azure => "CONDA_PACKAGE_AZUREROOT",
        DatastoreKind::Gs => "CONDA_PACKAGE_GSROOT",
    };
    let given = deployment.setting(setting).filter(|root| !root.is_empty());
    given.map_or_else(|| format!("{}/conda", deployment.datastore.root), str::to_owned)
}

/// What Metaflow itself needs in each environment (`metaflow_config.py`, `get_pinned_conda_libs`).
fn pins(store: DatastoreKind) -> &'static [(&'static str, &'static str)] {
    match store {
        DatastoreKind::S3 => &[("boto3", ">=1.14.0"), ("requests", ">=2.21.0")],
        DatastoreKind::Azure => &[
            ("azure-identity", ">=1.10.0"),
            ("azure-keyvault-secrets", ">=4.7.0"),
            ("azure-storage-blob", ">=12.12.0"),
            ("requests", ">=2.21.0"),
            ("simple-azure-blob-downloader", ">=0.1.0"),
        ],
        DatastoreKind::Gs => &[
            ("google-auth", ">=2.11.0"),
            ("google-cloud-secret-manager", ">=2.10.0"),
            ("google-cloud-storage", ">=2.5.0"),
            ("packaging", ">=24.0"),
            ("requests", ">=2.21.0"),
            ("simple-gcp-object-downloader", ">=0.1.0"),
        ],
    }
}
