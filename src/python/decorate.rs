//! Decorators applied: remembered on what they decorate, followed where they are of the project.
#![expect(clippy::wildcard_enum_match_arm, reason = "decorators are of any kind")]

use std::rc::Rc;

use super::choices::{self, Choice};
use super::convert::{Given, is_user_decorator};
use super::interpreter::{Evaluation, Interpreter, settle, type_error};
use super::object::{Applied, Argument, Decoration, Function, Object, Partial, Thing};
use crate::source::Span;

impl<'a> Interpreter<'a> {
    /// Applies a decorator to a function, class or whatever, as `@` or a call does.
    pub fn decorate(&mut self, decorator: &Thing<'a>, target: Thing<'a>, span: Span) -> Evaluation<'a> {
        match &decorator.object {
            Object::Applied(applied) if &*applied.callee == "functools.wraps" => {
                self.wrap(applied, &target, span)
            }
            Object::External(name) if is_transparent(name) => uncached(name, target, span),
            Object::Applied(applied) if is_transparent(&applied.callee) => {
                uncached(&applied.callee, target, span)
            }
            Object::External(name) => {
                self.doubt_decorator(name);
                Ok(self.put_on(decorator, target, span))
            }
            Object::Applied(applied) => {
                self.doubt_decorator(&applied.callee);
                Ok(self.put_on(decorator, target, span))
            }
            Object::Unknown(_) => {
                self.doubt();
                Ok(self.put_on(decorator, target, span))
            }
            Object::Function(function) if is_user_decorator(function) => {
                Ok(self.put_on(decorator, target, span))
            }
            Object::Partial(partial) => match written_out(partial) {
                Some(written) => self.decorate(&written, target, span),
                None if is_applied_by_name(&partial.callee) => Ok(self.put_on(decorator, target, span)),
                None => self.decorate_by_call(decorator, target, span),
            },
            Object::Class(class) if self.may_have_more(class) => {
                self.doubt();
                Ok(self.put_on(decorator, target, span))
            }
            Object::Instance(instance) if self.may_have_more(&instance.class) => {
                self.doubt();
                Ok(self.put_on(decorator, target, span))
            }
            _ => self.decorate_by_call(decorator, target, span),
        }
    }

    /// `@dataclass` and what is made outside of Python's library may refuse what they are put on.
    fn doubt_decorator(&self, name: &str) {
        const ACCEPTING: [&str; 5] = ["abc", "builtins", "contextlib", "functools", "typing"];
        let top = name.split('.').next().unwrap_or(name);
        if !ACCEPTING.contains(&top) {
            self.doubt_foreign(name);
        }
    }

    fn decorate_by_call(&mut self, decorator: &Thing<'a>, target: Thing<'a>, span: Span) -> Evaluation<'a> {
        let given = Given::of(vec![(target.clone(), span)]);
        let before = self.count_uncertain(&target);
        match settle(self.call(decorator, given, span))? {
            // `if HAS_GPU: kubernetes(gpu=1)(target)` in it: that is told.
            Thing {
                object: Object::Unknown(_),
                ..
            } if self.count_uncertain(&target) > before => Ok(target),
            // The decorator is of the project, but what it does could not be followed.
            Thing {
                object: Object::Unknown(why),
                ..
            } => Ok(self.put_on(&Thing::unknown(why), target, span)),
            result => Ok(result),
        }
    }

    /// How many decorators of Metaflow are on it of which it is not known whether they are.
    fn count_uncertain(&self, target: &Thing<'a>) -> usize {
        let choices = self.choices.borrow();
        let count = |decorators: &[Decoration<'a>]| {
            let whys = decorators
                .iter()
                .filter_map(|decoration| decoration.decorator.why());
            let choices = whys.filter_map(|why| choices.get(&why.span));
            choices.filter(|choice| **choice == Choice::Application).count()
        };
        match &target.object {
            Object::Function(function) => count(&function.decorators.borrow()),
            Object::Class(class) => count(&class.decorators.borrow()),
            _ => 0,
        }
    }

    /// The decorator, or an unknown where it is not known whether the statement that applies it runs, and what it is
    /// applied to was there before.
    fn perhaps(&self, decorator: &Thing<'a>, born: u32, span: Span) -> Thing<'a> {
        match self.why_in_doubt(born) {
            Some(why) if choices::is_decorator(&decorator.object) => {
                Thing::unknown(self.note_choice(Choice::Application, span, why))
            }
            _ => decorator.clone(),
        }
    }

    /// Remembers a decorator on a function or class.
    fn put_on(&mut self, decorator: &Thing<'a>, target: Thing<'a>, span: Span) -> Thing<'a> {
        let born = match &target.object {
            Object::Function(function) if choices::is_of_steps(&decorator.object) => {
                list_owner(function).attributes.born.get()
            }
            Object::Function(function) => function.attributes.born.get(),
            Object::Class(class) => class.namespace.born.get(),
            _ => u32::MAX,
        };
        let decoration = Decoration {
            decorator: self.perhaps(decorator, born, span),
            span,
        };
        if is_known_twice(&decoration, &target) {
            return target;
        }
        match &target.object {
            // `retry(times=2)(F.start)` changes the function, whoever holds it, and gives it back.
            Object::Function(function) if self.changes_function(decorator, born) => {
                list_owner(function).decorators.borrow_mut().push(decoration);
                target
            }
            Object::Function(function) => {
                let decorated = (**function).clone();
                decorated.decorators.borrow_mut().push(decoration);
                Thing {
                    object: Object::Function(Rc::new(decorated)),
                    ..target
                }
            }
            Object::Class(class) => {
                class.decorators.borrow_mut().push(decoration);
                target
            }
            Object::Unknown(_) => target,
            _ => {
                let callee = match &decorator.object {
                    Object::External(name) => Rc::clone(name),
                    Object::Applied(applied) => Rc::clone(&applied.callee),
                    _ => return Thing::unknown(self.why_unknown(decorator, span)),
                };
                Thing::new(Object::Applied(Rc::new(Applied {
                    callee,
                    span,
                    arguments: Given::of(vec![(target, span)]).arguments,
                    unknown_arguments: None,
                    path: Vec::new(),
                })))
            }
        }
    }
}

