//! Methods of `str`.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use std::sync::Arc;

use super::builtins::tuple;
use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, MOST_ELEMENTS, Stop, raise, type_error, unknown};
use super::item::picked;
use super::object::{Object, Thing};
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

pub(super) static METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// `str.isspace` of one character.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

impl<'a> Interpreter<'a> {
    pub fn call_text_method(
        &mut self,
        text: &Arc<str>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if let Some(why) = given.first_unknown() {
            return Err(Stop::Unknown(why.clone()));
        }
        self.make_room(text.len() / 100, span)?;
        let string = |text: String| Ok(Thing::constant(Value::str(text)));
        let flag = |flag: bool| Ok(Thing::constant(Value::Bool(flag)));
        match name {
            "upper" => string(text.to_uppercase()),
            "lower" => string(text.to_lowercase()),
            "casefold" if text.is_ascii() => string(text.to_ascii_lowercase()),
            "capitalize" => string(capitalized(text)),
            "title" if text.is_ascii() => string(titled(text)),
            "swapcase" if text.is_ascii() => {
                let swap = |c: char| {
                    if c.is_uppercase() {
                        c.to_ascii_lowercase()
                    } else {
                        c.to_ascii_uppercase()
                    }
                };
                string(text.chars().map(swap).collect())
            }
            "strip" | "lstrip" | "rstrip" => self.strip(text, name, given, span),
            "split" | "rsplit" => self.split(text, name, given, span),
            "splitlines" => {
                if !given.arguments.is_empty() {
                    return Err(unknown(span, "`splitlines` with line ends is not followed"));
                }
                let lines = lines_of(text)
                    .into_iter()
                    .map(|line| Thing::constant(Value::str(line)));
                Ok(self.list(lines.collect()))
            }
            "join" => self.join_text(text, given, span),
            "replace" => self.replace(text, given, span),
            "startswith" | "endswith" => self.has_affix(text, name, given, span),
            "find" | "rfind" | "index" | "rindex" | "count" => self.search(text, name, given, span),
            "format" => self.format_text(text, given, span),
            "zfill" | "ljust" | "rjust" | "center" => self.pad(text, name, given, span),
            "partition" | "rpartition" => {
                let separator = self.one_text(name, given, span)?;
                if separator.is_empty() {
                    return Err(raise(span, "ValueError", "empty separator"));
                }
                let found = if name == "partition" {
                    text.split_once(&*separator)
                } else {
                    text.rsplit_once(&*separator)
                };
                let parts = match found {
                    Some((before, after)) => [before, &*separator, after],
                    None if name == "partition" => [&**text, "", ""],
                    None => ["", "", &**text],
                };
                Ok(tuple(
                    parts
                        .iter()
                        .map(|part| Thing::constant(Value::str(*part)))
                        .collect(),
                ))
            }
            "removeprefix" => {
                let affix = self.one_text(name, given, span)?;
                string(text.strip_prefix(&*affix).unwrap_or(text).to_owned())
            }
            "removesuffix" => {
                let affix = self.one_text(name, given, span)?;
                string(text.strip_suffix(&*affix).unwrap_or(text).to_owned())
            }
            "encode" if given.arguments.is_empty() => {
                Ok(Thing::constant(Value::Bytes(text.as_bytes().into())))
            }
            "isascii" => flag(text.is_ascii()),
            "isspace" => flag(!text.is_empty() && text.chars().all(is_space)),
            _ if !text.is_ascii() => Err(unknown(
                span,
                format!("`{name}` of a text beyond ASCII is not followed"),
            )),
            "isdigit" | "isdecimal" | "isnumeric" => {
                flag(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit()))
            }
            "isalpha" => flag(!text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic())),
            "isalnum" => flag(!text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric())),
            "isupper" => flag(
                text.chars().any(|c| c.is_ascii_uppercase()) && !text.chars().any(|c| c.is_ascii_lowercase()),
            ),
            "islower" => flag(
                text.chars().any(|c| c.is_ascii_lowercase()) && !text.chars().any(|c| c.is_ascii_uppercase()),
            ),
            "isidentifier" => {
                let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                flag(starts && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
            }
            "isprintable" => flag(text.chars().all(|c| (' '..='~').contains(&c))),
            _ => Err(unknown(span, format!("`{name}` of a text is not followed"))),
        }
    }

    fn one_text(&mut self, name: &str, given: &Given<'a>, span: Span) -> Known<Arc<str>> {
        match given.arguments.as_slice() {
            [argument] => self.text_of(&argument.thing, name, argument.span),
            others => {
                let message = format!("{name}() takes exactly one argument ({} given)", others.len());
                Err(type_error(span, message))
            }
        }
    }

    fn text_of(&mut self, thing: &Thing<'a>, name: &str, span: Span) -> Known<Arc<str>> {
        let thing = self.used_as(thing.clone(), PlaceholderUse::Arithmetic, span)?;
        match &thing.object {
            Object::Constant(Value::Str(text)) => Ok(Arc::clone(text)),
            Object::Constant(_) | Object::List(_) | Object::Dict(_) | Object::Tuple(_) => {
                let kind = self.type_name(&thing);
                Err(type_error(
                    span,
                    format!("{name}() argument must be str, not {kind}"),
                ))
            }
            _ => Err(Stop::Unknown(self.why_unknown(&thing, span))),
        }
    }

    fn number_of(&mut self, thing: &Thing<'a>, span: Span) -> Known<i64> {
        match &thing.object {
            Object::Constant(Value::Int(number)) => Ok(*number),
            Object::Constant(Value::Bool(flag)) => Ok(i64::from(*flag)),
            Object::Constant(value) => {
                let message = format!(
                    "'{}' object cannot be interpreted as an integer",
                    value.type_name()
                );
                Err(type_error(span, message))
            }
            _ => Err(Stop::Unknown(self.why_unknown(thing, span))),
        }
    }

    fn strip(&mut self, text: &str, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [characters] = given.bound(name, ["chars"], span)?;
        let characters = match characters.as_ref().map(|thing| &thing.object) {
            None | Some(Object::Constant(Value::None)) => None,
            Some(_) => Some(self.text_of(
                &characters.unwrap_or_else(|| Thing::constant(Value::None)),
                name,
                span,
            )?),
        };
        let matches = |c: char| {
            characters
                .as_ref()
                .map_or_else(|| is_space(c), |set| set.contains(c))
        };
        let mut rest = text;
        if name != "rstrip" {
            rest = rest.trim_start_matches(matches);
        }
        if name != "lstrip" {
            rest = rest.trim_end_matches(matches);
        }
        Ok(Thing::constant(Value::str(rest)))
    }

    fn split(&mut self, text: &str, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [separator, most] = given.bound(name, ["sep", "maxsplit"], span)?;
        let most = match most {
            Some(most) => self.number_of(&most, span)?,
            None => -1,
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let separator = match separator {
            Some(thing) if !matches!(thing.object, Object::Constant(Value::None)) => {
                Some(self.text_of(&thing, name, span)?)
            }
            Some(_) | None => None,
        };
        let parts: Vec<&str> = match &separator {
            Some(separator) if separator.is_empty() => {
                return Err(raise(span, "ValueError", "empty separator"));
            }
            Some(separator) if name == "split" => text.splitn(most.saturating_add(1), &**separator).collect(),
            Some(separator) => {
                let mut parts: Vec<&str> = text.rsplitn(most.saturating_add(1), &**separator).collect();
                parts.reverse();
                parts
            }
            None if most == usize::MAX => text.split(is_space).filter(|part| !part.is_empty()).collect(),
            None => {
                return Err(unknown(
                    span,
                    "`split` at white space with a limit is not followed",
                ));
            }
        };
        self.make_room(parts.len(), span)?;
        Ok(self.list(
            parts
                .into_iter()
                .map(|part| Thing::constant(Value::str(part)))
                .collect(),
        ))
    }

    fn join_text(&mut self, text: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(iterable)] = given.bound("join", ["iterable"], span)? else {
            return Err(type_error(
                span,
                "str.join() takes exactly one argument (0 given)",
            ));
        };
        let mut parts: Vec<Arc<str>> = Vec::new();
        let items = self.iterate(&iterable, span)?;
        for (index, item) in items.iter().enumerate() {
            match &item.object {
                Object::Constant(Value::Str(part)) => parts.push(Arc::clone(part)),
                Object::Constant(_) | Object::List(_) | Object::Tuple(_) | Object::Dict(_) => {
                    let kind = self.type_name(item);
                    let message = format!("sequence item {index}: expected str instance, {kind} found");
                    return Err(type_error(span, message));
                }
                _ => return Err(Stop::Unknown(self.why_unknown(item, span))),
            }
        }
        let length: usize = parts.iter().map(|part| part.len() + text.len()).sum();
        self.make_room(length / 10, span)?;
        Ok(Thing::constant(Value::str(parts.join(text))).resting_on(&items))
    }

    fn replace(&mut self, text: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(old), Some(new), count] = given.bound("replace", ["old", "new", "count"], span)? else {
            return Err(type_error(
                span,
                format!(
                    "replace expected at least 2 arguments, got {}",
                    given.arguments.len()
                ),
            ));
        };
        let (old, new) = (
            self.text_of(&old, "replace", span)?,
            self.text_of(&new, "replace", span)?,
        );
        let count = match count {
            Some(count) => self.number_of(&count, span)?,
            None => -1,
        };
        let found = if old.is_empty() {
            text.chars().count() + 1
        } else {
            text.matches(&*old).count()
        };
        self.make_room(found.saturating_mul(new.len()) / 10, span)?;
        let replaced = match usize::try_from(count) {
            Ok(count) => text.replacen(&*old, &new, count),
            Err(_) => text.replace(&*old, &new),
        };
        Ok(Thing::constant(Value::str(replaced)))
    }

    fn has_affix(&mut self, text: &str, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument] = given.arguments.as_slice() else {
            return Err(unknown(span, format!("`{name}` with bounds is not followed")));
        };
        let affixes = match &argument.thing.object {
            Object::Tuple(items) => items.to_vec(),
            _ => vec![argument.thing.clone()],
        };
        for affix in affixes {
            let affix = self.text_of(&affix, name, span)?;
            let has = if name == "startswith" {
                text.starts_with(&*affix)
            } else {
                text.ends_with(&*affix)
            };
            if has {
                return Ok(Thing::constant(Value::Bool(true)));
            }
        }
        Ok(Thing::constant(Value::Bool(false)))
    }

    fn search(&mut self, text: &str, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        if given.arguments.len() != 1 {
            return Err(unknown(span, format!("`{name}` with bounds is not followed")));
        }
        let part = self.one_text(name, given, span)?;
        if name == "count" {
            let count = if part.is_empty() {
                text.chars().count() + 1
            } else {
                text.matches(&*part).count()
            };
            return Ok(Thing::constant(Value::Int(
                i64::try_from(count).unwrap_or(i64::MAX),
            )));
        }
        let at = if name.starts_with('r') {
            text.rfind(&*part)
        } else {
            text.find(&*part)
        };
        let characters = at.map(|at| text.get(..at).map_or(0, |before| before.chars().count()));
        match characters {
            Some(at) => Ok(Thing::constant(Value::Int(i64::try_from(at).unwrap_or(i64::MAX)))),
            None if name.ends_with("index") => Err(raise(span, "ValueError", "substring not found")),
            None => Ok(Thing::constant(Value::Int(-1))),
        }
    }

    fn pad(&mut self, text: &str, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(width), fill] = given.bound(name, ["width", "fillchar"], span)? else {
            return Err(type_error(
                span,
                format!("{name}() takes at least 1 argument (0 given)"),
            ));
        };
        let width = usize::try_from(self.number_of(&width, span)?.max(0)).unwrap_or(usize::MAX);
        if width > MOST_ELEMENTS * 10 {
            return Err(unknown(span, "it has too many characters"));
        }
        let fill = match fill {
            Some(fill) => self.text_of(&fill, name, span)?,
            None => Arc::from(if name == "zfill" { "0" } else { " " }),
        };
        if fill.chars().count() != 1 {
            return Err(type_error(
                span,
                "The fill character must be exactly one character long",
            ));
        }
        let missing = width.saturating_sub(text.chars().count());
        let padding = |count: usize| fill.repeat(count);
        let padded = match name {
            "ljust" => format!("{text}{}", padding(missing)),
            "rjust" => format!("{}{text}", padding(missing)),
            "zfill" => match text.strip_prefix(['-', '+']) {
                Some(digits) => {
                    let sign: String = picked(&text.chars().collect::<Vec<_>>(), None, Some(1), 1)
                        .into_iter()
                        .collect();
                    format!("{sign}{}{digits}", padding(missing))
                }
                None => format!("{}{text}", padding(missing)),
            },
            _ => {
                // CPython puts the odd one to the left where the width is odd.
                let left = missing / 2 + (missing & width & 1);
                format!("{}{text}{}", padding(left), padding(missing - left))
            }
        };
        Ok(Thing::constant(Value::str(padded)))
    }
}

