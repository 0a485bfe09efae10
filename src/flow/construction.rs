//! How a flow is constructed: `FlowSpec.__init__` reads the command line and does the work, so that an `__init__` before
//! it in the order of classes has to call it. Knows no step.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects classes and functions matter here"
)]

use std::rc::Rc;

use super::reader::Reader;
use super::rules::UNSTARTED_FLOW;
use super::{Flow, body, discover, span_of, step};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Class, Code, Decoration, Function, Object};
use crate::source::Span;
use crate::value::Value;

/// Does the first `__init__` in the order of classes, which is the one that runs, never get to that of `FlowSpec`?
pub(super) fn judge<'a>(reader: &mut Reader<'_, 'a>, order: &[Rc<Class<'a>>], flow: &Flow) {
    for (position, class) in order.iter().enumerate() {
        // A base that is not followed may have one of its own.
        if position > 0 && !flow.unknown_bases.is_empty() {
            return;
        }
        if !stands_before_flow_spec(reader, class, order) {
            continue;
        }
        if let Some(written) = class.get("__init__") {
            if let Object::Function(function) = &written.thing.object {
                judge_written(reader, order, class, function);
            }
            return;
        }
        if class.namespace.why_open().is_some() {
            return;
        }
        if let Some(span) = class.decorators.borrow().iter().find_map(writes_init) {
            judge_generated(reader, order, class, span);
            return;
        }
    }
}

/// A flow stands before `FlowSpec`; a mixin where it is named before: `class F(Mixin, FlowSpec)`.
fn stands_before_flow_spec<'a>(
    reader: &Reader<'_, 'a>,
    class: &Rc<Class<'a>>,
    order: &[Rc<Class<'a>>],
) -> bool {
    let followed = reader.followed;
    let is_flow = |object: &Object<'a>| match object {
        Object::External(name) => &**name == "metaflow.FlowSpec",
        Object::Class(base) => discover::is_flow(followed, base),
        _ => false,
    };
    let holds_class = |object: &Object<'a>| {
        matches!(object, Object::Class(base)
            if followed.resolution_order(base).iter().any(|other| Rc::ptr_eq(other, class)))
    };
    discover::is_flow(followed, class)
        || order.iter().any(|heir| {
            let bases = || heir.bases.iter().map(|base| &base.thing.object);
            bases().any(is_flow) && bases().take_while(|base| !is_flow(base)).any(holds_class)
        })
}

fn judge_written<'a>(
    reader: &mut Reader<'_, 'a>,
    order: &[Rc<Class<'a>>],
    class: &Rc<Class<'a>>,
    function: &Function<'a>,
) {
    let Code::Def(def) = function.code else { return };
    let span = span_of(function.source, &def.name);
    if may_start(reader, order, function, &mut Vec::new()) || !reader.judged.insert(span) {
        return;
    }
    let message =
        "this `__init__` never calls that of `FlowSpec`: whatever the file is asked for, it does nothing";
    let finding = Diagnostic::new(&UNSTARTED_FLOW, span, message);
    reader.report(if discover::is_flow(reader.followed, class) {
        finding
            .help("leave it out: constants belong into the class body, artifacts into the steps")
            .help("or call `super().__init__(use_cli=use_cli)` in it, with `use_cli=True` as argument")
    } else {
        finding
            .help("call `super().__init__(*arguments, **options)` in it, with these as arguments")
            .help(format!(
                "or name `{}` behind `FlowSpec` in the flow's bases",
                class.name
            ))
    });
}

/// `@dataclass` writes an `__init__`, which calls `__post_init__` and nothing else.
fn judge_generated<'a>(
    reader: &mut Reader<'_, 'a>,
    order: &[Rc<Class<'a>>],
    class: &Rc<Class<'a>>,
    span: Span,
) {
    let further = order.iter().find_map(|class| class.get("__post_init__"));
    let goes_on = further.is_some_and(|further| match &further.thing.object {
        Object::Function(function) => may_start(reader, order, function, &mut Vec::new()),
        _ => true,
    });
    let statement = span_of(class.source, class.node);
    if goes_on || !reader.judged.insert(statement) {
        return;
    }
    let message = "the `__init__` that `@dataclass` writes never calls that of `FlowSpec`: whatever the file is asked \
                   for, it does nothing";
    reader.report(
        Diagnostic::new(&UNSTARTED_FLOW, span, message)
            .help("leave it out: `rate: float = 0.1` in the body of a flow is a constant as it is")
            .help("or write `@dataclass(init=False)`"),
    );
}

/// Where a decorator of a class that writes an `__init__` stands.
fn writes_init(decoration: &Decoration<'_>) -> Option<Span> {
    const DATACLASS: &str = "dataclasses.dataclass";
    let writes = match &decoration.decorator.object {
        Object::External(name) => &**name == DATACLASS,
        Object::Applied(applied) => {
            let init = applied.arguments.iter().find(|given| given.name == Some("init"));
            let is_on =
                init.is_none_or(|init| matches!(init.thing.object, Object::Constant(Value::Bool(true))));
            &*applied.callee == DATACLASS && applied.unknown_arguments.is_none() && is_on
        }
        _ => false,
    };
    writes.then_some(decoration.span)
}

/// May the function get to `FlowSpec.__init__`, by itself or by what it calls with the flow?
fn may_start<'a>(
    reader: &Reader<'_, 'a>,
    order: &[Rc<Class<'a>>],
    function: &Function<'a>,
    seen: &mut Vec<String>,
) -> bool {
    let (Code::Def(def), true) = (function.code, function.decorators.borrow().is_empty()) else {
        return true;
    };
    let behind = Span {
        start: span_of(function.source, &def.name).end,
        ..span_of(function.source, def)
    };
    let text = reader.sources.slice(behind);
    // `metaflow.cli.main(self)` is what the other one does.
    if text.contains("__init__") || text.contains("metaflow") {
        return true;
    }
    let Some(receiver) = step::receiver(&def.parameters) else {
        return true;
    };
    let body = body::read(&def.body, &receiver, function.source);
    body.is_opaque
        || body
            .calls
            .iter()
            .any(|call| may_start_by(reader, order, &call.name, seen))
}

fn may_start_by<'a>(
    reader: &Reader<'_, 'a>,
    order: &[Rc<Class<'a>>],
    method: &str,
    seen: &mut Vec<String>,
) -> bool {
    if seen.iter().any(|name| name == method) {
        return false;
    }
    seen.push(method.to_owned());
    let found = order
        .first()
        .and_then(|class| reader.followed.attribute(class, method));
    match found.map(|binding| binding.thing.object) {
        Some(Object::Function(function)) => may_start(reader, order, &function, seen),
        _ => true,
    }
}
