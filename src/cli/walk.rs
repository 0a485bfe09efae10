//! From the paths of the command line to the files to check. Knows Python only by its words: which file
//! could define a flow is a cheap question about its text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use rayon::prelude::*;

use super::disk;
use super::entry::split_class;

/// A file to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As given, or below the given folder.
    pub path: PathBuf,
    /// Named on the command line: checked whatever it holds.
    pub is_named: bool,
    /// `FLOW.py:ClassName`: only this flow of it.
    pub class: Option<String>,
    /// What was read already.
    pub bytes: Option<Vec<u8>>,
}

/// What the paths lead to, and what could not be read: `(path, reason)`.
#[derive(Debug, Default)]
pub struct Found {
    pub entries: Vec<Entry>,
    pub problems: Vec<(PathBuf, String)>,
}

/// Follows the paths in order; each file once, the files of a folder sorted by path, without what `excluded`
/// (in the syntax of `.gitignore`) names there.
pub fn find(paths: &[PathBuf], excluded: impl Fn(&Path) -> Result<Vec<String>>) -> Result<Found> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for path in paths {
        let (path, class) = &split_class(path);
        if class.is_some() {
            if !seen.contains(path) {
                found.entries.push(Entry {
                    path: path.clone(),
                    is_named: true,
                    class: class.clone(),
                    bytes: None,
                });
            }
        } else if path.is_dir() {
            let entries = in_folder(path, &excluded(path)?, &mut found.problems)?;
            found.entries.extend(
                entries
                    .into_iter()
                    .filter(|entry| seen.insert(entry.path.clone())),
            );
        } else if seen.insert(path.clone()) {
            found.entries.push(Entry {
                path: path.clone(),
                is_named: true,
                class: None,
                bytes: None,
            });
        } else {
            // Named after its folder was: it is there already, and now it counts as named.
            let entry = found
                .entries
                .iter_mut()
                .find(|entry| entry.path == *path && entry.class.is_none());
            if let Some(entry) = entry {
                entry.is_named = true;
            }
        }
    }
    Ok(found)
}

/// Every `.py` below a folder that could define a flow; what `.gitignore` names and hidden files are left out.
fn in_folder(
    folder: &Path,
    excluded: &[String],
    problems: &mut Vec<(PathBuf, String)>,
) -> Result<Vec<Entry>> {
    let mut paths = Vec::new();
    let mut overrides = OverrideBuilder::new(folder);
    for pattern in excluded {
        overrides
            .add(&format!("!{pattern}"))
            .with_context(|| format!("check.exclude: `{pattern}`"))?;
    }
    let walk = WalkBuilder::new(folder)
        .overrides(overrides.build()?)
        .require_git(false)
        .git_global(false)
        .build();
    for item in walk {
        match item {
            Ok(item) => {
                let is_file = item.file_type().is_some_and(|kind| kind.is_file());
                let is_link = item.path_is_symlink();
                let is_python = item.path().extension().is_some_and(|extension| extension == "py");
                if is_python && (is_file || (is_link && item.path().is_file())) {
                    paths.push(shown(folder, item.path()));
                }
            }
            Err(error) => problems.push((folder.to_owned(), error.to_string())),
        }
    }
    paths.sort();
    let read: Vec<_> = paths
        .into_par_iter()
        .map(|path| (disk::read(&path), path))
        .collect();
    let mut texts = Vec::with_capacity(read.len());
    for (result, path) in read {
        match result {
            Ok(bytes) => texts.push((path, bytes)),
            Err(error) => problems.push((path, error.to_string())),
        }
    }
    Ok(keep_candidates(texts))
}

/// `./a.py` of folder `.` is shown as `a.py`.
fn shown(folder: &Path, path: &Path) -> PathBuf {
    let relative = if folder == Path::new(".") {
        path.strip_prefix(folder).ok()
    } else {
        None
    };
    relative.unwrap_or(path).to_owned()
}

