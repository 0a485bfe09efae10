//! `@catch`: the flow goes on after the step's last attempt failed. Metaflow 2.19: `catch_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::Request;

/// `NUM_FALLBACK_RETRIES`: attempts that only store the exception.
const FALLBACK_RETRIES: u8 = 3;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "catch",
    Level::Step(lower),
    &[
        Attribute::new("var", "None", Kind::Text).harmless(),
        Attribute::new("print_exception", "True", Kind::Bool).harmless(),
    ],
);

fn lower(_: &Attributes<'_>, request: &mut Request) {
    request.catch = true;
    request.attempts.fallback = FALLBACK_RETRIES;
}
