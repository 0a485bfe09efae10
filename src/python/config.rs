//! Metaflow's `Config`: where its content comes from, and what `config.a.b` and `config_expr` are worth.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects stand for a Config"
)]

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{self as ast, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, settle, type_error, unknown};
use super::json;
use super::object::{Applied, Binding, Object, Thing};
use super::parse::Parsed;
use super::scope::{FrameKind, Locals, Scope};
use crate::source::Span;
use crate::value::{Input, Unknown, Value, Why};

impl<'a> Interpreter<'a> {
    /// The object that a Config placeholder or a `config_expr` stands for; nothing for other calls.
    pub fn resolve_config(&mut self, applied: &Applied<'a>) -> Option<Evaluation<'a>> {
        let result = match &*applied.callee {
            "metaflow.Config" => self.config_path(applied),
            "metaflow.config_expr" => self.config_expression(applied),
            _ => return None,
        };
        Some(settle(result))
    }

    /// The whole content of a `Config(…)` call.
    pub fn config_content(&mut self, applied: &Applied<'a>) -> Known<Value> {
        let Some((text, span)) = self.config_text(applied)? else {
            return Ok(Value::None);
        };
        let format = self.config_format(applied);
        let name = self.config_name(applied).unwrap_or_default();
        self.parse_config(&text, &format, &name, span)
    }

    /// The text that a `Config(…)` call reads, before any parser, and what it comes from; none for an optional one of
    /// which nothing is given.
    pub fn config_text(&mut self, applied: &Applied<'a>) -> Known<Option<(String, Span)>> {
        let span = applied.span;
        let Some(name) = self.config_name(applied) else {
            return Err(unknown(span, "the name of the Config is not known"));
        };
        let configs = self.inputs.configs;
        if let Some(text) = configs.values.get(&name) {
            return Ok(Some((text.clone(), span)));
        }
        if let Some(path) = configs.files.get(&name) {
            let what = format!(
                "configuration file '{}' could not be read for '{name}'",
                path.display()
            );
            return self.config_file(path, &what, span).map(Some);
        }
        if let Some(given) = self.config_from_environment(&name, span) {
            return given.map(Some);
        }
        if let Some(argument) = applied.argument(2, "default_value")
            && !matches!(argument.thing.object, Object::Constant(Value::None))
        {
            let given = self.deploy_time(&argument.thing, argument.span)?;
            return self.config_value(&given, argument.span);
        }
        if let Some(argument) = applied.argument(1, "default")
            && !matches!(argument.thing.object, Object::Constant(Value::None))
        {
            let given = self.deploy_time(&argument.thing, argument.span)?;
            if let Some(path) = self.default_path(&given, argument.span)? {
                let what = format!(
                    "default configuration file '{}' could not be read for '{name}'",
                    path.display()
                );
                return self.config_file(&path, &what, argument.span).map(Some);
            }
        }
        let required = match applied.argument(4, "required") {
            Some(argument) => self.truth(&argument.thing, argument.span)?,
            None => false,
        };
        if required {
            return Err(raise(
                span,
                "UsageError",
                format!("missing configuration for '{name}'"),
            ));
        }
        Ok(None)
    }

    fn config_name(&self, applied: &Applied<'a>) -> Option<String> {
        match &applied.argument(0, "name")?.thing.object {
            Object::Constant(Value::Str(name)) => Some(name.to_string()),
            _ => None,
        }
    }

    /// A function as default is called with a context when the flow starts; what it gives without asking that is known.
    fn deploy_time(&mut self, thing: &Thing<'a>, span: Span) -> Evaluation<'a> {
        match &thing.object {
            Object::Function(_) | Object::Partial(_) | Object::Method(_) => {
                let reason = "what a deploy-time function is told is not known".to_owned();
                let context = Unknown {
                    span,
                    why: Why::Opaque { reason },
                };
                self.call_quietly(thing, Thing::unknown(context), span)
            }
            _ => Ok(thing.clone()),
        }
    }

    fn default_path(&mut self, given: &Thing<'a>, span: Span) -> Known<Option<PathBuf>> {
        match &given.object {
            Object::Constant(Value::None) => Ok(None),
            Object::Constant(Value::Str(path)) => Ok(Some(PathBuf::from(&**path))),
            Object::Path(path) if path.is_anchored => Ok(Some(self.folder.join(&path.text))),
            Object::Path(path) => Ok(Some(PathBuf::from(&path.text))),
            Object::Constant(Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                let message = format!(
                    "the `default` of a Config is the path of a file, not {}",
                    self.type_name(given)
                );
                Err(type_error(span, message))
            }
            _ => Err(Stop::Unknown(self.why_unknown(given, span))),
        }
    }

    /// `default_value`: a mapping, which Metaflow writes as JSON and reads again, or a text to read.
    fn config_value(&mut self, given: &Thing<'a>, span: Span) -> Known<Option<(String, Span)>> {
        match &given.object {
            Object::Constant(Value::None) => Ok(None),
            Object::Constant(Value::Str(text)) => Ok(Some((text.to_string(), span))),
            Object::Dict(_) => Ok(Some((self.config_json(given, span)?, span))),
            Object::Constant(_) | Object::List(_) | Object::Tuple(_) | Object::Set(_) => {
                let kind = self.type_name(given);
                let message = format!("'{kind}' object has no attribute 'startswith'");
                Err(raise(span, "AttributeError", message))
            }
            _ => Err(Stop::Unknown(self.why_unknown(given, span))),
        }
    }

    /// `json.dumps(given)`
    fn config_json(&mut self, given: &Thing<'a>, span: Span) -> Known<String> {
        let dumped = self.call_quietly(&Thing::external("json.dumps"), given.clone(), span)?;
        match &dumped.object {
            Object::Constant(Value::Str(text)) => Ok(text.to_string()),
            _ => Err(Stop::Unknown(self.why_unknown(&dumped, span))),
        }
    }

    /// `METAFLOW_FLOW_CONFIG_VALUE` and `METAFLOW_FLOW_CONFIG`: JSON objects by the Config's name. What is no text in
    /// the first is a text of JSON.
    fn config_from_environment(&mut self, name: &str, span: Span) -> Option<Known<(String, Span)>> {
        match self.named_in_environment("METAFLOW_FLOW_CONFIG_VALUE", name, span) {
            Err(stop) => return Some(Err(stop)),
            Ok(Some(Value::Str(text))) => return Some(Ok((text.to_string(), span))),
            Ok(Some(value)) => {
                let given = self.thing_of(&value);
                return Some(self.config_json(&given, span).map(|text| (text, span)));
            }
            Ok(None) => {}
        }
        let path = match self.named_in_environment("METAFLOW_FLOW_CONFIG", name, span) {
            Err(stop) => return Some(Err(stop)),
            Ok(path) => PathBuf::from(path?.as_str()?),
        };
        let what = format!(
            "configuration file '{}' could not be read for '{name}'",
            path.display()
        );
        Some(self.config_file(&path, &what, span))
    }

    /// The value under a name in a variable that holds a JSON object; the program may have set the variable.
    fn named_in_environment(&mut self, variable: &str, name: &str, span: Span) -> Known<Option<Value>> {
        let text = self.environment_value(variable, span)?;
        let parsed = text.and_then(|text| json::parse(&text).ok());
        Ok(parsed.and_then(|parsed| parsed.get(name).cloned()))
    }

    /// Reads a file: relative to the current folder, as Metaflow does, else beside the flow.
    fn config_file(&mut self, path: &Path, missing: &str, span: Span) -> Known<(String, Span)> {
        let beside = self.folder.join(path);
        for candidate in [path, &beside] {
            if let Ok(Some(bytes)) = self.inputs.files.read(candidate) {
                let candidate = candidate.to_path_buf();
                if !self.files_read.contains(&candidate) {
                    self.files_read.push(candidate);
                }
                // `open(path, "r")` knows one kind of line end.
                let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
                return Ok((text.replace('\r', "\n"), span));
            }
        }
        Err(raise(span, "UsageError", missing))
    }

    fn config_path(&mut self, applied: &Applied<'a>) -> Evaluation<'a> {
        let name = self.config_name(applied).unwrap_or_default();
        let content = self.config_content(applied)?;
        // `config["a.b"]` is evaluated as `config.a.b`.
        let path: Vec<String> = applied
            .path
            .iter()
            .flat_map(|part| part.split('.'))
            .map(str::to_owned)
            .collect();
        let full = std::iter::once(&name)
            .chain(&path)
            .cloned()
            .collect::<Vec<_>>()
            .join(".");
        let is_identifier = |part: &String| {
            part.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !part.starts_with(|c: char| c.is_ascii_digit())
        };
        if !path.is_empty()
            && let Some(part) = std::iter::once(&name)
                .chain(&path)
                .find(|part| !is_identifier(part))
        {
            let message = format!("'{part}' is no identifier, so that `{full}` cannot be evaluated");
            return Err(raise(applied.span, "AttributeError", message));
        }
        let mut value = &content;
        for part in &path {
            value = match (value, value.get(part)) {
                (_, Some(found)) => found,
                (Value::Dict(_), None) => return Err(raise(applied.span, "AttributeError", part.as_str())),
                (other, None) => {
                    let message = format!("'{}' object has no attribute '{part}'", other.type_name());
                    return Err(raise(applied.span, "AttributeError", message));
                }
            };
        }
        Ok(self.from_config(value, full))
    }

    /// An object that rests on a configuration.
    fn from_config(&self, value: &Value, path: String) -> Thing<'a> {
        let depends_on = Some(Rc::new([Input::Config(path)].into()));
        let mut thing = self.thing_of(value);
        thing.depends_on = depends_on;
        thing
    }

    /// Is it a mapping that holds the text as a key?
    pub fn has_key(&mut self, resolved: &Thing<'a>, name: &str, span: Span) -> Known<bool> {
        let Object::Dict(entries) = &resolved.object else {
            return Ok(false);
        };
        let entries = entries.read().map_err(Stop::Unknown)?;
        let key = Thing::constant(Value::str(name));
        Ok(self.find(&entries, &key, span)?.is_some())
    }

    /// An attribute of a configuration's mapping: in `config_expr`, keys are attributes.
    pub fn config_member(&mut self, resolved: &Thing<'a>, name: &str, span: Span) -> Evaluation<'a> {
        if let Object::Dict(entries) = &resolved.object {
            let entries = entries.read().map_err(Stop::Unknown)?;
            let key = Thing::constant(Value::str(name));
            return match self.find(&entries, &key, span)?.and_then(|at| entries.get(at)) {
                Some((_, value)) => Ok(value.clone().resting_on([resolved])),
                None => Err(raise(span, "AttributeError", name)),
            };
        }
        let name = self.arena.name(name);
        self.attribute_of(resolved, name, span)
    }

    fn config_expression(&mut self, applied: &Applied<'a>) -> Evaluation<'a> {
        let span = applied.span;
        let Some(argument) = applied.argument(0, "expr") else {
            return Err(type_error(
                span,
                "config_expr() missing 1 required positional argument: 'expr'",
            ));
        };
        if applied.arguments.len() > 1 {
            let given = applied.arguments.len();
            let message = format!("config_expr() takes 1 positional argument but {given} were given");
            return Err(type_error(span, message));
        }
        let text = match &argument.thing.object {
            Object::Constant(Value::Str(text)) => text,
            Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) => {
                let kind = self.type_name(&argument.thing);
                let message = format!("expected string or bytes-like object, got '{kind}'");
                return Err(type_error(span, message));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&argument.thing, span))),
        };
        let mut text = text.trim().to_owned();
        for part in &applied.path {
            text.push('.');
            text.push_str(part);
        }
        let Some(parsed) = self.parse_text(&text, span) else {
            let message = format!("Config expression '{text}' is not a Python expression");
            return Err(raise(span, "SyntaxError", message));
        };
        let [Stmt::Expr(statement)] = parsed.body.as_slice() else {
            let message = format!("Config expression '{text}' is not a Python expression");
            return Err(raise(span, "SyntaxError", message));
        };
        let Some(scope) = self.config_scope(span) else {
            return Err(unknown(span, "the module of the Config is not known"));
        };
        let was_resolving = std::mem::replace(&mut self.is_resolving, true);
        let before = self.fixed_span.replace(span);
        self.catchers += 1;
        let result = self
            .evaluate(&statement.value, &scope)
            .and_then(|thing| match &thing.object {
                Object::Applied(inner) => self.resolve_config(inner).unwrap_or_else(|| Ok(thing.clone())),
                _ => Ok(thing),
            });
        self.catchers -= 1;
        self.fixed_span = before;
        self.is_resolving = was_resolving;
        result
    }

    /// A text that stands in no file of its own; none where Python would not parse it.
    pub fn parse_text(&mut self, text: &str, span: Span) -> Option<&'a Parsed> {
        if text.matches(['(', '[', '{']).count() > 200 {
            return None;
        }
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let had_errors = !parsed.errors().is_empty();
        let ast::Mod::Module(module) = parsed.into_syntax() else {
            return None;
        };
        if had_errors {
            return None;
        }
        Some(self.arena.keep(Parsed {
            source: span.source,
            text: Arc::from(text),
            body: module.body.into_iter().collect(),
            path: PathBuf::new(),
            had_errors,
            is_partial: had_errors,
        }))
    }

    /// The globals of the module with the Configs by their names before them.
    fn config_scope(&mut self, span: Span) -> Option<Scope<'a>> {
        let modules = self.modules.values().flatten().chain(self.entry_module.as_ref());
        let module = Rc::clone(modules.into_iter().find(|module| module.source == span.source)?);
        let names = self.namespace();
        let mut bound = Vec::new();
        for config in self.configs.clone() {
            let Some(name) = self.config_name(&config) else {
                continue;
            };
            let name = self.arena.name(&name);
            let thing = Thing::new(Object::Applied(config));
            names.set(name, Binding { thing, span });
            bound.push(name);
        }
        let locals = Locals {
            bound,
            ..Locals::default()
        };
        Some(Scope::of_module(module).inner(FrameKind::Function(Rc::new(locals)), names))
    }
}
