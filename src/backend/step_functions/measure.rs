//! Sizes of a state machine, to be held against the limits of AWS: its holes filled with the longest texts that
//! may come at run time.

use std::collections::BTreeMap;

use super::asl::{Call, ContainerOverrides, Exit, Machine, Scope, State, SubmitJob};
use super::text::{Source, Text};
use crate::backend::{Limit, Measure};
use crate::plan::{Plan, json};
use crate::source::Span;

/// What begins a dynamic reference of CloudFormation.
const DYNAMIC: &str = "{{resolve:";

/// What AWS Batch and Step Functions add to the overrides of a job.
const ADDED: usize = 512;
/// The longest text that a reference of a template may stand for, roughly: a bucket, a region, a table.
const REFERENCE: usize = 64;
/// The longest name of an execution.
const EXECUTION: usize = 80;
/// A job's id.
const JOB: usize = 36;
/// The digits of an index.
const INDEX: usize = 5;

/// Events in the history of an execution: of a job, of reading an item, of a choice, of a map or parallel state
/// itself, of one item of a map, of the execution.
const JOB_EVENTS: usize = 6;
const READ_EVENTS: usize = 5;
const CHOICE_EVENTS: usize = 2;
const FAN_EVENTS: usize = 4;
const ITEM_EVENTS: usize = 2;
const EXECUTION_EVENTS: usize = 2;

/// `{"JobId":"…"},` of each item, and its number in the list of items.
const ITEM_BYTES: usize = 50 + 8;

pub fn machine(plan: &Plan, name: &str, machine: &Machine) -> Vec<Measure> {
    let of_flow = |limit, size| measure(limit, plan.flow.span, name, size);
    let text = serde_json::to_string(machine).unwrap_or_default();
    let mut measures = vec![
        of_flow(Limit::StateMachineName, name.chars().count()),
        of_flow(Limit::StateMachineBytes, text.len()),
    ];
    for state in machine.scope.names() {
        measures.push(measure(
            Limit::StateName,
            at(plan, state),
            state,
            state.chars().count(),
        ));
    }
    for (state, job) in machine.scope.jobs() {
        let spent = spent(plan, &job.container_overrides);
        let overrides = overrides(&job.container_overrides, &spent);
        measures.push(Measure {
            spent,
            ..measure(Limit::BatchOverrides, at(plan, state), state, overrides)
        });
        measures.push(measure(
            Limit::BatchJobBytes,
            at(plan, state),
            state,
            submission(job, overrides),
        ));
    }
    measures.extend(with_width(plan, name, machine));
    measures
}

pub fn template(plan: &Plan, name: &str, text: &str) -> Measure {
    measure(Limit::TemplateBytes, plan.flow.span, name, text.len())
}

/// Where the template says what CloudFormation replaces; `jobs` are those of the machine in it.
pub fn references(plan: &Plan, name: &str, jobs: &[(&str, &SubmitJob)], text: &str) -> Measure {
    let mut places = Vec::new();
    for (state, job) in jobs {
        for variable in &job.container_overrides.environment {
            let text = serde_json::to_string(variable).unwrap_or_default();
            let count = text.matches(DYNAMIC).count();
            if count > 0 {
                places.push((format!("`{}` of `{state}`", variable.name), count));
            }
        }
    }
    Measure {
        spent: places,
        ..measure(
            Limit::TemplateReferences,
            plan.flow.span,
            name,
            text.matches(DYNAMIC).count(),
        )
    }
}

fn measure(limit: Limit, at: Span, what: &str, size: usize) -> Measure {
    Measure {
        limit,
        at,
        what: what.to_owned(),
        size,
        spent: Vec::new(),
    }
}

/// The step that a state belongs to: `work`, `#work`, `*work`, `#switch-work`, `work+`.
fn at(plan: &Plan, state: &str) -> Span {
    let name = state
        .trim_start_matches("#switch-")
        .trim_start_matches(['#', '*', '?', '&'])
        .trim_end_matches('+');
    plan.find(name).map_or(plan.flow.span, |id| plan.task(id).span)
}

