//! Layers into one: the first that says something wins, key by key.

use super::keys::{self, KEYS};
use super::layer::{Given, Layer, Origin};

/// The settings in force, each with its origin.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    merged: Layer,
}

impl Settings {
    /// Options first, then the environment names asked for, then files.
    pub fn merge(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut merged = Layer::default();
        for layer in layers {
            let from_metaflow = given_by_metaflow(&layer);
            keep_first(&mut merged.given, layer.given);
            keep_first(&mut merged.given, from_metaflow);
            keep_first(&mut merged.metaflow, layer.metaflow);
            keep_first(&mut merged.values, layer.values);
            keep_first(&mut merged.decorators, layer.decorators);
            keep_first(&mut merged.bases, layer.bases);
            keep_first(&mut merged.configs, layer.configs);
            keep_first(&mut merged.config_values, layer.config_values);
        }
        Self { merged }
    }

    pub fn layer(&self) -> &Layer {
        &self.merged
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.given(key) {
            Some(Given::Text(text)) => Some(text),
            Some(Given::Whole(_) | Given::Flag(_) | Given::Texts(_)) | None => None,
        }
    }

    pub fn texts(&self, key: &str) -> &[String] {
        match self.given(key) {
            Some(Given::Texts(texts)) => texts,
            Some(Given::Whole(_) | Given::Flag(_) | Given::Text(_)) | None => &[],
        }
    }

    pub fn whole(&self, key: &str) -> Option<i64> {
        match self.given(key) {
            Some(Given::Whole(number)) => Some(*number),
            Some(Given::Texts(_) | Given::Flag(_) | Given::Text(_)) | None => None,
        }
    }

    pub fn flag(&self, key: &str) -> bool {
        matches!(self.given(key), Some(Given::Flag(true)))
    }

    /// A flag that may be switched off as well; none where nothing is said.
    pub fn switch(&self, key: &str) -> Option<bool> {
        match self.given(key) {
            Some(Given::Flag(flag)) => Some(*flag),
            Some(Given::Whole(_) | Given::Texts(_) | Given::Text(_)) | None => None,
        }
    }

    /// A `METAFLOW_*` setting by its name without the prefix.
    pub fn metaflow(&self, name: &str) -> Option<&str> {
        self.merged.metaflow.get(name).map(|(text, _)| text.as_str())
    }

    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.merged.given.get(key).map(|(_, origin)| origin)
    }

    fn given(&self, key: &str) -> Option<&Given> {
        debug_assert!(keys::find(key).is_some(), "unknown key {key}");
        self.merged.given.get(key).map(|(given, _)| given)
    }
}

/// What the layer's `METAFLOW_*` settings say under flowc's own keys.
fn given_by_metaflow(layer: &Layer) -> std::collections::BTreeMap<&'static str, (Given, Origin)> {
    let mut given = std::collections::BTreeMap::new();
    for key in KEYS {
        let found = key.metaflow.iter().find_map(|name| layer.metaflow.get(*name));
        let Some((text, origin)) = found.filter(|(text, _)| !text.is_empty()) else {
            continue;
        };
        let value = match key.kind {
            keys::Kind::Texts | keys::Kind::Choices(_) => {
                Given::Texts(text.split_whitespace().map(str::to_owned).collect())
            }
            keys::Kind::Text | keys::Kind::Choice(_) | keys::Kind::Whole { .. } | keys::Kind::Flag => {
                Given::Text(text.clone())
            }
        };
        given.insert(key.name, (value, origin.clone()));
    }
    given
}

fn keep_first<K: Ord, V>(
    merged: &mut std::collections::BTreeMap<K, V>,
    more: std::collections::BTreeMap<K, V>,
) {
    for (key, value) in more {
        merged.entry(key).or_insert(value);
    }
}
