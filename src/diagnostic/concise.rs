//! `path:line:column: severity[CODE] message`, one finding a line.

use super::Diagnostic;
use crate::source::Sources;

pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let at = sources.start(diagnostic.span);
        let file = sources.get(diagnostic.span.source).name();
        text += &format!(
            "{file}:{}:{}: {}[{}] {}\n",
            at.line,
            at.column,
            diagnostic.severity.name(),
            diagnostic.rule.code,
            one_line(&diagnostic.message),
        );
    }
    text
}

/// A message may quote source text; a line of output stays a line.
pub(super) fn one_line(message: &str) -> String {
    message.replace(['\n', '\r'], " ")
}
