//! The objects that following a module yields: constants, containers with identity, functions, classes,
//! and things from outside of the project that are only names.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast as ast;

use super::lazy::Lazy;
use super::metaclass::Metaclass;
use super::namespace::Namespace;
use super::scope::Scope;
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
    List(Rc<Shared<Vec<Thing<'a>>>>),
    Set(Rc<Shared<Vec<Thing<'a>>>>),
    Dict(Rc<Shared<Vec<(Thing<'a>, Thing<'a>)>>>),
    /// `d.keys()`, `d.values()`, `d.items()`: they follow the dict.
    View(Rc<View<'a>>),
    /// A `range`, not spelled out.
    Range(Range),
    /// An iterator or generator; reading it uses it up.
    Iterator(Rc<Shared<Lazy<'a>>>),
    /// A path that begins at a file of the project, or is relative: see [`FilePath`].
    Path(Rc<FilePath>),
    Function(Rc<Function<'a>>),
    /// A method taken from its object: `names.append`, `settings.load`.
    Method(Rc<Method<'a>>),
    /// `functools.partial(resources, cpu=3)`, or a user step decorator with its arguments.
    Partial(Rc<Partial<'a>>),
    Class(Rc<Class<'a>>),
    /// A module of the project.
    Module(Rc<Module<'a>>),
    /// A thing outside of the project, by dotted name: `metaflow.step`, `os.path`, `numpy.pi`, `builtins.int`.
    /// Names re-exported by Metaflow are normalised to `metaflow.NAME` (`metaflow.decorators.step` → `metaflow.step`).
    External(Rc<str>),
    /// An external that was called: `retry(times=3)`, `Parameter("alpha", default=1)`, `Config("c").a.b`
    /// (see [`Applied::path`]).
    Applied(Rc<Applied<'a>>),
    /// An instance of a class of the project.
    Instance(Rc<Instance<'a>>),
    /// The names of a scope, or the attributes of an object, as a dict: `globals()`, `settings.__dict__`.
    Names(Rc<Namespace<'a>>),
    Unknown(Unknown),
}

/// The content of a mutable object: shared by all names that hold it.
#[derive(Debug, Default)]
pub struct Shared<T> {
    content: RefCell<T>,
    spoiled: RefCell<Option<Unknown>>,
    /// Which uncertain branch it was made in; see `branch.rs`.
    pub(super) born: Cell<u32>,
    /// Nothing is known of what it holds either.
    pub(super) is_lost: Cell<bool>,
    /// A set that is a `frozenset`.
    pub(super) is_frozen: Cell<bool>,
}

impl<T> Shared<T> {
    pub fn new(content: T) -> Self {
        Self {
            content: RefCell::new(content),
            spoiled: RefCell::new(None),
            born: Cell::new(0),
            is_lost: Cell::new(false),
            is_frozen: Cell::new(false),
        }
    }

    /// The content, or why it is not known.
    pub fn read(&self) -> Result<Ref<'_, T>, Unknown> {
        match &*self.spoiled.borrow() {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(self.content.borrow()),
        }
    }

    /// The content as it was known last.
    pub(super) fn whatever(&self) -> Ref<'_, T> {
        self.content.borrow()
    }

    pub(super) fn write(&self) -> Result<RefMut<'_, T>, Unknown> {
        match &*self.spoiled.borrow() {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(self.content.borrow_mut()),
        }
    }

    /// From now on the content is unknown.
    pub(super) fn spoil(&self, why: Unknown) {
        self.spoiled.borrow_mut().get_or_insert(why);
    }
}

#[derive(Debug)]
pub struct View<'a> {
    pub entries: Rc<Shared<Vec<(Thing<'a>, Thing<'a>)>>>,
    pub part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Keys,
    Values,
    Items,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: i64,
    pub stop: i64,
    /// Never 0.
    pub step: i64,
}

/// A file name that may begin at the folder of the entry file, whose absolute path is nobody's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// It begins at the entry file's folder: made from `__file__`.
    pub is_anchored: bool,
    /// `/` between the parts; may begin with `..`.
    pub text: String,
    /// A `..` in it was written: its parent is what stands before, not the folder above.
    pub has_written_dots: bool,
    /// A `str`; else a `pathlib.Path`.
    pub is_text: bool,
}

/// A `def` or `lambda` of the project, with the decorators that were applied to it.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    pub name: &'a str,
    pub source: SourceId,
    pub code: Code<'a>,
    /// In the order of application: innermost first. Only decorators that are external to the project or
    /// were called without knowing what they do stand here; a decorator defined in the project is followed
    /// like any call, and its result takes the function's place. Those of Metaflow change the function itself,
    /// whoever else holds it.
    pub decorators: RefCell<Vec<Decoration<'a>>>,
    /// What is set on it, shared by all that are the same function under more decorators; see `marks.rs`.
    pub(super) attributes: Rc<Namespace<'a>>,
    /// `functools.cache` was applied: one call gives the object that the next gives.
    pub(super) is_cached: bool,
    pub(super) scope: Scope<'a>,
    /// Values of defaults, evaluated once, by parameter.
    pub(super) defaults: Rc<Vec<(&'a str, Thing<'a>)>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Code<'a> {
    Def(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
}

impl Code<'_> {
    /// Which function it is the code of.
    pub(super) fn address(&self) -> usize {
        match self {
            Code::Def(node) => std::ptr::from_ref(*node) as usize,
            Code::Lambda(node) => std::ptr::from_ref(*node) as usize,
        }
    }
}

/// One application of a decorator, by `@` or by call (`start = step(start)`).
#[derive(Clone, Debug)]
pub struct Decoration<'a> {
    /// An [`Object::External`] (`@step`), an [`Object::Applied`] (`@retry(times=3)`), a class or instance
    /// derived from `FlowMutator` or the like, a function made by `@user_step_decorator` (with arguments a
    /// [`Object::Partial`] of it), or an unknown.
    pub decorator: Thing<'a>,
    /// The expression behind `@`, or the call.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Method<'a> {
    pub receiver: Thing<'a>,
    pub kind: MethodKind<'a>,
}

#[derive(Clone, Debug)]
pub enum MethodKind<'a> {
    /// Of a built-in type: `append`.
    BuiltIn(&'a str),
    /// Of a class of the project; the receiver is its first argument.
    Function(Rc<Function<'a>>),
}

#[derive(Clone, Debug)]
pub struct Partial<'a> {
    pub callee: Thing<'a>,
    pub arguments: Vec<Argument<'a>>,
    pub span: Span,
}

/// A class statement of the project.
#[derive(Debug)]
pub struct Class<'a> {
    pub name: &'a str,
    pub source: SourceId,
    pub node: &'a ast::StmtClassDef,
    /// The objects of the bases, in order; an external base (`FlowSpec`, a third-party class) is an [`Object::External`].
    pub bases: Vec<Binding<'a>>,
    pub(super) metaclass: Metaclass<'a>,
    /// The class body's names in order of first binding, as they are when the body ends
    /// (later `setattr`-like statements that could be followed included).
    pub namespace: Rc<Namespace<'a>>,
    /// Innermost first, as for functions.
    pub decorators: RefCell<Vec<Decoration<'a>>>,
}

impl<'a> Class<'a> {
    /// What setting `__name__` of a class changes: the class's own name, which its body and its objects do not have.
    pub(super) fn own_name(attribute: &str) -> Option<&'static str> {
        match attribute {
            "__name__" => Some("__class__.__name__"),
            "__qualname__" => Some("__class__.__qualname__"),
            _ => None,
        }
    }

    /// What its `__name__` was set to after the class statement.
    pub fn set_name(&self) -> Option<Binding<'a>> {
        self.namespace.get("__class__.__name__")
    }

    /// A name of the class body itself; [`super::lookup`] searches the bases too.
    pub fn get(&self, name: &str) -> Option<Binding<'a>> {
        self.namespace.get(name)
    }
}

