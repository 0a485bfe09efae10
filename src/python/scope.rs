//! Which namespaces a piece of code sees, innermost first, and how names are found and bound in them.

use std::rc::Rc;

use super::interpreter::{Evaluation, Interpreter, Stop, raise};
use super::namespace::Namespace;
use super::object::{Binding, Module, Object, Thing};
use super::{extensions, library, metaflow};
use crate::source::Span;
use crate::value::{Unknown, Why};

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
    Class {
        globals: Vec<&'a str>,
        nonlocals: Vec<&'a str>,
    },
    /// A function call or a lambda's.
    Function(Rc<Locals<'a>>),
    /// Binds its targets only; `:=` goes to the scope around.
    Comprehension(Rc<Locals<'a>>),
}

/// How a function treats names, by what its body binds and declares.
#[derive(Debug, Default)]
pub(super) struct Locals<'a> {
    pub bound: Vec<&'a str>,
    pub globals: Vec<&'a str>,
    pub nonlocals: Vec<&'a str>,
    /// `yield` in it: calling it runs nothing.
    pub is_generator: bool,
    /// Of type parameters: what stands in it sees the names of a class around.
    pub is_of_types: bool,
}

impl<'a> Scope<'a> {
    pub fn of_module(module: Rc<Module<'a>>) -> Self {
        Self {
            module,
            innermost: None,
        }
    }

    pub fn inner(&self, kind: FrameKind<'a>, names: Rc<Namespace<'a>>) -> Self {
        let outer = self.innermost.clone();
        Self {
            module: Rc::clone(&self.module),
            innermost: Some(Rc::new(Frame { kind, names, outer })),
        }
    }

    /// What `locals()` is, where a change of it binds a name: in a class body and at module level.
    pub(super) fn own_names(&self) -> Option<&Rc<Namespace<'a>>> {
        match self.innermost.as_deref() {
            None => Some(&self.module.namespace),
            Some(frame) => match frame.kind {
                FrameKind::Class { .. } => Some(&frame.names),
                FrameKind::Function(_) | FrameKind::Comprehension(_) => None,
            },
        }
    }

    fn is_in_class(&self) -> bool {
        let mut frame = self.innermost.as_deref();
        while let Some(current) = frame {
            if matches!(current.kind, FrameKind::Class { .. }) {
                return true;
            }
            frame = current.outer.as_deref();
        }
        false
    }

    /// The namespace in which a plain assignment binds the name.
    fn home(&self, name: &str, is_walrus: bool) -> &Rc<Namespace<'a>> {
        let mut frame = self.innermost.as_deref();
        while let Some(current) = frame {
            match &current.kind {
                FrameKind::Comprehension(_) if is_walrus => frame = current.outer.as_deref(),
                FrameKind::Comprehension(_) => return &current.names,
                FrameKind::Class { globals, .. } if globals.contains(&name) => break,
                FrameKind::Class { nonlocals, .. } if nonlocals.contains(&name) => {
                    return enclosing(current.outer.as_deref(), name).unwrap_or(&current.names);
                }
                FrameKind::Class { .. } => return &current.names,
                FrameKind::Function(locals) if locals.globals.contains(&name) => break,
                FrameKind::Function(locals) if locals.nonlocals.contains(&name) => {
                    return enclosing(current.outer.as_deref(), name).unwrap_or(&current.names);
                }
                FrameKind::Function(_) => return &current.names,
            }
        }
        &self.module.namespace
    }
}

/// The function scope around that binds a `nonlocal` name.
fn enclosing<'f, 'a>(mut frame: Option<&'f Frame<'a>>, name: &str) -> Option<&'f Rc<Namespace<'a>>> {
    while let Some(current) = frame {
        if let FrameKind::Function(locals) = &current.kind
            && locals.bound.contains(&name)
        {
            return Some(&current.names);
        }
        frame = current.outer.as_deref();
    }
    None
}

