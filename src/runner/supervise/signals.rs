//! The signals that ask flowc to stop.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::super::patient::Stopping;
use super::super::store;
use super::{SIGHUP, SIGINT, SIGTERM};

/// Readable when one has come.
pub(super) struct Signals {
    socket: UnixStream,
}

impl Signals {
    pub fn watch(stopping: &Stopping) -> Result<Self> {
        let (socket, writer) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // `nohup flowc run …` outlives its terminal.
            if signal != SIGHUP || !is_ignored(signal) {
                signal_hook::flag::register(signal, Arc::clone(stopping))?;
                signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
            }
        }
        Ok(Self { socket })
    }

    /// Those that have come are heard now.
    pub fn take(&mut self) {
        let _ = self.socket.read(&mut [0; 16]);
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Did who started flowc have it ignore this signal (Linux)?
fn is_ignored(signal: i32) -> bool {
    let status = store::read(Path::new("/proc/self/status")).unwrap_or_default();
    let text = String::from_utf8_lossy(&status);
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}
