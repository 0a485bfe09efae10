//! Attributes of objects set and deleted: what the object's class decides by properties, descriptors, slots and
//! methods of its own.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects have attributes that can be set"
)]

use std::rc::Rc;

use super::assign::is_without_attributes;
use super::convert::Given;
use super::interpreter::{Interpreter, Known, Stop, opaque, raise, type_error};
use super::object::{Binding, Class, Function, Instance, Object, Thing};
use crate::source::Span;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// `object.name = value`.
    pub fn set_attribute(
        &mut self,
        object: &Thing<'a>,
        name: &'a str,
        value: Thing<'a>,
        span: Span,
    ) -> Known<()> {
        let binding = Binding { thing: value, span };
        match &object.object {
            Object::Module(module) => {
                let namespace = Rc::clone(&module.namespace);
                self.bind(&namespace, name, binding);
            }
            Object::Class(class) => self.set_of_class(class, name, binding)?,
            Object::Instance(instance) => self.set_of_instance(instance, name, binding)?,
            Object::External(external) => {
                self.doubt_use(object);
                self.patch(&Rc::clone(external), name, binding);
            }
            Object::Unknown(_) => self.change_unknown(span),
            Object::Function(function) => self.set_function_attribute(function, name, binding),
            kind if is_without_attributes(kind) => return Err(self.lacks_attribute(object, name, span)),
            // Attributes of what was made outside of the project.
            _ => self.doubt(),
        }
        Ok(())
    }

    fn set_of_class(&mut self, class: &Rc<Class<'a>>, name: &'a str, binding: Binding<'a>) -> Known<()> {
        let span = binding.span;
        if self.is_plain_member(class, name) {
            let message = format!("cannot reassign member '{name}'");
            return Err(raise(span, "AttributeError", message));
        }
        if Class::own_name(name).is_some() && is_no_text(&binding.thing.object) {
            let (class, kind) = (class.name, self.type_name(&binding.thing));
            let message = format!("can only assign string to {class}.{name}, not '{kind}'");
            return Err(type_error(span, message));
        }
        if matches!(name, "__bases__" | "__class__") {
            let why = opaque(span, format!("`{name}` of `{}` is set", class.name));
            class.namespace.open_wholly(&why);
        }
        if class.metaclass.may_interfere() {
            self.doubt();
        }
        let namespace = Rc::clone(&class.namespace);
        self.bind(&namespace, Class::own_name(name).unwrap_or(name), binding);
        Ok(())
    }

    fn set_of_instance(
        &mut self,
        instance: &Rc<Instance<'a>>,
        name: &'a str,
        binding: Binding<'a>,
    ) -> Known<()> {
        let span = binding.span;
        let class = &instance.class;
        if self.is_frozen(class) {
            let message = format!("cannot assign to field '{name}'");
            return Err(raise(span, "FrozenInstanceError", message));
        }
        if self.may_have_more(class) {
            self.doubt();
        }
        let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
        if self.has_method(class, "__setattr__") {
            let key = Thing::constant(Value::str(name));
            self.provoke(&receiver, &["__setattr__"], &[&key, &binding.thing], span)?;
        } else {
            self.check_property(&receiver, class, name, Some(&binding.thing), span)?;
            self.check_slots(class, name, span)?;
        }
        self.bind_attribute(instance, name, binding);
        Ok(())
    }

    fn bind_attribute(&mut self, instance: &Rc<Instance<'a>>, name: &'a str, binding: Binding<'a>) {
        // `self.__dict__ = shared`, `self.__class__ = Other`
        if matches!(name, "__dict__" | "__class__") || self.decides_attribute(&instance.class, name) {
            let why = opaque(binding.span, "its class decides what setting an attribute does");
            instance.attributes.open_wholly(&why);
        }
        let namespace = Rc::clone(&instance.attributes);
        self.bind(&namespace, name, binding);
    }

    /// `object.__setattr__(self, "n", 1)`, `object.__delattr__(self, "n")`: what the class itself would do is passed
    /// by, its properties and slots are not.
    pub(super) fn set_past_class(
        &mut self,
        object: &Thing<'a>,
        name: &'a str,
        value: Option<Thing<'a>>,
        span: Span,
    ) -> Known<()> {
        let Object::Instance(instance) = &object.object else {
            return match value {
                Some(value) => self.set_attribute(object, name, value, span),
                None => self.delete_attribute(object, name, span),
            };
        };
        if self.may_have_more(&instance.class) {
            self.doubt();
        }
        self.check_property(object, &instance.class, name, value.as_ref(), span)?;
        self.check_slots(&instance.class, name, span)?;
        match value {
            Some(thing) => self.bind_attribute(instance, name, Binding { thing, span }),
            None if self.remove(&Rc::clone(&instance.attributes), name) => {}
            None => self.doubt(),
        }
        Ok(())
    }

    /// What a property or descriptor raises when the attribute is set, or deleted where there is no value.
    fn check_property(
        &mut self,
        receiver: &Thing<'a>,
        class: &Rc<Class<'a>>,
        name: &str,
        value: Option<&Thing<'a>>,
        span: Span,
    ) -> Known<()> {
        let Some((_, member)) = self.find_member(class, name) else {
            return Ok(());
        };
        match &member.thing.object {
            Object::Function(function) => {
                let accessor = if value.is_some() { ".setter" } else { ".deleter" };
                match self.property(function, accessor) {
                    Property::None => Ok(()),
                    Property::Unknown => {
                        self.doubt();
                        Ok(())
                    }
                    Property::ReadOnly => {
                        let (class, kind) = (class.name, accessor.trim_start_matches('.'));
                        let message = format!("property '{name}' of '{class}' object has no {kind}");
                        Err(raise(span, "AttributeError", message))
                    }
                    Property::Accessor(accessor) => {
                        let mut given = vec![(receiver.clone(), span)];
                        given.extend(value.map(|value| (value.clone(), span)));
                        match self.call_function(&Rc::new(accessor), Given::of(given), span) {
                            Err(Stop::Raise(raised)) => Err(Stop::Raise(raised)),
                            Err(Stop::Unknown(_)) => {
                                self.doubt();
                                Ok(())
                            }
                            Ok(_) => Ok(()),
                        }
                    }
                }
            }
            Object::Instance(_) => match value {
                Some(value) => self.provoke(&member.thing, &["__set__"], &[receiver, value], span),
                None => self.provoke(&member.thing, &["__delete__"], &[receiver], span),
            },
            object if is_plain_value(object) => Ok(()),
            _ => {
                self.doubt();
                Ok(())
            }
        }
    }

    /// What a function of a class is as a property, where it is asked for one of its accessors.
    fn property(&self, function: &Function<'a>, accessor: &str) -> Property<'a> {
        let decorators = function.decorators.borrow();
        let [decoration] = decorators.as_slice() else {
            return if decorators.is_empty() {
                Property::None
            } else {
                Property::Unknown
            };
        };
        let Object::External(decorator) = &decoration.decorator.object else {
            return Property::Unknown;
        };
        match &**decorator {
            // Not `property(get, set)`.
            "builtins.property" if !self.text(decoration.span).contains(',') => Property::ReadOnly,
            "builtins.property.setter" if self.text(decoration.span).ends_with(accessor) => {
                let inner = function.clone();
                inner.decorators.borrow_mut().clear();
                Property::Accessor(inner)
            }
            "builtins.staticmethod" | "builtins.classmethod" | "functools.cached_property" => Property::None,
            _ => Property::Unknown,
        }
    }

    /// Where all classes of the object say its `__slots__`, it has no other attributes.
    fn check_slots(&mut self, class: &Rc<Class<'a>>, name: &str, span: Span) -> Known<()> {
        let mut slots = Vec::new();
        for owner in self.resolution_order(class) {
            let Some(binding) = owner.namespace.get("__slots__") else {
                return Ok(());
            };
            let Ok(written) = self.value_of(&binding.thing, span) else {
                self.doubt();
                return Ok(());
            };
            match &written {
                Value::Str(one) => slots.push(one.to_string()),
                several => match several.as_sequence() {
                    Some(several) => {
                        slots.extend(several.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    None => {
                        self.doubt();
                        return Ok(());
                    }
                },
            }
        }
        let has_slot = |slot: &String| slot == name || slot == "__dict__";
        if slots.iter().any(has_slot) || self.may_have_more(class) || name.starts_with("__") {
            return Ok(());
        }
        let message = format!("'{}' object has no attribute '{name}'", class.name);
        Err(raise(span, "AttributeError", message))
    }

    fn lacks_attribute(&mut self, object: &Thing<'a>, name: &str, span: Span) -> Stop {
        let kind = self.type_name(object);
        raise(
            span,
            "AttributeError",
            format!("'{kind}' object has no attribute '{name}'"),
        )
    }

    /// `del object.name`
    pub fn delete_attribute(&mut self, object: &Thing<'a>, name: &'a str, span: Span) -> Known<()> {
        let namespace = match &object.object {
            Object::Module(module) => Rc::clone(&module.namespace),
            Object::Class(class) => {
                if class.metaclass.may_interfere() {
                    self.doubt();
                }
                Rc::clone(&class.namespace)
            }
            Object::Instance(instance) => {
                self.check_deletion(instance, name, span)?;
                Rc::clone(&instance.attributes)
            }
            Object::Function(function) => {
                self.delete_function_attribute(function, name, span);
                return Ok(());
            }
            kind if is_without_attributes(kind) => return Err(self.lacks_attribute(object, name, span)),
            _ => {
                self.doubt();
                return Ok(());
            }
        };
        if !self.remove(&namespace, name) {
            self.doubt();
        }
        Ok(())
    }

    fn check_deletion(&mut self, instance: &Rc<Instance<'a>>, name: &str, span: Span) -> Known<()> {
        let class = &instance.class;
        if self.is_frozen(class) {
            let message = format!("cannot delete field '{name}'");
            return Err(raise(span, "FrozenInstanceError", message));
        }
        let receiver = Thing::new(Object::Instance(Rc::clone(instance)));
        if self.has_method(class, "__delattr__") {
            let key = Thing::constant(Value::str(name));
            return self.provoke(&receiver, &["__delattr__"], &[&key], span);
        }
        self.check_property(&receiver, class, name, None, span)
    }

    /// A property, or `__setattr__`: setting the attribute runs code of the class.
    fn decides_attribute(&mut self, class: &Rc<Class<'a>>, name: &str) -> bool {
        let member = self.find_member(class, name);
        self.has_method(class, "__setattr__")
            || member.is_some_and(|(_, binding)| !is_plain_value(&binding.thing.object))
    }
}

/// What a function in a class body is when the attribute of its name is set or deleted.
enum Property<'a> {
    /// A method, which gives way.
    None,
    ReadOnly,
    /// The setter or deleter that was asked for.
    Accessor(Function<'a>),
    Unknown,
}

/// A value in a class body that says nothing of how the attribute is set.
fn is_plain_value(object: &Object<'_>) -> bool {
    matches!(
        object,
        Object::Constant(_)
            | Object::List(_)
            | Object::Dict(_)
            | Object::Set(_)
            | Object::Tuple(_)
            | Object::Range(_)
            | Object::Path(_)
    )
}

/// A value that is known to be no text.
fn is_no_text(object: &Object<'_>) -> bool {
    match object {
        Object::Constant(value) => !matches!(value, Value::Str(_)),
        Object::Tuple(_) | Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Range(_) => true,
        _ => false,
    }
}
