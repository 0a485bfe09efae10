//! Metaflow's settings of pods (2.19.39: `kubernetes_decorator.py`, `init`) held against what Kubernetes takes:
//! they stand for attributes of `@kubernetes` in every step, so that a wrong one keeps all pods from starting.

use super::layer::{Origin, SettingsError};
use super::merge::Settings;
use crate::decorator::{image, kubernetes_values as values};
use crate::target::Target;
use crate::value::Value;

/// What is wrong with a setting's text, or nothing.
type Problem = fn(&str) -> Option<String>;

/// Without `METAFLOW_`. Numbers are looked at elsewhere; here it is their range.
const SETTINGS: [(&str, Problem); 21] = [
    ("ARGO_EVENTS_SENSOR_NAMESPACE", namespace),
    ("ARGO_WORKFLOWS_KUBERNETES_SECRETS", names),
    ("DEFAULT_CONTAINER_REGISTRY", registry),
    ("DEFAULT_RUNTIME_LIMIT", |text| whole(text, 60, i64::MAX)),
    ("KUBERNETES_ANNOTATIONS", annotations),
    ("KUBERNETES_CONTAINER_REGISTRY", registry),
    ("KUBERNETES_CPU", positive),
    ("KUBERNETES_DISK", positive),
    ("KUBERNETES_GPU_VENDOR", |text| one_of(text, &["nvidia", "amd"])),
    ("KUBERNETES_IMAGE_PULL_POLICY", pull_policy),
    ("KUBERNETES_IMAGE_PULL_SECRETS", image_pull_secrets),
    ("KUBERNETES_LABELS", labels),
    ("KUBERNETES_MEMORY", positive),
    ("KUBERNETES_NODE_SELECTOR", node_selector),
    ("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", claims),
    ("KUBERNETES_PORT", |text| whole(text, 1, 65_535)),
    ("KUBERNETES_QOS", |text| {
        one_of(text, &["guaranteed", "burstable"])
    }),
    ("KUBERNETES_SECRETS", names),
    ("KUBERNETES_SERVICE_ACCOUNT", name),
    ("KUBERNETES_SHARED_MEMORY", |text| whole(text, 1, i64::MAX)),
    ("KUBERNETES_TOLERATIONS", tolerations),
];

/// # Errors
/// The first setting with which no pod starts, and where it was set.
pub fn check(settings: &Settings, target: Target) -> Result<(), SettingsError> {
    for (name, problem) in SETTINGS {
        let Some((text, origin)) = settings.layer().metaflow.get(name) else {
            continue;
        };
        let of_argo = || json(text).as_ref().and_then(values::claims_of_argo);
        let is_of_argo = target == Target::Argo && name == "KUBERNETES_PERSISTENT_VOLUME_CLAIMS";
        let problem = problem(text).or_else(|| is_of_argo.then(of_argo).flatten());
        // An empty setting counts as none.
        if let Some(problem) = problem.filter(|_| !text.is_empty()) {
            return Err(wrong(&format!("METAFLOW_{name}"), origin, &problem));
        }
    }
    let keys: [(&str, Problem); 2] = [("k8s-namespace", namespace), ("airflow.service-account", name)];
    for (key, problem) in keys {
        let text = settings.text(key).filter(|text| !text.is_empty());
        if let Some(problem) = text.and_then(problem) {
            let origin = settings.origin(key).unwrap_or(&Origin::Default);
            return Err(wrong(key, origin, &problem));
        }
    }
    Ok(())
}

/// `flowc.toml:3: METAFLOW_KUBERNETES_QOS: …`; an option and a variable name the setting themselves.
fn wrong(name: &str, origin: &Origin, problem: &str) -> SettingsError {
    let names_it = |text: &str| text.trim_start_matches("--") == name.rsplit('.').next().unwrap_or(name);
    SettingsError(match origin {
        Origin::Option(option) if names_it(option) => format!("{option}: {problem}"),
        Origin::Environment(_) => format!("{origin}: {problem}"),
        Origin::Option(_) | Origin::File { .. } | Origin::Default => format!("{origin}: {name}: {problem}"),
    })
}

