//! Findings for people: the message, the source lines with carets, other places of the story, the ways out.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::concise::one_line;
use super::{Diagnostic, Severity, Summary};
use crate::source::{SourceFile, SourceId, Sources, Span};

/// Columns that a source line may take before it is cut.
const WIDTH: usize = 140;
/// Places of one file that are further apart than this many lines are shown as two snippets.
const APART: u32 = 40;

pub fn render(sources: &Sources, diagnostics: &[Diagnostic], is_colored: bool) -> String {
    let renderer = if is_colored {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(WIDTH);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let windows = windows(sources, diagnostic);
        let rendered = renderer.render(&[group(sources, diagnostic, &windows)]);
        text += &windows
            .iter()
            .fold(rendered, |text, window| window.with_column(sources, text));
        text += "\n\n";
    }
    text
}

/// `2 errors, 1 warning in 3 flows of 2 files (1 fixable with --fix)`, and which flows were not looked at.
pub fn summary_line(summary: Summary, left_out: &[String]) -> String {
    let Summary {
        files,
        flows,
        errors,
        warnings,
        notes,
        fixable,
    } = summary;
    let counts = [
        count(errors, "error"),
        count(warnings, "warning"),
        count(notes, "note"),
    ];
    let said: Vec<String> = counts
        .into_iter()
        .zip([errors, warnings, notes])
        .filter(|(_, number)| *number > 0)
        .map(|(text, _)| text)
        .collect();
    let what = if said.is_empty() {
        "no problem".to_owned()
    } else {
        said.join(", ")
    };
    let fixes = if fixable > 0 {
        format!(" ({fixable} fixable with --fix)")
    } else {
        String::new()
    };
    format!(
        "{what} in {} of {}{fixes}{}\n",
        count(flows, "flow"),
        count(files, "file"),
        said_of_left_out(left_out)
    )
}

/// How many names a line bears.
const NAMES: usize = 5;

/// `; left out: A, B (not run by their files, which run other flows)`
pub fn said_of_left_out(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<&str> = names.iter().take(NAMES).map(String::as_str).collect();
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let why = if names.len() == 1 {
        "its file runs another flow"
    } else {
        "their files run other flows"
    };
    format!("; left out: {}{more} ({why})", shown.join(", "))
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

fn group<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic, windows: &'a [Window]) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(one_line(&diagnostic.message))
        .id(diagnostic.rule.code);
    let mut elements: Vec<Element<'_>> = Vec::new();
    for window in windows {
        let snippet: Snippet<'_, Annotation<'_>> = Snippet::source(window.text.as_str())
            .path(shown_name(sources.get(window.first.source).name()))
            .line_start(window.first_line as usize)
            .fold(true);
        elements.push(
            snippet
                .annotations(window.marks.iter().map(Mark::annotation))
                .into(),
        );
    }
    elements.extend(
        diagnostic
            .help
            .iter()
            .map(|help| Level::HELP.message(one_line(help)).into()),
    );
    if let Some(fix) = &diagnostic.fix {
        let how = if fix.is_safe {
            " (`flowc check --fix` does it)"
        } else {
            ""
        };
        elements.push(
            Level::HELP
                .message(format!("{}{how}", one_line(&fix.title)))
                .into(),
        );
    }
    title.elements(elements)
}

/// A file's name may hold a line end; what is shown may not.
fn shown_name(name: &str) -> String {
    name.chars()
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

/// The lines of one file around some places, cut to a bearable width, and the places in that text.
struct Window {
    /// The place named behind `-->`.
    first: Span,
    first_line: u32,
    text: String,
    marks: Vec<Mark>,
}

struct Mark {
    start: usize,
    end: usize,
    is_primary: bool,
    label: String,
}

impl Mark {
    fn annotation(&self) -> Annotation<'_> {
        let kind = if self.is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(self.start..self.end);
        if self.label.is_empty() {
            annotation
        } else {
            annotation.label(self.label.as_str())
        }
    }
}

/// A place to show: span, caption, is it the finding itself?
type Place<'a> = (Span, &'a str, bool);

