//! How the text of a Config becomes its value: JSON, TOML, a parser of the project. Knows no file and no place.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of objects few are parsers"
)]

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::json;
use super::object::{Applied, Object, Thing};
use crate::source::Span;
use crate::value::Value;

/// What reads the text, and whether its result may be anything (`plain=True`).
pub(super) struct Format<'a> {
    parser: Parser<'a>,
    is_plain: bool,
}

enum Parser<'a> {
    None,
    Json,
    Toml,
    /// A function of the project.
    Function(Thing<'a>),
    /// Something that cannot be called: its type.
    NotCallable(String),
    /// One that is named and is not there: what Metaflow finds.
    Missing(String),
    /// Code of others.
    Unknown(String),
}

impl<'a> Interpreter<'a> {
    pub(super) fn config_format(&mut self, applied: &Applied<'a>) -> Format<'a> {
        let plain = applied
            .argument(6, "plain")
            .map(|argument| argument.thing.clone());
        let parser = applied
            .argument(5, "parser")
            .map(|argument| argument.thing.clone());
        Format {
            parser: parser.map_or(Parser::None, |parser| self.config_parser(parser, applied.span)),
            is_plain: plain.is_some_and(|thing| self.truth(&thing, applied.span).unwrap_or(false)),
        }
    }

    fn config_parser(&mut self, parser: Thing<'a>, span: Span) -> Parser<'a> {
        let name = match &parser.object {
            Object::Constant(Value::None) => return Parser::None,
            Object::Constant(Value::Str(name)) if name.is_empty() => return Parser::None,
            Object::Constant(Value::Str(name)) => {
                let name = name.to_string();
                match self.named_parser(&name, span) {
                    Some(found) => return found,
                    None => name,
                }
            }
            Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) => {
                return Parser::NotCallable(self.type_name(&parser));
            }
            Object::External(name) => name.to_string(),
            Object::Function(_) | Object::Partial(_) => return Parser::Function(parser),
            _ => "its parser".to_owned(),
        };
        match name.as_str() {
            "json.loads" => Parser::Json,
            "tomllib.loads" | "tomli.loads" | "toml.loads" | "tomlkit.loads" | "tomlkit.parse" => {
                Parser::Toml
            }
            _ => Parser::Unknown(name),
        }
    }

    /// `parser="parsers.load"`, where its module is known.
    fn named_parser(&mut self, name: &str, span: Span) -> Option<Parser<'a>> {
        const OF_TOMLLIB: [&str; 2] = ["TOMLDecodeError", "loads"];
        let Some((module, function)) = name.rsplit_once('.') else {
            let missing = format!("is `{name}`, which names no module: `module.function` is meant");
            return Some(Parser::Missing(missing));
        };
        let missing = |what: &str| Some(Parser::Missing(format!("is `{name}`, but {what}")));
        if name == "tomllib.load" || name == "json.load" {
            return missing("that reads a file, and the parser gets a text");
        }
        if module == "tomllib" && !OF_TOMLLIB.contains(&function) {
            return missing("`tomllib` has nothing of this name");
        }
        let found = self.project_module(module, span).ok()??;
        match found.get(function).map(|binding| binding.thing) {
            Some(thing) => match &thing.object {
                Object::Function(_) | Object::Partial(_) => Some(Parser::Function(thing)),
                Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) => {
                    missing("that cannot be called")
                }
                _ => None,
            },
            None if found.is_complete.get() && !found.namespace.may_have_more() => {
                missing(&format!("`{module}` has nothing of this name"))
            }
            None => None,
        }
    }

    /// The value that a text stands for; nothing but a mapping unless it is plain.
    pub(super) fn parse_config(
        &mut self,
        text: &str,
        format: &Format<'a>,
        name: &str,
        span: Span,
    ) -> Known<Value> {
        let value = match &format.parser {
            Parser::None if format.is_plain => Value::str(text),
            Parser::None | Parser::Json => from_json(text, name, span)?,
            Parser::Toml => from_toml_text(text, name, span)?,
            Parser::Function(parser) => {
                let read = self.call_quietly(parser, Thing::constant(Value::str(text)), span)?;
                self.value_of(&read, span)?
            }
            Parser::NotCallable(kind) => {
                return Err(type_error(span, format!("'{kind}' object is not callable")));
            }
            Parser::Missing(what) => {
                let message = format!("the parser of the configuration '{name}' {what}");
                return Err(raise(span, "UsageError", message));
            }
            Parser::Unknown(parser) => {
                let reason = format!("the configuration is read by `{parser}`");
                return Err(unknown(span, reason));
            }
        };
        match (&value, &format.parser) {
            (Value::Dict(_), _) => Ok(value),
            _ if format.is_plain => Ok(value),
            // `null`
            (Value::None, Parser::None) => Ok(value),
            _ => {
                let kind = value.type_name();
                let message = format!("configuration for '{name}' is no mapping but {kind}");
                Err(raise(span, "UsageError", message))
            }
        }
    }

    /// Calls with one argument; what it raises is the affair of who asked.
    pub(super) fn call_quietly(
        &mut self,
        callee: &Thing<'a>,
        argument: Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        self.catchers += 1;
        let result = self.call(callee, Given::of(vec![(argument, span)]), span);
        self.catchers -= 1;
        match result {
            Ok(thing) => match thing.object {
                Object::Unknown(why) => Err(Stop::Unknown(why)),
                _ => Ok(thing),
            },
            Err(stop) => Err(stop),
        }
    }
}

fn from_json(text: &str, name: &str, span: Span) -> Known<Value> {
    json::parse(text).map_err(|error| match error {
        json::Error::Invalid => {
            let message = format!("configuration value for '{name}' is not valid JSON");
            raise(span, "UsageError", message)
        }
        json::Error::Unsupported(reason) => unknown(span, reason),
    })
}

fn from_toml_text(text: &str, name: &str, span: Span) -> Known<Value> {
    match toml::from_str::<toml::Table>(text) {
        Ok(table) => {
            from_toml(&toml::Value::Table(table)).ok_or_else(|| unknown(span, "the TOML text holds dates"))
        }
        Err(_) => {
            let message = format!("configuration value for '{name}' is not valid TOML");
            Err(raise(span, "UsageError", message))
        }
    }
}

fn from_toml(value: &toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::str(text.as_str()),
        toml::Value::Integer(number) => Value::Int(*number),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(flag) => Value::Bool(*flag),
        toml::Value::Datetime(_) => return None,
        toml::Value::Array(items) => Value::List(items.iter().map(from_toml).collect::<Option<_>>()?),
        toml::Value::Table(entries) => {
            let pairs = entries
                .iter()
                .map(|(key, value)| Some((Value::str(key.as_str()), from_toml(value)?)));
            Value::Dict(pairs.collect::<Option<_>>()?)
        }
    })
}
