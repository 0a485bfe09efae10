//! Iterators, which do their work when they are asked: `iter`, `map`, `filter`, `zip`, `enumerate`, `reversed`,
//! generator expressions. What they go over may change until then.
#![expect(clippy::wildcard_enum_match_arm, reason = "iterables are of any kind")]

use std::collections::VecDeque;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::builtins::tuple;
use super::convert::Given;
use super::interpreter::{Interpreter, Known, Stop, raise, settle, unknown};
use super::locals;
use super::object::{Object, Shared, Thing};
use super::scope::{FrameKind, Locals, Scope};
use crate::source::Span;
use crate::value::Value;

/// An iterator with identity: all that hold it use it up together.
pub type Iter<'a> = Rc<Shared<Lazy<'a>>>;

/// How an iterator goes on.
#[derive(Debug, Default)]
pub enum Lazy<'a> {
    /// Nothing is left, whatever becomes of what it went over.
    #[default]
    Ended,
    /// What is left of something that cannot change.
    Items(VecDeque<Thing<'a>>),
    /// A place in a container that may change.
    Cursor {
        container: Thing<'a>,
        at: usize,
        /// Of a dict, which must not grow meanwhile.
        length: usize,
    },
    /// Backwards through a list: so many are left.
    Backwards { list: Thing<'a>, left: usize },
    /// `enumerate`
    Counted { count: i64, of: Iter<'a> },
    /// `zip`
    Zipped(Vec<Iter<'a>>),
    /// `map`
    Mapped { function: Thing<'a>, of: Vec<Iter<'a>> },
    /// `filter`; without a function what is true passes.
    Filtered {
        function: Option<Thing<'a>>,
        of: Iter<'a>,
    },
    /// `itertools.chain`
    Chained {
        current: Option<Iter<'a>>,
        rest: VecDeque<Thing<'a>>,
    },
    /// `(element for … in …)`
    Generated {
        node: &'a ast::ExprGenerator,
        rounds: Box<Rounds<'a>>,
    },
}

/// The loops of a comprehension, where they stand.
#[derive(Debug)]
pub struct Rounds<'a> {
    generators: &'a [ast::Comprehension],
    pub(super) scope: Scope<'a>,
    /// Of the loops that were entered, outermost first.
    loops: Vec<Iter<'a>>,
    /// The first iterable, on which everything rests.
    pub(super) iterable: Thing<'a>,
}

impl<'a> Interpreter<'a> {
    pub fn iterator(&self, lazy: Lazy<'a>) -> Thing<'a> {
        Thing::new(Object::Iterator(self.shared(lazy)))
    }

    /// `iter(thing)`
    pub fn iterator_of(&mut self, thing: &Thing<'a>, span: Span) -> Known<Iter<'a>> {
        let length = match &thing.object {
            Object::Iterator(iterator) => return Ok(Rc::clone(iterator)),
            Object::List(items) => items.read().map_err(Stop::Unknown)?.len(),
            Object::Dict(entries) => entries.read().map_err(Stop::Unknown)?.len(),
            Object::View(view) => view.entries.read().map_err(Stop::Unknown)?.len(),
            Object::Range(_) => 0,
            _ => {
                let items = self.iterate(thing, span)?;
                return Ok(self.shared(Lazy::Items(items.into())));
            }
        };
        Ok(self.shared(Lazy::Cursor {
            container: thing.clone(),
            at: 0,
            length,
        }))
    }

    /// `reversed(thing)`
    pub fn reversed(&mut self, thing: &Thing<'a>, span: Span) -> Known<Lazy<'a>> {
        if let Object::List(items) = &thing.object {
            let left = items.read().map_err(Stop::Unknown)?.len();
            let list = thing.clone();
            return Ok(Lazy::Backwards { list, left });
        }
        if matches!(thing.object, Object::Dict(_) | Object::View(_)) {
            return Err(unknown(span, "`reversed` of a dict is not followed"));
        }
        let mut items = self.iterate(thing, span)?;
        items.reverse();
        Ok(Lazy::Items(items.into()))
    }

    /// The next item; none at the end.
    pub fn advance(&mut self, iterator: &Iter<'a>, span: Span) -> Known<Option<Thing<'a>>> {
        self.spend(1, span)?;
        self.change(iterator)?;
        let mut lazy = std::mem::take(&mut *iterator.write().map_err(Stop::Unknown)?);
        let result = self.deeper(span, |this| this.step(&mut lazy, span));
        let goes_on = match &result {
            Ok(next) => next.is_some(),
            Err(Stop::Unknown(why)) => {
                iterator.spoil(why.clone());
                false
            }
            // An exception ends a generator, no other.
            Err(Stop::Raise(_)) => !matches!(lazy, Lazy::Generated { .. }),
        };
        if goes_on {
            *iterator.write().map_err(Stop::Unknown)? = lazy;
        }
        result
    }

    /// All that is left.
    pub fn drain(&mut self, iterator: &Iter<'a>, span: Span) -> Known<Vec<Thing<'a>>> {
        let mut items = Vec::new();
        while let Some(item) = self.advance(iterator, span)? {
            self.make_room(items.len() / 1000, span)?;
            items.push(item);
        }
        Ok(items)
    }

    fn step(&mut self, lazy: &mut Lazy<'a>, span: Span) -> Known<Option<Thing<'a>>> {
        match lazy {
            Lazy::Ended => Ok(None),
            Lazy::Items(items) => Ok(items.pop_front()),
            Lazy::Cursor {
                container,
                at,
                length,
            } => {
                let item = item_at(container, *at, *length, span)?;
                *at += 1;
                Ok(item.map(|item| item.resting_on([&*container])))
            }
            Lazy::Backwards { list, left } => {
                let Object::List(items) = &list.object else {
                    return Ok(None);
                };
                let at = left.checked_sub(1);
                *left = at.unwrap_or(0);
                let items = items.read().map_err(Stop::Unknown)?;
                let item = at.and_then(|at| items.get(at)).cloned();
                Ok(item.map(|item| item.resting_on([&*list])))
            }
            Lazy::Counted { count, of } => {
                let next = self.advance(of, span)?;
                let number = Thing::constant(Value::Int(*count));
                *count = count.saturating_add(1);
                Ok(next.map(|item| tuple(vec![number, item])))
            }
            Lazy::Zipped(columns) => Ok(self.row(columns, span)?.map(tuple)),
            Lazy::Mapped { function, of } => {
                let Some(row) = self.row(of, span)? else {
                    return Ok(None);
                };
                let given = Given::of(row.into_iter().map(|item| (item, span)).collect());
                settle(self.call(function, given, span)).map(Some)
            }
            Lazy::Filtered { function, of } => {
                while let Some(item) = self.advance(of, span)? {
                    let test = match function {
                        Some(function) => self.call(function, Given::of(vec![(item.clone(), span)]), span)?,
                        None => item.clone(),
                    };
                    if self.truth(&test, span)? {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            }
            Lazy::Chained { current, rest } => loop {
                if let Some(iterator) = current
                    && let Some(item) = self.advance(iterator, span)?
                {
                    return Ok(Some(item));
                }
                let Some(iterable) = rest.pop_front() else {
                    return Ok(None);
                };
                *current = Some(self.iterator_of(&iterable, span)?);
            },
            Lazy::Generated { node, rounds } => {
                if !self.next_round(rounds)? {
                    return Ok(None);
                }
                let element = self.evaluate(&node.elt, &rounds.scope)?;
                Ok(Some(element.resting_on([&rounds.iterable])))
            }
        }
    }

    /// One item of each; none as soon as one has ended.
    fn row(&mut self, columns: &[Iter<'a>], span: Span) -> Known<Option<Vec<Thing<'a>>>> {
        let mut row = Vec::with_capacity(columns.len());
        for column in columns {
            match self.advance(column, span)? {
                Some(item) => row.push(item),
                None => return Ok(None),
            }
        }
        Ok((!row.is_empty()).then_some(row))
    }

    /// Begins a comprehension: the first iterable is looked at in the scope around, the rest in one of its own.
    pub fn begin_rounds(
        &mut self,
        generators: &'a [ast::Comprehension],
        scope: &Scope<'a>,
    ) -> Known<Rounds<'a>> {
        let mut bound = Vec::new();
        for generator in generators {
            bound.extend(locals::of_target(&generator.target).bound);
        }
        let locals = Rc::new(Locals {
            bound,
            ..Locals::default()
        });
        let mut rounds = Rounds {
            generators,
            scope: scope.inner(FrameKind::Comprehension(locals), self.namespace()),
            loops: Vec::new(),
            iterable: Thing::constant(Value::None),
        };
        if let Some(first) = generators.first() {
            rounds.iterable = self.evaluate(&first.iter, scope)?;
            let iterable = rounds.iterable.clone();
            rounds.loops.push(self.begin_loop(first, &iterable, scope)?);
        }
        Ok(rounds)
    }

    fn begin_loop(
        &mut self,
        generator: &'a ast::Comprehension,
        iterable: &Thing<'a>,
        scope: &Scope<'a>,
    ) -> Known<Iter<'a>> {
        let span = self.span(scope, generator.iter.range());
        if generator.is_async {
            return Err(unknown(span, "it is asynchronous"));
        }
        self.iterator_of(iterable, span)
    }

    /// Binds the targets for the next element; false at the end.
    pub fn next_round(&mut self, rounds: &mut Rounds<'a>) -> Known<bool> {
        loop {
            let depth = rounds.loops.len();
            let innermost = depth.checked_sub(1);
            let (Some(generator), Some(iterator)) = (
                innermost.and_then(|at| rounds.generators.get(at)),
                rounds.loops.last().map(Rc::clone),
            ) else {
                return Ok(false);
            };
            let span = self.span(&rounds.scope, generator.iter.range());
            let Some(item) = self.advance(&iterator, span)? else {
                rounds.loops.pop();
                continue;
            };
            self.assign(&generator.target, item, &rounds.scope)?;
            if !self.all_true(&generator.ifs, &rounds.scope)? {
                continue;
            }
            let Some(inner) = rounds.generators.get(depth) else {
                return Ok(true);
            };
            let iterable = self.evaluate(&inner.iter, &rounds.scope)?;
            let entered = self.begin_loop(inner, &iterable, &rounds.scope)?;
            rounds.loops.push(entered);
        }
    }

    fn all_true(&mut self, conditions: &'a [ast::Expr], scope: &Scope<'a>) -> Known<bool> {
        for condition in conditions {
            let span = self.span(scope, condition.range());
            let value = self.evaluate(condition, scope)?;
            if !self.truth(&value, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The item at a place of a container, as it is now.
fn item_at<'a>(container: &Thing<'a>, at: usize, length: usize, span: Span) -> Known<Option<Thing<'a>>> {
    let keep_size = |now: usize| {
        if now == length {
            return Ok(());
        }
        let message = "dictionary changed size during iteration";
        Err(raise(span, "RuntimeError", message))
    };
    match &container.object {
        Object::List(items) => Ok(items.read().map_err(Stop::Unknown)?.get(at).cloned()),
        Object::Range(range) => {
            let at = at as u64;
            let is_within = at < range.length();
            Ok(is_within.then(|| Thing::constant(Value::Int(range.item(at)))))
        }
        Object::Dict(entries) => {
            let entries = entries.read().map_err(Stop::Unknown)?;
            keep_size(entries.len())?;
            Ok(entries.get(at).map(|(key, _)| key.clone()))
        }
        Object::View(view) => {
            let entries = view.entries.read().map_err(Stop::Unknown)?;
            keep_size(entries.len())?;
            Ok(entries.get(at).map(|(key, value)| view.part.of(key, value)))
        }
        _ => Ok(None),
    }
}
