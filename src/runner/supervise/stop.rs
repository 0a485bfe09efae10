//! How a run is stopped: by a failure, by a signal, by the death of the worker; and what tasks leave behind.

use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use super::super::attempt::Attempt;
use super::super::console::Head;
use super::{Failure, GRACE, LINGER, LONG_END, SHORT_LINGER, SIGINT, SIGKILL, State, Supervisor, number_of};

impl Supervisor<'_> {
    pub(super) fn fail(&mut self, failure: Failure) {
        if self.state != State::Going {
            return;
        }
        self.failure = Some(failure);
        self.delayed.clear();
        self.console.say(None, "Workflow failed.", true);
        self.stop(false);
    }

    /// A disk that is full, say: the run fails in order, with what its tasks still print shown. One that has not begun
    /// cannot start.
    pub(super) fn cannot_go_on(&mut self, what: &str, error: anyhow::Error) -> Result<()> {
        if !self.has_begun {
            return Err(error.context(what.to_owned()));
        }
        self.fail(Failure {
            message: format!("{what}: {error}"),
            last_words: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn stop(&mut self, is_interrupt: bool) {
        self.state = State::Stopping {
            since: Instant::now(),
            is_interrupt,
        };
        let alive = self.running.values().filter(|attempt| attempt.ending.is_none());
        let alive = alive.count();
        if alive > 0 {
            let text = format!("Terminating {alive} active tasks...");
            self.console.say(None, &text, true);
        }
    }

    pub(super) fn interrupted(&mut self) {
        self.signals.take();
        self.delayed.clear();
        if !self.has_begun {
            self.never_mind();
            return;
        }
        match self.state {
            State::Going
            | State::Stopping {
                is_interrupt: false, ..
            } => {
                let text = "Workflow interrupted: ending its tasks; once more kills them.";
                self.console.say(None, text, true);
                self.stop(true);
                self.signal_all(SIGINT);
            }
            State::Stopping {
                is_interrupt: true, ..
            } => self.kill(true),
            State::Killing { .. } => {}
        }
    }

    /// Nothing of the flow has run that could be ended in order: what is under way is forgotten, and ends with the worker.
    fn never_mind(&mut self) {
        if self.state == State::Going {
            self.console
                .say(None, "Interrupted before the workflow started.", true);
        }
        self.state = State::Killing {
            since: Instant::now(),
            is_interrupt: true,
        };
        self.running.clear();
    }

    pub(super) fn signal_all(&mut self, signal: i32) {
        if let Some(worker) = &mut self.worker {
            // A worker that is gone took its tasks along.
            let _ = worker.signal(None, signal);
        }
    }

    pub(super) fn kill(&mut self, is_interrupt: bool) {
        let alive: Vec<_> = self
            .running
            .values_mut()
            .filter(|attempt| attempt.ending.is_none())
            .collect();
        if !alive.is_empty() {
            self.console
                .say(None, &format!("Killing {} remaining tasks.", alive.len()), true);
        }
        for attempt in alive {
            attempt.is_killed = true;
            for stream in &mut attempt.streams {
                stream.log.note("[KILLED BY ORCHESTRATOR]\n", Timestamp::now());
            }
        }
        self.state = State::Killing {
            since: Instant::now(),
            is_interrupt,
        };
        self.signal_all(SIGKILL);
    }

    /// When what a finished task left running has to let go of its output.
    pub(super) fn linger_end(&self, attempt: &Attempt) -> Option<Instant> {
        let ending = attempt.ending?;
        let is_patient = ending.code == 0 && self.state == State::Going;
        let first = if is_patient { LINGER } else { SHORT_LINGER };
        Some(
            ending.at
                + first
                + if attempt.is_swept {
                    SHORT_LINGER
                } else {
                    Duration::ZERO
                },
        )
    }

    pub(super) fn keep_time(&mut self) -> Result<()> {
        let now = Instant::now();
        if let State::Stopping { since, is_interrupt } = self.state
            && now >= since + GRACE
        {
            self.kill(is_interrupt);
        }
        if let State::Killing { since, is_interrupt } = self.state
            && now >= since + LONG_END
        {
            self.state = State::Killing {
                since: now,
                is_interrupt,
            };
            // It does not listen (`kill -STOP`), so that it is killed itself; its death is heard.
            if let Some(worker) = &mut self.worker {
                worker.kill();
            }
        }
        let late = self
            .running
            .iter()
            .filter(|(_, attempt)| self.linger_end(attempt).is_some_and(|end| end <= now));
        let late: Vec<u64> = late.map(|(&job, _)| job).collect();
        for job in late {
            self.sweep(job);
        }
        self.settle()
    }

    /// Ends what a task left running; if that still holds its output, stops listening.
    pub(super) fn sweep(&mut self, job: u64) {
        let Some(attempt) = self.running.get_mut(&job) else {
            return;
        };
        let head = Head {
            path: &attempt.path,
            pid: attempt.pid,
            number: number_of(&attempt.task_id),
        };
        if attempt.is_swept {
            for stream in &mut attempt.streams {
                stream.close(|line, now| self.console.task_line(now, head, line));
            }
            return;
        }
        attempt.is_swept = true;
        if attempt.ending.is_some_and(|ending| ending.code == 0) {
            let text = "Processes that the task left running hold its output open: ending those of its group, the others are heard no longer.";
            self.console.say(Some(head), text, true);
        }
        if let (Some(worker), Some(pid)) = (&mut self.worker, attempt.pid) {
            let _ = worker.signal(Some(pid), SIGKILL);
        }
    }
}

/// Never of process 1: to the system its group is everybody.
pub(super) fn signal_group(pid: Option<u32>, signal: i32) {
    let pid = pid
        .and_then(|pid| i32::try_from(pid).ok())
        .filter(|&pid| pid > 1)
        .and_then(rustix::process::Pid::from_raw);
    let signal = rustix::process::Signal::from_named_raw(signal);
    if let (Some(pid), Some(signal)) = (pid, signal) {
        let _ = rustix::process::kill_process_group(pid, signal);
    }
}
