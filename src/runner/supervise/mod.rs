//! The loop of a run: starts what the scheduler gives, reads what tasks print, takes note of how they end, and stops
//! them when the run fails or is interrupted. One thread.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use tempfile::NamedTempFile;

use self::orphans::Orphans;
use self::signals::Signals;
use super::asked::{self, Asked};
use super::attempt::{Attempt, Purpose};
use super::command::{Commands, PARAMETERS_TASK};
use super::console::Console;
use super::events::Events;
use super::network::Network;
use super::origin::Origin;
use super::report::Report;
use super::schedule::{Item, Place, Scheduler};
use super::scope::Scope;
use super::store::Store;
use super::worker::Worker;
use super::{Ended, Options};
use crate::plan::Plan;
use crate::target::ThisMachine;

mod conclude;
mod death;
mod hooks;
mod listen;
mod orphans;
mod settle;
mod signals;
mod start;
mod stop;

/// How long tasks may take to end by themselves once the run is to stop; Metaflow's own time.
const GRACE: Duration = Duration::from_secs(5);
/// How long what a successful task left running may hold its output open.
const LINGER: Duration = Duration::from_secs(10);
/// The same after a task that failed, and after what lingered was killed.
const SHORT_LINGER: Duration = Duration::from_millis(500);
/// How long the worker may take to end itself and all that it started, and before it had started anything.
const LONG_END: Duration = Duration::from_secs(10);
const SHORT_END: Duration = Duration::from_secs(1);
/// Metaflow's exit status of a task that must not be retried.
const NO_RETRY: i32 = 202;
/// A worker that dies more often is not restarted.
const MOST_DEATHS: u32 = 3;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// Everything of a run that is under way.
pub struct Supervisor<'a> {
    plan: &'a Plan<ThisMachine>,
    network: &'a Network,
    options: &'a Options,
    commands: Commands,
    store: Store,
    console: Console,
    signals: Signals,
    worker: Option<Worker>,
    orphans: Orphans,
    /// It has said that it can start tasks.
    is_worker_ready: bool,
    worker_deaths: u32,
    /// Modules that every task imports for itself.
    suggested: Vec<String>,
    scheduler: Scheduler<'a>,
    origin: Option<Origin>,
    /// By step.
    asked: Vec<Asked>,
    /// Into which `init` writes the same, as Metaflow sees it.
    asked_file: Option<NamedTempFile>,
    /// Into which `init` writes what the Configs hold; tasks read it.
    configs_file: Option<NamedTempFile>,
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
    has_losses: bool,
    /// Tasks that succeeded, by step.
    done: Vec<usize>,
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
        since: Instant,
        is_interrupt: bool,
    },
}

/// Why a run failed.
struct Failure {
    message: String,
    /// Of the task, the last lines of its stderr.
    last_words: Vec<String>,
}

impl<'a> Supervisor<'a> {
    pub fn new(
        plan: &'a Plan<ThisMachine>,
        network: &'a Network,
        options: &'a Options,
        console: Console,
    ) -> Result<Self> {
        let Scope {
            store,
            scheduler,
            origin,
        } = Scope::new(network, &plan.flow.name, options, &options.run_id)?;
        let stopping = console.stopping();
        Ok(Self {
            plan,
            network,
            options,
            commands: Commands::new(plan, options, &options.run_id),
            store,
            console,
            signals: Signals::watch(&stopping)?,
            worker: None,
            orphans: Orphans::adopt(),
            is_worker_ready: false,
            worker_deaths: 0,
            suggested: Vec::new(),
            scheduler,
            origin,
            asked: asked::of_plan(plan, network),
            // Where there is no room for it the plan has to do, and tasks read the Configs for themselves.
            asked_file: NamedTempFile::with_prefix("flowc-").ok(),
            configs_file: NamedTempFile::with_prefix("flowc-").ok(),
            running: BTreeMap::new(),
            delayed: Vec::new(),
            last_job: 0,
            last_task: 0,
            state: State::Going,
            has_begun: false,
            failure: None,
            began: Instant::now(),
            report: Report::default(),
            events: Events::open(options.json_log.as_deref(), &stopping)?,
            has_losses: false,
            done: vec![0; network.nodes.len()],
            failed: 0,
            buffer: vec![0; 64 * 1024],
        })
    }

    pub fn run(mut self) -> Result<Ended> {
        let result = self.start_worker().and_then(|()| self.carry_out());
        self.console.hide_progress();
        let is_killing = self.state != State::Going || result.is_err();
        if let Some(worker) = self.worker.take() {
            let patience = if self.is_worker_ready { LONG_END } else { SHORT_END };
            worker.finish(is_killing.then_some(patience));
        }
        if is_killing {
            // A worker that was killed, or did not listen, has left what it started.
            self.orphans.end_all();
        }
        let outcome = match result {
            Ok(()) => self.conclude(),
            Err(error) => return Err(self.broken_off(error)),
        };
        self.console.flush();
        self.tell_losses();
        Ok(Ended {
            outcome,
            is_recorded: !self.has_losses,
            page: self.page(),
        })
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
            if self.console.is_progress_due() {
                let text = self.progress();
                self.console.set_progress(&text, self.failed > 0);
            }
            self.console.show_progress();
            self.events.flush();
            self.tell_losses();
        }
        Ok(())
    }
}

impl Supervisor<'_> {
    #[expect(clippy::indexing_slicing, reason = "one for each step of the network")]
    fn asked(&self, step: usize) -> &Asked {
        &self.asked[step]
    }
}

/// `t12` → 12.
fn number_of(task_id: &str) -> u64 {
    task_id.trim_start_matches('t').parse().unwrap_or(0)
}
