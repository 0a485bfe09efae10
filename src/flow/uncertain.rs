//! Members of which it cannot be told whether they are steps: under an `if` that is not known, made by a decorator or
//! a base that is not followed. Knows no graph.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of objects and of ruff's AST few can be steps"
)]

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};

use super::class::Member;
use super::reader::Reader;
use super::rules::HIDDEN_STEP;
use super::{Flow, Step, UncertainStep, body, span_of, step, transition};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Function, Object};
use crate::python::why_copied;
use crate::source::{SourceId, Span};
use crate::value::{Unknown, Value, Why};

/// Modules whose decorators leave a function what it is.
const PLAIN: [&str; 6] = [
    "metaflow.",
    "builtins.",
    "functools.",
    "abc.",
    "contextlib.",
    "typing.",
];

/// What is found while the members of a flow are read.
#[derive(Debug, Default)]
pub(super) struct Uncertain {
    steps: Vec<UncertainStep>,
    /// Functions that may be steps by a decorator from outside, if somebody goes on to them.
    decorated: Vec<UncertainStep>,
    /// Functions of which a decorator raises, and whether they were meant as steps: `@step` that was not imported.
    raised: Vec<(String, bool)>,
}

impl Uncertain {
    /// A member that was meant as a step.
    pub fn note(&mut self, name: &str, unknown: &Unknown) {
        self.steps.extend(uncertain(name, unknown));
    }

    /// A function that is no step by any decorator that is followed.
    pub fn note_decorated(&mut self, name: &str, member: &Member<'_>, function: &Function<'_>) {
        if let Some(unknown) = outside_decorator(function) {
            self.note_unsettled(name, member, &unknown);
        }
    }

    /// A function that may have got the marks of a step.
    pub fn note_unsettled(&mut self, name: &str, member: &Member<'_>, unknown: &Unknown) {
        let Some(found) = uncertain(name, unknown) else {
            return;
        };
        if is_meant_as_step(name, member) {
            self.steps.push(found);
        } else {
            self.decorated.push(found);
        }
    }

    /// A function of which a decorator raises.
    pub fn note_raised(&mut self, name: &str, member: &Member<'_>) {
        self.raised
            .push((name.to_owned(), is_meant_as_step(name, member)));
    }

    /// Was one of those of which a decorator raises a step of the flow, but for that?
    pub fn has_raised(&self, flow: &Flow) -> bool {
        let targets: BTreeSet<&str> = targets(flow).collect();
        let mut raised = self.raised.iter();
        raised.any(|(name, is_meant)| *is_meant || flow.steps.is_empty() || targets.contains(name.as_str()))
    }

    /// All of them, now that it is known where the steps go on to.
    pub fn of(self, flow: &Flow) -> Vec<UncertainStep> {
        let targets: BTreeSet<&str> = targets(flow).collect();
        let mut found = self.steps;
        let decorated = self.decorated.into_iter();
        found.extend(decorated.filter(|uncertain| targets.contains(uncertain.name.as_str())));
        found.extend(missing_targets(flow, targets));
        found
    }
}

/// The names that the flow's steps go on to.
fn targets(flow: &Flow) -> impl Iterator<Item = &str> {
    let targets = flow.steps.iter().flat_map(Step::targets);
    targets.map(|target| target.name.as_str())
}

fn uncertain(name: &str, unknown: &Unknown) -> Option<UncertainStep> {
    matches!(unknown.why, Why::Opaque { .. }).then(|| UncertainStep {
        name: name.to_owned(),
        unknown: unknown.clone(),
    })
}

/// Targets of `self.next` that are no steps for all that is known: `mid = tools.make_step("mid")`, or what a base from
/// elsewhere brings along.
fn missing_targets(flow: &Flow, mut names: BTreeSet<&str>) -> Vec<UncertainStep> {
    for known in flow.steps.iter().map(|step| &step.name).chain(&flow.members) {
        names.remove(known.as_str());
    }
    let targets = flow.steps.iter().flat_map(Step::targets);
    let mut found: Vec<UncertainStep> = taken_over(flow, &names).collect();
    for target in targets {
        if names.remove(target.name.as_str()) {
            let constant = flow
                .constants
                .iter()
                .find(|constant| constant.name == target.name);
            let unknown = match constant.map(|constant| &constant.value.result) {
                Some(Err(unknown)) => Some(unknown.clone()),
                None => unknown_member(flow, target.span),
                Some(Ok(_)) => None,
            };
            found.extend(unknown.and_then(|unknown| uncertain(&target.name, &unknown)));
        }
    }
    found
}

