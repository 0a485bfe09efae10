//! Bytes of a pipe cut into lines, and Metaflow's log file of them. Shows nothing to anybody.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use jiff::Timestamp;

/// A line without an end is passed on in pieces of this size.
const LONGEST: usize = 1024 * 1024;

/// Collects bytes until a line is whole.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Takes bytes and gives the lines that are whole, each with its line feed.
    pub fn feed(&mut self, bytes: &[u8], mut line: impl FnMut(&[u8])) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let is_whole = piece.ends_with(b"\n");
            if is_whole && self.partial.is_empty() {
                line(piece);
                continue;
            }
            self.partial.extend_from_slice(piece);
            if is_whole || self.partial.len() >= LONGEST {
                line(&self.partial);
                self.partial.clear();
            }
        }
    }

    /// The line that never ended.
    pub fn finish(&mut self, mut line: impl FnMut(&[u8])) {
        if !self.partial.is_empty() {
            line(&self.partial);
            self.partial.clear();
        }
    }
}

/// `<attempt>.runtime_stdout.log` of a task: Metaflow's structured lines (`mflog` of 2.19), up to a size.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
    size: usize,
    limit: usize,
    is_truncated: bool,
    /// The last line has not ended: it comes in pieces.
    is_open: bool,
    serial: u64,
    /// Makes the ids of lines unique among all logs.
    seed: u64,
}

impl Log {
    pub fn new(path: PathBuf, limit: usize, seed: u64) -> Self {
        Self {
            path,
            file: None,
            buffer: Vec::new(),
            size: 0,
            limit,
            is_truncated: false,
            is_open: false,
            serial: 0,
            seed,
        }
    }

    /// A line of the task, or a piece of one.
    pub fn write(&mut self, line: &[u8], now: Timestamp) {
        if self.is_truncated {
            return;
        }
        let (before, was_open) = (self.buffer.len(), self.is_open);
        if was_open {
            self.buffer.extend_from_slice(line);
        } else {
            self.append(line, now);
        }
        self.is_open = !line.ends_with(b"\n");
        let added = self.buffer.len() - before;
        if self.size + added < self.limit {
            self.size += added;
        } else {
            self.buffer.truncate(before);
            self.is_open = was_open;
            self.note("[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]\n", now);
            self.is_truncated = true;
        }
    }

    /// A line of the scheduler, whatever the size.
    pub fn note(&mut self, line: &str, now: Timestamp) {
        if std::mem::take(&mut self.is_open) {
            self.buffer.push(b'\n');
        }
        self.append(line.as_bytes(), now);
    }

    fn append(&mut self, line: &[u8], now: Timestamp) {
        self.serial += 1;
        let (seed, serial) = (self.seed, self.serial);
        let time = now.strftime("%Y-%m-%dT%H:%M:%S.%6f");
        // Ids have the form of a uuid; all that matters is that no two lines share one.
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            seed >> 32,
            (seed >> 16) & 0xffff,
            (seed >> 4) & 0xfff,
            (serial >> 48) & 0xfff,
            serial & 0xffff_ffff_ffff
        );
        // Writing to memory cannot fail.
        let _ = write!(self.buffer, "[MFLOG|0|{time}Z|runtime|{id}]");
        self.buffer.extend_from_slice(line);
    }

    /// Brings what was written to the disk. Of a task that is silent there is no file, which for Metaflow's client is as
    /// an empty one (`TaskDataStore.load_logs`); making two of them costs more than all the rest of a task's scheduling.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                if let Some(folder) = self.path.parent() {
                    fs::create_dir_all(folder)?;
                }
                none.insert(File::create(&self.path)?)
            }
        };
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_lines_wherever_reads_end() {
        let text = b"one\ntwo\n\nlast";
        for cut in 0..text.len() {
            let mut found: Vec<Vec<u8>> = Vec::new();
            let mut lines = Lines::default();
            lines.feed(&text[..cut], |line| found.push(line.to_vec()));
            lines.feed(&text[cut..], |line| found.push(line.to_vec()));
            lines.finish(|line| found.push(line.to_vec()));
            assert_eq!(found, [&b"one\n"[..], b"two\n", b"\n", b"last"]);
        }
    }

    /// What a log says of some pieces, without what is before each line.
    fn said(limit: usize, write: impl FnOnce(&mut Log, Timestamp)) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/step/t1/0.runtime_stdout.log");
        let mut log = Log::new(path.clone(), limit, 7);
        write(&mut log, Timestamp::from_second(1_700_000_000).unwrap());
        log.flush().unwrap();
        let text = String::from_utf8(super::super::store::read(&path).unwrap()).unwrap();
        let lines = text
            .lines()
            .map(|line| line.split_once(']').unwrap().1.to_owned());
        lines.collect()
    }

    #[test]
    fn a_line_in_pieces_is_one_line() {
        let lines = said(4000, |log, now| {
            log.write(b"one, ", now);
            log.write(b"two\n", now);
            log.write(b"half", now);
            log.note("Task failed.\n", now);
        });
        assert_eq!(lines, ["one, two", "half", "Task failed."]);
        let lines = said(100, |log, now| {
            log.write(b"one, ", now);
            log.write(&[b'x'; 100], now);
        });
        assert_eq!(lines, ["one, ", "[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]"]);
    }

    #[test]
    fn a_log_ends_at_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/step/t1/0.runtime_stdout.log");
        let mut log = Log::new(path.clone(), 300, 7);
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        for _ in 0..5 {
            log.write(b"0123456789\n", now);
        }
        log.note("Task failed.\n", now);
        log.flush().unwrap();
        let text = String::from_utf8(super::super::store::read(&path).unwrap()).unwrap();
        let lines: Vec<_> = text.lines().map(|line| line.split_once(']').unwrap()).collect();
        assert!(
            lines[0]
                .0
                .starts_with("[MFLOG|0|2023-11-14T22:13:20.000000Z|runtime|")
        );
        let said: Vec<_> = lines.iter().map(|(_, text)| *text).collect();
        let marker = "[TRUNCATED - MAXIMUM LOG FILE SIZE REACHED]";
        assert_eq!(
            said,
            ["0123456789", "0123456789", "0123456789", marker, "Task failed."]
        );
    }
}
