//! Which classes of a program are flows to look at: those it runs, else those it defines. Knows no step.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects classes and functions matter here"
)]

use std::io;
use std::rc::Rc;

use super::reader::Reader;
use super::rules::UNKNOWN_BASE;
use super::{Entry, Inputs, LeftOut, Reading, UnknownBase, class, span_of, step};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Class, Object};
use crate::python::{self, Arena, Followed};
use crate::source::Sources;
use crate::value::Why;

/// Reads an entry file and all that it imports from its project.
///
/// Syntax trees of any depth are built and dropped here: run it where
/// [`with_deep_stack`](crate::python::with_deep_stack) has made room.
///
/// # Errors
/// Only when the entry file itself cannot be read. Whatever else is wrong is a diagnostic.
pub fn read(entry: Entry<'_>, inputs: &Inputs<'_>, sources: &mut Sources) -> io::Result<Reading> {
    let bytes = match entry.text {
        Some(bytes) => bytes.to_vec(),
        None => inputs
            .files
            .read(entry.path)?
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?,
    };
    let entry = Entry {
        path: entry.path,
        text: Some(&bytes),
        class: entry.class,
    };
    let arena = Arena::new();
    let followed = python::follow(&arena, entry, inputs, sources);
    Ok(reading(&followed, entry.class, inputs, sources))
}

fn reading(followed: &Followed<'_>, asked: Option<&str>, inputs: &Inputs<'_>, sources: &Sources) -> Reading {
    let mut reader = Reader::new(followed, inputs, sources);
    let chosen = chosen(followed, asked);
    let left_out = left_out(followed, &chosen);
    let flows = chosen
        .iter()
        .map(|class| class::read(&mut reader, class))
        .collect::<Vec<_>>();
    judge_unknown_bases(&mut reader, !flows.is_empty());
    reader.outside_of_flows();
    let stray_defines = reader.unused_defines(&flows);
    Reading {
        flows,
        left_out,
        diagnostics: reader.finish(),
        files_read: followed.all_files_read(),
        partial: followed.partial.clone(),
        stray_defines,
    }
}

/// The flow asked for, else the flows that the file runs. Where it runs none, those it defines that are not the base of another of them.
fn chosen<'a>(followed: &Followed<'a>, asked: Option<&str>) -> Vec<Rc<Class<'a>>> {
    let asked = asked.and_then(|asked| {
        defined(followed)
            .into_iter()
            .find(|class| class.name == asked || class::name_of(class).0 == asked)
    });
    if let Some(class) = asked {
        return vec![class];
    }
    let run = followed.instantiated.iter().map(|(class, _)| class);
    let run = distinct(run.filter(|class| is_flow(followed, class)));
    if !run.is_empty() {
        return run;
    }
    let defined = defined(followed);
    let is_base = |class: &Rc<Class<'a>>| defined.iter().any(|other| is_base_of(followed, class, other));
    defined.iter().filter(|class| !is_base(class)).cloned().collect()
}

fn defined<'a>(followed: &Followed<'a>) -> Vec<Rc<Class<'a>>> {
    distinct(followed.classes.iter().filter(|class| is_flow(followed, class)))
}

/// The flows of the file that are neither chosen nor the base of another one.
fn left_out<'a>(followed: &Followed<'a>, chosen: &[Rc<Class<'a>>]) -> Vec<LeftOut> {
    let defined = defined(followed);
    let is_chosen = |class: &Rc<Class<'a>>| chosen.iter().any(|other| Rc::ptr_eq(class, other));
    let is_base = |class: &Rc<Class<'a>>| {
        let mut others = defined.iter().chain(chosen);
        others.any(|other| is_base_of(followed, class, other))
    };
    let left_out = defined
        .iter()
        .filter(|class| !is_chosen(class) && !is_base(class));
    left_out
        .map(|class| LeftOut {
            name: class::name_of(class).0,
            span: span_of(class.source, &class.node.name),
        })
        .collect()
}

