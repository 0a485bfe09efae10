//! The code package of a flow: its files and Metaflow's notes on them as one tarball, named by its content, so
//! that a definition can name it before it is uploaded. Knows no target and starts no program.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::{Compression, GzBuilder};
use sha1::{Digest, Sha1};

use crate::flow::Flow;
use crate::plan;
use crate::settings::PackageSettings;

mod choose;
mod ignored;
mod installed;
mod notes;
mod tarball;
#[cfg(feature = "upload")]
pub mod upload;

pub use choose::is_own;
use choose::{Chooser, Kinds};
use ignored::Patterns;

/// Far above any project; a flow in a home folder is meant by nobody.
const MOST_FILES: usize = 100_000;

/// A file of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its place below the folder that the package is unpacked in.
    pub name: String,
    /// Where it lies here; none for what flowc wrote.
    pub path: Option<PathBuf>,
    pub is_executable: bool,
    pub bytes: Vec<u8>,
}

/// A package, built.
#[derive(Clone, Debug)]
pub struct Package {
    /// Sorted by name.
    pub members: Vec<Member>,
    /// The tarball.
    pub bytes: Vec<u8>,
    /// Its SHA-1 in hex, which is its name in the datastore.
    pub digest: String,
}

/// Builds the package of the flow in the file `entry`. `output` is a file that is being written and does not
/// belong into it.
pub fn build(
    entry: &Path,
    flow: &Flow,
    settings: &PackageSettings,
    output: Option<&Path>,
) -> Result<Package> {
    let members = members(entry, flow, settings, output)?;
    let members: Vec<Member> = members.into_values().collect();
    let bytes = tarball::write(&members).context("cannot write the tarball")?;
    let digest = Sha1::digest(&bytes);
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Package {
        members,
        bytes,
        digest,
    })
}

/// All files by their names.
fn members(
    entry: &Path,
    flow: &Flow,
    settings: &PackageSettings,
    output: Option<&Path>,
) -> Result<BTreeMap<String, Member>> {
    let folder = folder_of(entry);
    let patterns = Patterns::new(&settings.include, &settings.exclude)?;
    let mut chooser = Chooser::new(&patterns, output);
    chooser.the_flow(entry)?;
    let kinds = Kinds {
        suffixes: &settings.suffixes,
        takes_hidden: false,
        heeds_gitignore: settings.heeds_gitignore,
    };
    chooser.folder(folder, "", kinds)?;
    for (source, place, suffixes) in sources(flow, settings) {
        let kinds = Kinds {
            suffixes: &suffixes,
            ..kinds
        };
        chooser
            .source(&folder.join(&source), place.as_deref(), kinds)
            .with_context(|| format!("`@package_sources` of `{}`: `{source}`", flow.name))?;
    }
    let mut version = settings.metaflow_version.clone();
    if let Some(from) = &settings.metaflow_from {
        let root = installed::root(from)?;
        version = installed::version(&root);
        chooser.metaflow(&root)?;
    }
    let mut members = chooser.members;
    if members.len() > MOST_FILES {
        bail!("more than {MOST_FILES} files in `{}`", folder.display());
    }
    let file = entry.file_name().unwrap_or_default().to_string_lossy();
    for (name, text) in notes::all(flow, &file, version.as_deref()) {
        let member = Member {
            name: name.to_owned(),
            path: None,
            is_executable: false,
            bytes: text.into_bytes(),
        };
        members.insert(name.to_owned(), member);
    }
    Ok(members)
}

/// `@package_sources`: path, place, suffixes.
fn sources(flow: &Flow, settings: &PackageSettings) -> Vec<(String, Option<String>, Vec<String>)> {
    let mut sources = Vec::new();
    for given in plan::flow_request(&flow.decorators).package_sources {
        let suffixes = given.suffixes.unwrap_or_else(|| settings.usual_suffixes.clone());
        for (path, place) in given.sources {
            sources.push((path, place, suffixes.clone()));
        }
    }
    sources
}

/// What lies in the datastore of an included file: its content, compressed (Metaflow 2.19: `includefile.py`).
pub fn included(content: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::default());
    gzip.write_all(content)?;
    Ok(gzip.finish()?)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}
