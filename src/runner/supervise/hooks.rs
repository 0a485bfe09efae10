//! `@exit_hook`: functions of the flow that run after it, each in an interpreter of its own, by Metaflow's own script
//! (2.19: `runtime.py`, `_run_exit_hooks`). A hook that fails changes nothing.

use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::lines::Lines;
use super::listen::readable;
use super::stop::signal_group;
use super::{GRACE, LINGER, SIGINT, SIGKILL, Supervisor};

/// Metaflow's program that imports the flow's file and calls one function of it.
const SCRIPT: &str = "metaflow.plugins.exit_hook.exit_hook_script";

/// How often is asked whether a hook is over whose output something else holds open.
const TICK: Duration = Duration::from_millis(100);

/// A function of the flow that runs, and what it prints.
struct Hook {
    child: Child,
    outputs: Vec<(Box<dyn Output>, Lines)>,
    /// When it was told to end, and when it ended.
    interrupted: Option<Instant>,
    ended: Option<(Instant, ExitStatus)>,
}

trait Output: Read + AsFd {}
impl<T: Read + AsFd> Output for T {}

impl Hook {
    fn start(mut command: Command) -> Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Output>);
        let stderr = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Output>);
        let pipes = stdout.into_iter().chain(stderr);
        Ok(Self {
            child,
            outputs: pipes.map(|pipe| (pipe, Lines::default())).collect(),
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
        signal_group(Some(self.child.id()), signal);
    }

    /// Whether all is over: it has ended, and its output too, or something it started keeps that for too long.
    fn is_over(&mut self, now: Instant) -> Result<bool> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?.map(|status| (now, status));
        }
        if self.interrupted.is_some_and(|since| now >= since + GRACE) {
            signal_group(Some(self.child.id()), SIGKILL);
        }
        if self.ended.is_some() && self.interrupted.is_some() {
            // What it started may ignore an interrupt.
            signal_group(Some(self.child.id()), SIGKILL);
        }
        let is_silent = self.outputs.is_empty();
        Ok(self
            .ended
            .is_some_and(|(at, _)| is_silent || now >= at + LINGER || self.interrupted.is_some()))
    }

    /// The lines that have come on one of its outputs; the last ones if that has ended.
    fn read(&mut self, index: usize, mut line: impl FnMut(&[u8])) -> Result<()> {
        let Some((pipe, lines)) = self.outputs.get_mut(index) else {
            return Ok(());
        };
        let mut buffer = [0; 8192];
        let size = match pipe.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
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
                Ok((status, false)) if status.success() => continue,
                Ok((_, true)) => {
                    let text = format!("Exit hook {name} was interrupted; no other is run.");
                    self.console.say(None, &text, true);
                    return true;
                }
                Ok((status, false)) => status.to_string(),
                Err(error) => format!("{error:#}"),
            };
            self.console
                .say(None, &format!("Exit hook {name} failed: {text}"), true);
        }
        false
    }

    /// How the hook ended, and whether it was interrupted. What it prints is shown as it comes.
    #[expect(clippy::disallowed_methods, reason = "the runner starts programs")]
    fn run_hook(&mut self, name: &str) -> Result<(ExitStatus, bool)> {
        let run = format!("{}/{}", self.plan.flow.name, self.options.run_id);
        let mut command = Command::new(&self.options.python);
        command.args(["-m", SCRIPT, &self.plan.flow.file_name, name, &run]);
        let mut hook = Hook::start(command)?;
        loop {
            let now = Instant::now();
            if hook.is_over(now)? {
                break;
            }
            let ready = {
                let mut sources: Vec<(Option<usize>, BorrowedFd<'_>)> = vec![(None, self.signals.as_fd())];
                let outputs = hook.outputs.iter().enumerate();
                sources.extend(outputs.map(|(index, (pipe, _))| (Some(index), pipe.as_fd())));
                readable(&sources, TICK)?
            };
            // From behind: an output that has ended leaves the list.
            for source in ready.into_iter().rev() {
                let Some(index) = source else {
                    let _ = self.signals.read(&mut [0; 16]);
                    hook.interrupt(now);
                    continue;
                };
                let console = &mut self.console;
                hook.read(index, |line| {
                    let line = String::from_utf8_lossy(line);
                    let line = line.trim_end_matches('\n');
                    console.say(None, &format!("[exit hook {name}] {line}"), false);
                })?;
            }
            self.console.flush();
        }
        let status = match hook.ended {
            Some((_, status)) => status,
            None => hook.child.wait()?,
        };
        Ok((status, hook.interrupted.is_some()))
    }
}
