//! `flowc settings`: what is in force, and where each value came from.

use anyhow::Result;

use super::arguments::{Global, Settings};
use super::config::{self, Loader};
use super::terminal::{self, Voice};
use super::{Outcome, entry};
use crate::settings::keys::KEYS;
use crate::settings::layer::{self, Origin};
use crate::settings::schema;

pub(super) fn run(arguments: &Settings, global: &Global, voice: Voice) -> Result<Outcome> {
    if arguments.schema {
        terminal::print(format!("{:#}\n", schema::schema()))?;
        return Ok(Outcome::Clean);
    }
    let options = config::deployment_layer(&arguments.deployment)?;
    let loader = Loader::new(global, &arguments.configs, options)?;
    let folder = if arguments.path.is_dir() {
        arguments.path.as_path()
    } else {
        entry::folder_of(&arguments.path)
    };
    let config = loader.load(folder, voice)?;
    terminal::print(text(&config.settings))?;
    Ok(Outcome::Clean)
}

/// A key of a service is nobody's business.
fn shown(key: &str, value: String) -> String {
    if layer::is_secret(key, &value) {
        layer::NOT_SHOWN.to_owned()
    } else {
        value
    }
}

/// One line a setting: `key = value  # origin`, the unset ones commented with their default.
fn text(settings: &crate::settings::Settings) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let layer = settings.layer();
    for key in KEYS {
        match layer.given.get(key.name) {
            Some((given, origin)) => {
                let shown = shown(key.name, given.to_string());
                lines.push((format!("{} = {shown}", key.name), origin.to_string()));
            }
            None if !key.default.is_empty() => {
                lines.push((
                    format!("{} = {}", key.name, key.default),
                    Origin::Default.to_string(),
                ));
            }
            None => lines.push((format!("# {}", key.name), "not set".to_owned())),
        }
    }
    for (name, (text, origin)) in &layer.metaflow {
        let key = format!("metaflow.{name}");
        let shown = shown(&key, format!("{text:?}"));
        lines.push((format!("{key} = {shown}"), origin.to_string()));
    }
    for (name, (value, origin)) in &layer.values {
        lines.push((format!("values.{name} = {}", value.to_repr()), origin.to_string()));
    }
    for (name, (word, origin)) in &layer.decorators {
        lines.push((format!("decorators.{name} = {word:?}"), origin.to_string()));
    }
    for (name, (path, origin)) in &layer.configs {
        lines.push((
            format!("configs.{name} = {:?}", path.display().to_string()),
            origin.to_string(),
        ));
    }
    for (name, (text, origin)) in &layer.config_values {
        lines.push((format!("config-values.{name} = {text}"), origin.to_string()));
    }
    let width = lines
        .iter()
        .map(|(left, _)| left.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    lines
        .iter()
        .map(|(left, origin)| format!("{left:<width$}  # {origin}\n"))
        .collect()
}
