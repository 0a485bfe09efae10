//! `format()`, f-string holes, `str.format` and `%`: how objects become text.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use std::iter::Peekable;
use std::str::Chars;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, MOST_ELEMENTS, raise, type_error, unknown};
use super::object::{Object, Thing};
use super::operators::Number;
use crate::source::Span;
use crate::value::{Value, float_repr};

/// `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`
#[derive(Debug, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_alternate: bool,
    is_zero_padded: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// How the fields of a format name their arguments: `{} {}` or `{0} {1}`, never both.
enum Numbering {
    Open,
    /// With the index of the next.
    Automatic(usize),
    Manual,
}

impl Numbering {
    /// The index of the argument that a field means; `None` where it goes by name.
    fn index_of(&mut self, root: &str, span: Span) -> Known<Option<usize>> {
        let manual = root.parse::<usize>().ok();
        if manual.is_none() && !root.is_empty() {
            return Ok(None);
        }
        let (next, index) = match (&*self, manual) {
            (Self::Open | Self::Manual, Some(index)) => (Self::Manual, index),
            (Self::Open, None) => (Self::Automatic(1), 0),
            (Self::Automatic(index), None) => (Self::Automatic(index + 1), *index),
            (Self::Manual, None) => {
                let message = "cannot switch from manual field specification to automatic field numbering";
                return Err(raise(span, "ValueError", message));
            }
            (Self::Automatic(_), Some(_)) => {
                let message = "cannot switch from automatic field numbering to manual field specification";
                return Err(raise(span, "ValueError", message));
            }
        };
        *self = next;
        Ok(Some(index))
    }
}

impl<'a> Interpreter<'a> {
    /// `format(value, spec)` after a conversion (`!r`).
    pub fn format(
        &mut self,
        thing: &Thing<'a>,
        conversion: Option<char>,
        spec: &str,
        span: Span,
    ) -> Known<String> {
        self.provoke_text(thing, conversion, spec, span)?;
        let value = match &thing.object {
            Object::Path(path) if !path.is_anchored && !path.is_text => Value::str(path.text.as_str()),
            _ => self.value_of_text(thing, span)?,
        };
        let value = match conversion {
            None => value,
            Some('r') => Value::str(value.to_repr()),
            Some('s') => Value::str(value.to_text()),
            Some(_) => return Err(unknown(span, "`!a` is not followed")),
        };
        if spec.is_empty() {
            return Ok(value.to_text());
        }
        let spec = parse_spec(spec).ok_or_else(|| unknown(span, "the format is not followed"))?;
        if spec.width > MOST_ELEMENTS * 10 || spec.precision.unwrap_or(0) > 300 {
            return Err(unknown(span, "it has too many characters"));
        }
        format_value(&value, &spec, span)
    }

