//! Comments that silence findings: `# flowc: ignore[FLC301] reason` on the line or alone on the line before,
//! `# flowc: ignore-file[FLC301] reason` anywhere. Knows Python only as far as where its comments are.

use std::collections::BTreeSet;

use super::select::Selector;
use crate::diagnostic::{Diagnostic, RuleInfo};
use crate::source::{SourceFile, SourceId, Sources, Span};

crate::declare_rule! {
    /// A `# flowc: ignore` comment silences nothing.
    ///
    /// The finding it was written for is gone, or its code is misspelt: the comment would silence the next
    /// finding of that line unseen.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)  # flowc: ignore[FLC110] the step comes later
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: the comment is flowc's own.
    pub static UNUSED_SUPPRESSION: warning "FLC801" "unused-suppression";
}

/// One comment.
#[derive(Debug)]
struct Suppression {
    /// Of the comment.
    span: Span,
    /// The lines it speaks for; none is the whole file.
    lines: Option<(u32, u32)>,
    /// None: every rule.
    codes: Option<Vec<Code>>,
}

#[derive(Debug)]
struct Code {
    span: Span,
    text: String,
    selector: Option<Selector>,
}

/// Takes away what comments silence, and adds what is wrong with the comments of the files in `checked`.
/// `speaks` tells whether a rule was asked at all: a comment for one that was not is no unused one.
pub fn apply(
    sources: &Sources,
    diagnostics: Vec<Diagnostic>,
    infos: &[&RuleInfo],
    checked: &BTreeSet<SourceId>,
    speaks: impl Fn(SourceId, &str) -> bool,
) -> Vec<Diagnostic> {
    let all: Vec<(SourceId, Vec<Suppression>)> = sources
        .iter()
        .filter(|(_, file)| file.text().contains("flowc:"))
        .map(|(id, file)| (id, suppressions(id, file, infos)))
        .collect();
    if all.is_empty() {
        return diagnostics;
    }
    let mut used: BTreeSet<(&str, u32)> = BTreeSet::new();
    let mut kept = Vec::new();
    for diagnostic in diagnostics {
        let hits = matches(sources, &all, &diagnostic);
        let name = sources.get(diagnostic.span.source).name();
        used.extend(hits.iter().map(|offset| (name, *offset)));
        if hits.is_empty() {
            kept.push(diagnostic);
        }
    }
    for (id, suppressions) in all.iter().filter(|(id, _)| checked.contains(id)) {
        let name = sources.get(*id).name();
        for suppression in suppressions {
            kept.extend(complaints(
                suppression,
                |offset| used.contains(&(name, offset)),
                |code| speaks(*id, code),
            ));
        }
    }
    kept
}

/// Takes away what comments silence and says nothing of the comments.
pub fn silence(sources: &Sources, diagnostics: Vec<Diagnostic>, infos: &[&RuleInfo]) -> Vec<Diagnostic> {
    apply(sources, diagnostics, infos, &BTreeSet::new(), |_, _| false)
}

/// Offsets of the codes (or comments without codes) that silence a finding.
fn matches(sources: &Sources, all: &[(SourceId, Vec<Suppression>)], diagnostic: &Diagnostic) -> Vec<u32> {
    let file = diagnostic.span.source;
    let line = sources.start(diagnostic.span).line;
    let here = all
        .iter()
        .filter(|(id, _)| *id == file)
        .flat_map(|(_, suppressions)| suppressions);
    let mut offsets = Vec::new();
    for suppression in here {
        if suppression
            .lines
            .is_some_and(|(first, last)| line < first || line > last)
        {
            continue;
        }
        match &suppression.codes {
            None => offsets.push(suppression.span.start),
            Some(codes) => {
                let covers = |code: &&Code| {
                    code.selector
                        .as_ref()
                        .is_some_and(|selector| selector.covers(diagnostic.rule.code))
                };
                offsets.extend(codes.iter().filter(covers).map(|code| code.span.start));
            }
        }
    }
    offsets
}

fn complaints(
    suppression: &Suppression,
    is_used: impl Fn(u32) -> bool,
    speaks: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let unused = |span, message: String| Diagnostic::new(&UNUSED_SUPPRESSION, span, message);
    let Some(codes) = &suppression.codes else {
        let is_idle = !is_used(suppression.span.start);
        let message = "`flowc: ignore` silences nothing here".to_owned();
        return is_idle
            .then(|| unused(suppression.span, message))
            .into_iter()
            .collect();
    };
    let idle = codes.iter().filter(|code| !is_used(code.span.start));
    idle.filter_map(|code| match &code.selector {
        None => Some(unused(
            code.span,
            format!("`{}` is no rule's code or name", code.text),
        )),
        Some(_) if !speaks(&code.text) => None,
        Some(_) => Some(
            unused(code.span, format!("`{}` finds nothing here to ignore", code.text))
                .help("remove the comment, or the code from it"),
        ),
    })
    .collect()
}

fn suppressions(id: SourceId, file: &SourceFile, infos: &[&RuleInfo]) -> Vec<Suppression> {
    let text = file.text();
    comments(text)
        .into_iter()
        .filter_map(|(start, end)| suppression(id, file, start, end, infos))
        .collect()
}

