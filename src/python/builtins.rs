//! Python's builtin functions and types, called.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use std::rc::Rc;
use std::sync::Arc;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::iteration::weight;
use super::object::{Applied, Class, Object, Thing};
use super::{containers, library};
use crate::source::Span;
use crate::value::{PlaceholderUse, Unknown, Value};

impl<'a> Interpreter<'a> {
    pub fn call_builtin(&mut self, name: &str, given: Given<'a>, span: Span) -> Evaluation<'a> {
        let none = || Ok(Thing::constant(Value::None));
        if name.starts_with("__dict__.") {
            self.open_builtins(span);
        }
        match name {
            "print" => return none(),
            "property" | "staticmethod" | "classmethod" => {
                let Some(target) = given.positional().next() else {
                    return Err(unknown(span, "it is a property"));
                };
                let decorator = Thing::external(&format!("builtins.{name}"));
                return self.decorate(&decorator, target.thing.clone(), span);
            }
            "setattr" | "delattr" => return self.set_attribute_by_name(name, &given, span),
            "getattr" | "hasattr" => return self.get_attribute_by_name(name, &given, span),
            "issubclass"
                if given
                    .positional()
                    .next()
                    .is_some_and(|first| matches!(first.thing.object, Object::Constant(_))) =>
            {
                return Err(type_error(span, "issubclass() arg 1 must be a class"));
            }
            "isinstance" | "issubclass" => return self.is_instance(&given, span),
            "callable" => return self.is_callable_object(&given, span),
            "type" => return self.type_of(&given, span),
            "__import__" => return self.import_as_builtin(&given, span),
            "open" | "input" | "compile" | "eval" | "exec" | "breakpoint" | "id" | "hash" | "memoryview"
            | "object" | "super" | "dir" | "help" | "vars" => {
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
            // `list.append(items, unknown)` changes them nevertheless.
            for argument in given.arguments.iter().filter(|_| name.contains('.')) {
                self.spoil_by_call(&argument.thing, name, span);
            }
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
                let made = self.set_of(items, span)?;
                if let Object::Set(items) = &made.object {
                    items.is_frozen.set(name == "frozenset");
                }
                Ok(made)
            }
            "str" => self.make_text(&given, span),
            "repr" | "ascii" => {
                let argument = self.single(name, &given, span)?;
                self.provoke_text(&argument, Some('r'), "", span)?;
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
            "any" | "all" => self.quantify(name, &given, span),
            "round" => self.round(&given, span),
            "abs" | "divmod" | "pow" | "hex" | "oct" | "bin" | "chr" | "ord" => {
                self.number_function(name, &given, span)
            }
            _ => match name.split_once('.') {
                Some(("str" | "dict" | "list" | "set" | "bytes", method)) => {
                    self.unbound_method(name, method, &given, span)
                }
                Some(("object" | "type", "__setattr__" | "__delattr__")) => {
                    self.set_attribute_by_name(name, &given, span)
                }
                _ => {
                    for argument in &given.arguments {
                        self.spoil_by_call(&argument.thing, name, span);
                    }
                    Err(unknown(span, format!("`{name}` is not followed")))
                }
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
        if let Some(result) = self.call_operator_method(receiver, name, given, span) {
            return result;
        }
        match &receiver.object {
            Object::Constant(Value::Str(text)) => self.call_text_method(&Arc::clone(text), name, given, span),
            Object::List(items) => self.call_list_method(&Rc::clone(items), name, given, span),
            Object::Dict(entries) => self.call_dict_method(&Rc::clone(entries), receiver, name, given, span),
            Object::Set(items) => self.call_set_method(&Rc::clone(items), receiver, name, given, span),
            Object::Tuple(items) => self.call_tuple_method(items, name, given, span),
            Object::Names(names) => self.call_names_method(&Rc::clone(names), name, given, span),
            Object::Path(path) => self.call_path_method(&Rc::clone(path), name, given, span),
            _ => Err(Stop::Unknown(self.why_unknown(receiver, span))),
        }
    }

    /// `items.__setitem__(key, value)`: the statement in the form of a call. What only looks changes nothing.
    fn call_operator_method(
        &mut self,
        receiver: &Thing<'a>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Option<Evaluation<'a>> {
        let is_container = matches!(
            receiver.object,
            Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Tuple(_)
        );
        if !name.starts_with("__") || !is_container {
            return None;
        }
        let things: Vec<&Thing<'a>> = given.positional().map(|argument| &argument.thing).collect();
        let none = |()| Thing::constant(Value::None);
        Some(match (name, things.as_slice()) {
            ("__setitem__", [key, value]) => self
                .set_item(receiver, (*key).clone(), (*value).clone(), span)
                .map(none),
            ("__delitem__", [key]) => self.delete_item(receiver, key, span).map(none),
            ("__getitem__", [key]) => self.item_of(receiver, key, span, span),
            ("__len__", []) => self.length(&Given::of(vec![(receiver.clone(), span)]), span),
            (
                "__add__" | "__contains__" | "__eq__" | "__format__" | "__ge__" | "__gt__" | "__hash__"
                | "__iter__" | "__le__" | "__lt__" | "__mul__" | "__ne__" | "__or__" | "__repr__"
                | "__reversed__" | "__rmul__" | "__sizeof__" | "__str__",
                _,
            ) => Err(unknown(span, format!("`{name}` is not followed"))),
            _ => {
                let line = self.line(span);
                let reason = format!("`{name}` is called, which may change it (line {line})");
                let why = super::interpreter::opaque(span, reason);
                self.spoil(receiver, &why);
                Err(Stop::Unknown(why))
            }
        })
    }

    pub(super) fn single(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
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

    pub(super) fn make_text(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.arguments.first() else {
            return Ok(Thing::constant(Value::str("")));
        };
        if given.arguments.len() > 1 {
            return Err(unknown(span, "the encoding of `str` is not followed"));
        }
        self.provoke_text(&argument.thing, Some('s'), "", span)?;
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

    fn set_attribute_by_name(&mut self, callee: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        // `object.__setattr__(self, "n", 1)` passes the methods of the object's own class.
        let is_plain = callee.starts_with("object.");
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
                if is_plain {
                    self.set_past_class(&object.thing, name, Some(value), span)?;
                } else {
                    self.set_attribute(&object.thing, name, value, span)?;
                }
            }
            (Some(Object::Constant(Value::Str(name))), None) => {
                let name = self.arena.name(name);
                if is_plain {
                    self.set_past_class(&object.thing, name, None, span)?;
                } else {
                    self.delete_attribute(&object.thing, name, span)?;
                }
            }
            _ => {
                let reason = format!("attributes are set by computed names (line {})", self.line(span));
                let why = super::interpreter::opaque(span, reason);
                match &object.thing.object {
                    Object::Class(class) => {
                        class.namespace.lose(&why);
                        self.lose_plain_methods(class, &why);
                    }
                    Object::Module(module) => module.namespace.lose(&why),
                    _ => self.spoil(&object.thing, &why),
                }
            }
        }
        Ok(Thing::constant(Value::None))
    }

    /// Any name may have got another object: methods too, but for those of flows, which are read as they stand.
    fn lose_plain_methods(&mut self, class: &Rc<Class<'a>>, why: &Unknown) {
        if self.derives_from(class, &["metaflow.FlowSpec"]) {
            return;
        }
        for (name, binding) in class.namespace.entries() {
            let is_plain = matches!(&binding.thing.object, Object::Function(function) if function.decorators.borrow().is_empty());
            if is_plain {
                class.namespace.poison(name, why.clone());
            }
        }
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
                    let is_decided = class.metaclass.decides_instances();
                    // Only where the type is the very class, nobody is asked.
                    if is_decided && !Rc::ptr_eq(&instance.class, class) {
                        is_sure = false;
                        let is_plain = !class.metaclass.may_define("__instancecheck__")
                            && !self.has_method(class, "__subclasshook__");
                        if !is_plain {
                            continue;
                        }
                    }
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
                            | "frozenset"
                            | "range"
                    );
                }
                (_, Object::Class(class)) => is_sure &= !class.metaclass.decides_instances(),
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
