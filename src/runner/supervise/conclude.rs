//! The words of a run: progress, summary, what failed.

use std::fmt::Write as _;

use super::super::events::Event;
use super::super::last_words::LastWords;
use super::super::{Outcome, timeline};
use super::{Failure, State, Supervisor};

/// A run of fewer tasks has little to gain.
const WORTH_A_HINT: usize = 10;

impl Supervisor<'_> {
    /// `12 s · 2 running · 34 done · each 34/100`
    pub(super) fn progress(&self) -> String {
        let seconds = self.began.elapsed().as_secs();
        if !self.has_begun {
            return format!("{seconds} s · starting");
        }
        let mut total = self.scheduler.waiting();
        for attempt in self.running.values() {
            count(&mut total, attempt.item.place.step);
        }
        let steps = self.network.nodes.iter().zip(&self.done).zip(&total);
        let open = steps.filter(|(_, rest)| **rest > 0);
        let open: String = open
            .map(|((node, done), rest)| format!(" · {} {done}/{}", node.step, done + rest))
            .collect();
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(" · {failed} failed"),
        };
        let (running, done) = (self.running.len(), self.done.iter().sum::<usize>());
        format!("{seconds} s · {running} running · {done} done{failed}{open}")
    }

    pub(super) fn conclude(&mut self) -> Outcome {
        let is_interrupt = match self.state {
            State::Going => false,
            State::Stopping { is_interrupt, .. } | State::Killing { is_interrupt, .. } => is_interrupt,
        };
        if !self.has_begun {
            let outcome = if is_interrupt {
                self.store.forget(&self.options.run_id);
                Outcome::Interrupted
            } else {
                Outcome::NotStarted
            };
            self.console.flush();
            self.explain_failure();
            self.record_end(outcome);
            return outcome;
        }
        if self.failure.is_none() && !is_interrupt && !self.scheduler.is_done() {
            let end = &self.network.node(self.network.end).step;
            let last = self.options.until.as_ref().unwrap_or(end);
            let message = format!("the last step `{last}` was not reached");
            self.failure = Some(Failure {
                message,
                last_words: Vec::new(),
            });
        }
        let is_success = self.failure.is_none() && !is_interrupt;
        let is_cut_short = self.run_exit_hooks(is_success, is_interrupt);
        if is_success {
            self.console.say(None, "Done!", false);
        }
        let steps = self.network.nodes.iter().map(|node| node.step.as_str());
        let mut summary = self.report.summary(steps, self.began.elapsed());
        summary.push_str(&self.hint());
        if !is_success {
            let _ = writeln!(summary, "  to go on from here: {}", self.options.way_to_resume);
        }
        self.console.block(&summary, !is_success);
        self.console.flush();
        self.explain_failure();
        let outcome = match (is_success, is_interrupt) {
            // What became of the run has been told; that its hooks did not end, the exit status tells.
            _ if is_cut_short => Outcome::Interrupted,
            (true, _) => Outcome::Success,
            (false, true) => Outcome::Interrupted,
            (false, false) => Outcome::Failed,
        };
        self.record_end(outcome);
        outcome
    }

    /// What would have made the run quicker.
    fn hint(&self) -> String {
        if self.suggested.is_empty() || self.report.records.len() < WORTH_A_HINT {
            return String::new();
        }
        let modules = self.suggested.join(",");
        format!("  hint: the tasks import `{modules}`; --preload auto does it once for all of them\n")
    }

    pub(super) fn record_end(&mut self, outcome: Outcome) {
        let word = match outcome {
            Outcome::Success => "success",
            Outcome::Failed => "failed",
            Outcome::NotStarted => "not-started",
            Outcome::Interrupted => "interrupted",
        };
        self.events.write(Event::RunEnded {
            run: &self.options.run_id,
            outcome: word,
            error: self.failure.as_ref().map(|failure| failure.message.as_str()),
            seconds: self.began.elapsed().as_secs_f64(),
        });
        self.events.flush();
    }

    /// What keeps flowc from its own work.
    pub(super) fn broken_off(&mut self, error: anyhow::Error) -> anyhow::Error {
        self.console.flush();
        self.failure = Some(Failure {
            message: format!("{error:#}"),
            last_words: Vec::new(),
        });
        self.record_end(if self.has_begun {
            Outcome::Failed
        } else {
            Outcome::NotStarted
        });
        self.tell_losses();
        error
    }

    /// Of the lines and of the events, what cannot be written any more.
    pub(super) fn tell_losses(&mut self) {
        let losses = [self.console.trouble(), self.events.trouble()];
        for trouble in losses.into_iter().flatten() {
            self.has_losses = true;
            self.console.flush();
            self.console.hide_progress();
            let [red, bold, reset] = self.console.error_styles();
            self.console.complain(&format!(
                "{red}error{reset}{bold}: {trouble}{reset}; nothing more is written there\n"
            ));
        }
    }

    pub(super) fn page(&self) -> Option<String> {
        let drawing = self.options.drawing.as_ref().filter(|_| self.has_begun)?;
        let steps = self.network.nodes.iter().map(|node| node.step.as_str());
        let (flow, run) = (&self.plan.flow.name, &self.options.run_id);
        Some(timeline::page(
            flow,
            run,
            drawing,
            steps.collect(),
            &self.report,
            &self.store,
        ))
    }

    /// On stderr, last: what the failing task said, and what failed.
    pub(super) fn explain_failure(&mut self) {
        let Some(Failure { message, last_words }) = &self.failure else {
            return;
        };
        let LastWords { lines, cause } = LastWords::new(last_words);
        let mut text: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        let [red, bold, reset] = self.console.error_styles();
        let _ = write!(text, "{red}error{reset}{bold}: {message}{reset}");
        if let Some(cause) = cause {
            let _ = write!(text, "\n  {cause}");
        }
        text.push('\n');
        self.console.complain(&text);
    }
}

pub(super) fn count(counts: &mut [usize], step: usize) {
    if let Some(count) = counts.get_mut(step) {
        *count += 1;
    }
}
