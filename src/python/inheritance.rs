//! Bases of classes: the order in which Python searches them, and what they bring from outside of the project.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects can be bases"
)]

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::object::{Binding, Class, Object, Thing};
use super::{library, standard};
use crate::value::Unknown;

/// Bases over bases, more than any program has.
const MOST_BASES: usize = 100;

impl<'a> Interpreter<'a> {
    /// The classes of the project in Python's method resolution order; where there is none, depth first.
    pub fn resolution_order(&mut self, class: &Rc<Class<'a>>) -> Vec<Rc<Class<'a>>> {
        match self.linearized(class) {
            Some(order) => order,
            None => {
                let mut order = Vec::new();
                depth_first(class, &mut order);
                order
            }
        }
    }

    /// The C3 linearization. A class statement asks for it once its bases have theirs.
    pub(super) fn linearized(&self, class: &Rc<Class<'a>>) -> Option<Vec<Rc<Class<'a>>>> {
        let address = Rc::as_ptr(class) as usize;
        if let Some((_, order)) = self.orders.borrow().get(&address) {
            return order.clone();
        }
        let order = self.merged(class);
        let ordered = (Rc::clone(class), order.clone());
        self.orders.borrow_mut().insert(address, ordered);
        order
    }

    /// The class, then what the orders of its bases have in common; no further than [`MOST_BASES`].
    fn merged(&self, class: &Rc<Class<'a>>) -> Option<Vec<Rc<Class<'a>>>> {
        let bases: Vec<Rc<Class<'a>>> = project_bases(class).collect();
        let mut lists = Vec::new();
        for base in &bases {
            lists.push(self.linearized(base)?);
        }
        lists.push(bases);
        let mut order = vec![Rc::clone(class)];
        loop {
            if order.len() > MOST_BASES {
                return Some(order);
            }
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                return Some(order);
            }
            let is_good = |candidate: &Rc<Class<'a>>| {
                lists
                    .iter()
                    .all(|list| !list.iter().skip(1).any(|other| Rc::ptr_eq(other, candidate)))
            };
            let heads = lists.iter().filter_map(|list| list.first());
            let next = Rc::clone(heads.into_iter().find(|candidate| is_good(candidate))?);
            for list in &mut lists {
                if list.first().is_some_and(|head| Rc::ptr_eq(head, &next)) {
                    list.remove(0);
                }
            }
            order.push(next);
        }
    }

    /// `class F(FlowSpec, Base)` with a `Base` that is a `FlowSpec` itself: Python finds no order for these.
    pub(super) fn has_late_descendant(&mut self, class: &Rc<Class<'a>>) -> bool {
        let bases: Vec<Object<'a>> = class.bases.iter().map(|base| base.thing.object.clone()).collect();
        bases.iter().enumerate().any(|(position, base)| {
            // `Generic[T]` steps aside for a later base that is generic.
            let Object::External(name) = base else {
                return false;
            };
            let is_generic = name.starts_with("typing");
            !is_generic
                && bases.iter().skip(position + 1).any(|later| match later {
                    Object::External(_) => &**name == "builtins.object",
                    Object::Class(later) => self
                        .external_bases(later)
                        .iter()
                        .flatten()
                        .any(|other| other == name),
                    _ => false,
                })
        })
    }

    /// Dotted names of bases outside of the project; `None` for one that is not known.
    pub fn external_bases(&mut self, class: &Rc<Class<'a>>) -> Vec<Option<Rc<str>>> {
        let mut names: Vec<Option<Rc<str>>> = Vec::new();
        for class in self.resolution_order(class) {
            for base in &class.bases {
                let name = match &base.thing.object {
                    Object::Class(_) => continue,
                    Object::External(name) => Some(Rc::clone(name)),
                    _ => None,
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// May objects of the class have attributes that are not seen here?
    pub fn may_have_more(&mut self, class: &Rc<Class<'a>>) -> bool {
        let plain = |name: &Rc<str>| {
            matches!(
                &**name,
                "builtins.object" | "abc.ABC" | "typing.Generic" | "typing.Protocol"
            )
        };
        let bases = self.external_bases(class);
        bases.iter().any(|base| !base.as_ref().is_some_and(plain))
    }

    /// Does a metaclass that is not known decide what the class's attributes are?
    pub fn has_foreign_metaclass(&mut self, class: &Rc<Class<'a>>) -> bool {
        let plain = |name: &Rc<str>| {
            name.starts_with("builtins.")
                || name.starts_with("metaflow.")
                || matches!(
                    &**name,
                    "abc.ABC" | "typing.Generic" | "typing.Protocol" | "enum.Enum"
                )
        };
        let bases = self.external_bases(class);
        bases.iter().any(|base| !base.as_ref().is_some_and(plain))
    }

    /// `from company import BaseFlow`, where that is not there `BaseFlow = FlowSpec`: a flow either way, it seems.
    pub(super) fn note_perhaps_flow(
        &mut self,
        name: &'a str,
        one: &Thing<'a>,
        other: &Thing<'a>,
        why: &Unknown,
    ) {
        let (of_one, of_other) = (self.is_flow(one), self.is_flow(other));
        let flow = match (of_one, of_other) {
            (Some(true), Some(true) | None) => one,
            (None, Some(true)) => other,
            (Some(false) | None, _) | (Some(true), Some(false)) => return,
        };
        self.perhaps_flows.insert((why.span, name), flow.clone());
    }

    /// Is it a class that is a flow? Nothing where it is from a package that is not followed.
    fn is_flow(&mut self, thing: &Thing<'a>) -> Option<bool> {
        match &thing.object {
            Object::External(name) if &**name == "metaflow.FlowSpec" => Some(true),
            Object::External(name) => is_of_python(name).then_some(false),
            Object::Class(class) => Some(self.derives_from(class, &["metaflow.FlowSpec"])),
            _ => Some(false),
        }
    }

    /// What stands for a base of which two are possible: the one that is a flow for certain, where no other base is one.
    pub(super) fn perhaps_flow(&mut self, bases: &[Binding<'a>]) -> Option<Binding<'a>> {
        if bases.iter().any(|base| self.is_flow(&base.thing) == Some(true)) {
            return None;
        }
        bases.iter().find_map(|base| {
            let Object::Unknown(unknown) = &base.thing.object else {
                return None;
            };
            let flow = self.perhaps_flows.get(&(unknown.span, self.text(base.span)))?;
            Some(Binding {
                thing: flow.clone(),
                span: base.span,
            })
        })
    }

    pub(super) fn derives_from(&mut self, class: &Rc<Class<'a>>, names: &[&str]) -> bool {
        let bases = self.external_bases(class);
        bases.iter().flatten().any(|base| names.contains(&&**base))
    }
}

/// Is something outside of the project, by its dotted name, of the standard library, or as plain as that?
pub fn is_of_python(name: &str) -> bool {
    let top = name.split('.').next().unwrap_or(name);
    matches!(top, "builtins" | "typing_extensions") || standard::is_standard(top)
}

/// Is it a module of the standard library?
pub fn is_module(name: &str) -> bool {
    !name.contains('.') && standard::is_standard(name)
}

/// Is it an exception among Python's builtins?
pub fn is_exception(name: &str) -> bool {
    let builtin = name.strip_prefix("builtins.");
    builtin.is_some_and(|builtin| library::exception(builtin).is_some())
}

/// `class F(FlowSpec, FlowSpec)`
pub(super) fn base_named_twice(class: &Class<'_>) -> Option<String> {
    let bases: Vec<&Object<'_>> = class.bases.iter().map(|base| &base.thing.object).collect();
    bases.iter().enumerate().find_map(|(position, base)| {
        let mut earlier = bases.iter().take(position);
        match base {
            Object::Class(base) => earlier
                .any(|other| matches!(other, Object::Class(other) if Rc::ptr_eq(other, base)))
                .then(|| base.name.to_owned()),
            Object::External(base) if !base.starts_with("typing") => earlier
                .any(|other| matches!(other, Object::External(other) if other == base))
                .then(|| base.rsplit('.').next().unwrap_or(base).to_owned()),
            _ => None,
        }
    })
}

fn project_bases<'c, 'a>(class: &'c Class<'a>) -> impl Iterator<Item = Rc<Class<'a>>> + 'c {
    class.bases.iter().filter_map(|base| match &base.thing.object {
        Object::Class(class) => Some(Rc::clone(class)),
        _ => None,
    })
}

fn depth_first<'a>(class: &Rc<Class<'a>>, order: &mut Vec<Rc<Class<'a>>>) {
    if order.len() > MOST_BASES || order.iter().any(|known| Rc::ptr_eq(known, class)) {
        return;
    }
    order.push(Rc::clone(class));
    for base in project_bases(class) {
        depth_first(&base, order);
    }
}
