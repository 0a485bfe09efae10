//! Metaflow's decorators as declarations: which attributes each takes, and what it asks for.
//! One file per decorator; the catalog is the list at the end. Knows no syntax tree and no target's output.

use crate::request::{FlowRequest, Request};
use crate::source::Span;
use crate::target::Support;
use crate::value::Value;

/// One decorator of Metaflow 2.19 (`metaflow.plugins`, `STEP_DECORATORS` and `FLOW_DECORATORS`).
#[derive(Debug)]
pub struct Decorator {
    pub name: &'static str,
    pub level: Level,
    /// May stand several times on one step or class.
    pub is_multiple: bool,
    /// Inserted by Metaflow itself; not for users.
    pub is_internal: bool,
    /// In Metaflow's order of declaration, in which its messages list them.
    pub attributes: &'static [Attribute],
}

/// What a decorator is put on, and how it speaks to the plan.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    Step(fn(&Attributes<'_>, &mut Request)),
    Flow(fn(&Attributes<'_>, &mut FlowRequest)),
}

impl Decorator {
    pub fn is_step_level(&self) -> bool {
        matches!(self.level, Level::Step(_))
    }

    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// One attribute ("Parameter" is a flow's parameter): what it accepts and where it has an effect.
#[derive(Debug)]
pub struct Attribute {
    pub name: &'static str,
    /// Metaflow's default as Python writes it: `"1"`, `None`, `{}`.
    pub default: &'static str,
    pub accepts: Kind,
    /// By target, in the order of [`Target::ALL`](crate::target::Target::ALL).
    pub support: [Support; 3],
}

/// The values an attribute accepts. A value outside is what Metaflow refuses or dies of, at definition time
/// or in the deployer.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// No check: anything Metaflow lets pass.
    Any,
    Bool,
    /// A whole number, also as text (`"4"`).
    Int {
        min: i64,
        max: i64,
    },
    /// A number, also as text (`"0.5"`), at least `min` (exclusive when `above`).
    Number {
        min: f64,
        above: bool,
    },
    Text,
    OneOf(&'static [&'static str]),
    /// A list or tuple of texts.
    Texts,
    /// A dict from text to text.
    TextMap,
    Map,
    List,
    /// Text, or a list of texts.
    TextOrTexts,
}

/// The known attributes of one use of a decorator, read by the functions that turn it into a request.
/// Absent attributes and those written as `None` are `None`.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    pub span: Span,
    pub values: Vec<(&'a str, &'a Value)>,
}

impl<'a> Attributes<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let found = self.values.iter().rev().find(|(key, _)| *key == name);
        found
            .map(|(_, value)| *value)
            .filter(|value| !matches!(value, Value::None))
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(Value::is_truthy)
    }
}

/// The decorator of this name, internal ones included.
pub fn find(name: &str) -> Option<&'static Decorator> {
    CATALOG.iter().copied().find(|decorator| decorator.name == name)
}

/// All decorators, sorted by name.
pub static CATALOG: &[&Decorator] = &[];