impl<'a> Interpreter<'a> {
    /// Does the decorator change the function itself? Metaflow's do, where it is known that they are applied or told
    /// that they may be.
    fn changes_function(&self, decorator: &Thing<'a>, born: u32) -> bool {
        choices::is_of_steps(&decorator.object)
            && (self.why_in_doubt(born).is_none() || choices::is_decorator(&decorator.object))
    }
}

/// In a loop nobody knows how often: that it may be there is said once of each place.
fn is_known_twice<'a>(decoration: &Decoration<'a>, target: &Thing<'a>) -> bool {
    let Object::Function(function) = &target.object else {
        return false;
    };
    let is_unknown = |it: &Decoration<'a>| it.decorator.why().is_some();
    is_unknown(decoration)
        && list_owner(function)
            .decorators
            .borrow()
            .iter()
            .any(|it| it.span == decoration.span && is_unknown(it))
}

/// Whose list of decorators one more is added to: `functools.wraps(f)` gives a wrapper the list that a step has, not one
/// of its own.
fn list_owner<'a>(function: &Rc<Function<'a>>) -> Rc<Function<'a>> {
    let mut owner = Rc::clone(function);
    while owner.decorators.borrow().is_empty()
        && let Some(wrapped) = owner
            .wraps()
            .filter(|wrapped| !wrapped.decorators.borrow().is_empty())
    {
        owner = wrapped;
    }
    owner
}

/// `functools.partial(retry, times=3)` decorates as `retry(times=3)` does, `partial(step)` as `step`.
pub(super) fn written_out<'a>(partial: &Partial<'a>) -> Option<Thing<'a>> {
    let mut arguments = partial.arguments.clone();
    let mut callee = &partial.callee;
    while let Object::Partial(inner) = &callee.object {
        arguments.retain(|argument| argument.name.is_some());
        let is_kept = |old: &Argument<'a>| !arguments.iter().any(|new| new.name == old.name);
        let inherited: Vec<Argument<'a>> = inner
            .arguments
            .iter()
            .filter(|old| is_kept(old))
            .cloned()
            .collect();
        arguments.splice(0..0, inherited);
        callee = &inner.callee;
    }
    let Object::External(name) = &callee.object else {
        return None;
    };
    if arguments.is_empty() {
        return Some(callee.clone());
    }
    Some(Thing::new(Object::Applied(Rc::new(Applied {
        callee: Rc::clone(name),
        span: partial.span,
        arguments,
        unknown_arguments: None,
        path: Vec::new(),
    }))))
}

/// A user step decorator with arguments is applied as it is.
fn is_applied_by_name(callee: &Thing<'_>) -> bool {
    match &callee.object {
        Object::Function(function) => is_user_decorator(function),
        _ => false,
    }
}

/// Metaflow looks for the source of a step, which the object that `functools.cache` makes of it has not.
fn uncached<'a>(decorator: &str, target: Thing<'a>, span: Span) -> Evaluation<'a> {
    let is_step = |decoration: &Decoration<'a>| match &decoration.decorator.object {
        Object::External(name) => &**name == "metaflow.step",
        Object::Applied(applied) => &*applied.callee == "metaflow.step",
        _ => false,
    };
    match &target.object {
        Object::Function(function)
            if decorator.starts_with("functools.") && function.decorators.borrow().iter().any(is_step) =>
        {
            let message = "module, class, method, function, traceback, frame, or code object was expected, got _lru_cache_wrapper";
            Err(type_error(span, message))
        }
        Object::Function(function) if decorator.starts_with("functools.") => {
            let mut function = (**function).clone();
            function.is_cached = true;
            Ok(Thing::new(Object::Function(Rc::new(function))))
        }
        _ => Ok(target),
    }
}

/// Decorators that change nothing that can be seen before tasks run.
fn is_transparent(name: &str) -> bool {
    matches!(
        name,
        "functools.lru_cache"
            | "functools.cache"
            | "typing.final"
            | "typing.no_type_check"
            | "typing.runtime_checkable"
    )
}
