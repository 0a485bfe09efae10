//! The objects that following a module yields: constants, containers with identity, functions, classes,
//! and things from outside of the project that are only names.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast as ast;

use crate::source::{SourceId, Span};
use crate::value::{Input, Unknown, Value};

/// An object with what it rests on. `'a` is the life of the parsed modules.
#[derive(Clone, Debug)]
pub struct Thing<'a> {
    pub object: Object<'a>,
    /// Environment variables and Configs whose values led to this object; `None` is the common case of nothing.
    pub depends_on: Option<Rc<BTreeSet<Input>>>,
}

/// Where a name came from: the object and the statement or argument that bound it.
#[derive(Clone, Debug)]
pub struct Binding<'a> {
    pub thing: Thing<'a>,
    pub span: Span,
}

/// What an expression evaluates to.
#[derive(Clone, Debug)]
pub enum Object<'a> {
    /// A scalar constant: None, bool, int, float, str, bytes, Ellipsis. Containers have variants of their own.
    Constant(Value),
    Tuple(Rc<Vec<Thing<'a>>>),
    List(Rc<RefCell<Vec<Thing<'a>>>>),
    Set(Rc<RefCell<Vec<Thing<'a>>>>),
    Dict(Rc<RefCell<Vec<(Thing<'a>, Thing<'a>)>>>),
    Function(Rc<Function<'a>>),
    Class(Rc<Class<'a>>),
    /// A module of the project.
    Module(Rc<Module<'a>>),
    /// A thing outside of the project, by dotted name: `metaflow.step`, `os.path`, `numpy.pi`.
    /// Names re-exported by Metaflow are normalised to `metaflow.NAME` (`metaflow.decorators.step` → `metaflow.step`).
    External(Rc<str>),
    /// An external that was called: `retry(times=3)`, `Parameter("alpha", default=1)`, `Config("c").a.b`
    /// (see [`Applied::path`]).
    Applied(Rc<Applied<'a>>),
    /// An instance of a class of the project; only its class is known.
    Instance(Rc<Class<'a>>),
    Unknown(Unknown),
}

/// A `def` or `lambda` of the project, with the decorators that were applied to it.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    pub name: String,
    pub source: SourceId,
    pub code: Code<'a>,
    /// In the order of application: innermost first. Only decorators that are external to the project or
    /// were called without knowing what they do stand here; a decorator defined in the project is followed
    /// like any call, and its result takes the function's place.
    pub decorators: Vec<Decoration<'a>>,
    /// `functools.wraps(f)` (or `update_wrapper`) was applied: Python's `inspect` sees `f` in this one's place,
    /// and `f`'s attributes (as Metaflow's `is_step`) are copied.
    pub wraps: Option<Rc<Function<'a>>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Code<'a> {
    Def(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
}

/// One application of a decorator, by `@` or by call (`start = step(start)`).
#[derive(Clone, Debug)]
pub struct Decoration<'a> {
    /// An [`Object::External`] (`@step`), an [`Object::Applied`] (`@retry(times=3)`), or an unknown.
    pub decorator: Thing<'a>,
    /// The expression behind `@`, or the call.
    pub span: Span,
}

/// A class statement of the project.
#[derive(Debug)]
pub struct Class<'a> {
    pub name: String,
    pub source: SourceId,
    pub node: &'a ast::StmtClassDef,
    /// The objects of the bases, in order; an external base (`FlowSpec`, a third-party class) is an [`Object::External`].
    pub bases: Vec<Binding<'a>>,
    /// The class body's names in order of first binding, as they are when the body ends
    /// (later `setattr`-like statements that could be followed included).
    pub namespace: RefCell<Vec<(String, Binding<'a>)>>,
    /// Innermost first, as for functions.
    pub decorators: RefCell<Vec<Decoration<'a>>>,
}

impl<'a> Class<'a> {
    pub fn get(&self, name: &str) -> Option<Binding<'a>> {
        self.namespace
            .borrow()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, binding)| binding.clone())
    }
}

/// A module of the project after it was followed to its end.
#[derive(Debug)]
pub struct Module<'a> {
    /// `settings`, `package.base`; `__main__` for the entry file.
    pub name: String,
    pub source: SourceId,
    /// In order of first binding.
    pub namespace: RefCell<Vec<(String, Binding<'a>)>>,
}

/// A call of an external, and what was then read from the result.
#[derive(Clone, Debug)]
pub struct Applied<'a> {
    /// The dotted name that was called: `metaflow.Parameter`.
    pub callee: Rc<str>,
    pub span: Span,
    pub arguments: Vec<Argument<'a>>,
    /// Attributes and text keys read from the result: `["a", "b"]` for `config.a["b"]`.
    pub path: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Argument<'a> {
    /// `None` for a positional argument.
    pub name: Option<String>,
    /// Of the name, where there is one, else of the value.
    pub name_span: Span,
    pub span: Span,
    pub thing: Thing<'a>,
}

impl<'a> Applied<'a> {
    pub fn keyword(&self, name: &str) -> Option<&Argument<'a>> {
        self.arguments
            .iter()
            .find(|argument| argument.name.as_deref() == Some(name))
    }

    /// The argument of this name, or the positional one at `index`.
    pub fn argument(&self, index: usize, name: &str) -> Option<&Argument<'a>> {
        self.keyword(name).or_else(|| {
            self.arguments
                .iter()
                .filter(|argument| argument.name.is_none())
                .nth(index)
        })
    }
}

impl<'a> Thing<'a> {
    pub fn new(object: Object<'a>) -> Self {
        Self {
            object,
            depends_on: None,
        }
    }
}
