//! The kinds of values that attributes accept, and how to say them. Knows no decorator.

use crate::value::{Call, Value};

/// The values an attribute accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Nothing is looked at here: anything goes, or a rule of its own looks.
    Any,
    Bool,
    /// Whatever Python's `int()` reads, in this range after it is cut to a whole number.
    Int {
        min: i64,
        max: i64,
    },
    /// A whole number that is no float; where `as_text`, also its text (`"4"`).
    Whole {
        min: i64,
        max: i64,
        as_text: bool,
    },
    /// A number, also as text (`"0.5"`), at least `min` (more than it where `above`).
    Number {
        min: f64,
        above: bool,
    },
    /// A number of at least 0, never as text.
    Seconds,
    Text,
    /// One of these texts, upper or lower case.
    OneOf(&'static [&'static str]),
    /// A list or tuple of texts.
    Texts,
    /// Text, or a list of texts.
    TextOrTexts,
    /// A dict from text to text.
    TextMap,
    Map,
    /// `datetime.timedelta(…)`.
    Timedelta,
}

impl Kind {
    /// Whole numbers from `min` on, also as text.
    pub const fn whole_from(min: i64) -> Self {
        Self::Whole {
            min,
            max: i64::MAX,
            as_text: true,
        }
    }

    /// What `float()` reads.
    pub const ANY_NUMBER: Self = Self::Number {
        min: f64::NEG_INFINITY,
        above: false,
    };

    /// Numbers above zero.
    pub const POSITIVE: Self = Self::Number {
        min: 0.0,
        above: true,
    };

    pub fn takes(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Bool => value.as_bool().is_some(),
            Self::Int { min, max } => value
                .to_int()
                .is_some_and(|number| (*min..=*max).contains(&number)),
            Self::Whole { min, max, as_text } => {
                whole(value, *as_text).is_some_and(|number| (*min..=*max).contains(&number))
            }
            Self::Number { min, above } => value
                .to_float()
                .is_some_and(|number| if *above { number > *min } else { number >= *min }),
            Self::Seconds => {
                value.as_str().is_none()
                    && value
                        .to_float()
                        .is_some_and(|number| number >= 0.0 && number.is_finite())
            }
            Self::Text => value.as_str().is_some(),
            Self::OneOf(words) => value
                .as_str()
                .is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text))),
            Self::Texts => is_texts(value),
            Self::TextOrTexts => value.as_str().is_some() || is_texts(value),
            Self::TextMap => value.as_dict().is_some_and(|entries| {
                entries
                    .iter()
                    .all(|(key, value)| key.as_str().is_some() && value.as_str().is_some())
            }),
            Self::Map => value.as_dict().is_some(),
            Self::Timedelta => matches!(value, Value::Call(call) if &*call.callee == Call::TIMEDELTA),
        }
    }

    /// Completes "it must be …".
    pub fn describe(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::Bool => "`True` or `False`".to_owned(),
            Self::Int { min, max } | Self::Whole { min, max, .. } => {
                format!("a whole number{}", range(*min, *max))
            }
            Self::Number { min, above } if min.is_finite() => {
                format!("a number {} {min}", if *above { "above" } else { "of at least" })
            }
            Self::Number { .. } => "a number".to_owned(),
            Self::Seconds => "a number of seconds, of at least 0".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::OneOf(words) => format!("one of {}", quoted(words)),
            Self::Texts => "a list of texts".to_owned(),
            Self::TextOrTexts => "a text or a list of texts".to_owned(),
            Self::TextMap => "a dict of texts".to_owned(),
            Self::Map => "a dict".to_owned(),
            Self::Timedelta => "a `datetime.timedelta`".to_owned(),
        }
    }
}

fn whole(value: &Value, as_text: bool) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(flag) => Some(i64::from(*flag)),
        // `float("1.0").is_integer()` is what Metaflow asks of a text.
        Value::Str(_) if as_text => value
            .to_float()
            .filter(|number| number.fract() == 0.0)
            .and_then(|number| Value::Float(number).to_int()),
        Value::Str(_)
        | Value::None
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => None,
    }
}

fn is_texts(value: &Value) -> bool {
    value
        .as_sequence()
        .is_some_and(|items| items.iter().all(|item| item.as_str().is_some()))
}

fn range(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => String::new(),
        (i64::MIN, max) => format!(" of at most {max}"),
        (min, i64::MAX) => format!(" of at least {min}"),
        (min, max) => format!(" from {min} to {max}"),
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_metaflow_takes() {
        let gpu = Kind::whole_from(i64::MIN);
        let float = |number| Value::Float(number);
        let cases = [
            (gpu, Value::Int(1), true),
            (gpu, Value::str("1"), true),
            (gpu, Value::str("1.0"), true),
            (gpu, float(1.0), false),
            (gpu, Value::str("A100"), false),
            (Kind::POSITIVE, Value::str("0.5"), true),
            (Kind::POSITIVE, Value::str("500m"), false),
            (Kind::POSITIVE, Value::Int(0), false),
            (Kind::POSITIVE, Value::Bool(true), true),
            (Kind::POSITIVE, float(f64::NAN), false),
            (Kind::Seconds, float(0.5), true),
            (Kind::Seconds, Value::str("60"), false),
            (Kind::Seconds, float(f64::INFINITY), false),
            (
                Kind::Int {
                    min: i64::MIN,
                    max: 4,
                },
                float(4.9),
                true,
            ),
            (
                Kind::Int {
                    min: i64::MIN,
                    max: 4,
                },
                Value::Int(5),
                false,
            ),
            (Kind::OneOf(&["Guaranteed"]), Value::str("guaranteed"), true),
            (Kind::TextOrTexts, Value::Tuple(vec![Value::str("a")]), true),
            (Kind::Texts, Value::str("a"), false),
            (
                Kind::TextMap,
                Value::Dict(vec![(Value::str("a"), Value::Int(1))]),
                false,
            ),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(kind.takes(&value), expected, "{kind:?} {value:?}");
        }
    }

    #[test]
    fn describes_ranges() {
        assert_eq!(Kind::whole_from(1).describe(), "a whole number of at least 1");
        assert_eq!(Kind::POSITIVE.describe(), "a number above 0");
        assert_eq!(Kind::OneOf(&["a", "b"]).describe(), "one of `a`, `b`");
    }
}
