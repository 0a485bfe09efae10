//! The class of a class: which of those of its bases Python takes, and where it finds none. Knows no attributes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects have a known metaclass"
)]

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::library;
use super::object::{Binding, Class, Object, Thing};
use crate::value::Unknown;

/// A metaclass as what it derives from, itself first, `type` left out: of two, one derives from the other or none does.
#[derive(Clone, Debug)]
pub enum Metaclass<'a> {
    Known(Vec<Kind<'a>>),
    Unknown,
}

/// A class that classes are made of.
#[derive(Clone, Debug)]
pub enum Kind<'a> {
    /// `abc.ABCMeta`
    Abstract,
    /// That of `typing.Protocol`, which is abstract too.
    Protocol,
    /// `enum.EnumMeta`, of Python 3.11 on `enum.EnumType`
    Enumeration,
    /// Metaflow 2.13 and later: `flowspec.py`, `FlowSpecMeta`
    Flow,
    Project(Rc<Class<'a>>),
}

impl Kind<'_> {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Project(one), Self::Project(other)) => Rc::ptr_eq(one, other),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Classes of the standard library beside `collections.abc` that are made by `abc.ABCMeta`.
const ABSTRACT: [&str; 17] = [
    "abc.ABC",
    "collections.ChainMap",
    "collections.UserDict",
    "collections.UserList",
    "collections.UserString",
    "contextlib.AbstractAsyncContextManager",
    "contextlib.AbstractContextManager",
    "io.BufferedIOBase",
    "io.IOBase",
    "io.RawIOBase",
    "io.TextIOBase",
    "numbers.Complex",
    "numbers.Integral",
    "numbers.Number",
    "numbers.Rational",
    "numbers.Real",
    "os.PathLike",
];

impl<'a> Interpreter<'a> {
    /// The metaclass of a class with these bases and this `metaclass=`; nothing where Python finds that no one of
    /// them derives from all others.
    pub(super) fn metaclass(
        &mut self,
        bases: &[Binding<'a>],
        explicit: Option<&Thing<'a>>,
    ) -> Option<Metaclass<'a>> {
        let mut found = match explicit {
            Some(thing) => self.as_metaclass(thing),
            None => Metaclass::Known(Vec::new()),
        };
        for base in bases {
            found = derived(found, of_base(&base.thing.object))?;
        }
        Some(found)
    }

