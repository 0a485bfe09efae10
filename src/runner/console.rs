//! What a person sees of a run: Metaflow's lines on stdout, and one live line of progress on a terminal.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::patient::{Patient, Stopping};

/// Colors of tasks; Metaflow shows all in green.
const COLORS: [u8; 6] = [32, 36, 34, 35, 33, 92];

/// How often the line of progress is drawn anew.
const REFRESH: Duration = Duration::from_millis(120);

/// Where a line comes from.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// `run/step/task`.
    pub path: &'a str,
    pub pid: Option<u32>,
    /// Picks the color.
    pub number: u64,
}

/// Writes to stdout, or to stderr where that is for something else, until nobody reads it any more; the logs of the
/// tasks are elsewhere.
pub struct Console {
    out: BufWriter<Patient>,
    errors: Patient,
    stopping: Stopping,
    zone: TimeZone,
    is_colored: bool,
    is_quiet: bool,
    is_closed: bool,
    trouble: Option<io::Error>,
    is_terminal: bool,
    progress: Option<Progress>,
}

/// Where the lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Stdout,
    Stderr,
}

#[derive(Default)]
struct Progress {
    /// As last made.
    text: String,
    made: Option<Instant>,
    is_shown: bool,
    /// Something happened since.
    is_old: bool,
}

impl Console {
    /// # Errors
    /// No further file can be opened.
    pub fn new(out: Out, is_colored: bool, is_quiet: bool) -> io::Result<Self> {
        let stopping = Stopping::default();
        let (out, is_terminal) = match out {
            Out::Stdout => (Patient::new(io::stdout(), &stopping)?, io::stdout().is_terminal()),
            Out::Stderr => (Patient::new(io::stderr(), &stopping)?, io::stderr().is_terminal()),
        };
        // A dumb terminal cannot go back in a line.
        let is_dumb = std::env::var_os("TERM").is_some_and(|kind| kind == "dumb");
        let has_progress = is_terminal && io::stderr().is_terminal() && !is_quiet && !is_dumb;
        Ok(Self {
            out: BufWriter::new(out),
            errors: Patient::new(io::stderr(), &stopping)?,
            stopping,
            zone: TimeZone::system(),
            is_colored,
            is_quiet,
            is_closed: false,
            trouble: None,
            is_terminal,
            progress: has_progress.then(Progress::default),
        })
    }

    /// To be set when flowc is to stop: nobody is waited for then who does not read.
    pub fn stopping(&self) -> Stopping {
        Stopping::clone(&self.stopping)
    }

    /// Text for stderr, as it is. Nobody is there to tell when that is closed.
    pub fn complain(&mut self, text: &str) {
        let _ = self.errors.write_all(text.as_bytes());
    }

    /// A line of the scheduler about the run or a task.
    pub fn say(&mut self, head: Option<Head<'_>>, text: &str, is_bad: bool) {
        if self.is_quiet && !is_bad {
            return;
        }
        let style = if is_bad { "\x1b[1;31m" } else { "\x1b[1m" };
        self.line(Timestamp::now(), head, text, style);
    }

    /// A line that a task printed.
    pub fn task_line(&mut self, now: Timestamp, head: Head<'_>, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        let text = if self.is_terminal { last_drawn(text) } else { text };
        // A color that a task does not take back ends with its line.
        let is_open = self.is_colored && text.contains('\x1b');
        self.line(now, Some(head), text, if is_open { "\x1b[0m" } else { "" });
    }

    fn line(&mut self, now: Timestamp, head: Option<Head<'_>>, text: &str, style: &str) {
        if self.is_closed {
            return;
        }
        self.hide_progress();
        let now = self.zone.to_datetime(now);
        let time = now.strftime("%Y-%m-%d %H:%M:%S.%3f");
        let result = self.write(&time, head, text, style);
        self.notice(result);
    }

