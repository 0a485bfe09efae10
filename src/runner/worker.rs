//! The Python process that starts the tasks (`templates/worker.py`), and the messages to and from it: four bytes of
//! length, then JSON. Knows no step.

use std::ffi::OsString;
use std::io::{self, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

const BOOTSTRAP: &str = include_str!("../../templates/bootstrap.py");
const SOURCE: &str = include_str!("../../templates/worker.py");

/// How the worker is to be.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The interpreter, absolute.
    pub python: PathBuf,
    /// The flow's folder, first in `sys.path`.
    pub folder: PathBuf,
    /// Import Metaflow and wait to be forked; else every task is a new interpreter.
    pub is_warm: bool,
    /// Modules to import too; `auto` stands for those of installed packages that the sources import, `none` for none.
    pub preload: Vec<String>,
    /// The flow's files.
    pub sources: Vec<PathBuf>,
    /// Variables on top of flowc's own.
    pub environment: Vec<(String, OsString)>,
}

/// A process to start.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// The number by which the worker speaks of it.
    pub start: u64,
    pub argv: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// A new interpreter, not a fork.
    pub spawn: bool,
    /// Decorators of Metaflow that do nothing here.
    pub without: Vec<String>,
    /// The command `init`, which evaluates defaults.
    pub is_init: bool,
    /// `run/_parameters/task` whose parameters `init` takes over.
    pub origin: Option<String>,
    /// A file into which `init` writes what the decorators ask.
    pub asked_file: Option<PathBuf>,
    /// A file into which `init` writes what the Configs hold.
    pub configs_file: Option<PathBuf>,
}

/// What the worker says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase", untagged)]
pub enum News {
    Ready {
        ready: Ready,
    },
    /// It could not import Metaflow; the text is a traceback.
    Broken {
        broken: String,
    },
    Started {
        started: u64,
        pid: u32,
    },
    Ended {
        ended: u64,
        /// Exit status, or the negative number of a signal.
        code: i32,
        /// Peak resident memory in KiB.
        memory: u64,
        /// Seconds.
        cpu: f64,
    },
    Failed {
        failed: u64,
        error: String,
    },
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Ready {
    /// `3.11`.
    pub python: String,
    #[serde(default)]
    pub metaflow: String,
    pub threads: u32,
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Modules that could be preloaded.
    #[serde(default)]
    pub suggested: Vec<String>,
}

/// The running worker.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    socket: UnixStream,
    /// What it and its imports write outside of tasks.
    pub stderr: ChildStderr,
    received: Vec<u8>,
}

