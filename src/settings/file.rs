//! Reads `flowc.toml` and `[tool.flowc]` of `pyproject.toml`. An unknown key is an error with its line.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, FREE_TABLES, KEYS};
use super::layer::{Given, Layer, Origin, SettingsError};
use super::metaflow;
use crate::diagnostic::nearest;
use crate::value::Value;

/// The settings in a file's text; `None` for a `pyproject.toml` without `[tool.flowc]`.
pub fn parse(path: &Path, text: &str) -> Result<Option<Layer>, SettingsError> {
    let file = File { path, text };
    let document = DeTable::parse(text).map_err(|error| {
        let line = file.line(error.span().map_or(0, |span| span.start));
        SettingsError(format!("{}:{line}: {}", path.display(), error.message()))
    })?;
    let document = document.into_inner();
    if path.file_name().is_none_or(|name| name != "pyproject.toml") {
        return file.layer(&document).map(Some);
    }
    let tool = document.get("tool").and_then(|tool| tool.get_ref().as_table());
    let Some(ours) = tool.and_then(|tool| tool.get("flowc")) else {
        return Ok(None);
    };
    let Some(table) = ours.get_ref().as_table() else {
        return Err(file.error(ours.span().start, "`tool.flowc` must be a table"));
    };
    file.layer(table).map(Some)
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text
            .get(..offset)
            .map_or(1, |before| before.matches('\n').count() + 1)
    }

    fn origin(&self, offset: usize) -> Origin {
        Origin::File {
            path: self.path.to_owned(),
            line: self.line(offset),
        }
    }

    fn error(&self, offset: usize, message: impl std::fmt::Display) -> SettingsError {
        SettingsError(format!(
            "{}:{}: {message}",
            self.path.display(),
            self.line(offset)
        ))
    }

    /// All that is wrong is told at once, by line.
    fn layer(&self, table: &DeTable<'_>) -> Result<Layer, SettingsError> {
        let mut layer = Layer::default();
        let mut wrong: Vec<(usize, SettingsError)> = Vec::new();
        let mut keep = |at: usize, result: Result<(), SettingsError>| {
            wrong.extend(result.err().map(|error| (at, error)));
        };
        for (name, value) in table {
            let key: &str = name.get_ref();
            match value.get_ref() {
                DeValue::Table(inner) if FREE_TABLES.iter().any(|(table, _)| *table == key) => {
                    for (name, value) in inner {
                        keep(name.span().start, self.free_entry(key, name, value, &mut layer));
                    }
                }
                DeValue::Table(inner) if is_table(key) => {
                    for (inner_name, value) in inner {
                        let dotted = format!("{key}.{}", inner_name.get_ref());
                        let at = inner_name.span().start;
                        keep(at, self.known_key(&dotted, at, value, &mut layer));
                    }
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => {
                    let at = name.span().start;
                    keep(at, self.known_key(key, at, value, &mut layer));
                }
            }
        }
        if wrong.is_empty() {
            return Ok(layer);
        }
        wrong.sort_by_key(|(at, _)| *at);
        let lines: Vec<String> = wrong.into_iter().map(|(_, error)| error.0).collect();
        Err(SettingsError(lines.join("\n")))
    }

    fn known_key(
        &self,
        name: &str,
        at: usize,
        value: &Spanned<DeValue<'_>>,
        layer: &mut Layer,
    ) -> Result<(), SettingsError> {
        let Some(key) = keys::find(name) else {
            return Err(self.error(at, unknown_key(name)));
        };
        let Some(given) = given(value.get_ref()) else {
            return Err(self.error(at, format!("`{name}` cannot be a {}", value.get_ref().type_str())));
        };
        layer.set(key, given, self.origin(at))
    }

    fn free_entry(
        &self,
        table: &str,
        name: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        layer: &mut Layer,
    ) -> Result<(), SettingsError> {
        let (at, name, value) = (name.span().start, name.get_ref().to_string(), value.get_ref());
        let origin = self.origin(at);
        match table {
            "values" => flatten(&name, value, &origin, layer),
            "config-values" => {
                layer
                    .config_values
                    .insert(name, (to_json(value).to_string(), origin));
            }
            "metaflow" => {
                let text = value
                    .as_str()
                    .map_or_else(|| to_json(value).to_string(), str::to_owned);
                layer
                    .metaflow
                    .insert(metaflow::without_prefix(&name).to_owned(), (text, origin));
            }
            "configs" => {
                let file = self.text_of(at, table, &name, value)?;
                let folder = self.path.parent().unwrap_or(Path::new(""));
                layer
                    .configs
                    .insert(name, (folder.join(PathBuf::from(file)), origin));
            }
            "bases" => {
                let word = self.text_of(at, table, &name, value)?;
                if word != "harmless" {
                    let message = format!("`bases.{name}` must be `harmless`, not `{word}`");
                    return Err(self.error(at, message));
                }
                layer.bases.insert(name, origin);
            }
            _ => {
                let word = self.text_of(at, table, &name, value)?;
                if word != "harmless" && word != "mutator" {
                    let message =
                        format!("`decorators.{name}` must be `harmless` or `mutator`, not `{word}`");
                    return Err(self.error(at, message));
                }
                layer.decorators.insert(name, (word, origin));
            }
        }
        Ok(())
    }

    fn text_of(
        &self,
        at: usize,
        table: &str,
        name: &str,
        value: &DeValue<'_>,
    ) -> Result<String, SettingsError> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| {
            self.error(
                at,
                format!("`{table}.{name}` must be a text, not a {}", value.type_str()),
            )
        })
    }
}

