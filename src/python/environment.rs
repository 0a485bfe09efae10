//! `os.environ`: what it holds when the program begins, and how the program changes it. Knows nothing of who asks.
#![expect(clippy::wildcard_enum_match_arm, reason = "a name may be anything")]

use std::rc::Rc;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, opaque, raise, type_error};
use super::object::{Code, Function, Object, Thing};
use super::{leaks, object};
use crate::source::Span;
use crate::value::{Input, Unknown, Value};

/// Functions that call one another, deeper than is looked for changes.
const MOST_FUNCTIONS: usize = 50;

impl<'a> Interpreter<'a> {
    /// What `os.environ` holds under a name: given, or changed by the program.
    pub fn environment_value(&mut self, name: &str, span: Span) -> Known<Option<String>> {
        if let Some(changed) = self.environment.get(name) {
            return changed.clone().map_err(Stop::Unknown);
        }
        match (self.inputs.environment.get(name), &self.environment_grows) {
            (Some(value), _) => Ok(Some(value.clone())),
            (None, None) => Ok(None),
            (None, Some(why)) => Err(Stop::Unknown(Unknown {
                span,
                why: why.why.clone(),
            })),
        }
    }

    fn from_environment(thing: Thing<'a>, name: &str) -> Thing<'a> {
        let input = Input::Environment(name.to_owned());
        let depends_on = object::union(thing.depends_on, Some(&Rc::new([input].into())));
        Thing { depends_on, ..thing }
    }

    /// `os.environ[key]`.
    pub fn environment_item(&mut self, key: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let name = self.text_argument(key, span)?;
        match self.environment_value(&name, span)? {
            Some(value) => Ok(Self::from_environment(Thing::constant(Value::str(value)), &name)),
            None => Err(raise(span, "KeyError", Value::str(name).to_repr())),
        }
    }

    pub(super) fn get_environment(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [key, default] = match given.bound("get", ["key", "default"], span) {
            Ok([Some(key), default]) => [key, default.unwrap_or_else(|| Thing::constant(Value::None))],
            Ok([None, _]) => {
                return Err(type_error(
                    span,
                    "getenv() missing 1 required positional argument: 'key'",
                ));
            }
            Err(stop) => return Err(stop),
        };
        let name = self.text_argument(&key, span)?;
        let found = match self.environment_value(&name, span) {
            Ok(Some(value)) => Thing::constant(Value::str(value)),
            Ok(None) => default,
            Err(Stop::Unknown(why)) => Thing::unknown(why),
            Err(raised) => return Err(raised),
        };
        Ok(Self::from_environment(found, &name))
    }

    pub(super) fn default_environment(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(key), Some(value)] = given.bound("setdefault", ["key", "value"], span)? else {
            return Err(type_error(
                span,
                "setdefault() missing 1 required positional argument",
            ));
        };
        let name = self.changed_variable(&key, span)?;
        match self.environment_value(&name, span)? {
            Some(present) => Ok(Self::from_environment(
                Thing::constant(Value::str(present)),
                &name,
            )),
            None => {
                self.set_environment(&key, &value, span)?;
                Ok(Self::from_environment(value, &name))
            }
        }
    }

