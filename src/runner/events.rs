//! `--json-log`: one event a line, for programs. Documented in `docs/running.md`; a field is only ever added.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Serialize;

use super::patient::{Patient, Stopping};

/// The form of the events.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    RunStarted {
        run: &'a str,
        flow: &'a str,
        datastore: &'a str,
    },
    TaskStarted {
        task: &'a str,
        attempt: u32,
        pid: u32,
        origin: Option<&'a str>,
    },
    /// One line, without its end; bytes that are no UTF-8 are replaced.
    Output {
        task: &'a str,
        attempt: u32,
        stream: &'a str,
        line: &'a str,
    },
    TaskEnded {
        task: &'a str,
        attempt: u32,
        /// Exit status, or the negative number of a signal.
        code: i32,
        seconds: f64,
        /// Null where nobody waited for the process.
        cpu_seconds: Option<f64>,
        peak_memory_kib: Option<u64>,
    },
    RunEnded {
        run: &'a str,
        outcome: &'a str,
        error: Option<&'a str>,
        seconds: f64,
    },
}

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    time: String,
    #[serde(flatten)]
    event: Event<'a>,
}

/// Where events go; nowhere without a file.
#[derive(Default)]
pub struct Events {
    sink: Option<BufWriter<Box<dyn Write>>>,
    name: String,
    trouble: Option<io::Error>,
}

impl Events {
    /// `-` is stdout.
    pub fn open(path: Option<&Path>, stopping: &Stopping) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let sink: Box<dyn Write> = if is_stdout(path) {
            Box::new(Patient::new(io::stdout(), stopping)?)
        } else {
            Box::new(File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?)
        };
        Ok(Self {
            sink: Some(BufWriter::new(sink)),
            name: path.display().to_string(),
            trouble: None,
        })
    }

    pub fn is_on(&self) -> bool {
        self.sink.is_some()
    }

    /// A log that cannot be written any more is given up; the run goes on.
    pub fn write(&mut self, event: Event<'_>) {
        let line = Line {
            version: VERSION,
            time: Timestamp::now().to_string(),
            event,
        };
        self.attempt(|sink| {
            serde_json::to_writer(&mut *sink, &line)?;
            sink.write_all(b"\n")
        });
    }

    pub fn flush(&mut self) {
        self.attempt(Write::flush);
    }

    fn attempt(&mut self, act: impl FnOnce(&mut BufWriter<Box<dyn Write>>) -> io::Result<()>) {
        let Some(sink) = &mut self.sink else { return };
        if let Err(error) = act(sink) {
            self.sink = None;
            // A reader of stdout that went away has seen enough.
            let is_seen = self.name == "-" && error.kind() == io::ErrorKind::BrokenPipe;
            self.trouble = Some(error).filter(|_| !is_seen);
        }
    }

    /// Why the log was given up, once.
    pub fn trouble(&mut self) -> Option<String> {
        let error = self.trouble.take()?;
        Some(format!("cannot write `{}`: {error}", self.name))
    }
}

/// `-`, as for other programs.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}
