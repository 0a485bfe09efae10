//! `check --add-ignore`: a `# flowc: ignore[CODE]` comment for every finding, to begin with a clean slate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::fix;
use super::terminal::Voice;
use crate::diagnostic::Diagnostic;
use crate::lint::suppress;
use crate::source::{SourceFile, SourceId, Sources};

/// Lines with the codes that go there.
type Lines = Vec<(u32, String)>;

/// Writes the comments; gives the number of lines that got one.
pub(super) fn add(sources: &Sources, diagnostics: &[Diagnostic], voice: Voice) -> Result<usize> {
    let mut lines: BTreeMap<(&str, u32), (SourceId, BTreeSet<&str>)> = BTreeMap::new();
    // A comment that silences nothing is to be removed, not silenced by another.
    let is_kept = |found: &&Diagnostic| found.rule.code != suppress::UNUSED_SUPPRESSION.code;
    for diagnostic in diagnostics.iter().filter(is_kept) {
        let id = diagnostic.span.source;
        let key = (sources.get(id).name(), sources.start(diagnostic.span).line);
        lines
            .entry(key)
            .or_insert_with(|| (id, BTreeSet::new()))
            .1
            .insert(diagnostic.rule.code);
    }
    let mut files: BTreeMap<&str, (SourceId, Lines)> = BTreeMap::new();
    for ((name, line), (id, codes)) in lines {
        let codes: Vec<&str> = codes.into_iter().collect();
        files
            .entry(name)
            .or_insert_with(|| (id, Vec::new()))
            .1
            .push((line, codes.join(", ")));
    }
    let mut added = 0;
    for (name, (id, lines)) in files {
        let file = sources.get(id);
        let (text, count) = with_comments(file, &lines);
        if count < lines.len() {
            voice.warning(format!(
                "`{name}`: {} lines cannot take a comment",
                lines.len() - count
            ));
        }
        if count > 0 && fix::replace(Path::new(name), file.text(), &text, voice)? {
            added += count;
        }
    }
    Ok(added)
}

/// The text with a comment at the end of each line, where that is a comment in Python's eyes.
fn with_comments(file: &SourceFile, lines: &[(u32, String)]) -> (String, usize) {
    let mut text = file.text().to_string();
    let mut count = 0;
    for (line, codes) in lines.iter().rev() {
        let start = file.line_start(*line);
        let content = file.line(*line);
        let (at, addition) = match content
            .find("# flowc: ignore[")
            .and_then(|at| content.get(at..)?.find(']').map(|end| at + end))
        {
            Some(bracket) => (start + bracket, format!(", {codes}")),
            None => (
                start + content.trim_end().len(),
                format!("  # flowc: ignore[{codes}]"),
            ),
        };
        let mut candidate = text.clone();
        candidate.insert_str(at, &addition);
        let end = at + addition.len();
        let is_comment = suppress::comments(&candidate)
            .iter()
            .any(|&(from, to)| from < end && end <= to);
        if is_comment && !content.trim_end().ends_with('\\') {
            text = candidate;
            count += 1;
        }
    }
    (text, count)
}
