//! A plan: everything about a run that is decided before a target spells it. Knows no target's syntax.
//!
//! [`Plan::new`] makes it from a flow that the rules found no error in. What a backend needs besides the tasks:
//! [`command`] (Metaflow's command line with holes), [`environment`] (the constants of every container),
//! [`pod`] (what a step asks of Kubernetes, for the targets that run pods).

use crate::request::{FlowRequest, Request};
use crate::settings::Deployment;
use crate::source::Span;
use crate::target::TargetVersion;

mod build;
pub mod command;
mod config;
pub mod environment;
pub mod json;
mod parameter;
pub mod pod;
pub mod python_environment;
mod project;

pub use build::flow_request;
pub use config::PlannedConfig;
pub use parameter::{FileFormat, Included, PlannedParameter, included_files};

/// The plan of one flow for one target and deployment, or (`Plan<ThisMachine>`) for a local run.
#[derive(Clone, Debug)]
pub struct Plan<T = TargetVersion> {
    pub target: T,
    pub deployment: Deployment,
    pub flow: FlowFacts,
    /// In Metaflow's order of the graph (`sorted_nodes`), so that every task stands behind its predecessors.
    pub tasks: Vec<Task>,
    /// Sorted by variable name.
    pub parameters: Vec<PlannedParameter>,
    /// Sorted by name.
    pub configs: Vec<PlannedConfig>,
}

/// Where a flow comes from, as containers and readers of a definition need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Base name of the file that containers run: `flow.py`.
    pub file_name: String,
    /// Digest of the sources that were read, in hex.
    pub digest: String,
    /// Class names of all flows of the file.
    pub flows: Vec<String>,
}

/// What holds for the flow as a whole.
#[derive(Clone, Debug)]
pub struct FlowFacts {
    pub name: String,
    pub span: Span,
    /// Base name of the file that containers run: `flow.py`.
    pub file_name: String,
    /// Digest of the sources that were read, in hex.
    pub digest: String,
    /// Class names of the other flows of the file.
    pub beside: Vec<String>,
    pub docstring: Option<String>,
    pub request: FlowRequest,
    /// `project.branch.Flow` and its parts, with `@project`.
    pub project: Option<ProjectNames>,
    /// Options of flow decorators given on the command line: `--branch`, `--production`.
    pub options: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectNames {
    /// The decorator that puts the flow into the project.
    pub span: Span,
    pub project: String,
    /// `user.me`, `test.b`, `prod`, `prod.b`.
    pub branch: String,
    /// `project.branch.Flow`.
    pub flow: String,
    pub is_production: bool,
}

/// Index into [`Plan::tasks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub usize);

/// One step, decided.
#[derive(Clone, Debug)]
pub struct Task {
    pub step: String,
    pub span: Span,
    pub docstring: Option<String>,
    pub role: Role,
    /// Predecessors in topological order (no self edge).
    pub predecessors: Vec<TaskId>,
    /// Successors in source order, each once (a self-recursive switch names itself).
    pub successors: Vec<TaskId>,
    /// The foreach splits around it, outermost first: a task in none runs once.
    pub foreaches: Vec<TaskId>,
    /// All open splits around it, static ones too, outermost first; a join is outside of the split it closes.
    pub splits: Vec<TaskId>,
    /// For each of `splits`, the successor of the split from which this task is reached.
    pub branches: Vec<TaskId>,
    /// Of a foreach: the number of its items, where the source says it.
    pub items: Option<usize>,
    pub request: Request,
}

/// What a step does with its successors, and what its predecessors did.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    pub is_start: bool,
    pub is_end: bool,
    /// The split that it closes.
    pub joins: Option<TaskId>,
    pub fans: Fan,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Fan {
    /// No successor, or exactly one.
    None,
    Split {
        join: TaskId,
    },
    Foreach {
        variable: Option<String>,
        first: TaskId,
        join: TaskId,
    },
    Parallel {
        first: TaskId,
        join: TaskId,
    },
    /// `is_recursive` when one of the successors is the step itself.
    Switch {
        condition: String,
        is_recursive: bool,
    },
}

impl Task {
    /// The innermost foreach around it.
    pub fn foreach(&self) -> Option<TaskId> {
        self.foreaches.last().copied()
    }

    pub fn is_switch(&self) -> bool {
        matches!(self.role.fans, Fan::Switch { .. })
    }

    /// A switch that may choose itself.
    pub fn is_recursive(&self) -> bool {
        matches!(
            self.role.fans,
            Fan::Switch {
                is_recursive: true,
                ..
            }
        )
    }

    /// First task and join of the foreach (or gang of parallel tasks) that this step opens.
    pub fn fan_out(&self) -> Option<(TaskId, TaskId)> {
        match self.role.fans {
            Fan::Foreach { first, join, .. } | Fan::Parallel { first, join } => Some((first, join)),
            Fan::None | Fan::Split { .. } | Fan::Switch { .. } => None,
        }
    }
}

impl<T> Plan<T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "a TaskId of this plan is an index into its tasks"
    )]
    pub fn task(&self, id: TaskId) -> &Task {
        &self.tasks[id.0]
    }

    /// All tasks' ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = TaskId> + use<T> {
        (0..self.tasks.len()).map(TaskId)
    }

    pub fn find(&self, step: &str) -> Option<TaskId> {
        self.tasks.iter().position(|task| task.step == step).map(TaskId)
    }

    /// The `@schedule` that is switched on.
    pub fn cron(&self) -> Option<&str> {
        self.flow.request.schedule.as_ref()?.cron.as_deref()
    }
}
