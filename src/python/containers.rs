//! Methods of lists, dicts and sets, those that change them included.

use std::rc::Rc;

use super::builtins::tuple;
use super::convert::Given;
use super::interpreter::MOST_ELEMENTS;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::item::index_within;
use super::lazy::Iter;
use super::object::{Object, Part, Shared, Thing, View};
use crate::source::Span;
use crate::value::Value;

pub(super) static LIST_METHODS: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort",
];
pub(super) static DICT_METHODS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
pub(super) static SET_METHODS: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "symmetric_difference_update",
    "union",
    "update",
];
/// Of a `frozenset`.
pub(super) static FROZEN_METHODS: &[&str] = &[
    "copy",
    "difference",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
];
pub(super) static TUPLE_METHODS: &[&str] = &["count", "index"];

type Items<'a> = Rc<Shared<Vec<Thing<'a>>>>;
type Entries<'a> = Rc<Shared<Vec<(Thing<'a>, Thing<'a>)>>>;

impl<'a> Interpreter<'a> {
    pub fn call_list_method(
        &mut self,
        items: &Items<'a>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if let Some(why) = &given.unknown {
            items.spoil(why.clone());
        }
        let content = items.read().map_err(Stop::Unknown)?.clone();
        if name == "copy" {
            return Ok(self.list(content));
        }
        if let Some(answer) = sequence_query(self, &content, name, given, span) {
            return answer;
        }
        self.change(items)?;
        if let ("extend", [argument]) = (name, given.arguments.as_slice())
            && let Object::Iterator(iterator) = &argument.thing.object
        {
            return self.extend_step_by_step(items, &Rc::clone(iterator), span);
        }
        match self.change_list(content, name, given, span) {
            Ok((content, result)) => {
                *items.write().map_err(Stop::Unknown)? = content;
                Ok(result)
            }
            Err(Stop::Unknown(why)) => {
                items.spoil(why.clone());
                Err(Stop::Unknown(why))
            }
            Err(raised) => Err(raised),
        }
    }

    /// An iterator may look at the list that it extends.
    fn extend_step_by_step(&mut self, items: &Items<'a>, iterator: &Iter<'a>, span: Span) -> Evaluation<'a> {
        loop {
            match self.advance(iterator, span) {
                Ok(Some(item)) => {
                    let item = self.under_control(item);
                    let mut content = items.write().map_err(Stop::Unknown)?;
                    if content.len() >= MOST_ELEMENTS {
                        drop(content);
                        items.spoil(super::interpreter::opaque(span, "it has too many elements"));
                        return Err(unknown(span, "it has too many elements"));
                    }
                    content.push(item);
                }
                Ok(None) => return Ok(Thing::constant(Value::None)),
                Err(Stop::Unknown(why)) => {
                    items.spoil(why.clone());
                    return Err(Stop::Unknown(why));
                }
                Err(raised) => return Err(raised),
            }
        }
    }

    fn change_list(
        &mut self,
        mut content: Vec<Thing<'a>>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Known<(Vec<Thing<'a>>, Thing<'a>)> {
        self.spend(content.len() / 8, span)?;
        let mut result = Thing::constant(Value::None);
        match name {
            "append" => {
                let item = self.one(name, given, span)?;
                self.make_room(content.len() / 1000 + 1, span)?;
                content.push(self.under_control(item));
            }
            "extend" => {
                let more = self.one(name, given, span)?;
                content.extend(self.iterate(&more, span)?);
            }
            "insert" => {
                let [Some(index), Some(item)] = given.bound(name, ["index", "object"], span)? else {
                    return Err(type_error(span, "insert expected 2 arguments"));
                };
                let Object::Constant(Value::Int(index)) = index.object else {
                    return Err(Stop::Unknown(self.why_unknown(&index, span)));
                };
                let length = i64::try_from(content.len()).unwrap_or(i64::MAX);
                let at = if index < 0 { index + length } else { index }.clamp(0, length);
                content.insert(usize::try_from(at).unwrap_or(0), item);
            }
            "pop" => {
                let [index] = given.bound(name, ["index"], span)?;
                let index = match index.as_ref().map(|index| &index.object) {
                    None => -1,
                    Some(Object::Constant(Value::Int(index))) => *index,
                    Some(_) => return Err(unknown(span, "the index is not known")),
                };
                if content.is_empty() {
                    return Err(raise(span, "IndexError", "pop from empty list"));
                }
                let length = i64::try_from(content.len()).unwrap_or(i64::MAX);
                let Some(at) = index_within(index, length) else {
                    return Err(raise(span, "IndexError", "pop index out of range"));
                };
                result = content.remove(at);
            }
            "remove" => {
                let item = self.one(name, given, span)?;
                let mut found = None;
                for (at, candidate) in content.iter().enumerate() {
                    if self.is_item(candidate, &item, span)? {
                        found = Some(at);
                        break;
                    }
                }
                let Some(at) = found else {
                    return Err(raise(span, "ValueError", "list.remove(x): x not in list"));
                };
                content.remove(at);
            }
            "clear" => content.clear(),
            "reverse" => content.reverse(),
            "sort" => {
                let [key, reverse] = given.bound(name, ["key", "reverse"], span)?;
                content = self.sort(content, key.as_ref(), reverse.as_ref(), span)?;
            }
            _ => return Err(unknown(span, format!("`{name}` of a list is not followed"))),
        }
        Ok((content, result))
    }

    fn one(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        match given.arguments.as_slice() {
            [argument] if argument.name.is_none() => Ok(argument.thing.clone()),
            others => {
                let message = format!("{name}() takes exactly one argument ({} given)", others.len());
                Err(type_error(span, message))
            }
        }
    }

    pub fn call_dict_method(
        &mut self,
        entries: &Entries<'a>,
        receiver: &Thing<'a>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let content = entries.read().map_err(Stop::Unknown)?.clone();
        self.spend(content.len() / 8, span)?;
        match name {
            "get" => {
                let [Some(key), default] = given.bound(name, ["key", "default"], span)? else {
                    return Err(type_error(span, "get expected at least 1 argument, got 0"));
                };
                self.check_hashable(&key, span)?;
                let found = match self.find(&content, &key, span) {
                    Err(Stop::Unknown(why)) => {
                        let why = self.any_item(receiver, span, &why);
                        let default: Vec<&Thing<'a>> = default.iter().collect();
                        return Err(Stop::Unknown(self.any_of(&default, span, &why)));
                    }
                    found => found?.and_then(|at| content.get(at)),
                };
                return Ok(match found {
                    Some((_, value)) => value.clone().resting_on([receiver]),
                    None => default.unwrap_or_else(|| Thing::constant(Value::None)),
                });
            }
            "items" | "keys" | "values" if !given.arguments.is_empty() => {
                let message = format!(
                    "dict.{name}() takes no arguments ({} given)",
                    given.arguments.len()
                );
                return Err(type_error(span, message));
            }
            "items" => return Ok(view(entries, Part::Items)),
            "keys" => return Ok(view(entries, Part::Keys)),
            "values" => return Ok(view(entries, Part::Values)),
            "copy" => return Ok(self.dict(content)),
            _ => {}
        }
        self.change(entries)?;
        match self.change_dict(content, name, given, span) {
            Ok((content, result)) => {
                *entries.write().map_err(Stop::Unknown)? = content;
                Ok(result)
            }
            Err(Stop::Unknown(why)) => {
                entries.spoil(why.clone());
                Err(Stop::Unknown(why))
            }
            Err(raised) => Err(raised),
        }
    }

    fn change_dict(
        &mut self,
        mut content: Vec<(Thing<'a>, Thing<'a>)>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Known<(Vec<(Thing<'a>, Thing<'a>)>, Thing<'a>)> {
        let mut result = Thing::constant(Value::None);
        match name {
            "update" => {
                if let Some(why) = &given.unknown {
                    return Err(Stop::Unknown(why.clone()));
                }
                if let Some(other) = given.positional().next() {
                    for (key, value) in self.pairs(&other.thing, span)? {
                        let value = self.under_control(value);
                        self.insert(&mut content, key, value, span)?;
                    }
                }
                for (key, argument) in given.keywords() {
                    let value = self.under_control(argument.thing.clone());
                    self.insert(&mut content, Thing::constant(Value::str(key)), value, span)?;
                }
            }
            "setdefault" | "pop" => {
                let [Some(key), default] = given.bound(name, ["key", "default"], span)? else {
                    return Err(type_error(
                        span,
                        format!("{name} expected at least 1 argument, got 0"),
                    ));
                };
                self.check_hashable(&key, span)?;
                let at = self.find(&content, &key, span)?;
                result = match (at, default) {
                    (Some(at), _) if name == "pop" => content.remove(at).1,
                    (Some(at), _) => content.get(at).map_or(result, |(_, value)| value.clone()),
                    (None, default) if name == "setdefault" => {
                        let value = default.unwrap_or_else(|| Thing::constant(Value::None));
                        content.push((key, self.under_control(value.clone())));
                        value
                    }
                    (None, Some(default)) => default,
                    (None, None) => {
                        let key = self.value_of(&key, span)?;
                        return Err(raise(span, "KeyError", key.to_repr()));
                    }
                };
            }
            "popitem" => match content.pop() {
                Some((key, value)) => result = tuple(vec![key, value]),
                None => return Err(raise(span, "KeyError", "'popitem(): dictionary is empty'")),
            },
            "clear" => content.clear(),
            _ => return Err(unknown(span, format!("`{name}` of a dict is not followed"))),
        }
        Ok((content, result))
    }

    pub fn call_set_method(
        &mut self,
        items: &Items<'a>,
        receiver: &Thing<'a>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        use ruff_python_ast::Operator;
        let content = items.read().map_err(Stop::Unknown)?.clone();
        let operator = match name {
            "union" => Some(Operator::BitOr),
            "intersection" => Some(Operator::BitAnd),
            "difference" => Some(Operator::Sub),
            "symmetric_difference" => Some(Operator::BitXor),
            _ => None,
        };
        if let Some(operator) = operator {
            let other = self.one(name, given, span)?;
            let other = self.iterate_unordered(&other, span)?;
            let other = self.set_of(other, span)?;
            return self.binary(operator, receiver, &other, span);
        }
        match name {
            "copy" => {
                let copy = self.shared(content);
                copy.is_frozen.set(items.is_frozen.get());
                return Ok(Thing::new(Object::Set(copy)));
            }
            "issubset" | "issuperset" | "isdisjoint" => {
                let other = self.one(name, given, span)?;
                let other = self.iterate_unordered(&other, span)?;
                let (inner, outer) = if name == "issuperset" {
                    (&other, &content)
                } else {
                    (&content, &other)
                };
                for item in inner {
                    if self.contains(outer, item, span)? == (name == "isdisjoint") {
                        return Ok(Thing::constant(Value::Bool(false)));
                    }
                }
                return Ok(Thing::constant(Value::Bool(true)));
            }
            _ => {}
        }
        self.change(items)?;
        match self.change_set(content, name, given, span) {
            Ok(content) => {
                *items.write().map_err(Stop::Unknown)? = content;
                Ok(Thing::constant(Value::None))
            }
            Err(Stop::Unknown(why)) => {
                items.spoil(why.clone());
                Err(Stop::Unknown(why))
            }
            Err(raised) => Err(raised),
        }
    }

    fn change_set(
        &mut self,
        mut content: Vec<Thing<'a>>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Known<Vec<Thing<'a>>> {
        match name {
            "add" => {
                let item = self.one(name, given, span)?;
                self.check_hashable(&item, span)?;
                if !self.contains(&content, &item, span)? {
                    content.push(item);
                }
            }
            "update" => {
                for argument in given.positional() {
                    for item in self.iterate_unordered(&argument.thing, span)? {
                        if !self.contains(&content, &item, span)? {
                            content.push(item);
                        }
                    }
                }
            }
            "discard" | "remove" => {
                let item = self.one(name, given, span)?;
                let mut kept = Vec::new();
                let before = content.len();
                for candidate in content {
                    if !self.is_item(&candidate, &item, span)? {
                        kept.push(candidate);
                    }
                }
                if kept.len() == before && name == "remove" {
                    let item = self.value_of(&item, span)?;
                    return Err(raise(span, "KeyError", item.to_repr()));
                }
                content = kept;
            }
            "clear" => content.clear(),
            _ => return Err(unknown(span, format!("`{name}` of a set is not followed"))),
        }
        Ok(content)
    }
}

fn view<'a>(entries: &Entries<'a>, part: Part) -> Thing<'a> {
    Thing::new(Object::View(Rc::new(View {
        entries: Rc::clone(entries),
        part,
    })))
}

