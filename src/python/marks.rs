//! What is set on functions: `functools.update_wrapper(w, f)`, `w.label = "x"`, `w.__dict__.update(f.__dict__)`.
//! Metaflow finds steps by such attributes. Knows no step.
#![expect(clippy::wildcard_enum_match_arm, reason = "wrappers are objects of any kind")]

use std::rc::Rc;

use super::interpreter::{Evaluation, Interpreter, opaque, unknown};
use super::names;
use super::object::{Applied, Argument, Binding, Function, Object, Thing};
use crate::source::Span;
use crate::value::Unknown;

/// Names among the attributes of a function that no Python program can set.
const WRAPPED: &str = "<wrapped>";
const COPIED: &str = "<copied>";
const UNWRAPPED: &str = "<unwrapped>";
/// Functions that wrap one another.
const MOST_WRAPPED: u32 = 100;
/// By these Metaflow knows a step.
const MARKS: [&str; 2] = ["is_step", COPIED];

impl<'a> Function<'a> {
    /// `functools.wraps(f)` (or `update_wrapper`) was applied: Python's `inspect` sees `f` in this one's place, and
    /// `f`'s attributes (as Metaflow's `is_step`) are copied.
    pub fn wraps(&self) -> Option<Rc<Function<'a>>> {
        match self.attributes.get(WRAPPED)?.thing.object {
            Object::Function(wrapped) => Some(wrapped),
            _ => None,
        }
    }

    /// Why it cannot be told which marks of another function it bears: they were copied in a way that is not followed.
    pub fn why_unmarked(&self) -> Option<Unknown> {
        let is_set = |name: &&str| self.attributes.get(name);
        if let Some(binding) = MARKS.iter().find_map(is_set) {
            return Some(match binding.thing.object {
                Object::Unknown(why) => why,
                _ => opaque(binding.span, "what marks a step is set by hand"),
            });
        }
        match self.attributes.get(WRAPPED).map(|binding| binding.thing.object) {
            Some(Object::Unknown(why)) => Some(why),
            _ => self.attributes.why_open(),
        }
    }

    /// Why it cannot be told in which function's place Python's `inspect` sees it: `del wrapper.__wrapped__`.
    pub fn why_unwrapped(&self) -> Option<Unknown> {
        let set = self.attributes.get("__wrapped__");
        let Some(binding) = set.or_else(|| self.attributes.get(UNWRAPPED)) else {
            return self.attributes.why_open();
        };
        match (&binding.thing.object, self.wraps()) {
            (Object::Function(set), Some(wrapped)) if set.code.address() == wrapped.code.address() => None,
            (Object::Unknown(why), _) => Some(why.clone()),
            _ => Some(opaque(binding.span, "`__wrapped__` is set by hand")),
        }
    }

    /// What its `__name__` is set to by an assignment.
    pub fn set_name(&self) -> Option<Binding<'a>> {
        self.attributes.get("__name__")
    }

    /// Something outside of the project may have copied the attributes of another function to it.
    pub(super) fn unsettle(&self, why: &Unknown) {
        if self.attributes.bound(COPIED).is_none() {
            let (thing, span) = (Thing::unknown(why.clone()), why.span);
            self.attributes.set(COPIED, Binding { thing, span });
        }
    }

    /// Does it wrap another one in the end, that it would wrap itself?
    fn leads_to(&self, other: &Function<'a>) -> bool {
        let is_other = |function: &Function<'a>| Rc::ptr_eq(&function.attributes, &other.attributes);
        if is_other(self) {
            return true;
        }
        let mut next = self.wraps();
        for _ in 0..MOST_WRAPPED {
            match next {
                None => return false,
                Some(function) if is_other(&function) => return true,
                Some(function) => next = function.wraps(),
            }
        }
        true
    }
}

