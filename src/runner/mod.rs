//! `flowc run`: the plan of a flow carried out on this machine, with Metaflow's own `step` command in a process for
//! each task. The result is an ordinary run in Metaflow's local datastore. Knows no target.
//!
//! [`schedule`] decides what runs when, over a [`network`] of steps; [`worker`] is the Python process that starts
//! tasks; [`supervise`] is the loop between the two; [`store`] and [`lines`] are what lies on the disk.

use std::path::PathBuf;

use anyhow::Result;

use crate::plan::Plan;
use crate::target::ThisMachine;

mod asked;
mod attempt;
mod command;
mod describe;
pub mod events;
pub mod console;
mod last_words;
mod leavings;
mod lines;
mod network;
mod origin;
pub mod patient;
mod pickle;
mod report;
mod schedule;
mod scope;
pub mod store;
mod supervise;
mod timeline;
pub mod worker;

/// How a run is to be carried out.
#[derive(Clone, Debug)]
pub struct Options {
    pub run_id: String,
    pub python: PathBuf,
    /// The flow's folder.
    pub folder: PathBuf,
    /// The datastore, absolute.
    pub root: PathBuf,
    pub isolation: Isolation,
    pub max_workers: usize,
    pub max_splits: u32,
    /// Bytes of one log file.
    pub max_log_size: usize,
    pub preload: Vec<String>,
    /// The flow's own Python files.
    pub sources: Vec<PathBuf>,
    pub parameters: Vec<Given>,
    /// `METAFLOW_INIT_NAME`: parameters given by the environment.
    pub parameter_variables: Vec<(String, String)>,
    /// Metaflow's `--config` and `--config-value`, word by word.
    pub configs: Vec<String>,
    /// The command by which a person goes on from where the run stopped.
    pub way_to_resume: String,
    /// Names of Metaflow's decorators that do nothing here.
    pub without: Vec<String>,
    /// Wait `minutes_between_retries`, which Metaflow's own local run does not.
    pub honors_retry_delay: bool,
    /// The run whose finished tasks are taken over.
    pub origin: Option<String>,
    /// Steps to run again although they finished there.
    pub rerun: Vec<String>,
    /// Run no further than this step.
    pub until: Option<String>,
    /// A file for the run's id.
    pub run_id_file: Option<PathBuf>,
    /// A file for what Metaflow's `Runner` wants to know of a run.
    pub attribute_file: Option<PathBuf>,
    /// A file for one event a line; `-` is stdout.
    pub json_log: Option<PathBuf>,
    /// An SVG of the graph, for a page that shows when each task ran.
    pub drawing: Option<String>,
}

/// A parameter as it was given; one that may be given several times is there as often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub name: String,
    /// None of a flag; several where one option takes several.
    pub values: Vec<String>,
}

impl Given {
    fn words(&self) -> Vec<String> {
        let Self { name, values } = self;
        match values.as_slice() {
            [value] => vec![format!("--{name}={value}")],
            values => [&[format!("--{name}")], values].concat(),
        }
    }
}

/// How tasks are kept apart. Every task is a process of its own either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Forked from a process that has imported Metaflow.
    Fork,
    /// A new interpreter each.
    Spawn,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    Failed,
    /// The parameters were refused, the datastore cannot be written …
    NotStarted,
    Interrupted,
}

/// A run that is over.
#[derive(Clone, Debug)]
pub struct Ended {
    pub outcome: Outcome,
    /// All lines, and all events that were asked for, are written.
    pub is_recorded: bool,
    /// The page that shows when each task ran, where it was asked for and any did.
    pub page: Option<String>,
}

/// What [`run`] would do: the steps as a tree, with their commands.
///
/// # Errors
/// What would keep it from starting: a step that the flow does not have, an earlier run that is not there.
pub fn describe(plan: &Plan<ThisMachine>, options: &Options) -> Result<String> {
    describe::describe(plan, options)
}

/// The steps of which tasks would run.
///
/// # Errors
/// As of [`describe`].
pub fn steps_to_run(plan: &Plan<ThisMachine>, options: &Options) -> Result<Vec<String>> {
    let network = network::Network::new(plan);
    let scope = scope::Scope::new(&network, &plan.flow.name, options, &options.run_id)?;
    let prospects = scope.outlook(&network)?;
    let steps = network.nodes.into_iter().zip(prospects);
    let running = steps.filter(|(_, prospect)| prospect.runs);
    Ok(running.map(|(node, _)| node.step).collect())
}

/// A step and those that follow it.
pub fn steps_behind(plan: &Plan<ThisMachine>, step: &str) -> Vec<String> {
    let network = network::Network::new(plan);
    let behind = network.find(step).map(|first| network.behind(first));
    behind
        .into_iter()
        .flatten()
        .map(|node| node.step.clone())
        .collect()
}

/// Carries out a plan.
///
/// # Errors
/// What keeps flowc from its own work: no Python, no Metaflow in it, a datastore that cannot be written.
pub fn run(plan: &Plan<ThisMachine>, options: &Options, console: console::Console) -> Result<Ended> {
    let network = network::Network::new(plan);
    supervise::Supervisor::new(plan, &network, options, console)?.run()
}
