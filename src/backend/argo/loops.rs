//! A step that may choose itself: a DAG template of several rounds whose last task calls the template again.
//! Argo nests templates about 97 deep, so that a round per level would end there; twelve reach 1,164 rounds.

use super::dag::{ENTRYPOINT, Layout};
use super::document::{Dag, DagTask, Parameter, Parameters, Template, ValueFrom};
use super::names::Names;
use super::place::{Input, Place};
use super::way::{latest, path_tag};
use crate::plan::{Plan, TaskId};

/// Rounds that one level of nesting holds.
const ROUNDS: usize = 12;
const AGAIN: &str = "again";

pub fn name(layout: &Layout<'_>, id: TaskId) -> String {
    named(layout.names, id)
}

fn named(names: &Names, id: TaskId) -> String {
    format!("loop-{}", names.get(id))
}

/// Levels of nesting that loops have below the entry: the entry and the leaf take one each, and the last is not reached.
const LEVELS: usize = 98;

/// How often each loop can go round, from the levels between the entry and it.
pub fn rounds(plan: &Plan, names: &Names, templates: &[Template]) -> Vec<(TaskId, usize)> {
    let recursive = plan.ids().filter(|&id| plan.task(id).is_recursive());
    let levels = recursive.filter_map(|id| Some((id, level(&named(names, id), templates)?)));
    levels
        .map(|(id, level)| (id, ROUNDS * LEVELS.saturating_sub(level)))
        .collect()
}

/// How many templates lie above this one; a template other than a loop has one caller.
fn level(name: &str, templates: &[Template]) -> Option<usize> {
    if name == ENTRYPOINT {
        return Some(0);
    }
    let calls = |template: &&Template| {
        let tasks = template.dag.iter().flat_map(|dag| &dag.tasks);
        template.name != name && tasks.into_iter().any(|task| task.template == name)
    };
    let caller = templates.iter().find(calls)?;
    level(&caller.name, templates).map(|above| above + 1)
}

/// The loop of one step. Its outputs cannot fail: the first round has succeeded whenever the DAG has.
pub fn template(layout: &Layout<'_>, id: TaskId) -> Template {
    let step = layout.names.get(id);
    let rounds: Vec<String> = (1..=ROUNDS).map(|round| format!("{step}-{round}")).collect();
    let place = Place::of(layout.plan, id);
    let mut tasks: Vec<DagTask> = Vec::new();
    for (index, round) in rounds.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| rounds.get(before));
        tasks.push(task(layout, id, place, round, before));
    }
    let last = task(layout, id, place, AGAIN, rounds.last());
    let arguments = last.arguments.parameters.into_iter();
    tasks.push(DagTask {
        template: name(layout, id),
        arguments: Parameters::new(
            arguments
                .filter(|given| given.name != Input::Step.name())
                .collect(),
        ),
        ..last
    });
    let all: Vec<String> = rounds.into_iter().chain([AGAIN.to_owned()]).collect();
    let output = |output: &str| {
        let expression = latest(&all, output, layout.plan.target.oldest);
        Parameter::output(output, ValueFrom::Expression { expression })
    };
    Template {
        inputs: inputs(place),
        outputs: Parameters::new(vec![output("path"), output("next")]),
        dag: Some(Dag { tasks }),
        ..Template::dag(&name(layout, id))
    }
}

fn inputs(place: Place) -> Parameters {
    let mut inputs = Vec::new();
    if place.is_start {
        inputs.push(Parameter::optional(Input::Paths.name()));
        inputs.push(Parameter::optional(Input::Parameters.name()));
    } else {
        inputs.push(Parameter::input(Input::Paths.name()));
    }
    if place.is_first {
        inputs.push(Parameter::input(Input::SplitIndex.name()));
    }
    Parameters::new(inputs)
}

/// One round: the first takes the loop's own inputs, each later one follows a round that chose the step again.
fn task(layout: &Layout<'_>, id: TaskId, place: Place, round: &str, before: Option<&String>) -> DagTask {
    let step = &layout.plan.task(id).step;
    let paths = before.map_or_else(|| Input::Paths.tag(), |before| path_tag(before));
    let mut arguments = vec![
        Parameter::value(Input::Step.name(), step),
        Parameter::value(Input::Paths.name(), paths),
    ];
    if place.is_first {
        arguments.push(Parameter::value(
            Input::SplitIndex.name(),
            Input::SplitIndex.tag(),
        ));
    }
    if place.is_start && before.is_none() {
        arguments.push(Parameter::value(
            Input::Parameters.name(),
            Input::Parameters.tag(),
        ));
    }
    DagTask {
        name: round.to_owned(),
        template: layout.leaves.name(id),
        depends: before.map(|before| format!("{before}.Succeeded")),
        when: before.map(|before| format!("{{{{=tasks['{before}'].outputs.parameters.next == '{step}'}}}}")),
        with_sequence: None,
        arguments: Parameters::new(arguments),
    }
}
