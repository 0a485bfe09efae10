//! The death of the process that starts the tasks: they go with it, and are started again.

use std::time::Instant;

use anyhow::{Result, bail};

use super::super::attempt::{Attempt, Ending};
use super::super::leavings;
use super::stop::signal_group;
use super::{Failure, MOST_DEATHS, Next, SIGKILL, State, Supervisor};

impl Supervisor<'_> {
    /// The worker was killed from outside. Its tasks go too: nobody would learn how they end. Then again.
    pub(super) fn worker_died(&mut self) -> Result<()> {
        let Some(worker) = self.worker.take() else {
            return Ok(());
        };
        let end = worker.autopsy();
        if !self.has_begun && self.state != State::Going {
            return Ok(());
        }
        // One that has worked before was killed before it was ready again.
        if !std::mem::take(&mut self.is_worker_ready) && self.worker_deaths == 0 {
            bail!(
                "`{}` ended before it could start a task: {end}",
                self.options.python.display()
            );
        }
        self.worker_deaths += 1;
        // Those too whose task is over and whose output is still held open: nobody else comes to sweep them.
        for attempt in self.running.values() {
            signal_group(attempt.pid, SIGKILL);
        }
        self.orphans.end_all();
        if self.state == State::Going && self.worker_deaths <= MOST_DEATHS {
            return self.begin_again(&end);
        }
        self.note_killed();
        if self.state == State::Going {
            self.fail(Failure {
                message: format!(
                    "the process that starts the tasks died {} times: {end}",
                    self.worker_deaths
                ),
                last_words: Vec::new(),
            });
        }
        Ok(())
    }

    /// A worker again, and the attempts that the old one took along. How the others ended is known, and their output
    /// comes to its end now.
    fn begin_again(&mut self, end: &str) -> Result<()> {
        let is_lost = |_: &u64, attempt: &mut Attempt| attempt.ending.is_none();
        let lost: Vec<Attempt> = self
            .running
            .extract_if(.., is_lost)
            .map(|(_, attempt)| attempt)
            .collect();
        self.console.say(
            None,
            &format!(
                "The process that starts the tasks died ({end}): starting it and {} tasks again.",
                lost.len()
            ),
            true,
        );
        self.start_worker()?;
        for attempt in lost {
            self.record(&attempt, killed());
            self.again(attempt)?;
        }
        Ok(())
    }

    /// In a run that is to end the attempts that the worker took along have ended, too.
    fn note_killed(&mut self) {
        if !self.has_begun {
            self.running.clear();
        }
        for attempt in self.running.values_mut() {
            attempt.ending.get_or_insert_with(killed);
        }
    }

    /// Starts an attempt anew. One that had just stored its artifacts, too: Metaflow tells its metadata of them
    /// afterwards, and makes cards only then.
    fn again(&mut self, attempt: Attempt) -> Result<()> {
        if let Err(error) = leavings::remove(&self.store.task(&attempt.path), attempt.number) {
            let what = format!("cannot write to the datastore `{}`", self.store.root.display());
            return self.cannot_go_on(&what, error.into());
        }
        let Attempt {
            item,
            purpose,
            task_id,
            number,
            ..
        } = attempt;
        self.start(Next {
            item,
            purpose,
            task_id,
            number,
        })
    }
}

fn killed() -> Ending {
    Ending {
        code: -SIGKILL,
        usage: None,
        at: Instant::now(),
    }
}
