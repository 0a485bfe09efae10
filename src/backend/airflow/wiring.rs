//! Who goes on with whose results: the groups of steps before each step, the dependencies, and the Python
//! variables that hold the operators.

use std::collections::BTreeSet;

use crate::plan::{Fan, Plan, TaskId};
use crate::python;

/// Variables of the file, by task.
pub struct Names {
    steps: Vec<String>,
    paths: Vec<Option<String>>,
    sensors: Vec<String>,
}

impl Names {
    pub fn new(plan: &Plan) -> Self {
        let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
        let steps = plan
            .tasks
            .iter()
            .map(|task| unused(&task.step, &mut taken))
            .collect();
        let mut paths = Vec::new();
        for task in &plan.tasks {
            let opens = matches!(task.role.fans, Fan::Foreach { .. });
            paths.push(opens.then(|| unused(&format!("{}_paths", task.step), &mut taken)));
        }
        let sensors = 1..=plan.flow.request.sensors.len();
        let sensors = sensors.map(|number| unused(&format!("sensor_{number}"), &mut taken));
        Self {
            sensors: sensors.collect(),
            steps,
            paths,
        }
    }

    pub fn step(&self, task: TaskId) -> &str {
        self.steps.get(task.0).map_or("", String::as_str)
    }

    /// The variable of the task `STEP.paths`.
    pub fn paths(&self, foreach: TaskId) -> &str {
        self.paths.get(foreach.0).and_then(Option::as_deref).unwrap_or("")
    }

    /// The variable of a sensor, by its place among them.
    pub fn sensor(&self, index: usize) -> &str {
        self.sensors.get(index).map_or("", String::as_str)
    }
}

/// The name, or the name with as many `_` behind it as it takes not to meet another.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while python::has_name(&name) || !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The steps before a task in groups, of each of which one leads here: a join has a group for each branch,
/// any other step one group.
pub fn groups(plan: &Plan, id: TaskId) -> Vec<Vec<TaskId>> {
    let task = plan.task(id);
    let split = task
        .role
        .joins
        .filter(|&split| matches!(plan.task(split).role.fans, Fan::Split { .. }));
    let Some(split) = split else {
        return if task.predecessors.is_empty() {
            Vec::new()
        } else {
            vec![task.predecessors.clone()]
        };
    };
    let mut groups = Vec::new();
    for &branch in &plan.task(split).successors {
        let leads = |&&before: &&TaskId| branch_of(plan, before, split) == Some(branch);
        let group: Vec<TaskId> = task.predecessors.iter().filter(leads).copied().collect();
        if !group.is_empty() {
            groups.push(group);
        }
    }
    groups
}

/// The successor of the split from which a task inside it is reached.
fn branch_of(plan: &Plan, id: TaskId, split: TaskId) -> Option<TaskId> {
    let task = plan.task(id);
    let at = task.splits.iter().position(|&open| open == split)?;
    task.branches.get(at).copied()
}

/// The foreach whose body begins with this task.
pub fn opened_by(plan: &Plan, id: TaskId) -> Option<TaskId> {
    let opens =
        |&before: &TaskId| matches!(plan.task(before).role.fans, Fan::Foreach { first, .. } if first == id);
    plan.task(id).predecessors.iter().copied().find(opens)
}

/// The foreach that this task closes.
pub fn closes(plan: &Plan, id: TaskId) -> Option<TaskId> {
    plan.task(id)
        .role
        .joins
        .filter(|&split| matches!(plan.task(split).role.fans, Fan::Foreach { .. }))
}

/// `a >> b` for every dependency that mapping does not make, in the order of the flow.
pub fn edges(plan: &Plan, names: &Names) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    for id in plan.ids() {
        let own = names.step(id);
        if opened_by(plan, id).is_none() {
            edges.extend(
                plan.task(id)
                    .predecessors
                    .iter()
                    .map(|&before| (names.step(before).to_owned(), own.to_owned())),
            );
        }
        if let Some(foreach) = closes(plan, id) {
            edges.push((names.step(foreach).to_owned(), own.to_owned()));
            edges.push((names.paths(foreach).to_owned(), own.to_owned()));
        }
        if matches!(plan.task(id).role.fans, Fan::Foreach { .. }) {
            edges.push((own.to_owned(), names.paths(id).to_owned()));
        }
    }
    edges
}

/// What a variable of the file must not be called besides Python's own names: the names of the file, and the
/// letter that linters take for a digit. Steps' names have no capitals.
const RESERVED: &[&str] = &[
    "airflow", "conf", "dag", "dags", "datetime", "digest", "foreach", "hashlib", "json", "l", "literal",
    "parts", "path", "result", "step", "task", "variable", "zoneinfo",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_suffix() {
        let mut taken = BTreeSet::from(["l".to_owned(), "l_".to_owned()]);
        assert_eq!(unused("l", &mut taken), "l__");
        assert_eq!(unused("list", &mut taken), "list_");
        assert_eq!(unused("match", &mut taken), "match_");
        assert_eq!(unused("train", &mut taken), "train");
    }

    #[test]
    fn every_name_of_the_file_is_reserved() {
        let template = include_str!("../../../templates/airflow.py.j2");
        let words = |line: &'static str| line.split([' ', ',', '{', '(']).collect::<Vec<_>>();
        let names = template
            .lines()
            .filter_map(|line| match words(line.trim_start()).as_slice() {
                ["def", name, ..] if line.starts_with("def") => Some((*name).to_owned()),
                ["import", name, ..] => Some((*name).to_owned()),
                ["from", .., "import", name] => Some((*name).to_owned()),
                _ => None,
            });
        let names: Vec<String> = names
            .filter(|name| !name.starts_with(char::is_uppercase))
            .collect();
        assert!(names.contains(&"digest".to_owned()) && names.contains(&"conf".to_owned()));
        for name in names {
            assert!(
                RESERVED.contains(&name.as_str()) || name.starts_with('_'),
                "a step named `{name}` would hide what the file means by it"
            );
        }
    }
}