/// An object made by calling a class of the project; its attributes where `__init__` could be followed.
#[derive(Debug)]
pub struct Instance<'a> {
    pub class: Rc<Class<'a>>,
    pub attributes: Rc<Namespace<'a>>,
    /// The call.
    pub span: Span,
    pub arguments: Vec<Argument<'a>>,
    /// A `*x` or `**x` among the arguments whose content is not known.
    pub has_unknown_arguments: bool,
}

/// A module of the project, as far as it was followed.
#[derive(Debug)]
pub struct Module<'a> {
    /// `settings`, `package.base`; `__main__` for the entry file.
    pub name: &'a str,
    pub source: SourceId,
    pub namespace: Rc<Namespace<'a>>,
    /// Followed to its end; false while a cycle of imports comes back to it.
    pub is_complete: Cell<bool>,
    /// `from __future__ import annotations`: annotations are texts, and nothing is to be said of them.
    pub(super) has_lazy_annotations: bool,
    /// A package (a folder): its submodules are imported by `from package import module`.
    pub(super) is_package: bool,
    /// Its folder for a package, else the folder it lies in.
    pub(super) folder: std::path::PathBuf,
}

impl<'a> Module<'a> {
    pub fn get(&self, name: &str) -> Option<Binding<'a>> {
        self.namespace.get(name)
    }
}

