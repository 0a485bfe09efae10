//! The two streams: results on stdout, all else on stderr. A reader that goes away is no error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use super::arguments::Color;

/// How to speak, from the global options and the environment.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    pub is_quiet: bool,
    pub is_verbose: bool,
    pub color: Color,
    /// `NO_COLOR` is set to something (<https://no-color.org>).
    pub no_color: bool,
}

impl Voice {
    /// Is the result colored? Never when it goes to a file.
    pub fn colors_stdout(self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    pub fn colors_stderr(self) -> bool {
        self.colors(io::stderr().is_terminal())
    }

    fn colors(self, is_terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !self.no_color,
        }
    }

    /// A line about what went wrong with flowc's own work.
    pub fn error(self, message: impl Display) {
        self.line("error", "\x1b[1;31m", &message);
    }

    pub fn warning(self, message: impl Display) {
        if !self.is_quiet {
            self.line("warning", "\x1b[1;33m", &message);
        }
    }

    /// A line about what was done; not with `--quiet`.
    pub fn note(self, message: impl Display) {
        if !self.is_quiet {
            say(&format!("{message}\n"));
        }
    }

    /// Said with `--verbose` only.
    pub fn detail(self, message: impl Display) {
        if self.is_verbose {
            say(&format!("{message}\n"));
        }
    }

    fn line(self, word: &str, color: &str, message: &dyn Display) {
        if self.colors(io::stderr().is_terminal()) {
            say(&format!("{color}{word}\x1b[0m: {message}\n"));
        } else {
            say(&format!("{word}: {message}\n"));
        }
    }
}

/// Writes the result. A closed pipe counts as written: the reader has seen enough.
pub fn print(result: impl AsRef<[u8]>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(result.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes to stderr; when even that fails there is nobody left to tell.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A line on stderr that shows how far something is; only on a terminal.
#[cfg(feature = "upload")]
pub struct Bar {
    what: &'static str,
    is_shown: bool,
}

#[cfg(feature = "upload")]
impl Bar {
    const WIDTH: usize = 30;

    pub fn new(what: &'static str, voice: Voice) -> Self {
        Self {
            what,
            is_shown: !voice.is_quiet && io::stderr().is_terminal(),
        }
    }

    /// In bytes.
    pub fn show(&mut self, done: usize, total: usize) {
        if !self.is_shown {
            return;
        }
        let filled = (done * Self::WIDTH).checked_div(total).unwrap_or(Self::WIDTH);
        let bar = "=".repeat(filled) + &" ".repeat(Self::WIDTH - filled.min(Self::WIDTH));
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        say(&format!(
            "\r\x1b[2K{} [{bar}] {percent:3} % of {total} bytes",
            self.what
        ));
    }

    pub fn hide(&mut self) {
        if self.is_shown {
            say("\r\x1b[2K");
        }
    }
}
