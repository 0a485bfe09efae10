//! `@exit_hook`: functions of the flow that run after it, each in an interpreter of its own, by Metaflow's own script
//! (2.19: `runtime.py`, `_run_exit_hooks`). A hook that fails changes nothing.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::pipe::{PipeFlags, pipe_with};

use super::super::lines::Lines;
use super::super::worker::{Job, News, Setup, Worker};
use super::listen::readable;
use super::settle::cause;
use super::stop::signal_group;
use super::{GRACE, LINGER, SHORT_END, SIGINT, SIGKILL, Supervisor};

/// Metaflow's program that imports the flow's file and calls one function of it.
const SCRIPT: &str = "metaflow.plugins.exit_hook.exit_hook_script";

/// How often is asked whether a hook is over whose output something else holds open.
const TICK: Duration = Duration::from_millis(100);

/// The job's number for its worker, which has no other.
const JOB: u64 = 1;

/// A function of the flow that runs, and what it prints. It has a worker of its own, which ends it and all that it
/// started when flowc is killed.
struct Hook {
    worker: Worker,
    pid: Option<u32>,
    outputs: Vec<(OwnedFd, Lines)>,
    /// When it was told to end, and when it ended and how.
    interrupted: Option<Instant>,
    ended: Option<(Instant, Result<i32, String>)>,
}

impl Hook {
    fn start(python: &Path, words: &[&str]) -> Result<Self> {
        let mut worker = Worker::start(&Setup {
            python: python.to_owned(),
            folder: PathBuf::new(),
            is_warm: false,
            preload: Vec::new(),
            sources: Vec::new(),
            environment: Vec::new(),
        })?;
        let (stdout, stdout_writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stderr, stderr_writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let words = words.iter().map(|&word| word.to_owned());
        let job = Job {
            start: JOB,
            argv: std::iter::once(python.to_string_lossy().into_owned())
                .chain(words)
                .collect(),
            environment: Vec::new(),
            spawn: true,
            without: Vec::new(),
            is_init: false,
            origin: None,
            asked_file: None,
            configs_file: None,
        };
        worker.begin(&job, &stdout_writer, &stderr_writer)?;
        Ok(Self {
            worker,
            pid: None,
            outputs: [stdout, stderr].map(|pipe| (pipe, Lines::default())).into(),
            interrupted: None,
            ended: None,
        })
    }

    /// The first time in order, the second time at once; also what it started.
    fn interrupt(&mut self, now: Instant) {
        let signal = if self.interrupted.is_some() {
            SIGKILL
        } else {
            SIGINT
        };
        self.interrupted.get_or_insert(now);
        signal_group(self.pid, signal);
    }

    /// Whether all is over: it has ended, and its output too, or something it started keeps that for too long.
    fn is_over(&mut self, now: Instant) -> bool {
        if self.interrupted.is_some_and(|since| now >= since + GRACE) {
            signal_group(self.pid, SIGKILL);
        }
        if self.ended.is_some() && self.interrupted.is_some() {
            // What it started may ignore an interrupt.
            signal_group(self.pid, SIGKILL);
        }
        let is_silent = self.outputs.is_empty();
        let at = self.ended.as_ref().map(|(at, _)| *at);
        at.is_some_and(|at| is_silent || now >= at + LINGER || self.interrupted.is_some())
    }

    /// News of it.
    fn hear(&mut self, now: Instant) -> Result<()> {
        let is_gone = self.worker.receive()?;
        while let Some(news) = self.worker.news()? {
            match news {
                News::Started { pid, .. } => {
                    self.pid = Some(pid);
                    // An interrupt that came before.
                    if self.interrupted.is_some() {
                        signal_group(self.pid, SIGINT);
                    }
                }
                News::Ended { code, .. } => self.ended = Some((now, Ok(code))),
                News::Failed { error, .. } | News::Broken { broken: error } => {
                    self.ended = Some((now, Err(error)));
                }
                News::Ready { .. } => {}
            }
        }
        if is_gone && self.ended.is_none() {
            signal_group(self.pid, SIGKILL);
            self.ended = Some((now, Err("the process that started it was killed".to_owned())));
        }
        Ok(())
    }

    /// The lines that have come on one of its outputs; the last ones if that has ended.
    fn read(&mut self, index: usize, mut line: impl FnMut(&[u8])) -> Result<()> {
        let Some((pipe, lines)) = self.outputs.get_mut(index) else {
            return Ok(());
        };
        let mut buffer = [0; 8192];
        let size = match rustix::io::read(&*pipe, &mut buffer) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            read => read?,
        };
        lines.feed(buffer.get(..size).unwrap_or_default(), &mut line);
        if size == 0 {
            lines.finish(line);
            self.outputs.remove(index);
        }
        Ok(())
    }
}