/// `count` and `index` of a list or tuple.
pub(super) fn sequence_query<'a>(
    interpreter: &mut Interpreter<'a>,
    items: &[Thing<'a>],
    name: &str,
    given: &Given<'a>,
    span: Span,
) -> Option<Evaluation<'a>> {
    if !matches!(name, "count" | "index") {
        return None;
    }
    let [argument] = given.arguments.as_slice() else {
        return Some(Err(unknown(
            span,
            format!("`{name}` with bounds is not followed"),
        )));
    };
    let mut count = 0;
    for (at, item) in items.iter().enumerate() {
        match interpreter.equal(item, &argument.thing, span) {
            Ok(false) => {}
            Ok(true) if name == "index" => {
                let at = i64::try_from(at).unwrap_or(i64::MAX);
                return Some(Ok(Thing::constant(Value::Int(at))));
            }
            Ok(true) => count += 1,
            Err(stop) => return Some(Err(stop)),
        }
    }
    if name == "index" {
        let shown = interpreter
            .value_of(&argument.thing, span)
            .map_or_else(|_| "x".to_owned(), |value| value.to_repr());
        return Some(Err(raise(span, "ValueError", format!("{shown} is not in list"))));
    }
    Some(Ok(Thing::constant(Value::Int(count))))
}