impl<'a> Interpreter<'a> {
    /// `functools.wraps(wrapped)(wrapper)`, `functools.update_wrapper(wrapper, wrapped)`: the wrapper itself changes.
    pub(super) fn wrap(&mut self, applied: &Applied<'a>, wrapper: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let wrapped = applied.keyword("wrapped").or_else(|| applied.arguments.first());
        let is_whole = applied.keyword("updated").is_none() && applied.unknown_arguments.is_none();
        let Some(wrapped) = wrapped.map(|argument| &argument.thing) else {
            return Ok(wrapper.clone());
        };
        match (&wrapped.object, &wrapper.object) {
            (Object::Function(wrapped), Object::Function(function))
                if is_whole && applied.arguments.len() <= 3 && !wrapped.leads_to(function) =>
            {
                // The list of decorators that `@step` makes is copied as it is; before that there is none.
                let wrapped = if wrapped.decorators.borrow().is_empty() {
                    Rc::new((**wrapped).clone())
                } else {
                    Rc::clone(wrapped)
                };
                let thing = Thing::new(Object::Function(wrapped));
                self.set_function_attribute(function, WRAPPED, Binding { thing, span });
            }
            // They have no marks of a step.
            (Object::External(_) | Object::Constant(_) | Object::Class(_), _) => {}
            (_, Object::Function(function)) => function.unsettle(&self.copied(span)),
            (_, Object::Instance(instance)) => {
                let thing = Thing::unknown(self.copied(span));
                let attributes = Rc::clone(&instance.attributes);
                self.bind(&attributes, COPIED, Binding { thing, span });
            }
            (_, Object::Partial(_) | Object::Method(_) | Object::Applied(_)) => {
                return Err(super::interpreter::Stop::Unknown(self.copied(span)));
            }
            _ => {}
        }
        Ok(wrapper.clone())
    }

    pub(super) fn copied(&self, span: Span) -> Unknown {
        let reason = format!(
            "the attributes of another object are copied to it (line {})",
            self.line(span)
        );
        opaque(span, reason)
    }

    /// `function.name = value`
    pub(super) fn set_function_attribute(
        &mut self,
        function: &Function<'a>,
        name: &'a str,
        binding: Binding<'a>,
    ) {
        if matches!(name, "__dict__" | "__class__" | "__code__") {
            let reason = format!(
                "`{name}` of `{}` is set (line {})",
                function.name,
                self.line(binding.span)
            );
            function.attributes.open_wholly(&opaque(binding.span, reason));
            return;
        }
        // The function may be reached from what is set on it.
        self.hold(&function.attributes);
        self.bind(&function.attributes, name, binding);
    }

    /// `del function.name`
    pub(super) fn delete_function_attribute(&mut self, function: &Function<'a>, name: &'a str, span: Span) {
        let was_set = self.remove(&function.attributes, name);
        if name == "__wrapped__" && function.wraps().is_some() {
            let thing = Thing::unknown(opaque(span, "its `__wrapped__` is taken away"));
            self.bind(&function.attributes, UNWRAPPED, Binding { thing, span });
        } else if !was_set {
            let why = opaque(span, format!("its `{name}` is taken away"));
            self.spoil(&Thing::new(Object::Function(Rc::new(function.clone()))), &why);
        }
    }

    /// `function.name`
    pub(super) fn function_attribute(
        &self,
        function: &Function<'a>,
        name: &str,
        span: Span,
    ) -> Evaluation<'a> {
        if name == "__dict__" {
            return Ok(names::names(&function.attributes));
        }
        if let Some(set) = function.attributes.get(name) {
            return Ok(set.thing);
        }
        if let Some(why) = function.attributes.why_open() {
            return Err(super::interpreter::Stop::Unknown(why));
        }
        let wraps = function.wraps();
        match name {
            "__name__" | "__qualname__" if super::private::is_written_out(function.name) => {
                Err(unknown(span, "it is a private name"))
            }
            "__name__" | "__qualname__" if function.decorators.borrow().is_empty() && wraps.is_none() => {
                Ok(Thing::constant(crate::value::Value::str(function.name)))
            }
            "__name__" => match wraps {
                Some(wrapped) => self.function_attribute(&wrapped, name, span),
                None => Ok(Thing::constant(crate::value::Value::str(function.name))),
            },
            "__wrapped__" => match wraps {
                Some(wrapped) => Ok(Thing::new(Object::Function(wrapped))),
                None => Err(unknown(span, "it is not known what it wraps")),
            },
            _ => Err(unknown(
                span,
                format!("the attribute `{name}` of a function is not followed"),
            )),
        }
    }
}

/// Does an object bear attributes of another one, which `functools.update_wrapper` copied?
pub(crate) fn why_copied(object: &Object<'_>) -> Option<Unknown> {
    let Object::Instance(instance) = object else {
        return None;
    };
    match instance.attributes.get(COPIED)?.thing.object {
        Object::Unknown(why) => Some(why),
        _ => None,
    }
}

/// `update_wrapper(wrapper, wrapped, …)`: the wrapper, and what `wraps` would be called with.
pub(super) fn parted<'a>(arguments: &[Argument<'a>]) -> Option<(Thing<'a>, Vec<Argument<'a>>)> {
    let is_wrapper = |argument: &Argument<'a>| argument.name == Some("wrapper");
    let at = arguments.iter().position(is_wrapper).or_else(|| {
        let first = arguments.first()?;
        first.name.is_none().then_some(0)
    })?;
    let mut rest = arguments.to_vec();
    let wrapper = rest.remove(at);
    Some((wrapper.thing, rest))
}
