//! Names bound to objects, in order of first binding: of a module, a class, a function call.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only three kinds of objects have attributes of their own"
)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::object::{Binding, Object, Thing};
use crate::value::Unknown;

/// Above this many names they are found by hash.
const FEW: usize = 12;

/// A table of names with interior mutability, as it is shared by all that can see the scope.
#[derive(Debug, Default)]
pub struct Namespace<'a> {
    entries: RefCell<Vec<(&'a str, Binding<'a>)>>,
    index: RefCell<HashMap<&'a str, usize>>,
    poisoned: RefCell<Vec<(&'a str, Unknown)>>,
    /// Names whose objects are changed elsewhere.
    poisoned_content: RefCell<Vec<(&'a str, Unknown)>>,
    /// Attributes of the object under a name that are changed elsewhere: (`settings`, `LIMITS`).
    poisoned_attributes: RefCell<Vec<(&'a str, &'a str, Unknown)>>,
    /// Nothing here is known any more.
    lost: RefCell<Option<Unknown>>,
    /// There may be more names than these: a star import from outside of the project, `globals()[…] = …`.
    open: RefCell<Option<Unknown>>,
    /// `from metaflow import *` stands there: an extension of Metaflow may have brought more decorators and functions.
    pub(super) is_extensible: Cell<bool>,
    /// The attributes of a function, which has more than those that are set on it.
    pub(super) is_of_function: Cell<bool>,
    /// Which uncertain branch it was made in; see `branch.rs`.
    pub(super) born: Cell<u32>,
}

impl<'a> Namespace<'a> {
    /// The binding of a name; one that is changed elsewhere is an unknown, whatever its first value.
    pub fn get(&self, name: &str) -> Option<Binding<'a>> {
        let mut binding = self.bound(name)?;
        let poisoned = self.poisoned.borrow();
        if let Some((_, unknown)) = poisoned.iter().find(|(key, _)| *key == name) {
            binding.thing = Thing::unknown(unknown.clone());
        }
        if let Some(unknown) = &*self.lost.borrow() {
            binding.thing = Thing::unknown(unknown.clone());
        }
        Some(binding)
    }

    /// What was bound last, though the name may be changed elsewhere.
    pub(super) fn bound(&self, name: &str) -> Option<Binding<'a>> {
        let entries = self.entries.borrow();
        let position = self.position(&entries, name)?;
        entries.get(position).map(|(_, binding)| binding.clone())
    }

    pub fn set(&self, name: &'a str, binding: Binding<'a>) {
        let mut entries = self.entries.borrow_mut();
        if let Some(position) = self.position(&entries, name) {
            if let Some(entry) = entries.get_mut(position) {
                entry.1 = binding;
            }
            return;
        }
        entries.push((name, binding));
        let mut index = self.index.borrow_mut();
        match entries.len().checked_sub(FEW) {
            None | Some(0) => {}
            Some(1) => index.extend(entries.iter().enumerate().map(|(at, (name, _))| (*name, at))),
            Some(_) => {
                index.insert(name, entries.len() - 1);
            }
        }
    }

    /// Takes a name away (`del x`); was it there?
    pub fn remove(&self, name: &str) -> bool {
        let mut entries = self.entries.borrow_mut();
        let Some(position) = self.position(&entries, name) else {
            return false;
        };
        entries.remove(position);
        let mut index = self.index.borrow_mut();
        index.clear();
        if entries.len() > FEW {
            index.extend(entries.iter().enumerate().map(|(at, (name, _))| (*name, at)));
        }
        true
    }

    /// All names with their bindings, in order of first binding.
    pub fn entries(&self) -> Vec<(&'a str, Binding<'a>)> {
        let names: Vec<&'a str> = self.entries.borrow().iter().map(|(name, _)| *name).collect();
        let bindings = names.into_iter();
        bindings
            .filter_map(|name| Some((name, self.get(name)?)))
            .collect()
    }

    /// From now on the name's value is unknown, however it is bound.
    pub(super) fn poison(&self, name: &'a str, unknown: Unknown) {
        let mut poisoned = self.poisoned.borrow_mut();
        if !poisoned.iter().any(|(key, _)| *key == name) {
            poisoned.push((name, unknown));
        }
    }

    /// From now on the content of whatever the name is bound to is unknown.
    pub(super) fn poison_content(&self, name: &'a str, unknown: Unknown) {
        self.poisoned_content.borrow_mut().push((name, unknown));
    }

    /// From now on the attribute of whatever the name is bound to is unknown.
    pub(super) fn poison_attribute(&self, name: &'a str, attribute: &'a str, unknown: Unknown) {
        let mut poisoned = self.poisoned_attributes.borrow_mut();
        poisoned.push((name, attribute, unknown));
    }

    /// Carries what is known to change elsewhere over to the object that a name is bound to.
    pub(super) fn apply_poison(&self, name: &str, thing: &Thing<'a>) {
        for (_, unknown) in self
            .poisoned_content
            .borrow()
            .iter()
            .filter(|(key, _)| *key == name)
        {
            match &thing.object {
                Object::List(items) | Object::Set(items) => items.spoil(unknown.clone()),
                Object::Dict(entries) => entries.spoil(unknown.clone()),
                _ => {}
            }
        }
        for (_, attribute, unknown) in self
            .poisoned_attributes
            .borrow()
            .iter()
            .filter(|entry| entry.0 == name)
        {
            match &thing.object {
                Object::Module(module) => module.namespace.poison_now(attribute, unknown),
                Object::Class(class) => class.namespace.poison_now(attribute, unknown),
                Object::Instance(instance) => instance.attributes.poison_now(attribute, unknown),
                _ => {}
            }
        }
    }

    fn poison_now(&self, name: &'a str, unknown: &Unknown) {
        self.poison(name, unknown.clone());
        let content = self.bound(name).map(|binding| binding.thing.object);
        match content {
            Some(Object::List(items) | Object::Set(items)) => items.spoil(unknown.clone()),
            Some(Object::Dict(entries)) => entries.spoil(unknown.clone()),
            Some(_) | None => {}
        }
    }

    /// Nothing here can be known any more: the object went to code that is not followed.
    pub(super) fn open_wholly(&self, why: &Unknown) {
        self.lost.borrow_mut().get_or_insert_with(|| why.clone());
        self.open(why.clone());
    }

    /// Names that are not here may exist nevertheless.
    pub(super) fn open(&self, why: Unknown) {
        self.open.borrow_mut().get_or_insert(why);
    }

    /// Can there be names that are not here?
    pub fn may_have_more(&self) -> bool {
        self.why_open().is_some()
    }

    /// Why there can be names that are not here.
    pub fn why_open(&self) -> Option<Unknown> {
        self.open.borrow().clone()
    }

    /// Forgets everything, which breaks the cycles of functions and the scopes they were made in.
    pub(super) fn clear(&self) {
        let entries = std::mem::take(&mut *self.entries.borrow_mut());
        self.index.borrow_mut().clear();
        drop(entries);
    }

    fn position(&self, entries: &[(&'a str, Binding<'a>)], name: &str) -> Option<usize> {
        if entries.len() <= FEW {
            return entries.iter().position(|(key, _)| *key == name);
        }
        self.index.borrow().get(name).copied()
    }
}
