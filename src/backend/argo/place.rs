//! What a task is told by the DAG that runs it: the inputs of its leaf, from its place in the flow.

use crate::plan::{Fan, Plan, TaskId};

/// An input of a leaf template; the order is the one in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The step's name in Python.
    Step,
    Paths,
    SplitIndex,
    RootInputPath,
    JoinOf,
    SplitCardinality,
    /// Of the join of a gang: the step whose tasks it joins, their number and what their ids begin with.
    GangOf,
    GangSize,
    Entropy,
    Parameters,
}

impl Input {
    pub const ALL: [Self; 10] = [
        Self::Step,
        Self::Paths,
        Self::SplitIndex,
        Self::RootInputPath,
        Self::JoinOf,
        Self::SplitCardinality,
        Self::GangOf,
        Self::GangSize,
        Self::Entropy,
        Self::Parameters,
    ];

    /// Name of the input parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Paths => "input-paths",
            Self::SplitIndex => "split-index",
            Self::RootInputPath => "root-input-path",
            Self::JoinOf => "join-of",
            Self::SplitCardinality => "split-cardinality",
            Self::GangOf => "gang-of",
            Self::GangSize => "num-parallel",
            Self::Entropy => "task-id-entropy",
            Self::Parameters => "parameters",
        }
    }

    /// Name of the variable that hands it to the script.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Step => "METAFLOW_STEP_NAME",
            Self::Paths => "INPUT_PATHS",
            Self::SplitIndex => "FLOWC_SPLIT_INDEX",
            Self::RootInputPath => "FLOWC_ROOT_INPUT_PATH",
            Self::JoinOf => "FLOWC_JOIN_OF",
            Self::SplitCardinality => "FLOWC_SPLIT_CARDINALITY",
            Self::GangOf => "FLOWC_GANG_OF",
            Self::GangSize => "FLOWC_GANG_SIZE",
            Self::Entropy => "FLOWC_ENTROPY",
            Self::Parameters => "FLOWC_PARAMETERS",
        }
    }

    /// `{{inputs.parameters.NAME}}`
    pub fn tag(self) -> String {
        format!("{{{{inputs.parameters.{}}}}}", self.name())
    }
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub is_start: bool,
    /// First step of a foreach body: its id depends on the index.
    pub is_first: bool,
    /// Last step of a foreach body: the join computes its id from the foreach's path and the index.
    pub is_last: bool,
    /// The foreach that it joins, and the last step of that body.
    pub gathers: Option<(TaskId, TaskId)>,
    /// The same for the tasks of `num_parallel`.
    pub gathers_gang: Option<(TaskId, TaskId)>,
}

impl Place {
    pub fn of(plan: &Plan, id: TaskId) -> Self {
        let task = plan.task(id);
        let around = task.foreach().and_then(|foreach| plan.task(foreach).fan_out());
        let joined = |is_wanted: fn(&Fan) -> bool| {
            let split = task
                .role
                .joins
                .filter(|&split| is_wanted(&plan.task(split).role.fans));
            split.zip(task.predecessors.last().copied())
        };
        Self {
            is_start: task.role.is_start,
            is_first: around.is_some_and(|(first, _)| first == id),
            is_last: around.is_some_and(|(_, join)| task.successors.contains(&join)),
            gathers: joined(|fans| matches!(fans, Fan::Foreach { .. })),
            gathers_gang: joined(|fans| matches!(fans, Fan::Parallel { .. })),
        }
    }

    /// The inputs it needs besides the step's name and the input paths.
    pub fn inputs(self) -> Vec<Input> {
        let needs = [
            (Input::SplitIndex, self.is_first || self.is_last),
            (Input::RootInputPath, self.is_last && !self.is_first),
            (Input::JoinOf, self.gathers.is_some()),
            (Input::SplitCardinality, self.gathers.is_some()),
            (Input::GangOf, self.gathers_gang.is_some()),
            (Input::GangSize, self.gathers_gang.is_some()),
            (Input::Entropy, self.gathers_gang.is_some()),
            (Input::Parameters, self.is_start),
        ];
        let needed = needs.into_iter().filter(|(_, is_needed)| *is_needed);
        needed.map(|(input, _)| input).collect()
    }
}