impl Worker {
    /// Starts it; it says when it is ready.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the runner starts a program"
    )]
    pub fn start(setup: &Setup) -> Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(&setup.python);
        command
            .args(["-c", BOOTSTRAP, "0"])
            .envs(setup.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start Python at `{}`", setup.python.display()))?;
        let stderr = child.stderr.take().context("the worker has no stderr")?;
        set_nonblocking(&stderr)?;
        let mut worker = Self {
            child,
            socket: ours,
            stderr,
            received: Vec::new(),
        };
        worker.send(
            &serde_json::json!({
                "source": SOURCE,
                "bootstrap": BOOTSTRAP,
                "folder": setup.folder,
                "warm": setup.is_warm,
                "preload": setup.preload,
                "sources": setup.sources,
            }),
            &[],
        )?;
        Ok(worker)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Starts a process whose stdout and stderr are these pipes.
    pub fn begin(&mut self, job: &Job, stdout: &OwnedFd, stderr: &OwnedFd) -> io::Result<()> {
        self.send(job, &[stdout.as_fd(), stderr.as_fd()])
    }

    /// Signals the group of one process, or of all.
    pub fn signal(&mut self, pid: Option<u32>, signal: i32) -> io::Result<()> {
        self.send(&serde_json::json!({"signal": signal, "task": pid}), &[])
    }

    /// At once; its socket closes.
    pub fn kill(&mut self) {
        // One that is gone already is what was wanted.
        let _ = self.child.kill();
    }

    /// Ends the worker. With `killing` it ends all that its tasks left behind too, and is itself killed after that time.
    pub fn finish(mut self, killing: Option<Duration>) {
        // When it is gone already there is nothing to say.
        let _ = self.send(&serde_json::json!({"finish": killing.is_some()}), &[]);
        let Some(patience) = killing else {
            let _ = self.child.wait();
            return;
        };
        // One that imports what takes for ever does not listen.
        let _ = self.ended_within(patience);
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (Ok(None), Some(group)) = (self.child.try_wait(), group) {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.child.wait();
        }
    }

    fn send(&mut self, message: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let body = serde_json::to_vec(message)?;
        let size = u32::try_from(body.len()).map_err(io::Error::other)?.to_be_bytes();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        // A closed socket must be an error, not a signal; Rust programs ignore SIGPIPE.
        let sent = sendmsg(
            &self.socket,
            &[IoSlice::new(&size)],
            &mut ancillary,
            SendFlags::empty(),
        )?;
        self.socket.write_all(size.get(sent..).unwrap_or_default())?;
        self.socket.write_all(&body)
    }

    /// Reads what is there; true when the worker is gone. Call it when the socket is readable.
    pub fn receive(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        match self.socket.read(&mut buffer) {
            Ok(0) => Ok(true),
            Ok(size) => {
                self.received
                    .extend_from_slice(buffer.get(..size).unwrap_or_default());
                Ok(false)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The next whole message of those received.
    pub fn news(&mut self) -> Result<Option<News>> {
        let Some((head, rest)) = self.received.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let size = u32::from_be_bytes(*head) as usize;
        let Some(body) = rest.get(..size) else {
            return Ok(None);
        };
        let news = serde_json::from_slice(body).context("the worker sent something else than a message")?;
        self.received.drain(..size + 4);
        Ok(Some(news))
    }

    /// After the worker died: how, and its last words.
    pub fn autopsy(mut self) -> String {
        let mut words = String::new();
        let _ = self.stderr.read_to_string(&mut words);
        let status = self
            .ended()
            .map_or_else(|error| error.to_string(), |status| status.to_string());
        format!(
            "{status}{}{}",
            if words.is_empty() { "" } else { "\n" },
            words.trim_end()
        )
    }
}

impl Worker {
    /// It closed its socket: the rest takes a moment, or does not come.
    fn ended(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.ended_within(Duration::from_millis(200))? {
            return Ok(status);
        }
        self.child.kill()?;
        self.child.wait()
    }

    fn ended_within(&mut self, patience: Duration) -> io::Result<Option<ExitStatus>> {
        let began = Instant::now();
        loop {
            let status = self.child.try_wait()?;
            if status.is_some() || began.elapsed() >= patience {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }
}

pub fn set_nonblocking(descriptor: impl AsFd) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(&descriptor)?;
    Ok(rustix::fs::fcntl_setfl(
        &descriptor,
        flags | rustix::fs::OFlags::NONBLOCK,
    )?)
}

/// The interpreter: the one given, that of the active virtual environment, the first on the path.
pub fn find_python(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        let is_name = path.components().count() == 1 && !path.exists();
        let found = if is_name {
            on_path(&path.to_string_lossy())
        } else {
            Some(path.to_owned())
        };
        let found = found.with_context(|| format!("no `{}` on the path", path.display()))?;
        return Ok(std::path::absolute(found)?);
    }
    let active = std::env::var_os("VIRTUAL_ENV").map(|folder| PathBuf::from(folder).join("bin/python"));
    active
        .filter(|path| path.is_file())
        .or_else(|| on_path("python"))
        .or_else(|| on_path("python3"))
        .context("no Python found; give one with --python")
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())?;
    std::path::absolute(found).ok()
}