/// The characters of the command and of each variable, as they stand in compact JSON, the most first.
fn spent(plan: &Plan, overrides: &ContainerOverrides) -> Vec<(String, usize)> {
    let variables = overrides.environment.iter().map(|variable| {
        // {"Name":…,"Value":…},
        let size = 19 + json_length(&variable.name) + longest(plan, &variable.value);
        (variable.name.clone(), size)
    });
    let command = ("the command".to_owned(), json_length(&overrides.command));
    let mut spent: Vec<_> = variables.chain([command]).collect();
    spent.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    spent
}

/// The characters of the overrides as compact JSON.
fn overrides(overrides: &ContainerOverrides, spent: &[(String, usize)]) -> usize {
    let resources = json_length(&overrides.resource_requirements);
    let parts: usize = spent.iter().map(|(_, size)| size).sum();
    // {"Command":…,"ResourceRequirements":…,"Environment":[…]}
    parts + resources + 56 + ADDED
}

/// The characters of a value as JSON at its longest.
fn longest(plan: &Plan, source: &Source) -> usize {
    match source {
        Source::Value(Text::Plain(text)) => json_length(text),
        Source::Value(text) => 2 + text.longest(REFERENCE),
        Source::Path(path) => 2 + hole(plan, path),
    }
}

fn hole(plan: &Plan, path: &str) -> usize {
    if path == "States.JsonToString($)" {
        return input(plan);
    }
    let ends: [(&str, usize); 6] = [
        ("Execution.Name", EXECUTION),
        ("run_id']", EXECUTION),
        ("JobId", JOB),
        ("Index", INDEX),
        ("step_name", step_name(plan)),
        ("", 0),
    ];
    if path.contains("split_parent_task_id") {
        return JOB;
    }
    if path.contains("split_index") {
        return INDEX;
    }
    ends.iter()
        .find(|(end, _)| path.ends_with(end))
        .map_or(0, |(_, size)| *size)
}

fn step_name(plan: &Plan) -> usize {
    plan.tasks
        .iter()
        .map(|task| task.step.chars().count())
        .max()
        .unwrap_or(0)
}

/// The characters, without quotes, of an input that gives every parameter a value, as text: its default, or 32
/// characters where that is shorter. Each layer escapes the quotes of the one within.
fn input(plan: &Plan) -> usize {
    let given = plan.parameters.iter().map(|parameter| {
        let default = parameter.default_json().filter(|text| text.len() > 34);
        let value = default.and_then(|text| serde_json::from_str(&text).ok());
        (
            parameter.name.clone(),
            value.unwrap_or_else(|| "x".repeat(32).into()),
        )
    });
    let given: serde_json::Map<String, serde_json::Value> = given.collect();
    let input = serde_json::json!({"Parameters": json::dumps(&given.into())});
    json_length(&input.to_string()).saturating_sub(2)
}

/// The bytes of a submission.
fn submission(job: &SubmitJob, overrides: usize) -> usize {
    overrides
        + json_length(&job.parameters)
        + json_length(&job.tags)
        + job.job_name.len()
        + 2 * REFERENCE
        + 200
}

fn json_length(value: &impl serde::Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |text| text.chars().count())
}

/// How many items foreach steps have, by the step that each item begins with.
struct Widths {
    known: BTreeMap<String, usize>,
    is_distributed: bool,
}

impl Widths {
    fn new(plan: &Plan) -> Self {
        let settings = &plan.deployment.step_functions;
        let assumed = settings
            .assume_width
            .and_then(|width| usize::try_from(width).ok());
        let widths = plan.tasks.iter().filter_map(|task| {
            let (first, _) = task.fan_out()?;
            Some((plan.task(first).step.clone(), task.items.or(assumed)?))
        });
        Self {
            known: widths.collect(),
            is_distributed: settings.uses_distributed_map,
        }
    }

