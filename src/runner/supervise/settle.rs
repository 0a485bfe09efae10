//! What follows from the end of an attempt: the next steps, another attempt, the failure of the run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::super::asked;
use super::super::attempt::{Attempt, Ending, Purpose, STDERR};
use super::super::console::Head;
use super::super::events::Event;
use super::super::last_words::usage_error;
use super::super::report::Record;
use super::super::scope::not_taken;
use super::super::store::{MAX_ATTEMPTS, write_in_place};
use super::conclude::count;
use super::{Failure, NO_RETRY, Next, State, Supervisor, number_of};

/// A delay that no clock holds.
const LONGEST_DELAY: Duration = Duration::from_hours(365 * 24);

impl Supervisor<'_> {
    /// Draws the conclusions from the attempts that are complete.
    pub(super) fn settle(&mut self) -> Result<()> {
        let complete = self.running.iter().filter(|(_, attempt)| attempt.is_complete());
        let complete: Vec<u64> = complete.map(|(&job, _)| job).collect();
        for job in complete {
            if let Some(attempt) = self.running.remove(&job) {
                self.ended(attempt)?;
            }
        }
        Ok(())
    }

    pub(super) fn ended(&mut self, mut attempt: Attempt) -> Result<()> {
        let Some(ending) = attempt.ending else {
            return Ok(());
        };
        if attempt.purpose == Purpose::Parameters {
            return self.parameters_ended(&attempt, ending);
        }
        self.record(&attempt, ending);
        let head = Head {
            path: &attempt.path,
            pid: attempt.pid,
            number: number_of(&attempt.task_id),
        };
        if attempt.purpose == Purpose::Run {
            let written =
                self.store
                    .write_outcome(&attempt.path, attempt.number, ending.code, attempt.is_killed);
            if let Err(error) = written {
                let what = format!("cannot write to the datastore `{}`", self.store.root.display());
                self.cannot_go_on(&what, error.into())?;
            }
        }
        if ending.code == 0 && self.store.is_done(&attempt.path, attempt.number) {
            count(&mut self.done, attempt.item.place.step);
            return self.succeeded(&attempt);
        }
        self.failed += 1;
        if ending.code == 0 {
            self.vanished(&attempt);
            return Ok(());
        }
        let text = describe(ending.code);
        if let Some(log) = attempt.streams.get_mut(STDERR).map(|stream| &mut stream.log) {
            log.note(&format!("{text}\n"), Timestamp::now());
            if let Err(error) = log.flush() {
                let what = format!("cannot write a log of `{}`", attempt.path);
                self.cannot_go_on(&what, error.into())?;
            }
        }
        self.console.say(Some(head), &text, true);
        self.unsuccessful(attempt, ending)
    }

    /// How an attempt ended, for `--json-log`, the summary and the timeline.
    pub(super) fn record(&mut self, attempt: &Attempt, ending: Ending) {
        self.events.write(Event::TaskEnded {
            task: &attempt.path,
            attempt: attempt.number,
            code: ending.code,
            seconds: ending.at.duration_since(attempt.started).as_secs_f64(),
            cpu_seconds: ending.usage.map(|usage| usage.cpu),
            peak_memory_kib: ending.usage.map(|usage| usage.memory),
        });
        self.report.records.push(Record {
            path: attempt.path.clone(),
            step: attempt.step.clone(),
            attempt: attempt.number,
            began: attempt.started.duration_since(self.began),
            ended: ending.at.duration_since(self.began),
            code: ending.code,
            usage: ending.usage,
        });
    }

    pub(super) fn parameters_ended(&mut self, attempt: &Attempt, ending: Ending) -> Result<()> {
        let is_stored = self.store.is_done(&attempt.path, attempt.number);
        if ending.code != 0 || !is_stored {
            self.store.forget(&self.options.run_id);
            self.failure = Some(self.not_started(attempt, ending));
            if self.state == State::Going {
                self.state = State::Killing {
                    since: Instant::now(),
                    is_interrupt: false,
                };
            }
            return Ok(());
        }
        if let Some(file) = self.asked_file.take() {
            asked::correct(&mut self.asked, self.network, file.path());
        }
        if let Some(file) = &self.configs_file {
            self.commands.take_configs_from(file.path());
        }
        self.store
            .write_latest_run(&self.options.run_id)
            .with_context(|| format!("cannot write to the datastore `{}`", self.store.root.display()))?;
        self.write_identity()?;
        self.has_begun = true;
        self.console.say(
            None,
            &format!("Workflow starting (run-id {}):", self.options.run_id),
            false,
        );
        let datastore = self.store.root.to_string_lossy();
        let (run, flow) = (&self.options.run_id, &self.plan.flow.name);
        self.events.write(Event::RunStarted {
            run,
            flow,
            datastore: &datastore,
        });
        Ok(())
    }

    fn not_started(&self, attempt: &Attempt, ending: Ending) -> Failure {
        let (file, flow) = (&self.plan.flow.file_name, &self.plan.flow.name);
        let usage = usage_error(&attempt.last_words);
        let last_words = match usage {
            Some(_) => Vec::new(),
            None => attempt.last_words.clone(),
        };
        let message = match usage {
            Some(error) => format!("the run could not start: {error}"),
            None if ending.code == 0 => format!(
                "the run could not start: `{file}` ended before it had stored the parameters; does it end with `if __name__ == \"__main__\":` and `{flow}()`?"
            ),
            None => "the run could not start".to_owned(),
        };
        Failure { message, last_words }
    }

    /// For the program that started the run: which one it is. Metaflow 2.19: `run_cmds.py`, `run`.
    fn write_identity(&self) -> Result<()> {
        let run = &self.options.run_id;
        let root = self.store.root.parent().unwrap_or(&self.store.root);
        let attributes = serde_json::json!({
            "run_id": run,
            "flow_name": self.plan.flow.name,
            "metadata": format!("local@{}", root.display()),
        });
        let files = [
            (&self.options.run_id_file, run.clone()),
            (&self.options.attribute_file, attributes.to_string()),
        ];
        for (file, text) in files {
            if let Some(file) = file {
                write_in_place(file, text.as_bytes())
                    .with_context(|| format!("cannot write `{}`", file.display()))?;
            }
        }
        Ok(())
    }

    pub(super) fn succeeded(&mut self, attempt: &Attempt) -> Result<()> {
        let artifacts = self.store.artifacts(&attempt.path, attempt.number)?;
        let transition = artifacts.transition()?;
        let head = Head {
            path: &attempt.path,
            pid: attempt.pid,
            number: number_of(&attempt.task_id),
        };
        if let (Purpose::Clone(_), Some(origin)) = (&attempt.purpose, &mut self.origin) {
            origin.take(&attempt.path);
        }
        if attempt.purpose == Purpose::Run {
            if let Some(splits) = transition.splits.filter(|&splits| splits > 0) {
                self.console.say(
                    Some(head),
                    &format!("Foreach yields {splits} child steps."),
                    false,
                );
            }
            self.console.say(Some(head), "Task finished successfully.", false);
        }
        if let Err(problem) = self.scheduler.finished(&attempt.item, &attempt.path, &transition) {
            let message = match &attempt.purpose {
                Purpose::Clone(origin) => not_taken(origin, &problem),
                Purpose::Run | Purpose::Parameters => problem.to_string(),
            };
            self.fail(Failure {
                message,
                last_words: Vec::new(),
            });
        }
        Ok(())
    }

    /// `os._exit(0)` in a step: not a failure of the attempt, but nothing to go on from. Metaflow's run ends too.
    fn vanished(&mut self, attempt: &Attempt) {
        let (step, task) = (&attempt.step, &attempt.task_id);
        self.fail(Failure {
            message: format!(
                "step `{step}` (task {task}) ended with exit status 0 before it had stored its artifacts: does it call `os._exit`?"
            ),
            last_words: attempt.last_words.clone(),
        });
    }

    pub(super) fn unsuccessful(&mut self, attempt: Attempt, ending: Ending) -> Result<()> {
        let asked = self.asked(attempt.item.place.step);
        let limit = (asked.user_retries + asked.fallback_retries).min(MAX_ATTEMPTS - 1);
        if self.state != State::Going {
            return Ok(());
        }
        if ending.code != NO_RETRY && attempt.number < limit && attempt.purpose == Purpose::Run {
            let delay = if self.options.honors_retry_delay {
                Duration::try_from_secs_f64(asked.retry_delay).unwrap_or(LONGEST_DELAY)
            } else {
                Duration::ZERO
            };
            let Attempt {
                item,
                purpose,
                task_id,
                path,
                number,
                ..
            } = attempt;
            let next = Next {
                item,
                purpose,
                task_id,
                number: number + 1,
            };
            if delay.is_zero() {
                return self.start(next);
            }
            let head = Head {
                path: &path,
                pid: None,
                number: number_of(&next.task_id),
            };
            let text = format!("Task will be retried in {} s.", delay.as_secs_f64());
            self.console.say(Some(head), &text, false);
            self.delayed.push((Instant::now() + delay, next));
            return Ok(());
        }
        if ending.code == NO_RETRY {
            self.console
                .say(None, "This failed task will not be retried.", false);
        }
        self.fail(Failure {
            message: format!(
                "step `{}` (task {}) failed: {}",
                attempt.step,
                attempt.task_id,
                cause(ending.code)
            ),
            last_words: attempt.last_words,
        });
        Ok(())
    }
}

fn describe(code: i32) -> String {
    match code {
        -11 => "Task failed with a segmentation fault.".to_owned(),
        ..0 => format!("Task failed: {}.", cause(code)),
        _ => "Task failed.".to_owned(),
    }
}

pub(super) fn cause(code: i32) -> String {
    match code {
        -9 => "it was killed (signal 9)".to_owned(),
        -11 => "segmentation fault (signal 11)".to_owned(),
        ..0 => format!("it died by signal {}", -code),
        _ => format!("exit status {code}"),
    }
}