/// `start = tools.StartMixin.start`: under the names with which each flow begins and ends.
fn taken_over<'f>(flow: &'f Flow, targets: &BTreeSet<&str>) -> impl Iterator<Item = UncertainStep> + use<'f> {
    let is_target = ["start", "end"].map(|name| (name, targets.contains(name)));
    let constants = flow.constants.iter().filter(move |constant| {
        let mut names = is_target.iter();
        names.any(|(name, is_target)| constant.name == *name && !is_target)
    });
    constants.filter_map(|constant| uncertain(&constant.name, constant.value.result.as_ref().err()?))
}

/// Why a flow may have a member that is not seen.
fn unknown_member(flow: &Flow, span: Span) -> Option<Unknown> {
    let foreign = || Unknown {
        span,
        why: Why::Opaque {
            reason: "a base of the flow is not in the project".to_owned(),
        },
    };
    let unknown = flow.unknown_members.clone();
    unknown.or_else(|| flow.has_foreign_base.then(foreign))
}

/// What a call of something outside of the project makes.
pub(super) fn from_outside(callee: &str, span: Span) -> Unknown {
    Unknown {
        span,
        why: Why::Opaque {
            reason: format!("`{callee}` comes from outside of the project"),
        },
    }
}

/// A decorator on a function that may make a step of it: `@mystep` of a package that is not followed.
fn outside_decorator(function: &Function<'_>) -> Option<Unknown> {
    function.decorators.borrow().iter().find_map(|decoration| {
        let name = match &decoration.decorator.object {
            Object::External(name) => name,
            Object::Applied(applied) => &applied.callee,
            _ => return None,
        };
        let is_plain = PLAIN.iter().any(|module| name.starts_with(module));
        (!is_plain).then(|| from_outside(name, decoration.span))
    })
}

/// Was a `def` of this name in the class body meant as a step: by the look of its decorators, or since it calls
/// `self.next`?
pub(super) fn is_meant_as_step(name: &str, member: &Member<'_>) -> bool {
    let source = member.class.source;
    let is_meant =
        |def: &&ast::StmtFunctionDef| step_decorator(source, def).is_some() || goes_on(source, def);
    defs(name, member).iter().any(is_meant)
}

/// A function in whose place another one stands that Metaflow does not take for a step.
pub(super) fn hidden<'a>(reader: &mut Reader<'_, 'a>, name: &str, member: &Member<'a>) {
    let defs = defs(name, member);
    let Some(span) = defs
        .last()
        .and_then(|def| step_decorator(member.class.source, def))
    else {
        return;
    };
    let below = match &member.binding.thing.object {
        Object::Function(function) => {
            let applied = function.decorators.borrow();
            applied
                .iter()
                .take_while(|it| !step::is_step(it))
                .any(step::is_unbound)
        }
        _ => false,
    };
    let (why, help) = if below {
        (
            "`@step` marks what `@staticmethod` or `@classmethod` makes, not the function in it",
            "leave that decorator out: a step is a plain method",
        )
    } else {
        (
            "a decorator above `@step` puts another object in its place",
            "put that decorator below `@step`, or use `functools.wraps` in it so that it keeps what `@step` left",
        )
    };
    reader.report(Diagnostic::new(&HIDDEN_STEP, span, format!("`{name}` is no step: {why}")).help(help));
}

