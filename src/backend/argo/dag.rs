//! The DAG templates of a flow: the entry, one for each foreach body, one for each loop, parts of a long flow.

use std::collections::BTreeMap;

use super::document::{
    Container, Dag, DagTask, Parameter, Parameters, Sequence, Suspend, Template, ValueFrom,
};
use super::leaf::Leaves;
use super::names::Names;
use super::parts::{self, Item, Part};
use super::place::{Input, Place};
use super::way::{self, Way, path_tag};
use super::{document, gang, heartbeat, loops, parameters};
use crate::plan::{Fan, Plan, TaskId};

pub const ENTRYPOINT: &str = "main";
const NO_SUCH_ARM: &str = "no-such-arm";

/// Lays out a plan as DAG templates.
pub struct Layout<'a> {
    pub plan: &'a Plan,
    pub names: &'a Names,
    pub leaves: &'a Leaves,
    common: &'a Container,
    /// Tasks by the innermost foreach around them.
    bodies: BTreeMap<Option<TaskId>, Vec<TaskId>>,
    templates: Vec<Template>,
    /// Parts so far.
    parts: usize,
}

/// The items of one DAG and what it is given.
struct Scope<'a> {
    items: &'a [Item],
    /// The task that takes the DAG's own input paths and waits for nobody.
    entry: Option<TaskId>,
    /// The input that holds the path of the foreach around it.
    root: Input,
}

/// All DAG templates, the entry first.
pub fn templates(plan: &Plan, names: &Names, leaves: &Leaves, common: &Container) -> Vec<Template> {
    let mut bodies: BTreeMap<Option<TaskId>, Vec<TaskId>> = BTreeMap::new();
    for id in plan.ids() {
        bodies.entry(plan.task(id).foreach()).or_default().push(id);
    }
    let mut layout = Layout {
        plan,
        names,
        leaves,
        common,
        bodies,
        templates: Vec::new(),
        parts: 0,
    };
    layout.entry();
    if plan.tasks.iter().any(crate::plan::Task::is_switch) {
        layout.templates.push(no_such_arm());
    }
    layout.templates
}

