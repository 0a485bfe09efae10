//! What Python means before a flow is seen: modules parsed and followed statement by statement, as an
//! import would run them, without running anything. Knows no step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::source::{Files, Span};
use crate::value::Value;

pub mod object;

/// All that reading may look at besides the entry file.
pub struct Inputs<'a> {
    pub files: &'a dyn Files,
    /// What `os.environ` answers. Each look-up is recorded with the value that used it.
    pub environment: &'a BTreeMap<String, String>,
    pub configs: &'a Configs,
    /// `-D NAME=VALUE`, `[values]`: values for what cannot be known.
    pub defines: &'a BTreeMap<String, Value>,
    /// Third-party decorators that the project declares known (`[decorators]` in `flowc.toml`): name → what it does.
    pub known_decorators: &'a BTreeMap<String, KnownDecorator>,
}

/// Values of Metaflow `Config`s given on the command line or in `flowc.toml`.
#[derive(Clone, Debug, Default)]
pub struct Configs {
    /// `--config NAME=FILE`
    pub files: BTreeMap<String, PathBuf>,
    /// `--config-value NAME=JSON`, as text.
    pub values: BTreeMap<String, String>,
}

/// What a project says of a decorator that flowc does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownDecorator {
    /// It wraps the run time only.
    Harmless,
    /// It changes the flow: the definition cannot be known.
    Mutator,
}

/// The file to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// As given; also the name that diagnostics show. Imports resolve against its folder.
    pub path: &'a Path,
    /// The bytes, where they do not come from `path` (stdin).
    pub text: Option<&'a [u8]>,
}

/// A program after all of its module-level statements were followed.
pub struct Followed<'a> {
    /// None where the entry file is no Python text or does not parse.
    pub entry: Option<Rc<object::Module<'a>>>,
    /// Every class statement of the entry file that was met, nested ones and those in called functions too, in order.
    pub classes: Vec<Rc<object::Class<'a>>>,
    /// Calls of project classes at module level (`if __name__ == "__main__": F()` is followed as true), in order.
    pub instantiated: Vec<(Rc<object::Class<'a>>, Span)>,
    /// Syntax errors (all of them), uncaught exceptions at import.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was looked at, in order.
    pub files_read: Vec<PathBuf>,
}