/// `def log(function): print(function)` above `@step`: what it gives, here `None`, is no function at all.
pub(super) fn replaced<'a>(reader: &mut Reader<'_, 'a>, name: &str, member: &Member<'a>) {
    let (what, help) = match &member.binding.thing.object {
        Object::Constant(Value::None) => (
            "gives `None` in its place".to_owned(),
            "let that decorator end with `return` and the function that it was given",
        ),
        Object::Constant(value) => (format!("gives {} in its place", value.to_repr()), KEEP),
        object @ Object::Instance(instance) if is_no_step(reader, object) => (
            format!(
                "puts an object of the class `{}` in its place",
                instance.class.name
            ),
            KEEP,
        ),
        Object::Tuple(_) | Object::List(_) | Object::Dict(_) | Object::Set(_) => {
            ("puts a collection in its place".to_owned(), KEEP)
        }
        Object::Class(_) => ("puts a class in its place".to_owned(), KEEP),
        _ => return,
    };
    let Some(span) = bound_by(name, member).and_then(|def| step_decorator(member.class.source, def)) else {
        return;
    };
    let message = format!("`{name}` is no step: a decorator above `@step` {what}");
    reader.report(Diagnostic::new(&HIDDEN_STEP, span, message).help(help));
}

const KEEP: &str =
    "put that decorator below `@step`, or let it give back a function made by `functools.wraps`";

/// Does the object surely lack what `@step` leaves on a function? It has it where its class hands attributes on, or is
/// asked what stands under the name.
pub(super) fn is_no_step<'a>(reader: &Reader<'_, 'a>, object: &Object<'a>) -> bool {
    const HANDING_ON: [&str; 4] = ["__getattr__", "__getattribute__", "__get__", "is_step"];
    let Object::Instance(instance) = object else {
        return false;
    };
    let has = |name: &&str| reader.followed.attribute(&instance.class, name).is_some();
    let is_own = |name: &&str| instance.attributes.get(name).is_some();
    let is_foreign = |base: &Option<Rc<str>>| base.as_deref() != Some("builtins.object");
    !HANDING_ON.iter().any(|name| has(name) || is_own(name))
        && instance.attributes.why_open().is_none()
        && why_copied(object).is_none()
        && !reader
            .followed
            .external_bases(&instance.class)
            .iter()
            .any(is_foreign)
}

/// Does it call `self.next`?
fn goes_on(source: SourceId, def: &ast::StmtFunctionDef) -> bool {
    let Some(receiver) = step::receiver(&def.parameters) else {
        return false;
    };
    let tail = transition::tail_call(&def.body);
    tail.is_some_and(|(_, call)| transition::is_next(call, &receiver))
        || !body::read(&def.body, &receiver, source).other_nexts.is_empty()
}

/// The `def` in the class body that binds the name in the end.
fn bound_by<'a>(name: &str, member: &Member<'a>) -> Option<&'a ast::StmtFunctionDef> {
    let (source, span) = (member.class.source, member.binding.span);
    let body = &member.class.node.body;
    let at = body.partition_point(|statement| span_of(source, statement).end < span.start);
    let mut finder = Finder {
        name,
        defs: Vec::new(),
    };
    finder.visit_stmt(body.get(at)?);
    finder
        .defs
        .into_iter()
        .find(|def| span_of(source, &def.name) == span)
}

/// All `def`s of a name in a class body, also within `if` and `try`.
fn defs<'a>(name: &str, member: &Member<'a>) -> Vec<&'a ast::StmtFunctionDef> {
    let mut finder = Finder {
        name,
        defs: Vec::new(),
    };
    finder.visit_body(&member.class.node.body);
    finder.defs
}

struct Finder<'n, 'a> {
    name: &'n str,
    defs: Vec<&'a ast::StmtFunctionDef>,
}

impl<'a> Visitor<'a> for Finder<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(def) if def.name.as_str() == self.name => self.defs.push(def),
            ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }
}

/// The decorator that looks like `@step` on a `def`.
pub(super) fn step_decorator(source: SourceId, def: &ast::StmtFunctionDef) -> Option<Span> {
    let looks_like_step = |expression: &ast::Expr| match expression {
        ast::Expr::Name(name) => name.id == "step",
        ast::Expr::Attribute(attribute) => attribute.attr.as_str() == "step",
        _ => false,
    };
    let decorator = def.decorator_list.iter().find(|decorator| {
        let called = decorator.expression.as_call_expr();
        looks_like_step(called.map_or(&decorator.expression, |call| &call.func))
    })?;
    Some(span_of(source, decorator))
}
