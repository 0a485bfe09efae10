//! From bytes to a syntax tree, with every reason why Python would refuse the text. Knows no scope.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use ruff_python_ast::{self as ast, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::TextRange;

use super::private;
use super::refused::refused;
use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::source::{NoText, SourceId, Sources, Span, decode};

declare_rule! {
    /// The file is not Python: the interpreter would refuse it before running a single line.
    ///
    /// Every syntax error of the file is reported, not only the first one, and so is what is wrong with decorators
    /// and parameters around them. What rests on lines that may have got lost in between (the graph, artifacts,
    /// whether the flow is run) is not judged before the file is Python: it would blame the flow for a typo. Places
    /// that parse and that Python refuses all the same (`return` outside of a function) lose no line.
    /// Modules of the project that a flow imports are held to the same.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SyntaxFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SyntaxFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SyntaxFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SyntaxFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing of its own: Python's `SyntaxError`, the first one only.
    pub static SYNTAX_ERROR: error "FLC100" "syntax-error";
}

/// CPython's `MAXLEVEL`: more open brackets than these are a syntax error.
const MOST_OPEN_BRACKETS: usize = 200;

/// What a newer Python would understand nobody runs a flow with. What an older one would not is no fault.
const NEWEST_PYTHON: PythonVersion = PythonVersion::PY314;

/// A file's text and tree.
#[derive(Debug)]
pub(super) struct Parsed {
    pub source: SourceId,
    pub text: Arc<str>,
    pub body: Vec<ast::Stmt>,
    pub path: PathBuf,
    /// Python would refuse the text.
    pub had_errors: bool,
    /// The tree lacks what the parser could not make sense of.
    pub is_partial: bool,
}

