//! The loop of a run: starts what the scheduler gives, reads what tasks print, takes note of how they end, and stops
//! them when the run fails or is interrupted. One thread.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::attempt::{Attempt, Ending, Purpose, STDERR, Stream};
use super::command::{self, Commands, PARAMETERS_TASK};
use super::console::{Console, Head};
use super::events::{Event, Events};
use super::lines::Log;
use super::network::Network;
use super::origin::Origin;
use super::report::{Record, Report};
use super::schedule::{Item, Place, Scheduler};
use super::store::{MAX_ATTEMPTS, Store, write_whole};
use super::worker::{Job, News, Setup, Worker};
use super::{Isolation, Options, Outcome, timeline};
use crate::plan::Plan;
use crate::request::EnvVar;
use crate::target::ThisMachine;

/// How long tasks may take to end by themselves once the run is to stop; Metaflow's own time.
const GRACE: Duration = Duration::from_secs(5);
/// How long what a successful task left running may hold its output open.
const LINGER: Duration = Duration::from_secs(10);
/// The same after a task that failed, and after what lingered was killed.
const SHORT_LINGER: Duration = Duration::from_millis(500);
/// Metaflow's exit status of a task that must not be retried.
const NO_RETRY: i32 = 202;
/// A worker that dies more often is not restarted.
const MOST_DEATHS: u32 = 3;

const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;

/// Everything of a run that is under way.
pub struct Supervisor<'a> {
    plan: &'a Plan<ThisMachine>,
    network: &'a Network,
    options: &'a Options,
    commands: Commands,
    store: Store,
    console: Console,
    signals: UnixStream,
    worker: Option<Worker>,
    worker_deaths: u32,
    scheduler: Scheduler<'a>,
    origin: Option<Origin>,
    running: BTreeMap<u64, Attempt>,
    /// Attempts that wait for their time.
    delayed: Vec<(Instant, Next)>,
    last_job: u64,
    last_task: u64,
    state: State,
    has_begun: bool,
    failure: Option<Failure>,
    began: Instant,
    report: Report,
    events: Events,
    done: u64,
    failed: u64,
    buffer: Vec<u8>,
}

/// An attempt to start.
struct Next {
    item: Item,
    purpose: Purpose,
    task_id: String,
    number: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Going,
    /// No more starts; since when, and whether by an interrupt.
    Stopping {
        since: Instant,
        is_interrupt: bool,
    },
    /// All tasks were sent SIGKILL.
    Killing {
        is_interrupt: bool,
    },
}

/// Why a run failed.
struct Failure {
    message: String,
    /// Of the task, the last lines of its stderr.
    last_words: Vec<String>,
}

/// What can become readable.
#[derive(Clone, Copy)]
enum Source {
    Signals,
    Worker,
    WorkerErrors,
    Stream(u64, usize),
}

impl<'a> Supervisor<'a> {
    pub fn new(
        plan: &'a Plan<ThisMachine>,
        network: &'a Network,
        options: &'a Options,
        console: Console,
    ) -> Result<Self> {
        let python = options.python.to_string_lossy();
        let root = options.root.to_string_lossy();
        let parameters = format!("{}/_parameters/{PARAMETERS_TASK}", options.run_id);
        adopt_orphans();
        let store = Store::new(&options.root, &plan.flow.name);
        let step = |name: &String| {
            network
                .find(name)
                .with_context(|| format!("the flow has no step `{name}`"))
        };
        let rerun = options.rerun.iter().map(step).collect::<Result<Vec<_>>>()?;
        let until = options.until.as_ref().map(step).transpose()?;
        let mut origin = match &options.origin {
            Some(run) => Some(Origin::read(&store, network, run, &rerun)?),
            None => None,
        };
        if let Some(origin) = &mut origin {
            origin.take(&parameters);
        }
        let mut scheduler = Scheduler::new(network, &parameters, options.max_splits);
        if let Some(until) = until {
            scheduler.end_at(until);
        }
        Ok(Self {
            plan,
            network,
            options,
            commands: Commands::new(plan, &python, &root, &options.run_id, &options.configs),
            store,
            console,
            signals: watch_signals()?,
            worker: None,
            worker_deaths: 0,
            scheduler,
            origin,
            running: BTreeMap::new(),
            delayed: Vec::new(),
            last_job: 0,
            last_task: 0,
            state: State::Going,
            has_begun: false,
            failure: None,
            began: Instant::now(),
            report: Report::default(),
            events: Events::open(options.json_log.as_deref())?,
            done: 0,
            failed: 0,
            buffer: vec![0; 64 * 1024],
        })
    }

