//! `int`, `float`, `sum`, `round` and the other builtins that make numbers.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use super::builtins::tuple;
use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, TOO_LARGE, raise, type_error, unknown};
use super::object::{Object, Thing};
use super::operators::Number;
use super::text;
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

impl<'a> Interpreter<'a> {
    pub(super) fn make_int(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument, base] = given.bound("int", ["x", "base"], span)?;
        let Some(argument) = argument else {
            return Ok(Thing::constant(Value::Int(0)));
        };
        let argument = self.used_as(argument, PlaceholderUse::Arithmetic, span)?;
        let has_base = base.is_some();
        let base = match base.map(|base| base.object) {
            None => 10,
            Some(Object::Constant(Value::Int(base @ (0 | 2..=36)))) => u32::try_from(base).unwrap_or(10),
            Some(Object::Constant(Value::Int(_))) => {
                return Err(raise(
                    span,
                    "ValueError",
                    "int() base must be >= 2 and <= 36, or 0",
                ));
            }
            Some(_) => return Err(unknown(span, "the base of `int` is not followed")),
        };
        let value = match &argument.object {
            Object::Constant(Value::Str(text)) => self.parse_int(text, base, span)?,
            Object::Constant(Value::Bytes(_)) => return Err(unknown(span, "`int` of bytes is not followed")),
            Object::Constant(_) if has_base => {
                return Err(type_error(
                    span,
                    "int() can't convert non-string with explicit base",
                ));
            }
            Object::Constant(value) => match Number::of(value) {
                Some(Number::Int(number)) => number,
                Some(Number::Float(number)) => truncated(number, span)?,
                None => return Err(not_a_number("int", value.type_name(), span)),
            },
            Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Function(_) | Object::Set(_) => {
                return Err(not_a_number("int", &self.type_name(&argument), span));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        Ok(Thing::constant(Value::Int(value)))
    }

    fn parse_int(&mut self, text: &str, base: u32, span: Span) -> Known<i64> {
        let trimmed = text.trim_matches(text::is_space);
        let invalid = || {
            let shown = Value::str(text).to_repr();
            raise(
                span,
                "ValueError",
                format!("invalid literal for int() with base {base}: {shown}"),
            )
        };
        let (sign, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (radix, digits) = without_prefix(digits, base).ok_or_else(invalid)?;
        let has_bad_underscore = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
        let plain = digits.replace('_', "");
        if has_bad_underscore || plain.is_empty() {
            return Err(invalid());
        }
        if !plain.is_ascii() {
            return Err(unknown(span, "the digits are not ASCII"));
        }
        if !plain.chars().all(|digit| digit.is_digit(radix)) {
            return Err(invalid());
        }
        i64::from_str_radix(&format!("{sign}{plain}"), radix).map_err(|_| unknown(span, TOO_LARGE))
    }

    pub(super) fn make_float(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument] = given.bound("float", ["x"], span)?;
        let Some(argument) = argument else {
            return Ok(Thing::constant(Value::Float(0.0)));
        };
        let argument = self.used_as(argument, PlaceholderUse::Arithmetic, span)?;
        let value = match &argument.object {
            Object::Constant(Value::Str(text)) => parse_float(text, span)?,
            Object::Constant(Value::Bytes(_)) => {
                return Err(unknown(span, "`float` of bytes is not followed"));
            }
            Object::Constant(value) => match Number::of(value) {
                Some(number) => number
                    .exact_float()
                    .ok_or_else(|| unknown(span, "the integer is too large for a float"))?,
                None => return Err(not_a_number("float", value.type_name(), span)),
            },
            Object::List(_) | Object::Dict(_) | Object::Tuple(_) | Object::Function(_) | Object::Set(_) => {
                return Err(not_a_number("float", &self.type_name(&argument), span));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&argument, span))),
        };
        Ok(Thing::constant(Value::Float(value)))
    }

    pub(super) fn sum(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(iterable), start] = given.bound("sum", ["iterable", "start"], span)? else {
            return Err(type_error(
                span,
                "sum() takes at least 1 positional argument (0 given)",
            ));
        };
        let mut total = start.unwrap_or_else(|| Thing::constant(Value::Int(0)));
        if matches!(total.object, Object::Constant(Value::Str(_))) {
            return Err(type_error(
                span,
                "sum() can't sum strings [use ''.join(seq) instead]",
            ));
        }
        for item in self.iterate(&iterable, span)? {
            total = self.binary(ruff_python_ast::Operator::Add, &total, &item, span)?;
        }
        Ok(total)
    }

    pub(super) fn round(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(number), digits] = given.bound("round", ["number", "ndigits"], span)? else {
            return Err(type_error(
                span,
                "round() missing required argument 'number' (pos 1)",
            ));
        };
        let number = self.used_as(number, PlaceholderUse::Arithmetic, span)?;
        let Object::Constant(value) = &number.object else {
            return Err(Stop::Unknown(self.why_unknown(&number, span)));
        };
        let digits = match digits.map(|digits| digits.object) {
            None | Some(Object::Constant(Value::None)) => None,
            Some(Object::Constant(Value::Int(digits))) => Some(digits),
            Some(_) => return Err(unknown(span, "the digits of `round` are not known")),
        };
        let result = match (Number::of(value), digits) {
            (Some(Number::Int(number)), None | Some(0..)) => Value::Int(number),
            (Some(Number::Float(number)), None) => Value::Int(truncated(number.round_ties_even(), span)?),
            (Some(Number::Float(number)), Some(digits @ 0..=300)) if number.is_finite() => {
                let digits = usize::try_from(digits).unwrap_or(0);
                // The decimal expansion is exact, so ties are real ones and go to even, as in CPython.
                Value::Float(format!("{number:.digits$}").parse().unwrap_or(number))
            }
            (Some(_), _) => return Err(unknown(span, "rounding to tens is not followed")),
            (None, _) => {
                let message = format!("type {} doesn't define __round__ method", value.type_name());
                return Err(type_error(span, message));
            }
        };
        Ok(Thing::constant(result))
    }

    fn character(&mut self, code: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let code = match self.value_of(code, span)? {
            Value::Int(code) => code,
            Value::Bool(code) => i64::from(code),
            value => return Err(no_integer(&value, span)),
        };
        let is_small = i32::try_from(code).is_ok();
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(character) => Ok(Thing::constant(Value::str(character.to_string()))),
            None if is_small && !(0..0x11_0000).contains(&code) => {
                Err(raise(span, "ValueError", "chr() arg not in range(0x110000)"))
            }
            // Half of a pair of code units; a number of which Python 3.13 says something else.
            None => Err(unknown(span, "the code point is no character")),
        }
    }

    pub(super) fn number_function(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        use ruff_python_ast::Operator;
        let positional: Vec<Thing<'a>> = given
            .positional()
            .map(|argument| argument.thing.clone())
            .collect();
        match (name, positional.as_slice()) {
            ("divmod", [one, other]) => {
                let quotient = self.binary(Operator::FloorDiv, one, other, span)?;
                let rest = self.binary(Operator::Mod, one, other, span)?;
                Ok(tuple(vec![quotient, rest]))
            }
            ("pow", [base, exponent]) => self.binary(Operator::Pow, base, exponent, span),
            ("abs", [number]) => {
                let number = self.used_as(number.clone(), PlaceholderUse::Arithmetic, span)?;
                let value = self.value_of(&number, span)?;
                match Number::of(&value) {
                    Some(Number::Int(number)) => match number.checked_abs() {
                        Some(number) => Ok(Thing::constant(Value::Int(number))),
                        None => Err(unknown(span, TOO_LARGE)),
                    },
                    Some(Number::Float(number)) => Ok(Thing::constant(Value::Float(number.abs()))),
                    None => {
                        let message = format!("bad operand type for abs(): '{}'", value.type_name());
                        Err(type_error(span, message))
                    }
                }
            }
            ("chr", [code]) => self.character(code, span),
            ("ord", [text]) => ordinal(&self.value_of(text, span)?, span),
            (_, [number]) => match self.value_of(number, span)? {
                Value::Int(number) => {
                    let sign = if number < 0 { "-" } else { "" };
                    let size = number.unsigned_abs();
                    let text = match name {
                        "hex" => format!("{sign}{size:#x}"),
                        "oct" => format!("{sign}{size:#o}"),
                        _ => format!("{sign}{size:#b}"),
                    };
                    Ok(Thing::constant(Value::str(text)))
                }
                Value::Bool(_) => Err(unknown(span, format!("`{name}` is not followed"))),
                value => Err(no_integer(&value, span)),
            },
            _ => Err(unknown(span, format!("`{name}` is not followed"))),
        }
    }
}

