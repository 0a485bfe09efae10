//! How deep templates call each other, and which step stands first in one. Argo's controller follows about a
//! hundred calls, whatever the definition holds.

use std::collections::BTreeMap;

use super::dag::ENTRYPOINT;
use super::document::Template;
use super::names::Names;
use crate::plan::{Plan, TaskId};

/// The DAG that lies deepest, with the number of calls from the entry to it.
pub fn deepest(templates: &[Template]) -> Option<(&Template, usize)> {
    let levels = levels(templates);
    let dags = templates.iter().filter(|template| template.dag.is_some());
    let placed = dags.filter_map(|dag| Some((dag, *levels.get(dag.name.as_str())?)));
    // The first of those that are equally deep.
    placed.rev().max_by_key(|(_, level)| *level)
}

/// By template, the calls from the entry to it on the longest way. What calls itself is counted once.
fn levels(templates: &[Template]) -> BTreeMap<&str, usize> {
    let by_name: BTreeMap<&str, &Template> = templates
        .iter()
        .map(|template| (template.name.as_str(), template))
        .collect();
    let mut levels = BTreeMap::from([(ENTRYPOINT, 0)]);
    let mut ahead = vec![ENTRYPOINT];
    while let Some(name) = ahead.pop() {
        let level = levels.get(name).copied().unwrap_or(0);
        let dag = by_name.get(name).and_then(|template| template.dag.as_ref());
        let called = dag.iter().flat_map(|dag| &dag.tasks);
        for called in called.map(|task| task.template.as_str()) {
            // Nothing lies deeper than there are templates, so that this ends.
            let is_deeper = levels.get(called).is_none_or(|known| *known < level + 1);
            if called != name && is_deeper && level < templates.len() {
                levels.insert(called, level + 1);
                ahead.push(called);
            }
        }
    }
    levels
}

/// The step that stands first in a template.
pub fn first_step(plan: &Plan, names: &Names, template: &Template) -> Option<TaskId> {
    let mut tasks = template.dag.iter().flat_map(|dag| &dag.tasks);
    tasks.find_map(|task| plan.ids().find(|&id| names.get(id) == task.name))
}
