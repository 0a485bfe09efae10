//! Between objects and constants: what an object is worth where a value is meant.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::interpreter::{Interpreter, Known, MOST_ELEMENTS, Stop, opaque, type_error, unknown};
use super::library;
use super::object::{Applied, Argument, Function, Object, Part, Thing};
use crate::source::Span;
use crate::value::{Call, Evaluated, Input, Placeholder, PlaceholderUse, Unknown, Value, Why};

/// Containers in containers, deeper than any program needs.
const MOST_NESTED: u32 = 100;

impl<'a> Interpreter<'a> {
    /// The object of a constant; containers get an identity.
    pub fn thing_of(&self, value: &Value) -> Thing<'a> {
        let things = |items: &[Value]| items.iter().map(|item| self.thing_of(item)).collect::<Vec<_>>();
        match value {
            Value::List(items) => self.list(things(items)),
            Value::Tuple(items) => Thing::new(Object::Tuple(Rc::new(things(items)))),
            Value::Set(items) => Thing::new(Object::Set(self.shared(things(items)))),
            Value::Dict(entries) => {
                let pair = |(key, value): &(Value, Value)| (self.thing_of(key), self.thing_of(value));
                self.dict(entries.iter().map(pair).collect())
            }
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::Ellipsis
            | Value::Function(_)
            | Value::Call(_) => Thing::constant(value.clone()),
        }
    }

    /// The constant that an object is, all that it holds included; for texts, comparisons, sorting.
    pub fn value_of(&mut self, thing: &Thing<'a>, span: Span) -> Known<Value> {
        self.worth(thing, span, Rim::Inside, &mut Walk::default(), 0)
    }

    /// What is known of an object where flows hand a value to Metaflow.
    pub fn evaluated(&mut self, thing: &Thing<'a>, span: Span) -> Evaluated {
        let mut walk = Walk::default();
        let result = match self.worth(thing, span, Rim::Outside, &mut walk, 0) {
            Ok(value) => Ok(value),
            Err(Stop::Unknown(unknown) | Stop::Raise(unknown)) => Err(unknown),
        };
        let depends_on: BTreeSet<Input> = walk.rests_on.map(Rc::unwrap_or_clone).unwrap_or_default();
        Evaluated {
            span,
            result,
            depends_on,
        }
    }

    fn worth(
        &mut self,
        thing: &Thing<'a>,
        span: Span,
        rim: Rim,
        walk: &mut Walk,
        depth: u32,
    ) -> Known<Value> {
        if depth > MOST_NESTED {
            return Err(unknown(span, "it is nested too deeply"));
        }
        if thing.depends_on.is_some() {
            walk.rests_on = super::object::union(walk.rests_on.take(), thing.depends_on.as_ref());
        }
        walk.size += 1;
        if let Object::Constant(Value::Str(text)) = &thing.object
            && depth > 0
        {
            // Several variables as long as Linux allows are too much for Argo: to be refused, they have to be known.
            walk.size = walk.size.saturating_add(text.len() / 40);
        }
        if walk.size > MOST_ELEMENTS {
            return Err(unknown(span, "it has too many elements"));
        }
        let mut worth = |this: &mut Self, item: &Thing<'a>| this.worth(item, span, rim, walk, depth + 1);
        match &thing.object {
            Object::Constant(value) => Ok(value.clone()),
            Object::Tuple(items) => {
                self.make_room(items.len(), span)?;
                let values: Known<Vec<Value>> = items.iter().map(|item| worth(self, item)).collect();
                Ok(Value::Tuple(values?))
            }
            Object::List(items) => {
                let items = items.read().map_err(Stop::Unknown)?;
                self.make_room(items.len(), span)?;
                let values: Known<Vec<Value>> = items.iter().map(|item| worth(self, item)).collect();
                Ok(Value::List(values?))
            }
            Object::Set(items) => {
                let items = items.read().map_err(Stop::Unknown)?;
                if rim == Rim::Inside {
                    return Err(unknown(span, "the order of a set is not known"));
                }
                self.make_room(items.len(), span)?;
                let values: Known<Vec<Value>> = items.iter().map(|item| worth(self, item)).collect();
                Ok(Value::Set(values?))
            }
            Object::Dict(entries) => {
                let entries = entries.read().map_err(Stop::Unknown)?;
                self.make_room(entries.len(), span)?;
                let pairs: Known<Vec<(Value, Value)>> = entries
                    .iter()
                    .map(|(key, value)| Ok((worth(self, key)?, worth(self, value)?)))
                    .collect();
                Ok(Value::Dict(pairs?))
            }
            Object::Function(function) if rim == Rim::Outside => {
                Ok(Value::Function(Arc::from(function.name)))
            }
            Object::Applied(applied) if rim == Rim::Outside => {
                if let Some(resolved) = self.resolve_config(applied) {
                    let resolved = resolved?;
                    return self.worth(&resolved, span, rim, walk, depth + 1);
                }
                self.call_worth(applied, span, walk, depth)
            }
            Object::Applied(applied) if self.is_resolving => match self.resolve_config(applied) {
                Some(resolved) => {
                    let resolved = resolved?;
                    self.worth(&resolved, span, rim, walk, depth + 1)
                }
                None => Err(Stop::Unknown(self.why_unknown(thing, span))),
            },
            Object::Range(_)
            | Object::View(_)
            | Object::Iterator(_)
            | Object::Path(_)
            | Object::Function(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Class(_)
            | Object::Module(_)
            | Object::External(_)
            | Object::Applied(_)
            | Object::Instance(_)
            | Object::Names(_)
            | Object::Unknown(_) => Err(Stop::Unknown(self.why_unknown(thing, span))),
        }
    }

    /// The few calls that decorators take as they are: `timedelta(hours=1)`.
    fn call_worth(&mut self, applied: &Applied<'a>, span: Span, walk: &mut Walk, depth: u32) -> Known<Value> {
        let is_known = Call::KNOWN.contains(&&*applied.callee);
        if !is_known || !applied.path.is_empty() || applied.unknown_arguments.is_some() {
            let thing = Thing::new(Object::Applied(Rc::new(applied.clone())));
            return Err(Stop::Unknown(self.why_unknown(&thing, span)));
        }
        let mut arguments = Vec::new();
        for argument in &applied.arguments {
            let value = self.worth(&argument.thing, argument.span, Rim::Outside, walk, depth + 1)?;
            arguments.push((argument.name.map(Arc::from), value));
        }
        Ok(Value::Call(Arc::new(Call {
            callee: Arc::from(&*applied.callee),
            arguments,
        })))
    }

    /// Why an object is no constant.
    pub fn why_unknown(&self, thing: &Thing<'a>, span: Span) -> Unknown {
        match &thing.object {
            Object::Unknown(unknown) => unknown.clone(),
            Object::External(name) => why_external(name, span),
            Object::Applied(applied) => self.why_applied(applied, span),
            Object::Instance(instance) => opaque(
                span,
                format!("it is an object of the class `{}`", instance.class.name),
            ),
            Object::Class(class) => opaque(span, format!("`{}` is a class, not a value", class.name)),
            Object::Module(module) => opaque(span, format!("`{}` is a module, not a value", module.name)),
            Object::Function(function) => {
                opaque(span, format!("`{}` is a function, not a value", function.name))
            }
            Object::Method(_) => opaque(span, "it is a method, not a value"),
            Object::Partial(_) => opaque(span, "it is a function, not a value"),
            Object::Names(_) => opaque(span, "it holds the names of a scope"),
            Object::Range(_) => opaque(span, "it is a range, not a list"),
            Object::View(_) => opaque(span, "it is a view of a dict, not a list"),
            Object::Iterator(_) => opaque(span, "it is an iterator, not a list"),
            Object::Path(path) if path.is_anchored => opaque(
                span,
                "it is the absolute path of a file on the machine that runs the flow",
            ),
            Object::Path(_) => opaque(span, "it is a `Path` object, not a text"),
            Object::Constant(_) | Object::Tuple(_) | Object::List(_) | Object::Set(_) | Object::Dict(_) => {
                opaque(span, "what it holds is not known")
            }
        }
    }

    fn why_applied(&self, applied: &Applied<'a>, span: Span) -> Unknown {
        match placeholder(applied) {
            Some((kind, name)) => Unknown {
                span,
                why: Why::Placeholder {
                    kind,
                    name,
                    used: PlaceholderUse::Bare,
                },
            },
            None if &*applied.callee == "metaflow.config_expr" => opaque(span, "it is a `config_expr`"),
            None => opaque(
                applied.span,
                format!("`{}` is called, which is outside of the project", applied.callee),
            ),
        }
    }

    /// An object in a position where its value counts: placeholders are at fault there.
    pub fn used_as(&mut self, thing: Thing<'a>, used: PlaceholderUse, span: Span) -> Known<Thing<'a>> {
        let Object::Applied(applied) = &thing.object else {
            if let Object::Unknown(unknown) = thing.object {
                return Err(Stop::Unknown(unknown));
            }
            return Ok(thing);
        };
        if self.is_resolving
            && let Some(resolved) = self.resolve_config(applied)
        {
            return resolved;
        }
        let Some((kind, name)) = placeholder(applied) else {
            return Ok(thing);
        };
        let why = Why::Placeholder { kind, name, used };
        let fault = Unknown { span, why };
        Err(match used {
            PlaceholderUse::Arithmetic => Stop::Raise(fault),
            PlaceholderUse::Truth | PlaceholderUse::Text | PlaceholderUse::Item | PlaceholderUse::Bare => {
                Stop::Unknown(fault)
            }
        })
    }

    /// The name of a type, as Python's messages give it.
    pub fn type_name(&self, thing: &Thing<'a>) -> String {
        match &thing.object {
            Object::Constant(value) => value.type_name().to_owned(),
            Object::Tuple(_) => "tuple".to_owned(),
            Object::List(_) => "list".to_owned(),
            Object::Set(items) if items.is_frozen.get() => "frozenset".to_owned(),
            Object::Set(_) => "set".to_owned(),
            Object::Dict(_) | Object::Names(_) => "dict".to_owned(),
            Object::Range(_) => "range".to_owned(),
            Object::View(view) => match view.part {
                Part::Keys => "dict_keys".to_owned(),
                Part::Values => "dict_values".to_owned(),
                Part::Items => "dict_items".to_owned(),
            },
            Object::Iterator(_) => "generator".to_owned(),
            Object::Path(path) if path.is_text => "str".to_owned(),
            Object::Path(_) => "PosixPath".to_owned(),
            Object::Function(_) => "function".to_owned(),
            Object::Method(_) => "method".to_owned(),
            Object::Partial(_) => "functools.partial".to_owned(),
            Object::Class(_) => "type".to_owned(),
            Object::Module(_) => "module".to_owned(),
            Object::Instance(instance) => instance.class.name.to_owned(),
            Object::External(_) | Object::Applied(_) | Object::Unknown(_) => "object".to_owned(),
        }
    }
}

/// What the walk over one value met so far.
#[derive(Default)]
struct Walk {
    rests_on: Option<Rc<BTreeSet<Input>>>,
    /// Elements, those of a shared part as often as it is held, as they would be written; long texts count as more.
    size: usize,
}

/// Is the value to be handed out, or used by Python?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rim {
    Inside,
    Outside,
}

