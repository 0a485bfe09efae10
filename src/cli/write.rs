//! Files are written whole or not at all: a temporary file in the same folder, then a rename.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};

/// Puts `text` at `path`, keeping the permissions of a file that is there.
pub fn whole(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let folder = super::entry::folder_of(path);
    write(folder, path, text.as_ref()).map_err(|error| unwritten(path, &error))
}

/// What went wrong, of the file that was asked for: the temporary file beside it is nobody's business.
fn unwritten(path: &Path, error: &Error) -> Error {
    let folder = super::entry::folder_of(path);
    if !folder.is_dir() {
        return anyhow!(
            "cannot write `{}`: there is no folder `{}`",
            path.display(),
            folder.display()
        );
    }
    let words = error.to_string();
    let reason = words
        .split_once(" at path ")
        .map_or(words.as_str(), |(reason, _)| reason);
    anyhow!("cannot write `{}`: {reason}", path.display())
}

/// The file of `-o`; none where it is `-`, standard output.
pub fn to_file(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| *path != Path::new("-"))
}

/// Whether [`whole`] could be asked to write there: leaves all as it is.
pub fn probe(path: &Path) -> Result<()> {
    probe_file(path).map_err(|error| unwritten(path, &error))
}

/// The same of a file that is written where it is.
pub fn probe_in_place(path: &Path) -> Result<()> {
    if !path.is_file() {
        return probe(path);
    }
    let opened = std::fs::OpenOptions::new().append(true).open(path);
    opened
        .map(drop)
        .map_err(|error| unwritten(path, &Error::from(error)))
}

fn probe_file(path: &Path) -> Result<()> {
    if is_special(path) {
        return Ok(());
    }
    if path.is_dir() {
        bail!("it is a folder");
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = super::entry::folder_of(&target);
    tempfile::Builder::new().prefix(".flowc-").tempfile_in(folder)?;
    Ok(())
}

/// As [`whole`], but never over one of the files that the text was made from.
pub fn not_over(sources: &[PathBuf], path: &Path, text: &str) -> Result<()> {
    is_no_source(sources, path)?;
    whole(path, text)
}

/// An error where the file is one of those that the flow was read from.
pub fn is_no_source(sources: &[PathBuf], path: &Path) -> Result<()> {
    let found = path.canonicalize();
    let is_same = |source: &PathBuf| {
        let source = source.canonicalize();
        found
            .as_ref()
            .is_ok_and(|found| source.is_ok_and(|source| source == *found))
    };
    if sources.iter().any(is_same) {
        bail!(
            "`{}` is a source of the flow: it is not written over",
            path.display()
        );
    }
    Ok(())
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    if is_special(path) {
        let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
        return Ok(file.write_all(bytes)?);
    }
    // A link keeps pointing where it points: its target is what is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = if target == path {
        folder
    } else {
        target.parent().unwrap_or(folder)
    };
    let mut file = tempfile::Builder::new().prefix(".flowc-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    let permissions = match std::fs::metadata(&target) {
        Ok(metadata) => metadata.permissions(),
        Err(_) => new_file_permissions(folder)?,
    };
    file.as_file().set_permissions(permissions)?;
    file.persist(&target)?;
    Ok(())
}

/// `/dev/stdout`, a pipe: nothing that a rename could replace.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// What an ordinary new file gets (the umask's business), which a temporary file does not.
fn new_file_permissions(folder: &Path) -> Result<std::fs::Permissions> {
    let probe = tempfile::Builder::new()
        .prefix(".flowc-")
        .make_in(folder, |path| std::fs::File::create_new(path))?;
    Ok(probe.as_file().metadata()?.permissions())
}

/// Puts `text` at `path` where nothing is.
pub fn new(path: &Path, text: &str) -> Result<()> {
    let folder = super::entry::folder_of(path);
    write_new(folder, path, text).map_err(|error| unwritten(path, &error))
}

fn write_new(folder: &Path, path: &Path, text: &str) -> Result<()> {
    let mut file = tempfile::Builder::new().prefix(".flowc-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(new_file_permissions(folder)?)?;
    file.persist_noclobber(path)?;
    Ok(())
}
