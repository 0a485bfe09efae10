//! Uses of decorators on steps and classes: which decorator, with which attributes, and whether Metaflow can
//! apply it there. Whether the attributes make sense is the catalog's affair.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are decorators"
)]

use std::borrow::Cow;
use std::rc::Rc;

use super::phase::Place;
use super::reader::Reader;
use super::rules::{
    DECORATOR_WITHOUT_STEP, DUPLICATE_DECORATOR, FLOW_DECORATOR_MISPLACED, FUNCTION_AS_VALUE,
    POSITIONAL_ATTRIBUTE, STEP_DECORATOR_ON_CLASS,
};
use super::{
    AttributeUse, DecoratorKind, DecoratorUse, KnownDecorator, Undecided, discover, hooks, literals, step,
    user_step,
};
use crate::decorator::{self, Attribute, Decorator};
use crate::diagnostic::Diagnostic;
use crate::python::Choice;
use crate::python::object::{Argument, Class, Code, Decoration, Function, Object};
use crate::source::Span;
use crate::value::{Evaluated, Unknown, Value, Why};

/// What a decorator stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Step,
    Flow,
}

/// A decorator taken apart: what was written, before it is known what it is.
struct Written<'r, 'a> {
    /// Metaflow's name, else the dotted name.
    name: String,
    kind: DecoratorKind,
    arguments: Cow<'r, [Argument<'a>]>,
    unknown_arguments: Option<Unknown>,
    undecided: Option<(Undecided, Unknown)>,
}

/// Reads one use; `None` where it is no decorator of the flow (`@staticmethod`) or cannot stand there.
pub(super) fn read<'a>(
    reader: &mut Reader<'_, 'a>,
    decoration: &Decoration<'a>,
    level: Level,
) -> Option<DecoratorUse> {
    let written = take_apart(reader, decoration)?;
    if reader.judged.insert(decoration.span) {
        judge(reader, decoration, &written, level);
    }
    let is_misplaced = match written.kind {
        DecoratorKind::Known(known) => known.is_step_level() != (level == Level::Step),
        DecoratorKind::UserStep | DecoratorKind::Mutator | DecoratorKind::ThirdParty => false,
    };
    if is_misplaced {
        return None;
    }
    let mut attributes = Vec::new();
    for (argument, name) in named(&written) {
        attributes.push(attribute(reader, &written, argument, name, level));
    }
    Some(DecoratorUse {
        attributes,
        name: written.name,
        kind: written.kind,
        span: decoration.span,
        unknown_arguments: written.unknown_arguments,
        undecided: written.undecided,
    })
}

/// The arguments with their names: `@package_sources("data")` alone takes positional ones.
fn named<'w, 'a>(written: &'w Written<'_, 'a>) -> Vec<(&'w Argument<'a>, &'w str)> {
    let mut positional: &[Attribute] = match written.kind {
        DecoratorKind::Known(known) if known.is_positional => known.attributes,
        DecoratorKind::Known(_)
        | DecoratorKind::UserStep
        | DecoratorKind::Mutator
        | DecoratorKind::ThirdParty => &[],
    };
    let mut named = Vec::new();
    for argument in &*written.arguments {
        if let Some(name) = argument.name {
            named.push((argument, name));
        } else if let [first, rest @ ..] = positional {
            named.push((argument, first.name));
            positional = rest;
        }
    }
    named
}

fn take_apart<'r, 'a>(
    reader: &mut Reader<'_, 'a>,
    decoration: &'r Decoration<'a>,
) -> Option<Written<'r, 'a>> {
    let written = |name: String, kind, arguments: &'r [Argument<'a>]| {
        Some(Written {
            name,
            kind,
            arguments: Cow::Borrowed(arguments),
            unknown_arguments: None,
            undecided: None,
        })
    };
    match &decoration.decorator.object {
        Object::External(name) => external(reader, name, &[]),
        Object::Applied(applied) => {
            let mut written = external(reader, &applied.callee, &applied.arguments)?;
            written.unknown_arguments.clone_from(&applied.unknown_arguments);
            spread(reader, &mut written);
            Some(written)
        }
        Object::Partial(partial) => match &partial.callee.object {
            Object::External(name) => external(reader, name, &partial.arguments),
            Object::Function(function) => {
                let kind = user_step::judge(reader, function, &partial.arguments)?;
                written(function.name.to_owned(), kind, &partial.arguments)
            }
            _ => written(as_written(reader, decoration), DecoratorKind::ThirdParty, &[]),
        },
        Object::Function(function) => {
            let kind = user_step::judge(reader, function, &[]).unwrap_or(DecoratorKind::ThirdParty);
            written(function.name.to_owned(), kind, &[])
        }
        Object::Class(class) => {
            let kind = class_kind(reader, class);
            user_step::judge_mutator(reader, class, decoration.span, false);
            written(class.name.to_owned(), kind, &[])
        }
        Object::Instance(instance) => {
            let kind = class_kind(reader, &instance.class);
            user_step::judge_mutator(
                reader,
                &instance.class,
                decoration.span,
                !instance.arguments.is_empty(),
            );
            written(instance.class.name.to_owned(), kind, &instance.arguments)
        }
        Object::Unknown(unknown) => {
            reader.report_unknown(unknown, &Place::Decoration);
            match unknown.why {
                Why::Opaque { .. }
                | Why::HalfCharacter { .. }
                | Why::Runtime { .. }
                | Why::Placeholder { .. } => {}
                Why::Raises { .. } => return None,
            }
            let name = as_written(reader, decoration);
            let kind = declared(reader, &name);
            let mut written = written(name, kind, &[])?;
            if matches!(kind, DecoratorKind::ThirdParty) {
                written.undecided = undecided(reader, unknown);
            }
            Some(written)
        }
        _ => written(as_written(reader, decoration), DecoratorKind::ThirdParty, &[]),
    }
}

