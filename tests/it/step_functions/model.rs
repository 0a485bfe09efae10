//! What a flow means: which tasks run and what their inputs are. It walks the source's transitions and knows
//! nothing of plans and states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use flowc::flow::{Flow, Step, StepName, Tail, Transition};

/// A task, named without ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    pub step: String,
    /// Of the foreach steps around it, outermost first.
    pub indices: Vec<usize>,
    /// Of a loop.
    pub turn: usize,
}

impl fmt::Display for Task {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{:?}#{}", self.step, self.indices, self.turn)
    }
}

/// What the user's code decides: widths and choices, made up from a seed.
pub struct Chooser<'a> {
    pub flow: &'a Flow,
    pub width: usize,
    pub seed: usize,
    /// All tasks of a step choose alike, but for their turn.
    pub is_even: bool,
}

impl Chooser<'_> {
    /// How many items a foreach step has; none for another step.
    pub fn width(&self, step: &str) -> Option<usize> {
        matches!(transition(self.step(step)), Some(Transition::Foreach { .. })).then_some(self.width)
    }

    /// The step that this task of a switch chooses; a loop ends after two turns.
    pub fn choose(&self, task: &Task) -> String {
        let targets = transition(self.step(&task.step)).unwrap().targets();
        let mut names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        if task.turn >= 2 {
            names.retain(|name| *name != task.step);
        }
        let task = if self.is_even {
            format!("{}{}", task.step, task.turn)
        } else {
            task.to_string()
        };
        let mixed = task.bytes().fold(self.seed + 7, |mixed, byte| {
            (mixed * 31 + usize::from(byte)) & 0xffff
        });
        names[mixed / 3 % names.len()].to_owned()
    }

    /// Every switch with every step that it may choose.
    pub fn outcomes(&self) -> BTreeSet<(String, String)> {
        let switches = self.flow.steps.iter().filter_map(|step| match transition(step) {
            Some(switch @ Transition::Switch { .. }) => Some((step, switch.targets())),
            _ => None,
        });
        let pairs = switches.flat_map(|(step, targets)| {
            let pair = |target: &StepName| (step.name.clone(), target.name.clone());
            targets.into_iter().map(pair).collect::<Vec<_>>()
        });
        pairs.collect()
    }

    fn step(&self, name: &str) -> &Step {
        self.flow.steps.iter().find(|step| step.name == name).unwrap()
    }
}

fn transition(step: &Step) -> Option<&Transition> {
    match &step.tail {
        Tail::Next { transition, .. } => Some(transition),
        Tail::Missing | Tail::Invalid { .. } => None,
    }
}

/// Every task with its inputs in order.
pub fn run(chooser: &Chooser) -> BTreeMap<String, Vec<String>> {
    let mut model = Model {
        chooser,
        inputs: BTreeMap::new(),
        turns: BTreeMap::new(),
    };
    let start = chooser
        .flow
        .steps
        .iter()
        .find(|step| step.name == "start" || step.is_annotated_start || chooser.flow.steps.len() == 1)
        .unwrap();
    model.walk(&start.name, &[], vec!["_parameters".to_owned()]);
    model.inputs
}

/// Each step with one that an input of its came from, in what a run did.
pub fn taken(inputs: &BTreeMap<String, Vec<String>>) -> BTreeSet<(String, String)> {
    let step = |task: &str| task.split('[').next().unwrap().to_owned();
    let pairs = inputs
        .iter()
        .flat_map(|(task, inputs)| inputs.iter().map(move |input| (step(input), step(task))));
    pairs.collect()
}

struct Model<'a> {
    chooser: &'a Chooser<'a>,
    inputs: BTreeMap<String, Vec<String>>,
    turns: BTreeMap<(String, Vec<usize>), usize>,
}

impl Model<'_> {
    /// Runs from a step up to the join of the split around it: that join, and the last task in front of it.
    fn walk(&mut self, step: &str, indices: &[usize], inputs: Vec<String>) -> Option<(String, String)> {
        let turn = self.turns.entry((step.to_owned(), indices.to_vec())).or_default();
        let task = Task {
            step: step.to_owned(),
            indices: indices.to_vec(),
            turn: *turn,
        };
        *turn += 1;
        self.inputs.insert(task.to_string(), inputs);
        let here = task.to_string();
        match transition(self.chooser.step(step))? {
            Transition::Linear(target) => self.enter(&target.name, indices, here),
            Transition::Switch { .. } => {
                let chosen = self.chooser.choose(&task);
                self.enter(&chosen, indices, here)
            }
            Transition::Split(targets) => {
                let names = targets
                    .iter()
                    .map(|target| (target.name.clone(), indices.to_vec()));
                self.fan(&names.collect::<Vec<_>>(), indices, &here)
            }
            Transition::Foreach { target, .. } => {
                let items =
                    (0..self.chooser.width).map(|index| (target.name.clone(), [indices, &[index]].concat()));
                self.fan(&items.collect::<Vec<_>>(), indices, &here)
            }
            Transition::Parallel { .. } => None,
        }
    }

    fn enter(&mut self, step: &str, indices: &[usize], from: String) -> Option<(String, String)> {
        if self.chooser.step(step).argument_count > 1 {
            return Some((step.to_owned(), from));
        }
        self.walk(step, indices, vec![from])
    }

    fn fan(
        &mut self,
        starts: &[(String, Vec<usize>)],
        outer: &[usize],
        from: &str,
    ) -> Option<(String, String)> {
        let ends: Vec<_> = starts
            .iter()
            .map(|(step, indices)| self.walk(step, indices, vec![from.to_owned()]).unwrap())
            .collect();
        let join = ends[0].0.clone();
        self.walk(&join, outer, ends.into_iter().map(|(_, last)| last).collect())
    }
}