/// Classes with steps that may be flows, but for a base that cannot be found: those that the file runs, and all
/// where there is no other flow.
fn judge_unknown_bases(reader: &mut Reader<'_, '_>, has_flows: bool) {
    let followed = reader.followed;
    let run = followed.instantiated.iter().map(|(class, _)| class);
    let defined = followed.classes.iter().filter(|_| !has_flows);
    for class in distinct(run.chain(defined)) {
        if is_flow(followed, &class) || !has_foreign_base(followed, &class) || !has_steps(&class) {
            continue;
        }
        let span = span_of(class.source, &class.node.name);
        let message = format!(
            "a base of `{}` cannot be found: whether it is a flow cannot be told",
            class.name
        );
        let bases = class.bases.iter();
        let unknown = bases.filter(|base| !matches!(base.thing.object, Object::Class(_)));
        let diagnostic = Diagnostic::new(&UNKNOWN_BASE, span, message)
            .help("put the base class into the project, beside the flow's file");
        let diagnostic = unknown.fold(diagnostic, |it, base| it.label(base.span, "not followed"));
        reader.report(diagnostic.flow(class.name));
    }
}

fn has_steps(class: &Class<'_>) -> bool {
    class
        .namespace
        .entries()
        .iter()
        .any(|(_, binding)| match &binding.thing.object {
            Object::Function(function) => function.decorators.borrow().iter().any(step::is_step),
            _ => false,
        })
}

/// In the order of their definitions, each once.
fn distinct<'r, 'a: 'r>(classes: impl Iterator<Item = &'r Rc<Class<'a>>>) -> Vec<Rc<Class<'a>>> {
    let mut kept: Vec<Rc<Class<'a>>> = Vec::new();
    for class in classes {
        if !kept.iter().any(|other| Rc::ptr_eq(other, class)) {
            kept.push(Rc::clone(class));
        }
    }
    kept.sort_by_key(|class| (class.source, class.node.range.start().to_u32()));
    kept
}

/// Is `metaflow.FlowSpec` among the bases of its bases?
pub(super) fn is_flow<'a>(followed: &Followed<'a>, class: &Rc<Class<'a>>) -> bool {
    derives_from(followed, class, "metaflow.FlowSpec")
}

pub(super) fn derives_from<'a>(followed: &Followed<'a>, class: &Rc<Class<'a>>, base: &str) -> bool {
    followed
        .external_bases(class)
        .iter()
        .any(|name| name.as_deref() == Some(base))
}

/// Is there a base from elsewhere, besides `FlowSpec` and `object`?
pub(super) fn has_foreign_base<'a>(followed: &Followed<'a>, class: &Rc<Class<'a>>) -> bool {
    followed
        .external_bases(class)
        .iter()
        .any(|name| !matches!(name.as_deref(), Some("metaflow.FlowSpec" | "builtins.object")))
}

/// Is it a flow, or has it a base that is not followed and may be one? What Python itself brings is none.
pub(super) fn may_be_flow<'a>(followed: &Followed<'a>, class: &Rc<Class<'a>>) -> bool {
    followed
        .external_bases(class)
        .iter()
        .any(|name| !name.as_deref().is_some_and(python::is_of_python))
}

/// The bases in a flow's order of classes of which nobody can tell what they bring.
pub(super) fn unknown_bases<'a>(reader: &Reader<'_, 'a>, order: &[Rc<Class<'a>>]) -> Vec<UnknownBase> {
    let mut found: Vec<UnknownBase> = Vec::new();
    for class in order {
        // What comes behind those that are written stands for the metaclass.
        let written = class.node.bases().len();
        for base in class.bases.iter().take(written) {
            let name = reader.sources.slice(base.span);
            if is_unknown_base(reader, &base.thing.object, name) {
                found.push(UnknownBase {
                    span: base.span,
                    name: name.to_owned(),
                    of: class.name.to_owned(),
                    is_either: matches!(base.thing.object, Object::Unknown(_)),
                });
            }
        }
    }
    found
}

fn is_unknown_base(reader: &Reader<'_, '_>, base: &Object<'_>, written: &str) -> bool {
    let harmless = reader.inputs.harmless_bases;
    let is_declared = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        harmless.contains(name) || harmless.contains(last)
    };
    let dotted = match base {
        Object::External(name) => name,
        Object::Applied(applied) => &applied.callee,
        // What raises is told of elsewhere.
        Object::Unknown(unknown) if matches!(unknown.why, Why::Opaque { .. }) => {
            return !is_declared(written);
        }
        _ => return false,
    };
    &**dotted != "metaflow.FlowSpec"
        && !python::is_of_python(dotted)
        && !is_declared(dotted)
        && !is_declared(written)
}

fn is_base_of<'a>(followed: &Followed<'a>, base: &Rc<Class<'a>>, class: &Rc<Class<'a>>) -> bool {
    !Rc::ptr_eq(base, class)
        && followed
            .resolution_order(class)
            .iter()
            .any(|ancestor| Rc::ptr_eq(ancestor, base))
}