    /// What makes classes where it stands behind `metaclass=`.
    fn as_metaclass(&mut self, thing: &Thing<'a>) -> Metaclass<'a> {
        match &thing.object {
            Object::External(name) => named(name),
            Object::Class(class) => self.made_by_project(class),
            _ => Metaclass::Unknown,
        }
    }

    /// `class Registry(type)`
    fn made_by_project(&mut self, class: &Rc<Class<'a>>) -> Metaclass<'a> {
        let mut kinds: Vec<Kind<'a>> = self
            .resolution_order(class)
            .into_iter()
            .map(Kind::Project)
            .collect();
        let mut is_type = false;
        for base in self.external_bases(class) {
            match base.as_deref() {
                Some("builtins.object") => continue,
                Some(name) => match named(name) {
                    Metaclass::Known(above) => kinds.extend(above),
                    Metaclass::Unknown => return Metaclass::Unknown,
                },
                None => return Metaclass::Unknown,
            }
            is_type = true;
        }
        if is_type {
            Metaclass::Known(kinds)
        } else {
            Metaclass::Unknown
        }
    }
}

impl<'a> Metaclass<'a> {
    /// The classes of the project that it is made of.
    fn of_project(&self) -> impl Iterator<Item = &Rc<Class<'a>>> {
        let kinds = match self {
            Self::Known(kinds) => kinds.as_slice(),
            Self::Unknown => &[],
        };
        kinds.iter().filter_map(|kind| match kind {
            Kind::Project(class) => Some(class),
            Kind::Abstract | Kind::Protocol | Kind::Enumeration | Kind::Flow => None,
        })
    }

    /// May it have methods that decide what becomes of the class, and raise?
    pub(super) fn may_interfere(&self) -> bool {
        self.of_project().next().is_some()
    }

    /// Does a class of the project decide what calling its classes gives?
    pub(super) fn calls(&self) -> bool {
        self.of_project().any(|class| class.get("__call__").is_some())
    }

    /// May it define this method, which then decides what is done with its classes?
    pub(super) fn may_define(&self, method: &str) -> bool {
        matches!(self, Self::Unknown) || self.of_project().any(|class| class.get(method).is_some())
    }

    /// `isinstance` of its classes is not up to their bases alone: `ABC.register`, protocols, `__instancecheck__`.
    pub(super) fn decides_instances(&self) -> bool {
        let Self::Known(kinds) = self else { return true };
        let is_structural = |kind: &Kind<'a>| matches!(kind, Kind::Abstract | Kind::Protocol);
        kinds.iter().any(is_structural)
            || self.may_define("__instancecheck__")
            || self.may_define("__subclasscheck__")
    }

    /// `__prepare__` gives the names that the class body begins with.
    pub(super) fn prepares(&self) -> bool {
        self.of_project().any(|class| class.get("__prepare__").is_some())
    }

    /// Making a class runs methods of the metaclass, which may change what it holds: `registry[name] = cls`.
    pub(super) fn lose(&self, why: &Unknown) {
        for class in self.of_project() {
            class.namespace.lose(why);
        }
    }
}

/// The one of two that derives from the other; nothing where neither does.
fn derived<'a>(one: Metaclass<'a>, other: Metaclass<'a>) -> Option<Metaclass<'a>> {
    let (Metaclass::Known(first), Metaclass::Known(second)) = (&one, &other) else {
        return Some(Metaclass::Unknown);
    };
    let derives = |kinds: &[Kind<'a>], from: &[Kind<'a>]| {
        from.first()
            .is_none_or(|kind| kinds.iter().any(|other| other.is(kind)))
    };
    if derives(first, second) {
        Some(one)
    } else if derives(second, first) {
        Some(other)
    } else {
        None
    }
}

fn of_base<'a>(base: &Object<'a>) -> Metaclass<'a> {
    match base {
        Object::Class(class) => class.metaclass.clone(),
        Object::External(name) if &**name == "metaflow.FlowSpec" => Metaclass::Known(vec![Kind::Flow]),
        Object::External(name) if is_abstract(name) => Metaclass::Known(vec![Kind::Abstract]),
        Object::External(name) => match &**name {
            "enum.Enum" | "enum.IntEnum" | "enum.Flag" | "enum.IntFlag" | "enum.StrEnum" => {
                Metaclass::Known(vec![Kind::Enumeration])
            }
            "typing.Protocol" => Metaclass::Known(vec![Kind::Protocol, Kind::Abstract]),
            "typing.Generic" => Metaclass::Known(Vec::new()),
            name if is_plain(name) => Metaclass::Known(Vec::new()),
            _ => Metaclass::Unknown,
        },
        _ => Metaclass::Unknown,
    }
}

fn is_abstract(name: &str) -> bool {
    ABSTRACT.binary_search(&name).is_ok() || name.starts_with("collections.abc.")
}

/// `object`, `dict`, `ValueError`: made by `type`.
fn is_plain(name: &str) -> bool {
    let Some(name) = name.strip_prefix("builtins.") else {
        return false;
    };
    matches!(
        name,
        "object" | "int" | "float" | "str" | "bytes" | "dict" | "list" | "tuple" | "set" | "frozenset"
    ) || library::exception(name).is_some()
}

fn named<'a>(name: &str) -> Metaclass<'a> {
    match name {
        "builtins.type" => Metaclass::Known(Vec::new()),
        "abc.ABCMeta" => Metaclass::Known(vec![Kind::Abstract]),
        "enum.EnumMeta" | "enum.EnumType" => Metaclass::Known(vec![Kind::Enumeration]),
        "metaflow.flowspec.FlowSpecMeta" => Metaclass::Known(vec![Kind::Flow]),
        _ => Metaclass::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(ABSTRACT.is_sorted());
    }
}
