//! What `@exit_hook` lists, by name: the script that runs a hook imports a dotted name, else it looks for the name in
//! the flow's file. Metaflow 2.19: `exit_hook_decorator.py`, `exit_hook_script.py`. Knows no severity.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few can be called"
)]

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::reader::Reader;
use super::{LostHook, LostWhy};
use crate::diagnostic::nearest;
use crate::python::Namespace;
use crate::python::object::{Argument, Function, MethodKind, Object, Thing};
use crate::source::Span;
use crate::value::{Evaluated, Unknown, Value, Why};

/// The hooks of `on_success` or `on_error`: what can be called by its own name, as Metaflow takes it. Those that the
/// script would not find are kept in the reader.
pub(super) fn evaluate<'a>(reader: &mut Reader<'_, 'a>, argument: &Argument<'a>) -> Evaluated {
    let span = argument.span;
    let evaluated = reader.followed.evaluated(&argument.thing, span);
    let items: Vec<Thing<'a>> = match &argument.thing.object {
        Object::List(items) => match items.read() {
            Ok(items) => items.clone(),
            Err(_) => return evaluated,
        },
        Object::Tuple(items) => items.to_vec(),
        _ => return evaluated,
    };
    let named = |item: &Thing<'a>| match by_name(&item.object, span) {
        Some(named) => named,
        None => reader.followed.evaluated(item, span).result,
    };
    let result: Result<Vec<Value>, Unknown> = items.iter().map(named).collect();
    for hook in result.iter().flatten() {
        judge(reader, hook, span);
    }
    Evaluated {
        result: result.map(Value::List),
        ..evaluated
    }
}

/// The `__name__` of what can be called, or what Python raises in its place.
fn by_name(object: &Object<'_>, span: Span) -> Option<Result<Value, Unknown>> {
    let name = match object {
        Object::Function(function) => match function.set_name().map(|binding| binding.thing.object) {
            None => own_name(function),
            Some(Object::Constant(Value::Str(name))) => return Some(Ok(Value::Function(name))),
            Some(_) => return None,
        },
        Object::Class(class) => class.name,
        Object::External(dotted) => dotted.rsplit('.').next().unwrap_or(dotted),
        Object::Method(method) => match &method.kind {
            MethodKind::BuiltIn(name) => name,
            MethodKind::Function(function) => own_name(function),
        },
        Object::Partial(_) => return Some(Err(nameless("functools.partial", span))),
        Object::Instance(instance) => return Some(Err(nameless(instance.class.name, span))),
        _ => return None,
    };
    Some(Ok(Value::Function(Arc::from(name))))
}

/// `functools.wraps` hands on the name.
fn own_name<'a>(function: &Function<'a>) -> &'a str {
    function
        .wraps()
        .map_or(function.name, |wrapped| own_name(&wrapped))
}

fn nameless(class: &str, span: Span) -> Unknown {
    Unknown {
        span,
        why: Why::Raises {
            exception: "AttributeError",
            message: format!("'{class}' object has no attribute '__name__'"),
        },
    }
}

fn judge(reader: &mut Reader<'_, '_>, hook: &Value, span: Span) {
    let name = match hook {
        Value::Function(name) => name,
        Value::Str(name) => name,
        _ => return,
    };
    // A rule of its own speaks of lambdas.
    let lost = (&**name != "<lambda>").then(|| look(reader, name, span));
    if let Some(why) = lost.flatten() {
        reader.lost_hooks.push(LostHook {
            span,
            name: name.to_string(),
            is_text: matches!(hook, Value::Str(_)),
            why,
        });
    }
}

/// Why the script would not find it; nothing where it would, or where that cannot be told.
fn look(reader: &Reader<'_, '_>, name: &str, span: Span) -> Option<LostWhy> {
    if let Some((module, last)) = name.rsplit_once('.') {
        let module = reader.followed.project_module(module, span)?;
        return look_in(&module.namespace, last);
    }
    let module = Rc::clone(reader.followed.entry.as_ref()?);
    look_in(&module.namespace, name)
}

fn look_in(names: &Namespace<'_>, name: &str) -> Option<LostWhy> {
    if let Some(binding) = names.get(name) {
        return is_no_function(&binding.thing.object).then_some(LostWhy::NoFunction);
    }
    if names.may_have_more() {
        return None;
    }
    let entries = names.entries();
    let functions = entries
        .iter()
        .filter(|(_, binding)| matches!(binding.thing.object, Object::Function(_)));
    let functions: BTreeSet<&str> = functions.map(|(name, _)| *name).collect();
    Some(LostWhy::Absent {
        near: nearest(name, functions).map(str::to_owned),
    })
}

/// Surely not to be called.
fn is_no_function(object: &Object<'_>) -> bool {
    matches!(
        object,
        Object::Constant(_)
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Range(_)
            | Object::Path(_)
            | Object::Module(_)
    )
}