/// What cannot be told of a decorator that is not known, if it may be one of Metaflow's.
fn undecided(reader: &Reader<'_, '_>, unknown: &Unknown) -> Option<(Undecided, Unknown)> {
    let what = match reader.followed.choice(unknown)? {
        Choice::Decorator => Undecided::Which,
        Choice::Application => Undecided::Whether,
        Choice::Parameter => return None,
    };
    Some((what, unknown.clone()))
}

/// Puts what a `**config` stands for in its place, now that every Config is known.
fn spread<'a>(reader: &mut Reader<'_, 'a>, written: &mut Written<'_, 'a>) {
    let Some(unknown) = &written.unknown_arguments else {
        return;
    };
    match reader.followed.put_off_arguments(unknown, &written.arguments) {
        Some(Ok(more)) => {
            written.arguments.to_mut().extend(more);
            written.unknown_arguments = None;
        }
        Some(Err(unknown)) => written.unknown_arguments = Some(unknown),
        None => {}
    }
    if let Some(unknown) = &written.unknown_arguments {
        reader.report_unknown(unknown, &Place::Decoration);
    }
}

/// A decorator from outside of the project, by its dotted name.
fn external<'r, 'a>(
    reader: &Reader<'_, 'a>,
    dotted: &str,
    arguments: &'r [Argument<'a>],
) -> Option<Written<'r, 'a>> {
    if is_plain_python(dotted) {
        return None;
    }
    let name = dotted.strip_prefix("metaflow.").unwrap_or(dotted);
    let found = decorator::find(name).filter(|_| name.len() < dotted.len());
    let kind = match found {
        Some(known) => DecoratorKind::Known(known),
        None => declared(reader, name),
    };
    Some(Written {
        name: name.to_owned(),
        kind,
        arguments: Cow::Borrowed(arguments),
        unknown_arguments: None,
        undecided: None,
    })
}

/// What the project says of a third-party decorator.
fn declared(reader: &Reader<'_, '_>, name: &str) -> DecoratorKind {
    let last = name.rsplit('.').next().unwrap_or(name);
    let known = reader.inputs.known_decorators;
    match known.get(name).or_else(|| known.get(last)) {
        Some(KnownDecorator::Harmless) => DecoratorKind::UserStep,
        Some(KnownDecorator::Mutator) => DecoratorKind::Mutator,
        None => DecoratorKind::ThirdParty,
    }
}

fn class_kind<'a>(reader: &Reader<'_, 'a>, class: &Rc<Class<'a>>) -> DecoratorKind {
    let derives = |base| discover::derives_from(reader.followed, class, base);
    if derives("metaflow.FlowMutator") || derives("metaflow.StepMutator") {
        let known = reader.inputs.known_decorators.get(class.name);
        match known {
            Some(KnownDecorator::Harmless) => DecoratorKind::UserStep,
            Some(KnownDecorator::Mutator) | None => DecoratorKind::Mutator,
        }
    } else if derives("metaflow.UserStepDecorator") {
        DecoratorKind::UserStep
    } else {
        declared(reader, class.name)
    }
}

/// Decorators of Python itself that leave a step a step.
fn is_plain_python(dotted: &str) -> bool {
    let module = dotted.split('.').next().unwrap_or(dotted);
    matches!(
        module,
        "builtins" | "functools" | "abc" | "typing" | "typing_extensions"
    )
}

