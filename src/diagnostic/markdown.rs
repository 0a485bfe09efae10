//! A table for a job summary or a comment.

use super::{Diagnostic, Summary, full, url};
use crate::source::Sources;

/// `left_out` names the flows that nobody looked at.
pub fn render(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    summary: Summary,
    left_out: &[String],
) -> String {
    let mut text = format!("**flowc**: {}", full::summary_line(summary, left_out));
    if diagnostics.is_empty() {
        return text;
    }
    text += "\n| | where | what | rule |\n|---|---|---|---|\n";
    for diagnostic in diagnostics {
        let at = sources.start(diagnostic.span);
        let file = sources.get(diagnostic.span.source).name();
        let rule = diagnostic.rule;
        let mut message = cell(&diagnostic.message);
        for help in &diagnostic.help {
            message += &format!("<br>*help:* {}", cell(help));
        }
        text += &format!(
            "| {} | `{}:{}:{}` | {message} | {} |\n",
            diagnostic.severity.name(),
            cell(file),
            at.line,
            at.column,
            url(rule).map_or_else(|| rule.code.to_owned(), |url| format!("[{}]({url})", rule.code)),
        );
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "&lt;")
        .replace(['\n', '\r'], " ")
}
