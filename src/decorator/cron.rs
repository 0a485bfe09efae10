//! Cron expressions: read in the two dialects that `@schedule` meets, written in either. Knows no target.
//!
//! Metaflow never looks at the text. Its own are AWS's (`0 0 ? * SUN *`: six fields, the last a year, Sunday is 1),
//! users also write Unix's (five fields, Sunday is 0 or 7). Six fields are read as AWS's, five as Unix's, in which
//! `?` is taken for `*`.

use std::fmt::Write as _;

/// An expression that could be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cron {
    /// `@daily`, `@every 20s`: a shorthand, with its five fields where there are any.
    Shorthand {
        text: String,
        fields: Option<&'static str>,
    },
    Fields {
        dialect: Dialect,
        /// As written, without needless blanks.
        text: String,
        minute: Field,
        hour: Field,
        day: Field,
        month: Field,
        weekday: Field,
        /// None in Unix's dialect.
        year: Option<Field>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Unix,
    Aws,
}

/// The comma-separated items of one field.
pub type Field = Vec<Item>;

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `*`, `*/5`
    Every { step: Option<u32> },
    /// `?`
    Unset,
    /// `5`, `5/15`, `1-5`, `1-5/2`, `MON-FRI`: numbers, names already in the field's own numbering.
    Range {
        from: u32,
        to: Option<u32>,
        step: Option<u32>,
    },
    /// `L`, `3L`, `15W`, `LW`, `6#3`: only AWS has these.
    Special(String),
}

/// What a field may hold.
struct Bounds {
    name: &'static str,
    min: u32,
    max: u32,
    /// The first stands for `min` (of AWS's weekdays for 1, of Unix's for 0).
    names: &'static [&'static str],
}

const MINUTE: Bounds = Bounds {
    name: "minute",
    min: 0,
    max: 59,
    names: &[],
};
const HOUR: Bounds = Bounds {
    name: "hour",
    min: 0,
    max: 23,
    names: &[],
};
const DAY: Bounds = Bounds {
    name: "day of the month",
    min: 1,
    max: 31,
    names: &[],
};
const MONTH: Bounds = Bounds {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const UNIX_WEEKDAY: Bounds = Bounds {
    name: "day of the week",
    min: 0,
    max: 7,
    names: WEEKDAYS,
};
const AWS_WEEKDAY: Bounds = Bounds {
    name: "day of the week",
    min: 1,
    max: 7,
    names: WEEKDAYS,
};
const YEAR: Bounds = Bounds {
    name: "year",
    min: 1970,
    max: 2199,
    names: &[],
};

/// Shorthands and what they stand for.
const SHORTHANDS: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        match fields.as_slice() {
            [shorthand, rest @ ..] if shorthand.starts_with('@') => parse_shorthand(shorthand, rest),
            [_, _, _, _, _] => parse_fields(Dialect::Unix, &fields),
            [_, _, _, _, _, _] => parse_fields(Dialect::Aws, &fields),
            _ => Err(format!("has {} fields, not five or six", fields.len())),
        }
    }

    /// Five fields as cron, Argo Workflows and Airflow read them: Sunday is 0, no `?`, no year.
    ///
    /// # Errors
    /// What Unix's dialect cannot say.
    pub fn to_unix(&self) -> Result<String, String> {
        match self {
            Self::Shorthand { text, fields } => fields
                .map(str::to_owned)
                .ok_or_else(|| format!("`{text}` has no five fields")),
            Self::Fields {
                dialect,
                minute,
                hour,
                day,
                month,
                weekday,
                year,
                text: _,
            } => {
                if year.as_ref().is_some_and(|year| !is_open(year)) {
                    return Err("a year cannot be said in five fields".to_owned());
                }
                let weekday = from_sunday_zero(weekday, *dialect);
                let fields = [
                    (minute, MINUTE),
                    (hour, HOUR),
                    (day, DAY),
                    (month, MONTH),
                    (&weekday, UNIX_WEEKDAY),
                ];
                let written: Result<Vec<_>, _> = fields
                    .iter()
                    .map(|(field, bounds)| unix_field(field, bounds))
                    .collect();
                Ok(written?.join(" "))
            }
        }
    }

    /// Five fields, or an interval (`@every 20s`) where it is one.
    ///
    /// # Errors
    /// What Unix's dialect cannot say.
    pub fn to_unix_or_interval(&self) -> Result<String, String> {
        match self {
            Self::Shorthand { text, fields: None } => Ok(text.clone()),
            Self::Shorthand { fields: Some(_), .. } | Self::Fields { .. } => self.to_unix(),
        }
    }

    /// Six fields as AWS reads them: Sunday is 1, one of the two days is `?`, a year.
    ///
    /// # Errors
    /// What AWS's dialect cannot say.
    pub fn to_aws(&self) -> Result<String, String> {
        match self {
            Self::Shorthand { text, fields } => match fields {
                Some(fields) => Self::parse(fields)?.to_aws(),
                None => Err(format!("`{text}` has no six fields")),
            },
            Self::Fields {
                dialect: Dialect::Aws,
                day,
                weekday,
                text,
                ..
            } => {
                let unset = [day, weekday]
                    .iter()
                    .filter(|field| ***field == [Item::Unset])
                    .count();
                if unset == 1 {
                    return Ok(with_listed_weekdays(text, weekday));
                }
                Err("exactly one of the day of the month and the day of the week must be `?`".to_owned())
            }
            Self::Fields {
                dialect: Dialect::Unix,
                minute,
                hour,
                day,
                month,
                weekday,
                ..
            } => {
                let (day, weekday) = match (is_open(day), is_open(weekday)) {
                    (_, true) => (aws_field(day), "?".to_owned()),
                    (true, false) => ("?".to_owned(), aws_field(&from_sunday_one(weekday))),
                    (false, false) => {
                        return Err(
                            "a day of the month or a day of the week, either of which starts it, \
                                    cannot be said in six fields"
                                .to_owned(),
                        );
                    }
                };
                let [minute, hour, month] = [minute, hour, month].map(aws_field);
                Ok(format!("{minute} {hour} {day} {month} {weekday} *"))
            }
        }
    }
}

