//! A step from its function. Knows no other step.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are steps"
)]

use std::rc::Rc;

use super::decorators::{self, Level};
use super::phase::Place;
use super::reader::Reader;
use super::rules::{BAD_STEP_FORM, HIDDEN_STEP, UNREADABLE_STEP};
use super::{Body, Form, Step, Tail, body, docstring, results, span_of, transition};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Applied, Class, Code, Decoration, Function, Object};
use crate::source::Span;
use crate::value::{Unknown, Why};

const STEP: &str = "metaflow.step";

/// Reads the step that a class attribute is, if `@step` is on its function.
pub(super) fn read<'a>(
    reader: &mut Reader<'_, 'a>,
    name: &str,
    function: &Rc<Function<'a>>,
    order: &[Rc<Class<'a>>],
) -> Option<Step> {
    let chain = chain(function);
    let applied = applied_decorations(&chain);
    let at = applied.iter().rposition(|decoration| is_step(decoration))?;
    // `@step` over `@staticmethod` marks an object that nobody gets from the class.
    let is_hidden = applied.iter().skip(at + 1).any(hides) || applied.iter().take(at).any(is_unbound);
    if is_hidden || why_unwrapped(&chain).is_some() {
        return None;
    }
    reader.step = Some(name.to_owned());
    if let Some(decoration) = applied
        .iter()
        .skip(at + 1)
        .find(|decoration| is_unbound(decoration))
    {
        reader.report(unbound(name, decoration.span));
    }
    let mut step = skeleton(reader, name, chain.last()?);
    if chain.len() > 1 {
        step.form = Form::Plain;
    }
    for decoration in applied.iter().filter(|decoration| is_step(decoration)) {
        read_step_form(reader, decoration, &mut step);
    }
    let others = applied.iter().rev().filter(|decoration| !is_step(decoration));
    for decoration in others {
        let used = decorators::read(reader, decoration, Level::Step);
        step.decorators.extend(used);
    }
    decorators::judge_duplicates(reader, &step.decorators, &format!("step `{name}`"));
    follow_helpers(reader, &mut step.body, order);
    reader.step = None;
    Some(step)
}

/// Why it cannot be told whether a function is a step, or of which body: attributes are set on it in a way that is not
/// followed.
pub(super) fn why_unsettled(function: &Rc<Function<'_>>) -> Option<Unknown> {
    let chain = chain(function);
    if applied_decorations(&chain).iter().any(is_step) {
        why_unwrapped(&chain)
    } else {
        chain.iter().find_map(|function| function.why_unmarked())
    }
}

/// Does one of its decorators raise?
pub(super) fn is_raised(function: &Rc<Function<'_>>) -> bool {
    let raises = |decoration: &Decoration<'_>| matches!(&decoration.decorator.object, Object::Unknown(unknown) if matches!(unknown.why, Why::Raises { .. }));
    applied_decorations(&chain(function)).iter().any(raises)
}

/// Why it cannot be told which body Metaflow reads.
fn why_unwrapped(chain: &[Rc<Function<'_>>]) -> Option<Unknown> {
    chain.iter().find_map(|function| function.why_unwrapped())
}

/// A function and those that it wraps by `functools.wraps`, outermost first; Metaflow reads the last one's source.
fn chain<'a>(function: &Rc<Function<'a>>) -> Vec<Rc<Function<'a>>> {
    let mut chain = vec![Rc::clone(function)];
    while let Some(wrapped) = chain.last().and_then(|last| last.wraps()) {
        chain.push(wrapped);
    }
    chain
}

/// In the order of application. `functools.wraps` copies what was on the inner function to the outer one.
fn applied_decorations<'a>(chain: &[Rc<Function<'a>>]) -> Vec<Decoration<'a>> {
    let inner_first = chain.iter().rev();
    inner_first
        .flat_map(|function| function.decorators.borrow().clone())
        .collect()
}

/// Is it `@step` or `@step(…)`?
pub(super) fn is_step(decoration: &Decoration<'_>) -> bool {
    match &decoration.decorator.object {
        Object::External(name) => &**name == STEP,
        Object::Applied(applied) => &*applied.callee == STEP && applied.path.is_empty(),
        _ => false,
    }
}

/// `@property` above `@step`: the attribute is no function any more.
fn hides(decoration: &Decoration<'_>) -> bool {
    let Object::External(name) = &decoration.decorator.object else {
        return false;
    };
    matches!(
        &**name,
        "builtins.property" | "functools.cached_property" | "builtins.property.setter"
    )
}

/// Is it `@staticmethod` or `@classmethod`?
pub(super) fn is_unbound(decoration: &Decoration<'_>) -> bool {
    matches!(&decoration.decorator.object, Object::External(name)
        if matches!(&**name, "builtins.staticmethod" | "builtins.classmethod"))
}