/// The placeholder that a call makes, with its name.
pub(super) fn placeholder(applied: &Applied<'_>) -> Option<(Placeholder, String)> {
    let kind = match &*applied.callee {
        "metaflow.Parameter" => Placeholder::Parameter,
        "metaflow.IncludeFile" => Placeholder::IncludeFile,
        "metaflow.Config" | "metaflow.config_expr" => Placeholder::Config,
        _ => return None,
    };
    if kind != Placeholder::Config && !applied.path.is_empty() {
        return None;
    }
    let mut name = match applied.argument(0, "name").map(|argument| &argument.thing.object) {
        Some(Object::Constant(Value::Str(name))) => name.to_string(),
        _ => String::from("?"),
    };
    for part in &applied.path {
        name.push('.');
        name.push_str(part);
    }
    Some((kind, name))
}

fn why_external(name: &str, span: Span) -> Unknown {
    if let Some(what) = name.strip_prefix("metaflow.current") {
        let what = format!("current{what}");
        return Unknown {
            span,
            why: Why::Runtime { what },
        };
    }
    let reason = match name.strip_prefix("builtins.") {
        Some(name) => format!("`{name}` is a function or type, not a value"),
        None if library::is_callable(name) => format!("`{name}` is a function or class, not a value"),
        None => format!("`{name}` comes from outside of the project"),
    };
    opaque(span, reason)
}