fn parse_shorthand(shorthand: &str, rest: &[&str]) -> Result<Cron, String> {
    let known = SHORTHANDS.iter().find(|(name, _)| *name == shorthand);
    match (known, shorthand, rest) {
        (Some((name, fields)), _, []) => Ok(Cron::Shorthand {
            text: (*name).to_owned(),
            fields: Some(fields),
        }),
        (None, "@every", [interval]) if is_interval(interval) => Ok(Cron::Shorthand {
            text: format!("@every {interval}"),
            fields: None,
        }),
        (None, "@every", [interval]) => Err(format!(
            "has `{interval}` for an interval, which is whole hours, minutes and seconds as `1h30m`"
        )),
        (Some(_) | None, _, _) => Err("is no known shorthand".to_owned()),
    }
}

/// `20s`, `1h30m`: what both the API server's pattern for `@every` and Go's durations take.
fn is_interval(text: &str) -> bool {
    const UNITS: [&str; 7] = ["ns", "us", "µs", "ms", "s", "m", "h"];
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let end = number.find(|c: char| c.is_ascii_digit()).unwrap_or(number.len());
        let (unit, behind) = number.split_at(end);
        if number.len() == rest.len() || !UNITS.contains(&unit) {
            return false;
        }
        rest = behind;
    }
    !text.is_empty()
}

fn parse_fields(dialect: Dialect, fields: &[&str]) -> Result<Cron, String> {
    let weekdays = match dialect {
        Dialect::Unix => UNIX_WEEKDAY,
        Dialect::Aws => AWS_WEEKDAY,
    };
    let field = |index: usize, bounds: &Bounds| {
        parse_field(fields.get(index).copied().unwrap_or(""), bounds, dialect)
    };
    Ok(Cron::Fields {
        dialect,
        text: fields.join(" "),
        minute: field(0, &MINUTE)?,
        hour: field(1, &HOUR)?,
        day: field(2, &DAY)?,
        month: field(3, &MONTH)?,
        weekday: field(4, &weekdays)?,
        year: match dialect {
            Dialect::Unix => None,
            Dialect::Aws => Some(field(5, &YEAR)?),
        },
    })
}