/// The files that speak of Metaflow, and those with a class whose base may be such a file's class:
/// a project's `class Train(TeamFlow)` needs no word of Metaflow.
fn keep_candidates(texts: Vec<(PathBuf, Vec<u8>)>) -> Vec<Entry> {
    let classes: Vec<Classes> = texts.par_iter().map(|(_, bytes)| Classes::of(bytes)).collect();
    let mut flows: BTreeSet<&str> = BTreeSet::new();
    for class in classes.iter().filter(|classes| classes.speaks_of_metaflow) {
        flows.extend(class.derived.iter().map(|(name, _)| name.as_str()));
    }
    loop {
        let before = flows.len();
        for class in &classes {
            let more = class
                .derived
                .iter()
                .filter(|(_, bases)| bases.iter().any(|base| flows.contains(base.as_str())));
            let more: Vec<&str> = more.map(|(name, _)| name.as_str()).collect();
            flows.extend(more);
        }
        if flows.len() == before {
            break;
        }
    }
    let kept: Vec<bool> = classes
        .iter()
        .map(|class| {
            let mut bases = class.derived.iter().flat_map(|(_, bases)| bases);
            class.speaks_of_metaflow || bases.any(|base| flows.contains(base.as_str()))
        })
        .collect();
    let candidates = texts.into_iter().zip(kept).filter(|(_, is_kept)| *is_kept);
    candidates
        .map(|((path, bytes), _)| Entry {
            path,
            is_named: false,
            class: None,
            bytes: Some(bytes),
        })
        .collect()
}

/// What a text says of classes, by its words alone.
#[derive(Debug, Default)]
struct Classes {
    speaks_of_metaflow: bool,
    /// Class (or alias: `import Base as B`) → the last words of its bases.
    derived: Vec<(String, Vec<String>)>,
}

impl Classes {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let speaks_of_metaflow = speaks_of_metaflow(bytes);
        let mut derived = Vec::new();
        let mut rest = text.as_ref();
        while let Some((_, after)) = rest.split_once("class ") {
            rest = after;
            derived.extend(class_head(after));
        }
        for (index, _) in text.match_indices(" as ") {
            derived.extend(alias(&text, index));
        }
        Self {
            speaks_of_metaflow,
            derived,
        }
    }
}

/// Does a class in the text derive from one of this name, by its words alone?
pub fn may_extend(bytes: &[u8], class: &str) -> bool {
    let is_named = memchr::memmem::find(bytes, class.as_bytes()).is_some();
    is_named && {
        let classes = Classes::of(bytes);
        let mut bases = classes.derived.iter().flat_map(|(_, bases)| bases);
        bases.any(|base| base == class)
    }
}

/// `Train(base.TeamFlow, Mixin):` → `Train`, its bases `TeamFlow` and `Mixin`.
fn class_head(text: &str) -> Option<(String, Vec<String>)> {
    let name = leading_name(text.trim_start());
    let after = text
        .trim_start()
        .get(name.len()..)?
        .trim_start()
        .strip_prefix('(')?;
    let list = after.split(')').next()?;
    let bases: Vec<String> = list
        .split(',')
        .map(|base| trailing_name(base.trim()).to_owned())
        .collect();
    (!name.is_empty()).then(|| (name.to_owned(), bases))
}

/// `TeamFlow as Base` → `Base` stands for `TeamFlow`.
fn alias(text: &str, index: usize) -> Option<(String, Vec<String>)> {
    let original = trailing_name(text.get(..index)?);
    let name = leading_name(text.get(index + " as ".len()..)?.trim_start());
    (!original.is_empty() && !name.is_empty()).then(|| (name.to_owned(), vec![original.to_owned()]))
}

/// Does the word `metaflow` stand anywhere in the text?
pub fn speaks_of_metaflow(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"metaflow").is_some()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn leading_name(text: &str) -> &str {
    text.split(|character| !is_word(character)).next().unwrap_or("")
}

fn trailing_name(text: &str) -> &str {
    text.rsplit(|character| !is_word(character)).next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(files: &[(&str, &str)]) -> Vec<String> {
        let texts = files
            .iter()
            .map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec()))
            .collect();
        keep_candidates(texts)
            .into_iter()
            .map(|entry| entry.path.display().to_string())
            .collect()
    }

    #[test]
    fn follows_bases_across_files_and_aliases() {
        let files = [
            (
                "base.py",
                "from metaflow import FlowSpec\nclass Team(FlowSpec):\n    pass\n",
            ),
            (
                "train.py",
                "from base import Team as T\nclass Train(T):\n    pass\n",
            ),
            (
                "deep.py",
                "import train\nclass Deep(\n    train.Train,\n):\n    pass\n",
            ),
            ("other.py", "class Other(dict):\n    pass\n"),
            ("plain.py", "x = 1\n"),
        ];
        assert_eq!(kept(&files), ["base.py", "train.py", "deep.py"]);
    }
}
