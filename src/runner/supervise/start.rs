//! How tasks start: the worker, commands, variables, pipes.

use std::io;
use std::time::Instant;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use super::super::attempt::{Attempt, Purpose, Stream};
use super::super::lines::Log;
use super::super::schedule::Item;
use super::super::store::write_whole;
use super::super::worker::{Job, Setup, Worker};
use super::super::{Isolation, command};
use super::{Next, State, Supervisor};

/// A task takes two pipes and two log files of the files that a process may have open.
const NO_PIPE: &str =
    "cannot start another task (--max-workers can be too many for the limit of open files, `ulimit -n`)";

impl Supervisor<'_> {
    pub(super) fn start_worker(&mut self) -> Result<()> {
        let options = self.options;
        let bin = options
            .python
            .parent()
            .map(|bin| bin.as_os_str().to_owned())
            .unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(bin.into()).chain(std::env::split_paths(&path));
        let mut environment = vec![
            ("PYTHONUNBUFFERED".to_owned(), "x".into()),
            // `@parallel` starts a bare `python`.
            ("PATH".to_owned(), std::env::join_paths(folders)?),
        ];
        if is_coerced() {
            environment.push(("LC_CTYPE".to_owned(), "C.UTF-8".into()));
        }
        let setup = Setup {
            python: options.python.clone(),
            folder: options.folder.clone(),
            is_warm: options.isolation == Isolation::Fork,
            preload: options.preload.clone(),
            sources: options.sources.clone(),
            environment,
        };
        self.worker = Some(Worker::start(&setup)?);
        Ok(())
    }

    /// Starts tasks while there are free places.
    pub(super) fn launch(&mut self) -> Result<()> {
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

    pub(super) fn start(&mut self, next: Next) -> Result<()> {
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
            user_retries: self.asked(item.place.step).user_retries,
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
        let for_init = |file: &Option<NamedTempFile>| {
            let file = file.as_ref().filter(|_| is_init);
            file.map(|file| file.path().to_owned())
        };
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
            asked_file: for_init(&self.asked_file),
            configs_file: for_init(&self.configs_file),
        };
        let log = |name: &str, stream: u64| {
            let seed = seed(&self.options.run_id, self.last_job * 2 + stream);
            Log::new(
                self.store.file(&path, number, name),
                self.options.max_log_size,
                seed,
            )
        };
        let pipes = Stream::new(log("runtime_stdout.log", 0))
            .and_then(|stdout| Ok((stdout, Stream::new(log("runtime_stderr.log", 1))?)));
        let ((stdout, stdout_writer), (stderr, stderr_writer)) = match pipes {
            Ok(pipes) => pipes,
            Err(error) => return self.cannot_go_on(NO_PIPE, error.into()),
        };
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
    pub(super) fn environment(&self, item: &Item, is_init: bool) -> Vec<(String, String)> {
        if is_init {
            return self.options.parameter_variables.clone();
        }
        let mut variables = vec![("METAFLOW_RUN_ID".to_owned(), self.options.run_id.clone())];
        variables.extend(self.asked(item.place.step).variables.iter().cloned());
        variables
    }

    /// A file for a list of inputs that no command line can hold.
    pub(super) fn spill(&self, text: &str, job: u64) -> io::Result<String> {
        let folder = self
            .options
            .root
            .join(&self.plan.flow.name)
            .join(&self.options.run_id)
            .join("_meta");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("inputs-{job}"));
        write_whole(&file, text.as_bytes())?;
        Ok(file.to_string_lossy().into_owned())
    }
}

/// In the C locale a Python sets `LC_CTYPE` for its children (PEP 538): a task of Metaflow's is one, so tasks here find
/// that too.
fn is_coerced() -> bool {
    let locale = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let first = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(locale);
    match first {
        None => true,
        Some("LC_ALL") => false,
        Some(name) => std::env::var_os(name).is_some_and(|value| value == "C" || value == "POSIX"),
    }
}

/// Variables that an interpreter or its libraries read when they start.
fn is_early(name: &str) -> bool {
    const EARLY: [&str; 7] = ["PYTHON", "LD_", "DYLD_", "MALLOC_", "LANG", "LC_", "METAFLOW_"];
    name != "METAFLOW_RUN_ID"
        && !name.starts_with("METAFLOW_INIT_")
        && EARLY.iter().any(|prefix| name.starts_with(prefix))
}

/// Different for every log of every run.
fn seed(run_id: &str, stream: u64) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in run_id.bytes().chain(stream.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