fn capitalized(text: &str) -> String {
    let Some(first) = text.chars().next() else {
        return String::new();
    };
    // The whole text, since a sigma is another one behind a letter at the end of a word.
    let lower = text.to_lowercase();
    let begin: usize = first.to_lowercase().map(char::len_utf8).sum();
    title_case(first) + lower.get(begin..).unwrap_or("")
}

/// The title case of a character, where it is not the upper case: of 135 characters (Unicode 14, Python 3.11).
fn title_case(character: char) -> String {
    let code = u32::from(character);
    let single = match code {
        0x1c4..=0x1c6 => 0x1c5,
        0x1c7..=0x1c9 => 0x1c8,
        0x1ca..=0x1cc => 0x1cb,
        0x1f1..=0x1f3 => 0x1f2,
        // Georgian, whose upper case stands in no title.
        0x10d0..=0x10fa | 0x10fd..=0x10ff => code,
        // Greek with a iota below.
        0x1f80..=0x1faf => code | 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => code + 9,
        0x1fbc | 0x1fcc | 0x1ffc => code,
        _ => {
            let upper: String = character.to_uppercase().collect();
            return upper_beginning(character, code).unwrap_or(upper);
        }
    };
    char::from_u32(single).unwrap_or(character).to_string()
}

/// What becomes several characters, of which the first alone is upper case: `ß`, ligatures, Greek with a iota below.
fn upper_beginning(character: char, code: u32) -> Option<String> {
    let is_iota_below = matches!(
        code,
        0x1fb2 | 0x1fb4 | 0x1fb7 | 0x1fc2 | 0x1fc4 | 0x1fc7 | 0x1ff2 | 0x1ff4 | 0x1ff7
    );
    let is_of_letters = matches!(code, 0xdf | 0x587 | 0xfb00..=0xfb06 | 0xfb13..=0xfb17);
    let upper: String = character.to_uppercase().collect();
    let mut letters = upper.chars();
    if is_of_letters {
        let first = letters.next()?;
        return Some(format!("{first}{}", letters.as_str().to_lowercase()));
    }
    if !is_iota_below {
        return None;
    }
    // Its upper case has the iota at the end, its title case below.
    let with_iota = match letters.next()? {
        '\u{391}' => "\u{1fbc}",
        '\u{397}' => "\u{1fcc}",
        '\u{3a9}' => "\u{1ffc}",
        other => return Some(format!("{other}\u{345}")),
    };
    Some(format!(
        "{with_iota}{}",
        letters.as_str().trim_end_matches('\u{399}')
    ))
}

fn titled(text: &str) -> String {
    let mut is_inside = false;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        out.push(if is_inside {
            character.to_ascii_lowercase()
        } else {
            character.to_ascii_uppercase()
        });
        is_inside = character.is_ascii_alphabetic();
    }
    out
}

/// `str.splitlines()`.
fn lines_of(text: &str) -> Vec<&str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(at) = rest.find(is_end) else {
            lines.push(rest);
            break;
        };
        let (line, tail) = rest.split_at(at);
        lines.push(line);
        let end = if tail.starts_with("\r\n") {
            2
        } else {
            tail.chars().next().map_or(1, char::len_utf8)
        };
        rest = tail.get(end..).unwrap_or("");
    }
    lines
}
