//! The steps of a plan as a scheduler sees them: who follows whom, what splits and what joins.

use crate::plan::{self, Plan};

/// Metaflow's default of `minutes_between_retries`, in seconds.
const DEFAULT_RETRY_DELAY: u64 = 120;

/// The steps of a flow, by position.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub nodes: Vec<Node>,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Node {
    pub step: String,
    /// In source order.
    pub successors: Vec<usize>,
    pub fan: Fan,
    /// For a join: the split that it closes.
    pub closes: Option<Closes>,
    /// `@retry(times=…)`.
    pub user_retries: u32,
    /// The attempts that `@catch` adds.
    pub fallback_retries: u32,
    /// Seconds between attempts.
    pub retry_delay: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fan {
    /// At most one successor.
    #[default]
    None,
    Split,
    /// `num_parallel` too.
    Foreach,
    /// `is_recursive` when it may choose itself.
    Switch {
        is_recursive: bool,
    },
}

#[derive(Clone, Debug)]
pub struct Closes {
    pub is_foreach: bool,
    /// The number of branches of a static split.
    pub branches: usize,
    pub predecessors: Vec<usize>,
}

impl Node {
    pub fn is_switch(&self) -> bool {
        matches!(self.fan, Fan::Switch { .. })
    }

    pub fn is_recursive(&self) -> bool {
        self.fan == Fan::Switch { is_recursive: true }
    }
}

impl Network {
    pub fn new<T>(plan: &Plan<T>) -> Self {
        let nodes = plan.tasks.iter().map(|task| node(plan, task)).collect();
        let position =
            |is: fn(&plan::Role) -> bool| plan.tasks.iter().position(|task| is(&task.role)).unwrap_or(0);
        Self {
            nodes,
            start: position(|role| role.is_start),
            end: position(|role| role.is_end),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "steps are positions in this very list")]
    pub fn node(&self, step: usize) -> &Node {
        &self.nodes[step]
    }

    pub fn find(&self, step: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.step == step)
    }

    /// The step itself and those that it leads to, in the order of the flow.
    pub fn behind(&self, step: usize) -> impl Iterator<Item = &Node> {
        let mut behind = vec![false; self.nodes.len()];
        let mut todo = vec![step];
        while let Some(step) = todo.pop() {
            match behind.get_mut(step) {
                Some(is_behind) if !*is_behind => *is_behind = true,
                Some(_) | None => continue,
            }
            todo.extend(&self.node(step).successors);
        }
        let nodes = self.nodes.iter().zip(behind);
        nodes.filter(|(_, is_behind)| *is_behind).map(|(node, _)| node)
    }

    /// By step: is it this one, or does it lead to it?
    pub fn leading_to(&self, step: usize) -> Vec<bool> {
        let mut leading = vec![false; self.nodes.len()];
        let mut todo = vec![step];
        while let Some(step) = todo.pop() {
            match leading.get_mut(step) {
                Some(leads) if !*leads => *leads = true,
                Some(_) | None => continue,
            }
            let before = self.nodes.iter().enumerate();
            todo.extend(
                before
                    .filter(|(_, node)| node.successors.contains(&step))
                    .map(|(before, _)| before),
            );
        }
        leading
    }
}

fn node<T>(plan: &Plan<T>, task: &plan::Task) -> Node {
    let attempts = &task.request.attempts;
    Node {
        step: task.step.clone(),
        successors: task.successors.iter().map(|id| id.0).collect(),
        fan: match task.role.fans {
            plan::Fan::None => Fan::None,
            plan::Fan::Split { .. } => Fan::Split,
            plan::Fan::Foreach { .. } | plan::Fan::Parallel { .. } => Fan::Foreach,
            plan::Fan::Switch { is_recursive, .. } => Fan::Switch { is_recursive },
        },
        closes: task.role.joins.map(|split| Closes {
            is_foreach: plan.task(split).fan_out().is_some(),
            branches: plan.task(split).successors.len(),
            predecessors: task.predecessors.iter().map(|id| id.0).collect(),
        }),
        user_retries: u32::from(attempts.user),
        fallback_retries: u32::from(attempts.fallback),
        retry_delay: attempts.delay.unwrap_or(DEFAULT_RETRY_DELAY),
    }
}
