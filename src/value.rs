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
    /// A function, by its `__name__` (`<lambda>` for a lambda): a hook, a deploy-time function.
    Function(Arc<str>),
    /// An object from outside of the project that decorators take: `timedelta(hours=1)`,
    /// `namespaced_event_name("x")`. Only the callees in [`Call::KNOWN`].
    Call(Arc<Call>),
}

/// A call that makes an object, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The dotted name: `datetime.timedelta`.
    pub callee: Arc<str>,
    /// In source order; the name is none for a positional argument.
    pub arguments: Vec<(Option<Arc<str>>, Value)>,
}

impl Call {
    pub const TIMEDELTA: &'static str = "datetime.timedelta";
    pub const NAMESPACED_EVENT: &'static str = "metaflow.namespaced_event_name";
    /// The callees whose results have a meaning for a decorator.
    pub const KNOWN: [&'static str; 2] = [Self::TIMEDELTA, Self::NAMESPACED_EVENT];
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
            | Self::Ellipsis
            | Self::Function(_)
            | Self::Call(_) => None,
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
            Self::Function(_) => "function",
            Self::Call(call) if &*call.callee == Call::TIMEDELTA => "timedelta",
            Self::Call(_) => "object",
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
            Self::Ellipsis | Self::Function(_) | Self::Call(_) => true,
        }
    }

    /// Python's `int(value)`; none where it raises (or needs more than 64 bits).
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Self::Bool(flag) => Some(i64::from(*flag)),
            Self::Int(number) => Some(*number),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the range is checked, int() truncates"
            )]
            Self::Float(number) => (number.abs() < 9.2e18).then_some(*number as i64),
            Self::Str(text) => digits(text)?.parse().ok(),
            Self::None
            | Self::Bytes(_)
            | Self::List(_)
            | Self::Tuple(_)
            | Self::Set(_)
            | Self::Dict(_)
            | Self::Ellipsis
            | Self::Function(_)
            | Self::Call(_) => None,
        }
    }

    /// Python's `float(value)`; none where it raises.
    pub fn to_float(&self) -> Option<f64> {
        match self {
            Self::Bool(flag) => Some(f64::from(u8::from(*flag))),
            #[expect(clippy::cast_precision_loss, reason = "float() rounds as well")]
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Str(text) => digits(text)?.parse().ok(),
            Self::None
            | Self::Bytes(_)
            | Self::List(_)
            | Self::Tuple(_)
            | Self::Set(_)
            | Self::Dict(_)
            | Self::Ellipsis
            | Self::Function(_)
            | Self::Call(_) => None,
        }
    }

    /// Python's `str(value)`.
    pub fn to_text(&self) -> String {
        match self.as_str() {
            Some(text) => text.to_owned(),
            None => self.to_repr(),
        }
    }

    /// Python's `repr(value)`.
    pub fn to_repr(&self) -> String {
        let mut out = String::new();
        write_repr(self, &mut out);
        out
    }
}

/// A number's text as `int` and `float` read it: blanks around it, single underscores between its digits.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let is_digit = |index: usize| text.as_bytes().get(index).is_some_and(u8::is_ascii_digit);
    let is_right = |(index, _): (usize, &str)| index > 0 && is_digit(index - 1) && is_digit(index + 1);
    text.match_indices('_')
        .all(is_right)
        .then(|| text.replace('_', ""))
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::None => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float_repr(*number)),
        Value::Str(text) => write_str_repr(text, out),
        Value::Bytes(bytes) => write_bytes_repr(bytes, out),
        Value::List(items) => write_items(items, ["[", "]"], out),
        Value::Tuple(items) => write_items(items, ["(", if items.len() == 1 { ",)" } else { ")" }], out),
        Value::Set(items) if items.is_empty() => out.push_str("set()"),
        Value::Set(items) => write_items(items, ["{", "}"], out),
        Value::Dict(entries) => write_entries(entries, out),
        Value::Ellipsis => out.push_str("Ellipsis"),
        // Python shows an address here.
        Value::Function(name) => out.push_str(&format!("<function {name}>")),
        Value::Call(call) => write_call(call, out),
    }
}

fn write_items(items: &[Value], [open, close]: [&str; 2], out: &mut String) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_repr(item, out);
    }
    out.push_str(close);
}

