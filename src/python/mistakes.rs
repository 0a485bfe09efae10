//! What else is wrong in an argument besides what Python trips over first: `cpu=self.a + self.b` names two values of
//! a running task.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_text_size::Ranged;

use super::convert::placeholder;
use super::interpreter::{Evaluation, Interpreter, Stop};
use super::object::{Object, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::{PlaceholderUse, Unknown, Why};

/// More mistakes than this in one expression come to light when those are mended.
const MOST_FURTHER: usize = 100;

impl<'a> Interpreter<'a> {
    /// Remembers what else is wrong in the expression, under the place of what is reported of it.
    pub(super) fn note_further(
        &mut self,
        expression: &'a Expr,
        scope: &Scope<'a>,
        evaluated: &Evaluation<'a>,
    ) {
        let first = match evaluated {
            Ok(thing) => first_mistake(thing),
            Err(Stop::Raise(why)) => Some(why.clone()),
            Err(Stop::Unknown(_)) => None,
        };
        let Some(first) = first else { return };
        let mut found = Vec::new();
        let ((), changes) = self.in_branch(&first, |this| this.find_mistakes(expression, scope, &mut found));
        self.forget(changes, &first);
        // `p + 1` and `str(p)` are reported as a whole.
        let is_within = |span: Span| first.span.start <= span.start && span.end <= first.span.end;
        found.retain(|mistake: &Unknown| {
            let is_told = is_within(mistake.span) && is_of_same(&mistake.why, &first.why);
            mistake.span != first.span && !is_told
        });
        if !found.is_empty() {
            self.further.entry(first.span).or_insert(found);
        }
    }

    fn find_mistakes(&mut self, expression: &'a Expr, scope: &Scope<'a>, found: &mut Vec<Unknown>) {
        if found.len() >= MOST_FURTHER {
            return;
        }
        let evaluated = self.element(expression, scope);
        let mistake = match &evaluated {
            Ok(thing) => first_mistake(thing),
            Err(Stop::Raise(why)) => Some(why.clone()),
            Err(Stop::Unknown(_)) => None,
        };
        let Some(mistake) = mistake else { return };
        let before = found.len();
        if !matches!(expression, Expr::Name(_) | Expr::Attribute(_)) {
            for part in parts(expression) {
                match use_of_parts(expression) {
                    Some(used) => self.find_misused(part, scope, used, found),
                    None => self.find_mistakes(part, scope, found),
                }
            }
        }
        let is_known = found.iter().any(|known| known.span == mistake.span);
        if found.len() == before && !is_known {
            found.push(mistake);
        }
    }

    /// In an expression that uses a placeholder as a value, every placeholder is one too many.
    fn find_misused(
        &mut self,
        part: &'a Expr,
        scope: &Scope<'a>,
        used: PlaceholderUse,
        found: &mut Vec<Unknown>,
    ) {
        if let Ok(thing) = self.evaluate(part, scope)
            && let Object::Applied(applied) = &thing.object
            && let Some((kind, name)) = placeholder(applied)
        {
            let span = self.span(scope, part.range());
            let why = Why::Placeholder { kind, name, used };
            found.push(Unknown { span, why });
        } else {
            self.find_mistakes(part, scope, found);
        }
    }
}

/// Is the same placeholder to blame, however it is used?
fn is_of_same(one: &Why, other: &Why) -> bool {
    match (one, other) {
        (Why::Placeholder { name: one, .. }, Why::Placeholder { name: other, .. }) => one == other,
        (one, other) => one == other,
    }
}

/// How an expression uses the parts of it that are placeholders, where it asks for their values.
fn use_of_parts(expression: &Expr) -> Option<PlaceholderUse> {
    match expression {
        Expr::FString(_) => Some(PlaceholderUse::Text),
        Expr::BinOp(_) | Expr::Compare(_) => Some(PlaceholderUse::Arithmetic),
        _ => None,
    }
}

/// What is no value at all in an object, or in what it holds.
fn first_mistake(thing: &Thing<'_>) -> Option<Unknown> {
    mistake_in(thing, &mut HashSet::new())
}

/// `seen`: addresses of containers, which may hold themselves or be held in many places.
fn mistake_in(thing: &Thing<'_>, seen: &mut HashSet<usize>) -> Option<Unknown> {
    match &thing.object {
        Object::Unknown(unknown) => (!unknown.why.is_unknown_value()).then(|| unknown.clone()),
        Object::List(items) | Object::Set(items) if seen.insert(Rc::as_ptr(items) as usize) => {
            let items = items.read().ok()?;
            items.iter().find_map(|item| mistake_in(item, seen))
        }
        Object::Tuple(items) if seen.insert(Rc::as_ptr(items) as usize) => {
            items.iter().find_map(|item| mistake_in(item, seen))
        }
        Object::Dict(entries) if seen.insert(Rc::as_ptr(entries) as usize) => {
            let entries = entries.read().ok()?;
            entries.iter().find_map(|(_, value)| mistake_in(value, seen))
        }
        _ => None,
    }
}

/// The expressions directly below one, but for those that are evaluated later or perhaps not at all.
fn parts(expression: &Expr) -> Vec<&Expr> {
    let mut collector = Parts { found: Vec::new() };
    match expression {
        Expr::Lambda(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {}
        Expr::If(node) => collector.found.push(&node.test),
        Expr::BoolOp(node) => collector.found.extend(node.values.first()),
        _ => visitor::walk_expr(&mut collector, expression),
    }
    collector.found
}

struct Parts<'e> {
    found: Vec<&'e Expr>,
}

impl<'e> Visitor<'e> for Parts<'e> {
    fn visit_expr(&mut self, expression: &'e Expr) {
        self.found.push(expression);
    }
}

/// The place of what is wrong, and what else is.
pub(super) type Further = std::collections::BTreeMap<Span, Vec<Unknown>>;
