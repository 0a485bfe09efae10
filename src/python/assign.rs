//! Targets of assignments: names, unpacking, items and attributes; `+=` and `del`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some expressions can be targets"
)]

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::interpreter::{Interpreter, Known, Stop, opaque, raise, type_error};
use super::item::index_within;
use super::namespace::Namespace;
use super::object::{Binding, Object, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::Value;

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
                self.set_attribute(&object, node.attr.as_str(), value, span);
            }
            Expr::Subscript(node) => {
                if let Some(names) = self.names_called(&node.value, scope) {
                    return self.assign_name(&names, &node.slice, value, scope, span);
                }
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

    /// `object.name = value`.
    pub fn set_attribute(&mut self, object: &Thing<'a>, name: &'a str, value: Thing<'a>, span: Span) {
        let binding = Binding { thing: value, span };
        match &object.object {
            Object::Module(module) => {
                let namespace = Rc::clone(&module.namespace);
                self.bind(&namespace, name, binding);
            }
            Object::Class(class) => {
                let namespace = Rc::clone(&class.namespace);
                self.bind(&namespace, name, binding);
            }
            Object::Instance(instance) => {
                if self.has_method(&instance.class, "__setattr__") || self.has_method(&instance.class, name) {
                    let why = opaque(span, "its class decides what setting an attribute does");
                    instance.attributes.poison(name, why);
                }
                let namespace = Rc::clone(&instance.attributes);
                self.bind(&namespace, name, binding);
            }
            // Attributes of functions and of what is outside of the project are not followed.
            _ => {}
        }
    }

    /// `container[key] = value`.
    /// The names that `locals()`, `vars()` or `globals()` hold, where setting one binds it: not in a function.
    fn names_called(&mut self, expression: &'a Expr, scope: &Scope<'a>) -> Option<Rc<Namespace<'a>>> {
        let Expr::Call(call) = expression else { return None };
        if !call.arguments.is_empty() || !matches!(&*call.func, Expr::Name(_)) {
            return None;
        }
        match self.evaluate(&call.func, scope).ok()?.object {
            Object::External(name) if &*name == "builtins.globals" => {
                Some(Rc::clone(&scope.module.namespace))
            }
            Object::External(name) if matches!(&*name, "builtins.locals" | "builtins.vars") => {
                scope.own_names().map(Rc::clone)
            }
            _ => None,
        }
    }

    /// `locals()[name] = value`
    fn assign_name(
        &mut self,
        names: &Rc<Namespace<'a>>,
        key: &'a Expr,
        thing: Thing<'a>,
        scope: &Scope<'a>,
        span: Span,
    ) -> Known<()> {
        let key = super::interpreter::settle(self.evaluate(key, scope))?;
        if let Object::Constant(Value::Str(name)) = &key.object {
            let name = self.arena.name(name);
            self.bind(names, name, Binding { thing, span });
        } else {
            names.open(super::interpreter::opaque(
                span,
                "`locals()` is given names that are computed",
            ));
        }
        Ok(())
    }

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
            Object::Constant(_) | Object::Tuple(_) | Object::Set(_) | Object::Range(_) => {
                let kind = self.type_name(container);
                Err(type_error(
                    span,
                    format!("'{kind}' object does not support item assignment"),
                ))
            }
            _ => Ok(()),
        }
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
                self.set_attribute(&object, attribute.attr.as_str(), new, target_span);
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
        let method = match (&old.object, op) {
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
            _ => return super::interpreter::settle(self.binary(op, old, value, span)),
        };
        let given = super::convert::Given::of(vec![(value.clone(), span)]);
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
                let namespace = match &object.object {
                    Object::Module(module) => Rc::clone(&module.namespace),
                    Object::Class(class) => Rc::clone(&class.namespace),
                    Object::Instance(instance) => Rc::clone(&instance.attributes),
                    _ => return Ok(()),
                };
                self.remove(&namespace, node.attr.as_str());
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

    fn delete_item(&mut self, container: &Thing<'a>, key: &Thing<'a>, span: Span) -> Known<()> {
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
            Object::Constant(_) | Object::Tuple(_) | Object::Set(_) | Object::Range(_) => {
                let kind = self.type_name(container);
                Err(type_error(
                    span,
                    format!("'{kind}' object doesn't support item deletion"),
                ))
            }
            _ => Ok(()),
        }
    }
}
