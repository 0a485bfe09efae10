//! `@dataclass`: the fields of its objects, and what Python refuses of them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "fields and decorators are of any kind"
)]

use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::convert::Given;
use super::interpreter::{Interpreter, Known, Stop, raise, type_error};
use super::object::{Applied, Binding, Class, Instance, Object, Thing};
use super::parse::span_of;
use crate::source::Span;
use crate::value::Value;

/// Arguments of `@dataclass` that change nothing about the order of fields and the arguments of `__init__`.
const PLAIN: [&str; 5] = ["eq", "frozen", "order", "repr", "unsafe_hash"];

/// `name: int = 3`
struct Field<'a> {
    name: &'a str,
    span: Span,
    default: Option<Thing<'a>>,
    /// By `field(…)`.
    is_made: bool,
}

impl<'a> Interpreter<'a> {
    /// The fields of a plain `@dataclass`; false where its `__init__` is not followed.
    pub(super) fn fill_dataclass(
        &mut self,
        class: &Rc<Class<'a>>,
        instance: &Rc<Instance<'a>>,
        given: &Given<'a>,
        span: Span,
    ) -> Known<bool> {
        let is_plain = is_plain_dataclass(class);
        let has_own = class.namespace.get("__init__").is_some();
        if !is_plain || has_own || !class.bases.is_empty() {
            return Ok(false);
        }
        let Some(fields) = self.fields(class) else {
            return Ok(false);
        };
        let mut positional = given.positional();
        for Field {
            name,
            default,
            is_made,
            ..
        } in &fields
        {
            let named = given
                .keywords()
                .find(|(key, _)| key == name)
                .map(|(_, argument)| argument);
            let thing = match (positional.next().or(named), default) {
                (Some(argument), _) => argument.thing.clone(),
                (None, _) if *is_made => {
                    self.provoke_factory(class, name, span)?;
                    return Ok(false);
                }
                (None, Some(default)) => default.clone(),
                (None, None) => {
                    let message = format!(
                        "{}.__init__() missing 1 required positional argument: '{name}'",
                        class.name
                    );
                    return Err(type_error(span, message));
                }
            };
            instance.attributes.set(name, Binding { thing, span });
        }
        if let Some(argument) = positional.next() {
            let (most, count) = (fields.len() + 1, given.positional().count() + 1);
            let message = format!(
                "{}.__init__() takes {most} positional arguments but {count} were given",
                class.name
            );
            return Err(type_error(argument.span, message));
        }
        if let Some((name, argument)) = given
            .keywords()
            .find(|(name, _)| !fields.iter().any(|field| field.name == *name))
        {
            let message = format!(
                "{}.__init__() got an unexpected keyword argument '{name}'",
                class.name
            );
            return Err(type_error(argument.span, message));
        }
        if let Some(method) = class.namespace.get("__post_init__") {
            return self.prepare(&method.thing, instance, span);
        }
        Ok(true)
    }

    /// `__post_init__`; false where it is not followed.
    fn prepare(&mut self, method: &Thing<'a>, instance: &Rc<Instance<'a>>, span: Span) -> Known<bool> {
        let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
        match self.call(method, Given::of(vec![(receiver, span)]), span) {
            Ok(result) => Ok(result.why().is_none()),
            Err(Stop::Unknown(_)) => Ok(false),
            Err(raised) => Err(raised),
        }
    }

    /// What `field(default_factory=…)` raises.
    fn provoke_factory(&mut self, class: &Class<'a>, name: &str, span: Span) -> Known<()> {
        let Some(binding) = class.namespace.get(name) else {
            return Ok(());
        };
        let Object::Applied(applied) = &binding.thing.object else {
            return Ok(());
        };
        let factory = applied
            .arguments
            .iter()
            .find(|argument| argument.name == Some("default_factory"));
        let Some(factory) = factory else { return Ok(()) };
        match self.call(&factory.thing, Given::default(), span) {
            Err(Stop::Raise(raised)) => Err(Stop::Raise(raised)),
            Ok(_) | Err(Stop::Unknown(_)) => Ok(()),
        }
    }

    /// What `@dataclass` refuses: a list as default, a field without default behind one that has one.
    pub(super) fn check_fields(&mut self, class: &Rc<Class<'a>>) -> Known<()> {
        if !is_plain_dataclass(class) || !class.bases.is_empty() || class.namespace.why_open().is_some() {
            return Ok(());
        }
        let Some(fields) = self.fields(class) else {
            return Ok(());
        };
        let is_unknown =
            |field: &Field<'a>| field.default.as_ref().is_some_and(|thing| thing.why().is_some());
        if fields.iter().any(is_unknown) {
            return Ok(());
        }
        let mut has_default = false;
        for Field {
            name, span, default, ..
        } in fields
        {
            if let Some(kind) = default.as_ref().and_then(mutable_kind) {
                let message = format!(
                    "mutable default <class '{kind}'> for field {name} is not allowed: use default_factory"
                );
                return self.refuse(raise(span, "ValueError", message));
            }
            if has_default && default.is_none() {
                let message = format!("non-default argument '{name}' follows default argument");
                return self.refuse(type_error(span, message));
            }
            has_default |= default.is_some();
        }
        Ok(())
    }