/// The decorator's name in the source: `app.task` of `@app.task(retries=2)`.
fn as_written(reader: &Reader<'_, '_>, decoration: &Decoration<'_>) -> String {
    let text = reader.sources.slice(decoration.span);
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
        .collect();
    if name.is_empty() { text.to_owned() } else { name }
}

fn attribute<'a>(
    reader: &mut Reader<'_, 'a>,
    written: &Written<'_, 'a>,
    argument: &Argument<'a>,
    name: &str,
    level: Level,
) -> AttributeUse {
    let place = match written.kind {
        DecoratorKind::Known(_) => Place::Decorator {
            decorator: &written.name,
            attribute: name,
        },
        DecoratorKind::UserStep | DecoratorKind::Mutator | DecoratorKind::ThirdParty => Place::ThirdParty {
            decorator: &written.name,
        },
    };
    let evaluated = if is_hook(written, name) {
        let evaluated = hooks::evaluate(reader, argument);
        if let Err(unknown) = &evaluated.result {
            reader.report_unknown(unknown, &place);
        }
        evaluated
    } else {
        reader.evaluate(&argument.thing, argument.span, &place)
    };
    if let DecoratorKind::Known(known) = written.kind
        && !takes_functions(known)
        && let Some(function) = evaluated.value().and_then(a_function)
    {
        let diagnostic = function_as_value(written, name, &evaluated, function);
        reader.report(diagnostic);
    }
    let names = define_names(reader, &written.name, name, level);
    AttributeUse {
        name: name.to_owned(),
        name_span: argument.name_span,
        value: reader.define(&names, evaluated),
        literals: literals::of(reader.sources.slice(argument.span), argument.span),
        is_unchecked: argument.is_unchecked,
    }
}

/// The names under which `-D` may give an attribute: `Flow.step.decorator.attribute`, shorter where it is clear.
fn define_names(reader: &Reader<'_, '_>, decorator: &str, attribute: &str, level: Level) -> Vec<String> {
    let short = match (level, &reader.step) {
        (Level::Step, Some(step)) => format!("{step}.{decorator}.{attribute}"),
        (Level::Step | Level::Flow, _) => format!("{decorator}.{attribute}"),
    };
    let flow = reader.flow.as_deref().unwrap_or_default();
    vec![format!("{flow}.{short}"), short]
}

fn is_hook(written: &Written<'_, '_>, attribute: &str) -> bool {
    let is_known = matches!(written.kind, DecoratorKind::Known(_));
    is_known && written.name == "exit_hook" && attribute != "options"
}

/// Hooks are functions, and triggers may be computed when the flow is deployed.
fn takes_functions(decorator: &Decorator) -> bool {
    matches!(
        decorator.name,
        "exit_hook" | "trigger" | "trigger_on_finish" | "card"
    )
}

/// The name of a function in a value.
fn a_function(value: &Value) -> Option<&str> {
    match value {
        Value::Function(name) => Some(name),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().find_map(a_function),
        Value::Dict(entries) => entries.iter().find_map(|(_, value)| a_function(value)),
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Ellipsis
        | Value::Call(_) => None,
    }
}

fn function_as_value(
    written: &Written<'_, '_>,
    attribute: &str,
    evaluated: &Evaluated,
    function: &str,
) -> Diagnostic {
    let decorator = &written.name;
    let what = if function == "<lambda>" {
        "a lambda".to_owned()
    } else {
        format!("the function `{function}`")
    };
    Diagnostic::new(
        &FUNCTION_AS_VALUE,
        evaluated.span,
        format!("`{attribute}` of `@{decorator}` is {what}: Metaflow takes a value here and never calls it"),
    )
    .help("give the value itself, or call the function")
}

/// What Metaflow refuses when it applies the decorator.
fn judge<'a>(
    reader: &mut Reader<'_, 'a>,
    decoration: &Decoration<'a>,
    written: &Written<'_, 'a>,
    level: Level,
) {
    let DecoratorKind::Known(known) = written.kind else {
        return;
    };
    let mut positional_arguments = written
        .arguments
        .iter()
        .filter(|argument| argument.name.is_none());
    if let Some(argument) = positional_arguments.next()
        && !known.is_positional
    {
        reader.report(positional(known, argument.span));
    }
    match (level, known.is_step_level()) {
        (Level::Step, false) => reader.report(
            Diagnostic::new(
                &FLOW_DECORATOR_MISPLACED,
                decoration.span,
                format!("`@{}` is for the flow's class, not for a step", known.name),
            )
            .help("put it above the `class` statement"),
        ),
        (Level::Flow, true) => reader.report(
            Diagnostic::new(
                &STEP_DECORATOR_ON_CLASS,
                decoration.span,
                format!("`@{}` is for steps, not for the flow's class", known.name),
            )
            .help("put it above `@step` of each step that needs it"),
        ),
        (Level::Step, true) | (Level::Flow, false) => {}
    }
}

