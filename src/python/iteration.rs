//! `len`, `range`, `zip`, `sorted`, `max` and the other builtins that go over items.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use ruff_python_ast::CmpOp;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::lazy::Lazy;
use super::object::{Object, Range, Thing};
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

impl<'a> Interpreter<'a> {
    pub(super) fn length(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let argument = self.single("len", given, span)?;
        let argument = self.used_as(argument, PlaceholderUse::Arithmetic, span)?;
        let length = match &argument.object {
            Object::Constant(Value::Str(text)) => text.chars().count(),
            Object::Constant(Value::Bytes(bytes)) => bytes.len(),
            Object::List(items) | Object::Set(items) => items.read().map_err(Stop::Unknown)?.len(),
            Object::Tuple(items) => items.len(),
            Object::Dict(entries) => entries.read().map_err(Stop::Unknown)?.len(),
            Object::View(view) => view.entries.read().map_err(Stop::Unknown)?.len(),
            Object::Range(range) => usize::try_from(range.length()).unwrap_or(usize::MAX),
            Object::Constant(_) | Object::Iterator(_) | Object::Function(_) => {
                let kind = self.type_name(&argument);
                return Err(type_error(span, format!("object of type '{kind}' has no len()")));
            }
            _ => {
                self.provoke(&argument, &["__len__"], &[], span)?;
                return Err(Stop::Unknown(self.why_unknown(&argument, span)));
            }
        };
        let length = i64::try_from(length).map_err(|_| unknown(span, "it is too long"))?;
        Ok(Thing::constant(Value::Int(length)))
    }

    pub(super) fn make_range(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let mut bounds = Vec::new();
        for argument in given.positional() {
            let thing = self.used_as(argument.thing.clone(), PlaceholderUse::Arithmetic, argument.span)?;
            match &thing.object {
                Object::Constant(Value::Int(number)) => bounds.push(*number),
                Object::Constant(Value::Bool(flag)) => bounds.push(i64::from(*flag)),
                Object::Constant(value) => {
                    let message = format!(
                        "'{}' object cannot be interpreted as an integer",
                        value.type_name()
                    );
                    return Err(type_error(span, message));
                }
                _ => return Err(Stop::Unknown(self.why_unknown(&thing, span))),
            }
        }
        let range = match *bounds.as_slice() {
            [stop] => Range {
                start: 0,
                stop,
                step: 1,
            },
            [start, stop] => Range { start, stop, step: 1 },
            [_, _, 0] => return Err(raise(span, "ValueError", "range() arg 3 must not be zero")),
            [start, stop, step] => Range { start, stop, step },
            _ => {
                let message = format!("range expected at least 1 argument, got {}", bounds.len());
                return Err(type_error(span, message));
            }
        };
        Ok(Thing::new(Object::Range(range)))
    }

    pub(super) fn make_iterator(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let lazy = match name {
            "enumerate" => self.enumerate(given, span)?,
            "zip" => {
                if given.keywords().next().is_some() {
                    return Err(unknown(span, "`zip` with options is not followed"));
                }
                let columns = given.positional();
                let columns: Known<_> = columns
                    .map(|argument| self.iterator_of(&argument.thing, span))
                    .collect();
                Lazy::Zipped(columns?)
            }
            "map" => {
                let Some((function, iterables)) = given.arguments.split_first() else {
                    return Err(type_error(span, "map() must have at least two arguments."));
                };
                let of: Known<_> = iterables
                    .iter()
                    .map(|argument| self.iterator_of(&argument.thing, span))
                    .collect();
                let function = function.thing.clone();
                Lazy::Mapped { function, of: of? }
            }
            "filter" => {
                let [Some(function), Some(iterable)] = given.bound(name, ["function", "iterable"], span)?
                else {
                    return Err(type_error(span, "filter expected 2 arguments"));
                };
                let of = self.iterator_of(&iterable, span)?;
                let is_none = matches!(function.object, Object::Constant(Value::None));
                let function = (!is_none).then_some(function);
                Lazy::Filtered { function, of }
            }
            "reversed" => {
                let argument = self.single(name, given, span)?;
                if matches!(argument.object, Object::Set(_) | Object::Iterator(_)) {
                    let kind = self.type_name(&argument);
                    return Err(type_error(span, format!("'{kind}' object is not reversible")));
                }
                self.reversed(&argument, span)?
            }
            _ => {
                let argument = self
                    .single(name, given, span)
                    .map_err(|_| unknown(span, "`iter` with a sentinel is not followed"))?;
                return Ok(Thing::new(Object::Iterator(self.iterator_of(&argument, span)?)));
            }
        };
        Ok(self.iterator(lazy))
    }

