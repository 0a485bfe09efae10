//! The flow named on the command line: a file, one class of it, or stdin.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::disk;

/// A source with its bytes.
#[derive(Clone, Debug)]
pub struct Source {
    /// As given; what diagnostics show, and where imports begin.
    pub path: PathBuf,
    /// `FLOW.py:ClassName`
    pub class: Option<String>,
    pub bytes: Vec<u8>,
    pub is_stdin: bool,
}

impl Source {
    /// Reads the file, or stdin for `-`.
    pub fn read(given: &Path, stdin_filename: Option<&Path>) -> Result<Self> {
        if given == Path::new("-") {
            return Self::from_stdin(stdin_filename);
        }
        if given.as_os_str().is_empty() {
            bail!("the path is empty");
        }
        let (path, class) = split_class(given);
        let bytes = disk::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(Self {
            path,
            class,
            bytes,
            is_stdin: false,
        })
    }

    pub fn from_stdin(filename: Option<&Path>) -> Result<Self> {
        let bytes = disk::read_stdin().context("cannot read stdin")?;
        let path = filename.map_or_else(|| PathBuf::from("<stdin>"), Path::to_owned);
        Ok(Self {
            path,
            class: None,
            bytes,
            is_stdin: true,
        })
    }

    /// The folder from which settings are looked for.
    pub fn folder(&self) -> &Path {
        folder_of(&self.path)
    }
}

pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// `FLOW.py:ClassName`, unless there is a file of the whole name.
pub fn split_class(given: &Path) -> (PathBuf, Option<String>) {
    let whole = (given.to_owned(), None);
    let Some((file, class)) = given.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole;
    };
    let is_name = class
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_');
    if file.is_empty() || class.is_empty() || !is_name || given.exists() {
        return whole;
    }
    (PathBuf::from(file), Some(class.to_owned()))
}
