//! What the loop waits for and hears: tasks, the worker, signals.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::attempt::{Ending, Purpose, STDERR, Usage};
use super::super::console::Head;
use super::super::events::Event;
use super::super::worker::News;
use super::{GRACE, LONG_END, State, Supervisor, number_of};

/// What can become readable.
#[derive(Clone, Copy)]
enum Source {
    Signals,
    Worker,
    WorkerErrors,
    Stream(u64, usize),
}

impl Supervisor<'_> {
    pub(super) fn wait(&mut self) -> Result<()> {
        let ready = {
            let mut sources: Vec<(Source, BorrowedFd<'_>)> = vec![(Source::Signals, self.signals.as_fd())];
            if let Some(worker) = &self.worker {
                sources.push((Source::Worker, worker.socket()));
                sources.push((Source::WorkerErrors, worker.stderr.as_fd()));
            }
            for (&job, attempt) in &self.running {
                let streams = attempt.streams.iter().enumerate();
                let open = streams.filter_map(|(index, stream)| Some((index, stream.descriptor()?)));
                sources.extend(open.map(|(index, descriptor)| (Source::Stream(job, index), descriptor)));
            }
            readable(&sources, self.patience())?
        };
        for source in ready {
            match source {
                Source::Signals => self.interrupted(),
                Source::Worker => self.hear_worker()?,
                Source::WorkerErrors => self.hear_worker_errors(),
                Source::Stream(job, index) => self.hear_task(job, index)?,
            }
        }
        Ok(())
    }

    /// How long to wait for news: until the next deadline.
    pub(super) fn patience(&self) -> Duration {
        let now = Instant::now();
        let lingering = self
            .running
            .values()
            .filter_map(|attempt| self.linger_end(attempt));
        let delayed = self.delayed.iter().map(|(due, _)| *due);
        let stop = match self.state {
            State::Stopping { since, .. } => Some(since + GRACE),
            State::Killing { since, .. } => Some(since + LONG_END),
            State::Going => None,
        };
        let next = lingering.chain(delayed).chain(stop).min();
        let longest = self.console.progress_patience().unwrap_or(Duration::from_mins(1));
        next.map_or(longest, |next| next.saturating_duration_since(now).min(longest))
    }

    pub(super) fn hear_task(&mut self, job: u64, index: usize) -> Result<()> {
        let Some(attempt) = self.running.get_mut(&job) else {
            return Ok(());
        };
        let head = Head {
            path: &attempt.path,
            pid: attempt.pid,
            number: number_of(&attempt.task_id),
        };
        let console = &mut self.console;
        let is_init = attempt.purpose == Purpose::Parameters;
        let mut said = Vec::new();
        let Some(stream) = attempt.streams.get_mut(index) else {
            return Ok(());
        };
        let events = &mut self.events;
        let (task, number) = (&attempt.path, attempt.number);
        let read = stream.read(&mut self.buffer, |line, now| {
            if !is_init {
                console.task_line(now, head, line);
            }
            if events.is_on() {
                let stream = if index == STDERR { "stderr" } else { "stdout" };
                let line = String::from_utf8_lossy(line);
                events.write(Event::Output {
                    task,
                    attempt: number,
                    stream,
                    line: line.trim_end_matches('\n'),
                });
            }
            if index == STDERR || is_init {
                said.push(line.to_vec());
            }
        });
        for line in said {
            attempt.remember(&line);
        }
        let file = self
            .store
            .file(&attempt.path, attempt.number, "runtime_stdout.log");
        let Err(error) = read else { return Ok(()) };
        self.cannot_go_on(
            &format!("cannot write the log `{}`", file.display()),
            error.into(),
        )
    }

    pub(super) fn hear_worker_errors(&mut self) {
        let Some(worker) = &mut self.worker else { return };
        if let Ok(size) = worker.stderr.read(&mut self.buffer) {
            let text = String::from_utf8_lossy(self.buffer.get(..size).unwrap_or_default());
            for line in text.lines() {
                self.console.say(None, &format!("worker: {line}"), true);
            }
        }
    }

    pub(super) fn hear_worker(&mut self) -> Result<()> {
        let Some(worker) = &mut self.worker else {
            return Ok(());
        };
        let is_gone = worker.receive()?;
        let mut news = Vec::new();
        while let Some(item) = worker.news()? {
            news.push(item);
        }
        for item in news {
            self.take_note(item)?;
        }
        if is_gone { self.worker_died() } else { Ok(()) }
    }

    pub(super) fn take_note(&mut self, news: News) -> Result<()> {
        match news {
            News::Ready { ready } => {
                self.is_worker_ready = true;
                for warning in &ready.warnings {
                    self.console.say(None, &format!("Warning: {warning}"), true);
                }
                self.suggested = ready.suggested;
            }
            News::Broken { broken } => {
                bail!(
                    "cannot import Metaflow with `{}`:\n{}",
                    self.options.python.display(),
                    broken.trim_end()
                )
            }
            News::Started { started, pid } => self.task_started(started, pid),
            News::Ended {
                ended,
                code,
                memory,
                cpu,
            } => {
                if let Some(attempt) = self.running.get_mut(&ended) {
                    attempt.ending = Some(Ending {
                        code,
                        usage: Some(Usage { memory, cpu }),
                        at: Instant::now(),
                    });
                }
            }
            News::Failed { failed, error } => {
                if let Some(attempt) = self.running.get_mut(&failed) {
                    attempt.remember(format!("cannot start a process: {error}").as_bytes());
                    attempt.ending = Some(Ending {
                        code: 1,
                        usage: None,
                        at: Instant::now(),
                    });
                }
            }
        }
        Ok(())
    }

    pub(super) fn task_started(&mut self, job: u64, pid: u32) {
        let Some(attempt) = self.running.get_mut(&job) else {
            return;
        };
        attempt.pid = Some(pid);
        let asked = self.asked.get(attempt.item.place.step);
        let retries = asked.map_or(0, |asked| asked.user_retries);
        let text = match &attempt.purpose {
            Purpose::Parameters => return,
            Purpose::Clone(origin) => format!("Cloning previously run task {origin}"),
            Purpose::Run if attempt.number > retries => {
                "Task fallback is starting to handle the failure.".to_owned()
            }
            Purpose::Run if attempt.number > 0 => "Task is starting (retry).".to_owned(),
            Purpose::Run => "Task is starting.".to_owned(),
        };
        let head = Head {
            path: &attempt.path,
            pid: Some(pid),
            number: number_of(&attempt.task_id),
        };
        self.console.say(Some(head), &text, false);
        let origin = match &attempt.purpose {
            Purpose::Clone(origin) => Some(origin.as_str()),
            Purpose::Parameters | Purpose::Run => None,
        };
        self.events.write(Event::TaskStarted {
            task: &attempt.path,
            attempt: attempt.number,
            pid,
            origin,
        });
    }
}

/// The descriptors that can be read or have ended.
pub(super) fn readable<T: Copy>(sources: &[(T, BorrowedFd<'_>)], patience: Duration) -> Result<Vec<T>> {
    let mut polled: Vec<_> = sources
        .iter()
        .map(|(_, descriptor)| PollFd::from_borrowed_fd(*descriptor, PollFlags::IN))
        .collect();
    let timeout = Timespec {
        tv_sec: i64::try_from(patience.as_secs()).unwrap_or(60),
        tv_nsec: i64::from(patience.subsec_nanos()),
    };
    match poll(&mut polled, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = sources
        .iter()
        .zip(&polled)
        .filter(|(_, polled)| !polled.revents().is_empty());
    Ok(ready.map(|((source, _), _)| *source).collect())
}