    /// Of the map state `*first`; nobody knows a width that is less than one.
    fn of_map(&self, state: &str) -> usize {
        let first = state.trim_start_matches('*');
        self.known.get(first).copied().unwrap_or(1)
    }
}

/// What only shows with many items: nothing where no width is assumed or known.
fn with_width(plan: &Plan, name: &str, machine: &Machine) -> Vec<Measure> {
    let widths = Widths::new(plan);
    if widths.known.is_empty() {
        return Vec::new();
    }
    let events = EXECUTION_EVENTS.saturating_add(events(&machine.scope, &widths));
    let mut measures = vec![measure(Limit::ExecutionEvents, plan.flow.span, name, events)];
    for task in &plan.tasks {
        let Some((first, join)) = task.fan_out() else {
            continue;
        };
        let Some(&width) = widths.known.get(&plan.task(first).step) else {
            continue;
        };
        let last = plan.task(join).predecessors.iter();
        let last = last.map(|&last| plan.task(last).step.len()).max();
        // Index, step and job id, and the job id again in Metaflow's own set.
        let child = INDEX + last.unwrap_or(0) + 2 * JOB + 8;
        let mut of_step = |limit, size| measures.push(measure(limit, task.span, &task.step, size));
        of_step(Limit::TableItemBytes, width.saturating_mul(child));
        if !widths.is_distributed {
            of_step(Limit::MapResultBytes, width.saturating_mul(ITEM_BYTES));
            of_step(Limit::InlineMapWidth, width);
        }
    }
    measures
}

/// The most events that a way through a scope can make without a loop.
fn events(scope: &Scope, widths: &Widths) -> usize {
    let mut most = BTreeMap::new();
    events_from(scope, &scope.start_at, widths, &mut most)
}

/// `most` holds what is known of states already; a state that is being looked at counts nothing, since only a loop
/// comes back to it.
fn events_from<'a>(
    scope: &'a Scope,
    name: &'a str,
    widths: &Widths,
    most: &mut BTreeMap<&'a str, usize>,
) -> usize {
    if let Some(&known) = most.get(name) {
        return known;
    }
    let Some((_, state)) = scope.states.0.iter().find(|(other, _)| other == name) else {
        return 0;
    };
    most.insert(name, 0);
    let behind = following(state)
        .into_iter()
        .map(|next| events_from(scope, next, widths, most))
        .max();
    let events = events_of(name, state, widths).saturating_add(behind.unwrap_or(0));
    most.insert(name, events);
    events
}

fn following(state: &State) -> Vec<&str> {
    let exit = match state {
        State::Task(task) => &task.exit,
        State::Parallel(parallel) => &parallel.exit,
        State::Map(map) => &map.exit,
        State::Choice(choice) => return choice.choices.iter().map(|rule| rule.next.as_str()).collect(),
    };
    match exit {
        Exit::Next(next) => vec![next],
        Exit::End(_) => Vec::new(),
    }
}

/// Of a state itself; the items of a distributed map have histories of their own.
fn events_of(name: &str, state: &State, widths: &Widths) -> usize {
    match state {
        State::Task(task) => match task.parameters {
            Call::SubmitJob(_) => JOB_EVENTS,
            Call::GetItem(_) => READ_EVENTS,
        },
        State::Choice(_) => CHOICE_EVENTS,
        State::Parallel(parallel) => {
            let branches = parallel.branches.iter().map(|branch| events(branch, widths));
            branches.fold(FAN_EVENTS, usize::saturating_add)
        }
        State::Map(_) if widths.is_distributed => FAN_EVENTS,
        State::Map(map) => {
            let item = ITEM_EVENTS.saturating_add(events(&map.item_processor.scope, widths));
            FAN_EVENTS.saturating_add(widths.of_map(name).saturating_mul(item))
        }
    }
}