    /// `text.format(…)`.
    pub fn format_text(&mut self, text: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let mut out = String::new();
        let mut next = Numbering::Open;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '{' if characters.peek() == Some(&'{') => {
                    characters.next();
                    out.push('{');
                }
                '}' if characters.peek() == Some(&'}') => {
                    characters.next();
                    out.push('}');
                }
                '}' => {
                    return Err(raise(
                        span,
                        "ValueError",
                        "Single '}' encountered in format string",
                    ));
                }
                '{' => {
                    let field = field_of(&mut characters)
                        .ok_or_else(|| raise(span, "ValueError", "expected '}' before end of string"))?;
                    out.push_str(&self.format_field(&field, given, &mut next, span)?);
                }
                _ => out.push(character),
            }
            self.make_room(out.len() / 10, span)?;
        }
        Ok(Thing::constant(Value::str(out)))
    }

    fn format_field(
        &mut self,
        field: &str,
        given: &Given<'a>,
        next: &mut Numbering,
        span: Span,
    ) -> Known<String> {
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = match name.split_once('!') {
            Some((name, conversion)) => (name, conversion.chars().next()),
            None => (name, None),
        };
        if spec.contains(['{', '}']) {
            return Err(unknown(span, "nested formats are not followed"));
        }
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (root, path) = name.split_at(end);
        let index = next.index_of(root, span)?;
        let argument = match index {
            Some(index) => given.positional().nth(index),
            None => given
                .keywords()
                .find(|(key, _)| *key == root)
                .map(|(_, argument)| argument),
        };
        let Some(argument) = argument else {
            if let Some(index) = index {
                let message = format!("Replacement index {index} out of range for positional args tuple");
                return Err(raise(span, "IndexError", message));
            }
            return Err(raise(span, "KeyError", Value::str(root).to_repr()));
        };
        let thing = self.follow_path(argument.thing.clone(), path, span)?;
        self.format(&thing, conversion, spec, span)
    }

    /// `.name` and `[key]` in a field.
    fn follow_path(&mut self, mut thing: Thing<'a>, path: &str, span: Span) -> Known<Thing<'a>> {
        let mut rest = path;
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix('.') {
                let end = tail.find(['.', '[']).unwrap_or(tail.len());
                let (name, tail) = tail.split_at(end);
                let name = self.arena.name(name);
                thing = self.attribute_of(&thing, name, span)?;
                rest = tail;
            } else {
                let inner = rest.strip_prefix('[').and_then(|tail| tail.split_once(']'));
                let Some((key, tail)) = inner else {
                    return Err(raise(span, "ValueError", "Missing ']' in format string"));
                };
                let key = match key.parse::<i64>() {
                    Ok(index) => Value::Int(index),
                    Err(_) => Value::str(key),
                };
                thing = self.item_of(&thing, &Thing::constant(key), span, span)?;
                rest = tail;
            }
        }
        Ok(thing)
    }

    /// `format % arguments`.
    pub fn percent(&mut self, format: &str, arguments: &Thing<'a>, span: Span) -> Known<String> {
        let positional: Vec<Thing<'a>> = match &arguments.object {
            Object::Tuple(items) => items.to_vec(),
            _ => vec![arguments.clone()],
        };
        let mut used = 0;
        let mut out = String::new();
        let mut characters = format.chars().peekable();
        while let Some(character) = characters.next() {
            if character != '%' {
                out.push(character);
                continue;
            }
            if characters.peek() == Some(&'%') {
                characters.next();
                out.push('%');
                continue;
            }
            let mut named = None;
            if characters.next_if_eq(&'(').is_some() {
                let name: String = characters.by_ref().take_while(|&c| c != ')').collect();
                let key = Thing::constant(Value::str(name));
                named = Some(self.item_of(arguments, &key, span, span)?);
            }
            let directive =
                directive_of(&mut characters).ok_or_else(|| unknown(span, "the format is not followed"))?;
            let thing = match named {
                Some(thing) => thing,
                None => {
                    let Some(thing) = positional.get(used) else {
                        return Err(type_error(span, "not enough arguments for format string"));
                    };
                    used += 1;
                    thing.clone()
                }
            };
            out.push_str(&self.percent_one(&thing, directive, span)?);
            self.make_room(out.len() / 10, span)?;
        }
        let takes_mapping = matches!(
            arguments.object,
            Object::Dict(_) | Object::List(_) | Object::Range(_) | Object::Constant(Value::Bytes(_))
        );
        if used < positional.len() && !takes_mapping {
            return Err(type_error(
                span,
                "not all arguments converted during string formatting",
            ));
        }
        Ok(out)
    }

    fn percent_one(&mut self, thing: &Thing<'a>, mut spec: Spec, span: Span) -> Known<String> {
        if spec.width > MOST_ELEMENTS * 10 || spec.precision.unwrap_or(0) > 300 {
            return Err(unknown(span, "it has too many characters"));
        }
        let value = self.value_of_text(thing, span)?;
        match spec.kind {
            Some('s' | 'r') => {
                let text = if spec.kind == Some('r') {
                    value.to_repr()
                } else {
                    value.to_text()
                };
                spec.kind = Some('s');
                spec.align = Some(if spec.align == Some('<') { '<' } else { '>' });
                spec.is_zero_padded = false;
                spec.sign = None;
                format_value(&Value::str(text), &spec, span)
            }
            Some('d' | 'i' | 'u') => {
                spec.kind = Some('d');
                match Number::of(&value) {
                    Some(Number::Int(number)) if spec.precision.is_none() => {
                        format_value(&Value::Int(number), &spec, span)
                    }
                    Some(_) => Err(unknown(span, "`%d` of a float is not followed")),
                    None => {
                        let message =
                            format!("%d format: a real number is required, not {}", value.type_name());
                        Err(type_error(span, message))
                    }
                }
            }
            Some('f' | 'F' | 'e' | 'E' | 'g' | 'G') => match Number::of(&value).and_then(Number::exact_float)
            {
                Some(number) => format_value(&Value::Float(number), &spec, span),
                None => Err(type_error(
                    span,
                    format!("must be real number, not {}", value.type_name()),
                )),
            },
            Some('x' | 'X' | 'o') => match value {
                Value::Int(_) => format_value(&value, &spec, span),
                _ => Err(unknown(span, "the format is not followed")),
            },
            Some(_) | None => Err(unknown(span, "the format is not followed")),
        }
    }
}

