//! One attempt of a task while it runs: its pipes, its logs, how it ended. Decides nothing.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use jiff::Timestamp;

use super::lines::{Lines, Log};
use super::schedule::Item;
use super::worker::set_nonblocking;

/// A pipe of a running task.
#[derive(Debug)]
pub struct Stream {
    /// None when all writers have closed it.
    reader: Option<std::fs::File>,
    lines: Lines,
    pub log: Log,
}

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Exit status, or the negative number of a signal.
    pub code: i32,
    /// What it took; unknown where nobody waited for it.
    pub usage: Option<Usage>,
    pub at: Instant,
}

/// What a process and those it waited for took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Peak, in KiB.
    pub memory: u64,
    /// CPU seconds.
    pub cpu: f64,
}

#[derive(Debug)]
pub struct Attempt {
    pub item: Item,
    /// What its success means for the run.
    pub purpose: Purpose,
    pub step: String,
    pub task_id: String,
    /// `run/step/task`.
    pub path: String,
    pub number: u32,
    pub pid: Option<u32>,
    pub started: Instant,
    pub streams: [Stream; 2],
    pub ending: Option<Ending>,
    /// flowc itself ended it.
    pub is_killed: bool,
    /// What it left running was told to end.
    pub is_swept: bool,
    /// The last lines of stderr, for the end of the run.
    pub last_words: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The command `init`.
    Parameters,
    Run,
    /// Takes over a task of another run: `run/step/task`.
    Clone(String),
}

/// Index into [`Attempt::streams`].
pub const STDERR: usize = 1;

/// Lines of stderr that are kept: more than a traceback is nobody's last word.
const LAST_WORDS: usize = 200;

impl Stream {
    /// A pipe and its write end.
    pub fn new(log: Log) -> io::Result<(Self, OwnedFd)> {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        set_nonblocking(&reader)?;
        let stream = Self {
            reader: Some(reader.into()),
            lines: Lines::default(),
            log,
        };
        Ok((stream, writer))
    }

    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.reader.as_ref().map(AsFd::as_fd)
    }

    /// Reads what is there, up to a bound so that no task starves the others.
    pub fn read(&mut self, buffer: &mut [u8], mut line: impl FnMut(&[u8], Timestamp)) -> io::Result<()> {
        let Some(reader) = &mut self.reader else {
            return Ok(());
        };
        let read = match reader.read(buffer) {
            Ok(size) => size,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let now = Timestamp::now();
        let log = &mut self.log;
        let mut pass = |text: &[u8]| {
            log.write(text, now);
            line(text, now);
        };
        match buffer.get(..read) {
            Some(bytes) if read > 0 => self.lines.feed(bytes, pass),
            _ => {
                self.lines.finish(&mut pass);
                self.reader = None;
            }
        }
        self.log.flush()
    }

    /// Gives up on writers that are still there.
    pub fn close(&mut self, mut line: impl FnMut(&[u8], Timestamp)) {
        let now = Timestamp::now();
        let log = &mut self.log;
        self.lines.finish(|text| {
            log.write(text, now);
            line(text, now);
        });
        self.reader = None;
    }
}

impl Attempt {
    /// Ended, and all that it wrote is read.
    pub fn is_complete(&self) -> bool {
        self.ending.is_some() && self.streams.iter().all(|stream| stream.reader.is_none())
    }

    pub fn remember(&mut self, line: &[u8]) {
        if self.last_words.len() == LAST_WORDS {
            self.last_words.remove(0);
        }
        self.last_words
            .push(String::from_utf8_lossy(line).trim_end().to_owned());
    }
}
