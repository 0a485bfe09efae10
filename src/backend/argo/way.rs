//! How a task is reached: `depends`, `when` and the input paths, from its predecessors in the same DAG.
//!
//! Conditions that were seen to hold on Argo 4.1's controller: the path of whichever predecessor ran is chosen
//! by `.status`, the latest first; every output has a default, so that a tag of a skipped task is no error.

use super::names::Names;
use crate::plan::{Fan, Plan, TaskId};
use crate::target::Version;

/// The version on which all shapes were run.
const SEEN: Version = Version::new(4, 1);
/// From which on the outputs of skipped tasks were seen to have their defaults.
const DEFAULTS_OF_SKIPPED: Version = SEEN;

/// The condition and inputs of one task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    pub depends: Option<String>,
    /// An expression, without `{{=` and `}}`.
    pub when: Option<String>,
    pub paths: Option<String>,
}

/// `{{tasks.NAME.outputs.parameters.path}}`
pub fn path_tag(name: &str) -> String {
    format!("{{{{tasks.{name}.outputs.parameters.path}}}}")
}

/// The way to a task whose predecessors all lie in its DAG.
pub fn way(plan: &Plan, names: &Names, id: TaskId) -> Way {
    let task = plan.task(id);
    let Some(split) = task.role.joins else {
        return alternatives(plan, names, &task.predecessors, id);
    };
    match plan.task(split).role.fans {
        // The fan-out is called after the first step of the body. Bare, so that one of no items
        // does not leave the join out silently.
        Fan::Foreach { first, .. } => Way {
            depends: Some(names.get(first).to_owned()),
            when: None,
            paths: Some(path_tag(names.get(split))),
        },
        Fan::Parallel { first, .. } => Way {
            depends: Some(format!("{}.Succeeded", names.get(first))),
            when: None,
            paths: Some(path_tag(names.get(split))),
        },
        Fan::None | Fan::Split { .. } | Fan::Switch { .. } => join(plan, names, id, split),
    }
}

/// One of these predecessors has run, or the only one.
fn alternatives(plan: &Plan, names: &Names, predecessors: &[TaskId], id: TaskId) -> Way {
    let succeeded = predecessors
        .iter()
        .map(|&before| format!("{}.Succeeded", names.get(before)));
    let succeeded: Vec<String> = succeeded.collect();
    let has_switch = predecessors.iter().any(|&before| plan.task(before).is_switch());
    let is_only = predecessors.len() == 1;
    let led_here = predecessors.iter().map(|&before| {
        let name = names.get(before);
        if plan.task(before).is_switch() {
            let chose = format!(
                "tasks['{name}'].outputs.parameters.next == '{}'",
                plan.task(id).step
            );
            // Whether older versions give the output of a skipped task its default was not seen.
            if is_only || plan.target.oldest >= DEFAULTS_OF_SKIPPED {
                chose
            } else {
                format!("(tasks['{name}'].status == 'Succeeded' && {chose})")
            }
        } else {
            format!("tasks['{name}'].status == 'Succeeded'")
        }
    });
    Way {
        depends: (!succeeded.is_empty()).then(|| succeeded.join(" || ")),
        when: has_switch.then(|| led_here.collect::<Vec<_>>().join(" || ")),
        paths: match predecessors.first() {
            None => None,
            Some(&only) if is_only => Some(path_tag(names.get(only))),
            Some(_) => Some(format!("{{{{={}}}}}", chosen(plan, names, predecessors, "path"))),
        },
    }
}

/// A join of a static split: in each branch one predecessor has run.
fn join(plan: &Plan, names: &Names, id: TaskId, split: TaskId) -> Way {
    let mut groups = Vec::new();
    for &branch in &plan.task(split).successors {
        let members: Vec<TaskId> = plan
            .task(id)
            .predecessors
            .iter()
            .copied()
            .filter(|&before| branch_of(plan, before, split, id) == branch)
            .collect();
        if !members.is_empty() {
            groups.push((members.len(), alternatives(plan, names, &members, id)));
        }
    }
    let depends = groups.iter().filter_map(|(members, way)| {
        let depends = way.depends.as_deref()?;
        Some(if *members > 1 {
            format!("({depends})")
        } else {
            depends.to_owned()
        })
    });
    let conditions: Vec<&str> = groups.iter().filter_map(|(_, way)| way.when.as_deref()).collect();
    let when = match conditions.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => Some(
            several
                .iter()
                .map(|when| format!("({when})"))
                .collect::<Vec<_>>()
                .join(" && "),
        ),
    };
    let paths = groups.iter().filter_map(|(_, way)| way.paths.as_deref());
    Way {
        depends: Some(depends.collect::<Vec<_>>().join(" && ")),
        when,
        paths: Some(paths.collect::<Vec<_>>().join(",")),
    }
}

/// The successor of the split from which the predecessor is reached; the split itself leads straight to the join.
fn branch_of(plan: &Plan, before: TaskId, split: TaskId, join: TaskId) -> TaskId {
    let task = plan.task(before);
    let depth = task.splits.iter().position(|&open| open == split);
    depth
        .and_then(|depth| task.branches.get(depth).copied())
        .unwrap_or(join)
}

/// An expression for the output of the latest of these tasks that has run. All that ran lie on one path.
pub fn latest(names: &[String], output: &str, oldest: Version) -> String {
    if oldest >= SEEN {
        let tasks = names.iter().rev().map(|name| format!("tasks['{name}']"));
        let tasks = tasks.collect::<Vec<_>>().join(", ");
        return format!("find([{tasks}], .status == 'Succeeded').outputs.parameters.{output}");
    }
    // `find` was not seen on older versions; a chain of conditions works on all.
    let value = |name: &String| format!("tasks['{name}'].outputs.parameters.{output}");
    let Some((earliest, later)) = names.split_first() else {
        return String::new();
    };
    later.iter().fold(value(earliest), |otherwise, name| {
        format!(
            "tasks['{name}'].status == 'Succeeded' ? {} : {otherwise}",
            value(name)
        )
    })
}

fn chosen(plan: &Plan, names: &Names, tasks: &[TaskId], output: &str) -> String {
    let names: Vec<String> = tasks.iter().map(|&task| names.get(task).to_owned()).collect();
    latest(&names, output, plan.target.oldest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_task_that_ran_is_asked_first() {
        let names = ["a".to_owned(), "b-1".to_owned()];
        assert_eq!(
            latest(&names, "path", Version::new(4, 1)),
            "find([tasks['b-1'], tasks['a']], .status == 'Succeeded').outputs.parameters.path"
        );
        assert_eq!(
            latest(&names, "path", Version::new(3, 6)),
            "tasks['b-1'].status == 'Succeeded' ? tasks['b-1'].outputs.parameters.path : tasks['a'].outputs.parameters.path"
        );
    }
}