/// The text between `{` and its `}`.
fn field_of(characters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut field = String::new();
    let mut depth = 1;
    for character in characters {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(field);
        }
        field.push(character);
    }
    None
}

fn digits_of(characters: &mut Peekable<Chars<'_>>) -> Option<usize> {
    let mut digits = String::new();
    while let Some(digit) = characters.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    if digits.is_empty() {
        None
    } else {
        Some(digits.parse().unwrap_or(usize::MAX))
    }
}

fn parse_spec(text: &str) -> Option<Spec> {
    let mut spec = Spec::default();
    let mut characters = text.chars().peekable();
    let is_align = |c: &char| matches!(c, '<' | '>' | '=' | '^');
    let second = text.chars().nth(1);
    if second.as_ref().is_some_and(is_align) {
        spec.fill = characters.next();
        spec.align = characters.next();
    } else {
        spec.align = characters.next_if(is_align);
    }
    spec.sign = characters.next_if(|c| matches!(c, '+' | '-' | ' '));
    spec.is_alternate = characters.next_if_eq(&'#').is_some();
    spec.is_zero_padded = characters.next_if_eq(&'0').is_some();
    spec.width = digits_of(&mut characters).unwrap_or(0);
    spec.grouping = characters.next_if(|c| matches!(c, ',' | '_'));
    if characters.next_if_eq(&'.').is_some() {
        spec.precision = Some(digits_of(&mut characters)?);
    }
    spec.kind = characters.next();
    characters.next().is_none().then_some(spec)
}

/// What follows `%` (and a name).
fn directive_of(characters: &mut Peekable<Chars<'_>>) -> Option<Spec> {
    let mut spec = Spec::default();
    while let Some(flag) = characters.next_if(|c| matches!(c, '-' | '+' | ' ' | '0' | '#')) {
        match flag {
            '-' => spec.align = Some('<'),
            '0' => spec.is_zero_padded = true,
            '#' => spec.is_alternate = true,
            _ => {
                spec.sign = if spec.sign == Some('+') {
                    spec.sign
                } else {
                    Some(flag)
                }
            }
        }
    }
    if spec.align == Some('<') {
        spec.is_zero_padded = false;
    }
    spec.width = digits_of(characters).unwrap_or(0);
    if characters.next_if_eq(&'.').is_some() {
        spec.precision = Some(digits_of(characters).unwrap_or(0));
    }
    spec.kind = characters.next();
    if spec.kind == Some('*') { None } else { Some(spec) }
}

fn format_value(value: &Value, spec: &Spec, span: Span) -> Known<String> {
    match (value, spec.kind) {
        (Value::Str(text), None | Some('s')) => {
            if spec.sign.is_some() || spec.grouping.is_some() || spec.align == Some('=') || spec.is_alternate
            {
                return Err(raise(span, "ValueError", "the format does not fit a text"));
            }
            let cut: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            let fill = if spec.is_zero_padded {
                spec.fill.or(Some('0'))
            } else {
                spec.fill
            };
            Ok(padded("", &cut, spec.align.unwrap_or('<'), fill, spec.width))
        }
        (Value::Bool(_) | Value::Int(_) | Value::Float(_), None) | (_, Some(_))
            if Number::of(value).is_some() =>
        {
            format_number(value, spec, span)
        }
        (Value::Str(_), Some(kind)) => {
            let message = format!("Unknown format code '{kind}' for object of type 'str'");
            Err(raise(span, "ValueError", message))
        }
        _ => {
            let message = format!(
                "unsupported format string passed to {}.__format__",
                value.type_name()
            );
            Err(type_error(span, message))
        }
    }
}

