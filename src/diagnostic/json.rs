//! Findings as data: one document (`json`) or one object a line (`jsonl`). The schema is part of the interface.

use serde::Serialize;

use super::{Diagnostic, Fix, Label, RuleInfo, Summary, url};
use crate::source::{Position, Sources, Span};

/// One document with the summary, and the names of the flows that nobody looked at.
pub fn render(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    summary: Summary,
    left_out: &[String],
) -> String {
    let document = Document {
        version: 1,
        summary,
        left_out,
        diagnostics: list(sources, diagnostics),
    };
    to_text(&document, true)
}

/// How often each rule spoke, the most frequent first.
pub fn statistics(rows: &[(usize, &RuleInfo)], summary: Summary) -> String {
    let row = |(count, rule): &(usize, &RuleInfo)| RowJson {
        code: rule.code,
        name: rule.name,
        count: *count,
    };
    let document = StatisticsJson {
        version: 1,
        summary,
        statistics: rows.iter().map(row).collect(),
    };
    to_text(&document, true)
}

/// One object a line, without a summary.
pub fn render_lines(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    list(sources, diagnostics)
        .iter()
        .map(|diagnostic| to_text(diagnostic, false))
        .collect()
}

/// The `diagnostics` array, for other documents that hold it.
pub fn list<'a>(sources: &'a Sources, diagnostics: &'a [Diagnostic]) -> Vec<DiagnosticJson<'a>> {
    diagnostics
        .iter()
        .map(|diagnostic| DiagnosticJson::new(sources, diagnostic))
        .collect()
}

/// JSON with a final line end. Only maps with odd keys could fail, and there are none.
pub(super) fn to_text(value: &impl Serialize, is_pretty: bool) -> String {
    let text = if is_pretty {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    text.unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    summary: Summary,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    left_out: &'a [String],
    diagnostics: Vec<DiagnosticJson<'a>>,
}

#[derive(Serialize)]
struct StatisticsJson {
    version: u8,
    summary: Summary,
    statistics: Vec<RowJson>,
}

#[derive(Serialize)]
struct RowJson {
    code: &'static str,
    name: &'static str,
    count: usize,
}

/// One finding as data.
#[derive(Serialize)]
pub struct DiagnosticJson<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    file: &'a str,
    flow: Option<&'a str>,
    step: Option<&'a str>,
    targets: Vec<&'static str>,
    range: Range,
    labels: Vec<LabelJson<'a>>,
    help: &'a [String],
    url: Option<String>,
    fix: Option<FixJson<'a>>,
}

#[derive(Serialize)]
struct LabelJson<'a> {
    message: &'a str,
    file: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    file: &'a str,
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
    offset: u32,
}

impl<'a> DiagnosticJson<'a> {
    fn new(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Self {
        Self {
            code: diagnostic.rule.code,
            name: diagnostic.rule.name,
            severity: diagnostic.severity.name(),
            message: &diagnostic.message,
            file: sources.get(diagnostic.span.source).name(),
            flow: diagnostic.flow.as_deref(),
            step: diagnostic.step.as_deref(),
            targets: diagnostic.targets.iter().map(|target| target.name()).collect(),
            range: Range::new(sources, diagnostic.span),
            labels: diagnostic
                .labels
                .iter()
                .map(|label| LabelJson::new(sources, label))
                .collect(),
            help: &diagnostic.help,
            url: url(diagnostic.rule),
            fix: diagnostic.fix.as_ref().map(|fix| FixJson::new(sources, fix)),
        }
    }
}

impl<'a> LabelJson<'a> {
    fn new(sources: &'a Sources, label: &'a Label) -> Self {
        Self {
            message: &label.message,
            file: sources.get(label.span.source).name(),
            range: Range::new(sources, label.span),
        }
    }
}

impl<'a> FixJson<'a> {
    fn new(sources: &'a Sources, fix: &'a Fix) -> Self {
        let edits = fix.edits.iter().map(|edit| EditJson {
            file: sources.get(edit.span.source).name(),
            range: Range::new(sources, edit.span),
            text: &edit.text,
        });
        Self {
            title: &fix.title,
            applicability: if fix.is_safe { "safe" } else { "unsafe" },
            edits: edits.collect(),
        }
    }
}

impl Range {
    fn new(sources: &Sources, span: Span) -> Self {
        Self {
            start: sources.start(span).into(),
            end: sources.end(span).into(),
        }
    }
}

impl From<Position> for Place {
    fn from(Position { line, column, offset }: Position) -> Self {
        Self { line, column, offset }
    }
}
