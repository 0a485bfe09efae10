//! Metaflow as it is installed in an environment, found by its files: no interpreter is started.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The folder that holds the package `metaflow`: `from` itself, or the libraries of the environment that `from`
/// is or (`bin/python`) lies in.
pub fn root(from: &Path) -> Result<PathBuf> {
    let shown = from.display();
    let prefix = if from.is_dir() {
        from
    } else if from.is_file() {
        from.parent().and_then(Path::parent).unwrap_or(Path::new(".."))
    } else {
        bail!(
            "metaflow-from: there is no `{shown}`; give a Python (`.venv/bin/python`), its environment or the folder that holds `metaflow`"
        )
    };
    let mut found: Vec<PathBuf> = libraries(prefix)
        .into_iter()
        .filter(|folder| folder.join("metaflow/__init__.py").is_file())
        .collect();
    if let [_, _, ..] = found.as_slice() {
        // `bin/python3.12` tells which of several it is.
        let name = from
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        found.retain(|folder| folder.iter().any(|part| part.to_string_lossy() == name));
    }
    let root = match found.as_slice() {
        [root] => root.clone(),
        [] => bail!(
            "metaflow-from: no Metaflow is installed in `{}`",
            prefix.display()
        ),
        several => bail!(
            "metaflow-from: `{}` has {} of Metaflow; name the folder that holds `metaflow`",
            prefix.display(),
            several.len()
        ),
    };
    if root.join("metaflow_extensions").is_dir() {
        bail!(
            "metaflow-from: `{}` has extensions of Metaflow (`metaflow_extensions`), which are not taken in: leave Metaflow to the image",
            root.display()
        );
    }
    Ok(root)
}

/// Folders where the packages of an environment may lie, sorted.
fn libraries(prefix: &Path) -> Vec<PathBuf> {
    let mut folders = vec![prefix.to_owned()];
    let versions = std::fs::read_dir(prefix.join("lib"));
    for version in versions.into_iter().flatten().flatten() {
        if version.file_name().to_string_lossy().starts_with("python3") {
            folders.extend(["site-packages", "dist-packages"].map(|name| version.path().join(name)));
        }
    }
    folders.sort();
    folders
}

/// `metaflow_version = "2.19.39"` in `metaflow/version.py`.
pub fn version(root: &Path) -> Option<String> {
    let mut text = String::new();
    let mut file = File::open(root.join("metaflow/version.py")).ok()?;
    file.read_to_string(&mut text).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("metaflow_version = "))?;
    Some(line.trim().trim_matches(['"', '\'']).to_owned())
}