/// What a hook's loop waits for.
#[derive(Clone, Copy)]
enum Source {
    Signals,
    Worker,
    Output(usize),
}

impl Supervisor<'_> {
    /// Whether the hooks were interrupted: those behind are not run then.
    pub(super) fn run_exit_hooks(&mut self, is_success: bool, is_interrupt: bool) -> bool {
        let hooks = &self.plan.flow.request.exit_hooks;
        let chosen = hooks.iter().flat_map(|hook| {
            if is_success {
                &hook.on_success
            } else {
                &hook.on_error
            }
        });
        let chosen: Vec<String> = chosen.cloned().collect();
        if is_interrupt && !chosen.is_empty() {
            self.console
                .say(None, "The exit hooks are not run: the run was interrupted.", true);
            return false;
        }
        for name in chosen {
            self.console
                .say(None, &format!("Exit hook {name} is starting."), false);
            self.console.flush();
            let text = match self.run_hook(&name) {
                Ok((Ok(0), false)) => continue,
                Ok((_, true)) => {
                    let text = format!("Exit hook {name} was interrupted; no other is run.");
                    self.console.say(None, &text, true);
                    return true;
                }
                Ok((Ok(code), false)) => cause(code),
                Ok((Err(error), false)) => error,
                Err(error) => format!("{error:#}"),
            };
            self.console
                .say(None, &format!("Exit hook {name} failed: {text}"), true);
        }
        false
    }

    /// How the hook ended, and whether it was interrupted. What it prints is shown as it comes.
    fn run_hook(&mut self, name: &str) -> Result<(Result<i32, String>, bool)> {
        let run = format!("{}/{}", self.plan.flow.name, self.options.run_id);
        let words = ["-m", SCRIPT, &self.plan.flow.file_name, name, &run];
        let mut hook = Hook::start(&self.options.python, &words)?;
        loop {
            let now = Instant::now();
            if hook.is_over(now) {
                break;
            }
            let ready = {
                let mut sources: Vec<(Source, BorrowedFd<'_>)> =
                    vec![(Source::Signals, self.signals.as_fd())];
                if hook.ended.is_none() {
                    sources.push((Source::Worker, hook.worker.socket()));
                }
                let outputs = hook.outputs.iter().enumerate();
                sources.extend(outputs.map(|(index, (pipe, _))| (Source::Output(index), pipe.as_fd())));
                readable(&sources, TICK)?
            };
            // From behind: an output that has ended leaves the list.
            for source in ready.into_iter().rev() {
                match source {
                    Source::Signals => {
                        self.signals.take();
                        hook.interrupt(now);
                    }
                    Source::Worker => hook.hear(now)?,
                    Source::Output(index) => {
                        let console = &mut self.console;
                        hook.read(index, |line| {
                            let line = String::from_utf8_lossy(line);
                            let line = line.trim_end_matches('\n');
                            console.say(None, &format!("[exit hook {name}] {line}"), false);
                        })?;
                    }
                }
            }
            self.console.flush();
        }
        let is_interrupted = hook.interrupted.is_some();
        hook.worker.finish(is_interrupted.then_some(SHORT_END));
        let (_, code) = hook.ended.context("the hook has not ended")?;
        Ok((code, is_interrupted))
    }
}