    fn enumerate(&mut self, given: &Given<'a>, span: Span) -> Known<Lazy<'a>> {
        let [Some(iterable), start] = given.bound("enumerate", ["iterable", "start"], span)? else {
            let message = "enumerate() missing required argument 'iterable' (pos 1)";
            return Err(type_error(span, message));
        };
        let count = match start.map(|start| start.object) {
            None => 0,
            Some(Object::Constant(Value::Int(start))) => start,
            Some(_) => return Err(unknown(span, "the start of `enumerate` is not known")),
        };
        let of = self.iterator_of(&iterable, span)?;
        Ok(Lazy::Counted { count, of })
    }

    pub(super) fn next_item(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(iterator), default] = given.bound("next", ["iterator", "default"], span)? else {
            return Err(type_error(span, "next expected at least 1 argument, got 0"));
        };
        match &iterator.object {
            Object::Iterator(lazy) => match self.advance(lazy, span)? {
                Some(item) => Ok(item.resting_on([&iterator])),
                None => default.ok_or_else(|| raise(span, "StopIteration", "")),
            },
            Object::List(_)
            | Object::Dict(_)
            | Object::Tuple(_)
            | Object::Constant(_)
            | Object::Set(_)
            | Object::View(_) => {
                let kind = self.type_name(&iterator);
                Err(type_error(span, format!("'{kind}' object is not an iterator")))
            }
            _ => Err(Stop::Unknown(self.why_unknown(&iterator, span))),
        }
    }

    /// `any` and `all`, which stop at the first item that decides.
    pub(super) fn quantify(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let argument = self.single(name, given, span)?;
        let is_any = name == "any";
        let iterator = match &argument.object {
            Object::Set(_) => {
                let items = self.iterate_unordered(&argument, span)?;
                self.shared(Lazy::Items(items.into()))
            }
            _ => self.iterator_of(&argument, span)?,
        };
        while let Some(item) = self.advance(&iterator, span)? {
            if self.truth(&item, span)? == is_any {
                return Ok(Thing::constant(Value::Bool(is_any)));
            }
        }
        Ok(Thing::constant(Value::Bool(!is_any)))
    }

    /// A stable sort, as `sorted` and `list.sort` do it.
    pub fn sort(
        &mut self,
        items: Vec<Thing<'a>>,
        key: Option<&Thing<'a>>,
        reverse: Option<&Thing<'a>>,
        span: Span,
    ) -> Known<Vec<Thing<'a>>> {
        let is_reversed = match reverse {
            Some(reverse) => self.truth(reverse, span)?,
            None => false,
        };
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let by = match key {
                Some(key) if !matches!(key.object, Object::Constant(Value::None)) => {
                    self.call(key, Given::of(vec![(item.clone(), span)]), span)?
                }
                _ => item.clone(),
            };
            if let Some(why) = by.why() {
                return Err(Stop::Unknown(why.clone()));
            }
            keyed.push((by, item));
        }
        if is_reversed {
            keyed.reverse();
        }
        self.spend(keyed.len() * 10, span)?;
        let mut stop = None;
        keyed.sort_by(|(one, _), (other, _)| {
            if stop.is_some() {
                return std::cmp::Ordering::Equal;
            }
            match self.order(one, other, CmpOp::Lt, span) {
                Ok(Some(order)) => order,
                Ok(None) => {
                    stop = Some(unknown(span, "`nan` has no order"));
                    std::cmp::Ordering::Equal
                }
                Err(found) => {
                    stop = Some(found);
                    std::cmp::Ordering::Equal
                }
            }
        });
        if let Some(stop) = stop {
            return Err(stop);
        }
        if is_reversed {
            keyed.reverse();
        }
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }

    pub(super) fn extreme(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let key = given
            .keywords()
            .find(|(key, _)| *key == "key")
            .map(|(_, argument)| argument.thing.clone());
        let default = given
            .keywords()
            .find(|(key, _)| *key == "default")
            .map(|(_, argument)| argument.thing.clone());
        let positional: Vec<&Thing<'a>> = given.positional().map(|argument| &argument.thing).collect();
        let items = match positional.as_slice() {
            [iterable] => self.iterate_unordered(iterable, span)?,
            [] => {
                return Err(type_error(
                    span,
                    format!("{name} expected at least 1 argument, got 0"),
                ));
            }
            several => several.iter().map(|thing| (*thing).clone()).collect(),
        };
        let mut best: Option<(Thing<'a>, Thing<'a>)> = None;
        for item in items {
            let item = self.used_as(item, PlaceholderUse::Arithmetic, span)?;
            let by = match &key {
                Some(key) => self.call(key, Given::of(vec![(item.clone(), span)]), span)?,
                None => item.clone(),
            };
            let is_better = match &best {
                None => true,
                Some((known, _)) => {
                    let op = if name == "min" { CmpOp::Lt } else { CmpOp::Gt };
                    let order = self.order(&by, known, op, span)?;
                    order.is_some_and(|order| {
                        if name == "min" {
                            order.is_lt()
                        } else {
                            order.is_gt()
                        }
                    })
                }
            };
            if is_better {
                best = Some((by, item));
            }
        }
        match (best, default) {
            (Some((_, item)), _) => Ok(item),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(raise(
                span,
                "ValueError",
                format!("{name}() arg is an empty sequence"),
            )),
        }
    }
}

/// How much text a value makes, about.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len() / 10,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            items.iter().map(weight).sum::<usize>() + items.len()
        }
        Value::Dict(entries) => {
            entries
                .iter()
                .map(|(key, value)| weight(key) + weight(value))
                .sum::<usize>()
                + entries.len()
        }
        _ => 1,
    }
}
