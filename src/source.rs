//! Source texts, the places in them, and the door to the file system. Knows nothing of Python.

use std::io;
use std::path::Path;
use std::sync::Arc;

/// Which text a [`Span`] lies in: an index into [`Sources`].
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The same text after [`Sources::absorb`]; the default is a run's first.
    #[must_use]
    pub fn moved(self, shift: Shift) -> Self {
        Self(self.0 + shift.0)
    }
}

/// A half-open range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// The same place after [`Sources::absorb`].
    #[must_use]
    pub fn moved(self, shift: Shift) -> Self {
        Self {
            source: self.source.moved(shift),
            ..self
        }
    }

    /// The smallest span that covers both; `other` must lie in the same source, else `self` is given back.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            ..self
        }
    }
}

/// How far [`Sources::absorb`] moved the texts.
#[derive(Clone, Copy, Debug)]
pub struct Shift(u32);

/// A place as people count: line and column from 1, the column in characters; `offset` in bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
    pub offset: u32,
}

/// A decoded text with the name under which it is shown to people (as given, never made absolute).
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    fn new(name: String, text: Arc<str>) -> Self {
        let line_starts = line_starts(&text);
        Self {
            name,
            text,
            line_starts,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The position of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.line_starts.partition_point(|&start| start as usize <= end);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0) as usize;
        let characters = self.text.get(start..end).map_or(0, |text| text.chars().count());
        Position {
            line: as_u32(line.max(1)),
            column: as_u32(characters + 1),
            offset: as_u32(end),
        }
    }

    /// The text of a span, empty where it does not lie on character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// The byte at which a line (from 1) begins.
    pub fn line_start(&self, line: u32) -> usize {
        let index = (line as usize).saturating_sub(1);
        self.line_starts
            .get(index)
            .map_or(self.text.len(), |&start| start as usize)
    }

    /// The text of a line (from 1) without its line end.
    pub fn line(&self, line: u32) -> &str {
        let start = line
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index as usize))
            .copied();
        let Some(start) = start else { return "" };
        let end = self
            .line_starts
            .get(line as usize)
            .map_or(self.text.len(), |&end| end as usize);
        self.text
            .get(start as usize..end)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }
}

/// All texts of one run, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.files.push(SourceFile::new(name.into(), text.into()));
        SourceId(as_u32(self.files.len() - 1))
    }

    /// Takes the texts of another run behind one's own; spans into them move by what is given back.
    pub fn absorb(&mut self, other: Self) -> Shift {
        let shift = Shift(as_u32(self.files.len()));
        self.files.extend(other.files);
        shift
    }

    /// Every text with its id, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (SourceId(as_u32(index)), file))
    }

    pub fn get(&self, id: SourceId) -> &SourceFile {
        #[expect(
            clippy::indexing_slicing,
            reason = "a SourceId is only made by `add`, and nothing is ever removed"
        )]
        &self.files[id.0 as usize]
    }

    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).slice(span)
    }

    pub fn start(&self, span: Span) -> Position {
        self.get(span.source).position(span.start)
    }

    pub fn end(&self, span: Span) -> Position {
        self.get(span.source).position(span.end)
    }
}

/// Where the core reads files: the disk in `cli`, memory in tests.
pub trait Files {
    /// The bytes of a file; `Ok(None)` when there is no such file.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// Is there a folder of this name?
    fn is_folder(&self, path: &Path) -> bool;
}

/// Why bytes are no Python text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoText {
    /// Not valid in the declared (or default) encoding; the line of the first bad byte.
    Encoding {
        encoding: String,
        line: u32,
    },
    UnknownEncoding {
        encoding: String,
    },
    Nul {
        line: u32,
    },
}

/// Decodes Python source: byte order mark, PEP 263 declaration in the first two lines, else UTF-8.
/// Known encodings are UTF-8, ASCII and Latin-1 (with their aliases), as in CPython's tokenizer.
pub fn decode(bytes: &[u8]) -> Result<String, NoText> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(nul) = bytes.iter().position(|&byte| byte == 0) {
        return Err(NoText::Nul {
            line: line_of(bytes, nul),
        });
    }
    let declared = declared_encoding(bytes).unwrap_or_else(|| "utf-8".to_owned());
    match declared.as_str() {
        "utf-8" | "utf8" | "u8" | "utf-8-sig" | "ascii" | "us-ascii" | "646" => {
            match std::str::from_utf8(bytes) {
                Ok(text) => Ok(text.to_owned()),
                Err(error) => Err(NoText::Encoding {
                    encoding: declared,
                    line: line_of(bytes, error.valid_up_to()),
                }),
            }
        }
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" | "cp819" => {
            Ok(bytes.iter().map(|&byte| char::from(byte)).collect())
        }
        _ => Err(NoText::UnknownEncoding { encoding: declared }),
    }
}

/// `# -*- coding: NAME -*-` in one of the first two lines, the first being blank or a comment (PEP 263).
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches([' ', '\t', '\x0c']);
        let Some(comment) = line.strip_prefix('#') else {
            if line.trim().is_empty() {
                continue;
            }
            return None;
        };
        if let Some(name) = encoding_in_comment(comment) {
            return Some(name);
        }
    }
    None
}

fn encoding_in_comment(comment: &str) -> Option<String> {
    let (_, rest) = comment.split_once("coding")?;
    let rest = rest.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
    let name: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    (!name.is_empty()).then(|| name.to_ascii_lowercase().replace('_', "-"))
}

fn line_of(bytes: &[u8], offset: usize) -> u32 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    as_u32(memchr::memchr_iter(b'\n', before).count() + 1)
}

/// Offsets at which lines begin; `\n`, `\r\n` and a lone `\r` end a line, as in Python.
fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (index, &byte) in bytes.iter().enumerate() {
        let ends = byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
        if ends {
            starts.push(as_u32(index + 1));
        }
    }
    starts
}

/// Sources are read only up to 4 GiB - 1, so lengths and counts fit.
fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_line_end() {
        let mut sources = Sources::default();
        let id = sources.add("f.py", "é = 1\r\nb\rcd\n");
        let at = |offset| sources.get(id).position(offset);
        assert_eq!(
            at(3),
            Position {
                line: 1,
                column: 3,
                offset: 3
            }
        );
        assert_eq!(
            at(8),
            Position {
                line: 2,
                column: 1,
                offset: 8
            }
        );
        assert_eq!(
            at(11),
            Position {
                line: 3,
                column: 2,
                offset: 11
            }
        );
        assert_eq!(
            at(99),
            Position {
                line: 4,
                column: 1,
                offset: 13
            }
        );
        assert_eq!(sources.get(id).line(3), "cd");
    }

    #[test]
    fn decodes_what_python_decodes() {
        assert_eq!(decode(b"\xef\xbb\xbfx").as_deref(), Ok("x"));
        assert_eq!(
            decode(b"# coding: latin-1\n\xe9").as_deref(),
            Ok("# coding: latin-1\né")
        );
        assert_eq!(
            decode(b"a\n\xe9"),
            Err(NoText::Encoding {
                encoding: "utf-8".to_owned(),
                line: 2
            })
        );
        assert_eq!(decode(b"a\n\0"), Err(NoText::Nul { line: 2 }));
        assert_eq!(
            decode(b"# coding=klingon\n"),
            Err(NoText::UnknownEncoding {
                encoding: "klingon".to_owned()
            })
        );
    }
}
