//! SARIF 2.1.0, for code scanning. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::json::to_text;
use super::{Diagnostic, Fix, HOME, RuleInfo, Severity, url};
use crate::source::{Sources, Span};

/// A log with one run; the rules that found something are described in it.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let rules: BTreeMap<&str, &RuleInfo> = diagnostics
        .iter()
        .map(|found| (found.rule.code, found.rule))
        .collect();
    let codes: Vec<&str> = rules.keys().copied().collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|found| result(sources, found, &codes))
        .collect();
    let mut driver = json!({
        "name": "flowc",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    });
    put_if(&mut driver, "informationUri", HOME.map(str::to_owned));
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [json!({
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": results,
        })],
    };
    to_text(&log, true)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

fn descriptor(rule: &RuleInfo) -> Value {
    let mut descriptor = json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary().split_whitespace().collect::<Vec<_>>().join(" ")},
        "defaultConfiguration": {"level": level(rule.severity)},
    });
    put_if(&mut descriptor, "helpUri", url(rule));
    descriptor
}

/// A property that is there or not; `null` is no URI.
fn put_if(object: &mut Value, name: &str, value: Option<String>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(name.to_owned(), value.into());
    }
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn result(sources: &Sources, diagnostic: &Diagnostic, codes: &[&str]) -> Value {
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text += &format!("\nhelp: {help}");
    }
    let mut result = json!({
        "ruleId": diagnostic.rule.code,
        "ruleIndex": codes.binary_search(&diagnostic.rule.code).unwrap_or(0),
        "level": level(diagnostic.severity),
        "message": {"text": text},
        "locations": [location(sources, diagnostic.span, None)],
    });
    if let Some(object) = result.as_object_mut() {
        if !diagnostic.labels.is_empty() {
            let labels = diagnostic.labels.iter();
            let related: Vec<Value> = labels
                .map(|label| location(sources, label.span, Some(&label.message)))
                .collect();
            object.insert("relatedLocations".to_owned(), related.into());
        }
        if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.is_safe) {
            object.insert("fixes".to_owned(), json!([sarif_fix(sources, fix)]));
        }
    }
    result
}

fn location(sources: &Sources, span: Span, message: Option<&str>) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(sources.get(span.source).name())},
            "region": region(sources, span),
        }
    });
    if let (Some(object), Some(message)) = (location.as_object_mut(), message) {
        object.insert("message".to_owned(), json!({"text": message}));
    }
    location
}

fn region(sources: &Sources, span: Span) -> Value {
    let (start, end) = (sources.start(span), sources.end(span));
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

fn sarif_fix(sources: &Sources, fix: &Fix) -> Value {
    let mut changes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacement =
            json!({"deletedRegion": region(sources, edit.span), "insertedContent": {"text": edit.text}});
        changes
            .entry(sources.get(edit.span.source).name())
            .or_default()
            .push(replacement);
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(file, replacements)| json!({"artifactLocation": {"uri": uri(file)}, "replacements": replacements}))
        .collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}

/// A path as the URI reference it has to be.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
