//! `@environment`: variables of the step's process. Metaflow 2.19: `environment_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{EnvVar, Request};
use crate::value::Value;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "environment",
    Level::Step(lower),
    &[Attribute::new("vars", "{}", Kind::Map).never_none()],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    let entries = attributes
        .get("vars")
        .and_then(Value::as_dict)
        .unwrap_or_default();
    request
        .environment
        .extend(entries.iter().map(|(name, value)| EnvVar {
            name: name.to_text(),
            value: value.to_text(),
        }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_step;

    #[test]
    fn values_become_pythons_text() {
        let vars = Value::Dict(vec![
            (Value::str("A"), Value::Float(1.0)),
            (Value::str("B"), Value::None),
        ]);
        let environment = lower_step(&DECORATOR, &[("vars", vars)]).environment;
        let pairs: Vec<_> = environment
            .iter()
            .map(|var| (var.name.as_str(), var.value.as_str()))
            .collect();
        assert_eq!(pairs, [("A", "1.0"), ("B", "None")]);
    }
}