fn namespace(text: &str) -> Option<String> {
    values::namespace(&Value::str(text))
}

fn name(text: &str) -> Option<String> {
    values::name(&Value::str(text))
}

fn one_of(text: &str, words: &[&str]) -> Option<String> {
    let is_right = words.iter().any(|word| word.eq_ignore_ascii_case(text));
    (!is_right).then(|| format!("`{text}` is none of `{}`", words.join("`, `")))
}

fn positive(text: &str) -> Option<String> {
    let number = Value::str(text).to_float();
    let is_right = number.is_some_and(|number| number.is_finite() && number > 0.0);
    (!is_right).then(|| format!("`{text}` is no number above 0"))
}

fn whole(text: &str, min: i64, max: i64) -> Option<String> {
    let number = Value::str(text).to_int();
    if number.is_some_and(|number| (min..=max).contains(&number)) {
        return None;
    }
    let range = match max {
        i64::MAX => format!("of at least {min}"),
        max => format!("from {min} to {max}"),
    };
    Some(format!("`{text}` is no whole number {range}"))
}

fn pull_policy(text: &str) -> Option<String> {
    one_of(text, &values::PULL_POLICIES).or_else(|| values::pull_policy(&Value::str(text)))
}

fn names(text: &str) -> Option<String> {
    let mut names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.find_map(name)
}

/// What stands before the names of images.
fn registry(text: &str) -> Option<String> {
    let problem = image::problem(&format!("{}/x", text.trim_end_matches('/')))?;
    Some(format!("`{text}` is no registry of images: {problem}"))
}

fn labels(text: &str) -> Option<String> {
    pairs(text).find_map(|(key, label)| values::wrong_label(key, label.unwrap_or("")))
}

fn annotations(text: &str) -> Option<String> {
    pairs(text).find_map(|(key, _)| values::wrong_annotation(key))
}

fn node_selector(text: &str) -> Option<String> {
    pairs(text).find_map(|(key, label)| match label {
        Some(label) => values::wrong_label(key, label),
        None => Some(format!("`{key}` is no `key=value`")),
    })
}

/// `a=b,c=d`; what has no `=` has no value.
fn pairs(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| match item.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (item, None),
    })
}

fn image_pull_secrets(text: &str) -> Option<String> {
    let value = json(text);
    let is_texts = |items: &[Value]| items.iter().all(|item| item.as_str().is_some());
    match value
        .as_ref()
        .filter(|value| value.as_sequence().is_some_and(is_texts))
    {
        Some(value) => values::names(value),
        None => Some(format!("`{text}` is no JSON list of names, as `[\"registry\"]`")),
    }
}

fn claims(text: &str) -> Option<String> {
    let value = json(text);
    let is_texts = |entries: &[(Value, Value)]| entries.iter().all(|(_, path)| path.as_str().is_some());
    let Some(value) = value.filter(|value| value.as_dict().is_some_and(is_texts)) else {
        return Some(format!(
            "`{text}` is no JSON object of claims, as `{{\"data\": \"/mnt/data\"}}`"
        ));
    };
    values::claims(&value).or_else(|| mounted_twice(&value))
}

fn mounted_twice(claims: &Value) -> Option<String> {
    let mut seen = Vec::new();
    let paths = claims.as_dict()?.iter().filter_map(|(_, path)| path.as_str());
    for path in paths.map(|path| path.trim_end_matches('/')) {
        if seen.contains(&path) {
            return Some(format!("`{path}` is mounted twice"));
        }
        seen.push(path);
    }
    None
}

