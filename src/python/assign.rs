//! Targets of assignments: names, unpacking, items and attributes; `+=` and `del`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some expressions can be targets"
)]

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::convert::Given;
use super::interpreter::{Interpreter, Known, Stop, opaque, raise, type_error};
use super::item::index_within;
use super::names;
use super::object::{Applied, Instance, Object, Thing};
use super::scope::Scope;
use crate::source::Span;

impl<'a> Interpreter<'a> {
    pub fn assign(&mut self, target: &'a Expr, value: Thing<'a>, scope: &Scope<'a>) -> Known<()> {
        let span = self.span(scope, target.range());
        match target {
            Expr::Name(name) => self.bind_name(&name.id, value, scope, span),
            Expr::Tuple(node) => self.unpack(&node.elts, &value, span, scope)?,
            Expr::List(node) => self.unpack(&node.elts, &value, span, scope)?,
            Expr::Starred(node) => self.assign(&node.value, value, scope)?,
            Expr::Attribute(node) => {
                let object = self.evaluate(&node.value, scope)?;
                self.set_attribute(&object, node.attr.as_str(), value, span)?;
            }
            Expr::Subscript(node) => {
                let container = self.evaluate(&node.value, scope)?;
                if let Expr::Slice(_) = &*node.slice {
                    self.lose_content(&container, span);
                    return Ok(());
                }
                let key = self.evaluate(&node.slice, scope)?;
                self.set_item(&container, key, value, span)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Thing<'a>, span: Span, scope: &Scope<'a>) -> Known<()> {
        let items = match self.iterate(value, span) {
            Ok(items) => items,
            Err(Stop::Unknown(why)) => {
                self.doubt();
                for target in targets {
                    self.assign(target, Thing::unknown(why.clone()), scope)?;
                }
                return Ok(());
            }
            Err(raised) => return Err(raised),
        };
        let star = targets
            .iter()
            .position(|target| matches!(target, Expr::Starred(_)));
        let Some(star) = star else {
            if items.len() < targets.len() {
                let message = format!(
                    "not enough values to unpack (expected {}, got {})",
                    targets.len(),
                    items.len()
                );
                return Err(raise(span, "ValueError", message));
            }
            if items.len() > targets.len() {
                let message = format!("too many values to unpack (expected {})", targets.len());
                return Err(raise(span, "ValueError", message));
            }
            return targets
                .iter()
                .zip(items)
                .try_for_each(|(target, item)| self.assign(target, item, scope));
        };
        let after = targets.len() - star - 1;
        if items.len() < star + after {
            let message = format!(
                "not enough values to unpack (expected at least {}, got {})",
                star + after,
                items.len()
            );
            return Err(raise(span, "ValueError", message));
        }
        let middle = items.len() - after;
        let mut items = items.into_iter();
        for target in targets.iter().take(star) {
            if let Some(item) = items.next() {
                self.assign(target, item, scope)?;
            }
        }
        let between: Vec<Thing<'a>> = items.by_ref().take(middle - star).collect();
        if let Some(target) = targets.get(star) {
            let list = self.list(between);
            self.assign(target, list, scope)?;
        }
        for (target, item) in targets.iter().skip(star + 1).zip(items) {
            self.assign(target, item, scope)?;
        }
        Ok(())
    }

    /// Calls a method that the class may have; what it does is unknown where that is not followed.
    fn call_special(
        &mut self,
        instance: &Rc<Instance<'a>>,
        method: &str,
        given: Given<'a>,
        span: Span,
    ) -> Known<()> {
        let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
        let found = match self.find_member(&instance.class, method) {
            Some((_, binding)) => {
                let mut all = Given::of(vec![(receiver.clone(), span)]);
                all.arguments.extend(given.arguments);
                self.call(&binding.thing, all, span)
            }
            None => Err(super::interpreter::unknown(
                span,
                format!("`{method}` of a `{}` is not followed", instance.class.name),
            )),
        };
        match found {
            Err(Stop::Unknown(why)) => {
                self.doubt();
                self.spoil(&receiver, &why);
            }
            Err(raised) => return Err(raised),
            Ok(_) => {}
        }
        Ok(())
    }

    /// What was made outside of the project changes, and with it perhaps what it was made of.
    pub(super) fn spoil_held(&self, applied: &Applied<'a>, span: Span) {
        for argument in &applied.arguments {
            self.spoil_by_call(&argument.thing, &applied.callee, span);
        }
    }

    /// `container[key] = value`.
    pub fn set_item(
        &mut self,
        container: &Thing<'a>,
        key: Thing<'a>,
        value: Thing<'a>,
        span: Span,
    ) -> Known<()> {
        let value = self.under_control(value);
        match &container.object {
            Object::Dict(entries) => {
                self.change(entries)?;
                if let Some(why) = key.why() {
                    entries.spoil(why.clone());
                    return Ok(());
                }
                let mut content = std::mem::take(&mut *entries.write().map_err(Stop::Unknown)?);
                let result = self.insert(&mut content, key, value, span);
                *entries.write().map_err(Stop::Unknown)? = content;
                match result {
                    Err(Stop::Unknown(why)) => {
                        entries.spoil(why);
                        Ok(())
                    }
                    result => result,
                }
            }
            Object::List(items) => {
                self.change(items)?;
                let index = match self.index(&key, "list", span) {
                    Ok(index) => index,
                    Err(Stop::Unknown(why)) => {
                        items.spoil(why);
                        return Ok(());
                    }
                    Err(raised) => return Err(raised),
                };
                let mut items = items.write().map_err(Stop::Unknown)?;
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let slot = index_within(index, length).and_then(|at| items.get_mut(at));
                match slot {
                    Some(slot) => {
                        *slot = value;
                        Ok(())
                    }
                    None => Err(raise(span, "IndexError", "list assignment index out of range")),
                }
            }
            Object::External(name) if &**name == "os.environ" => self.set_environment(&key, &value, span),
            Object::External(name) if names::is_of_builtins(name) => {
                self.set_builtin(&key, value, span);
                Ok(())
            }
            Object::Names(names) => {
                self.set_name(names, &key, value, span);
                Ok(())
            }
            Object::Instance(instance) => {
                let given = Given::of(vec![(key, span), (value, span)]);
                self.call_special(instance, "__setitem__", given, span)
            }
            _ => self.change_item_of_other(container, span, "does not support item assignment"),
        }
    }

    /// Of what is no list, dict or instance: whether its items can be changed, and what else may change with them.
    fn change_item_of_other(&mut self, container: &Thing<'a>, span: Span, refused: &str) -> Known<()> {
        match &container.object {
            Object::Applied(applied) => {
                self.doubt();
                self.spoil_held(applied, span);
            }
            Object::Unknown(_) => self.change_unknown(span),
            Object::Constant(_) | Object::Tuple(_) | Object::Set(_) | Object::Range(_) => {
                let kind = self.type_name(container);
                return Err(type_error(span, format!("'{kind}' object {refused}")));
            }
            _ => self.doubt(),
        }
        Ok(())
    }

    fn lose_content(&mut self, container: &Thing<'a>, span: Span) {
        let why = opaque(span, "a slice of it is replaced");
        self.spoil(container, &why);
    }

    /// `target += value`: lists, sets and dicts change in place.
    pub fn augment(&mut self, node: &'a ast::StmtAugAssign, scope: &Scope<'a>) -> Known<()> {
        let span = self.span(scope, node.range);
        match &*node.target {
            Expr::Name(name) => {
                let target_span = self.span(scope, name.range);
                let old = self.look_up(&name.id, scope, target_span)?;
                if old.why().is_some() {
                    self.doubt();
                }
                let value = self.evaluate(&node.value, scope)?;
                let new = self.augmented(&old, node.op, &value, span)?;
                self.bind_name(&name.id, new, scope, target_span);
            }
            Expr::Attribute(attribute) => {
                let target_span = self.span(scope, attribute.range);
                let object = self.evaluate(&attribute.value, scope)?;
                let old = super::interpreter::settle(self.attribute_of(
                    &object,
                    attribute.attr.as_str(),
                    target_span,
                ))?;
                let value = self.evaluate(&node.value, scope)?;
                let new = self.augmented(&old, node.op, &value, span)?;
                self.set_attribute(&object, attribute.attr.as_str(), new, target_span)?;
            }
            Expr::Subscript(subscript) => {
                let target_span = self.span(scope, subscript.range);
                let container = self.evaluate(&subscript.value, scope)?;
                if let Expr::Slice(_) = &*subscript.slice {
                    self.lose_content(&container, target_span);
                    return Ok(());
                }
                let key = self.evaluate(&subscript.slice, scope)?;
                let old =
                    super::interpreter::settle(self.item_of(&container, &key, target_span, target_span))?;
                let value = self.evaluate(&node.value, scope)?;
                let new = self.augmented(&old, node.op, &value, span)?;
                self.set_item(&container, key, new, target_span)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn augmented(
        &mut self,
        old: &Thing<'a>,
        op: ast::Operator,
        value: &Thing<'a>,
        span: Span,
    ) -> Known<Thing<'a>> {
        self.doubt_use(old);
        let method = match (&old.object, op) {
            (Object::External(name), ast::Operator::BitOr) if &**name == "os.environ" => {
                self.update_environment(value, span)?;
                return Ok(old.clone());
            }
            (Object::List(_), ast::Operator::Add) => "extend",
            (Object::Dict(_), ast::Operator::BitOr) => "update",
            (Object::Set(items), _) if items.is_frozen.get() => {
                return super::interpreter::settle(self.binary(op, old, value, span));
            }
            (Object::List(_), ast::Operator::Mult) | (Object::Set(_), _) => {
                // Changed in place, under all of its names.
                let result = super::interpreter::settle(self.binary(op, old, value, span))?;
                let items = self.iterate_unordered(&result, span);
                if let Object::List(shared) | Object::Set(shared) = &old.object {
                    match items {
                        Ok(items) => {
                            self.change(shared)?;
                            *shared.write().map_err(Stop::Unknown)? = items;
                        }
                        Err(Stop::Unknown(why)) => shared.spoil(why),
                        Err(raised) => return Err(raised),
                    }
                }
                return Ok(old.clone());
            }
            (Object::Unknown(_), _) => {
                self.change_unknown(span);
                return super::interpreter::settle(self.binary(op, old, value, span));
            }
            (Object::Instance(_), _) => {
                let result = super::interpreter::settle(self.binary(op, old, value, span))?;
                if let Some(why) = result.why() {
                    self.spoil(old, why);
                }
                return Ok(result);
            }
            _ => return super::interpreter::settle(self.binary(op, old, value, span)),
        };
        let given = Given::of(vec![(value.clone(), span)]);
        match self.call_builtin_method(old, method, &given, span) {
            Err(Stop::Unknown(why)) => self.spoil(old, &why),
            Err(raised) => return Err(raised),
            Ok(_) => {}
        }
        Ok(old.clone().resting_on([value]))
    }

    pub fn delete(&mut self, target: &'a Expr, scope: &Scope<'a>) -> Known<()> {
        let span = self.span(scope, target.range());
        match target {
            Expr::Name(name) => {
                let is_bound = self.unbind_name(&name.id, scope);
                if !is_bound {
                    return Err(raise(
                        span,
                        "NameError",
                        format!("name '{}' is not defined", name.id),
                    ));
                }
            }
            Expr::Tuple(node) => {
                for element in &node.elts {
                    self.delete(element, scope)?;
                }
            }
            Expr::Attribute(node) => {
                let object = self.evaluate(&node.value, scope)?;
                self.delete_attribute(&object, node.attr.as_str(), span)?;
            }
            Expr::Subscript(node) => {
                let container = self.evaluate(&node.value, scope)?;
                if let Expr::Slice(_) = &*node.slice {
                    self.lose_content(&container, span);
                    return Ok(());
                }
                let key = self.evaluate(&node.slice, scope)?;
                self.delete_item(&container, &key, span)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub fn delete_item(&mut self, container: &Thing<'a>, key: &Thing<'a>, span: Span) -> Known<()> {
        match &container.object {
            Object::Dict(entries) => {
                self.change(entries)?;
                let content = entries.read().map_err(Stop::Unknown)?.clone();
                match self.find(&content, key, span) {
                    Ok(Some(at)) => {
                        entries.write().map_err(Stop::Unknown)?.remove(at);
                        Ok(())
                    }
                    Ok(None) => {
                        let key = self.value_of(key, span)?;
                        Err(raise(span, "KeyError", key.to_repr()))
                    }
                    Err(Stop::Unknown(why)) => {
                        entries.spoil(why);
                        Ok(())
                    }
                    Err(raised) => Err(raised),
                }
            }
            Object::List(items) => {
                self.change(items)?;
                let index = match self.index(key, "list", span) {
                    Ok(index) => index,
                    Err(Stop::Unknown(why)) => {
                        items.spoil(why);
                        return Ok(());
                    }
                    Err(raised) => return Err(raised),
                };
                let mut items = items.write().map_err(Stop::Unknown)?;
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                match index_within(index, length) {
                    Some(at) => {
                        items.remove(at);
                        Ok(())
                    }
                    None => Err(raise(span, "IndexError", "list assignment index out of range")),
                }
            }
            Object::External(name) if &**name == "os.environ" => self.remove_environment(key, span),
            Object::Names(names) => self.delete_name(names, key, span),
            Object::Instance(instance) => {
                let given = Given::of(vec![(key.clone(), span)]);
                self.call_special(instance, "__delitem__", given, span)
            }
            _ => self.change_item_of_other(container, span, "doesn't support item deletion"),
        }
    }
}

/// Objects of builtin types, on which no attribute can be set.
pub(super) fn is_without_attributes(object: &Object<'_>) -> bool {
    matches!(
        object,
        Object::Constant(_)
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Dict(_)
            | Object::Set(_)
            | Object::Range(_)
    )
}