    pub fn run(mut self) -> Result<Outcome> {
        self.start_worker()?;
        let result = self.carry_out();
        self.console.hide_progress();
        let is_killing = self.state != State::Going || result.is_err();
        if let Some(worker) = self.worker.take() {
            worker.finish(is_killing);
        }
        result?;
        let outcome = self.conclude();
        self.console.flush();
        Ok(outcome)
    }

    fn carry_out(&mut self) -> Result<()> {
        let parameters = Place {
            step: self.network.start,
            frames: Vec::new(),
            rounds: Vec::new(),
        };
        let item = Item {
            place: parameters,
            inputs: Vec::new(),
            split_index: None,
            is_control: false,
        };
        self.start(Next {
            item,
            purpose: Purpose::Parameters,
            task_id: PARAMETERS_TASK.to_owned(),
            number: 0,
        })?;
        while !self.running.is_empty() || !self.delayed.is_empty() {
            self.wait()?;
            self.settle()?;
            self.keep_time()?;
            self.launch()?;
            if self.console.shows_progress() {
                let text = self.progress();
                self.console.progress(|| text);
            }
            self.console.flush();
            self.events.flush();
        }
        Ok(())
    }

    // ---- starting

    fn start_worker(&mut self) -> Result<()> {
        let options = self.options;
        let bin = options
            .python
            .parent()
            .map(|bin| bin.as_os_str().to_owned())
            .unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(bin.into()).chain(std::env::split_paths(&path));
        let setup = Setup {
            python: options.python.clone(),
            folder: options.folder.clone(),
            is_warm: options.isolation == Isolation::Fork,
            preload: options.preload.clone(),
            environment: vec![
                ("PYTHONUNBUFFERED".to_owned(), "x".into()),
                // `@parallel` starts a bare `python`.
                ("PATH".to_owned(), std::env::join_paths(folders)?),
            ],
        };
        self.worker = Some(Worker::start(&setup)?);
        Ok(())
    }

    /// Starts tasks while there are free places.
    fn launch(&mut self) -> Result<()> {
        while self.state == State::Going && self.has_begun && self.running.len() < self.options.max_workers {
            let now = Instant::now();
            let due = self.delayed.iter().position(|(due, _)| *due <= now);
            if let Some(position) = due {
                let (_, next) = self.delayed.remove(position);
                self.start(next)?;
                continue;
            }
            let Some(item) = self.scheduler.pop() else { break };
            self.last_task += 1;
            let task_id = format!("t{}", self.last_task);
            let origin = self.origin.as_ref().and_then(|origin| origin.find(&item));
            let purpose = origin.map_or(Purpose::Run, |origin| Purpose::Clone(origin.to_owned()));
            self.start(Next {
                item,
                purpose,
                task_id,
                number: 0,
            })?;
        }
        Ok(())
    }

    fn start(&mut self, next: Next) -> Result<()> {
        let Next {
            item,
            purpose,
            task_id,
            number,
        } = next;
        self.last_job += 1;
        let node = self.network.node(item.place.step);
        let is_init = purpose == Purpose::Parameters;
        let step = if is_init { "_parameters" } else { &node.step };
        let path = format!("{}/{step}/{task_id}", self.options.run_id);
        let attempt = command::Attempt {
            item: &item,
            step,
            task_id: &task_id,
            number,
            user_retries: node.user_retries,
        };
        let mut argv = match &purpose {
            Purpose::Parameters => self.commands.init(&self.options.parameters),
            Purpose::Run => self.commands.step(attempt),
            Purpose::Clone(origin) => self.commands.clone_task(attempt, origin),
        };
        let environment = self.environment(&item, is_init);
        let spawn =
            self.options.isolation == Isolation::Spawn || environment.iter().any(|(name, _)| is_early(name));
        if spawn {
            command::shorten(&mut argv, |text| self.spill(text, self.last_job))?;
        }
        let job = Job {
            start: self.last_job,
            argv,
            environment,
            spawn,
            without: self.options.without.clone(),
            is_init,
            origin: self
                .origin
                .as_ref()
                .filter(|_| is_init)
                .map(|origin| origin.parameters.clone()),
        };
        let log = |name: &str, stream: u64| {
            let seed = seed(&self.options.run_id, self.last_job * 2 + stream);
            Log::new(
                self.store.file(&path, number, name),
                self.options.max_log_size,
                seed,
            )
        };
        let (stdout, stdout_writer) = Stream::new(log("runtime_stdout.log", 0))?;
        let (stderr, stderr_writer) = Stream::new(log("runtime_stderr.log", 1))?;
        let step = step.to_owned();
        let attempt = Attempt {
            item,
            purpose,
            step,
            task_id,
            path,
            number,
            pid: None,
            started: Instant::now(),
            streams: [stdout, stderr],
            ending: None,
            is_killed: false,
            is_swept: false,
            last_words: Vec::new(),
        };
        self.running.insert(self.last_job, attempt);
        let worker = self.worker.as_mut().context("the worker is gone")?;
        // A worker that died in this moment is noticed in the loop.
        let _ = worker.begin(&job, &stdout_writer, &stderr_writer);
        Ok(())
    }