/// The digits behind `0x`, and the base that they are of; base 0 is that of the prefix, and allows no needless zeros.
fn without_prefix(digits: &str, base: u32) -> Option<(u32, &str)> {
    let lower = digits.to_ascii_lowercase();
    let found = [("0b", 2), ("0o", 8), ("0x", 16)]
        .into_iter()
        .find(|&(prefix, radix)| lower.starts_with(prefix) && (base == radix || base == 0));
    if let Some((prefix, radix)) = found {
        let rest = digits.get(prefix.len()..)?;
        return Some((radix, rest.strip_prefix('_').unwrap_or(rest)));
    }
    if base > 0 {
        return Some((base, digits));
    }
    let has_needless_zero =
        digits.starts_with('0') && !digits.chars().all(|digit| matches!(digit, '0' | '_'));
    (!has_needless_zero).then_some((10, digits))
}

fn no_integer(value: &Value, span: Span) -> Stop {
    let message = format!(
        "'{}' object cannot be interpreted as an integer",
        value.type_name()
    );
    type_error(span, message)
}

fn ordinal<'a>(value: &Value, span: Span) -> Evaluation<'a> {
    let (code, length) = match value {
        Value::Str(text) => (text.chars().next().map(u32::from), text.chars().count()),
        Value::Bytes(bytes) => (bytes.first().copied().map(u32::from), bytes.len()),
        _ => {
            let message = format!(
                "ord() expected string of length 1, but {} found",
                value.type_name()
            );
            return Err(type_error(span, message));
        }
    };
    match code.filter(|_| length == 1) {
        Some(code) => Ok(Thing::constant(Value::Int(i64::from(code)))),
        None => {
            let message = format!("ord() expected a character, but string of length {length} found");
            Err(type_error(span, message))
        }
    }
}