    pub(super) fn pop_environment(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(key), default] = given.bound("pop", ["key", "default"], span)? else {
            return Err(type_error(
                span,
                "pop() missing 1 required positional argument: 'key'",
            ));
        };
        let name = self.changed_variable(&key, span)?;
        let value = match (self.environment_value(&name, span)?, default) {
            (Some(value), _) => Thing::constant(Value::str(value)),
            (None, Some(default)) => default,
            (None, None) => return Err(raise(span, "KeyError", Value::str(&*name).to_repr())),
        };
        self.change_environment(&name, Ok(None));
        Ok(Self::from_environment(value, &name))
    }

    /// Changes that are too many to follow: all names become unknown.
    pub(super) fn lose_environment(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let entries = match given.positional().next() {
            Some(argument) if name == "os.environ.update" => self.mapping(&argument.thing, span),
            _ => Ok(Vec::new()),
        };
        let keywords = given
            .keywords()
            .map(|(key, argument)| (Thing::constant(Value::str(key)), argument.thing.clone()));
        let keywords: Vec<_> = keywords.collect();
        match entries {
            Ok(entries) if name == "os.environ.update" && given.unknown.is_none() => {
                for (key, value) in entries.into_iter().chain(keywords) {
                    self.set_environment(&key, &value, span)?;
                }
            }
            _ => {
                let why = opaque(
                    span,
                    format!("`{name}` changes the environment (line {})", self.line(span)),
                );
                self.lose_variables(&why);
            }
        }
        Ok(Thing::constant(Value::None))
    }

    /// Any variable may have been changed.
    pub(super) fn lose_variables(&mut self, why: &Unknown) {
        let given = self.inputs.environment.keys();
        let names: Vec<String> = given.chain(self.environment.keys()).cloned().collect();
        for name in names {
            self.change_environment(&name, Err(why.clone()));
        }
        self.environment_grows.get_or_insert_with(|| why.clone());
    }

    /// The name of a variable that is to be changed; where it is not known, it may be any.
    fn changed_variable(&mut self, key: &Thing<'a>, span: Span) -> Known<String> {
        let name = self.text_argument(key, span);
        if let Err(Stop::Unknown(_)) = &name {
            let reason = format!(
                "a variable whose name is not known is changed (line {})",
                self.line(span)
            );
            self.lose_variables(&opaque(span, reason));
        }
        name
    }

    pub fn set_environment(&mut self, key: &Thing<'a>, value: &Thing<'a>, span: Span) -> Known<()> {
        let name = self.changed_variable(key, span)?;
        let value = match &value.object {
            Object::Constant(Value::Str(text)) => Ok(Some(text.to_string())),
            Object::Constant(other) => {
                return Err(type_error(
                    span,
                    format!("str expected, not {}", other.type_name()),
                ));
            }
            _ => Err(self.why_unknown(value, span)),
        };
        self.change_environment(&name, value);
        Ok(())
    }

    pub fn remove_environment(&mut self, key: &Thing<'a>, span: Span) -> Known<()> {
        let name = self.text_argument(key, span)?;
        if self.environment_value(&name, span)?.is_none() {
            return Err(raise(span, "KeyError", Value::str(&*name).to_repr()));
        }
        self.change_environment(&name, Ok(None));
        Ok(())
    }

    fn change_environment(&mut self, name: &str, value: Result<Option<String>, Unknown>) {
        let value = match self.branches.iter().rfind(|branch| !branch.is_tried()) {
            Some(branch) => Err(branch.why().clone()),
            None => value,
        };
        self.environment.insert(name.to_owned(), value);
    }

    /// `environ |= {"A": "b"}`
    pub(super) fn update_environment(&mut self, value: &Thing<'a>, span: Span) -> Known<()> {
        let given = Given::of(vec![(value.clone(), span)]);
        self.lose_environment("os.environ.update", &given, span)
            .map(|_| ())
    }

    /// `mock.patch.dict(os.environ, {"A": "b"})`: from when until when is up to who uses it.
    pub(super) fn patch_environment(&mut self, name: &str, given: &Given<'a>, span: Span) {
        let is_environment = match given.arguments.first().map(|argument| &argument.thing.object) {
            Some(Object::External(name)) => &**name == "os.environ",
            Some(Object::Constant(Value::Str(name))) => &**name == "os.environ",
            Some(Object::Unknown(_)) => true,
            Some(_) | None => false,
        };
        if is_environment {
            let reason = format!("`{name}` changes the environment (line {})", self.line(span));
            self.lose_variables(&opaque(span, reason));
        }
    }

    /// A function that is not entered: what it, or a function that it calls, may do to the environment has happened.
    pub(super) fn skip_function(&mut self, function: &Rc<Function<'a>>, span: Span) {
        let mut met = vec![Rc::clone(function)];
        let mut index = 0;
        while let Some(next) = met.get(index).cloned() {
            if self.mentions_environment(&next) {
                let reason = format!(
                    "`{}` may change the environment (line {})",
                    function.name,
                    self.line(span)
                );
                return self.lose_variables(&opaque(span, reason));
            }
            for called in leaks::functions_named_in(&next) {
                let is_new = !met
                    .iter()
                    .any(|known| known.code.address() == called.code.address());
                if is_new && met.len() < MOST_FUNCTIONS {
                    met.push(called);
                }
            }
            index += 1;
        }
    }

    fn mentions_environment(&self, function: &Function<'a>) -> bool {
        let range = match function.code {
            Code::Def(node) => node.range,
            Code::Lambda(node) => node.range,
        };
        let text = self.text(super::parse::span_of(function.source, range));
        text.contains("environ") || text.contains("dotenv")
    }
}