    /// Variables on top of the worker's.
    fn environment(&self, item: &Item, is_init: bool) -> Vec<(String, String)> {
        if is_init {
            // `run` takes parameters from METAFLOW_RUN_NAME, `init` from METAFLOW_INIT_NAME.
            let given = std::env::vars().filter_map(|(name, value)| {
                let parameter = name.strip_prefix("METAFLOW_RUN_")?;
                Some((format!("METAFLOW_INIT_{parameter}"), value))
            });
            return given.collect();
        }
        let mut variables = vec![("METAFLOW_RUN_ID".to_owned(), self.options.run_id.clone())];
        if let Some(task) = self.plan.tasks.get(item.place.step) {
            let asked = task.request.environment.iter();
            variables.extend(asked.map(|EnvVar { name, value }| (name.clone(), value.clone())));
        }
        variables
    }

    /// A file for a list of inputs that no command line can hold.
    fn spill(&self, text: &str, job: u64) -> io::Result<String> {
        let folder = self
            .options
            .root
            .join(&self.plan.flow.name)
            .join(&self.options.run_id)
            .join("_meta");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("inputs-{job}"));
        std::fs::write(&file, text)?;
        Ok(file.to_string_lossy().into_owned())
    }

    // ---- waiting

    fn wait(&mut self) -> Result<()> {
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
                Source::Signals => self.interrupted()?,
                Source::Worker => self.hear_worker()?,
                Source::WorkerErrors => self.hear_worker_errors(),
                Source::Stream(job, index) => self.hear_task(job, index)?,
            }
        }
        Ok(())
    }

    /// How long to wait for news: until the next deadline.
    fn patience(&self) -> Duration {
        let now = Instant::now();
        let lingering = self
            .running
            .values()
            .filter_map(|attempt| self.linger_end(attempt));
        let delayed = self.delayed.iter().map(|(due, _)| *due);
        let stop = match self.state {
            State::Stopping { since, .. } => Some(since + GRACE),
            State::Going | State::Killing { .. } => None,
        };
        let next = lingering.chain(delayed).chain(stop).min();
        let longest = Duration::from_secs(if self.console.shows_progress() { 1 } else { 60 });
        next.map_or(longest, |next| next.saturating_duration_since(now).min(longest))
    }

    fn hear_task(&mut self, job: u64, index: usize) -> Result<()> {
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
        read.with_context(|| format!("cannot write the log `{}`", file.display()))
    }

    fn hear_worker_errors(&mut self) {
        let Some(worker) = &mut self.worker else { return };
        if let Ok(size) = worker.stderr.read(&mut self.buffer) {
            let text = String::from_utf8_lossy(self.buffer.get(..size).unwrap_or_default());
            for line in text.lines() {
                self.console.say(None, &format!("worker: {line}"), true);
            }
        }
    }

    fn hear_worker(&mut self) -> Result<()> {
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

    fn take_note(&mut self, news: News) -> Result<()> {
        match news {
            News::Ready { ready } => {
                for warning in &ready.warnings {
                    self.console.say(None, &format!("Warning: {warning}"), true);
                }
                if ready.threads > 1 {
                    let text = "Warning: what was preloaded started threads, which do not survive in forked tasks; use --preload none or --isolation spawn if tasks hang.";
                    self.console.say(None, text, true);
                }
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
                        memory,
                        cpu,
                        at: Instant::now(),
                    });
                }
            }
            News::Failed { failed, error } => {
                if let Some(attempt) = self.running.get_mut(&failed) {
                    attempt.remember(format!("cannot start a process: {error}").as_bytes());
                    attempt.ending = Some(Ending {
                        code: 1,
                        memory: 0,
                        cpu: 0.0,
                        at: Instant::now(),
                    });
                }
            }
        }
        Ok(())
    }

    fn task_started(&mut self, job: u64, pid: u32) {
        let Some(attempt) = self.running.get_mut(&job) else {
            return;
        };
        attempt.pid = Some(pid);
        let retries = self.network.node(attempt.item.place.step).user_retries;
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

    // ---- ends

    /// Draws the conclusions from the attempts that are complete.
    fn settle(&mut self) -> Result<()> {
        let complete = self.running.iter().filter(|(_, attempt)| attempt.is_complete());
        let complete: Vec<u64> = complete.map(|(&job, _)| job).collect();
        for job in complete {
            if let Some(attempt) = self.running.remove(&job) {
                self.ended(attempt)?;
            }
        }
        Ok(())
    }

    fn ended(&mut self, mut attempt: Attempt) -> Result<()> {
        let Some(ending) = attempt.ending else {
            return Ok(());
        };
        if attempt.purpose == Purpose::Parameters {
            return self.parameters_ended(&attempt, ending);
        }
        self.events.write(Event::TaskEnded {
            task: &attempt.path,
            attempt: attempt.number,
            code: ending.code,
            seconds: ending.at.duration_since(attempt.started).as_secs_f64(),
            cpu_seconds: ending.cpu,
            peak_memory_kib: ending.memory,
        });
        self.report.records.push(Record {
            path: attempt.path.clone(),
            step: attempt.step.clone(),
            attempt: attempt.number,
            began: attempt.started.duration_since(self.began),
            ended: ending.at.duration_since(self.began),
            code: ending.code,
            memory: ending.memory,
            cpu: ending.cpu,
        });
        let head = Head {
            path: &attempt.path,
            pid: attempt.pid,
            number: number_of(&attempt.task_id),
        };
        if attempt.purpose == Purpose::Run {
            self.store
                .write_outcome(&attempt.path, attempt.number, ending.code, attempt.is_killed)
                .with_context(|| format!("cannot write to the datastore `{}`", self.store.root.display()))?;
        }
        if ending.code == 0 {
            self.done += 1;
            return self.succeeded(&attempt);
        }
        self.failed += 1;
        let text = describe(ending.code);
        if let Some(log) = attempt.streams.get_mut(STDERR).map(|stream| &mut stream.log) {
            log.note(&format!("{text}\n"), Timestamp::now());
            log.flush()?;
        }
        self.console.say(Some(head), &text, true);
        self.unsuccessful(attempt, ending)
    }

    fn parameters_ended(&mut self, attempt: &Attempt, ending: Ending) -> Result<()> {
        if ending.code != 0 {
            self.failure = Some(Failure {
                message: "the run could not start".to_owned(),
                last_words: attempt.last_words.clone(),
            });
            if self.state == State::Going {
                self.state = State::Killing { is_interrupt: false };
            }
            return Ok(());
        }
        self.store
            .write_latest_run(&self.options.run_id)
            .with_context(|| format!("cannot write to the datastore `{}`", self.store.root.display()))?;
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

    fn succeeded(&mut self, attempt: &Attempt) -> Result<()> {
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
            self.fail(Failure {
                message: problem.to_string(),
                last_words: Vec::new(),
            });
        }
        Ok(())
    }

    fn unsuccessful(&mut self, attempt: Attempt, ending: Ending) -> Result<()> {
        let node = self.network.node(attempt.item.place.step);
        let limit = (node.user_retries + node.fallback_retries).min(MAX_ATTEMPTS - 1);
        if self.state != State::Going {
            return Ok(());
        }
        if ending.code != NO_RETRY && attempt.number < limit && attempt.purpose == Purpose::Run {
            let delay = if self.options.honors_retry_delay {
                node.retry_delay
            } else {
                0
            };
            let Attempt {
                item,
                purpose,
                task_id,
                number,
                ..
            } = attempt;
            let next = Next {
                item,
                purpose,
                task_id,
                number: number + 1,
            };
            if delay == 0 {
                return self.start(next);
            }
            self.delayed
                .push((Instant::now() + Duration::from_secs(delay), next));
            return Ok(());
        }
        if ending.code == NO_RETRY {
            self.console
                .say(None, "This failed task will not be retried.", false);
        }
        self.fail(Failure {
            message: format!(
                "Step `{}` (task-id {}) failed: {}",
                attempt.step,
                attempt.task_id,
                cause(ending.code)
            ),
            last_words: attempt.last_words,
        });
        Ok(())
    }

    fn fail(&mut self, failure: Failure) {
        if self.state != State::Going {
            return;
        }
        self.failure = Some(failure);
        self.delayed.clear();
        self.console.say(None, "Workflow failed.", true);
        self.stop(false);
    }

    fn stop(&mut self, is_interrupt: bool) {
        self.state = State::Stopping {
            since: Instant::now(),
            is_interrupt,
        };
        if !self.running.is_empty() {
            let text = format!("Terminating {} active tasks...", self.running.len());
            self.console.say(None, &text, true);
        }
    }

    fn interrupted(&mut self) -> Result<()> {
        let mut bytes = [0; 16];
        let _ = self.signals.read(&mut bytes);
        self.delayed.clear();
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
        Ok(())
    }

    fn signal_all(&mut self, signal: i32) {
        if let Some(worker) = &mut self.worker {
            // A worker that is gone took its tasks along.
            let _ = worker.signal(None, signal);
        }
    }

    fn kill(&mut self, is_interrupt: bool) {
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
        self.state = State::Killing { is_interrupt };
        self.signal_all(SIGKILL);
    }

    // ---- time

    /// When what a finished task left running has to let go of its output.
    fn linger_end(&self, attempt: &Attempt) -> Option<Instant> {
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

    fn keep_time(&mut self) -> Result<()> {
        let now = Instant::now();
        if let State::Stopping { since, is_interrupt } = self.state
            && now >= since + GRACE
        {
            self.kill(is_interrupt);
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
    fn sweep(&mut self, job: u64) {
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
            let text = "Processes that the task left running hold its output open: ending them.";
            self.console.say(Some(head), text, true);
        }
        if let Some(worker) = &mut self.worker {
            let _ = worker.signal(attempt.pid, SIGKILL);
        }
    }

    /// The worker was killed from outside. Its tasks go too: nobody would learn how they end. Then again.
    fn worker_died(&mut self) -> Result<()> {
        let Some(worker) = self.worker.take() else {
            return Ok(());
        };
        let end = worker.autopsy();
        self.worker_deaths += 1;
        for attempt in self.running.values().filter(|attempt| attempt.ending.is_none()) {
            kill_group(attempt.pid);
        }
        reap_orphans();
        let lost = std::mem::take(&mut self.running);
        if self.state != State::Going {
            return Ok(());
        }
        if self.worker_deaths > MOST_DEATHS {
            self.fail(Failure {
                message: format!(
                    "the process that starts the tasks died {} times: {end}",
                    self.worker_deaths
                ),
                last_words: Vec::new(),
            });
            return Ok(());
        }
        self.console.say(
            None,
            &format!(
                "The process that starts the tasks died ({end}): starting it and {} tasks again.",
                lost.len()
            ),
            true,
        );
        self.start_worker()?;
        for attempt in lost.into_values() {
            self.again(attempt)?;
        }
        Ok(())
    }

    /// Starts an attempt anew that the worker's death cut short, unless it was through.
    fn again(&mut self, mut attempt: Attempt) -> Result<()> {
        let is_done = self
            .store
            .file(&attempt.path, attempt.number, "DONE.lock")
            .is_file()
            && self
                .store
                .artifacts(&attempt.path, attempt.number)
                .is_ok_and(|artifacts| artifacts.is_ok());
        if is_done && attempt.purpose != Purpose::Parameters {
            let at = Instant::now();
            attempt.ending.get_or_insert(Ending {
                code: 0,
                memory: 0,
                cpu: 0.0,
                at,
            });
            return self.ended(attempt);
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

    // ---- words

    fn progress(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for attempt in self.running.values() {
            *counts.entry(attempt.step.as_str()).or_default() += 1;
        }
        let steps: Vec<_> = counts
            .iter()
            .map(|(step, count)| format!("{step} {count}"))
            .collect();
        format!(
            "{} s · {} running ({}) · {} waiting · {} done · {} failed",
            self.began.elapsed().as_secs(),
            self.running.len(),
            steps.join(", "),
            self.scheduler.waiting(),
            self.done,
            self.failed
        )
    }

    fn conclude(&mut self) -> Outcome {
        let is_interrupt = match self.state {
            State::Going => false,
            State::Stopping { is_interrupt, .. } | State::Killing { is_interrupt } => is_interrupt,
        };
        if !self.has_begun {
            self.console.flush();
            self.explain_failure();
            return if is_interrupt {
                Outcome::Interrupted
            } else {
                Outcome::NotStarted
            };
        }
        if self.failure.is_none() && !is_interrupt && !self.scheduler.is_done() {
            let end = &self.network.node(self.network.end).step;
            let message = format!("the last step `{end}` was not reached");
            self.failure = Some(Failure {
                message,
                last_words: Vec::new(),
            });
        }
        let is_success = self.failure.is_none() && !is_interrupt;
        if is_success {
            self.console.say(None, "Done!", false);
        }
        let steps = self.network.nodes.iter().map(|node| node.step.as_str());
        let summary = self.report.summary(steps, self.began.elapsed());
        self.console.block(&summary);
        self.console.flush();
        self.explain_failure();
        let outcome = match (is_success, is_interrupt) {
            (true, _) => Outcome::Success,
            (false, true) => Outcome::Interrupted,
            (false, false) => Outcome::Failed,
        };
        self.record_end(outcome);
        outcome
    }

    fn record_end(&mut self, outcome: Outcome) {
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
        let Some(file) = &self.options.timeline else {
            return;
        };
        let nodes = &self.network.nodes;
        let next = |step: &usize| self.network.node(*step).step.as_str();
        let steps = nodes
            .iter()
            .map(|node| (node.step.as_str(), node.successors.iter().map(next).collect()));
        let (flow, run) = (&self.plan.flow.name, &self.options.run_id);
        let page = timeline::page(flow, run, steps.collect(), &self.report, &self.store);
        if let Err(error) = write_whole(file, page.as_bytes()) {
            self.console
                .say(None, &format!("cannot write `{}`: {error}", file.display()), true);
        }
    }

    /// On stderr, last: what the failing task said, and what failed.
    fn explain_failure(&self) {
        use std::io::Write;
        let Some(Failure { message, last_words }) = &self.failure else {
            return;
        };
        let mut text = String::new();
        for line in last_words {
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        }
        // Nobody is there to tell when stderr is closed.
        let _ = write!(io::stderr(), "{text}error: {message}\n");
    }
}

/// The descriptors that can be read or have ended.
fn readable(sources: &[(Source, BorrowedFd<'_>)], patience: Duration) -> Result<Vec<Source>> {
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

/// A socket that becomes readable when flowc is to stop.
fn watch_signals() -> Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    for signal in [SIGINT, 15, 1] {
        signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
    }
    Ok(reader)
}

/// Tasks of a worker that died become flowc's children (Linux), so that none is left behind.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(rustix::process::Pid::from_raw(1));
}

fn reap_orphans() {
    while let Ok(Some(_)) = rustix::process::wait(rustix::process::WaitOptions::NOHANG) {}
}

fn kill_group(pid: Option<u32>) {
    let pid = pid
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

/// Variables that an interpreter or its libraries read when they start.
fn is_early(name: &str) -> bool {
    const EARLY: [&str; 7] = ["PYTHON", "LD_", "DYLD_", "MALLOC_", "LANG", "LC_", "METAFLOW_"];
    name != "METAFLOW_RUN_ID"
        && !name.starts_with("METAFLOW_INIT_")
        && EARLY.iter().any(|prefix| name.starts_with(prefix))
}

fn describe(code: i32) -> String {
    match code {
        -11 => "Task failed with a segmentation fault.".to_owned(),
        ..0 => format!("Task failed: {}.", cause(code)),
        _ => "Task failed.".to_owned(),
    }
}

fn cause(code: i32) -> String {
    match code {
        -9 => "it was killed (signal 9)".to_owned(),
        -11 => "segmentation fault (signal 11)".to_owned(),
        ..0 => format!("it died by signal {}", -code),
        _ => format!("exit status {code}"),
    }
}

/// `t12` → 12.
fn number_of(task_id: &str) -> u64 {
    task_id.trim_start_matches('t').parse().unwrap_or(0)
}

/// Different for every log of every run.
fn seed(run_id: &str, stream: u64) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in run_id.bytes().chain(stream.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
