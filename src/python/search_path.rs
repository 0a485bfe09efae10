//! `sys.path`: the folders in which modules of the project are looked for. Knows nothing of modules themselves.

use std::path::PathBuf;

use super::convert::Given;
use super::interpreter::Interpreter;
use super::object::{Object, Thing};
use super::standard;
use crate::value::Value;

/// Folders that the flow adds to its own.
#[derive(Debug, Default)]
pub struct SearchPath {
    /// `sys.path.insert(0, folder)`, the last one first.
    before: Vec<PathBuf>,
    /// `sys.path.append(folder)`: after the flow's folder and the standard library.
    behind: Vec<PathBuf>,
}

impl<'a> Interpreter<'a> {
    /// Where a module of this name may lie, the first place first.
    pub(super) fn search_folders(&self, top: &str) -> Vec<PathBuf> {
        let behind: &[PathBuf] = if standard::is_standard(top) {
            &[]
        } else {
            &self.search_path.behind
        };
        let before = self.search_path.before.iter();
        before.chain([&self.folder]).chain(behind).cloned().collect()
    }

    /// `sys.path.insert(0, str(Path(__file__).parent / "src"))`, `sys.path.append(…)`. A folder that does not begin
    /// at the flow's own is no part of the project.
    pub(super) fn extend_search_path(&mut self, name: &str, given: &Given<'a>) -> Thing<'a> {
        let is_insert = name == "sys.path.insert";
        let at = |index: usize| given.arguments.get(index).map(|argument| &argument.thing.object);
        if let Some(Object::Path(path)) = at(usize::from(is_insert))
            && path.is_anchored
        {
            let folder = self.folder.join(&path.text);
            if is_insert && matches!(at(0), Some(Object::Constant(Value::Int(0)))) {
                self.search_path.before.insert(0, folder);
            } else {
                self.search_path.behind.push(folder);
            }
            // What was not found so far may be found now.
            self.modules.retain(|_, module| module.is_some());
        }
        Thing::constant(Value::None)
    }
}