/// `[values]` may nest: `[values.TrainFlow] alpha = 1` is `TrainFlow.alpha`.
fn flatten(name: &str, value: &DeValue<'_>, origin: &Origin, layer: &mut Layer) {
    if let DeValue::Table(table) = value {
        // The table itself is a value too: a name may stand for a dict.
        for (inner, value) in table {
            flatten(
                &format!("{name}.{}", inner.get_ref()),
                value.get_ref(),
                origin,
                layer,
            );
        }
    }
    layer.values.insert(
        name.to_owned(),
        (super::json::to_value(&to_json(value)), origin.clone()),
    );
}

fn is_table(name: &str) -> bool {
    KEYS.iter()
        .any(|key| key.name.split_once('.').is_some_and(|(table, _)| table == name))
}

fn unknown_key(name: &str) -> String {
    let names = KEYS.iter().map(|key| key.name);
    let near = nearest(name, names.chain(FREE_TABLES.iter().map(|(table, _)| *table)));
    let hint = near.map_or_else(
        || "; `flowc settings` lists the keys".to_owned(),
        |near| format!("; did you mean `{near}`?"),
    );
    format!("unknown key `{name}`{hint}")
}

fn given(value: &DeValue<'_>) -> Option<Given> {
    match value {
        DeValue::String(text) => Some(Given::Text(text.to_string())),
        DeValue::Integer(number) => whole(number.as_str(), number.radix()).map(Given::Whole),
        DeValue::Boolean(flag) => Some(Given::Flag(*flag)),
        DeValue::Array(items) => {
            let texts = items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(Given::Texts)
        }
        // `queues = { serverless = "fargate" }` is `queues = ["serverless=fargate"]`.
        DeValue::Table(entries) => {
            let pair = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let value = value.get_ref().as_str()?;
                Some(format!("{}={value}", name.get_ref()))
            };
            let pairs: Option<Vec<_>> = entries.iter().map(pair).collect();
            pairs.map(Given::Texts)
        }
        DeValue::Float(_) | DeValue::Datetime(_) => None,
    }
}

fn whole(digits: &str, radix: u32) -> Option<i64> {
    i64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// A TOML value as JSON; dates are text.
fn to_json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => match whole(number.as_str(), number.radix()) {
            Some(number) => number.into(),
            None => number.as_str().into(),
        },
        DeValue::Float(number) => number
            .as_str()
            .replace('_', "")
            .parse::<f64>()
            .unwrap_or(f64::NAN)
            .into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => serde_json::Value::Object(
            table
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref())))
                .collect(),
        ),
    }
}

/// A value as the command line writes it: JSON, else text.
pub fn value_of_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(json) => super::json::to_value(&json),
        Err(_) => Value::str(text),
    }
}
