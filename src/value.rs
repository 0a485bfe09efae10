//! Python constants, and what is known of an expression before any task runs. Knows no syntax tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::source::Span;

/// A Python value that can be written as a constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    /// In insertion order, without duplicates.
    Set(Vec<Value>),
    /// In insertion order; keys are unique as Python compares them (`1 == True == 1.0`).
    Dict(Vec<(Value, Value)>),
    Ellipsis,
}

impl Value {
    pub fn str(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self {
            Some(*flag)
        } else {
            None
        }
    }

    pub fn as_dict(&self) -> Option<&[(Value, Value)]> {
        if let Self::Dict(entries) = self {
            Some(entries)
        } else {
            None
        }
    }

    /// The elements of a list or tuple.
    pub fn as_sequence(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            Self::None
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Str(_)
            | Self::Bytes(_)
            | Self::Set(_)
            | Self::Dict(_)
            | Self::Ellipsis => None,
        }
    }

    /// The entry of a dict under a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_dict()?
            .iter()
            .find(|(name, _)| name.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// Python's name of the type: `int`, `str`, `NoneType` …
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::Dict(_) => "dict",
            Self::Ellipsis => "ellipsis",
        }
    }

    /// Python's `bool(value)`.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => !items.is_empty(),
            Self::Dict(entries) => !entries.is_empty(),
            Self::Ellipsis => true,
        }
    }
}

/// What is known of one expression at definition time.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    pub span: Span,
    pub result: Result<Value, Unknown>,
    /// What the value, known or not, rests on outside of the sources.
    pub depends_on: BTreeSet<Input>,
}

impl Evaluated {
    pub fn known(span: Span, value: Value) -> Self {
        Self {
            span,
            result: Ok(value),
            depends_on: BTreeSet::new(),
        }
    }

    pub fn value(&self) -> Option<&Value> {
        self.result.as_ref().ok()
    }
}

/// Something outside of the sources that a value was taken from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// `os.environ["NAME"]`: shown as `env:NAME`.
    Environment(String),
    /// `config.a.b`: shown as `config:config.a.b`.
    Config(String),
}

impl std::fmt::Display for Input {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(name) => write!(out, "env:{name}"),
            Self::Config(path) => write!(out, "config:{path}"),
        }
    }
}

/// Why a value is not known at definition time, with the exact expression that is to blame.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    pub span: Span,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Belongs to a running task: `self.x`, `current.run_id`, `inputs`. `what` is the source text, as `self.x`.
    Runtime { what: String },
    /// A `Parameter` or `Config` object where a value is meant: it would be its truth, its text, a `TypeError`.
    Placeholder {
        kind: Placeholder,
        name: String,
        used: PlaceholderUse,
    },
    /// Python would raise this at definition time: `NameError`, `name 'x' is not defined`.
    Raises {
        exception: &'static str,
        message: String,
    },
    /// Needs code to run; the reason is the second half of "cannot be known statically: …".
    Opaque { reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    Parameter,
    IncludeFile,
    Config,
}

/// How a placeholder object was used as if it were its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceholderUse {
    /// `1 if p else 2`, `not p`, `p and q`: always true.
    Truth,
    /// `f"{p}"`, `str(p)`, `"%s" % p`: its repr.
    Text,
    /// `p + 1`, `p > 3`: a `TypeError`.
    Arithmetic,
    /// `p["x"]`: silently `None`.
    Item,
    /// `cpu=p`: the object itself.
    Bare,
}
