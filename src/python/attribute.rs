//! `x.name` and `x[key]`: attributes of modules, classes, instances and builtin types, items of containers.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds of objects behave alike here"
)]

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::containers;
use super::convert::{Given, placeholder};
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::metaflow::{self, Found};
use super::object::{
    Applied, Binding, Class, FilePath, Function, Instance, Method, MethodKind, Module, Object, Thing,
};
use super::scope::Scope;
use super::text;
use crate::source::Span;
use crate::value::{PlaceholderUse, Unknown, Value, Why};

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
            Object::Module(module) => self.module_member(module, name, span)?,
            Object::External(external) => external_attribute(external, name, span)?,
            Object::Applied(applied) => self.applied_attribute(applied, name, span)?,
            Object::Class(class) => self.class_member(class, name, span)?,
            Object::Instance(instance) => self.instance_member(instance, name, span)?,
            Object::Function(function) => function_attribute(function, name, span)?,
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
            Object::List(_) => containers::LIST_METHODS.contains(&name),
            Object::Dict(_) => containers::DICT_METHODS.contains(&name),
            Object::Set(_) => containers::SET_METHODS.contains(&name),
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
        if let Some(binding) = module.namespace.get(name) {
            return Ok(binding.thing);
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
        // `cfg.name` is the Config's own name, not an entry of its value: Metaflow's object has that attribute.
        if !self.is_resolving
            && name == "name"
            && &*applied.callee == "metaflow.Config"
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
        let mut extended = (**applied).clone();
        extended.path.push(name.to_owned());
        extended.span = span;
        Ok(Thing::new(Object::Applied(Rc::new(extended))))
    }

    /// `C.name`: the class and its bases in order.
    fn class_member(&mut self, class: &Rc<Class<'a>>, name: &'a str, span: Span) -> Evaluation<'a> {
        if let Some((owner, binding)) = self.find_member(class, name) {
            if self.is_enumeration(&owner) && !matches!(binding.thing.object, Object::Function(_)) {
                return Ok(self.enumeration_member(&owner, name, &binding));
            }
            return match &binding.thing.object {
                Object::Function(function) => Ok(self.class_function(class, function, &binding.thing, span)),
                Object::Applied(applied) if applied.callee.starts_with("dataclasses.") => {
                    Err(unknown(span, format!("`{name}` is made by `{}`", applied.callee)))
                }
                _ if self.has_foreign_metaclass(class) => {
                    let reason = format!("the class of `{}` comes from outside of the project", class.name);
                    Err(unknown(span, reason))
                }
                _ => Ok(binding.thing),
            };
        }
        match name {
            "__name__" | "__qualname__" => return Ok(Thing::constant(Value::str(class.name))),
            _ if name.starts_with("__") => {
                return Err(unknown(
                    span,
                    format!("the attribute `{name}` of a class is not followed"),
                ));
            }
            _ => {}
        }
        if let Some(why) = class.namespace.why_open() {
            return Err(Stop::Unknown(why));
        }
        if self.may_have_more(class) {
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
            if name.starts_with("__")
                || self.may_have_more(&instance.class)
                || self.has_method(&instance.class, "__getattr__")
            {
                let reason = format!("it is an attribute of an object of `{}`", instance.class.name);
                return Err(unknown(span, reason));
            }
            let message = format!("'{}' object has no attribute '{name}'", instance.class.name);
            return Err(raise(span, "AttributeError", message));
        };
        let Object::Function(function) = &binding.thing.object else {
            if self.has_foreign_metaclass(&instance.class)
                || self.has_method(&instance.class, "__getattribute__")
            {
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

    fn path_attribute(
        &mut self,
        path: &Rc<FilePath>,
        name: &'a str,
        value: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if path.is_text {
            return match name {
                "__class__" => Err(unknown(span, "it is a type")),
                _ => Err(Stop::Unknown(self.why_unknown(value, span))),
            };
        }
        let text = |text: &str| Ok(Thing::constant(Value::str(text)));
        let base = path.name().unwrap_or("");
        let dot = base.rfind('.').filter(|&at| at > 0 && at + 1 < base.len());
        match name {
            "parent" => match path.parent() {
                Some(parent) => Ok(Thing::new(Object::Path(Rc::new(parent)))),
                None => Err(Stop::Unknown(self.why_unknown(value, span))),
            },
            "name" if path.name().is_some() => text(base),
            "stem" if path.name().is_some() => text(dot.map_or(base, |at| base.get(..at).unwrap_or(base))),
            "suffix" if path.name().is_some() => text(dot.map_or("", |at| base.get(at..).unwrap_or(""))),
            "joinpath" | "resolve" | "absolute" | "as_posix" | "with_name" | "with_suffix"
            | "__truediv__" => Ok(Thing::new(Object::Method(Rc::new(Method {
                receiver: value.clone(),
                kind: MethodKind::BuiltIn(name),
            })))),
            _ => Err(unknown(
                span,
                format!("`{name}` of a path looks at the machine's files"),
            )),
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

    pub fn has_method(&mut self, class: &Rc<Class<'a>>, name: &str) -> bool {
        self.find_member(class, name).is_some()
    }

    /// `value[key]`.
    pub fn evaluate_subscript(&mut self, node: &'a ast::ExprSubscript, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, node.range);
        let value = self.evaluate(&node.value, scope)?;
        if let Expr::Slice(slice) = &*node.slice {
            let value = self.used_as(value, PlaceholderUse::Arithmetic, span)?;
            return self.slice(&value, slice, scope, span);
        }
        let key = self.evaluate(&node.slice, scope)?;
        let key_span = self.span(scope, node.slice.range());
        Ok(self
            .item_of(&value, &key, span, key_span)?
            .resting_on([&value, &key]))
    }

    pub fn item_of(
        &mut self,
        value: &Thing<'a>,
        key: &Thing<'a>,
        span: Span,
        key_span: Span,
    ) -> Evaluation<'a> {
        match &value.object {
            Object::Unknown(why) => return Err(Stop::Unknown(why.clone())),
            Object::External(name) if &**name == "os.environ" => return self.environment_item(key, span),
            Object::External(name) if super::library::is_callable(name) || name.starts_with("typing.") => {
                return Ok(value.clone());
            }
            Object::Class(_) => return Ok(value.clone()),
            Object::Applied(applied) => return self.applied_item(applied, key, value, span),
            _ => {}
        }
        if let Some(why) = key.why() {
            return Err(Stop::Unknown(why.clone()));
        }
        match &value.object {
            Object::Dict(entries) => {
                self.check_hashable(key, key_span)?;
                let entries = entries.read().map_err(Stop::Unknown)?;
                match self.find(&entries, key, span)? {
                    Some(at) => Ok(entries
                        .get(at)
                        .map_or_else(|| key.clone(), |(_, found)| found.clone())),
                    None => {
                        let key = self.value_of(key, key_span)?;
                        Err(raise(span, "KeyError", key.to_repr()))
                    }
                }
            }
            Object::List(items) => {
                let items = items.read().map_err(Stop::Unknown)?;
                self.indexed(&items, key, "list", span)
            }
            Object::Tuple(items) => self.indexed(items, key, "tuple", span),
            Object::Range(range) => {
                let length = i64::try_from(range.length()).unwrap_or(i64::MAX);
                let at = index_within(self.index(key, "range", span)?, length);
                let at = at.ok_or_else(|| raise(span, "IndexError", "range object index out of range"))?;
                Ok(Thing::constant(Value::Int(range.item(at as u64))))
            }
            Object::Constant(Value::Str(text)) => {
                let characters: Vec<char> = text.chars().collect();
                let index = self.index(key, "string", span)?;
                let at = index_within(index, i64::try_from(characters.len()).unwrap_or(i64::MAX));
                let character = at.and_then(|at| characters.get(at));
                let character =
                    character.ok_or_else(|| raise(span, "IndexError", "string index out of range"))?;
                Ok(Thing::constant(Value::str(character.to_string())))
            }
            Object::Constant(Value::Bytes(bytes)) => {
                let index = self.index(key, "byte", span)?;
                let at = index_within(index, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
                let byte = at.and_then(|at| bytes.get(at));
                let byte = byte.ok_or_else(|| raise(span, "IndexError", "index out of range"))?;
                Ok(Thing::constant(Value::Int(i64::from(*byte))))
            }
            Object::Constant(_) | Object::Function(_) | Object::Module(_) | Object::Set(_) => {
                let kind = self.type_name(value);
                Err(type_error(span, format!("'{kind}' object is not subscriptable")))
            }
            _ => Err(Stop::Unknown(self.why_unknown(value, span))),
        }
    }

    fn applied_item(
        &mut self,
        applied: &Rc<Applied<'a>>,
        key: &Thing<'a>,
        value: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if self.is_resolving
            && let Some(resolved) = self.resolve_config(applied)
        {
            let resolved = resolved?;
            let is_key = match &key.object {
                Object::Constant(Value::Str(key)) => self.has_key(&resolved, key, span)?,
                _ => false,
            };
            if !is_key {
                return self.item_of(&resolved, key, span, span);
            }
        }
        let is_config = matches!(&*applied.callee, "metaflow.Config" | "metaflow.config_expr");
        match (&key.object, placeholder(applied)) {
            (Object::Constant(Value::Str(text)), Some(_)) if is_config => {
                let mut extended = (**applied).clone();
                extended.path.push(text.to_string());
                extended.span = span;
                Ok(Thing::new(Object::Applied(Rc::new(extended))))
            }
            (_, Some(_)) => self.used_as(value.clone(), PlaceholderUse::Item, span),
            (_, None) => Err(Stop::Unknown(self.why_unknown(value, span))),
        }
    }

    fn indexed(&mut self, items: &[Thing<'a>], key: &Thing<'a>, kind: &str, span: Span) -> Evaluation<'a> {
        let index = self.index(key, kind, span)?;
        let at = index_within(index, i64::try_from(items.len()).unwrap_or(i64::MAX));
        let item = at.and_then(|at| items.get(at));
        item.cloned()
            .ok_or_else(|| raise(span, "IndexError", format!("{kind} index out of range")))
    }

    pub fn index(&mut self, key: &Thing<'a>, kind: &str, span: Span) -> Known<i64> {
        match &key.object {
            Object::Constant(Value::Int(index)) => Ok(*index),
            Object::Constant(Value::Bool(index)) => Ok(i64::from(*index)),
            Object::Constant(_) | Object::Tuple(_) | Object::List(_) | Object::Dict(_) => {
                let found = self.type_name(key);
                let message = match kind {
                    "string" => format!("string indices must be integers, not '{found}'"),
                    "byte" => format!("byte indices must be integers or slices, not {found}"),
                    _ => format!("{kind} indices must be integers or slices, not {found}"),
                };
                Err(type_error(span, message))
            }
            _ => Err(Stop::Unknown(self.why_unknown(key, span))),
        }
    }

    fn slice(
        &mut self,
        value: &Thing<'a>,
        slice: &'a ast::ExprSlice,
        scope: &Scope<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let mut bounds = [None; 3];
        let mut rests_on = Thing::constant(Value::None);
        for (slot, part) in bounds.iter_mut().zip([&slice.lower, &slice.upper, &slice.step]) {
            let Some(part) = part else { continue };
            let part_span = self.span(scope, part.range());
            let bound = self.evaluate(part, scope)?;
            rests_on = rests_on.resting_on([&bound]);
            *slot = match &bound.object {
                Object::Constant(Value::None) => None,
                Object::Constant(Value::Int(number)) => Some(*number),
                Object::Constant(Value::Bool(flag)) => Some(i64::from(*flag)),
                Object::Constant(_) => {
                    let message = "slice indices must be integers or None or have an __index__ method";
                    return Err(type_error(part_span, message));
                }
                _ => return Err(Stop::Unknown(self.why_unknown(&bound, part_span))),
            };
        }
        let [lower, upper, step] = bounds;
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(raise(span, "ValueError", "slice step cannot be zero"));
        }
        let picked = match &value.object {
            Object::List(items) => {
                let items = items.read().map_err(Stop::Unknown)?;
                let picked = picked(&items, lower, upper, step);
                self.list(picked)
            }
            Object::Tuple(items) => Thing::new(Object::Tuple(Rc::new(picked(items, lower, upper, step)))),
            Object::Constant(Value::Str(text)) => {
                let characters: Vec<char> = text.chars().collect();
                let text: String = picked(&characters, lower, upper, step).into_iter().collect();
                Thing::constant(Value::Str(Arc::from(text)))
            }
            Object::Constant(Value::Bytes(bytes)) => {
                Thing::constant(Value::Bytes(picked(bytes, lower, upper, step).into()))
            }
            Object::Constant(_) | Object::Set(_) | Object::Function(_) | Object::Module(_) => {
                let kind = self.type_name(value);
                return Err(type_error(span, format!("'{kind}' object is not subscriptable")));
            }
            Object::Dict(_) => return Err(type_error(span, "unhashable type: 'slice'")),
            _ => return Err(Stop::Unknown(self.why_unknown(value, span))),
        };
        Ok(picked.resting_on([value, &rests_on]))
    }
}

/// A position from the start, where an index (perhaps negative) lies within.
pub(super) fn index_within(index: i64, length: i64) -> Option<usize> {
    let at = if index < 0 { index + length } else { index };
    if at >= length {
        None
    } else {
        usize::try_from(at).ok()
    }
}

/// `items[lower:upper:step]`.
pub(super) fn picked<T: Clone>(items: &[T], lower: Option<i64>, upper: Option<i64>, step: i64) -> Vec<T> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let (least, most) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |bound: i64| {
        (if bound < 0 {
            bound.saturating_add(length)
        } else {
            bound
        })
        .clamp(least, most)
    };
    let (start, stop) = if step > 0 {
        (lower.map_or(0, clamp), upper.map_or(length, clamp))
    } else {
        (lower.map_or(length - 1, clamp), upper.map_or(-1, clamp))
    };
    let mut out = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        if let Some(item) = usize::try_from(at).ok().and_then(|at| items.get(at)) {
            out.push(item.clone());
        }
        at = at.saturating_add(step);
    }
    out
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
            Found::Is(found) => Ok(Thing::external(&found)),
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

fn function_attribute<'a>(function: &Function<'a>, name: &str, span: Span) -> Evaluation<'a> {
    match name {
        "__name__" | "__qualname__" if function.decorators.is_empty() && function.wraps.is_none() => {
            Ok(Thing::constant(Value::str(function.name)))
        }
        "__name__" => {
            let original = function.wraps.as_deref().unwrap_or(function);
            Ok(Thing::constant(Value::str(original.name)))
        }
        "__wrapped__" => match &function.wraps {
            Some(wrapped) => Ok(Thing::new(Object::Function(Rc::clone(wrapped)))),
            None => Err(raise(
                span,
                "AttributeError",
                "'function' object has no attribute '__wrapped__'",
            )),
        },
        _ => Err(unknown(
            span,
            format!("the attribute `{name}` of a function is not followed"),
        )),
    }
}

/// `staticmethod`, `classmethod`, `property` where such a decorator is outermost.
fn method_kind(function: &Function<'_>) -> Option<&'static str> {
    let outermost = function.decorators.last()?;
    let Object::External(name) = &outermost.decorator.object else {
        return None;
    };
    [
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "functools.cached_property",
    ]
    .into_iter()
    .find(|known| **known == **name)
}

/// The function without its outermost decorator.
fn undecorated<'a>(function: &Function<'a>) -> Function<'a> {
    let mut inner = function.clone();
    inner.decorators.pop();
    inner
}