/// Parses a file, adding it to the sources. Undecodable and too deeply nested text gives an empty body.
pub(super) fn parse(
    path: PathBuf,
    bytes: &[u8],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Parsed {
    let name = path.to_string_lossy().into_owned();
    let text: Arc<str> = match decode(bytes) {
        Ok(text) => Arc::from(text),
        Err(why) => return undecodable(path, bytes, &why, sources, diagnostics),
    };
    let source = sources.add(name, Arc::clone(&text));
    if let Some(offset) = too_deep(&text) {
        let span = Span::new(source, offset, offset + 1);
        let message =
            format!("too many nested parentheses: Python allows {MOST_OPEN_BRACKETS} open brackets");
        diagnostics.push(Diagnostic::new(&SYNTAX_ERROR, span, message));
        return Parsed {
            source,
            text,
            body: Vec::new(),
            path,
            had_errors: true,
            is_partial: true,
        };
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(NEWEST_PYTHON);
    let parsed = parse_unchecked(&text, options);
    let before = diagnostics.len();
    let is_partial = !parsed.errors().is_empty();
    for error in parsed.errors() {
        let message = sentence(&error.error);
        diagnostics.push(Diagnostic::new(
            &SYNTAX_ERROR,
            span_of(source, error.location),
            message,
        ));
    }
    for error in parsed.unsupported_syntax_errors() {
        let span = span_of(source, error.range);
        diagnostics.push(Diagnostic::new(&SYNTAX_ERROR, span, sentence(error)));
    }
    let mut body: Vec<ast::Stmt> = match parsed.into_syntax() {
        ast::Mod::Module(module) => module.body.into_iter().collect(),
        ast::Mod::Expression(_) => Vec::new(),
    };
    for (range, message) in refused(&body, &text) {
        diagnostics.push(Diagnostic::new(&SYNTAX_ERROR, span_of(source, range), message));
    }
    private::write_out(&mut body);
    let had_errors = diagnostics.len() > before;
    Parsed {
        source,
        text,
        body,
        path,
        had_errors,
        is_partial,
    }
}

pub(super) fn span_of(source: SourceId, range: TextRange) -> Span {
    Span::new(source, range.start().to_u32(), range.end().to_u32())
}

/// The parser's words, as a message that stands in the middle of a line.
pub(super) fn sentence(error: &impl Display) -> String {
    let words = error.to_string();
    let mut characters = words.chars();
    let Some(first) = characters.next() else {
        return "invalid syntax".to_owned();
    };
    let rest = characters.as_str();
    let is_word = rest.starts_with(|next: char| !next.is_uppercase());
    if is_word {
        format!("{}{rest}", first.to_lowercase())
    } else {
        words
    }
}

/// The text as far as it can be shown, with the reason why it is none.
fn undecodable(
    path: PathBuf,
    bytes: &[u8],
    why: &NoText,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Parsed {
    let text: Arc<str> = Arc::from(String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}"));
    let source = sources.add(path.to_string_lossy().into_owned(), Arc::clone(&text));
    let (message, line) = match why {
        NoText::Encoding { encoding, line } => (
            format!("the file is not valid `{encoding}`, and declares no other encoding"),
            *line,
        ),
        NoText::UnknownEncoding { encoding } => {
            (format!("the declared encoding `{encoding}` is not known"), 1)
        }
        NoText::Nul { line } => ("source code cannot contain null bytes".to_owned(), *line),
    };
    let span = line_span(source, &text, line);
    diagnostics.push(Diagnostic::new(&SYNTAX_ERROR, span, message));
    Parsed {
        source,
        text,
        body: Vec::new(),
        path,
        had_errors: true,
        is_partial: true,
    }
}

fn line_span(source: SourceId, text: &str, line: u32) -> Span {
    let mut start = 0;
    for _ in 1..line {
        let rest = text.get(start..).unwrap_or("");
        start += rest.find('\n').map_or(0, |at| at + 1);
    }
    let rest = text.get(start..).unwrap_or("");
    let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let number = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(source, number(start), number(start + length))
}

/// Where the 201st bracket is opened, strings and comments left out.
fn too_deep(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > MOST_OPEN_BRACKETS {
                    return u32::try_from(at).ok();
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => {
                while bytes.get(at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                    at += 1;
                }
            }
            b'"' | b'\'' => {
                at = after_string(bytes, at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset after the string that begins at `at`; an unterminated one ends with its line or the text.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let is_triple = bytes.get(at..at + 3) == Some(&[quote; 3]);
    let mut at = at + if is_triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !is_triple => return at,
            _ if byte == quote && !is_triple => return at + 1,
            _ if byte == quote && bytes.get(at..at + 3) == Some(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::with_deep_stack;

    fn messages(text: &str) -> Vec<String> {
        let text = text.to_owned();
        with_deep_stack(move || {
            let mut diagnostics = Vec::new();
            parse(
                PathBuf::from("f.py"),
                text.as_bytes(),
                &mut Sources::default(),
                &mut diagnostics,
            );
            diagnostics
                .into_iter()
                .map(|diagnostic| diagnostic.message)
                .collect()
        })
    }

    #[test]
    fn reports_every_syntax_error() {
        assert_eq!(messages("x = 1\n"), Vec::<String>::new());
        assert_eq!(messages("x = (\n").len(), 1);
        assert_eq!(messages("x = 1 2\ny = 3 4\n").len(), 2);
        assert_eq!(messages("a\0b"), ["source code cannot contain null bytes"]);
        assert_eq!(
            messages("# coding: klingon\n"),
            ["the declared encoding `klingon` is not known"]
        );
    }

    #[test]
    fn counts_brackets_outside_of_strings() {
        let deep = |count: usize| format!("x = {}{}", "[".repeat(count), "]".repeat(count));
        assert_eq!(messages(&deep(200)), Vec::<String>::new());
        assert_eq!(messages(&deep(201)).len(), 1);
        assert_eq!(
            messages(&format!("x = '{}'  # {}", "(".repeat(300), "(".repeat(300))).len(),
            0
        );
        assert_eq!(messages(&format!("x = '''{}\n'''", "(".repeat(300))).len(), 0);
    }

    #[test]
    fn survives_any_depth() {
        let n = 50_000;
        for text in [
            format!("x = {}x", "not ".repeat(n)),
            format!("x = {}1", "-".repeat(n)),
            format!("x = 1{}", "+1".repeat(n)),
            format!("x = a{}", ".b".repeat(n)),
            format!("x = a{}", "()".repeat(n)),
            format!("x = a{}", "[0]".repeat(n)),
        ] {
            assert_eq!(messages(&text).len(), 0);
        }
        assert_eq!(messages(&format!("x = {}", "(".repeat(n))).len(), 1);
    }
}