fn parse_field(text: &str, bounds: &Bounds, dialect: Dialect) -> Result<Field, String> {
    let mut field = Field::new();
    for item in text.split(',') {
        field.extend(unwrapped(parse_item(item, bounds, dialect)?, bounds));
    }
    Ok(field)
}

/// A range that goes on behind the field's end (`22-2` hours) as a list: Airflow reads it so, the others not at all. Days
/// of the week are counted in another way in each dialect.
fn unwrapped(item: Item, bounds: &Bounds) -> Field {
    let Item::Range {
        from,
        to: Some(to),
        step,
    } = item
    else {
        return vec![item];
    };
    if to >= from || bounds.name == UNIX_WEEKDAY.name || bounds.name == YEAR.name {
        return vec![item];
    }
    let span = bounds.max - bounds.min + 1;
    let values = (from..=to + span).step_by(step.unwrap_or(1) as usize);
    let values = values.map(|value| Item::Range {
        from: (value - bounds.min) % span + bounds.min,
        to: None,
        step: None,
    });
    values.collect()
}

fn parse_item(text: &str, bounds: &Bounds, dialect: Dialect) -> Result<Item, String> {
    if text == "?" {
        return Ok(Item::Unset);
    }
    if is_special(text, bounds) {
        return match dialect {
            Dialect::Aws => Ok(Item::Special(text.to_uppercase())),
            Dialect::Unix => Err(format!(
                "has `{text}` for a {}, which five fields cannot say",
                bounds.name
            )),
        };
    }
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(parse_step(step, bounds)?)),
        None => (text, None),
    };
    if range == "*" {
        return Ok(Item::Every { step });
    }
    let (from, to) = match range.split_once('-') {
        Some((from, to)) => (from, Some(parse_number(to, bounds)?)),
        None => (range, None),
    };
    Ok(Item::Range {
        from: parse_number(from, bounds)?,
        to,
        step,
    })
}

fn is_special(text: &str, bounds: &Bounds) -> bool {
    let is_day = bounds.name == DAY.name || bounds.name == UNIX_WEEKDAY.name;
    let text = text.to_uppercase();
    let is_named = bounds.names.contains(&text.as_str());
    is_day && !is_named && (text == "L" || text == "LW" || is_numbered(&text))
}

/// `3L`, `15W`, `6#3`
fn is_numbered(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_suffix(['L', 'W']).is_some_and(digits)
        || text.split_once('#').is_some_and(|(day, count)| {
            (digits(day) || WEEKDAYS.contains(&day)) && ["1", "2", "3", "4", "5"].contains(&count)
        })
}

fn parse_step(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let step = text.parse().ok().filter(|&step: &u32| step > 0);
    step.ok_or_else(|| format!("has a step of `{text}` in its {}", bounds.name))
}

fn parse_number(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let named = bounds
        .names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    let number = match named {
        Some(index) => u32::try_from(index).ok().map(|index| index + bounds.min),
        None => text
            .parse()
            .ok()
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit())),
    };
    let number = number.filter(|number| (bounds.min..=bounds.max).contains(number));
    number.ok_or_else(|| {
        format!(
            "has `{text}` for a {} ({} to {})",
            bounds.name, bounds.min, bounds.max
        )
    })
}

/// Every value: `*` or `?`.
fn is_open(field: &Field) -> bool {
    matches!(field.as_slice(), [Item::Every { step: None } | Item::Unset])
}

/// A weekday field in the numbering of Unix, 7 as 0, and ranges over the week's end in two.
fn from_sunday_zero(field: &Field, dialect: Dialect) -> Field {
    let offset = match dialect {
        Dialect::Unix => 0,
        Dialect::Aws => 1,
    };
    field
        .iter()
        .flat_map(|item| shifted(item, |day| (day - offset) % 7, 0))
        .collect()
}

/// A weekday field of Unix in the numbering of AWS.
fn from_sunday_one(field: &Field) -> Field {
    listed(field, 0)
        .iter()
        .flat_map(|item| shifted(item, |day| day % 7 + 1, 1))
        .collect()
}

