//! Which namespaces a piece of code sees, innermost first.

use std::rc::Rc;

use super::namespace::Namespace;
use super::object::Module;

/// The module, and the scopes of functions and classes around a piece of code.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    pub(super) module: Rc<Module<'a>>,
    pub(super) innermost: Option<Rc<Frame<'a>>>,
}

/// One scope inside of a module.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub kind: FrameKind<'a>,
    pub names: Rc<Namespace<'a>>,
    pub outer: Option<Rc<Frame<'a>>>,
}

#[derive(Debug)]
pub(super) enum FrameKind<'a> {
    /// A class body: seen by its own statements, not by functions, lambdas and comprehensions in it.
    Class { globals: Vec<&'a str> },
    /// A function call, a lambda's or a comprehension's scope.
    Function(Rc<Locals<'a>>),
}

/// How a function treats names, by what its body binds and declares.
#[derive(Debug, Default)]
pub(super) struct Locals<'a> {
    pub bound: Vec<&'a str>,
    pub globals: Vec<&'a str>,
    pub nonlocals: Vec<&'a str>,
    /// `yield` in it: calling it runs nothing.
    pub is_generator: bool,
}
