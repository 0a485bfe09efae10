//! The run's files in Metaflow's local datastore: where they lie, what a scheduler reads and writes of them.
//! Artifacts and metadata are written by the tasks themselves.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::pickle::{self, Pickled};
use super::schedule::Transition;

/// Metaflow ignores attempts beyond this.
pub const MAX_ATTEMPTS: u32 = 6;

/// The folder of one flow in a datastore.
#[derive(Clone, Debug)]
pub struct Store {
    /// `…/.metaflow`.
    pub root: PathBuf,
    flow: PathBuf,
}

/// What an attempt stored: artifact names and the digests of their contents.
#[derive(Debug, Deserialize)]
struct Stored {
    objects: std::collections::BTreeMap<String, String>,
}

/// The artifacts of one finished task.
#[derive(Debug)]
pub struct Artifacts<'a> {
    store: &'a Store,
    stored: Stored,
}

impl Store {
    pub fn new(root: &Path, flow: &str) -> Self {
        Self {
            root: root.to_owned(),
            flow: root.join(flow),
        }
    }

    /// A task's file of one attempt: `<A>.runtime`.
    pub fn file(&self, path: &str, attempt: u32, name: &str) -> PathBuf {
        self.flow.join(path).join(format!("{attempt}.{name}"))
    }

    pub fn latest_run(&self) -> Option<String> {
        let text = String::from_utf8(read(&self.flow.join("latest_run")).ok()?).ok()?;
        Some(text.trim().to_owned()).filter(|run| !run.is_empty())
    }

    pub fn write_latest_run(&self, run: &str) -> io::Result<()> {
        fs::create_dir_all(&self.flow)?;
        write_whole(&self.flow.join("latest_run"), run.as_bytes())
    }

    pub fn has_run(&self, run: &str) -> bool {
        self.flow.join(run).join("_parameters").is_dir()
    }

    /// Removes what a run left that never began, and the folders that are empty without it.
    pub fn forget(&self, run: &str) {
        // What cannot be removed does no harm.
        let _ = fs::remove_dir_all(self.flow.join(run));
        let _ = fs::remove_dir(&self.flow);
        let _ = fs::remove_dir(&self.root);
    }

    /// What Metaflow's own scheduler notes of an attempt.
    pub fn write_outcome(&self, path: &str, attempt: u32, code: i32, is_killed: bool) -> io::Result<()> {
        let text = format!(
            "{{\"return_code\": {code}, \"killed\": {is_killed}, \"success\": {}}}",
            code == 0
        );
        fs::create_dir_all(self.flow.join(path))?;
        write_whole(&self.file(path, attempt, "runtime"), text.as_bytes())
    }

    pub fn artifacts(&self, path: &str, attempt: u32) -> Result<Artifacts<'_>> {
        let file = self.file(path, attempt, "data.json");
        let text = read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let stored =
            serde_json::from_slice(&text).with_context(|| format!("cannot read `{}`", file.display()))?;
        Ok(Artifacts { store: self, stored })
    }

    /// Has the attempt stored all that it was to store?
    pub fn is_done(&self, path: &str, attempt: u32) -> bool {
        self.file(path, attempt, "DONE.lock").is_file()
    }

    /// The folder of a task.
    pub fn task(&self, path: &str) -> PathBuf {
        self.flow.join(path)
    }

    /// The last attempt of a task that came to its end, if any.
    pub fn done_attempt(&self, path: &str) -> Option<u32> {
        (0..MAX_ATTEMPTS)
            .rev()
            .find(|&attempt| self.is_done(path, attempt))
    }

    /// The tasks of a step of a run, in order of their names.
    pub fn tasks(&self, run: &str, step: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.flow.join(run).join(step)) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.filter(|name| name != "_meta").collect();
        names.sort();
        names
    }

    fn blob(&self, digest: &str) -> Result<Vec<u8>> {
        let folder = digest
            .get(..2)
            .context("a digest is shorter than two characters")?;
        let file = self.flow.join("data").join(folder).join(digest);
        let packed = fs::File::open(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let mut bytes = Vec::new();
        GzDecoder::new(packed).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Artifacts<'_> {
    /// An artifact, none where the task has none of that name.
    pub fn get(&self, name: &str) -> Result<Option<Pickled>> {
        let Some(digest) = self.stored.objects.get(name) else {
            return Ok(None);
        };
        let value = pickle::read(&self.store.blob(digest)?);
        Ok(Some(
            value.with_context(|| format!("cannot read the artifact `{name}`"))?,
        ))
    }

    pub fn is_ok(&self) -> bool {
        matches!(self.get("_task_ok"), Ok(Some(Pickled::Bool(true))))
    }

    /// How the task went on.
    pub fn transition(&self) -> Result<Transition> {
        let mut transition = Transition::default();
        if let Some(Pickled::Items(parts)) = self.get("_transition")? {
            transition.next = parts.first().map(Pickled::texts).unwrap_or_default();
        }
        let splits = self.get("_foreach_num_splits")?.and_then(|value| value.as_int());
        transition.splits = splits.and_then(|count| u32::try_from(count).ok());
        let unbounded = self.get("_unbounded_foreach")?;
        transition.is_parallel = unbounded.is_some_and(|value| value != Pickled::None);
        if let Some(mappers) = self.get("_control_mapper_tasks")? {
            transition.mappers = mappers.texts();
        }
        Ok(transition)
    }
}

pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Into the file that is there: it may be a pipe that somebody reads, as Metaflow's `Runner` does.
pub fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?
        .write_all(bytes)
}

/// Written whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = fs::File::create(&temporary).and_then(|mut file| file.write_all(bytes));
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // What is half written helps nobody.
        let _ = fs::remove_file(&temporary);
    }
    renamed
}

/// The datastore's root, as Metaflow finds it: the one configured, the nearest `.metaflow` upwards, a new one here.
pub fn find_root(configured: Option<&Path>, folder: &Path) -> PathBuf {
    const NAME: &str = ".metaflow";
    if let Some(configured) = configured {
        let is_root = configured.file_name().is_some_and(|name| name == NAME);
        return if is_root {
            configured.to_owned()
        } else {
            configured.join(NAME)
        };
    }
    let upwards = folder
        .ancestors()
        .map(|folder| folder.join(NAME))
        .find(|root| root.is_dir());
    upwards.unwrap_or_else(|| folder.join(NAME))
}
