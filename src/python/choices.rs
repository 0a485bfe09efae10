//! What something unknown may be where Metaflow's decorators and parameters are among it:
//! `gpu = kubernetes(gpu=1) if HAS_GPU else resources(cpu=1)`. Knows no step.
#![expect(clippy::wildcard_enum_match_arm, reason = "alternatives are of any kind")]

use ruff_python_ast::{self as ast, Expr};

use super::convert::Given;
use super::follow::Flow;
use super::interpreter::Interpreter;
use super::leaks;
use super::object::{Binding, Function, Object, Thing};
use super::scope::Scope;
use crate::decorator;
use crate::source::Span;
use crate::value::Unknown;

/// What is not known of something that may be Metaflow's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Which decorator it is, or whether it is one.
    Decorator,
    /// A decorator stands under a condition: whether it is applied.
    Application,
    /// Which parameter it is, or whether it is one.
    Parameter,
}

impl<'a> Interpreter<'a> {
    /// An unknown that may be any of these. Where one of Metaflow's is among them, it has a place of its own, by which
    /// it is known again.
    pub(super) fn any_of(&self, things: &[&Thing<'a>], at: Span, why: &Unknown) -> Unknown {
        // `items[unknown]` in a loop goes through the items each time.
        self.work_elsewhere
            .set(self.work_elsewhere.get().saturating_add(things.len() / 16));
        let found = things.iter().find_map(|thing| self.choice_of(thing));
        match found {
            Some(choice) => self.note_choice(choice, at, why),
            None => why.clone(),
        }
    }

    /// One of two pieces of code ran; either may have given something of Metaflow's.
    pub(super) fn any_result(&self, flows: [&Flow<'a>; 2], why: &Unknown) -> Unknown {
        let things: Vec<&Thing<'a>> = flows
            .into_iter()
            .filter_map(|flow| match flow {
                Flow::Return(thing) => Some(thing),
                _ => None,
            })
            .collect();
        for flow in flows {
            if let Flow::Lost(lost) = flow
                && self.choices.borrow().contains_key(&lost.span)
            {
                return lost.clone();
            }
        }
        if let Some(at) = things
            .iter()
            .filter(|thing| bears_decorators(thing))
            .find_map(|thing| place_of(thing))
        {
            return self.note_choice(Choice::Decorator, at, why);
        }
        let mut chosen = things.iter().filter(|thing| self.choice_of(thing).is_some());
        match chosen.find_map(|thing| place_of(thing)) {
            Some(at) => self.any_of(&things, at, why),
            None => why.clone(),
        }
    }

    /// What a name may be bound to, of two bindings.
    pub(super) fn any_binding(
        &self,
        bindings: [Option<&Binding<'a>>; 2],
        at: Span,
        why: &Unknown,
    ) -> Unknown {
        let things: Vec<&Thing<'a>> = bindings.into_iter().flatten().map(|it| &it.thing).collect();
        self.any_of(&things, at, why)
    }

    /// What an item of a container may be: `SIZES[platform.system()]`.
    pub(super) fn any_item(&self, container: &Thing<'a>, at: Span, why: &Unknown) -> Unknown {
        if self.choices.borrow().contains_key(&why.span) {
            return why.clone();
        }
        match &container.object {
            Object::Dict(entries) => {
                let entries = entries.whatever();
                let values: Vec<&Thing<'a>> = entries.iter().map(|(_, value)| value).collect();
                self.any_of(&values, at, why)
            }
            Object::List(items) => {
                let items = items.whatever();
                self.any_of(&items.iter().collect::<Vec<_>>(), at, why)
            }
            Object::Tuple(items) => self.any_of(&items.iter().collect::<Vec<_>>(), at, why),
            _ => why.clone(),
        }
    }

    /// A choice between expressions that are not followed, since it is not known which of them counts.
    pub(super) fn any_expression(
        &mut self,
        expressions: &[&'a Expr],
        scope: &Scope<'a>,
        at: Span,
        why: &Unknown,
    ) -> Unknown {
        let mut found = why.clone();
        for expression in expressions {
            let named = match expression {
                Expr::Call(call) => &*call.func,
                Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
                    found = self.any_expression(&elts.iter().collect::<Vec<_>>(), scope, at, &found);
                    continue;
                }
                Expr::Name(_) | Expr::Attribute(_) | Expr::If(_) | Expr::BoolOp(_) => expression,
                _ => continue,
            };
            let doubts = self.doubts.get();
            let (thing, _) = self.in_branch(why, |this| this.evaluate(named, scope));
            self.doubts.set(doubts);
            if let Ok(thing) = super::interpreter::settle(thing) {
                found = self.any_of(&[&thing], at, &found);
            }
        }
        found
    }

    /// Remembers that what is unknown at this place may be Metaflow's.
    pub(super) fn note_choice(&self, choice: Choice, at: Span, why: &Unknown) -> Unknown {
        self.choices.borrow_mut().entry(at).or_insert(choice);
        Unknown {
            span: at,
            why: why.why.clone(),
        }
    }

    fn choice_of(&self, thing: &Thing<'a>) -> Option<Choice> {
        match &thing.object {
            Object::External(name) => of_metaflow(name),
            Object::Applied(applied) if applied.path.is_empty() => of_metaflow(&applied.callee),
            Object::Partial(partial) => self.choice_of(&partial.callee),
            Object::Function(function) => self.names_decorator(function).then_some(Choice::Decorator),
            Object::Unknown(unknown) => self.choices.borrow().get(&unknown.span).copied(),
            _ => None,
        }
    }

    /// Does the function name a decorator of Metaflow: is it perhaps `def gpu(n): return kubernetes(gpu=n)`?
    fn names_decorator(&self, function: &Function<'_>) -> bool {
        let (names, visited) = leaks::externals_named_in(function);
        self.work_elsewhere
            .set(self.work_elsewhere.get().saturating_add(visited));
        names
            .iter()
            .any(|name| of_metaflow(name) == Some(Choice::Decorator))
    }

    /// A decorator of steps is called on something unknown: on which steps, nobody knows.
    pub(super) fn note_astray(&mut self, decorator: &str, given: &Given<'a>, span: Span) {
        let [argument] = given.arguments.as_slice() else {
            return;
        };
        let Some(name) = decorator.strip_prefix("metaflow.") else {
            return;
        };
        let is_sure = !self.is_decorating && !self.has_run && argument.name.is_none();
        if let Some(why) = argument.thing.why()
            && is_sure
            && why.why.is_unknown_value()
            && of_metaflow(decorator) == Some(Choice::Decorator)
            && !self.astray.iter().any(|(_, known)| known.span == span)
        {
            let why = why.why.clone();
            self.astray.push((name.to_owned(), Unknown { span, why }));
        }
    }

    /// A function of the project that is not followed to its end.
    pub(super) fn lost_call(&self, function: &Function<'a>, at: Span, why: &Unknown) -> Unknown {
        if !self.choices.borrow().contains_key(&why.span) && self.names_decorator(function) {
            self.note_choice(Choice::Decorator, at, why)
        } else {
            why.clone()
        }
    }
}

/// Is it the name of what matters for a definition?
fn of_metaflow(dotted: &str) -> Option<Choice> {
    let name = dotted.strip_prefix("metaflow.")?;
    match name {
        "Parameter" | "IncludeFile" => Some(Choice::Parameter),
        // A card is made inside the task.
        "card" => None,
        _ => decorator::find(name).map(|_| Choice::Decorator),
    }
}

/// Is it a decorator of Metaflow that goes on steps, or `step` itself? It changes the function that it is put on.
pub(super) fn is_of_steps(object: &Object<'_>) -> bool {
    let name = match object {
        Object::External(name) => name,
        Object::Applied(applied) if applied.path.is_empty() => &applied.callee,
        _ => return false,
    };
    let Some(name) = name.strip_prefix("metaflow.") else {
        return false;
    };
    name == "step" || decorator::find(name).is_some_and(decorator::Decorator::is_step_level)
}

/// Is it a decorator of Metaflow that matters for a definition?
pub(super) fn is_decorator(object: &Object<'_>) -> bool {
    match object {
        Object::External(name) => of_metaflow(name) == Some(Choice::Decorator),
        Object::Applied(applied) => of_metaflow(&applied.callee) == Some(Choice::Decorator),
        _ => false,
    }
}

fn bears_decorators(thing: &Thing<'_>) -> bool {
    match &thing.object {
        Object::Function(function) => {
            let decorators = function.decorators.borrow();
            decorators
                .iter()
                .any(|decoration| is_decorator(&decoration.decorator.object))
        }
        _ => false,
    }
}

/// Where something of Metaflow's was made.
fn place_of(thing: &Thing<'_>) -> Option<Span> {
    match &thing.object {
        Object::Applied(applied) => Some(applied.span),
        Object::Partial(partial) => Some(partial.span),
        Object::Unknown(unknown) => Some(unknown.span),
        Object::Function(function) => function.decorators.borrow().last().map(|last| last.span),
        _ => None,
    }
}