fn format_number(value: &Value, spec: &Spec, span: Span) -> Known<String> {
    let number = match (Number::of(value), spec.kind) {
        (Some(Number::Int(number)), Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) => {
            match Number::Int(number).exact_float() {
                Some(number) => Number::Float(number),
                None => return Err(unknown(span, "the integer is too large for a float")),
            }
        }
        (Some(number), _) => number,
        (None, _) => return Err(unknown(span, "the format is not followed")),
    };
    let (is_negative, prefix, digits) = match number {
        Number::Int(number) => {
            if spec.precision.is_some() {
                return Err(raise(
                    span,
                    "ValueError",
                    "Precision not allowed in integer format specifier",
                ));
            }
            let (prefix, digits) = integer_digits(number, spec, span)?;
            (number < 0, prefix, digits)
        }
        Number::Float(number) => {
            let digits = float_digits(number.abs(), spec, span)?;
            (number.is_sign_negative() && !number.is_nan(), "", digits)
        }
    };
    let sign = match (is_negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        (false, _) => "",
    };
    let lead = format!("{sign}{prefix}");
    let align = spec.align.unwrap_or(if spec.is_zero_padded { '=' } else { '>' });
    let fill = if spec.is_zero_padded {
        spec.fill.or(Some('0'))
    } else {
        spec.fill
    };
    if spec.grouping.is_some() && spec.is_zero_padded {
        return Err(unknown(span, "the format is not followed"));
    }
    Ok(padded(&lead, &grouped(&digits, spec), align, fill, spec.width))
}

fn integer_digits(number: i64, spec: &Spec, span: Span) -> Known<(&'static str, String)> {
    let size = number.unsigned_abs();
    let prefix = |prefix: &'static str| if spec.is_alternate { prefix } else { "" };
    Ok(match spec.kind {
        None | Some('d') => ("", size.to_string()),
        Some('b') => (prefix("0b"), format!("{size:b}")),
        Some('o') => (prefix("0o"), format!("{size:o}")),
        Some('x') => (prefix("0x"), format!("{size:x}")),
        Some('X') => (prefix("0X"), format!("{size:X}")),
        Some(kind) => {
            if matches!(kind, 'c' | 'n') {
                return Err(unknown(span, "the format is not followed"));
            }
            let message = format!("Unknown format code '{kind}' for object of type 'int'");
            return Err(raise(span, "ValueError", message));
        }
    })
}

fn float_digits(number: f64, spec: &Spec, span: Span) -> Known<String> {
    if !number.is_finite() {
        let word = float_repr(number);
        let is_upper = matches!(spec.kind, Some('E' | 'F' | 'G'));
        let percent = if spec.kind == Some('%') { "%" } else { "" };
        let word = if is_upper { word.to_uppercase() } else { word };
        return Ok(format!("{word}{percent}"));
    }
    if spec.is_alternate {
        return Err(unknown(span, "`#` in the format of a float is not followed"));
    }
    let precision = spec.precision;
    Ok(match spec.kind {
        Some('f' | 'F') => format!("{number:.*}", precision.unwrap_or(6)),
        Some('%') => format!("{:.*}%", precision.unwrap_or(6), number * 100.0),
        Some('e') => exponent_form(number, precision.unwrap_or(6)),
        Some('E') => exponent_form(number, precision.unwrap_or(6)).to_uppercase(),
        Some('g') => general_form(number, precision.unwrap_or(6)),
        Some('G') => general_form(number, precision.unwrap_or(6)).to_uppercase(),
        None => match precision {
            None => float_repr(number),
            Some(_) => return Err(unknown(span, "the format is not followed")),
        },
        Some('n') => return Err(unknown(span, "the format is not followed")),
        Some(kind) => {
            let message = format!("Unknown format code '{kind}' for object of type 'float'");
            return Err(raise(span, "ValueError", message));
        }
    })
}

/// `1.50e+02`
fn exponent_form(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn general_form(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let scientific = format!("{number:.*e}", precision - 1);
    let exponent: i32 = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let most = i32::try_from(precision).unwrap_or(i32::MAX);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if exponent < -4 || exponent >= most {
        let text = exponent_form(number, precision - 1);
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let decimals = usize::try_from(most - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{number:.decimals$}"))
}

/// Digits with a separator every three (four for `_` in other bases).
fn grouped(digits: &str, spec: &Spec) -> String {
    let Some(separator) = spec.grouping else {
        return digits.to_owned();
    };
    let size = if matches!(spec.kind, Some('x' | 'X' | 'b' | 'o')) {
        4
    } else {
        3
    };
    let end = digits
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(digits.len());
    let end = if size == 3 {
        digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())
    } else {
        end
    };
    let (whole, rest) = digits.split_at(end);
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + rest
}

fn padded(lead: &str, body: &str, align: char, fill: Option<char>, width: usize) -> String {
    let missing = width.saturating_sub(lead.chars().count() + body.chars().count());
    let fill = |count: usize| fill.unwrap_or(' ').to_string().repeat(count);
    match align {
        '<' => format!("{lead}{body}{}", fill(missing)),
        '^' => format!("{}{lead}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
        '=' => format!("{lead}{}{body}", fill(missing)),
        _ => format!("{}{lead}{body}", fill(missing)),
    }
}