/// Arguments of a call, with what is not known of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Given<'a> {
    pub arguments: Vec<Argument<'a>>,
    /// `*x` or `**x` of unknown content: there may be more.
    pub unknown: Option<Unknown>,
}

impl<'a> Given<'a> {
    pub fn of(things: Vec<(Thing<'a>, Span)>) -> Self {
        let positional = |(thing, span)| Argument {
            name: None,
            name_span: span,
            span,
            thing,
            is_unchecked: false,
        };
        Self {
            arguments: things.into_iter().map(positional).collect(),
            unknown: None,
        }
    }

    pub fn positional(&self) -> impl Iterator<Item = &Argument<'a>> {
        self.arguments.iter().filter(|argument| argument.name.is_none())
    }

    pub fn keywords(&self) -> impl Iterator<Item = (&'a str, &Argument<'a>)> {
        self.arguments
            .iter()
            .filter_map(|argument| Some((argument.name?, argument)))
    }

    /// The arguments under the names of parameters; `None` for those not given.
    pub fn bound<const N: usize>(
        &self,
        callee: &str,
        names: [&str; N],
        span: Span,
    ) -> Known<[Option<Thing<'a>>; N]> {
        if let Some(unknown) = &self.unknown {
            return Err(Stop::Unknown(unknown.clone()));
        }
        let mut bound = [const { None }; N];
        for (count, argument) in self.positional().enumerate() {
            let Some(slot) = bound.get_mut(count) else {
                let message = format!(
                    "{callee}() takes at most {N} arguments ({} given)",
                    self.arguments.len()
                );
                return Err(type_error(span, message));
            };
            *slot = Some(argument.thing.clone());
        }
        for (name, argument) in self.keywords() {
            let position = names.iter().position(|candidate| *candidate == name);
            let Some(slot) = position.and_then(|position| bound.get_mut(position)) else {
                return Err(type_error(
                    span,
                    format!("{callee}() got an unexpected keyword argument '{name}'"),
                ));
            };
            *slot = Some(argument.thing.clone());
        }
        Ok(bound)
    }

    /// The first argument that is not known, where an unknown argument makes an unknown result.
    pub fn first_unknown(&self) -> Option<&Unknown> {
        let mut arguments = self.arguments.iter();
        self.unknown
            .as_ref()
            .or_else(|| arguments.find_map(|argument| argument.thing.why()))
    }
}

/// Is it a function that a decorator of Metaflow made a user step decorator?
pub(super) fn is_user_decorator(function: &Function<'_>) -> bool {
    let decorators = function.decorators.borrow();
    let mut names = decorators.iter().map(|decoration| &decoration.decorator.object);
    names.any(is_user_step_decorator)
}

/// `user_step_decorator`, or that with arguments.
pub(crate) fn is_user_step_decorator(object: &Object<'_>) -> bool {
    const NAME: &str = "metaflow.user_step_decorator";
    if let Object::External(name) = object {
        return &**name == NAME;
    }
    matches!(object, Object::Applied(applied) if &*applied.callee == NAME && applied.path.is_empty())
}
