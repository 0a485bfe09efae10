//! What `@conda`, `@pypi`, `@conda_base` and `@pypi_base` have in common.

use super::{Attribute, Attributes, Kind};
use crate::request::PythonEnvironment;
use crate::value::Value;

/// Merged with `{**base, **packages}`: nothing but a dict survives.
pub(super) const PACKAGES: Attribute = Attribute::new("packages", "{}", Kind::Map).never_none();
/// The old name of `packages` in `@conda`.
pub(super) const LIBRARIES: Attribute = Attribute::new("libraries", "{}", Kind::Map).never_none();
/// A number loses zeros: `3.10` is `3.1`.
pub(super) const PYTHON: Attribute = Attribute::new("python", "None", Kind::Text).harmless();
pub(super) const DISABLED: Attribute = Attribute::new("disabled", "None", Kind::Bool).harmless();

pub(super) fn read(attributes: &Attributes<'_>) -> PythonEnvironment {
    let mut packages: Vec<(String, String)> = Vec::new();
    for name in ["libraries", "packages"] {
        let entries = attributes.get(name).and_then(Value::as_dict).unwrap_or_default();
        for (package, version) in entries {
            let package = package.to_text();
            packages.retain(|(known, _)| *known != package);
            packages.push((package, version.to_text()));
        }
    }
    PythonEnvironment {
        packages,
        python: attributes
            .get("python")
            .filter(|version| version.is_truthy())
            .map(Value::to_text),
        disabled: attributes.flag("disabled"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::find;
    use crate::decorator::tests::lower_step;

    fn packages(entries: &[(&str, &str)]) -> Value {
        Value::Dict(
            entries
                .iter()
                .map(|(name, version)| (Value::str(*name), Value::str(*version)))
                .collect(),
        )
    }

    #[test]
    fn the_step_wins_over_the_flow() {
        let step = [
            ("packages", packages(&[("a", "2")])),
            ("disabled", Value::Bool(false)),
        ];
        let own = lower_step(find("conda").unwrap(), &step).conda.unwrap();
        let base = PythonEnvironment {
            packages: vec![("b".to_owned(), "1".to_owned()), ("a".to_owned(), "1".to_owned())],
            python: Some("3.11".to_owned()),
            disabled: Some(true),
        };
        let merged = own.over(&base);
        let pairs: Vec<_> = merged
            .packages
            .iter()
            .map(|(name, version)| format!("{name}={version}"))
            .collect();
        assert_eq!(pairs, ["b=1", "a=2"]);
        assert_eq!(merged.python.as_deref(), Some("3.11"));
        assert_eq!(merged.disabled, Some(false));
    }

    #[test]
    fn packages_win_over_libraries() {
        let written = [
            ("libraries", packages(&[("a", "1"), ("c", "1")])),
            ("packages", packages(&[("a", "2")])),
        ];
        let own = lower_step(find("conda").unwrap(), &written).conda.unwrap();
        assert_eq!(own.packages.len(), 2);
        assert!(own.packages.contains(&("a".to_owned(), "2".to_owned())));
    }
}