/// Six fields as they are, but for a step in the day of the week.
fn with_listed_weekdays(text: &str, weekday: &Field) -> String {
    let listed = listed(weekday, 1);
    if listed == *weekday {
        return text.to_owned();
    }
    let days = aws_field(&listed);
    let fields = text.split_whitespace().enumerate();
    let fields = fields.map(|(index, field)| if index == 4 { &days } else { field });
    fields.collect::<Vec<_>>().join(" ")
}

/// Days of the week that are counted in steps, as a list: AWS has no `/` there. `first` is Sunday's number.
fn listed(field: &Field, first: u32) -> Field {
    let mut days = Field::new();
    for item in field {
        let (from, to, step) = match item {
            Item::Every { step: Some(step) } => (first, first + 6, *step),
            Item::Range {
                from,
                to,
                step: Some(step),
            } => (*from, to.unwrap_or(first + 6).max(*from), *step),
            Item::Every { step: None } | Item::Unset | Item::Range { .. } | Item::Special(_) => {
                days.push(item.clone());
                continue;
            }
        };
        days.extend((from..=to).step_by(step as usize).map(|day| Item::Range {
            from: day,
            to: None,
            step: None,
        }));
    }
    days
}

/// A range that renumbering wraps over the week's end becomes the list of its days.
fn shifted(item: &Item, renumber: impl Fn(u32) -> u32, first: u32) -> Field {
    let Item::Range { from, to, step } = item else {
        return vec![item.clone()];
    };
    let (start, end) = (renumber(*from), to.map(&renumber));
    let is_whole_week = to.is_some_and(|to| to >= from + 6);
    let days = match end {
        Some(_) if is_whole_week => start..=start + 6,
        Some(end) if end < start => start..=end + 7,
        Some(_) | None => {
            let (from, to, step) = (start, end, *step);
            return vec![Item::Range { from, to, step }];
        }
    };
    let days = days.step_by(step.unwrap_or(1) as usize);
    days.map(|day| Item::Range {
        from: (day - first) % 7 + first,
        to: None,
        step: None,
    })
    .collect()
}

fn unix_field(field: &Field, bounds: &Bounds) -> Result<String, String> {
    let last = if bounds.name == UNIX_WEEKDAY.name {
        6
    } else {
        bounds.max
    };
    let items: Result<Vec<String>, String> = field
        .iter()
        .map(|item| match item {
            Item::Unset => Ok("*".to_owned()),
            Item::Special(text) => Err(format!("`{text}` cannot be said in five fields")),
            // croniter, by which Airflow reads, takes `5-5` for `*`.
            Item::Range { from, to, step }
                if to.map_or(step.is_some() && *from == last, |to| to == *from) =>
            {
                Ok(from.to_string())
            }
            // `5/15` is "from 5 on": spelt out, since not every reader knows it.
            Item::Range {
                from,
                to: None,
                step: Some(step),
            } => Ok(format!("{from}-{last}/{step}")),
            Item::Every { .. } | Item::Range { .. } => Ok(written(item)),
        })
        .collect();
    Ok(items?.join(","))
}