fn suppression(
    id: SourceId,
    file: &SourceFile,
    start: usize,
    end: usize,
    infos: &[&RuleInfo],
) -> Option<Suppression> {
    let comment = file.text().get(start..end)?;
    let at = comment.find("flowc:")?;
    // It begins the comment, or stands behind another one: `# noqa: E501  # flowc: ignore`. Prose may speak of it.
    let before = comment.get(..at)?.trim_end();
    let words = before.trim_end_matches('#');
    let is_comment = before.ends_with('#') && (words.is_empty() || words.ends_with([' ', '\t']));
    is_comment.then_some(())?;
    let directive = comment.get(at + "flowc:".len()..)?;
    let trimmed = directive.trim_start();
    let (is_file, rest) = if let Some(rest) = trimmed.strip_prefix("ignore-file") {
        (true, rest)
    } else {
        (false, trimmed.strip_prefix("ignore")?)
    };
    let codes = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map(|(list, _)| {
            let from = end - rest.len() + 1;
            codes(id, list, from, infos)
        });
    let line = file.position(offset(start)).line;
    let is_alone = file.line(line).trim_start().starts_with('#');
    let lines = if is_file {
        None
    } else {
        Some((line, if is_alone { line + 1 } else { line }))
    };
    Some(Suppression {
        span: Span::new(id, offset(start), offset(end)),
        lines,
        codes,
    })
}

fn codes(id: SourceId, list: &str, from: usize, infos: &[&RuleInfo]) -> Vec<Code> {
    let mut codes = Vec::new();
    let mut at = from;
    for part in list.split(',') {
        let text = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        if !text.is_empty() {
            let span = Span::new(id, offset(start), offset(start + text.len()));
            codes.push(Code {
                span,
                text: text.to_owned(),
                selector: Selector::parse(text, infos).ok(),
            });
        }
        at += part.len() + 1;
    }
    codes
}

fn offset(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Where a text's comments are: from each `#` outside of strings to the end of its line.
pub fn comments(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .position(|byte| matches!(byte, b'\n' | b'\r'))
                    .unwrap_or(rest.len());
                found.push((at, at + length));
                at += length;
            }
            b'"' | b'\'' => at = string_end(bytes, at),
            _ => at += 1,
        }
    }
    found
}

/// Behind the string that begins at `start`; an unfinished one ends with its line, or the text.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let is_triple = bytes
        .get(start..start + 3)
        .is_some_and(|three| three.iter().all(|&byte| byte == quote));
    let mut at = start + if is_triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' | b'\r' if !is_triple => return at,
            _ if byte == quote && !is_triple => return at + 1,
            _ if byte == quote
                && bytes
                    .get(at..at + 3)
                    .is_some_and(|three| three.iter().all(|&byte| byte == quote)) =>
            {
                return at + 3;
            }
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::declare_rule! {
        /// One.
        static ONE: error "FLC301" "one-thing";
    }

    /// The text with a finding on each line that holds `!`, and what is left of them and complained about.
    fn left(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let id = sources.add("f.py", text);
        let at = |index: usize| Span::new(id, offset(index), offset(index + 1));
        let found = text
            .match_indices('!')
            .map(|(index, _)| Diagnostic::new(&ONE, at(index), "found"))
            .collect();
        let kept = apply(
            &sources,
            found,
            &[&ONE, &UNUSED_SUPPRESSION],
            &BTreeSet::from([id]),
            |_, _| true,
        );
        kept.iter()
            .map(|diagnostic| format!("{} {}", sources.start(diagnostic.span).line, diagnostic.message))
            .collect()
    }

    #[test]
    fn silences_its_line_the_next_or_the_file() {
        assert_eq!(
            left("x = '!'  # flowc: ignore[FLC301] why\ny = '!'\n"),
            ["2 found"]
        );
        assert_eq!(
            left("# flowc: ignore[one-thing]\nx = '!'\ny = '!'\n"),
            ["3 found"]
        );
        assert_eq!(
            left("x = '!'\ny = '!'\n# flowc: ignore-file[FLC3]\n"),
            Vec::<String>::new()
        );
        assert_eq!(left("x = '!'  # flowc: ignore\n"), Vec::<String>::new());
        assert_eq!(
            left("x = '!'  # noqa: E501  # flowc: ignore\n"),
            Vec::<String>::new()
        );
        assert_eq!(left("x = '!'  # write `# flowc: ignore`\n"), ["1 found"]);
    }

    #[test]
    fn complains_of_what_silences_nothing() {
        assert_eq!(
            left("x = 1  # flowc: ignore[FLC301]\n"),
            ["1 `FLC301` finds nothing here to ignore"]
        );
        assert_eq!(
            left("x = '!'  # flowc: ignore[FLC999, FLC301]\n"),
            ["1 `FLC999` is no rule's code or name"]
        );
    }

    #[test]
    fn a_string_is_no_comment() {
        assert_eq!(left("x = '!'\ny = \"# flowc: ignore-file\"\n"), ["1 found"]);
        assert_eq!(left("x = '''\n# flowc: ignore-file\n!'''\n"), ["3 found"]);
    }
}
