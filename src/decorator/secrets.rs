//! `@secrets`: variables fetched from a secret store when the task starts. Metaflow 2.19: `secrets_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::Request;
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
    request.secrets.extend_from_slice(sources);
}
