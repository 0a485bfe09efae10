//! GitLab's code quality report. <https://docs.gitlab.com/ci/testing/code_quality/>

use std::collections::BTreeMap;

use serde::Serialize;
use sha1::{Digest, Sha1};

use super::json::to_text;
use super::{Diagnostic, Severity};
use crate::source::Sources;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
}

pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Issue<'_>> = diagnostics
        .iter()
        .map(|diagnostic| issue(sources, diagnostic, &mut seen))
        .collect();
    to_text(&issues, true)
}

fn issue<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
    seen: &mut BTreeMap<String, usize>,
) -> Issue<'a> {
    let path = sources.get(diagnostic.span.source).name();
    let place = |at: crate::source::Position| Place {
        line: at.line,
        column: at.column,
    };
    // Without the line, so that a finding stays the same one when the file grows above it.
    let identity = format!("{path}\0{}\0{}", diagnostic.rule.code, diagnostic.message);
    let number = seen
        .entry(identity.clone())
        .and_modify(|number| *number += 1)
        .or_insert(0);
    Issue {
        description: format!("{}: {}", diagnostic.rule.code, diagnostic.message),
        check_name: diagnostic.rule.code,
        fingerprint: fingerprint(&format!("{identity}\0{number}")),
        severity: match diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location {
            path,
            positions: Positions {
                begin: place(sources.start(diagnostic.span)),
                end: place(sources.end(diagnostic.span)),
            },
        },
    }
}

fn fingerprint(text: &str) -> String {
    Sha1::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
