//! What an execution of an attempt has left in the datastore when the attempt is to run anew. Metaflow writes no entry of
//! its metadata that is there already: the client would see what the first execution told. Knows no scheduler.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::store;

/// Removes it from the task's folder and from those of the further tasks of its gang (`t2_node_1` beside `t2`).
pub fn remove(task: &Path, attempt: u32) -> io::Result<()> {
    let (Some(step), Some(name)) = (task.parent(), task.file_name()) else {
        return Ok(());
    };
    let of_gang = format!("{}_node_", name.to_string_lossy());
    for folder in entries(step)? {
        let other = name_of(&folder);
        if OsStr::new(&*other) == name || other.starts_with(&of_gang) {
            remove_in(&folder, attempt)?;
        }
    }
    Ok(())
}

fn remove_in(task: &Path, attempt: u32) -> io::Result<()> {
    // `0.data.json`, `0.DONE.lock`, `0.task_stdout.log`
    let prefix = format!("{attempt}.");
    for file in entries(task)? {
        if name_of(&file).starts_with(&prefix) {
            fs::remove_file(file)?;
        }
    }
    for file in entries(&task.join("_meta"))? {
        if is_of_attempt(&file, attempt) {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// `0_artifact_x.json` by its name, `sysmeta_attempt_ok_1795706522497.json` by its tag.
fn is_of_attempt(file: &Path, attempt: u32) -> bool {
    #[derive(Deserialize)]
    struct Entry {
        tags: Vec<String>,
    }
    let name = name_of(file);
    if name.starts_with("sysmeta_") {
        let entry = store::read(file)
            .ok()
            .and_then(|text| serde_json::from_slice::<Entry>(&text).ok());
        let tag = format!("attempt_id:{attempt}");
        return entry.is_some_and(|entry| entry.tags.contains(&tag));
    }
    name.starts_with(&format!("{attempt}_artifact_"))
}

fn name_of(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// What a folder holds; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
    }
}
