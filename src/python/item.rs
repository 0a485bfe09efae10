//! Items: `x[key]`, `x[a:b]`.
#![expect(clippy::wildcard_enum_match_arm, reason = "items are of any kind")]

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::convert::{Given, placeholder};
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
use super::object::{Applied, Class, Object, Thing};
use super::paths;
use super::scope::Scope;
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

impl<'a> Interpreter<'a> {
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
        match self.item_by_key(value, key, span, key_span) {
            Err(Stop::Unknown(why)) => Err(Stop::Unknown(self.any_item(value, span, &why))),
            found => found,
        }
    }

    fn item_by_key(
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
            Object::External(name) if &**name == "sys.modules" => return self.loaded_module(key, span),
            Object::Names(names) => return self.name_item(&Rc::clone(names), key, span),
            Object::Class(class) if self.is_enumeration(class) => {
                return self.member_by_name(class, key, span);
            }
            Object::Class(class) => return self.class_item(&Rc::clone(class), value, key, span),
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
            _ => {
                self.provoke(value, &["__getitem__"], &[key], span)?;
                Err(Stop::Unknown(self.why_unknown(value, span)))
            }
        }
    }

    /// `Stack[int]`: the class itself, unless its own method says otherwise.
    fn class_item(
        &mut self,
        class: &Rc<Class<'a>>,
        value: &Thing<'a>,
        key: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if class.metaclass.may_define("__getitem__") {
            let reason = format!("the items of `{}` are up to its metaclass", class.name);
            return Err(unknown(span, reason));
        }
        let Some((_, method)) = self.find_member(class, "__class_getitem__") else {
            return Ok(value.clone());
        };
        let Object::Function(function) = &method.thing.object else {
            return Err(unknown(span, "`__class_getitem__` is not followed"));
        };
        let function = (**function).clone();
        // It is a class method, said or not.
        function.decorators.borrow_mut().clear();
        let given = Given::of(vec![(value.clone(), span), (key.clone(), span)]);
        match self.call_function(&Rc::new(function), given, span) {
            Err(Stop::Unknown(_)) => Ok(value.clone()),
            found => found,
        }
    }

    fn applied_item(
        &mut self,
        applied: &Rc<Applied<'a>>,
        key: &Thing<'a>,
        value: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if let Some(ancestor) = paths::ancestor(applied, key) {
            return Ok(ancestor);
        }
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
