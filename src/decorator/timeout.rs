//! `@timeout`: the longest that one attempt may take; its fields add up. Metaflow 2.19: `timeout_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{Request, Seconds};

const ANY: Kind = Kind::Int {
    min: i64::MIN,
    max: i64::MAX,
};

pub(super) static DECORATOR: Decorator = Decorator::new(
    "timeout",
    Level::Step(lower),
    &[
        Attribute::new("seconds", "0", ANY).never_none(),
        Attribute::new("minutes", "0", ANY).never_none(),
        Attribute::new("hours", "0", ANY).never_none(),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.deadline = Seconds::try_from(total(attributes))
        .ok()
        .filter(|&total| total > 0);
}

/// The sum in seconds, each field cut to a whole number first (`minutes=0.5` is nothing).
pub fn total(attributes: &Attributes<'_>) -> i64 {
    let field = |name, factor| attributes.int(name).unwrap_or(0).saturating_mul(factor);
    field("hours", 3600)
        .saturating_add(field("minutes", 60))
        .saturating_add(field("seconds", 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_step;
    use crate::value::Value;

    #[test]
    fn fields_add_up() {
        let deadline = |attributes: &[(&str, Value)]| lower_step(&DECORATOR, attributes).deadline;
        assert_eq!(
            deadline(&[("hours", Value::Int(1)), ("seconds", Value::Int(60))]),
            Some(3660)
        );
        assert_eq!(deadline(&[("minutes", Value::str("5"))]), Some(300));
        assert_eq!(deadline(&[("minutes", Value::Float(0.5))]), None);
        assert_eq!(deadline(&[("seconds", Value::Int(-5))]), None);
    }
}
