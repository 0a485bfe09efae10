//! What Python means before a flow is seen: modules parsed and followed statement by statement, as an
//! import would run them, without running anything. Knows no step.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::source::{Files, SourceId, Sources, Span};
use crate::value::{Evaluated, Placeholder, Unknown, Value};
use interpreter::{Interpreter, Stop};
use object::{Applied, Argument, Binding, Class, Thing};

pub mod object;
mod arena;
mod depth;
mod parse;
mod namespace;
mod names;
mod scope;
mod module;
mod search_path;
mod environment;
mod dynamic;
mod locals;
mod scopes;
mod refused;
mod mutation;
mod interpreter;
mod branch;
mod leaks;
mod choices;
mod follow;
mod loops;
mod matching;
mod doubts;
mod attempts;
mod assign;
mod setting;
mod special;
mod imports;
mod inheritance;
mod metaclass;
mod classes;
mod enumerations;
mod dataclass;
mod annotations;
mod evaluate;
mod surrogate;
mod attribute;
mod private;
mod item;
mod operators;
mod compare;
mod call;
mod arguments;
mod mistakes;
mod decorate;
mod marks;
mod builtins;
mod numbers;
pub mod lazy;
mod iteration;
mod containers;
mod text;
mod format;
mod external;
mod paths;
mod config_format;
mod config;
mod convert;
mod json;
mod standard;
mod library;
mod metaflow;
mod extensions;
mod raised;
#[cfg(test)]
mod tests;

pub use arena::Arena;
pub use choices::Choice;
pub(crate) use convert::is_user_step_decorator;
pub use depth::{STACK_SIZE, on_deep_stack, with_deep_stack};
pub use extensions::FOREIGN_NAME;
pub(crate) use inheritance::{is_exception, is_module, is_of_python};
pub(crate) use json::is_json_text;
pub use library::has_name;
pub(crate) use marks::why_copied;
pub use namespace::Namespace;
pub use parse::SYNTAX_ERROR;
pub use raised::{DEFINITION_TIME_EXCEPTION, definition_time_exception};

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
    /// Bases from other packages that bring a flow neither parameters nor steps nor decorators (`[bases]` in `flowc.toml`).
    pub harmless_bases: &'a BTreeSet<String>,
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
    /// The flow class that alone is asked for, whether the file runs it or not.
    pub class: Option<&'a str>,
}

/// A program after all of its module-level statements were followed.
pub struct Followed<'a> {
    /// None where the entry file is no Python text.
    pub entry: Option<Rc<object::Module<'a>>>,
    /// Every class statement of the entry file that was met, nested ones and those in called functions too, in order.
    pub classes: Vec<Rc<object::Class<'a>>>,
    /// Calls of project classes at module level (`if __name__ == "__main__": F()` is followed as true), in order.
    pub instantiated: Vec<(Rc<object::Class<'a>>, Span)>,
    /// Something unknown is called, which may be any of the classes: `FLOWS[sys.argv[1]]()`.
    pub runs_unknown: bool,
    /// Syntax errors (all of them), uncaught exceptions at module level.
    pub diagnostics: Vec<Diagnostic>,
    /// Spans of the unknowns that `diagnostics` report already: not to be reported again where they flow on.
    pub reported: BTreeSet<Span>,
    /// What Python would raise, or silently get wrong, while it defines classes (in a class body, a decorator's
    /// argument), and the uses of run-time names at module level; each once, in order. Who knows the flow and
    /// step reports them with their context, and at the end those that remain.
    pub raised: Vec<Unknown>,
    /// Decorators of Metaflow that are called on something unknown, by their names.
    pub astray: Vec<(String, Unknown)>,
    /// Every file that was looked at, in order.
    pub files_read: Vec<PathBuf>,
    /// Sources that the parser could not make whole sense of: lines of theirs are missing from what was followed.
    pub partial: BTreeSet<SourceId>,
    interpreter: RefCell<Interpreter<'a>>,
}

/// Follows the entry module as `python FILE` would run it, without running anything.
/// An entry without text that cannot be read is empty. Must be called, and its result dropped, on a deep stack: see [`with_deep_stack`].
pub fn follow<'a>(
    arena: &'a Arena,
    entry: Entry<'_>,
    inputs: &'a Inputs<'a>,
    sources: &mut Sources,
) -> Followed<'a> {
    let bytes = match entry.text {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(inputs.files.read(entry.path).ok().flatten().unwrap_or_default()),
    };
    let folder = entry.path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut interpreter = Interpreter::new(arena, inputs, std::mem::take(sources), folder);
    let parsed = interpreter.parse_entry(entry.path, &bytes);
    let module = interpreter.follow_entry(parsed);
    // The interpreter goes on to look at them when values are asked for.
    *sources = interpreter.sources.clone();
    Followed {
        entry: Some(module),
        classes: std::mem::take(&mut interpreter.classes),
        instantiated: std::mem::take(&mut interpreter.instantiated),
        runs_unknown: interpreter.runs_unknown,
        diagnostics: std::mem::take(&mut interpreter.diagnostics),
        reported: std::mem::take(&mut interpreter.reported),
        raised: std::mem::take(&mut interpreter.raised),
        astray: std::mem::take(&mut interpreter.astray),
        files_read: std::mem::take(&mut interpreter.files_read),
        partial: std::mem::take(&mut interpreter.partial),
        interpreter: RefCell::new(interpreter),
    }
}