    /// The fields that `__init__` takes; nothing where not all of them are plain.
    fn fields(&self, class: &Rc<Class<'a>>) -> Option<Vec<Field<'a>>> {
        let mut fields: Vec<Field<'a>> = Vec::new();
        for statement in &class.node.body {
            let field = match statement {
                Stmt::AnnAssign(field) => field,
                Stmt::FunctionDef(_)
                | Stmt::ClassDef(_)
                | Stmt::Assign(_)
                | Stmt::Pass(_)
                | Stmt::Expr(_) => {
                    continue;
                }
                _ => return None,
            };
            let Expr::Name(name) = &*field.target else {
                return None;
            };
            let name = name.id.as_str();
            if !is_plain_annotation(&field.annotation) || fields.iter().any(|known| known.name == name) {
                return None;
            }
            let written = class.namespace.get(name).map(|binding| binding.thing);
            let (default, is_made) = match &written {
                Some(thing) => match &thing.object {
                    Object::Applied(applied) => (default_of_field(applied)?, true),
                    _ => (written, false),
                },
                None => (None, false),
            };
            fields.push(Field {
                name,
                span: span_of(class.source, field.target.range()),
                default,
                is_made,
            });
        }
        Some(fields)
    }

    /// Does setting an attribute of the object raise, because its class is frozen?
    pub(super) fn is_frozen(&mut self, class: &Rc<Class<'a>>) -> bool {
        let is_frozen = class.decorators.borrow().iter().any(|decoration| {
            matches!(&decoration.decorator.object, Object::Applied(applied) if applied
                .arguments
                .iter()
                .any(|argument| argument.name == Some("frozen")
                    && matches!(argument.thing.object, Object::Constant(Value::Bool(true)))))
        });
        is_frozen && is_plain_dataclass(class) && class.bases.is_empty()
    }
}

fn is_plain_dataclass(class: &Class<'_>) -> bool {
    let decorators = class.decorators.borrow();
    let [decoration] = decorators.as_slice() else {
        return false;
    };
    match &decoration.decorator.object {
        Object::External(name) => &**name == "dataclasses.dataclass",
        Object::Applied(applied) => {
            &*applied.callee == "dataclasses.dataclass"
                && applied
                    .arguments
                    .iter()
                    .all(|argument| argument.name.is_some_and(|name| PLAIN.contains(&name)))
        }
        _ => false,
    }
}

/// `int`, `list[str]`, `a.B | None`, not what might be `ClassVar`, `InitVar`, `KW_ONLY`.
fn is_plain_annotation(annotation: &Expr) -> bool {
    const ODD: [&str; 3] = ["ClassVar", "InitVar", "KW_ONLY"];
    let is_odd = |name: &str| ODD.contains(&name);
    match annotation {
        Expr::Name(name) => !is_odd(&name.id),
        Expr::Attribute(attribute) => !is_odd(&attribute.attr),
        Expr::Subscript(subscript) => is_plain_annotation(&subscript.value),
        Expr::BinOp(node) => is_plain_annotation(&node.left) && is_plain_annotation(&node.right),
        Expr::NoneLiteral(_) => true,
        Expr::StringLiteral(text) => !ODD.iter().any(|odd| text.value.to_str().contains(odd)),
        _ => false,
    }
}

/// What `field(…)` gives as default, a stand-in for what a factory makes; nothing where it is no plain field.
#[expect(clippy::option_option, reason = "not plain, or plain without a default")]
fn default_of_field<'a>(applied: &Applied<'a>) -> Option<Option<Thing<'a>>> {
    if &*applied.callee != "dataclasses.field" {
        return None;
    }
    let mut default = None;
    for argument in &applied.arguments {
        match argument.name? {
            "default" => default = Some(argument.thing.clone()),
            "default_factory" => default = Some(Thing::constant(Value::None)),
            "repr" | "compare" | "hash" | "metadata" => {}
            _ => return None,
        }
    }
    let is_unknown = default
        .as_ref()
        .is_some_and(|thing: &Thing<'a>| thing.why().is_some());
    (!is_unknown).then_some(default)
}

fn mutable_kind(thing: &Thing<'_>) -> Option<&'static str> {
    match &thing.object {
        Object::List(_) => Some("list"),
        Object::Dict(_) => Some("dict"),
        Object::Set(items) if !items.is_frozen.get() => Some("set"),
        _ => None,
    }
}
