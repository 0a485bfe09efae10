//! Values of a pod as Kubernetes takes them (`pkg/apis/core/validation`), for the attributes of `@kubernetes` and
//! for the settings that stand for them. Each function says what is wrong with a value; knows no attribute.

use super::kubernetes_names::{is_dns_label, is_key, is_label_value, is_name};
use crate::value::Value;

const OPERATORS: [&str; 2] = ["Exists", "Equal"];
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
/// Of a toleration; Metaflow refuses others.
pub const TOLERATION_KEYS: [&str; 5] = ["effect", "key", "operator", "toleration_seconds", "value"];
pub const PULL_POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];

/// Bytes of all annotations of an object.
const MOST_ANNOTATIONS: usize = 262_144;

/// Of Argo's executor, in every pod of a workflow.
pub const VOLUMES_OF_ARGO: [&str; 2] = ["var-run-argo", "tmp-dir-argo"];

pub fn endless(value: &Value) -> Option<String> {
    let is_endless = value.to_float().is_some_and(|number| !number.is_finite());
    is_endless.then(|| format!("{} is no amount", quoted(value)))
}

pub fn negative(value: &Value) -> Option<String> {
    let is_negative = value.to_float().is_some_and(|number| number < 0.0);
    is_negative.then(|| format!("{} is less than nothing", quoted(value)))
}

/// The name of an account, a secret, a claim.
pub fn name(value: &Value) -> Option<String> {
    value.as_str().and_then(wrong_name)
}

fn wrong_name(name: &str) -> Option<String> {
    // A NUL is said of every text.
    (!is_name(name) && !name.contains('\0'))
        .then(|| format!("`{name}` is no name: lower-case letters, digits, `-` and `.` are allowed"))
}

/// Names in a list, or in a text with commas.
pub fn names(value: &Value) -> Option<String> {
    match value.as_sequence() {
        Some(items) => items.iter().find_map(name),
        None => value
            .as_str()?
            .split(',')
            .find_map(|name| wrong_name(name.trim())),
    }
}

/// The name of a namespace.
pub fn namespace(value: &Value) -> Option<String> {
    let name = value.as_str()?;
    (!is_dns_label(name)).then(|| {
        format!("`{name}` is no name of a namespace: up to 63 lower-case letters, digits and `-` are allowed")
    })
}

/// A claim that has the name of a volume which is in every pod on Argo.
pub fn claims_of_argo(value: &Value) -> Option<String> {
    let mut claims = value.as_dict()?.iter().filter_map(|(claim, _)| claim.as_str());
    let claim = claims.find(|claim| VOLUMES_OF_ARGO.contains(claim))?;
    Some(format!("`{claim}` is a volume of Argo's own in every pod"))
}

/// A claim gives its name to a volume, which takes less than a claim does.
pub fn claims(value: &Value) -> Option<String> {
    value.as_dict()?.iter().find_map(|(claim, path)| {
        let (claim, path) = (claim.as_str()?, path.as_str()?);
        if !is_dns_label(claim) {
            return Some(format!(
                "`{claim}` names a volume too: up to 63 lower-case letters, digits and `-` are allowed"
            ));
        }
        // Argo puts values in place of `{{…}}`, and has no escape for it in a path.
        let is_wrong = path.is_empty() || path.contains(':') || path.contains("{{");
        is_wrong.then(|| {
            format!("`{claim}` cannot be mounted at `{path}`: a path without `:` and `{{{{` is needed")
        })
    })
}

/// A dict, or `"a=b,c=d"`.
pub fn node_selector(value: &Value) -> Option<String> {
    match value.as_dict() {
        Some(entries) => entries
            .iter()
            .find_map(|(key, label)| wrong_label(key.as_str()?, label.as_str()?)),
        None => value.as_str()?.split(',').find_map(|item| {
            let (key, label) = item.split_once('=')?;
            wrong_label(key, label)
        }),
    }
}

/// A key and a value of labels; the value may be empty.
pub fn wrong_label(key: &str, label: &str) -> Option<String> {
    if !is_key(key) {
        return Some(format!("`{key}` is no key of a label"));
    }
    (!label.is_empty() && !is_label_value(label)).then(|| format!("`{label}` is no value of a label"))
}

/// A text that becomes a label's value.
pub fn label_value(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!is_label_value(text)).then(|| format!("`{text}` is no value of a label"))
}

