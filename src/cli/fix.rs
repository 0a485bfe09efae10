//! `check --fix` and `--diff`: safe edits applied to files, from the last to the first; of two that overlap the
//! first wins, the other waits for the next run.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::terminal::Voice;
use super::{disk, write};
use crate::diagnostic::{Diagnostic, Edit};
use crate::source::{SourceId, Sources};

/// The texts of files after their safe fixes.
#[derive(Debug, Default)]
pub struct Fixed {
    /// By file: the text before, the text after, the edits between them.
    pub files: BTreeMap<String, (String, String, Vec<Edit>)>,
    /// How many findings were fixed.
    pub count: usize,
}

/// Applies the safe fixes of the findings, in memory.
pub fn apply(sources: &Sources, diagnostics: &[Diagnostic]) -> Fixed {
    let mut fixed = Fixed::default();
    let mut chosen: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for fix in diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.fix.as_ref())
        .filter(|fix| fix.is_safe)
    {
        let is_free = |edit: &Edit| {
            let others = chosen.get(&edit.span.source).into_iter().flatten();
            others.into_iter().all(|other| !overlap(other, edit))
        };
        if fix.edits.iter().all(is_free) {
            fixed.count += 1;
            for edit in &fix.edits {
                chosen.entry(edit.span.source).or_default().push(edit.clone());
            }
        }
    }
    for (id, mut edits) in chosen {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let file = sources.get(id);
        let after = edited(file.text(), &edits);
        fixed
            .files
            .insert(file.name().to_owned(), (file.text().to_string(), after, edits));
    }
    fixed
}

/// Two insertions at one place overlap too: their order would be a guess.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let touches = a.span.start < b.span.end && b.span.start < a.span.end;
    touches || a.span.start == b.span.start
}

/// The text with sorted edits that do not overlap.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut after = text.to_owned();
    for edit in edits.iter().rev() {
        let range = edit.span.start as usize..edit.span.end as usize;
        if after.get(range.clone()).is_some() {
            after.replace_range(range, &edit.text);
        }
    }
    after
}

/// Writes the fixed files; one that is not what was checked (another encoding, changed since) is left alone.
pub fn write(fixed: &Fixed, voice: Voice) -> Result<usize> {
    let mut written = 0;
    for (name, (before, after, _)) in &fixed.files {
        if replace(Path::new(name), before, after, voice)? {
            written += 1;
        }
    }
    Ok(written)
}

/// Puts `after` in the place of `before`, keeping a byte order mark.
pub fn replace(path: &Path, before: &str, after: &str, voice: Voice) -> Result<bool> {
    let bytes = disk::read(path)?;
    let mark = "\u{feff}";
    let (kept, text) = match bytes.strip_prefix(mark.as_bytes()) {
        Some(text) => (mark, text),
        None => ("", bytes.as_slice()),
    };
    if text != before.as_bytes() {
        voice.warning(format!(
            "`{}` is left as it is: not UTF-8, or changed meanwhile",
            path.display()
        ));
        return Ok(false);
    }
    write::whole(path, format!("{kept}{after}"))?;
    Ok(true)
}

/// The fixes as a patch that `patch -p0` takes.
pub fn diff(fixed: &Fixed) -> String {
    let mut text = String::new();
    for (name, (before, after, edits)) in &fixed.files {
        text += &format!("--- {name}\n+++ {name}\n");
        text += &hunks(before, after, edits);
    }
    text
}

const CONTEXT: usize = 3;

/// Lines `from..to` (from 0) of the old text are touched by edits that move everything behind by `grown` bytes.
struct Hunk {
    from: usize,
    to: usize,
    edits: Vec<Edit>,
}

