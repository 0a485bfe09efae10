//! `JUnit`'s XML, for CI systems that show test reports: a suite a file, a case a finding.

use super::{Diagnostic, Severity};
use crate::source::Sources;

pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let failures = diagnostics.iter().filter(|diagnostic| fails(diagnostic)).count();
    let tests = diagnostics.len().max(1);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"flowc\" tests=\"{tests}\" failures=\"{failures}\">\n"
    );
    if diagnostics.is_empty() {
        text += "  <testsuite name=\"flowc\" tests=\"1\" failures=\"0\">\n    <testcase name=\"no problem\" classname=\"flowc\"/>\n  </testsuite>\n";
    }
    let file = |diagnostic: &Diagnostic| sources.get(diagnostic.span.source).name();
    for chunk in diagnostics.chunk_by(|a, b| file(a) == file(b)) {
        let Some(first) = chunk.first() else { continue };
        text += &suite(sources, file(first), chunk);
    }
    text + "</testsuites>\n"
}

fn suite(sources: &Sources, file: &str, diagnostics: &[Diagnostic]) -> String {
    let failures = diagnostics.iter().filter(|diagnostic| fails(diagnostic)).count();
    let mut text = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">\n",
        escape(file),
        diagnostics.len()
    );
    for diagnostic in diagnostics {
        text += &case(sources, file, diagnostic);
    }
    text + "  </testsuite>\n"
}

fn case(sources: &Sources, file: &str, diagnostic: &Diagnostic) -> String {
    let at = sources.start(diagnostic.span);
    let rule = diagnostic.rule;
    let name = escape(&format!("{} {}:{}:{}", rule.code, file, at.line, at.column));
    let head = format!(
        "    <testcase name=\"{name}\" classname=\"{}\" file=\"{}\" line=\"{}\">\n",
        rule.name,
        escape(file),
        at.line
    );
    let message = escape(&diagnostic.message);
    let help: Vec<String> = diagnostic.help.iter().map(|help| escape(help)).collect();
    let body = help.join("&#10;");
    let element = if fails(diagnostic) {
        format!(
            "      <failure type=\"{}\" message=\"{message}\">{body}</failure>\n",
            diagnostic.severity.name()
        )
    } else {
        format!(
            "      <system-out>{}: {message}</system-out>\n",
            diagnostic.severity.name()
        )
    };
    format!("{head}{element}    </testcase>\n")
}

/// A note is worth knowing, no failed test.
fn fails(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity != Severity::Note
}

/// XML 1.0 knows no control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\t' => escaped += "&#9;",
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}
