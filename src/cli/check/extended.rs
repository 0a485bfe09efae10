//! Does a flow of a neighbouring file extend a class? Asked of a base that is checked alone. Knows no rule.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::super::{disk, walk};
use crate::flow::{self, Inputs};
use crate::python;

/// So many neighbours are looked into, and no more: a check of one file is no check of a project.
const FILES: usize = 200;
/// So many names in folders are looked at for them.
const NAMES: usize = 2_000;
/// So many neighbours are read as programs.
const PROGRAMS: usize = 20;

/// Is the class of this name in this file a base of a flow in its folder or in its package?
pub(super) fn is_extended(path: &Path, class: &str, inputs: &Inputs<'_>) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    let neighbours = neighbours(&path).into_iter();
    let texts = neighbours.filter_map(|neighbour| Some((disk::read(&neighbour).ok()?, neighbour)));
    let mut candidates = texts
        .filter(|(bytes, _)| walk::may_extend(bytes, class))
        .take(PROGRAMS);
    candidates.any(|(bytes, neighbour)| extends(&neighbour, &bytes, &path, class, inputs))
}

/// Does a flow of the neighbour derive from the class?
fn extends(neighbour: &Path, bytes: &[u8], path: &Path, class: &str, inputs: &Inputs<'_>) -> bool {
    let entry = flow::Entry {
        path: neighbour,
        text: Some(bytes),
        class: None,
    };
    let Ok(checkup) = python::on_deep_stack(|| crate::read(entry, inputs)) else {
        return false;
    };
    let mut ancestors = checkup.flows.iter().flat_map(|flow| &flow.ancestors);
    ancestors.any(|span| {
        // By its name, not its place: an editor gives a text that is not saved yet.
        let source = Path::new(checkup.sources.get(span.source).name());
        checkup.sources.slice(*span) == class && source.canonicalize().is_ok_and(|source| source == path)
    })
}

/// The Python files beside a file, then those in the folders below, then those of the package around it and of the
/// folder in which that package lies.
fn neighbours(path: &Path) -> Vec<PathBuf> {
    let mut seen = BTreeSet::from([path.to_owned()]);
    let mut found = Vec::new();
    let beside = path.parent().map(|folder| (folder, Some(1)));
    let is_package = |folder: &Path| folder.join("__init__.py").is_file();
    let mut around = Vec::new();
    let mut next = path.parent();
    while let Some(folder) = next {
        around.push((folder, None));
        next = folder.parent().filter(|_| is_package(folder));
    }
    for (folder, depth) in beside.into_iter().chain(around) {
        let walk = WalkBuilder::new(folder)
            .max_depth(depth)
            .require_git(false)
            .git_global(false)
            .sort_by_file_name(Ord::cmp)
            .build();
        let files = walk.take(NAMES).flatten().filter(is_python);
        let fresh = files
            .map(DirEntry::into_path)
            .filter(|file| seen.insert(file.clone()));
        found.extend(fresh.take(FILES.saturating_sub(found.len())));
    }
    found
}

fn is_python(item: &DirEntry) -> bool {
    let is_file = item.file_type().is_some_and(|kind| kind.is_file());
    is_file && item.path().extension().is_some_and(|extension| extension == "py")
}
