//! Decorators applied: remembered on what they decorate, followed where they are of the project.
#![expect(clippy::wildcard_enum_match_arm, reason = "decorators are of any kind")]

use std::rc::Rc;

use super::convert::{Given, is_user_decorator};
use super::interpreter::{Evaluation, Interpreter, settle, type_error};
use super::object::{Applied, Decoration, Object, Thing};
use crate::source::Span;

impl<'a> Interpreter<'a> {
    /// Applies a decorator to a function, class or whatever, as `@` or a call does.
    pub fn decorate(&mut self, decorator: &Thing<'a>, target: Thing<'a>, span: Span) -> Evaluation<'a> {
        match &decorator.object {
            Object::Applied(applied) if &*applied.callee == "functools.wraps" => Ok(wrap(
                applied.argument(0, "wrapped").map(|argument| &argument.thing),
                &target,
            )),
            Object::External(name) if is_transparent(name) => uncached(name, target, span),
            Object::Applied(applied) if is_transparent(&applied.callee) => {
                uncached(&applied.callee, target, span)
            }
            Object::External(_) | Object::Applied(_) => Ok(self.put_on(decorator, target, span)),
            Object::Unknown(_) => Ok(self.put_on(decorator, target, span)),
            Object::Function(function) if is_user_decorator(function) => {
                Ok(self.put_on(decorator, target, span))
            }
            Object::Partial(partial) if is_applied_by_name(&partial.callee) => {
                Ok(self.put_on(decorator, target, span))
            }
            Object::Class(class) if self.may_have_more(class) => Ok(self.put_on(decorator, target, span)),
            Object::Instance(instance) if self.may_have_more(&instance.class) => {
                Ok(self.put_on(decorator, target, span))
            }
            _ => {
                let given = Given::of(vec![(target.clone(), span)]);
                match settle(self.call(decorator, given, span))? {
                    // The decorator is of the project, but what it does could not be followed.
                    Thing {
                        object: Object::Unknown(why),
                        ..
                    } => Ok(self.put_on(&Thing::unknown(why), target, span)),
                    result => Ok(result),
                }
            }
        }
    }

    /// Remembers a decorator on a function or class.
    fn put_on(&mut self, decorator: &Thing<'a>, target: Thing<'a>, span: Span) -> Thing<'a> {
        let decoration = Decoration {
            decorator: decorator.clone(),
            span,
        };
        match &target.object {
            Object::Function(function) => {
                let mut decorated = (**function).clone();
                decorated.decorators.push(decoration);
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

/// Decorators that change nothing that can be seen before tasks run.
/// `functools.partial(retry, times=3)` is a decorator as `retry` is.
fn is_applied_by_name(callee: &Thing<'_>) -> bool {
    match &callee.object {
        Object::Function(function) => is_user_decorator(function),
        Object::External(_) => true,
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
            if decorator.starts_with("functools.") && function.decorators.iter().any(is_step) =>
        {
            let message = "module, class, method, function, traceback, frame, or code object was expected, got _lru_cache_wrapper";
            Err(type_error(span, message))
        }
        _ => Ok(target),
    }
}

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

/// `functools.wraps(wrapped)(wrapper)`.
pub(super) fn wrap<'a>(wrapped: Option<&Thing<'a>>, wrapper: &Thing<'a>) -> Thing<'a> {
    match (wrapped.map(|thing| &thing.object), &wrapper.object) {
        (Some(Object::Function(wrapped)), Object::Function(function)) => {
            let mut function = (**function).clone();
            function.wraps = Some(Rc::clone(wrapped));
            Thing::new(Object::Function(Rc::new(function)))
        }
        _ => wrapper.clone(),
    }
}
