//! The DAG templates of a flow: the entry, one for each foreach body, one for each loop, parts of a long flow.

use std::collections::BTreeMap;

use super::document::{
    Container, Dag, DagTask, Parameter, Parameters, Sequence, Suspend, Template, ValueFrom,
};
use super::leaf::Leaves;
use super::names::Names;
use super::place::{Input, Place};
use super::way::{self, Way, path_tag};
use super::{document, gang, loops, parameters, parts};
use crate::plan::{Fan, Plan, TaskId};

pub const ENTRYPOINT: &str = "main";
const NO_SUCH_ARM: &str = "no-such-arm";

/// Lays out a plan as DAG templates.
pub struct Layout<'a> {
    pub plan: &'a Plan,
    pub names: &'a Names,
    pub leaves: &'a Leaves,
    pub common: &'a Container,
    /// Tasks by the innermost foreach around them.
    bodies: BTreeMap<Option<TaskId>, Vec<TaskId>>,
    templates: Vec<Template>,
}

/// The tasks of one DAG and what it is given.
pub struct Scope<'a> {
    pub tasks: &'a [TaskId],
    /// The task that takes the DAG's own input paths and waits for nobody.
    pub entry: Option<TaskId>,
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
        let cuts = parts::cut(self.plan, &tasks);
        if let [only] = cuts.as_slice() {
            self.dag(
                Template::dag(ENTRYPOINT),
                &Scope {
                    tasks: only,
                    entry: None,
                },
            );
            return;
        }
        self.templates.push(parts::entry(cuts.len()));
        for (index, part) in cuts.iter().enumerate() {
            let entry = part.first().copied().filter(|_| index > 0);
            let mut template = Template::dag(&parts::name(index));
            if entry.is_some() {
                template.inputs = Parameters::new(vec![Parameter::input(Input::Paths.name())]);
            }
            if let Some(last) = part.last().filter(|_| index + 1 < cuts.len()) {
                let path = ValueFrom::Parameter {
                    parameter: path_tag(self.names.get(*last)),
                };
                template.outputs = Parameters::new(vec![Parameter::output("path", path)]);
            }
            self.dag(template, &Scope { tasks: part, entry });
        }
    }

    /// Fills a DAG template, and puts the templates of its bodies and loops behind it.
    fn dag(&mut self, mut template: Template, scope: &Scope<'_>) {
        let mut tasks = Vec::new();
        let mut later = Vec::new();
        for &id in scope.tasks {
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
        template.dag = Some(Dag { tasks });
        self.templates.push(template);
        for template in later {
            match template {
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

    fn task(&self, id: TaskId, scope: &Scope<'_>) -> DagTask {
        let is_entry = scope.entry == Some(id);
        let way = if is_entry {
            Way {
                paths: Some(Input::Paths.tag()),
                ..Way::default()
            }
        } else {
            way::way(self.plan, self.names, id)
        };
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
            arguments: self.arguments(id, way.paths, is_recursive),
        }
    }

    /// The arguments of a step's leaf or loop.
    fn arguments(&self, id: TaskId, paths: Option<String>, is_recursive: bool) -> Parameters {
        let mut given = Vec::new();
        if !is_recursive {
            given.push(Parameter::value(Input::Step.name(), &self.plan.task(id).step));
        }
        given.extend(paths.map(|paths| Parameter::value(Input::Paths.name(), paths)));
        for input in Place::of(self.plan, id).inputs() {
            given.extend(
                self.argument(id, input)
                    .map(|value| Parameter::value(input.name(), value)),
            );
        }
        Parameters::new(given)
    }

    fn argument(&self, id: TaskId, input: Input) -> Option<String> {
        let Place {
            gathers,
            gathers_gang: gang,
            ..
        } = Place::of(self.plan, id);
        match input {
            Input::Step | Input::Paths => None,
            Input::SplitIndex => Some(Input::SplitIndex.tag()),
            // The body's DAG is given the foreach's path.
            Input::RootInputPath => Some(Input::Paths.tag()),
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
        let scope = Scope {
            tasks: &tasks,
            entry: Some(first),
        };
        self.dag(template, &scope);
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

enum Later {
    Loop(TaskId),
    Body(TaskId, TaskId),
    Gang(TaskId),
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
