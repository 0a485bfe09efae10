//! `@card`: a report of the task, made inside it. Metaflow 2.19: `card_decorator.py`.

use super::{Attribute, Decorator, Kind, Level, asks_nothing};

pub(super) static DECORATOR: Decorator = Decorator {
    is_multiple: true,
    ..Decorator::new(
        "card",
        Level::Step(asks_nothing),
        &[
            Attribute::new("type", "'default'", Kind::Text).harmless(),
            Attribute::new("options", "{}", Kind::Map).harmless(),
            Attribute::new("scope", "'task'", Kind::Any),
            Attribute::new("rank", "None", Kind::Any),
            Attribute::new("timeout", "45", Kind::whole_from(1)).harmless(),
            Attribute::new("id", "None", Kind::Text).harmless(),
            Attribute::new("save_errors", "True", Kind::Bool).harmless(),
            Attribute::new("customize", "False", Kind::Bool).harmless(),
            Attribute::new("refresh_interval", "5", Kind::whole_from(1)).harmless(),
        ],
    )
};