fn write_entries(entries: &[(Value, Value)], out: &mut String) {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_repr(key, out);
        out.push_str(": ");
        write_repr(value, out);
    }
    out.push('}');
}

fn write_call(call: &Call, out: &mut String) {
    out.push_str(&call.callee);
    out.push('(');
    for (index, (name, value)) in call.arguments.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        if let Some(name) = name {
            out.push_str(name);
            out.push('=');
        }
        write_repr(value, out);
    }
    out.push(')');
}

/// Python's `repr(float)`: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..16).contains(&exponent) {
        return format!("{number:?}").replace("e0", "");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn write_str_repr(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if character == quote => out.extend(['\\', quote]),
            _ if is_printable(character) => out.push(character),
            _ => out.push_str(&escaped(u32::from(character))),
        }
    }
    out.push(quote);
}

fn write_bytes_repr(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    out.extend(['b', quote]);
    for &byte in bytes {
        match char::from(byte) {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            character if character == quote => out.extend(['\\', quote]),
            character @ ' '..='~' => out.push(character),
            _ => out.push_str(&escaped(u32::from(byte))),
        }
    }
    out.push(quote);
}

fn escaped(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

/// `str.isprintable` without its table of unassigned code points.
fn is_printable(character: char) -> bool {
    let code = u32::from(character);
    let is_format =
        matches!(code, 0xad | 0x600..=0x605 | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff);
    let is_private = matches!(code, 0xe000..=0xf8ff | 0xf0000..=0x0010_ffff);
    let is_space = character.is_whitespace() && character != ' ';
    !character.is_control() && !is_format && !is_private && !is_space
}

/// As Python's `json.loads` reads it.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::str(text.as_str()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => {
                let pairs = entries.iter();
                Self::Dict(
                    pairs
                        .map(|(key, value)| (Self::str(key.as_str()), Self::from(value)))
                        .collect(),
                )
            }
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
    /// A text with half of a surrogate pair, as written: `\ud83d`. Python has such texts; UTF-8, and so every
    /// file, argument and variable, has not.
    HalfCharacter { escape: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    Parameter,
    IncludeFile,
    Config,
}

impl Why {
    /// Is it a value that Python has, and that is only not known here? No fault by itself.
    pub fn is_unknown_value(&self) -> bool {
        match self {
            Self::Opaque { .. } | Self::HalfCharacter { .. } => true,
            Self::Runtime { .. } | Self::Placeholder { .. } | Self::Raises { .. } => false,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_python_writes() {
        let cases = [
            (Value::Float(1.0), "1.0"),
            (Value::Float(-0.0), "-0.0"),
            (Value::Float(1e16), "1e+16"),
            (Value::Float(123_456_789_012_345_680.0), "1.2345678901234568e+17"),
            (Value::Float(1e15), "1000000000000000.0"),
            (Value::Float(1e-5), "1e-05"),
            (Value::Float(0.0001), "0.0001"),
            (Value::str("it's"), "\"it's\""),
            (Value::str("a\n\u{1}é\u{200b}\"'"), "'a\\n\\x01é\\u200b\"\\''"),
            (Value::Bytes(Arc::from(&b"a\xff"[..])), "b'a\\xff'"),
            (Value::Tuple(vec![Value::Int(1)]), "(1,)"),
            (Value::Dict(vec![(Value::str("a"), Value::None)]), "{'a': None}"),
            (Value::Set(vec![]), "set()"),
        ];
        for (value, expected) in cases {
            assert_eq!(value.to_repr(), expected);
        }
        assert_eq!(Value::str("it's").to_text(), "it's");
    }

    #[test]
    fn numbers_as_python_reads_them() {
        assert_eq!(Value::str(" 1_0 ").to_int(), Some(10));
        assert_eq!(Value::str("+2").to_int(), Some(2));
        assert_eq!(Value::Float(-2.9).to_int(), Some(-2));
        assert_eq!(Value::Bool(true).to_int(), Some(1));
        for wrong in ["2.5", "", "_1", "1__0", "x", "0x10"] {
            assert_eq!(Value::str(wrong).to_int(), None, "{wrong}");
        }
        assert_eq!(Value::None.to_int(), None);
        assert_eq!(Value::str("1_0.5e1").to_float(), Some(105.0));
        assert_eq!(Value::str("500m").to_float(), None);
        assert_eq!(Value::str("inf").to_float(), Some(f64::INFINITY));
    }
}