fn hunks(before: &str, after: &str, edits: &[Edit]) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let line_of = |offset: u32| {
        before
            .get(..offset as usize)
            .map_or(0, |text| text.matches('\n').count())
    };
    let mut hunks: Vec<Hunk> = Vec::new();
    for edit in edits {
        let from = line_of(edit.span.start).saturating_sub(CONTEXT);
        let to = (line_of(edit.span.end) + 1 + CONTEXT).min(old.len());
        match hunks.last_mut() {
            Some(last) if from <= last.to => {
                last.to = last.to.max(to);
                last.edits.push(edit.clone());
            }
            _ => hunks.push(Hunk {
                from,
                to,
                edits: vec![edit.clone()],
            }),
        }
    }
    let mut moved: isize = 0;
    let mut text = String::new();
    for hunk in &hunks {
        let start: usize = old.iter().take(hunk.from).map(|line| line.len()).sum();
        let end: usize = old.iter().take(hunk.to).map(|line| line.len()).sum();
        let grown: isize = hunk.edits.iter().map(growth).sum();
        let new_text = after
            .get(start.saturating_add_signed(moved)..end.saturating_add_signed(moved + grown))
            .unwrap_or("");
        let lines_before: usize = after
            .get(..start.saturating_add_signed(moved))
            .map_or(0, |text| text.matches('\n').count());
        let new: Vec<&str> = new_text.split_inclusive('\n').collect();
        let old: Vec<&str> = old.get(hunk.from..hunk.to).unwrap_or_default().to_vec();
        text += &format!(
            "@@ -{},{} +{},{} @@\n",
            hunk.from + 1,
            old.len(),
            lines_before + 1,
            new.len()
        );
        text += &body(&old, &new);
        moved += grown;
    }
    text
}

fn growth(edit: &Edit) -> isize {
    let removed = edit.span.end.saturating_sub(edit.span.start) as usize;
    edit.text.len().cast_signed() - removed.cast_signed()
}

/// Common lines at both ends are context, what is between them is replaced.
fn body(old: &[&str], new: &[&str]) -> String {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    let mut text = String::new();
    let mut put = |mark: char, lines: &[&str]| {
        for line in lines {
            text.push(mark);
            text += line;
            if !line.ends_with('\n') {
                text += "\n\\ No newline at end of file\n";
            }
        }
    };
    put(' ', old.get(..head).unwrap_or_default());
    put('-', old.get(head..old.len() - tail).unwrap_or_default());
    put('+', new.get(head..new.len() - tail).unwrap_or_default());
    put(' ', old.get(old.len() - tail..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Fix;
    use crate::source::Span;

    crate::declare_rule! {
        /// One.
        static ONE: error "FLC301" "one-thing";
    }

    fn finding(id: SourceId, edits: &[(u32, u32, &str)]) -> Diagnostic {
        let edits = edits.iter().map(|&(start, end, text)| Edit {
            span: Span::new(id, start, end),
            text: text.to_owned(),
        });
        let fix = Fix {
            title: "mend it".to_owned(),
            is_safe: true,
            edits: edits.collect(),
        };
        Diagnostic::new(&ONE, Span::new(id, 0, 0), "found").fix(fix)
    }

    #[test]
    fn overlapping_fixes_wait() {
        let mut sources = Sources::default();
        let id = sources.add("f.py", "abc\ndef\n");
        let found = [
            finding(id, &[(0, 1, "X")]),
            finding(id, &[(0, 3, "YYY")]),
            finding(id, &[(4, 7, "")]),
        ];
        let fixed = apply(&sources, &found);
        assert_eq!(fixed.count, 2);
        let after = fixed.files.get("f.py").map(|(_, after, _)| after.as_str());
        assert_eq!(after, Some("Xbc\n\n"));
    }

    #[test]
    fn a_patch_has_context_and_both_line_numbers() {
        let mut sources = Sources::default();
        let lines: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        let at = |text: &str| u32::try_from(lines.find(text).unwrap()).unwrap();
        let id = sources.add("f.py", lines.as_str());
        let found = [
            finding(id, &[(at("line 2\n"), at("line 3\n"), "")]),
            finding(id, &[(at("line 15"), at("line 16"), "new\nnewer\n")]),
        ];
        insta::assert_snapshot!(diff(&apply(&sources, &found)), @r"
        --- f.py
        +++ f.py
        @@ -1,6 +1,5 @@
         line 1
        -line 2
         line 3
         line 4
         line 5
         line 6
        @@ -12,8 +11,9 @@
         line 12
         line 13
         line 14
        -line 15
        +new
        +newer
         line 16
         line 17
         line 18
         line 19
        ");
    }
}