fn positional(known: &Decorator, span: Span) -> Diagnostic {
    let message = format!(
        "`@{}` takes keyword arguments only: Metaflow takes a positional one for what is decorated",
        known.name
    );
    let diagnostic = Diagnostic::new(&POSITIONAL_ATTRIBUTE, span, message);
    match known.attributes.first() {
        Some(first) => diagnostic.help(format!("name it, as in `@{}({}=…)`", known.name, first.name)),
        None => diagnostic,
    }
}

/// The same decorator twice where Metaflow takes it once; `uses` is in source order, so the first is applied last.
pub(super) fn judge_duplicates(reader: &mut Reader<'_, '_>, uses: &[DecoratorUse], of: &str) {
    for (index, used) in uses.iter().enumerate() {
        let DecoratorKind::Known(known) = used.kind else {
            continue;
        };
        let other = uses.iter().skip(index + 1).find(|other| other.name == used.name);
        if let Some(other) = other.filter(|_| !known.is_multiple) {
            let message = format!("{of} has `@{}` twice: it may stand there once", used.name);
            let diagnostic = Diagnostic::new(&DUPLICATE_DECORATOR, used.span, message);
            reader.report(diagnostic.label(other.span, "and here"));
        }
    }
}

/// Decorators of a class that was not read as a flow: another flow of the file, or no flow at all.
pub(super) fn judge_class<'a>(reader: &mut Reader<'_, 'a>, class: &Rc<Class<'a>>) {
    let decorations = class.decorators.borrow();
    for decoration in decorations.iter() {
        let Some(written) = take_apart(reader, decoration) else {
            continue;
        };
        if !reader.judged.insert(decoration.span) {
            continue;
        }
        judge(reader, decoration, &written, Level::Flow);
        if let DecoratorKind::Known(known) = written.kind
            && !known.is_step_level()
            && !discover::may_be_flow(reader.followed, class)
        {
            let message = format!("`@{}` is on `{}`, which is no flow", known.name, class.name);
            reader.report(
                Diagnostic::new(&FLOW_DECORATOR_MISPLACED, decoration.span, message)
                    .help(format!("derive `{}` from `FlowSpec`", class.name)),
            );
        }
    }
}

/// Step decorators on the methods of a class that are applied before `@step`, or without any.
pub(super) fn judge_methods<'a>(reader: &mut Reader<'_, 'a>, class: &Class<'a>) {
    for (_, binding) in class.namespace.entries() {
        if let Object::Function(function) = &binding.thing.object {
            judge_function(reader, function);
        }
    }
}

/// A function's decorators that come before its `@step`, or that have none to stand on.
pub(super) fn judge_function<'a>(reader: &mut Reader<'_, 'a>, function: &Rc<Function<'a>>) {
    if let Some(inner) = function.wraps() {
        judge_function(reader, &inner);
        return;
    }
    if step::why_unsettled(function).is_some() {
        return;
    }
    let decorators = function.decorators.borrow();
    let is_step = decorators.iter().any(step::is_step);
    let before = decorators
        .iter()
        .take_while(|decoration| !step::is_step(decoration));
    for decoration in before {
        let Some(written) = take_apart(reader, decoration) else {
            continue;
        };
        let DecoratorKind::Known(known) = written.kind else {
            continue;
        };
        if !known.is_step_level() {
            if reader.judged.insert(decoration.span) {
                judge(reader, decoration, &written, Level::Step);
            }
        } else if reader.judged.insert(decoration.span) {
            let diagnostic = without_step(known, function, decoration.span, is_step);
            reader.report(diagnostic);
        }
    }
}

fn without_step(known: &Decorator, function: &Function<'_>, span: Span, is_step: bool) -> Diagnostic {
    let decorator = known.name;
    let name = match function.code {
        Code::Def(def) => def.name.as_str(),
        Code::Lambda(_) => "<lambda>",
    };
    let (message, help) = if is_step {
        (
            format!("`@{decorator}` stands below `@step` of `{name}`: it must stand above"),
            "let `@step` be the last line before `def`".to_owned(),
        )
    } else {
        (
            format!("`@{decorator}` is on `{name}`, which is no step"),
            format!("put `@step` on the line before `def {name}`, below `@{decorator}`"),
        )
    };
    Diagnostic::new(&DECORATOR_WITHOUT_STEP, span, message).help(help)
}