fn tolerations(text: &str) -> Option<String> {
    let value = json(text);
    let is_dicts = |items: &[Value]| items.iter().all(|item| item.as_dict().is_some());
    let Some(value) = value.filter(|value| value.as_sequence().is_some_and(is_dicts)) else {
        return Some(format!(
            "`{text}` is no JSON list of tolerations, as `[{{\"key\": \"gpu\"}}]`"
        ));
    };
    let items = value.as_sequence().unwrap_or_default().iter();
    let mut keys = items
        .filter_map(Value::as_dict)
        .flatten()
        .map(|(key, _)| key.to_text());
    let unknown = keys.find(|key| !values::TOLERATION_KEYS.contains(&key.as_str()));
    match unknown {
        Some(key) => Some(format!(
            "a toleration has no `{key}`: its keys are `{}`",
            values::TOLERATION_KEYS.join("`, `")
        )),
        None => values::tolerations(&value),
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .map(|json| Value::from(&json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::layer::Layer;

    fn said(name: &str, text: &str) -> Option<String> {
        said_on(Target::Argo, name, text)
    }

    fn said_on(target: Target, name: &str, text: &str) -> Option<String> {
        let mut layer = Layer::default();
        layer
            .metaflow
            .insert(name.to_owned(), (text.to_owned(), Origin::Option("--set")));
        check(&Settings::merge([layer]), target)
            .err()
            .map(|error| error.0)
    }

    #[test]
    fn takes_what_pods_can_have() {
        let right = [
            (
                "KUBERNETES_TOLERATIONS",
                r#"[{"key": "a", "operator": "Exists"}]"#,
            ),
            ("KUBERNETES_TOLERATIONS", ""),
            ("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", r#"{"data": "/d"}"#),
            ("KUBERNETES_IMAGE_PULL_SECRETS", r#"["a.b"]"#),
            ("KUBERNETES_QOS", "Guaranteed"),
            ("KUBERNETES_NODE_SELECTOR", "a.b/c=d, e="),
            ("KUBERNETES_LABELS", "a=b,c"),
            ("KUBERNETES_ANNOTATIONS", "a=b c"),
            ("KUBERNETES_SECRETS", "a, b.c"),
            ("KUBERNETES_SHARED_MEMORY", "77"),
            ("KUBERNETES_IMAGE_PULL_POLICY", "Always"),
            ("KUBERNETES_PORT", "80"),
            ("DEFAULT_RUNTIME_LIMIT", "60"),
        ];
        for (name, text) in right {
            assert_eq!(said(name, text), None, "{name}={text}");
        }
    }

    #[test]
    fn names_of_argos_volumes_are_taken_on_argo_alone() {
        let (name, text) = ("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", r#"{"var-run-argo": "/d"}"#);
        assert!(said_on(Target::Argo, name, text).is_some());
        assert_eq!(said_on(Target::Airflow, name, text), None);
    }

    #[test]
    fn names_the_setting_and_where_it_was_set() {
        let wrong = [
            ("KUBERNETES_TOLERATIONS", "junk"),
            ("KUBERNETES_TOLERATIONS", r#"[{"kay": "k"}]"#),
            ("KUBERNETES_TOLERATIONS", "[{}]"),
            ("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", "a"),
            ("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", r#"{"A_b": "/d"}"#),
            ("KUBERNETES_IMAGE_PULL_SECRETS", "a"),
            ("KUBERNETES_IMAGE_PULL_SECRETS", r#"["A_b"]"#),
            ("KUBERNETES_QOS", "foo"),
            ("KUBERNETES_NODE_SELECTOR", "a"),
            ("KUBERNETES_NODE_SELECTOR", "a=b c"),
            ("KUBERNETES_LABELS", "a=b c"),
            ("KUBERNETES_LABELS", "a b=c"),
            ("KUBERNETES_ANNOTATIONS", "a b=c"),
            ("KUBERNETES_SECRETS", "A_b"),
            ("KUBERNETES_SHARED_MEMORY", "0"),
            ("KUBERNETES_IMAGE_PULL_POLICY", "always"),
            ("KUBERNETES_GPU_VENDOR", "intel"),
            ("KUBERNETES_CPU", "0"),
            ("KUBERNETES_PORT", "70000"),
            ("KUBERNETES_SERVICE_ACCOUNT", "A_b"),
            ("DEFAULT_RUNTIME_LIMIT", "0"),
        ];
        for (name, text) in wrong {
            let said = said(name, text).unwrap_or_default();
            let start = format!("--set: METAFLOW_{name}: ");
            assert!(said.starts_with(&start), "{name}={text}: {said}");
        }
    }
}