fn windows(sources: &Sources, diagnostic: &Diagnostic) -> Vec<Window> {
    let caption = diagnostic.caption.as_deref().unwrap_or("");
    let mut places: Vec<Place<'_>> = vec![(diagnostic.span, caption, true)];
    places.extend(
        diagnostic
            .labels
            .iter()
            .map(|label| (label.span, label.message.as_str(), false)),
    );
    let mut clusters: Vec<(SourceId, u32, u32, Vec<Place<'_>>)> = Vec::new();
    for place in places {
        let line = sources.start(place.0).line;
        let near = |cluster: &&mut (SourceId, u32, u32, Vec<Place<'_>>)| {
            cluster.0 == place.0.source && line + APART >= cluster.1 && line <= cluster.2 + APART
        };
        match clusters.iter_mut().find(near) {
            Some((_, first, last, places)) => {
                (*first, *last) = ((*first).min(line), (*last).max(line));
                places.push(place);
            }
            None => clusters.push((place.0.source, line, line, vec![place])),
        }
    }
    clusters
        .into_iter()
        .map(|(source, first, last, places)| Window::new(sources.get(source), first, last, &places))
        .collect()
}

impl Window {
    fn new(file: &SourceFile, first_line: u32, last_line: u32, places: &[Place<'_>]) -> Self {
        let mut text = String::new();
        let mut marks = Vec::new();
        let mut first = None;
        for line in first_line..=last_line {
            let here = places
                .iter()
                .filter(|(span, ..)| file.position(span.start).line == line);
            let here: Vec<&Place<'_>> = here.collect();
            first = first.or_else(|| here.first().map(|place| place.0));
            let line_text = file.line(line);
            let cut = Cut::new(
                line_text,
                here.iter().map(|(span, ..)| column_bytes(file, *span)).min(),
            );
            for (span, label, is_primary) in here {
                let start = column_bytes(file, *span);
                let length = span.end.saturating_sub(span.start) as usize;
                let end = ceiling(line_text, start + length).max(start);
                let (start, end) = (cut.place(start), cut.place(end));
                // A place at the end of the line, or of the file, still gets its caret.
                marks.push(Mark {
                    start: text.len() + start,
                    end: text.len() + end.max(start),
                    is_primary: *is_primary,
                    label: one_line(label),
                });
            }
            text += &cut.text;
            text.push('\n');
        }
        let primary = places
            .iter()
            .find(|(.., is_primary)| *is_primary)
            .map(|place| place.0);
        let first = primary.or(first).unwrap_or_else(|| {
            places
                .first()
                .map_or(Span::new(SourceId::default(), 0, 0), |place| place.0)
        });
        Self {
            first,
            first_line,
            text,
            marks,
        }
    }
}

impl Window {
    /// The header counts columns in the text it was given; where that was cut, the file's own is put there.
    fn with_column(&self, sources: &Sources, text: String) -> String {
        let at = sources.start(self.first);
        let head = format!(
            "{}:{}:",
            shown_name(sources.get(self.first.source).name()),
            at.line
        );
        let Some(start) = text.find(&head).map(|index| index + head.len()) else {
            return text;
        };
        let (before, rest) = text.split_at(start);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        format!("{before}{}{}", at.column, rest.get(digits..).unwrap_or(""))
    }
}

/// Bytes between the start of its line and the place.
fn column_bytes(file: &SourceFile, span: Span) -> usize {
    let position = file.position(span.start);
    let before = file
        .line(position.line)
        .chars()
        .take(position.column.saturating_sub(1) as usize);
    before.map(char::len_utf8).sum()
}

/// A line that is far too long, cut to what surrounds its first place.
struct Cut {
    text: String,
    from: usize,
    to: usize,
    prefix: usize,
}

impl Cut {
    const LONGEST: usize = 600;

    fn new(line: &str, place: Option<usize>) -> Self {
        let clean = |text: &str| -> String { text.chars().map(printable).collect() };
        if line.len() <= Self::LONGEST {
            return Self {
                text: clean(line),
                from: 0,
                to: line.len(),
                prefix: 0,
            };
        }
        let from = floor(line, place.unwrap_or(0).saturating_sub(60));
        let to = floor(line, from + Self::LONGEST / 2);
        let prefix = if from > 0 { "…" } else { "" };
        let suffix = if to < line.len() { "…" } else { "" };
        let text = format!("{prefix}{}{suffix}", clean(line.get(from..to).unwrap_or("")));
        Self {
            text,
            from,
            to,
            prefix: prefix.len(),
        }
    }

    /// Where a byte of the line stands in the cut text.
    fn place(&self, byte: usize) -> usize {
        byte.clamp(self.from, self.to) - self.from + self.prefix
    }
}

fn ceiling(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index += 1;
    }
    index
}

fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Control characters would move the cursor; each becomes one of the same length in bytes.
fn printable(character: char) -> char {
    if character.is_control() && character != '\t' && character.len_utf8() == 1 {
        '?'
    } else {
        character
    }
}
