//! One source of settings: the options, the environment names asked for, or a settings file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::keys::{self, Key, Kind};
use crate::diagnostic::nearest;
use crate::value::Value;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Option(&'static str),
    /// `METAFLOW_…` in the environment, asked for by `--env` or `env = […]`.
    Environment(String),
    File {
        path: PathBuf,
        line: usize,
    },
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => out.write_str(name),
            Self::Environment(name) => write!(out, "environment {name}"),
            Self::File { path, line } => write!(out, "{}:{line}", path.display()),
            Self::Default => out.write_str("default"),
        }
    }
}

/// A value of one of the [`Kind`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Text(String),
    Whole(i64),
    Flag(bool),
    Texts(Vec<String>),
}

impl fmt::Display for Given {
    /// As TOML.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "{text:?}"),
            Self::Whole(number) => write!(out, "{number}"),
            Self::Flag(flag) => write!(out, "{flag}"),
            Self::Texts(texts) => write!(out, "{texts:?}"),
        }
    }
}

/// What is wrong with the settings; flowc cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub String);

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

/// What one source says.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// By [`Key::name`].
    pub given: BTreeMap<&'static str, (Given, Origin)>,
    /// `METAFLOW_*` without the prefix.
    pub metaflow: BTreeMap<String, (String, Origin)>,
    pub values: BTreeMap<String, (Value, Origin)>,
    /// Decorator → `harmless` or `mutator`.
    pub decorators: BTreeMap<String, (String, Origin)>,
    /// Bases from other packages that are said to be harmless.
    pub bases: BTreeMap<String, Origin>,
    pub configs: BTreeMap<String, (PathBuf, Origin)>,
    pub config_values: BTreeMap<String, (String, Origin)>,
}

impl Layer {
    /// Sets a key after holding the value against its kind.
    pub fn set(&mut self, key: &'static Key, value: Given, origin: Origin) -> Result<(), SettingsError> {
        let value = fit(key, value).map_err(|problem| SettingsError(format!("{origin}: {problem}")))?;
        self.given.insert(key.name, (value, origin));
        Ok(())
    }

    /// Sets an option's value, when it was given.
    pub fn option(&mut self, name: &str, value: Option<Given>) -> Result<(), SettingsError> {
        let (Some(key), Some(value)) = (keys::find(name), value) else {
            return Ok(());
        };
        self.set(key, value, Origin::Option(key.option.unwrap_or(key.name)))
    }
}

/// The value as the key's kind has it, or what is wrong with it.
fn fit(key: &Key, value: Given) -> Result<Given, String> {
    let name = key.name;
    match (key.kind, value) {
        (Kind::Texts, Given::Text(text)) => Ok(Given::Texts(vec![text])),
        (Kind::Text, value @ Given::Text(_))
        | (Kind::Flag, value @ Given::Flag(_))
        | (Kind::Texts, value @ Given::Texts(_)) => Ok(value),
        (Kind::Choice(choices), Given::Text(text)) => choice(name, choices, text).map(Given::Text),
        (Kind::Choices(choices), Given::Text(text)) => {
            choice(name, choices, text).map(|word| Given::Texts(vec![word]))
        }
        (Kind::Choices(choices), Given::Texts(texts)) => {
            let words = texts.into_iter().map(|text| choice(name, choices, text));
            words.collect::<Result<_, _>>().map(Given::Texts)
        }
        (Kind::Whole { min }, Given::Whole(number)) if number >= min => Ok(Given::Whole(number)),
        (Kind::Whole { min }, Given::Whole(number)) => {
            Err(format!("`{name}` must be at least {min}, not {number}"))
        }
        (kind, value) => Err(format!("`{name}` must be {}, not {value}", describe(kind))),
    }
}

fn choice(name: &str, choices: &[&str], text: String) -> Result<String, String> {
    if choices.contains(&text.as_str()) {
        return Ok(text);
    }
    let close = nearest(&text, choices.iter().copied())
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(format!(
        "`{name}` must be one of {}, not `{text}`{close}",
        choices.join(", ")
    ))
}

fn describe(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Whole { .. } => "a whole number".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Texts => "a list of texts".to_owned(),
        Kind::Choices(choices) => format!("a list of {}", choices.join(", ")),
    }
}

/// Stands for a secret wherever settings are shown.
pub const NOT_SHOWN: &str = "(a secret, not shown)";

/// Does the setting hold a key of a service? A reference to a secret of the cluster may be read by anyone.
pub fn is_secret(key: &str, value: &str) -> bool {
    const KEYS: [&str; 6] = [
        "argo.notify-incident-io-api-key",
        "argo.notify-pager-duty-integration-key",
        "argo.notify-slack-webhook-url",
        "metaflow.ARGO_EVENTS_WEBHOOK_AUTH",
        "metaflow.SERVICE_AUTH_KEY",
        "metaflow.SERVICE_HEADERS",
    ];
    KEYS.contains(&key) && !value.is_empty() && !value.trim_matches('"').starts_with("secret:")
}
