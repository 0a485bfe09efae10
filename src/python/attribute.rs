//! `x.name` and `x[key]`: attributes of modules, classes, instances and builtin types, items of containers.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds of objects behave alike here"
)]

use std::rc::Rc;

use super::containers;
use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Stop, raise, unknown};
use super::metaflow::{self, Found};
use super::object::{Applied, Binding, Class, Function, Instance, Method, MethodKind, Module, Object, Thing};
use super::text;
use crate::source::Span;
use crate::value::{Unknown, Value, Why};

const INT_NAMES: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "imag",
    "is_integer",
    "numerator",
    "real",
    "to_bytes",
];
const FLOAT_NAMES: &[&str] = &[
    "as_integer_ratio",
    "conjugate",
    "fromhex",
    "hex",
    "imag",
    "is_integer",
    "real",
];

impl<'a> Interpreter<'a> {
    /// `value.name`.
    pub fn attribute_of(&mut self, value: &Thing<'a>, name: &'a str, span: Span) -> Evaluation<'a> {
        let found = match &value.object {
            Object::Module(_) | Object::Instance(_) if name == "__dict__" => self.names_of(value, span)?,
            Object::Module(module) => self.module_member(module, name, span)?,
            Object::External(external) => match self.patched(external, name) {
                Some(patched) => patched,
                None => {
                    self.doubt_attribute(external);
                    external_attribute(external, name, span)?
                }
            },
            Object::Applied(applied) => self.applied_attribute(applied, name, span)?,
            Object::Class(class) => self.class_member(class, name, span)?,
            Object::Instance(instance) => self.instance_member(instance, name, span)?,
            Object::Function(function) => self.function_attribute(function, name, span)?,
            Object::Path(path) => self.path_attribute(path, name, value, span)?,
            Object::Unknown(why) => return Err(Stop::Unknown(why.clone())),
            Object::Partial(_) | Object::Method(_) => {
                return Err(unknown(
                    span,
                    format!("the attribute `{name}` of a function is not followed"),
                ));
            }
            Object::Constant(_)
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Range(_)
            | Object::View(_)
            | Object::Names(_)
            | Object::Iterator(_) => self.builtin_attribute(value, name, span)?,
        };
        Ok(found.resting_on([value]))
    }

    fn builtin_attribute(&mut self, value: &Thing<'a>, name: &'a str, span: Span) -> Evaluation<'a> {
        if self.is_resolving
            && matches!(value.object, Object::Dict(_))
            && !containers::DICT_METHODS.contains(&name)
        {
            return self.config_member(value, name, span);
        }
        let is_method = match &value.object {
            Object::Constant(Value::Str(_)) => text::METHODS.contains(&name),
            Object::List(_) => containers::LIST_METHODS.contains(&name) || is_special(name),
            Object::Dict(_) | Object::Names(_) => {
                containers::DICT_METHODS.contains(&name) || is_special(name)
            }
            Object::Set(items) if items.is_frozen.get() => containers::FROZEN_METHODS.contains(&name),
            Object::Set(_) => containers::SET_METHODS.contains(&name) || is_special(name),
            Object::Tuple(_) => containers::TUPLE_METHODS.contains(&name),
            Object::Constant(Value::Int(_) | Value::Bool(_)) => {
                return self.number_attribute(value, INT_NAMES, name, span);
            }
            Object::Constant(Value::Float(_)) => {
                return self.number_attribute(value, FLOAT_NAMES, name, span);
            }
            Object::Constant(Value::None) => false,
            Object::View(_) if !matches!(name, "mapping" | "isdisjoint") => false,
            Object::Range(_) if !matches!(name, "start" | "stop" | "step" | "count" | "index") => false,
            _ => {
                return Err(unknown(
                    span,
                    format!("the attribute `{name}` of a builtin type is not followed"),
                ));
            }
        };
        if is_method {
            return Ok(Thing::new(Object::Method(Rc::new(Method {
                receiver: value.clone(),
                kind: MethodKind::BuiltIn(name),
            }))));
        }
        if name.starts_with("__") {
            return Err(unknown(
                span,
                format!("the attribute `{name}` of a builtin type is not followed"),
            ));
        }
        let kind = self.type_name(value);
        Err(raise(
            span,
            "AttributeError",
            format!("'{kind}' object has no attribute '{name}'"),
        ))
    }

    fn number_attribute(
        &mut self,
        value: &Thing<'a>,
        known: &[&str],
        name: &'a str,
        span: Span,
    ) -> Evaluation<'a> {
        if known.contains(&name) || name.starts_with("__") {
            return Err(unknown(
                span,
                format!("the attribute `{name}` of a number is not followed"),
            ));
        }
        let kind = self.type_name(value);
        Err(raise(
            span,
            "AttributeError",
            format!("'{kind}' object has no attribute '{name}'"),
        ))
    }

    pub fn module_member(&mut self, module: &Rc<Module<'a>>, name: &'a str, span: Span) -> Evaluation<'a> {
        if let Some(thing) = self.bound_in_module(name, module) {
            return Ok(thing);
        }
        if let Some(thing) = self.module_attribute(name, module) {
            return Ok(thing);
        }
        if let Some(why) = module.namespace.why_open() {
            return Err(Stop::Unknown(why));
        }
        if module.namespace.get("__getattr__").is_some() {
            return Err(unknown(
                span,
                format!("`{}` answers by its `__getattr__`", module.name),
            ));
        }
        let message = if module.is_complete.get() {
            format!("module '{}' has no attribute '{name}'", module.name)
        } else {
            format!(
                "partially initialized module '{}' has no attribute '{name}' (most likely due to a circular import)",
                module.name
            )
        };
        Err(raise(span, "AttributeError", message))
    }

    /// `config.a.b` builds a path; attributes of other results of externals are just remembered.
    fn applied_attribute(&mut self, applied: &Rc<Applied<'a>>, name: &str, span: Span) -> Evaluation<'a> {
        if self.is_resolving
            && let Some(resolved) = self.resolve_config(applied)
        {
            // Inside of `config_expr`, a Config's mapping has its keys as attributes.
            let resolved = resolved?;
            if containers::DICT_METHODS.contains(&name) || name == "to_dict" {
                let name = if name == "to_dict" {
                    "copy"
                } else {
                    self.arena.name(name)
                };
                return self.attribute_of(&resolved, name, span);
            }
            if !self.has_key(&resolved, name, span)? {
                return self.config_member(&resolved, name, span);
            }
        }
        // `cfg.name` is the Config's own name, not an entry of its value; a Parameter has one too.
        if !self.is_resolving
            && name == "name"
            && matches!(
                &*applied.callee,
                "metaflow.Config" | "metaflow.Parameter" | "metaflow.IncludeFile"
            )
            && applied.path.is_empty()
            && let Some(argument) = applied.argument(0, "name")
        {
            return Ok(argument.thing.clone());
        }
        if applied.path.is_empty() && !metaflow::has_attribute(&applied.callee, name) {
            let kind = applied.callee.trim_start_matches("metaflow.");
            let message = format!("'{kind}' object has no attribute '{name}'");
            return Err(raise(span, "AttributeError", message));
        }
        self.doubt_foreign(&applied.callee);
        let mut extended = (**applied).clone();
        extended.path.push(name.to_owned());
        extended.span = span;
        Ok(Thing::new(Object::Applied(Rc::new(extended))))
    }

    /// `C.name`: the class and its bases in order.
    /// `Inner.__name__`, which the class body does not decide.
    fn own_name(&self, class: &Rc<Class<'a>>, attribute: &str, own: &str, span: Span) -> Evaluation<'a> {
        if let Some(binding) = class.namespace.get(own) {
            return Ok(binding.thing);
        }
        let is_of_module = self
            .entry_module
            .as_ref()
            .and_then(|module| module.get(class.name))
            .is_some_and(
                |found| matches!(&found.thing.object, Object::Class(found) if Rc::ptr_eq(found, class)),
            );
        if attribute == "__name__" || is_of_module {
            return Ok(Thing::constant(Value::str(class.name)));
        }
        Err(unknown(span, "it depends on where the class stands"))
    }

    fn class_member(&mut self, class: &Rc<Class<'a>>, name: &'a str, span: Span) -> Evaluation<'a> {
        if let Some(own) = Class::own_name(name) {
            return self.own_name(class, name, own, span);
        }
        if let Some((owner, binding)) = self.find_member(class, name) {
            if self.is_enumeration(&owner) && !matches!(binding.thing.object, Object::Function(_)) {
                return Ok(self.enumeration_member(&owner, name, &binding));
            }
            return match &binding.thing.object {
                Object::Function(function) => Ok(self.class_function(class, function, &binding.thing, span)),
                Object::Applied(applied) if applied.callee.starts_with("dataclasses.") => {
                    Err(unknown(span, format!("`{name}` is made by `{}`", applied.callee)))
                }
                Object::Instance(member) if self.has_method(&member.class, "__get__") => {
                    Err(unknown(span, format!("`{name}` is what its `__get__` gives")))
                }
                _ if self.has_foreign_metaclass(class) => {
                    let reason = format!("the class of `{}` comes from outside of the project", class.name);
                    Err(unknown(span, reason))
                }
                _ => Ok(binding.thing),
            };
        }
        match name {
            // `mro` is the metaclass's, `register` that of `abc.ABCMeta`.
            _ if is_special_name(name)
                || matches!(name, "mro" | "register")
                || self.find_member(class, "__slots__").is_some() =>
            {
                return Err(unknown(
                    span,
                    format!("the attribute `{name}` of a class is not followed"),
                ));
            }
            _ => {}
        }
        if let Some(why) = self.why_open(class) {
            return Err(Stop::Unknown(why));
        }
        if self.may_have_more(class) && !self.lacks_member(class, name) {
            let reason = format!("`{}` has bases from outside of the project", class.name);
            return Err(unknown(span, reason));
        }
        let message = format!("type object '{}' has no attribute '{name}'", class.name);
        Err(raise(span, "AttributeError", message))
    }

    fn class_function(
        &mut self,
        class: &Rc<Class<'a>>,
        function: &Rc<Function<'a>>,
        thing: &Thing<'a>,
        span: Span,
    ) -> Thing<'a> {
        match method_kind(function) {
            Some("builtins.classmethod") => Thing::new(Object::Method(Rc::new(Method {
                receiver: Thing::new(Object::Class(Rc::clone(class))),
                kind: MethodKind::Function(Rc::new(undecorated(function))),
            }))),
            Some("builtins.staticmethod") => Thing::new(Object::Function(Rc::new(undecorated(function)))),
            Some(_) => Thing::unknown(super::interpreter::opaque(
                span,
                "it is a property of its objects",
            )),
            None => thing.clone(),
        }
    }

    fn instance_member(&mut self, instance: &Rc<Instance<'a>>, name: &'a str, span: Span) -> Evaluation<'a> {
        if let Some(binding) = instance.attributes.get(name) {
            return Ok(binding.thing);
        }
        if let Some(why) = instance.attributes.why_open() {
            return Err(Stop::Unknown(why));
        }
        let Some((_, binding)) = self.find_member(&instance.class, name) else {
            if name == "__class__" {
                return Ok(Thing::new(Object::Class(Rc::clone(&instance.class))));
            }
            if let Some(why) = self.why_open(&instance.class) {
                return Err(Stop::Unknown(why));
            }
            if is_special_name(name)
                || self.may_have_more(&instance.class)
                || self.has_method(&instance.class, "__getattr__")
            {
                if !is_special_name(name) {
                    let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
                    let key = Thing::constant(Value::str(name));
                    self.provoke(&receiver, &["__getattr__"], &[&key], span)?;
                }
                let reason = format!("it is an attribute of an object of `{}`", instance.class.name);
                return Err(unknown(span, reason));
            }
            let message = format!("'{}' object has no attribute '{name}'", instance.class.name);
            return Err(raise(span, "AttributeError", message));
        };
        let Object::Function(function) = &binding.thing.object else {
            let is_descriptor = matches!(
                &binding.thing.object,
                Object::Instance(member) if self.has_method(&member.class, "__get__")
            );
            if is_descriptor
                || self.has_foreign_metaclass(&instance.class)
                || self.has_method(&instance.class, "__getattribute__")
            {
                if is_descriptor {
                    let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
                    let class = Thing::new(Object::Class(Rc::clone(&instance.class)));
                    self.provoke(&binding.thing, &["__get__"], &[&receiver, &class], span)?;
                }
                let reason = format!("it is an attribute of an object of `{}`", instance.class.name);
                return Err(unknown(span, reason));
            }
            return Ok(binding.thing);
        };
        let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
        match method_kind(function) {
            Some("builtins.property" | "functools.cached_property") => {
                let getter = Rc::new(undecorated(function));
                self.call_function(&getter, Given::of(vec![(receiver, span)]), span)
            }
            Some("builtins.property.setter") => Err(unknown(span, "it is a property")),
            Some("builtins.staticmethod") => Ok(Thing::new(Object::Function(Rc::new(undecorated(function))))),
            Some("builtins.classmethod") => {
                let class = Rc::clone(&instance.class);
                Ok(self.class_function(&class, function, &binding.thing, span))
            }
            Some(_) | None => Ok(Thing::new(Object::Method(Rc::new(Method {
                receiver,
                kind: MethodKind::Function(Rc::clone(function)),
            })))),
        }
    }

    /// The class of the project that has a member, in method resolution order.
    pub fn find_member(&mut self, class: &Rc<Class<'a>>, name: &str) -> Option<(Rc<Class<'a>>, Binding<'a>)> {
        if let Some(binding) = class.namespace.get(name) {
            return Some((Rc::clone(class), binding));
        }
        let order = self.resolution_order(class);
        order.into_iter().skip(1).find_map(|base| {
            let binding = base.namespace.get(name)?;
            Some((base, binding))
        })
    }

    /// Why the class, or one above it, may have members that are not seen.
    fn why_open(&mut self, class: &Rc<Class<'a>>) -> Option<Unknown> {
        let order = self.resolution_order(class);
        order.iter().find_map(|class| class.namespace.why_open())
    }

    pub fn has_method(&mut self, class: &Rc<Class<'a>>, name: &str) -> bool {
        self.find_member(class, name).is_some()
    }
}