fn aws_field(field: &Field) -> String {
    let items = field.iter().map(|item| {
        if *item == Item::Unset {
            "*".to_owned()
        } else {
            written(item)
        }
    });
    // `0,7` is Sunday twice.
    let mut once: Vec<String> = Vec::new();
    for item in items {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once.join(",")
}

fn written(item: &Item) -> String {
    let mut out = String::new();
    let step = match item {
        Item::Every { step } => {
            out.push('*');
            step
        }
        Item::Unset => {
            out.push('?');
            &None
        }
        Item::Range { from, to, step } => {
            let _ = write!(out, "{from}");
            if let Some(to) = to {
                let _ = write!(out, "-{to}");
            }
            step
        }
        Item::Special(text) => {
            out.push_str(text);
            &None
        }
    };
    if let Some(step) = step {
        let _ = write!(out, "/{step}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(text: &str) -> Result<String, String> {
        Cron::parse(text)?.to_unix()
    }

    fn aws(text: &str) -> Result<String, String> {
        Cron::parse(text)?.to_aws()
    }

    #[test]
    fn to_five_fields() {
        let cases = [
            ("0 0 ? * SUN *", "0 0 * * 0"),
            ("0 * * * ? *", "0 * * * *"),
            ("0 0 * * ? *", "0 0 * * *"),
            ("0 10 ? * MON-FRI *", "0 10 * * 1-5"),
            ("0 10 ? * 2-6 *", "0 10 * * 1-5"),
            ("0 10 ? * 7 *", "0 10 * * 6"),
            ("0 10 ? * 6-2 *", "0 10 * * 5,6,0,1"),
            ("5/15 10 1,15 JAN-MAR ? *", "5-59/15 10 1,15 1-3 *"),
            ("*/5 * * * *", "*/5 * * * *"),
            ("0 0 * * 7", "0 0 * * 0"),
            ("0 0 * * 5-7", "0 0 * * 5,6,0"),
            ("0 0 * * 0-7", "0 0 * * 0,1,2,3,4,5,6"),
            ("0  0 * * mon", "0 0 * * 1"),
            ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
            ("5-5 3-3/2 * * 7-7", "5 3 * * 0"),
            ("59/2 0 ? * 7/2 *", "59 0 * * 6"),
            ("@daily", "0 0 * * *"),
        ];
        for (text, expected) in cases {
            assert_eq!(unix(text).as_deref(), Ok(expected), "{text}");
        }
        for wrong in [
            "0 0 L * ? *",
            "0 0 ? * 6#3 *",
            "0 0 15W * ? *",
            "0 0 1 1 ? 2030",
            "@every 20s",
        ] {
            assert!(unix(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn to_six_fields() {
        let cases = [
            ("0 0 ? * SUN *", "0 0 ? * SUN *"),
            ("0 0 L * ? *", "0 0 L * ? *"),
            ("*/5 * * * *", "*/5 * * * ? *"),
            ("0 10 * * 1-5", "0 10 ? * 2-6 *"),
            ("0 10 * * 5-7", "0 10 ? * 6,7,1 *"),
            ("0 10 1 * *", "0 10 1 * ? *"),
            ("0 0 * * 0", "0 0 ? * 1 *"),
            ("0 0 * * 0,7", "0 0 ? * 1 *"),
            ("0 0 * * */2", "0 0 ? * 1,3,5,7 *"),
            ("0 22-2 * * *", "0 22,23,0,1,2 * * ? *"),
            ("0 22-2/2 28-3 11-2 *", "0 22,0,2 28,29,30,31,1,2,3 11,12,1,2 ? *"),
            ("0 0 * * 1-5/2", "0 0 ? * 2,4,6 *"),
            ("0 0 * * 3/2,0", "0 0 ? * 4,6,1 *"),
            ("0 0 * * 7/2", "0 0 ? * 1 *"),
            ("*/5 0 ? * MON-FRI/2 *", "*/5 0 ? * 2,4,6 *"),
            ("0 0 ? * 6#3 *", "0 0 ? * 6#3 *"),
            ("0 0 ? * 6L *", "0 0 ? * 6L *"),
            ("0 0 15W * ? *", "0 0 15W * ? *"),
            ("@monthly", "0 0 1 * ? *"),
        ];
        for (text, expected) in cases {
            assert_eq!(aws(text).as_deref(), Ok(expected), "{text}");
        }
        for wrong in ["0 0 1 * 1", "0 0 * * * *", "0 0 ? * ? *", "@every 20s"] {
            assert!(aws(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn refuses_what_is_none() {
        let wrong = [
            "nonsense",
            "",
            "0 0 * *",
            "61 * * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 8",
            "0 0 ? * 0 *",
            "*/0 * * * *",
            "0 0 L * *",
            "a b c d e",
            "1-x * * * *",
            "@fortnightly",
            "@every 1d",
            "@every -1h",
            "@every 0.5h",
            "@every 1",
            "@every h",
            "@every 1h 30m",
            "0 0 ? * 1#6 *",
        ];
        for text in wrong {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
        for text in ["@every 20s", "@every 1h30m", "@every  100ms "] {
            let spelt = Cron::parse(text).and_then(|cron| cron.to_unix_or_interval());
            assert_eq!(spelt, Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        let message = Cron::parse("61 * * * *").unwrap_err();
        assert_eq!(message, "has `61` for a minute (0 to 59)");
    }
}