impl<'a> Interpreter<'a> {
    /// What a name means at a place, as Python finds it: scopes outwards, the module, the builtins.
    pub fn look_up(&mut self, name: &'a str, scope: &Scope<'a>, span: Span) -> Evaluation<'a> {
        let mut frame = scope.innermost.as_deref();
        let mut is_innermost = true;
        let mut open = None;
        while let Some(current) = frame {
            match &current.kind {
                FrameKind::Class { globals, .. } if is_innermost && !globals.contains(&name) => {
                    if let Some(binding) = current.names.get(name) {
                        return Ok(binding.thing);
                    }
                    open = current.names.why_open();
                }
                FrameKind::Class { globals, .. } => {
                    if is_innermost && globals.contains(&name) {
                        break;
                    }
                }
                FrameKind::Function(locals) | FrameKind::Comprehension(locals) => {
                    if locals.globals.contains(&name) {
                        break;
                    }
                    if locals.bound.contains(&name) {
                        return match current.names.get(name) {
                            Some(binding) => Ok(binding.thing),
                            None => Err(unbound(name, is_innermost, span)),
                        };
                    }
                }
            }
            is_innermost &= matches!(&current.kind, FrameKind::Function(locals) if locals.is_of_types);
            frame = current.outer.as_deref();
        }
        if name == "__class__" && scope.is_in_class() {
            return Err(super::interpreter::unknown(
                span,
                "it is the class around a method",
            ));
        }
        match (self.look_up_global(name, &scope.module, span), open) {
            // The class body may have names that are not seen.
            (Err(Stop::Raise(_)), Some(why)) => Err(Stop::Unknown(Unknown { span, why: why.why })),
            (found, _) => found,
        }
    }

    fn look_up_global(&mut self, name: &'a str, module: &Rc<Module<'a>>, span: Span) -> Evaluation<'a> {
        if let Some(thing) = self.bound_in_module(name, module) {
            return Ok(thing);
        }
        if let Some(thing) = self.module_attribute(name, module) {
            return Ok(thing);
        }
        let may_be_bound = module.namespace.why_open().is_some() || module.namespace.is_extensible.get();
        if let Some(value) = may_be_bound.then(|| self.defined(name, module, span)).flatten() {
            return Ok(value);
        }
        if let Some(patched) = self.patched("builtins", name) {
            return Ok(patched);
        }
        if let Some(external) = library::builtin(name) {
            return Ok(Thing::external(&external));
        }
        if matches!(name, "self" | "inputs" | "cls") {
            let what = name.to_owned();
            return Err(Stop::Raise(Unknown {
                span,
                why: Why::Runtime { what },
            }));
        }
        if let Some(why) = module.namespace.why_open() {
            return Err(Stop::Unknown(Unknown { span, why: why.why }));
        }
        if module.namespace.is_extensible.get()
            && (self.is_used_as_callable(span) || extensions::is_known(name))
            && metaflow::near(name).is_none()
        {
            self.note_foreign("metaflow", name, "NameError", span);
            let reason = "it may come from an extension, through `from metaflow import *`";
            return Err(super::interpreter::unknown(span, reason));
        }
        if let Some(why) = self.patches.why_open() {
            return Err(Stop::Unknown(Unknown { span, why: why.why }));
        }
        Err(raise(span, "NameError", format!("name '{name}' is not defined")))
    }

    /// `@name`, `name(…)`: so stands what extensions bring, never a plain value.
    fn is_used_as_callable(&self, span: Span) -> bool {
        let text = self.sources.get(span.source).text();
        let before = text.get(..span.start as usize).unwrap_or("");
        let after = text.get(span.end as usize..).unwrap_or("");
        before.trim_end_matches([' ', '\t']).ends_with('@') || after.starts_with('(')
    }

    /// What a module's name is bound to; where that is not known, what the user gave.
    pub fn bound_in_module(&mut self, name: &str, module: &Module<'a>) -> Option<Thing<'a>> {
        let Binding { thing, span } = module.namespace.get(name)?;
        Some(self.known_or_defined(name, module, thing, span))
    }

    fn known_or_defined(
        &mut self,
        name: &str,
        module: &Module<'a>,
        thing: Thing<'a>,
        span: Span,
    ) -> Thing<'a> {
        match self.define_key(name, module) {
            Some(key) => self.or_defined(&key, thing, span),
            None => thing,
        }
    }

    /// A thing, or what the user gave for it where it is not known: a definition does what the source says.
    pub fn or_defined(&mut self, key: &str, thing: Thing<'a>, span: Span) -> Thing<'a> {
        let is_of_program = matches!(
            thing.object,
            Object::Class(_) | Object::Function(_) | Object::Module(_)
        );
        let is_unknown = !is_of_program
            && self
                .evaluated(&thing, span)
                .result
                .is_err_and(|unknown| unknown.why.is_unknown_value());
        if is_unknown {
            self.take_define(key, span).unwrap_or(thing)
        } else {
            self.defines_met.entry(key.to_owned()).or_insert((span, false));
            thing
        }
    }

    /// The value that the user gave, which from now on counts as used.
    fn take_define(&mut self, key: &str, span: Span) -> Option<Thing<'a>> {
        let value = self.inputs.defines.get(key)?;
        self.defines_met.insert(key.to_owned(), (span, true));
        Some(self.thing_of(value))
    }

    /// The value that the user gave for a module's name that is not known to be bound.
    fn defined(&mut self, name: &str, module: &Module<'a>, span: Span) -> Option<Thing<'a>> {
        let key = self.define_key(name, module)?;
        self.take_define(&key, span)
    }

    /// The name of `-D` for a module's name, where one was given: `IMAGE`, `settings.IMAGE`.
    fn define_key(&self, name: &str, module: &Module<'a>) -> Option<String> {
        if self.inputs.defines.is_empty() {
            return None;
        }
        let key = match module.name {
            "__main__" => name.to_owned(),
            module => format!("{module}.{name}"),
        };
        self.inputs.defines.contains_key(&key).then_some(key)
    }

    /// Binds a name as an assignment statement does.
    pub fn bind_name(&mut self, name: &'a str, thing: Thing<'a>, scope: &Scope<'a>, span: Span) {
        self.bind_in(scope, name, thing, span, false);
    }

    pub fn bind_walrus(&mut self, name: &'a str, thing: Thing<'a>, scope: &Scope<'a>, span: Span) {
        self.bind_in(scope, name, thing, span, true);
    }

    fn bind_in(&mut self, scope: &Scope<'a>, name: &'a str, thing: Thing<'a>, span: Span, is_walrus: bool) {
        let home = Rc::clone(scope.home(name, is_walrus));
        let is_global = Rc::ptr_eq(&home, &scope.module.namespace);
        let thing = if is_global {
            self.known_or_defined(name, &scope.module, thing, span)
        } else {
            thing
        };
        self.bind(&home, name, Binding { thing, span });
    }

    /// Unbinds a name (`del x`); false where it was not bound.
    pub fn unbind_name(&mut self, name: &'a str, scope: &Scope<'a>) -> bool {
        let home = Rc::clone(scope.home(name, false));
        self.remove(&home, name)
    }

    /// Where a name is bound now in the scope that an assignment would change.
    pub fn bound_here(&self, name: &str, scope: &Scope<'a>) -> Option<Binding<'a>> {
        scope.home(name, false).bound(name)
    }
}

fn unbound(name: &str, is_local: bool, span: Span) -> Stop {
    if is_local {
        let message =
            format!("cannot access local variable '{name}' where it is not associated with a value");
        return raise(span, "UnboundLocalError", message);
    }
    let message = format!(
        "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
    );
    raise(span, "NameError", message)
}
