//! Annotations of GitHub Actions: workflow commands on stdout.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::{Diagnostic, Severity};
use crate::source::Sources;

pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| line(sources, diagnostic))
        .collect()
}

fn line(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (start, end) = (sources.start(diagnostic.span), sources.end(diagnostic.span));
    let file = property(sources.get(diagnostic.span.source).name());
    // Columns count only within one line.
    let columns = if start.line == end.line {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    let title = property(&format!("{} {}", diagnostic.rule.code, diagnostic.rule.name));
    let mut message = diagnostic.message.clone();
    for help in &diagnostic.help {
        message += &format!("\nhelp: {help}");
    }
    format!(
        "::{command} title={title},file={file},line={},endLine={}{columns}::{}\n",
        start.line,
        end.line,
        data(&message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
