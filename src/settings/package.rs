//! Settings of the code package: what goes into it, and where the tasks' Metaflow comes from. Reads no file.

use std::path::{Path, PathBuf};

use super::Metaflow;
use super::layer::Origin;
use super::merge::Settings;

/// `--code package`: the package that flowc makes of the same sources.
pub const OWN: &str = "package";

/// Metaflow's own suffixes (`METAFLOW_DEFAULT_PACKAGE_SUFFIXES`).
const USUAL_SUFFIXES: &str = ".py,.R,.RDS";

/// The digest that stands in a definition until the package is built: as long as a real one.
pub const UNKNOWN_DIGEST: &str = "0000000000000000000000000000000000000000";

/// Is the code the flow's own package, whose digest the settings cannot know?
pub fn is_own(settings: &Settings) -> bool {
    settings.text("code") == Some(OWN)
}

/// Where the tasks of such a package find Metaflow.
pub fn metaflow(settings: &Settings) -> Metaflow {
    let version = settings.text("metaflow-version");
    match (settings.text("package.metaflow-from"), version) {
        (Some(_), _) => Metaflow::Packed,
        (None, Some(version)) => Metaflow::Installed(version.to_owned()),
        (None, None) => Metaflow::InImage,
    }
}

/// `[tool.flowc.package]`.
#[derive(Clone, Debug, Default)]
pub struct PackageSettings {
    /// Ends of file names, in any case; those of Metaflow come first.
    pub suffixes: Vec<String>,
    /// The first of them: what `@package_sources` takes where it names no suffixes.
    pub usual_suffixes: Vec<String>,
    /// Taken in whatever their suffix, in the syntax of `.gitignore`, by their names in the package.
    pub include: Vec<String>,
    /// Left out, in the same syntax.
    pub exclude: Vec<String>,
    /// Leave out what `.gitignore` names.
    pub heeds_gitignore: bool,
    /// The Python, environment or folder whose Metaflow is taken in.
    pub metaflow_from: Option<PathBuf>,
    /// What is installed when a task starts, where none is taken in.
    pub metaflow_version: Option<String>,
}

impl PackageSettings {
    pub fn new(settings: &Settings) -> Self {
        let usual = settings
            .metaflow("DEFAULT_PACKAGE_SUFFIXES")
            .unwrap_or(USUAL_SUFFIXES);
        let usual_suffixes: Vec<String> = split(usual).collect();
        let more = settings.texts("package.suffixes").iter();
        let more = more.flat_map(|text| split(text).collect::<Vec<_>>());
        Self {
            suffixes: usual_suffixes.iter().cloned().chain(more).collect(),
            usual_suffixes,
            include: settings.texts("package.include").to_vec(),
            exclude: settings.texts("package.exclude").to_vec(),
            heeds_gitignore: settings.switch("package.gitignore").unwrap_or(true),
            metaflow_from: path(settings, "package.metaflow-from"),
            metaflow_version: settings.text("metaflow-version").map(str::to_owned),
        }
    }
}

fn split(text: &str) -> impl Iterator<Item = String> {
    let suffixes = text.split(',').map(str::trim);
    suffixes.filter(|suffix| !suffix.is_empty()).map(str::to_owned)
}

/// A path in a settings file is relative to that file; a bare name (`python3`) stays one.
fn path(settings: &Settings, key: &str) -> Option<PathBuf> {
    let text = settings.text(key)?;
    let folder = match settings.origin(key) {
        Some(Origin::File { path, .. }) if text.contains('/') => path.parent(),
        Some(Origin::File { .. } | Origin::Option(_) | Origin::Environment(_) | Origin::Default) | None => {
            None
        }
    };
    Some(folder.unwrap_or(Path::new("")).join(text))
}