/// Keys of annotations, and the size of all.
pub fn annotations(value: &Value) -> Option<String> {
    let entries = value.as_dict()?;
    let size: usize = entries
        .iter()
        .map(|(key, text)| key.to_text().len() + text.to_text().len())
        .sum();
    if size > MOST_ANNOTATIONS {
        return Some(format!(
            "annotations of {size} bytes, at most {MOST_ANNOTATIONS} are allowed"
        ));
    }
    let mut keys = entries.iter().filter_map(|(key, _)| key.as_str());
    keys.find_map(wrong_annotation)
}

/// A key of annotations, whose values are free.
pub fn wrong_annotation(key: &str) -> Option<String> {
    (!is_key(key)).then(|| format!("`{key}` is no key of an annotation"))
}

pub fn pull_policy(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let meant = PULL_POLICIES
        .iter()
        .find(|policy| policy.eq_ignore_ascii_case(text))?;
    (*meant != text).then(|| format!("`{text}` has to be written `{meant}`"))
}

pub fn tolerations(value: &Value) -> Option<String> {
    value.as_sequence()?.iter().find_map(toleration)
}

fn toleration(entry: &Value) -> Option<String> {
    let entries = entry.as_dict()?;
    let text = |key: &str| {
        let given = entry.get(key).filter(|given| **given != Value::None);
        given.map_or_else(String::new, Value::to_text)
    };
    let one_of = |key: &str, allowed: &[&str]| {
        let given = text(key);
        let is_wrong = !given.is_empty() && !allowed.contains(&given.as_str());
        is_wrong.then(|| {
            format!(
                "the {key} `{given}` of a toleration is none of `{}`",
                allowed.join("`, `")
            )
        })
    };
    if let Some(problem) = one_of("operator", &OPERATORS).or_else(|| one_of("effect", &EFFECTS)) {
        return Some(problem);
    }
    let (key, label, tolerates_all) = (text("key"), text("value"), text("operator") == "Exists");
    if key.is_empty() && !tolerates_all {
        let found = if entries.is_empty() {
            "is empty"
        } else {
            "has no `key`"
        };
        return Some(format!("a toleration {found}; only one with `Exists` needs none"));
    }
    if !key.is_empty() && !is_key(&key) {
        return Some(format!("`{key}` is no key of a taint"));
    }
    if tolerates_all && !label.is_empty() {
        return Some(format!(
            "a toleration with `Exists` takes no `value`, here `{label}`"
        ));
    }
    if !label.is_empty() && !is_label_value(&label) {
        return Some(format!("`{label}` is no value of a taint"));
    }
    seconds(entry)
}

fn seconds(entry: &Value) -> Option<String> {
    let given = entry
        .get("toleration_seconds")
        .filter(|given| **given != Value::None)?;
    let problem = || {
        format!(
            "`toleration_seconds` must be a whole number, not {}",
            quoted(given)
        )
    };
    given.to_int().is_none().then(problem)
}

/// Seconds of a toleration go with the effect `NoExecute`; the API server refuses a pod that has them with another.
pub fn idle_seconds(value: &Value) -> Option<String> {
    let is_idle = |entry: &Value| {
        let is_given = |key: &str| entry.get(key).is_some_and(|given| *given != Value::None);
        let evicts = entry.get("effect").and_then(Value::as_str) == Some("NoExecute");
        is_given("toleration_seconds") && !evicts
    };
    value
        .as_sequence()?
        .iter()
        .any(is_idle)
        .then(|| "`toleration_seconds` goes with the effect `NoExecute` alone".to_owned())
}

/// Devices and other countable things: `example.com/device`, and Kubernetes' own (`cpu`, `hugepages-2Mi`).
pub fn extended_resources(value: &Value) -> Option<String> {
    let given = value
        .as_dict()?
        .iter()
        .filter(|(_, amount)| *amount != Value::None);
    given
        .filter_map(|(name, amount)| Some((name.as_str()?, amount)))
        .find_map(|(name, amount)| extended_resource(name, amount))
}

fn extended_resource(name: &str, amount: &Value) -> Option<String> {
    let is_own = ["cpu", "memory", "ephemeral-storage"].contains(&name) || name.starts_with("hugepages-");
    let is_native = is_own || name.contains("kubernetes.io/");
    let is_extended = name.contains('/') && is_key(name) && !name.starts_with("requests.");
    if !(is_own || is_extended) {
        return Some(format!(
            "`{name}` is no resource of a container: one has a domain, as `example.com/device`"
        ));
    }
    let is_right = match quantity(amount) {
        Some(number) => number >= 0.0 && (is_native || number.fract() == 0.0),
        None => false,
    };
    let wanted = if is_native { "a quantity" } else { "a whole number" };
    (!is_right).then(|| format!("the amount of `{name}` must be {wanted}, not {}", quoted(amount)))
}

