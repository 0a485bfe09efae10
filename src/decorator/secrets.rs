//! `@secrets`: variables fetched from a secret store when the task starts. Metaflow 2.19: `secrets_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{Request, SecretSource};
use crate::value::Value;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "secrets",
    Level::Step(lower),
    &[
        Attribute::new("sources", "[]", Kind::Any),
        Attribute::new("role", "None", Kind::Text).harmless(),
        Attribute::new("allow_override", "False", Kind::Bool).harmless(),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    let sources = attributes
        .get("sources")
        .and_then(Value::as_sequence)
        .unwrap_or_default();
    let role = attributes.text("role");
    let sources = sources
        .iter()
        .filter_map(|source| lowered(source, role.as_deref()));
    request.secrets.extend(sources);
}

/// `aws-secrets-manager.db`, `db`, `{"type": …, "id": …, "options": {"region": …}, "role": …}`; a rule refuses the rest.
fn lowered(source: &Value, role: Option<&str>) -> Option<SecretSource> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let role = role.map(str::to_owned);
    let Some(written) = source.as_str() else {
        return Some(SecretSource {
            store: text(source.get("type")),
            id: text(source.get("id"))?,
            region: text(source.get("options").and_then(|options| options.get("region"))),
            role: text(source.get("role")).or(role),
        });
    };
    let (store, id) = match written.split_once('.') {
        Some((store, id)) => (Some(store.to_owned()), id),
        None => (None, written),
    };
    Some(SecretSource {
        store,
        id: id.to_owned(),
        region: None,
        role,
    })
}