    fn write(
        &mut self,
        time: &dyn std::fmt::Display,
        head: Option<Head<'_>>,
        text: &str,
        style: &str,
    ) -> io::Result<()> {
        let [dim, reset] = if self.is_colored {
            ["\x1b[2m", "\x1b[0m"]
        } else {
            ["", ""]
        };
        write!(self.out, "{dim}{time}{reset} ")?;
        if let Some(Head { path, pid, number }) = head {
            let color = usize::try_from(number)
                .ok()
                .and_then(|number| COLORS.get(number % COLORS.len()));
            if let Some(color) = color.filter(|_| self.is_colored) {
                write!(self.out, "\x1b[{color}m")?;
            }
            match pid {
                Some(pid) => write!(self.out, "[{path} (pid {pid})]{reset} ")?,
                None => write!(self.out, "[{path}]{reset} ")?,
            }
        }
        let style = if self.is_colored { style } else { "" };
        let reset = if style.is_empty() { "" } else { reset };
        writeln!(self.out, "{style}{text}{reset}")
    }

    /// Text as it is: summaries.
    pub fn block(&mut self, text: &str, is_bad: bool) {
        if !self.is_closed && (is_bad || !self.is_quiet) {
            self.hide_progress();
            let result = self.out.write_all(text.as_bytes());
            self.notice(result);
        }
    }

    pub fn flush(&mut self) {
        if !self.is_closed {
            let result = self.out.flush();
            self.notice(result);
        }
    }

    /// A reader that went away is no reason to end a run; a disk that is full is none either, but is told.
    fn notice(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.is_closed = true;
            self.trouble = Some(error).filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        }
    }

    /// Why no more lines are written, once.
    pub fn trouble(&mut self) -> Option<String> {
        let error = self.trouble.take()?;
        Some(format!("cannot write the output: {error}"))
    }

    /// Is there a terminal, and is it time for another line of progress?
    pub fn is_progress_due(&self) -> bool {
        let made = self.progress.as_ref().map(|progress| progress.made);
        made.is_some_and(|made| made.is_none_or(|made| made.elapsed() >= REFRESH))
    }

    /// Another line of progress; a run in which something failed shows it in red.
    pub fn set_progress(&mut self, text: &str, is_bad: bool) {
        let style = if is_bad { "\x1b[31m" } else { "\x1b[2m" };
        let [style, reset] = if self.is_colored {
            [style, "\x1b[0m"]
        } else {
            ["", ""]
        };
        let Some(progress) = &mut self.progress else {
            return;
        };
        let text: String = text.chars().take(terminal_width().saturating_sub(1)).collect();
        *progress = Progress {
            text: format!("{style}{text}{reset}"),
            made: Some(Instant::now()),
            is_shown: false,
            is_old: false,
        };
    }

    /// Draws the line of progress where output or another one took its place.
    pub fn show_progress(&mut self) {
        self.flush();
        let Some(progress) = self.progress.as_mut().filter(|progress| !progress.is_shown) else {
            return;
        };
        progress.is_shown = true;
        // Progress that cannot be shown is not missed.
        let _ = write!(self.errors, "\r\x1b[2K{}", progress.text);
    }

    pub fn hide_progress(&mut self) {
        if let Some(progress) = self.progress.as_mut().filter(|progress| progress.is_shown) {
            progress.is_shown = false;
            progress.is_old = true;
            let _ = write!(self.errors, "\r\x1b[2K");
        }
    }

    /// Red, bold and back, for stderr.
    pub fn error_styles(&self) -> [&'static str; 3] {
        if self.is_colored && io::stderr().is_terminal() {
            ["\x1b[1;31m", "\x1b[1m", "\x1b[0m"]
        } else {
            [""; 3]
        }
    }

    /// When the line of progress is to be made anew at the latest; never where there is none.
    pub fn progress_patience(&self) -> Option<Duration> {
        let progress = self.progress.as_ref()?;
        let Some(made) = progress.made.filter(|_| progress.is_old) else {
            return Some(Duration::from_secs(1));
        };
        Some(REFRESH.saturating_sub(made.elapsed()))
    }
}

/// What a terminal would show in the end of a line that is drawn over itself, as progress bars are.
fn last_drawn(line: &str) -> &str {
    let drawn = line.rsplit('\r').find(|drawn| !drawn.trim().is_empty());
    drawn.map_or(line, str::trim)
}

fn terminal_width() -> usize {
    let width = rustix::termios::tcgetwinsize(io::stderr()).map_or(0, |size| usize::from(size.ws_col));
    if width == 0 { 80 } else { width }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_bar_is_shown_as_it_was_last() {
        assert_eq!(last_drawn("0%\r50%\r100%"), "100%");
        assert_eq!(last_drawn("100%\r  "), "100%");
        assert_eq!(last_drawn("plain"), "plain");
    }
}
