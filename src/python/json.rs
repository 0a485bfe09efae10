//! JSON as Python's `json` reads and writes it.

use serde_json::Value as Json;

use crate::value::{Value, float_repr};

pub(super) enum Error {
    Invalid,
    /// It is JSON for Python, but not for us.
    Unsupported(&'static str),
}

pub(super) fn parse(text: &str) -> Result<Value, Error> {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => from_json(json),
        Err(_) if ["NaN", "Infinity"].iter().any(|word| text.contains(word)) => {
            Err(Error::Unsupported("the JSON text has numbers that are no JSON"))
        }
        Err(error) if error.to_string().starts_with("number out of range") => {
            Err(Error::Unsupported("the JSON text has a number that is too large"))
        }
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Err(Error::Unsupported("the JSON text is nested too deeply"))
        }
        Err(_) => Err(Error::Invalid),
    }
}

/// Python's `json.loads(text)`, which reads `NaN` and `-Infinity`, single surrogates and any depth too.
pub fn is_json_text(text: &str) -> bool {
    let strict = without_odd_numbers(text);
    match serde_json::from_str::<serde::de::IgnoredAny>(&strict) {
        Ok(_) => true,
        Err(error) => {
            let error = error.to_string();
            error.contains("surrogate") || error.starts_with("recursion limit")
        }
    }
}

/// The text with a 0 for each `NaN` and `Infinity` outside of its strings.
fn without_odd_numbers(text: &str) -> String {
    let mut strict = String::new();
    let mut is_in_string = false;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let odd = ["NaN", "Infinity"].iter().find(|word| rest.starts_with(**word));
        let taken = match (is_in_string, character, odd) {
            (false, _, Some(odd)) => {
                strict.push('0');
                odd.len()
            }
            (true, '\\', _) => {
                let escape: String = rest.chars().take(2).collect();
                strict.push_str(&escape);
                escape.len()
            }
            _ => {
                is_in_string ^= character == '"';
                strict.push(character);
                character.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    strict
}

fn from_json(json: Json) -> Result<Value, Error> {
    Ok(match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, _) if number.is_u64() => {
                return Err(Error::Unsupported(
                    "the JSON text has an integer that is not within ±2**63, the range that flowc computes in",
                ));
            }
            // Too many digits for an integer: serde_json makes a float of what is an integer for Python.
            (None, Some(float)) if float.abs() >= 9.2e18 && float.fract() == 0.0 => {
                return Err(Error::Unsupported("the JSON text has a number that is too large"));
            }
            (None, Some(float)) => Value::Float(float),
            (None, None) => return Err(Error::Unsupported("the JSON text has a number that is too large")),
        },
        Json::String(text) => Value::str(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect::<Result<_, _>>()?),
        Json::Object(entries) => {
            let pairs = entries
                .into_iter()
                .map(|(key, value)| Ok((Value::str(key), from_json(value)?)));
            Value::Dict(pairs.collect::<Result<_, _>>()?)
        }
    })
}

/// `json.dumps(value)`; `None` where Python would need more than the defaults.
pub(super) fn dump(value: &Value, is_sorted: bool) -> Option<String> {
    let mut out = String::new();
    write(value, is_sorted, &mut out)?;
    Some(out)
}

fn write(value: &Value, is_sorted: bool, out: &mut String) -> Option<()> {
    match value {
        Value::None => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) if number.is_finite() => out.push_str(&float_repr(*number)),
        Value::Str(text) => write_text(text, out),
        Value::List(items) | Value::Tuple(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(item, is_sorted, out)?;
            }
            out.push(']');
        }
        Value::Dict(entries) => write_entries(entries, is_sorted, out)?,
        Value::Float(_)
        | Value::Bytes(_)
        | Value::Set(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => {
            return None;
        }
    }
    Some(())
}

fn write_entries(entries: &[(Value, Value)], is_sorted: bool, out: &mut String) -> Option<()> {
    let mut entries: Vec<(&str, &Value)> = entries
        .iter()
        .map(|(key, value)| Some((key.as_str()?, value)))
        .collect::<Option<_>>()?;
    if is_sorted {
        entries.sort_by_key(|(key, _)| *key);
    }
    out.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_text(key, out);
        out.push_str(": ");
        write(value, is_sorted, out)?;
    }
    out.push('}');
    Some(())
}

/// A text in quotes, everything outside of ASCII escaped.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_python_does() {
        let text = "{\"a\": [1, 2.0, true, null], \"b\": \"\\u00e9\\ud83d\\ude00\\n\"}";
        let Ok(value) = parse(text) else { panic!("{text}") };
        assert_eq!(dump(&value, false).as_deref(), Some(text));
        assert!(matches!(parse("{"), Err(Error::Invalid)));
        assert!(matches!(
            parse("99999999999999999999"),
            Err(Error::Unsupported(_))
        ));
        assert!(matches!(parse("NaN"), Err(Error::Unsupported(_))));
    }

    #[test]
    fn reads_what_python_reads() {
        for text in ["NaN", "[-Infinity, 1]", "{\"a\": \"NaN\"}", "\"\\ud800\""] {
            assert!(is_json_text(text), "{text}");
        }
        for text in ["NaNs", "{a: 1}", "\"NaN", "Infinity-"] {
            assert!(!is_json_text(text), "{text}");
        }
    }
}