/// A call of an external, and what was then read from the result.
#[derive(Clone, Debug)]
pub struct Applied<'a> {
    /// The dotted name that was called: `metaflow.Parameter`.
    pub callee: Rc<str>,
    pub span: Span,
    pub arguments: Vec<Argument<'a>>,
    /// A `*x` or `**x` among the arguments whose content is not known: there may be more than `arguments`.
    pub unknown_arguments: Option<Unknown>,
    /// Attributes and text keys read from the result: `["a", "b"]` for `config.a["b"]`.
    pub path: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Argument<'a> {
    /// `None` for a positional argument.
    pub name: Option<&'a str>,
    /// Of the name, where there is one, else of the value; of the whole `**x` for what came out of it.
    pub name_span: Span,
    pub span: Span,
    pub thing: Thing<'a>,
    /// The name is a key of a Config: `**config.sizes`.
    pub is_unchecked: bool,
}

impl<'a> Applied<'a> {
    pub fn keyword(&self, name: &str) -> Option<&Argument<'a>> {
        self.arguments.iter().find(|argument| argument.name == Some(name))
    }

    /// The argument of this name, or the positional one at `index`.
    pub fn argument(&self, index: usize, name: &str) -> Option<&Argument<'a>> {
        let mut positional = self.arguments.iter().filter(|argument| argument.name.is_none());
        self.keyword(name).or_else(|| positional.nth(index))
    }
}

impl<'a> Thing<'a> {
    pub fn new(object: Object<'a>) -> Self {
        Self {
            object,
            depends_on: None,
        }
    }

    pub fn constant(value: Value) -> Self {
        Self::new(Object::Constant(value))
    }

    pub fn unknown(unknown: Unknown) -> Self {
        Self::new(Object::Unknown(unknown))
    }

    pub fn external(name: &str) -> Self {
        Self::new(Object::External(Rc::from(name)))
    }

    /// Why it is not known, where it is an unknown.
    pub fn why(&self) -> Option<&Unknown> {
        if let Object::Unknown(unknown) = &self.object {
            Some(unknown)
        } else {
            None
        }
    }

    /// The same object, resting on what `others` rest on too.
    #[must_use]
    pub fn resting_on<'t>(mut self, others: impl IntoIterator<Item = &'t Thing<'a>>) -> Self
    where
        'a: 't,
    {
        for other in others {
            self.depends_on = union(self.depends_on, other.depends_on.as_ref());
        }
        self
    }
}

/// What rests on both.
pub(super) fn union(
    one: Option<Rc<BTreeSet<Input>>>,
    other: Option<&Rc<BTreeSet<Input>>>,
) -> Option<Rc<BTreeSet<Input>>> {
    match (one, other) {
        (one, None) => one,
        (None, Some(other)) => Some(Rc::clone(other)),
        (Some(one), Some(other)) if Rc::ptr_eq(&one, other) || other.is_subset(&one) => Some(one),
        (Some(one), Some(other)) => Some(Rc::new(one.union(other).cloned().collect())),
    }
}
