//! What users write, on its way through Argo and Kubernetes.

use super::*;

#[test]
fn what_users_write_is_kept_from_argo_and_kubernetes() {
    let json = compiled_source(HOSTILE, &deployment(), Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&json).unwrap();
    let templates = definition["spec"]["templates"].as_array().unwrap();
    let leaf = templates
        .iter()
        .find(|template| template["name"] == "step-start")
        .unwrap();
    let env: Vec<(&str, &str)> = leaf["container"]["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["name"].as_str().unwrap(), entry["value"].as_str().unwrap()))
        .collect();
    // First the variable that the others need; not those that the task itself needs.
    assert_eq!(
        env[..3],
        [
            ("EMPTY", ""),
            ("A", "$$(HOME) $$$$ {$(EMPTY){=1+1}}"),
            ("y", "null")
        ]
    );
    assert!(!env.iter().any(|(name, _)| *name == "METAFLOW_OWNER"));
    for place in ["workflowMetadata", "podMetadata"] {
        for (name, text) in definition["spec"][place]["annotations"].as_object().unwrap() {
            let tags: Vec<_> = text.as_str().unwrap().match_indices("{{").collect();
            assert!(tags.is_empty() || name == "metaflow/run_id", "{name}: {text}");
        }
    }
}

#[test]
fn parameters_are_json_and_a_required_one_has_no_value() {
    let json = compiled_source(HOSTILE, &deployment(), Format::Json);
    let definition: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut values = BTreeMap::new();
    for parameter in definition["spec"]["arguments"]["parameters"].as_array().unwrap() {
        values.insert(parameter["name"].as_str().unwrap(), parameter["value"].as_str());
    }
    let text = "\"it's \\\"q\\\" $(touch x) \\u007b{=1+1}} ü\\n\\ttail \"";
    let wanted = [
        ("flag", Some("true")),
        ("must", None),
        ("none", Some("null")),
        ("text", Some(text)),
        ("version", Some("\"1.10\"")),
        ("y", Some("\"on\"")),
    ];
    assert_eq!(values, BTreeMap::from(wanted));
}
