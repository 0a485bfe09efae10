//! `--json-log`: one event a line, for programs. Documented in `docs/running.md`; a field is only ever added.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Serialize;

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
        cpu_seconds: f64,
        peak_memory_kib: u64,
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
#[derive(Debug, Default)]
pub struct Events {
    file: Option<BufWriter<File>>,
}

impl Events {
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let open =
            |path: &Path| File::create(path).with_context(|| format!("cannot write `{}`", path.display()));
        Ok(Self {
            file: path.map(open).transpose()?.map(BufWriter::new),
        })
    }

    pub fn is_on(&self) -> bool {
        self.file.is_some()
    }

    /// A log that cannot be written any more is given up; the run goes on.
    pub fn write(&mut self, event: Event<'_>) {
        let Some(file) = &mut self.file else { return };
        let line = Line {
            version: VERSION,
            time: Timestamp::now().to_string(),
            event,
        };
        let written = serde_json::to_writer(&mut *file, &line).is_ok() && file.write_all(b"\n").is_ok();
        if !written {
            self.file = None;
        }
    }

    pub fn flush(&mut self) {
        if let Some(file) = &mut self.file {
            let _ = file.flush();
        }
    }
}