fn unbound(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` gets no flow: a task calls it as a method of the flow, and fails");
    Diagnostic::new(&HIDDEN_STEP, span, message).help("leave this decorator out: a step is a plain method")
}

fn skeleton<'a>(reader: &mut Reader<'_, 'a>, name: &str, function: &Function<'a>) -> Step {
    match function.code {
        Code::Def(def) => {
            let span = span_of(function.source, &def.name);
            if is_torn(reader, function, span) {
                reader.report(torn(name, span));
            }
            let arguments = &def.parameters.args;
            let first_argument = arguments.first().map(|first| first.name().to_string());
            let receiver = receiver(&def.parameters).unwrap_or_else(|| "self".to_owned());
            Step {
                name: name.to_owned(),
                span,
                definition: span_of(function.source, def),
                docstring: docstring::of(&def.body),
                form: results::form(def),
                argument_count: arguments.len(),
                first_argument,
                tail: transition::tail(&def.body, function.source),
                is_annotated_start: false,
                is_annotated_end: false,
                decorators: Vec::new(),
                body: body::read(&def.body, &receiver, function.source),
            }
        }
        Code::Lambda(lambda) => {
            let span = span_of(function.source, lambda);
            reader.report(
                Diagnostic::new(
                    &UNREADABLE_STEP,
                    span,
                    format!("step `{name}` is a lambda: a step must be a `def`"),
                )
                .help(format!("write `@step` above `def {name}(self):`")),
            );
            Step {
                name: name.to_owned(),
                span,
                definition: span,
                docstring: None,
                form: Form::Plain,
                argument_count: 1,
                first_argument: None,
                tail: Tail::Missing,
                is_annotated_start: false,
                is_annotated_end: false,
                decorators: Vec::new(),
                body: Body::default(),
            }
        }
    }
}

/// The first parameter of any positional kind: by that name the body knows the flow.
pub(super) fn receiver(parameters: &ruff_python_ast::Parameters) -> Option<String> {
    let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
    positional.next().map(|parameter| parameter.name().to_string())
}

/// Metaflow takes the indentation of the body from a function that stands at the left margin without a decorator,
/// and then cannot parse it: `mid = step(module_function)`.
fn is_torn(reader: &Reader<'_, '_>, function: &Function<'_>, name: Span) -> bool {
    let Code::Def(def) = function.code else {
        return false;
    };
    let definition = reader.sources.start(span_of(function.source, def));
    let body_is_below = def.body.first().is_some_and(|first| {
        reader.sources.start(span_of(function.source, first)).line > reader.sources.start(name).line
    });
    def.decorator_list.is_empty() && definition.column == 1 && body_is_below
}

fn torn(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &UNREADABLE_STEP,
        span,
        format!(
            "step `{name}` is a function at module level without a decorator: Metaflow cannot read its source"
        ),
    )
    .help("put `@step` above the function itself, or define it in the class")
}

/// `@step(start=True)`, `@step(end=True)`, `@step(node_info={…})`
fn read_step_form<'a>(reader: &mut Reader<'_, 'a>, decoration: &Decoration<'a>, step: &mut Step) {
    let Object::Applied(applied) = &decoration.decorator.object else {
        return;
    };
    judge_step_form(reader, applied);
    let mut is_true = |name: &str| {
        let Some(argument) = applied.keyword(name) else {
            return false;
        };
        let place = Place::Decorator {
            decorator: "step",
            attribute: name,
        };
        let evaluated = reader.evaluate(&argument.thing, argument.span, &place);
        evaluated.value().is_some_and(crate::value::Value::is_truthy)
    };
    step.is_annotated_start |= is_true("start");
    step.is_annotated_end |= is_true("end");
}

fn judge_step_form<'a>(reader: &mut Reader<'_, 'a>, applied: &Applied<'a>) {
    for argument in &applied.arguments {
        let message = match argument.name {
            None => "`@step` takes no positional argument: Metaflow takes it for the function".to_owned(),
            Some("start" | "end" | "node_info" | "f") => continue,
            Some(name) => format!("`@step` has no argument `{name}`"),
        };
        let span = argument.name_span.cover(argument.span);
        if reader.judged.insert(span) {
            reader.report(
                Diagnostic::new(&BAD_STEP_FORM, span, message)
                    .help("write `@step`, `@step(start=True)` or `@step(end=True)`"),
            );
        }
    }
}

/// What the methods assign that a step calls on itself.
fn follow_helpers<'a>(reader: &Reader<'_, 'a>, body: &mut Body, order: &[Rc<Class<'a>>]) {
    let Some(class) = order.first() else { return };
    let mut seen: Vec<String> = Vec::new();
    let mut waiting: Vec<String> = body.calls.iter().map(|call| call.name.clone()).collect();
    while let Some(name) = waiting.pop() {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name.clone());
        let Some(helper) = helper_body(reader, class, &name) else {
            body.is_opaque |= !is_flowspec_method(&name);
            continue;
        };
        waiting.extend(helper.calls.into_iter().map(|call| call.name));
        body.set_by_helpers.extend(helper.assigned);
        let read = helper.read.into_iter().map(|read| read.name);
        body.read_by_helpers.extend(read.chain(helper.probed));
        body.is_opaque |= helper.is_opaque;
        body.is_merged_by_helpers |= !helper.merges.is_empty();
    }
}

fn helper_body<'a>(reader: &Reader<'_, 'a>, class: &Rc<Class<'a>>, name: &str) -> Option<Body> {
    let binding = reader.followed.attribute(class, name)?;
    let Object::Function(function) = &binding.thing.object else {
        return None;
    };
    let chain = chain(function);
    let innermost = chain.last()?;
    let Code::Def(def) = innermost.code else {
        return None;
    };
    // A static method knows no flow.
    let Some(receiver) = receiver(&def.parameters) else {
        return Some(Body::default());
    };
    Some(body::read(&def.body, &receiver, innermost.source))
}

/// Methods of `FlowSpec` that set no artifact.
fn is_flowspec_method(name: &str) -> bool {
    matches!(name, "foreach_stack" | "cmd" | "script_name")
}
