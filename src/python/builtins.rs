//! Python's builtin functions and types, called.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::CmpOp;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::object::{Applied, Object, Range, Thing};
use super::operators::Number;
use super::{containers, library, text};
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

impl<'a> Interpreter<'a> {
    pub fn call_builtin(&mut self, name: &str, given: Given<'a>, span: Span) -> Evaluation<'a> {
        let none = || Ok(Thing::constant(Value::None));
        match name {
            "print" => return none(),
            "property" | "staticmethod" | "classmethod" => {
                let Some(target) = given.positional().next() else {
                    return Err(unknown(span, "it is a property"));
                };
                let decorator = Thing::external(&format!("builtins.{name}"));
                return self.decorate(&decorator, target.thing.clone(), span);
            }
            "setattr" | "delattr" => return self.set_attribute_by_name(&given, span),
            "getattr" | "hasattr" => return self.get_attribute_by_name(name, &given, span),
            "isinstance" | "issubclass" => return self.is_instance(&given, span),
            "callable" => return self.is_callable_object(&given, span),
            "type" => return self.type_of(&given, span),
            "open" | "input" | "compile" | "eval" | "exec" | "__import__" | "breakpoint" | "id" | "hash"
            | "memoryview" | "object" | "super" | "dir" | "help" | "vars" => {
                return Err(unknown(span, format!("`{name}` needs the program to run")));
            }
            "exit" | "quit" => return Err(raise(span, "SystemExit", "")),
            _ => {}
        }
        if library::exception(name).is_some() {
            return Ok(Thing::new(Object::Applied(Rc::new(Applied {
                callee: Rc::from(format!("builtins.{name}")),
                span,
                arguments: given.arguments,
                unknown_arguments: given.unknown,
                path: Vec::new(),
            }))));
        }
        if let Some(why) = given.first_unknown() {
            return Err(Stop::Unknown(why.clone()));
        }
        match name {
            "dict" => self.make_dict(&given, span),
            "list" => {
                let items = self.optional_items(name, &given, span)?;
                Ok(self.list(items))
            }
            "tuple" => Ok(Thing::new(Object::Tuple(Rc::new(
                self.optional_items(name, &given, span)?,
            )))),
            "set" | "frozenset" => {
                let [argument] = given.bound(name, ["iterable"], span)?;
                let items = match argument {
                    Some(argument) => self.iterate_unordered(&argument, span)?,
                    None => Vec::new(),
                };
                self.set_of(items, span)
            }
            "str" => self.make_text(&given, span),
            "repr" | "ascii" => {
                let argument = self.single(name, &given, span)?;
                let value = self.value_of_text(&argument, span)?;
                if name == "ascii" && !value.to_repr().is_ascii() {
                    return Err(unknown(span, "`ascii` is not followed"));
                }
                Ok(Thing::constant(Value::str(value.to_repr())))
            }
            "format" => {
                let [Some(value), spec] = given.bound(name, ["value", "format_spec"], span)? else {
                    return Err(type_error(span, "format expected at least 1 argument, got 0"));
                };
                let spec = match spec {
                    Some(spec) => self.text_argument(&spec, span)?,
                    None => String::new(),
                };
                let text = self.format(&value, None, &spec, span)?;
                Ok(Thing::constant(Value::str(text)))
            }
            "int" => self.make_int(&given, span),
            "float" => self.make_float(&given, span),
            "bool" => {
                let [argument] = given.bound(name, ["x"], span)?;
                let is_true = match argument {
                    Some(argument) => self.truth(&argument, span)?,
                    None => false,
                };
                Ok(Thing::constant(Value::Bool(is_true)))
            }
            "len" => self.length(&given, span),
            "range" => self.make_range(&given, span),
            "enumerate" | "zip" | "reversed" | "map" | "filter" | "iter" => {
                self.make_iterator(name, &given, span)
            }
            "next" => self.next_item(&given, span),
            "sorted" => {
                let [Some(iterable), key, reverse] =
                    given.bound(name, ["iterable", "key", "reverse"], span)?
                else {
                    return Err(type_error(span, "sorted expected 1 argument, got 0"));
                };
                let items = self.iterate_unordered(&iterable, span)?;
                let items = self.sort(items, key.as_ref(), reverse.as_ref(), span)?;
                Ok(self.list(items))
            }
            "min" | "max" => self.extreme(name, &given, span),
            "sum" => self.sum(&given, span),
            "any" | "all" => {
                let argument = self.single(name, &given, span)?;
                for item in self.iterate_unordered(&argument, span)? {
                    if self.truth(&item, span)? == (name == "any") {
                        return Ok(Thing::constant(Value::Bool(name == "any")));
                    }
                }
                Ok(Thing::constant(Value::Bool(name == "all")))
            }
            "round" => self.round(&given, span),
            "abs" | "divmod" | "pow" | "hex" | "oct" | "bin" | "chr" | "ord" => {
                self.number_function(name, &given, span)
            }
            _ => match name.split_once('.') {
                Some(("str" | "dict" | "list" | "bytes", method)) => {
                    self.unbound_method(name, method, &given, span)
                }
                _ => Err(unknown(span, format!("`{name}` is not followed"))),
            },
        }
    }

    /// `str.lower("A")`, `dict.fromkeys(keys)`.
    fn unbound_method(&mut self, name: &str, method: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        if name == "dict.fromkeys" {
            let [Some(keys), value] = given.bound(name, ["iterable", "value"], span)? else {
                return Err(type_error(span, "fromkeys expected at least 1 argument, got 0"));
            };
            let value = value.unwrap_or_else(|| Thing::constant(Value::None));
            let mut entries = Vec::new();
            for key in self.iterate(&keys, span)? {
                self.insert(&mut entries, key, value.clone(), span)?;
            }
            return Ok(self.dict(entries));
        }
        let Some((receiver, arguments)) = given.arguments.split_first() else {
            return Err(type_error(
                span,
                format!("unbound method {name}() needs an argument"),
            ));
        };
        let rest = Given {
            arguments: arguments.to_vec(),
            unknown: None,
        };
        self.call_builtin_method(&receiver.thing, method, &rest, span)
    }

    /// Calls a method of a builtin type.
    pub fn call_builtin_method(
        &mut self,
        receiver: &Thing<'a>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        match &receiver.object {
            Object::Constant(Value::Str(text)) => self.call_text_method(&Arc::clone(text), name, given, span),
            Object::List(items) => self.call_list_method(&Rc::clone(items), name, given, span),
            Object::Dict(entries) => self.call_dict_method(&Rc::clone(entries), receiver, name, given, span),
            Object::Set(items) => self.call_set_method(&Rc::clone(items), receiver, name, given, span),
            Object::Tuple(items) => self.call_tuple_method(items, name, given, span),
            Object::Path(path) => self.call_path_method(&Rc::clone(path), name, given, span),
            _ => Err(Stop::Unknown(self.why_unknown(receiver, span))),
        }
    }

