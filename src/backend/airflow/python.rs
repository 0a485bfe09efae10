//! Python source as `ruff format` leaves it: what fits on a line stands on it, the rest one element a line.

use unicode_width::UnicodeWidthStr;

use crate::value::Value;

/// The width at which `ruff format` breaks lines.
pub const WIDTH: usize = 88;

/// The columns that a text takes, as `ruff format` counts them: two for wide letters.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A Python expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Py {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    /// A name, or any expression on one line.
    Name(String),
    List(Vec<Py>),
    Dict(Vec<(Py, Py)>),
    Call {
        callee: String,
        arguments: Vec<Py>,
        keywords: Vec<(String, Py)>,
    },
}

impl Py {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Str(text.into())
    }

    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// A dict with text keys.
    pub fn dict<K: Into<String>>(entries: impl IntoIterator<Item = (K, Py)>) -> Self {
        let entries = entries.into_iter();
        Self::Dict(entries.map(|(key, value)| (Self::text(key), value)).collect())
    }

    /// A call with keyword arguments alone.
    pub fn call(callee: &str, keywords: Vec<(String, Py)>) -> Self {
        Self::Call {
            callee: callee.to_owned(),
            arguments: Vec::new(),
            keywords,
        }
    }

    /// A constant of the flow.
    pub fn value(value: &Value) -> Self {
        match value {
            Value::None => Self::None,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Str(text) => Self::text(text.as_ref()),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
                Self::List(items.iter().map(Self::value).collect())
            }
            Value::Dict(entries) => Self::Dict(
                entries
                    .iter()
                    .map(|(key, value)| (Self::value(key), Self::value(value)))
                    .collect(),
            ),
            Value::Bytes(_) | Value::Ellipsis | Value::Function(_) | Value::Call(_) => {
                Self::text(value.to_text())
            }
        }
    }

    /// The expression, beginning in a line indented by `indent` columns of which `used` (without the
    /// indentation) are taken before it and `after` behind it.
    pub fn write(&self, indent: usize, used: usize, after: usize) -> String {
        let flat = self.flat();
        if indent + used + width(&flat) + after <= WIDTH {
            return flat;
        }
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Str(_) | Self::Name(_) => flat,
            Self::List(items) => exploded("[", items.iter().map(|item| (String::new(), item)), "]", indent),
            Self::Dict(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (format!("{}: ", key.flat()), value));
                exploded("{", entries, "}", indent)
            }
            Self::Call {
                callee,
                arguments,
                keywords,
            } => {
                let arguments = arguments.iter().map(|argument| (String::new(), argument));
                let keywords = keywords.iter().map(|(name, value)| (keyword(name), value));
                exploded(&format!("{callee}("), arguments.chain(keywords), ")", indent)
            }
        }
    }

    /// On one line.
    fn flat(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number.is_finite() => Value::Float(*number).to_text().replace("e+", "e"),
            Self::Float(number) => format!("float({})", quote(&number.to_string())),
            Self::Str(text) => quote(text),
            Self::Name(name) => name.clone(),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::flat))),
            Self::Dict(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", key.flat(), value.flat()));
                format!("{{{}}}", joined(entries))
            }
            Self::Call {
                callee,
                arguments,
                keywords,
            } => {
                let arguments = arguments.iter().map(Self::flat);
                let keywords = keywords
                    .iter()
                    .map(|(name, value)| format!("{}{}", keyword(name), value.flat()));
                format!("{callee}({})", joined(arguments.chain(keywords)))
            }
        }
    }
}

/// `name=`, or nothing where the name says that it is a splat.
fn keyword(name: &str) -> String {
    if name.starts_with("**") {
        name.to_owned()
    } else {
        format!("{name}=")
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// One element a line, each with a comma behind it.
fn exploded<'a>(
    open: &str,
    elements: impl Iterator<Item = (String, &'a Py)>,
    close: &str,
    indent: usize,
) -> String {
    let inner = indent + 4;
    let mut out = format!("{open}\n");
    for (before, element) in elements {
        let written = element.write(inner, width(&before), 1);
        out.push_str(&format!("{}{before}{written},\n", " ".repeat(inner)));
    }
    out.push_str(&" ".repeat(indent));
    out.push_str(close);
    out
}

/// A text in the quotes that `ruff format` prefers: double ones, unless those need more escapes.
pub fn quote(text: &str) -> String {
    let count = |quote: char| text.chars().filter(|&c| c == quote).count();
    let quote = if count('"') > count('\'') { '\'' } else { '"' };
    let mut out = String::from(quote);
    for character in text.chars() {
        push_escaped(&mut out, character, quote);
    }
    out.push(quote);
    out
}

/// A character within a text in these quotes.
pub fn push_escaped(out: &mut String, character: char, quote: char) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if is_plain(c) => out.push(c),
        c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
        c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
        c => out.push_str(&format!("\\U{:08x}", c as u32)),
    }
}

/// Shown as it is: what cannot be seen, or could be mistaken for the end of a line or of a word, is not.
fn is_plain(character: char) -> bool {
    character == ' ' || !(character.is_control() || character.is_whitespace() || is_invisible(character))
}

/// Marks that change the direction of a text or join its letters, and the byte order mark.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text of several lines between triple quotes, or on one line where those could not hold it.
pub fn block(text: &str) -> String {
    let is_clean = |line: &str| line.trim_end() == line && line.chars().all(|c| c == ' ' || is_plain(c));
    if !text.contains("\"\"\"") && !text.ends_with('"') && text.split('\n').all(is_clean) {
        return format!("\"\"\"\\\n{}\"\"\"", text.replace('\\', "\\\\"));
    }
    quote(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stands_on_one_line() {
        let list = Py::texts(["a", "b"]);
        assert_eq!(list.write(4, 0, 0), r#"["a", "b"]"#);
        assert_eq!(list.write(80, 0, 0).lines().count(), 4);
        let call = Py::call(
            "f",
            vec![("x".to_owned(), Py::Int(1)), ("**more".to_owned(), Py::name(""))],
        );
        assert_eq!(call.write(0, 0, 0), "f(x=1, **more)");
        assert_eq!(Py::Float(1e300).write(0, 0, 0), "1e300");
        assert_eq!(Py::Float(f64::INFINITY).write(0, 0, 0), "float(\"inf\")");
        let wide = Py::texts(["漢".repeat(41)]);
        assert_eq!(wide.write(0, 0, 0).lines().count(), 1);
        assert_eq!(wide.write(3, 0, 0).lines().count(), 3);
    }

    #[test]
    fn texts_are_escaped_as_python_reads_them() {
        assert_eq!(quote("it's"), r#""it's""#);
        assert_eq!(quote(r#"say "x""#), r#"'say "x"'"#);
        assert_eq!(quote("a\\\n\u{2028}\u{1}é😀"), r#""a\\\n\u2028\x01é😀""#);
    }
}
