//! How a state is entered, and with it where its job finds what came before: `JSONPath`s into the state's input.
//!
//! Between jobs travels `{JobId, Parameters}` of the job before, nothing else. What a job has to know of the
//! foreach steps around it stands in `Parameters`, AWS Batch's free-form map, and is handed on by each job.

use super::text::{Source, Sources};
use crate::plan::{Plan, Task, TaskId};

/// How a state is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// By the start of an execution.
    Execution,
    /// After another job, or after itself.
    Job,
    /// As the first of a foreach's body, by the map: the input is one item.
    Item,
    /// As the first of a foreach's body, but after itself: a switch that chose itself. The map's item is gone.
    Again,
    /// After all branches of this split: the input is an array.
    Branches(TaskId),
    /// After the map of this foreach: the input is what the foreach step gave.
    Map(TaskId),
}

/// A task entered in one way.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    pub plan: &'a Plan,
    pub id: TaskId,
    pub entry: Entry,
}

/// The task whose outcome is the input of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    Step(String),
    /// Several steps lead here: `Parameters` says which one came.
    OneOf,
}

impl<'a> Route<'a> {
    pub fn task(&self) -> &'a Task {
        self.plan.task(self.id)
    }

    /// The state's name: a step that is emitted twice has another name the second time.
    pub fn state_name(&self) -> String {
        match self.entry {
            Entry::Again => format!("{}+", self.task().step),
            Entry::Execution | Entry::Job | Entry::Item | Entry::Branches(_) | Entry::Map(_) => {
                self.task().step.clone()
            }
        }
    }

    /// Where `Parameters` of the job before stand.
    fn parameters(&self) -> &'static str {
        match self.entry {
            Entry::Branches(_) => "$[0].Parameters",
            Entry::Execution | Entry::Job | Entry::Item | Entry::Again | Entry::Map(_) => "$.Parameters",
        }
    }

    /// The name of the execution. Inside of a distributed map that of the context is a child's.
    pub fn run_id(&self) -> String {
        if self.entry == Entry::Execution || !self.plan.deployment.step_functions.uses_distributed_map {
            return "$$.Execution.Name".to_owned();
        }
        member(self.parameters(), "metaflow.run_id")
    }

    /// The innermost foreach whose item this state is entered with.
    fn item_of(&self) -> Option<TaskId> {
        self.task().foreach().filter(|_| self.entry == Entry::Item)
    }

    /// The id of the task of a foreach step around this one.
    pub fn foreach_task(&self, foreach: TaskId) -> String {
        if self.item_of() == Some(foreach) {
            return "$.JobId".to_owned();
        }
        member(
            self.parameters(),
            &self.foreach_key("split_parent_task_id", foreach),
        )
    }

    /// The index of this task's item of a foreach around it.
    pub fn foreach_index(&self, foreach: TaskId) -> String {
        if self.item_of() == Some(foreach) {
            return "$.Index".to_owned();
        }
        member(self.parameters(), &self.foreach_key("split_index", foreach))
    }

    fn foreach_key(&self, what: &str, foreach: TaskId) -> String {
        format!("{what}_{}", self.plan.task(foreach).step)
    }

    /// What the job hands on of the foreach steps around it.
    pub fn foreach_parameters(&self) -> Sources {
        let mut handed_on = Sources::default();
        for &foreach in &self.task().foreaches {
            let task = Source::path(self.foreach_task(foreach));
            handed_on.put(self.foreach_key("split_parent_task_id", foreach), task);
            let index = Source::path(self.foreach_index(foreach));
            handed_on.put(self.foreach_key("split_index", foreach), index);
        }
        handed_on
    }

    /// The one step that comes before, where the state's input is one job's.
    pub fn parent(&self) -> Parent {
        let task = self.task();
        let step = |id: TaskId| Parent::Step(self.plan.task(id).step.clone());
        match self.entry {
            Entry::Map(foreach) => step(foreach),
            Entry::Item => task.foreach().map_or(Parent::OneOf, step),
            Entry::Again => Parent::Step(task.step.clone()),
            Entry::Execution | Entry::Job | Entry::Branches(_) => match task.predecessors.as_slice() {
                [only] if !task.is_recursive() => step(*only),
                _ => Parent::OneOf,
            },
        }
    }

    /// For the join of a split: what comes last in each branch, in the order of the branches.
    pub fn branch_ends(&self, split: TaskId) -> Vec<Parent> {
        let branches = self.plan.task(split).successors.iter();
        let ends = branches.map(|&branch| {
            let mut last = self
                .task()
                .predecessors
                .iter()
                .filter(|&&id| self.is_in_branch(id, split, branch));
            match (last.next(), last.next()) {
                (Some(&only), None) => Parent::Step(self.plan.task(only).step.clone()),
                _ => Parent::OneOf,
            }
        });
        ends.collect()
    }

    fn is_in_branch(&self, id: TaskId, split: TaskId, branch: TaskId) -> bool {
        let task = self.plan.task(id);
        let mut open = task.splits.iter().zip(&task.branches);
        open.any(|(&open, &through)| open == split && through == branch)
    }

    /// The foreach whose join comes next, when this task is among the last of its body.
    pub fn leads_to_join_of(&self) -> Option<TaskId> {
        let closes = |&id: &TaskId| {
            let joins = self.plan.task(id).role.joins?;
            self.plan.task(joins).fan_out().map(|_| joins)
        };
        self.task().successors.iter().find_map(closes)
    }
}

/// A field of an object, by name.
pub fn member(object: &str, name: &str) -> String {
    if name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || character == '_')
    {
        return format!("{object}.{name}");
    }
    format!("{object}['{name}']")
}
