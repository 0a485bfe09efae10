//! Output to a reader that may not read: a pipe that is full must not keep flowc from hearing a signal. Knows no run.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// So much fits into a pipe that is writable (`PIPE_BUF`).
const PART: usize = 4096;
/// How often is looked for it.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};
/// How long the reader may still take once flowc is to stop.
const PATIENCE: Duration = Duration::from_secs(1);

/// Set once a signal has come.
pub type Stopping = Arc<AtomicBool>;

/// Standard output or standard error. Once flowc is to stop and nobody reads, writing fails as if the reader were gone.
pub struct Patient {
    out: File,
    stopping: Stopping,
    is_given_up: bool,
}

impl Patient {
    /// A descriptor of its own for the same output, without a buffer.
    pub fn new(out: impl AsFd, stopping: &Stopping) -> io::Result<Self> {
        let own: OwnedFd = out.as_fd().try_clone_to_owned()?;
        Ok(Self {
            out: File::from(own),
            stopping: Arc::clone(stopping),
            is_given_up: false,
        })
    }

    fn wait(&mut self) -> io::Result<()> {
        let mut since = None;
        if self.is_given_up {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        loop {
            let mut polled = [PollFd::new(&self.out, PollFlags::OUT)];
            match poll(&mut polled, Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if !self.stopping.load(Ordering::Relaxed) {
                continue;
            }
            let since: &mut Instant = since.get_or_insert_with(Instant::now);
            self.is_given_up |= since.elapsed() >= PATIENCE;
            if self.is_given_up {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait()?;
        self.out.write(bytes.get(..PART).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
