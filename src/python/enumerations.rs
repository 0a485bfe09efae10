//! Enumerations: their members, and what Python refuses of them. Knows no values that a class computes (`auto()`).
#![expect(clippy::wildcard_enum_match_arm, reason = "values are of any kind")]

use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, opaque, raise, type_error, unknown};
use super::object::{Binding, Class, Instance, Object, Thing};
use super::parse::span_of;
use crate::source::Span;
use crate::value::{Unknown, Value};

impl<'a> Interpreter<'a> {
    pub fn is_enumeration(&mut self, class: &Rc<Class<'a>>) -> bool {
        self.derives_from(
            class,
            &[
                "enum.Enum",
                "enum.IntEnum",
                "enum.StrEnum",
                "enum.Flag",
                "enum.IntFlag",
            ],
        )
    }

    /// `Color.RED`: an object with `name` and `value`, the same each time.
    pub fn enumeration_member(
        &mut self,
        class: &Rc<Class<'a>>,
        name: &'a str,
        binding: &Binding<'a>,
    ) -> Thing<'a> {
        let span = binding.span;
        let value = match &binding.thing.object {
            Object::Applied(_) => Thing::unknown(opaque(span, "the value is made by the class")),
            _ => binding.thing.clone(),
        };
        let name = match self.first_name(class, name, &value, span) {
            Ok(first) => first,
            Err(why) => return Thing::unknown(why),
        };
        let is_member = |(known, member, _): &&(Rc<Class<'a>>, &str, Thing<'a>)| {
            Rc::ptr_eq(known, class) && *member == name
        };
        if let Some((_, _, member)) = self.members.iter().find(is_member) {
            return member.clone();
        }
        let attributes = self.namespace();
        attributes.set("value", Binding { thing: value, span });
        let thing = Thing::constant(Value::str(name));
        attributes.set("name", Binding { thing, span });
        let member = Thing::new(Object::Instance(Rc::new(Instance {
            class: Rc::clone(class),
            attributes,
            span,
            arguments: Vec::new(),
            has_unknown_arguments: false,
        })));
        self.members.push((Rc::clone(class), name, member.clone()));
        member
    }

    /// A second name for a value is an alias of the first.
    fn first_name(
        &mut self,
        class: &Rc<Class<'a>>,
        name: &'a str,
        value: &Thing<'a>,
        span: Span,
    ) -> Result<&'a str, Unknown> {
        for (earlier, binding) in class.namespace.entries() {
            if earlier == name {
                break;
            }
            let is_member = !earlier.starts_with('_')
                && matches!(
                    binding.thing.object,
                    Object::Constant(_) | Object::Tuple(_) | Object::Applied(_)
                );
            match self.equal(&binding.thing, value, span) {
                Ok(true) if is_member => return Ok(earlier),
                Err(Stop::Unknown(why)) if is_member && value.why().is_none() => return Err(why),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(name)
    }

    /// The members that the class itself names, where all of them are constants.
    fn plain_members(&self, class: &Rc<Class<'a>>) -> Option<Vec<(&'a str, Binding<'a>)>> {
        let is_open = class.namespace.why_open().is_some();
        let mut members = Vec::new();
        for (name, binding) in class.namespace.entries() {
            match &binding.thing.object {
                Object::Function(_) => {}
                Object::Constant(_) if !name.starts_with('_') => members.push((name, binding)),
                _ => return None,
            }
        }
        (!is_open && !members.is_empty()).then_some(members)
    }

    /// Is it a direct `class Color(Enum)`, of which nothing is decided elsewhere?
    fn is_plain_enumeration(&mut self, class: &Rc<Class<'a>>) -> bool {
        let bases = self.external_bases(class);
        let is_plain = |base: &Option<Rc<str>>| base.as_deref() == Some("enum.Enum");
        let has_one_base = class.bases.len() == 1;
        let decides = [
            "_missing_",
            "__new__",
            "__init__",
            "_ignore_",
            "_generate_next_value_",
        ];
        has_one_base && bases.iter().all(is_plain) && !decides.iter().any(|name| self.has_method(class, name))
    }

    /// What Python refuses when the class is made: a name used twice, members added to an enumeration that has some,
    /// `@unique` over two names of one value.
    pub(super) fn check_enumeration(
        &mut self,
        class: &Rc<Class<'a>>,
        decorators: &[(Thing<'a>, Span)],
    ) -> Known<()> {
        if class.bases.is_empty() || !self.is_enumeration(class) {
            return Ok(());
        }
        let name_span = span_of(class.source, class.node.name.range);
        for base in &class.bases {
            if let Object::Class(base) = &base.thing.object
                && self.is_enumeration(base)
                && self.plain_members(base).is_some()
            {
                let message = format!("<enum '{}'> cannot extend <enum '{}'>", class.name, base.name);
                return self.refuse(type_error(name_span, message));
            }
        }
        if !self.is_plain_enumeration(class) {
            return Ok(());
        }
        if let Some((again, span)) = member_named_twice(class) {
            return self.refuse(type_error(span, format!("'{again}' already defined")));
        }
        let is_unique = |(thing, _): &&(Thing<'a>, Span)| matches!(&thing.object, Object::External(name) if &**name == "enum.unique");
        let (Some((_, span)), Some(members)) = (decorators.iter().find(is_unique), self.plain_members(class))
        else {
            return Ok(());
        };
        for (name, binding) in members {
            let first = self.first_name(class, name, &binding.thing, binding.span);
            if let Ok(first) = first
                && first != name
            {
                let message = format!(
                    "duplicate values found in <enum '{}'>: {name} -> {first}",
                    class.name
                );
                return self.refuse(raise(*span, "ValueError", message));
            }
        }
        Ok(())
    }

    /// Reports what Python raises where nothing catches it, and goes on.
    pub(super) fn refuse(&mut self, stop: Stop) -> Known<()> {
        match stop {
            Stop::Raise(why) if self.is_guarded() => {
                self.report(&why);
                Ok(())
            }
            stop => Err(stop),
        }
    }

    /// `Color(1)`
    pub(super) fn member_of_value(
        &mut self,
        class: &Rc<Class<'a>>,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let not_followed = || unknown(span, format!("`{}(…)` looks a member up", class.name));
        let ([argument], None) = (given.arguments.as_slice(), &given.unknown) else {
            return Err(not_followed());
        };
        let is_constant = matches!(argument.thing.object, Object::Constant(_));
        if !is_constant || argument.name.is_some() || !self.is_plain_enumeration(class) {
            return Err(not_followed());
        }
        let members = self.plain_members(class).ok_or_else(not_followed)?;
        for (name, binding) in members {
            if self.equal(&binding.thing, &argument.thing, span)? {
                return Ok(self.enumeration_member(class, name, &binding));
            }
        }
        let value = self.value_of(&argument.thing, span)?;
        let message = format!("{} is not a valid {}", value.to_repr(), class.name);
        Err(raise(span, "ValueError", message))
    }

    /// `Color["RED"]`
    pub(super) fn member_by_name(
        &mut self,
        class: &Rc<Class<'a>>,
        key: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let not_followed = || unknown(span, format!("`{}[…]` looks a member up", class.name));
        let Object::Constant(Value::Str(key)) = &key.object else {
            return Err(not_followed());
        };
        if !self.is_plain_enumeration(class) {
            return Err(not_followed());
        }
        let members = self.plain_members(class).ok_or_else(not_followed)?;
        match members.into_iter().find(|(name, _)| *name == &**key) {
            Some((name, binding)) => Ok(self.enumeration_member(class, name, &binding)),
            None => Err(raise(span, "KeyError", Value::str(&**key).to_repr())),
        }
    }

    /// Is `Color.NAME` surely missing?
    pub(super) fn lacks_member(&mut self, class: &Rc<Class<'a>>, name: &str) -> bool {
        let is_of_type = name.starts_with('_') || matches!(name, "mro" | "name" | "value");
        !is_of_type
            && class.decorators.borrow().is_empty()
            && self.is_enumeration(class)
            && self.is_plain_enumeration(class)
            && self.plain_members(class).is_some()
    }

    /// Is the attribute a member, which cannot be set anew?
    pub(super) fn is_plain_member(&mut self, class: &Rc<Class<'a>>, name: &str) -> bool {
        self.is_enumeration(class)
            && self.is_plain_enumeration(class)
            && self
                .plain_members(class)
                .is_some_and(|members| members.iter().any(|(member, _)| *member == name))
    }
}

/// `RED = 1` and `RED = 2` in one class body.
fn member_named_twice<'a>(class: &Class<'a>) -> Option<(&'a str, Span)> {
    let mut seen: Vec<&str> = Vec::new();
    for statement in &class.node.body {
        let Stmt::Assign(node) = statement else { continue };
        let [Expr::Name(name)] = node.targets.as_slice() else {
            continue;
        };
        let id = name.id.as_str();
        if id.starts_with('_') || !node.value.is_literal_expr() {
            continue;
        }
        if seen.contains(&id) {
            return Some((id, span_of(class.source, name.range())));
        }
        seen.push(id);
    }
    None
}