impl<'a> Followed<'a> {
    /// What is known of a thing where a value is meant: at the rim, as in a decorator's argument. Containers are
    /// taken apart, Config placeholders and `config_expr` resolved; a bare `Parameter` is a
    /// [`PlaceholderUse::Bare`](crate::value::PlaceholderUse), functions are [`Value::Function`].
    pub fn evaluated(&self, thing: &Thing<'a>, span: Span) -> Evaluated {
        self.interpreter.borrow_mut().evaluated(thing, span)
    }

    /// The content of a `Config(…)` call: its file or value, parsed. What Metaflow would refuse is
    /// [`Why::Raises`](crate::value::Why::Raises) a `UsageError`.
    pub fn config(&self, config: &Applied<'a>) -> Result<Value, Unknown> {
        let content = self.interpreter.borrow_mut().config_content(config);
        content.map_err(|(Stop::Unknown(unknown) | Stop::Raise(unknown))| unknown)
    }

    /// The text that a `Config(…)` call reads, as its parser gets it; none where nothing is given.
    pub fn config_text(&self, config: &Applied<'a>) -> Result<Option<String>, Unknown> {
        let text = self.interpreter.borrow_mut().config_text(config);
        let text = text.map(|given| given.map(|(text, _)| text));
        text.map_err(|(Stop::Unknown(unknown) | Stop::Raise(unknown))| unknown)
    }

    /// The arguments that a `**config` stands for which was met before its Config was made; nothing where the
    /// unknown is another.
    pub fn put_off_arguments(
        &self,
        unknown: &Unknown,
        given: &[Argument<'a>],
    ) -> Option<Result<Vec<Argument<'a>>, Unknown>> {
        let found = self.interpreter.borrow_mut().put_off_arguments(unknown, given)?;
        Some(found.map_err(|(Stop::Unknown(unknown) | Stop::Raise(unknown))| unknown))
    }

    /// A module of the project by its dotted name, followed where it was not yet; none where it is from elsewhere or
    /// cannot be followed to its end.
    pub fn project_module(&self, name: &str, span: Span) -> Option<Rc<object::Module<'a>>> {
        let found = self.interpreter.borrow_mut().project_module(name, span);
        found.ok().flatten().filter(|module| module.is_complete.get())
    }

    /// The module of a source, with its statements.
    pub fn module_of(
        &self,
        source: SourceId,
    ) -> Option<(Rc<object::Module<'a>>, &'a [ruff_python_ast::Stmt])> {
        self.interpreter.borrow().module_of(source)
    }

    /// Where the program has the name of a `-D`, and whether the value was of use there; nothing where it has no such
    /// name.
    pub fn define_met(&self, name: &str) -> Option<(Span, bool)> {
        self.interpreter.borrow().defines_met.get(name).copied()
    }

    /// What the unknown is perhaps, where one of Metaflow's decorators or parameters is among that.
    pub fn choice(&self, unknown: &Unknown) -> Option<Choice> {
        self.interpreter
            .borrow()
            .choices
            .borrow()
            .get(&unknown.span)
            .copied()
    }

    /// What else is wrong in the argument in which this is.
    pub fn further(&self, mistake: Span) -> Vec<Unknown> {
        let interpreter = self.interpreter.borrow();
        interpreter.further.get(&mistake).cloned().unwrap_or_default()
    }

    /// Every file that was looked at until now: following reads sources, asking for values reads Configs' files.
    pub fn all_files_read(&self) -> Vec<PathBuf> {
        let mut files = self.files_read.clone();
        for file in &self.interpreter.borrow().files_read {
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        files
    }

    /// Is it a placeholder (`Parameter(…)`, `config.a`), and under which name?
    pub fn placeholder(&self, applied: &Applied<'a>) -> Option<(Placeholder, String)> {
        convert::placeholder(applied)
    }

    /// The classes of the project in method resolution order, the class itself first. Bases from outside of
    /// the project are left out; see [`Followed::external_bases`].
    pub fn resolution_order(&self, class: &Rc<Class<'a>>) -> Vec<Rc<Class<'a>>> {
        self.interpreter.borrow_mut().resolution_order(class)
    }

    /// Dotted names of the bases from outside of the project, over the whole resolution order
    /// (`metaflow.FlowSpec`); a base that is not known is `None`.
    pub fn external_bases(&self, class: &Rc<Class<'a>>) -> Vec<Option<Rc<str>>> {
        self.interpreter.borrow_mut().external_bases(class)
    }

    /// An attribute of a class, its bases searched in order.
    pub fn attribute(&self, class: &Rc<Class<'a>>, name: &str) -> Option<Binding<'a>> {
        let found = self.interpreter.borrow_mut().find_member(class, name);
        found.map(|(_, binding)| binding)
    }
}

impl Drop for Followed<'_> {
    fn drop(&mut self) {
        // Functions hold the scopes they stand in, which hold the functions.
        for names in self.interpreter.get_mut().scopes_held.drain(..) {
            names.clear();
        }
    }
}