    fn call_path_method(
        &mut self,
        path: &Rc<super::object::FilePath>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let thing = || Thing::new(Object::Path(Rc::clone(path)));
        match name {
            "joinpath" => {
                let mut joined = thing();
                for part in given.positional() {
                    let Object::Path(current) = &joined.object else {
                        break;
                    };
                    let current = Rc::clone(current);
                    joined = self.join_path(&current, &part.thing, span)?;
                }
                Ok(joined)
            }
            "resolve" | "absolute" if path.is_anchored => Ok(thing()),
            "as_posix" => self.make_text(&Given::of(vec![(thing(), span)]), span),
            _ => Err(unknown(
                span,
                format!("`{name}` of a path looks at the machine's files"),
            )),
        }
    }

    fn single(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        match given.arguments.as_slice() {
            [argument] => Ok(argument.thing.clone()),
            others => {
                let message = format!("{name}() takes exactly one argument ({} given)", others.len());
                Err(type_error(span, message))
            }
        }
    }

    fn optional_items(&mut self, name: &str, given: &Given<'a>, span: Span) -> Known<Vec<Thing<'a>>> {
        let [argument] = given.bound(name, ["iterable"], span)?;
        match argument {
            Some(argument) => self.iterate(&argument, span),
            None => Ok(Vec::new()),
        }
    }

    fn make_dict(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let mut entries = Vec::new();
        let mut positional = given.positional();
        if let Some(argument) = positional.next() {
            for (key, value) in self.pairs(&argument.thing, span)? {
                self.insert(&mut entries, key, value, span)?;
            }
        }
        if positional.next().is_some() {
            return Err(type_error(span, "dict expected at most 1 argument, got 2"));
        }
        for (key, argument) in given.keywords() {
            let key = Thing::constant(Value::str(key));
            self.insert(&mut entries, key, argument.thing.clone(), span)?;
        }
        Ok(self.dict(entries))
    }

    /// The entries of a mapping, or of an iterable of pairs.
    pub fn pairs(&mut self, thing: &Thing<'a>, span: Span) -> Known<Vec<(Thing<'a>, Thing<'a>)>> {
        if matches!(thing.object, Object::Dict(_) | Object::Applied(_)) {
            return self.mapping(thing, span);
        }
        let mut pairs = Vec::new();
        for item in self.iterate(thing, span)? {
            let mut parts = self.iterate(&item, span)?.into_iter();
            match (parts.next(), parts.next(), parts.next()) {
                (Some(key), Some(value), None) => pairs.push((key, value)),
                _ => {
                    let message = "dictionary update sequence element #0 has length 1; 2 is required";
                    return Err(raise(span, "ValueError", message));
                }
            }
        }
        Ok(pairs)
    }

    fn make_text(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.arguments.first() else {
            return Ok(Thing::constant(Value::str("")));
        };
        if given.arguments.len() > 1 {
            return Err(unknown(span, "the encoding of `str` is not followed"));
        }
        if let Object::Path(path) = &argument.thing.object {
            let mut path = (**path).clone();
            if path.is_anchored {
                path.is_text = true;
                return Ok(Thing::new(Object::Path(Rc::new(path))));
            }
            let text = if path.text.is_empty() {
                ".".to_owned()
            } else {
                path.text
            };
            return Ok(Thing::constant(Value::str(text)));
        }
        let value = self.value_of_text(&argument.thing, span)?;
        Ok(Thing::constant(Value::str(value.to_text())))
    }

    /// The constant behind an object that becomes a text.
    pub fn value_of_text(&mut self, thing: &Thing<'a>, span: Span) -> Known<Value> {
        let thing = self.used_as(thing.clone(), PlaceholderUse::Text, span)?;
        let value = self.value_of(&thing, span)?;
        self.make_room(weight(&value) / 4, span)?;
        if has_placeholder_free_text(&value) {
            Ok(value)
        } else {
            Err(unknown(span, "the text shows an address"))
        }
    }

    fn make_int(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument, base] = given.bound("int", ["x", "base"], span)?;
        let Some(argument) = argument else {
            return Ok(Thing::constant(Value::Int(0)));
        };
        let argument = self.used_as(argument, PlaceholderUse::Arithmetic, span)?;
        let base = match base.map(|base| base.object) {
            None => 10,
            Some(Object::Constant(Value::Int(base @ (2 | 8 | 10 | 16)))) => u32::try_from(base).unwrap_or(10),
            Some(_) => return Err(unknown(span, "the base of `int` is not followed")),
        };
        let value = match &argument.object {
            Object::Constant(Value::Str(text)) => self.parse_int(text, base, span)?,
            Object::Constant(Value::Bytes(_)) => return Err(unknown(span, "`int` of bytes is not followed")),
            Object::Constant(value) => match Number::of(value) {
                Some(Number::Int(number)) => number,
                Some(Number::Float(number)) => truncated(number, span)?,
                None => return Err(not_a_number("int", value.type_name(), span)),
            },
            Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Function(_) | Object::Set(_) => {
                return Err(not_a_number("int", &self.type_name(&argument), span));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        Ok(Thing::constant(Value::Int(value)))
    }

    fn parse_int(&mut self, text: &str, base: u32, span: Span) -> Known<i64> {
        let trimmed = text.trim_matches(text::is_space);
        let invalid = || {
            let shown = Value::str(text).to_repr();
            raise(
                span,
                "ValueError",
                format!("invalid literal for int() with base {base}: {shown}"),
            )
        };
        let (sign, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let prefixes: &[&str] = match base {
            2 => &["0b", "0B"],
            8 => &["0o", "0O"],
            16 => &["0x", "0X"],
            _ => &[],
        };
        let digits = prefixes
            .iter()
            .find_map(|prefix| digits.strip_prefix(prefix))
            .unwrap_or(digits);
        let has_bad_underscore = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
        let plain = digits.replace('_', "");
        if has_bad_underscore || plain.is_empty() {
            return Err(invalid());
        }
        if !plain.is_ascii() {
            return Err(unknown(span, "the digits are not ASCII"));
        }
        if !plain.chars().all(|digit| digit.is_digit(base)) {
            return Err(invalid());
        }
        i64::from_str_radix(&format!("{sign}{plain}"), base)
            .map_err(|_| unknown(span, "the integer has more than 64 bits"))
    }

    fn make_float(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument] = given.bound("float", ["x"], span)?;
        let Some(argument) = argument else {
            return Ok(Thing::constant(Value::Float(0.0)));
        };
        let argument = self.used_as(argument, PlaceholderUse::Arithmetic, span)?;
        let value = match &argument.object {
            Object::Constant(Value::Str(text)) => parse_float(text, span)?,
            Object::Constant(Value::Bytes(_)) => {
                return Err(unknown(span, "`float` of bytes is not followed"));
            }
            Object::Constant(value) => match Number::of(value) {
                Some(number) => number
                    .exact_float()
                    .ok_or_else(|| unknown(span, "the integer is too large for a float"))?,
                None => return Err(not_a_number("float", value.type_name(), span)),
            },
            Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Function(_) | Object::Set(_) => {
                return Err(not_a_number("float", &self.type_name(&argument), span));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        Ok(Thing::constant(Value::Float(value)))
    }

    fn length(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
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
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        let length = i64::try_from(length).map_err(|_| unknown(span, "it is too long"))?;
        Ok(Thing::constant(Value::Int(length)))
    }

    fn make_range(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
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

    fn make_iterator(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let items = match name {
            "enumerate" => {
                let [Some(iterable), start] = given.bound(name, ["iterable", "start"], span)? else {
                    return Err(type_error(
                        span,
                        "enumerate() missing required argument 'iterable' (pos 1)",
                    ));
                };
                let mut count = match start.map(|start| start.object) {
                    None => 0,
                    Some(Object::Constant(Value::Int(start))) => start,
                    Some(_) => return Err(unknown(span, "the start of `enumerate` is not known")),
                };
                let mut pairs = Vec::new();
                for item in self.iterate(&iterable, span)? {
                    pairs.push(tuple(vec![Thing::constant(Value::Int(count)), item]));
                    count = count.saturating_add(1);
                }
                pairs
            }
            "zip" => {
                if given.keywords().next().is_some() {
                    return Err(unknown(span, "`zip` with options is not followed"));
                }
                let mut columns = Vec::new();
                for argument in given.positional() {
                    columns.push(self.iterate(&argument.thing, span)?.into_iter());
                }
                let mut rows = Vec::new();
                'rows: while !columns.is_empty() {
                    let mut row = Vec::with_capacity(columns.len());
                    for column in &mut columns {
                        let Some(item) = column.next() else { break 'rows };
                        row.push(item);
                    }
                    rows.push(tuple(row));
                }
                rows
            }
            "map" => {
                let Some((function, iterables)) = given.arguments.split_first() else {
                    return Err(type_error(span, "map() must have at least two arguments."));
                };
                let [iterable] = iterables else {
                    return Err(unknown(span, "`map` over several iterables is not followed"));
                };
                let mut results = Vec::new();
                for item in self.iterate(&iterable.thing, span)? {
                    let result = self.call(&function.thing, Given::of(vec![(item, span)]), span);
                    results.push(super::interpreter::settle(result)?);
                }
                results
            }
            "filter" => {
                let [Some(function), Some(iterable)] = given.bound(name, ["function", "iterable"], span)?
                else {
                    return Err(type_error(span, "filter expected 2 arguments"));
                };
                let mut kept = Vec::new();
                for item in self.iterate(&iterable, span)? {
                    let test = match &function.object {
                        Object::Constant(Value::None) => item.clone(),
                        _ => self.call(&function, Given::of(vec![(item.clone(), span)]), span)?,
                    };
                    if self.truth(&test, span)? {
                        kept.push(item);
                    }
                }
                kept
            }
            "reversed" => {
                let argument = self.single(name, given, span)?;
                if matches!(argument.object, Object::Set(_) | Object::Iterator(_)) {
                    let kind = self.type_name(&argument);
                    return Err(type_error(span, format!("'{kind}' object is not reversible")));
                }
                let mut items = self.iterate(&argument, span)?;
                items.reverse();
                items
            }
            _ => {
                let argument = self.single(name, given, span)?;
                if matches!(argument.object, Object::Iterator(_)) {
                    return Ok(argument);
                }
                self.iterate(&argument, span)?
            }
        };
        Ok(Thing::new(Object::Iterator(self.shared(items))))
    }

    fn next_item(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(iterator), default] = given.bound("next", ["iterator", "default"], span)? else {
            return Err(type_error(span, "next expected at least 1 argument, got 0"));
        };
        let Object::Iterator(items) = &iterator.object else {
            return match &iterator.object {
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
            };
        };
        self.change(items)?;
        let mut items = items.write().map_err(Stop::Unknown)?;
        if items.is_empty() {
            return default.ok_or_else(|| raise(span, "StopIteration", ""));
        }
        Ok(items.remove(0))
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

    fn extreme(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
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

    fn sum(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(iterable), start] = given.bound("sum", ["iterable", "start"], span)? else {
            return Err(type_error(
                span,
                "sum() takes at least 1 positional argument (0 given)",
            ));
        };
        let mut total = start.unwrap_or_else(|| Thing::constant(Value::Int(0)));
        if matches!(total.object, Object::Constant(Value::Str(_))) {
            return Err(type_error(
                span,
                "sum() can't sum strings [use ''.join(seq) instead]",
            ));
        }
        for item in self.iterate(&iterable, span)? {
            total = self.binary(ruff_python_ast::Operator::Add, &total, &item, span)?;
        }
        Ok(total)
    }

    fn round(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(number), digits] = given.bound("round", ["number", "ndigits"], span)? else {
            return Err(type_error(
                span,
                "round() missing required argument 'number' (pos 1)",
            ));
        };
        let number = self.used_as(number, PlaceholderUse::Arithmetic, span)?;
        let Object::Constant(value) = &number.object else {
            return Err(Stop::Unknown(self.why_unknown(&number, span)));
        };
        let digits = match digits.map(|digits| digits.object) {
            None | Some(Object::Constant(Value::None)) => None,
            Some(Object::Constant(Value::Int(digits))) => Some(digits),
            Some(_) => return Err(unknown(span, "the digits of `round` are not known")),
        };
        let result = match (Number::of(value), digits) {
            (Some(Number::Int(number)), None | Some(0..)) => Value::Int(number),
            (Some(Number::Float(number)), None) => Value::Int(truncated(number.round_ties_even(), span)?),
            (Some(Number::Float(number)), Some(digits @ 0..=300)) if number.is_finite() => {
                let digits = usize::try_from(digits).unwrap_or(0);
                // The decimal expansion is exact, so ties are real ones and go to even, as in CPython.
                Value::Float(format!("{number:.digits$}").parse().unwrap_or(number))
            }
            (Some(_), _) => return Err(unknown(span, "rounding to tens is not followed")),
            (None, _) => {
                let message = format!("type {} doesn't define __round__ method", value.type_name());
                return Err(type_error(span, message));
            }
        };
        Ok(Thing::constant(result))
    }

    fn number_function(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        use ruff_python_ast::Operator;
        let positional: Vec<Thing<'a>> = given
            .positional()
            .map(|argument| argument.thing.clone())
            .collect();
        match (name, positional.as_slice()) {
            ("divmod", [one, other]) => {
                let quotient = self.binary(Operator::FloorDiv, one, other, span)?;
                let rest = self.binary(Operator::Mod, one, other, span)?;
                Ok(tuple(vec![quotient, rest]))
            }
            ("pow", [base, exponent]) => self.binary(Operator::Pow, base, exponent, span),
            ("abs", [number]) => {
                let number = self.used_as(number.clone(), PlaceholderUse::Arithmetic, span)?;
                let value = self.value_of(&number, span)?;
                match Number::of(&value) {
                    Some(Number::Int(number)) => match number.checked_abs() {
                        Some(number) => Ok(Thing::constant(Value::Int(number))),
                        None => Err(unknown(span, "the integer has more than 64 bits")),
                    },
                    Some(Number::Float(number)) => Ok(Thing::constant(Value::Float(number.abs()))),
                    None => {
                        let message = format!("bad operand type for abs(): '{}'", value.type_name());
                        Err(type_error(span, message))
                    }
                }
            }
            ("chr", [code]) => match self.value_of(code, span)? {
                Value::Int(code) => match u32::try_from(code).ok().and_then(char::from_u32) {
                    Some(character) => Ok(Thing::constant(Value::str(character.to_string()))),
                    None => Err(unknown(span, "the code point is no character")),
                },
                _ => Err(unknown(span, "`chr` is not followed")),
            },
            ("ord", [text]) => match self.value_of(text, span)? {
                Value::Str(text) if text.chars().count() == 1 => {
                    let code = text.chars().next().map_or(0, u32::from);
                    Ok(Thing::constant(Value::Int(i64::from(code))))
                }
                _ => Err(unknown(span, "`ord` is not followed")),
            },
            (_, [number]) => match self.value_of(number, span)? {
                Value::Int(number) => {
                    let sign = if number < 0 { "-" } else { "" };
                    let size = number.unsigned_abs();
                    let text = match name {
                        "hex" => format!("{sign}{size:#x}"),
                        "oct" => format!("{sign}{size:#o}"),
                        _ => format!("{sign}{size:#b}"),
                    };
                    Ok(Thing::constant(Value::str(text)))
                }
                _ => Err(unknown(span, format!("`{name}` is not followed"))),
            },
            _ => Err(unknown(span, format!("`{name}` is not followed"))),
        }
    }

    fn set_attribute_by_name(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let mut positional = given.positional();
        let Some(object) = positional.next() else {
            return Err(type_error(span, "setattr expected 3 arguments, got 0"));
        };
        match (
            positional.next().map(|name| &name.thing.object),
            positional.next(),
        ) {
            (Some(Object::Constant(Value::Str(name))), Some(value)) => {
                let name = self.arena.name(name);
                let value = value.thing.clone();
                self.set_attribute(&object.thing, name, value, span);
            }
            _ => {
                let why = super::interpreter::opaque(span, "attributes are set by computed names");
                match &object.thing.object {
                    Object::Class(class) => class.namespace.open(why),
                    Object::Module(module) => module.namespace.open(why),
                    _ => self.spoil(&object.thing, &why),
                }
            }
        }
        Ok(Thing::constant(Value::None))
    }

    fn get_attribute_by_name(&mut self, callee: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let positional: Vec<&Thing<'a>> = given.positional().map(|argument| &argument.thing).collect();
        let [object, name, default @ ..] = positional.as_slice() else {
            return Err(type_error(
                span,
                format!("{callee} expected at least 2 arguments"),
            ));
        };
        let Object::Constant(Value::Str(name)) = &name.object else {
            return Err(Stop::Unknown(self.why_unknown(name, span)));
        };
        let name = self.arena.name(name);
        let found = self.attribute_of(object, name, span);
        match (callee, found) {
            ("hasattr", Ok(found)) => match &found.object {
                Object::External(_) | Object::Applied(_) => {
                    Err(unknown(span, "it is outside of the project"))
                }
                _ => Ok(Thing::constant(Value::Bool(true))),
            },
            ("hasattr", Err(Stop::Raise(_))) => Ok(Thing::constant(Value::Bool(false))),
            (_, Err(Stop::Raise(why))) => match default {
                [default, ..] => Ok((*default).clone()),
                [] => Err(Stop::Raise(why)),
            },
            (_, Ok(found)) if matches!(found.object, Object::External(_)) && !default.is_empty() => {
                Err(unknown(span, "it is outside of the project"))
            }
            (_, found) => found,
        }
    }

    fn is_instance(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let positional: Vec<Thing<'a>> = given
            .positional()
            .map(|argument| argument.thing.clone())
            .collect();
        let [object, kind] = positional.as_slice() else {
            return Err(type_error(span, "isinstance expected 2 arguments"));
        };
        let kinds = match &kind.object {
            Object::Tuple(kinds) => kinds.to_vec(),
            _ => vec![kind.clone()],
        };
        let mut is_sure = true;
        for kind in &kinds {
            match (&object.object, &kind.object) {
                (Object::Unknown(why), _) => return Err(Stop::Unknown(why.clone())),
                (Object::Instance(instance), Object::Class(class)) => {
                    let order = self.resolution_order(&instance.class);
                    if order.iter().any(|base| Rc::ptr_eq(base, class)) {
                        return Ok(Thing::constant(Value::Bool(true)));
                    }
                    is_sure &= !self.may_have_more(&instance.class);
                }
                (
                    Object::External(_)
                    | Object::Applied(_)
                    | Object::Instance(_)
                    | Object::Path(_)
                    | Object::Class(_),
                    _,
                ) => {
                    is_sure = false;
                }
                (_, Object::External(name)) => {
                    let name = name.strip_prefix("builtins.").unwrap_or("");
                    let actual = self.type_name(object);
                    let is_kind = actual == name || name == "object" || (actual == "bool" && name == "int");
                    if is_kind {
                        return Ok(Thing::constant(Value::Bool(true)));
                    }
                    is_sure &= matches!(
                        name,
                        "int"
                            | "str"
                            | "float"
                            | "bool"
                            | "bytes"
                            | "list"
                            | "dict"
                            | "tuple"
                            | "set"
                            | "range"
                    );
                }
                (_, Object::Class(_)) => {}
                _ => is_sure = false,
            }
        }
        if is_sure {
            return Ok(Thing::constant(Value::Bool(false)));
        }
        Err(unknown(span, "the classes of the object are not known"))
    }

    fn is_callable_object(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let argument = self.single("callable", given, span)?;
        let is_callable = match &argument.object {
            Object::Function(_) | Object::Class(_) | Object::Method(_) | Object::Partial(_) => true,
            Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Set(_) => {
                false
            }
            Object::External(name) if library::is_callable(name) => true,
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        Ok(Thing::constant(Value::Bool(is_callable)))
    }

    fn type_of(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let argument = self
            .single("type", given, span)
            .map_err(|_| unknown(span, "a class is made by `type`"))?;
        match &argument.object {
            Object::Instance(instance) => Ok(Thing::new(Object::Class(Rc::clone(&instance.class)))),
            Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Set(_) => {
                Ok(Thing::external(&format!(
                    "builtins.{}",
                    self.type_name(&argument)
                )))
            }
            _ => Err(Stop::Unknown(self.why_unknown(&argument, span))),
        }
    }

    /// Methods of tuples: `count`, `index`.
    fn call_tuple_method(
        &mut self,
        items: &[Thing<'a>],
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        containers::sequence_query(self, items, name, given, span)
            .unwrap_or_else(|| Err(unknown(span, format!("`{name}` of a tuple is not followed"))))
    }
}

pub(super) fn tuple(items: Vec<Thing<'_>>) -> Thing<'_> {
    Thing::new(Object::Tuple(Rc::new(items)))
}

fn not_a_number(kind: &str, found: &str, span: Span) -> Stop {
    let message = match kind {
        "int" => {
            format!("int() argument must be a string, a bytes-like object or a real number, not '{found}'")
        }
        _ => format!("float() argument must be a string or a real number, not '{found}'"),
    };
    type_error(span, message)
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be within 64 bits")]
fn truncated(number: f64, span: Span) -> Known<i64> {
    if number.is_nan() {
        return Err(raise(span, "ValueError", "cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(raise(
            span,
            "OverflowError",
            "cannot convert float infinity to integer",
        ));
    }
    if number.abs() >= 9.2e18 {
        return Err(unknown(span, "the integer has more than 64 bits"));
    }
    Ok(number.trunc() as i64)
}

fn parse_float(text: &str, span: Span) -> Known<f64> {
    let trimmed = text.trim_matches(text::is_space);
    let plain = trimmed.replace('_', "");
    let lower = plain.to_ascii_lowercase();
    let word = lower.trim_start_matches(['+', '-']);
    let is_word = matches!(word, "inf" | "infinity" | "nan");
    let starts_well = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let has_bad_underscore =
        trimmed.contains("__") || trimmed.starts_with('_') || trimmed.ends_with('_') || is_split(trimmed);
    match lower.parse::<f64>() {
        Ok(number) if (is_word || starts_well) && !has_bad_underscore => Ok(number),
        _ if !trimmed.is_ascii() => Err(unknown(span, "the digits are not ASCII")),
        _ => {
            let shown = Value::str(text).to_repr();
            Err(raise(
                span,
                "ValueError",
                format!("could not convert string to float: {shown}"),
            ))
        }
    }
}

/// Does an underscore stand beside something that is no digit?
fn is_split(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(3).any(|three| match three {
        [before, '_', after] => !(before.is_ascii_digit() && after.is_ascii_digit()),
        _ => false,
    })
}

/// How much text a value makes, about.
fn weight(value: &Value) -> usize {
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

/// Functions and calls show an address in a text.
fn has_placeholder_free_text(value: &Value) -> bool {
    match value {
        Value::Function(_) | Value::Call(_) => false,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            items.iter().all(has_placeholder_free_text)
        }
        Value::Dict(entries) => entries
            .iter()
            .all(|(key, value)| has_placeholder_free_text(key) && has_placeholder_free_text(value)),
        _ => true,
    }
}