/// A quantity as Kubernetes reads it: `2`, `1.5`, `500m`, `4Gi`, `1e3`.
fn quantity(value: &Value) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
    ];
    if matches!(value, Value::Bool(_)) {
        return None;
    }
    let text = value.to_text();
    let (digits, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((&text, 1.0));
    let is_number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let number: f64 = digits.parse().ok().filter(|_| is_number)?;
    Some(number * factor)
}

fn quoted(value: &Value) -> String {
    format!("`{}`", value.to_repr())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        Value::from(&serde_json::from_str::<serde_json::Value>(text).unwrap())
    }

    /// What the API server of Kubernetes 1.34 says of such a pod.
    #[test]
    fn tolerations_as_kubernetes_validates_them() {
        let right = [
            r#"[{"key": "k"}]"#,
            r#"[{"operator": "Exists"}]"#,
            r#"[{"operator": "Exists", "value": null}]"#,
            r#"[{"key": "a.b/k", "operator": "Equal", "value": "v", "effect": "NoExecute", "toleration_seconds": 5}]"#,
        ];
        for text in right {
            assert_eq!(tolerations(&json(text)), None, "{text}");
        }
        let wrong = [
            "[{}]",
            r#"[{"kay": "k"}]"#,
            r#"[{"operator": "Equal", "value": "v"}]"#,
            r#"[{"key": "k", "operator": "Exists", "value": "v"}]"#,
            r#"[{"key": "k k", "operator": "Exists"}]"#,
            r#"[{"key": "k", "value": "v v"}]"#,
            r#"[{"key": "k", "effect": "NoExecute", "toleration_seconds": "soon"}]"#,
            r#"[{"key": "k", "operator": "In"}]"#,
        ];
        for text in wrong {
            assert!(tolerations(&json(text)).is_some(), "{text}");
        }
        let idle = json(r#"[{"key": "k", "effect": "NoSchedule", "toleration_seconds": 5}]"#);
        assert!(tolerations(&idle).is_none() && idle_seconds(&idle).is_some());
    }

    #[test]
    fn resources_as_kubernetes_validates_them() {
        let right = [
            r#"{"a.b/c": 1}"#,
            r#"{"a.b/c": "2"}"#,
            r#"{"a.b/c": "4k"}"#,
            r#"{"hugepages-2Mi": "100Mi"}"#,
            r#"{"cpu": "500m"}"#,
            r#"{"kubernetes.io/x": 1.5}"#,
        ];
        for text in right {
            assert_eq!(extended_resources(&json(text)), None, "{text}");
        }
        let wrong = [
            r#"{"abc": 1}"#,
            r#"{"bad name": "x"}"#,
            r#"{"a.b/c": 1.5}"#,
            r#"{"a.b/c": "500m"}"#,
            r#"{"a.b/c": -1}"#,
            r#"{"a.b/c": true}"#,
            r#"{"a.b/c": "inf"}"#,
            r#"{"a.b/c": ""}"#,
        ];
        for text in wrong {
            assert!(extended_resources(&json(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn annotations_have_room_for_so_much() {
        let of = |size: usize| Value::Dict(vec![(Value::str("a"), Value::str("x".repeat(size)))]);
        assert_eq!(annotations(&of(262_143)), None);
        assert!(annotations(&of(262_144)).is_some());
    }

    #[test]
    fn claims_are_volumes() {
        // A name of Argo's is one on Argo alone.
        for text in [
            r#"{"data": "/d"}"#,
            r#"{"data": "d"}"#,
            r#"{"var-run-argo": "/d"}"#,
        ] {
            assert_eq!(claims(&json(text)), None, "{text}");
        }
        let long = format!(r#"{{"{}": "/d"}}"#, "a".repeat(64));
        for text in [
            r#"{"my.claim": "/d"}"#,
            r#"{"A_b": "/d"}"#,
            r#"{"c": ""}"#,
            r#"{"c": "/d:e"}"#,
            r#"{"c": "/{{workflow.name}}"}"#,
            &long,
        ] {
            assert!(claims(&json(text)).is_some(), "{text}");
        }
    }
}
