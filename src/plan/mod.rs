//! A plan: everything about a run that is decided before a target spells it. Knows no target's syntax.

use std::collections::BTreeMap;

use crate::flow::{ParameterKind, ParameterType};
use crate::request::{FlowRequest, Request};
use crate::settings::Deployment;
use crate::source::Span;
use crate::target::TargetVersion;
use crate::value::Value;

/// The plan of one flow for one target and deployment.
#[derive(Clone, Debug)]
pub struct Plan {
    pub target: TargetVersion,
    pub deployment: Deployment,
    pub flow: FlowFacts,
    /// In Metaflow's order of the graph (`sorted_nodes`), so that every task stands behind its predecessors.
    pub tasks: Vec<Task>,
    /// Sorted by variable name.
    pub parameters: Vec<PlannedParameter>,
    /// Config name → resolved value (`None` of Python for an absent optional one).
    pub configs: BTreeMap<String, Value>,
}

/// What holds for the flow as a whole.
#[derive(Clone, Debug)]
pub struct FlowFacts {
    pub name: String,
    pub span: Span,
    /// Base name of the file that containers run: `flow.py`.
    pub file_name: String,
    pub docstring: Option<String>,
    pub request: FlowRequest,
    /// `project.branch.Flow` and its parts, with `@project`.
    pub project: Option<ProjectNames>,
    /// Options of flow decorators given on the command line: `--branch`, `--production`.
    pub options: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectNames {
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
    /// All open splits around it, static ones too, outermost first.
    pub splits: Vec<TaskId>,
    pub request: Request,
    /// `name:k=v,…` for `--with`: decorators that are not in the source.
    pub with: Vec<String>,
}

/// What a step does with its successors, and what its predecessors did.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    pub is_start: bool,
    pub is_end: bool,
    /// What it closes.
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
    /// Cases in source order; `is_recursive` when one is the step itself.
    Switch {
        condition: String,
        is_recursive: bool,
    },
}

/// A `Parameter` or `IncludeFile` with its default decided.
#[derive(Clone, Debug)]
pub struct PlannedParameter {
    pub kind: ParameterKind,
    pub name: String,
    pub variable: String,
    pub value_type: ParameterType,
    /// None: no default, or the default None. Known, or there would be no plan.
    pub default: Option<Value>,
    pub is_required: bool,
    pub help: Option<String>,
    pub separator: Option<String>,
}

impl Plan {
    #[expect(
        clippy::indexing_slicing,
        reason = "a TaskId of this plan is an index into its tasks"
    )]
    pub fn task(&self, id: TaskId) -> &Task {
        &self.tasks[id.0]
    }

    pub fn find(&self, step: &str) -> Option<TaskId> {
        self.tasks.iter().position(|task| task.step == step).map(TaskId)
    }
}