impl Layout<'_> {
    fn entry(&mut self) {
        let tasks = self.bodies.get(&None).cloned().unwrap_or_default();
        let items = parts::fold(self.plan, &tasks);
        let scope = Scope {
            items: &items,
            entry: None,
            root: Input::Paths,
        };
        let is_taken = |name: &str| tasks.iter().any(|&id| self.names.get(id) == name);
        let daemon = heartbeat::task(self.plan, is_taken);
        self.dag(Template::dag(ENTRYPOINT), &scope, daemon);
    }

    /// Fills a DAG template, and puts the templates of its parts, bodies and loops behind it.
    fn dag(&mut self, mut template: Template, scope: &Scope<'_>, daemon: Option<DagTask>) {
        let mut tasks: Vec<DagTask> = daemon.into_iter().collect();
        let mut later = Vec::new();
        for item in scope.items {
            match item {
                Item::Step(id) => self.step(*id, scope, &mut tasks, &mut later),
                Item::Part(part) => {
                    self.parts += 1;
                    tasks.push(self.part_task(part, self.parts, scope));
                    later.push(Later::Part(part, self.parts));
                }
            }
        }
        template.dag = Some(Dag { tasks });
        self.templates.push(template);
        for template in later {
            match template {
                Later::Part(part, number) => self.part(part, number),
                Later::Loop(id) => self.templates.push(loops::template(self, id)),
                Later::Body(split, first) => self.body(split, first),
                Later::Gang(first) => {
                    let leaf = self.leaves.gang(first);
                    let template = gang::template(self.plan, self.names, &leaf, self.common, first);
                    self.templates.push(template);
                }
            }
        }
    }

    /// The tasks of one step: its own, a switch's guard, what a foreach runs.
    fn step(&self, id: TaskId, scope: &Scope<'_>, tasks: &mut Vec<DagTask>, later: &mut Vec<Later<'_>>) {
        let task = self.plan.task(id);
        tasks.push(self.task(id, scope));
        if task.is_recursive() {
            later.push(Later::Loop(id));
        }
        if task.is_switch() {
            tasks.push(self.guard(id));
        }
        match task.role.fans {
            Fan::Foreach { first, .. } => {
                tasks.push(self.fan_out(id, first));
                if !self.is_single(id, first) {
                    later.push(Later::Body(id, first));
                }
            }
            Fan::Parallel { first, .. } => {
                tasks.push(gang::task(self.names, id, first));
                later.push(Later::Gang(first));
            }
            Fan::None | Fan::Split { .. } | Fan::Switch { .. } => {}
        }
    }

    /// How a task of this scope is reached.
    fn way(&self, id: TaskId, scope: &Scope<'_>) -> Way {
        if scope.entry == Some(id) {
            return Way {
                paths: Some(Input::Paths.tag()),
                ..Way::default()
            };
        }
        way::way(self.plan, self.names, id)
    }

    /// What the steps of a part need of the foreach around them.
    fn part_inputs(&self, part: &Part) -> Vec<Input> {
        let inputs = part
            .tasks
            .iter()
            .flat_map(|&id| Place::of(self.plan, id).inputs());
        let mut inputs: Vec<Input> = inputs
            .filter(|input| matches!(input, Input::SplitIndex | Input::RootInputPath))
            .collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    /// A part stands for its last step.
    fn part_task(&self, part: &Part, number: usize, scope: &Scope<'_>) -> DagTask {
        let way = self.way(part.entry, scope);
        let paths = way
            .paths
            .map(|paths| Parameter::value(Input::Paths.name(), paths));
        let inputs = self.part_inputs(part).into_iter().map(|input| {
            let tag = if input == Input::RootInputPath {
                scope.root.tag()
            } else {
                input.tag()
            };
            Parameter::value(input.name(), tag)
        });
        DagTask {
            name: self.names.get(part.exit).to_owned(),
            template: part_name(number),
            depends: way.depends,
            when: way.when.map(|when| format!("{{{{={when}}}}}")),
            with_sequence: None,
            arguments: Parameters::new(paths.into_iter().chain(inputs).collect()),
        }
    }

    /// The template of a part. Its output cannot fail: the last step has run whenever the DAG has succeeded.
    fn part(&mut self, part: &Part, number: usize) {
        let is_start = self.plan.task(part.entry).role.is_start;
        let paths = (!is_start).then_some(Input::Paths);
        let inputs = paths.into_iter().chain(self.part_inputs(part));
        let path = ValueFrom::Parameter {
            parameter: path_tag(self.names.get(part.exit)),
        };
        let template = Template {
            inputs: Parameters::new(inputs.map(|input| Parameter::input(input.name())).collect()),
            outputs: Parameters::new(vec![Parameter::output("path", path)]),
            ..Template::dag(&part_name(number))
        };
        let scope = Scope {
            items: &part.items,
            entry: Some(part.entry).filter(|_| !is_start),
            root: Input::RootInputPath,
        };
        self.dag(template, &scope, None);
    }

    fn task(&self, id: TaskId, scope: &Scope<'_>) -> DagTask {
        let way = self.way(id, scope);
        let is_recursive = self.plan.task(id).is_recursive();
        DagTask {
            name: self.names.get(id).to_owned(),
            template: if is_recursive {
                loops::name(self, id)
            } else {
                self.leaves.name(id)
            },
            depends: way.depends,
            when: way.when.map(|when| format!("{{{{={when}}}}}")),
            with_sequence: None,
            arguments: self.arguments(id, way.paths, scope),
        }
    }

    /// The arguments of a step's leaf or loop.
    fn arguments(&self, id: TaskId, paths: Option<String>, scope: &Scope<'_>) -> Parameters {
        let mut given = Vec::new();
        if !self.plan.task(id).is_recursive() {
            given.push(Parameter::value(Input::Step.name(), &self.plan.task(id).step));
        }
        given.extend(paths.map(|paths| Parameter::value(Input::Paths.name(), paths)));
        for input in Place::of(self.plan, id).inputs() {
            given.extend(
                self.argument(id, input, scope)
                    .map(|value| Parameter::value(input.name(), value)),
            );
        }
        Parameters::new(given)
    }

    fn argument(&self, id: TaskId, input: Input, scope: &Scope<'_>) -> Option<String> {
        let Place {
            gathers,
            gathers_gang: gang,
            ..
        } = Place::of(self.plan, id);
        match input {
            Input::Step | Input::Paths => None,
            Input::SplitIndex => Some(Input::SplitIndex.tag()),
            // The body's DAG is given the foreach's path, and hands it on to its parts.
            Input::RootInputPath => Some(scope.root.tag()),
            Input::JoinOf => gathers.map(|(_, last)| self.plan.task(last).step.clone()),
            Input::SplitCardinality => gathers.map(|(split, _)| cardinality_tag(self.names.get(split))),
            Input::GangOf => gang.map(|(_, step)| self.plan.task(step).step.clone()),
            Input::GangSize | Input::Entropy => {
                gang.map(|(split, _)| output_tag(self.names.get(split), input.name()))
            }
            Input::Parameters => Some(parameters::start_argument(self.plan)),
        }
    }

    /// One task for all items of a foreach, called after the first step of the body.
    fn fan_out(&self, split: TaskId, first: TaskId) -> DagTask {
        let name = self.names.get(split);
        let is_single = self.is_single(split, first);
        let mut arguments = vec![
            Parameter::value(Input::Paths.name(), path_tag(name)),
            Parameter::value(Input::SplitIndex.name(), "{{item}}"),
        ];
        if is_single {
            arguments.insert(
                0,
                Parameter::value(Input::Step.name(), &self.plan.task(first).step),
            );
        }
        DagTask {
            name: self.names.get(first).to_owned(),
            template: if is_single {
                self.leaves.name(first)
            } else {
                self.body_name(first)
            },
            depends: Some(format!("{name}.Succeeded")),
            when: None,
            with_sequence: Some(Sequence {
                count: cardinality_tag(name),
            }),
            arguments: Parameters::new(arguments),
        }
    }

    /// A body of one step is run without a DAG of its own. A switch needs one for its guard.
    fn is_single(&self, split: TaskId, first: TaskId) -> bool {
        self.bodies.get(&Some(split)).is_some_and(|body| body.len() == 1)
            && !self.plan.task(first).is_switch()
    }

    fn body_name(&self, first: TaskId) -> String {
        format!("foreach-{}", self.names.get(first))
    }

    /// The DAG of a foreach body. It has no outputs: the join asks the foreach itself, and an output that
    /// fails would leave the workflow running for ever.
    fn body(&mut self, split: TaskId, first: TaskId) {
        let mut template = Template::dag(&self.body_name(first));
        template.inputs = Parameters::new(vec![
            Parameter::input(Input::Paths.name()),
            Parameter::input(Input::SplitIndex.name()),
        ]);
        let tasks = self.bodies.get(&Some(split)).cloned().unwrap_or_default();
        let items = parts::fold(self.plan, &tasks);
        let scope = Scope {
            items: &items,
            entry: Some(first),
            root: Input::Paths,
        };
        self.dag(template, &scope, None);
    }

    /// A switch that names none of its arms would leave its tail out and let the workflow succeed.
    /// Then this task ends in an error, without a pod.
    fn guard(&self, id: TaskId) -> DagTask {
        let name = self.names.get(id);
        let arms = self.plan.task(id).successors.iter().filter(|&&arm| arm != id);
        let arms = arms
            .map(|&arm| format!("'{}'", self.plan.task(arm).step))
            .collect::<Vec<_>>();
        let condition = format!(
            "not (tasks['{name}'].outputs.parameters.next in [{}])",
            arms.join(", ")
        );
        DagTask {
            name: self.names.beside(id, "none"),
            template: NO_SUCH_ARM.to_owned(),
            depends: Some(format!("{name}.Succeeded")),
            when: Some(format!("{{{{={condition}}}}}")),
            with_sequence: None,
            arguments: Parameters::default(),
        }
    }
}

enum Later<'a> {
    Part(&'a Part, usize),
    Loop(TaskId),
    Body(TaskId, TaskId),
    Gang(TaskId),
}

fn part_name(number: usize) -> String {
    format!("part-{number}")
}

fn cardinality_tag(name: &str) -> String {
    output_tag(name, "cardinality")
}

fn output_tag(name: &str, output: &str) -> String {
    format!("{{{{tasks.{name}.outputs.parameters.{output}}}}}")
}

/// A template that cannot succeed and needs no pod: nobody supplies its output.
fn no_such_arm() -> Template {
    let supplied = ValueFrom::Supplied {
        supplied: document::Empty,
    };
    Template {
        outputs: Parameters::new(vec![Parameter::output("arm", supplied)]),
        suspend: Some(Suspend { duration: "0s" }),
        ..Template::dag(NO_SUCH_ARM)
    }
}

impl Template {
    /// A template of which only the name is set.
    pub fn dag(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}
