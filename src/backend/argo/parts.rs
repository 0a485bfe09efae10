//! A DAG of more tasks than Argo accepts is cut into parts, each a template of its own: where a single
//! unconditional step leads on, and within the branches of a split or the arms of a switch.

use std::collections::BTreeSet;

use crate::plan::{Plan, TaskId};

/// Tasks in a part; Argo's CRDs allow 200 in a DAG.
const PART: usize = 150;

/// What stands in a DAG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Step(TaskId),
    Part(Part),
}

/// Steps that are entered at the first and left at the last, which runs whenever the first does. In the DAG
/// around it the part stands under the name of its last step, so that nobody outside knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub entry: TaskId,
    pub exit: TaskId,
    pub items: Vec<Item>,
    /// All steps in it, those of parts within it too.
    pub tasks: Vec<TaskId>,
}

/// The steps of a DAG, in parts where they are too many.
pub fn fold(plan: &Plan, tasks: &[TaskId]) -> Vec<Item> {
    if weights(plan, tasks) <= PART {
        return steps(tasks);
    }
    let groups = cut(plan, tasks);
    let is_cut = groups.len() > 1;
    let items = groups.into_iter().map(|group| match group.part() {
        Some((entry, exit)) if is_cut => {
            let items = if weights(plan, &group.tasks) <= PART {
                steps(&group.tasks)
            } else {
                fold_branches(plan, &group.tasks)
            };
            let tasks = group.tasks;
            vec![Item::Part(Part {
                entry,
                exit,
                items,
                tasks,
            })]
        }
        Some(_) | None => fold_branches(plan, &group.tasks),
    });
    items.flatten().collect()
}

fn steps(tasks: &[TaskId]) -> Vec<Item> {
    tasks.iter().copied().map(Item::Step).collect()
}

/// Steps that follow each other, up to a place where a DAG may be cut.
struct Group {
    tasks: Vec<TaskId>,
    /// A single edge leads on from its last step.
    has_one_exit: bool,
}

impl Group {
    /// Its first and last step, where it can be a part.
    fn part(&self) -> Option<(TaskId, TaskId)> {
        let (entry, exit) = (self.tasks.first()?, self.tasks.last()?);
        (self.has_one_exit && self.tasks.len() > 1).then_some((*entry, *exit))
    }
}

/// Cuts steps into groups no heavier than a part, as far as there are places to cut.
fn cut(plan: &Plan, tasks: &[TaskId]) -> Vec<Group> {
    let is_cut = cuts(plan, tasks);
    let mut groups: Vec<Group> = Vec::new();
    // The steps since the last place to cut, which go to a group together.
    let mut block = Vec::new();
    let mut group_weight = 0;
    for (&id, &is_cut) in tasks.iter().zip(&is_cut) {
        block.push(id);
        if !is_cut {
            continue;
        }
        let weight = weights(plan, &block);
        match groups.last_mut() {
            Some(group) if group_weight + weight <= PART => {
                group.tasks.append(&mut block);
                group_weight += weight;
            }
            Some(_) | None => {
                groups.push(Group {
                    tasks: std::mem::take(&mut block),
                    has_one_exit: true,
                });
                group_weight = weight;
            }
        }
    }
    if !block.is_empty() {
        groups.push(Group {
            tasks: block,
            has_one_exit: false,
        });
    }
    groups
}

/// Puts what lies behind one branch alone into parts.
fn fold_branches(plan: &Plan, tasks: &[TaskId]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut placed = BTreeSet::new();
    for &id in tasks {
        if placed.contains(&id) {
            continue;
        }
        items.push(Item::Step(id));
        placed.insert(id);
        let heads = successors(plan, id);
        if heads.len() < 2 {
            continue;
        }
        for head in heads {
            if placed.contains(&head) {
                continue;
            }
            let behind = behind(plan, tasks, head);
            placed.extend(behind.iter().copied());
            items.extend(fold_branch(plan, &behind));
        }
    }
    items
}

fn fold_branch(plan: &Plan, tasks: &[TaskId]) -> Vec<Item> {
    let groups = cut(plan, tasks).into_iter();
    let items = groups.map(|group| match group.part() {
        Some((entry, exit)) => {
            let items = if weights(plan, &group.tasks) <= PART {
                steps(&group.tasks)
            } else {
                fold_branches(plan, &group.tasks)
            };
            vec![Item::Part(Part {
                entry,
                exit,
                items,
                tasks: group.tasks,
            })]
        }
        None => fold_branches(plan, &group.tasks),
    });
    items.flatten().collect()
}

/// The steps that are reached through this one alone, itself included; none where it is reached otherwise too.
fn behind(plan: &Plan, tasks: &[TaskId], head: TaskId) -> Vec<TaskId> {
    let mut behind = BTreeSet::new();
    for &id in tasks.iter().filter(|&&id| id >= head) {
        let before = predecessors(plan, id);
        let is_behind = if id == head {
            before.len() == 1
        } else {
            before.iter().all(|before| behind.contains(before))
        };
        if is_behind {
            behind.insert(id);
        }
    }
    behind.into_iter().collect()
}

fn weights(plan: &Plan, tasks: &[TaskId]) -> usize {
    tasks.iter().map(|&id| weight(plan, id)).sum()
}

/// Tasks of the DAG that a step takes: its own, a switch's guard, a foreach's fan-out.
fn weight(plan: &Plan, id: TaskId) -> usize {
    let task = plan.task(id);
    1 + usize::from(task.is_switch()) + usize::from(task.fan_out().is_some())
}

/// For each step: does nothing but its own single edge lead to the steps behind it? Not a switch's, of which
/// the steps behind ask what it chose, nor a foreach's, whose join asks for its width.
fn cuts(plan: &Plan, tasks: &[TaskId]) -> Vec<bool> {
    let position = |id: TaskId| tasks.binary_search(&id).unwrap_or(tasks.len());
    // How many edges lead over each gap, by the difference to the gap before.
    let mut difference = vec![0i64; tasks.len() + 1];
    for (from, &id) in tasks.iter().enumerate() {
        for to in successors(plan, id).into_iter().map(position) {
            for (index, change) in [(from, 1), (to, -1)] {
                if let Some(at) = difference.get_mut(index).filter(|_| to > from) {
                    *at += change;
                }
            }
        }
    }
    let mut open = 0;
    let over = difference.iter().map(|change| {
        open += change;
        open
    });
    over.zip(tasks)
        .map(|(over, &id)| {
            let task = plan.task(id);
            let leads_on = over == 1 && !task.is_switch() && task.fan_out().is_none();
            leads_on || (over == 0 && task.role.is_end)
        })
        .collect()
}

/// Successors in the same DAG: a foreach leads to its join there.
fn successors(plan: &Plan, id: TaskId) -> Vec<TaskId> {
    let task = plan.task(id);
    match task.fan_out() {
        Some((_, join)) => vec![join],
        None => task
            .successors
            .iter()
            .copied()
            .filter(|&next| next != id)
            .collect(),
    }
}

/// Predecessors in the same DAG: the join of a foreach follows the foreach there.
fn predecessors(plan: &Plan, id: TaskId) -> Vec<TaskId> {
    let task = plan.task(id);
    match task.role.joins {
        Some(split) if plan.task(split).fan_out().is_some() => vec![split],
        Some(_) | None => task.predecessors.clone(),
    }
}