/// `__x__`, not the private `__x`.
fn is_special_name(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

/// `__setitem__` and the like: methods that may change the object.
fn is_special(name: &str) -> bool {
    name.starts_with("__") && !matches!(name, "__class__" | "__doc__")
}

fn external_attribute<'a>(external: &str, name: &str, span: Span) -> Evaluation<'a> {
    if external == "metaflow" || external.starts_with("metaflow.") {
        let module = external.strip_prefix("metaflow.").unwrap_or("");
        if module == "current" && name != "get" {
            let what = format!("current.{name}");
            let why = Why::Runtime { what };
            return Ok(Thing::unknown(Unknown { span, why }));
        }
        if module.starts_with("current") || metaflow::is_public(module) {
            return Ok(Thing::external(&format!("{external}.{name}")));
        }
        return match metaflow::import(module, name) {
            Found::Is(found) | Found::Foreign(found) => Ok(Thing::external(&found)),
            Found::Missing(_) => {
                let message = format!("module '{external}' has no attribute '{name}'");
                Err(raise(span, "AttributeError", message))
            }
        };
    }
    match (external, name) {
        (_, "__name__") if external.starts_with("builtins.") => {
            let name = external.strip_prefix("builtins.").unwrap_or(external);
            Ok(Thing::constant(Value::str(name)))
        }
        ("os" | "os.path", "sep") => Ok(Thing::constant(Value::str("/"))),
        ("os", "linesep") => Ok(Thing::constant(Value::str("\n"))),
        ("typing" | "typing_extensions", "TYPE_CHECKING") => Ok(Thing::constant(Value::Bool(false))),
        ("math", "pi") => Ok(Thing::constant(Value::Float(std::f64::consts::PI))),
        ("math", "e") => Ok(Thing::constant(Value::Float(std::f64::consts::E))),
        ("math", "inf") => Ok(Thing::constant(Value::Float(f64::INFINITY))),
        _ => Ok(Thing::external(&format!("{external}.{name}"))),
    }
}

/// `staticmethod`, `classmethod`, `property` where such a decorator is outermost.
fn method_kind(function: &Function<'_>) -> Option<&'static str> {
    let decorators = function.decorators.borrow();
    let Object::External(name) = &decorators.last()?.decorator.object else {
        return None;
    };
    [
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "builtins.property.setter",
        "functools.cached_property",
    ]
    .into_iter()
    .find(|known| **known == **name)
}

/// The function without its outermost decorator.
fn undecorated<'a>(function: &Function<'a>) -> Function<'a> {
    let inner = function.clone();
    inner.decorators.borrow_mut().pop();
    inner
}
