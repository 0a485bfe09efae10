//! Reviewdog's diagnostic format. <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>

use serde::Serialize;

use super::json::to_text;
use super::{Diagnostic, HOME, Severity, url};
use crate::source::{Position, Sources, Span};

#[derive(Serialize)]
struct Result<'a> {
    source: Tool,
    severity: &'static str,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Finding<'a> {
    message: &'a str,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

/// Columns count bytes here, from 1.
#[derive(Serialize)]
struct Place {
    line: u32,
    column: usize,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let worst = diagnostics.iter().map(|diagnostic| diagnostic.severity).min();
    let result = Result {
        source: Tool {
            name: "flowc",
            url: HOME,
        },
        severity: worst.map_or("INFO", severity),
        diagnostics: diagnostics
            .iter()
            .map(|diagnostic| finding(sources, diagnostic))
            .collect(),
    };
    to_text(&result, true)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    }
}

fn finding<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Finding<'a> {
    let safe = diagnostic
        .fix
        .iter()
        .filter(|fix| fix.is_safe)
        .flat_map(|fix| &fix.edits);
    Finding {
        message: &diagnostic.message,
        location: Location {
            path: sources.get(diagnostic.span.source).name(),
            range: range(sources, diagnostic.span),
        },
        severity: severity(diagnostic.severity),
        code: Code {
            value: diagnostic.rule.code,
            url: url(diagnostic.rule),
        },
        suggestions: safe
            .map(|edit| Suggestion {
                range: range(sources, edit.span),
                text: &edit.text,
            })
            .collect(),
    }
}

fn range(sources: &Sources, span: Span) -> Range {
    let file = sources.get(span.source);
    let place = |Position { line, column, .. }: Position| {
        let before = file.line(line).chars().take(column.saturating_sub(1) as usize);
        Place {
            line,
            column: before.map(char::len_utf8).sum::<usize>() + 1,
        }
    };
    Range {
        start: place(sources.start(span)),
        end: place(sources.end(span)),
    }
}