fn not_a_number(kind: &str, found: &str, span: Span) -> Stop {
    let message = match kind {
        "int" => {
            format!("int() argument must be a string, a bytes-like object or a real number, not '{found}'")
        }
        _ => format!("float() argument must be a string or a real number, not '{found}'"),
    };
    type_error(span, message)
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be within 64 bits")]
fn truncated(number: f64, span: Span) -> Known<i64> {
    if number.is_nan() {
        return Err(raise(span, "ValueError", "cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(raise(
            span,
            "OverflowError",
            "cannot convert float infinity to integer",
        ));
    }
    if number.abs() >= 9.2e18 {
        return Err(unknown(span, TOO_LARGE));
    }
    Ok(number.trunc() as i64)
}

fn parse_float(text: &str, span: Span) -> Known<f64> {
    let trimmed = text.trim_matches(text::is_space);
    let plain = trimmed.replace('_', "");
    let lower = plain.to_ascii_lowercase();
    let word = lower.trim_start_matches(['+', '-']);
    let is_word = matches!(word, "inf" | "infinity" | "nan");
    let starts_well = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let has_bad_underscore =
        trimmed.contains("__") || trimmed.starts_with('_') || trimmed.ends_with('_') || is_split(trimmed);
    match lower.parse::<f64>() {
        Ok(number) if (is_word || starts_well) && !has_bad_underscore => Ok(number),
        _ if !trimmed.is_ascii() => Err(unknown(span, "the digits are not ASCII")),
        _ => {
            let shown = Value::str(text).to_repr();
            Err(raise(
                span,
                "ValueError",
                format!("could not convert string to float: {shown}"),
            ))
        }
    }
}

/// Does an underscore stand beside something that is no digit?
fn is_split(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(3).any(|three| match three {
        [before, '_', after] => !(before.is_ascii_digit() && after.is_ascii_digit()),
        _ => false,
    })
}
