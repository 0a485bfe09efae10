//! A flow of more tasks than a DAG may hold is cut into parts, each a DAG of its own, where a single
//! unconditional step leads on.

use super::dag::ENTRYPOINT;
use super::document::{Dag, DagTask, Parameter, Parameters, Template};
use super::place::Input;
use super::way::path_tag;
use crate::plan::{Plan, TaskId};

/// Tasks in a part; Argo's CRDs allow 200 in a DAG.
const PART: usize = 150;

pub fn name(index: usize) -> String {
    format!("part-{}", index + 1)
}

/// The entry of a flow in parts: they follow each other, and hand on the path of their last step.
pub fn entry(count: usize) -> Template {
    let tasks = (0..count).map(|index| DagTask {
        name: name(index),
        template: name(index),
        depends: index
            .checked_sub(1)
            .map(|before| format!("{}.Succeeded", name(before))),
        arguments: Parameters::new(
            index
                .checked_sub(1)
                .map(|before| Parameter::value(Input::Paths.name(), path_tag(&name(before))))
                .into_iter()
                .collect(),
        ),
        ..DagTask::default()
    });
    Template {
        dag: Some(Dag {
            tasks: tasks.collect(),
        }),
        ..Template::dag(ENTRYPOINT)
    }
}

/// Cuts the tasks of the entry; a single part where they fit or where there is no place to cut.
pub fn cut(plan: &Plan, tasks: &[TaskId]) -> Vec<Vec<TaskId>> {
    let weights: Vec<usize> = tasks.iter().map(|&id| weight(plan, id)).collect();
    if weights.iter().sum::<usize>() <= PART {
        return vec![tasks.to_vec()];
    }
    let is_cut = cuts(plan, tasks);
    let mut parts = vec![Vec::new()];
    // The tasks since the last place to cut, which go to a part together.
    let mut block = Vec::new();
    let (mut part_weight, mut block_weight) = (0, 0);
    for (index, &id) in tasks.iter().enumerate() {
        block.push(id);
        block_weight += weights.get(index).copied().unwrap_or(1);
        if !is_cut.get(index).copied().unwrap_or(false) && index + 1 < tasks.len() {
            continue;
        }
        if part_weight > 0 && part_weight + block_weight > PART {
            parts.push(Vec::new());
            part_weight = 0;
        }
        part_weight += block_weight;
        block_weight = 0;
        if let Some(part) = parts.last_mut() {
            part.append(&mut block);
        }
    }
    parts
}

/// Tasks of the DAG that a step takes: its own, a switch's guard, a foreach's fan-out.
fn weight(plan: &Plan, id: TaskId) -> usize {
    let task = plan.task(id);
    1 + usize::from(task.is_switch()) + usize::from(task.fan_out().is_some())
}

/// For each task: does nothing but its own single edge, not a switch's, lead to the tasks behind it?
fn cuts(plan: &Plan, tasks: &[TaskId]) -> Vec<bool> {
    let position = |id: TaskId| tasks.binary_search(&id).ok();
    // How many edges lead over each gap, by the difference to the gap before.
    let mut difference = vec![0i64; tasks.len() + 1];
    for (from, &id) in tasks.iter().enumerate() {
        for to in successors(plan, id)
            .into_iter()
            .filter_map(position)
            .filter(|&to| to > from)
        {
            for (index, change) in [(from, 1), (to, -1)] {
                if let Some(at) = difference.get_mut(index) {
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
    let ids = tasks.iter();
    over.zip(ids)
        .map(|(over, &id)| over == 1 && !plan.task(id).is_switch())
        .collect()
}

/// Successors in the entry's DAG: a foreach leads to its join there.
fn successors(plan: &Plan, id: TaskId) -> Vec<TaskId> {
    let task = plan.task(id);
    match task.fan_out() {
        Some((_, join)) => vec![join],
        None => task.successors.clone(),
    }
}
