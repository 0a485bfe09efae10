//! `@trigger` is given something that is no event.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, shown};
use crate::source::Span;
use crate::value::{Call, Value};

declare_rule! {
    /// `@trigger` is given something that is no event: neither or both of `event` and `events`, an event that is no
    /// text, dict or function, a dict without name, one name twice, or a mapping of parameters that is neither a
    /// dict of texts nor a list of texts and pairs (tuples).
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(events=("data.updated", "data.deleted"))
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(events=["data.updated", "data.deleted"])
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Incorrect format for *events* attribute in *@trigger* decorator. Supported format is list - …`, and eight
    /// more like it, the first one only (2.19.39)
    pub static INFO: error "FLC237" "trigger-form";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "trigger") {
        if let Some((span, problem, help)) = problem(&used) {
            let finding = used.finding(&INFO, span, problem);
            out.push(if help.is_empty() {
                finding
            } else {
                finding.help(help)
            });
        }
    }
}

type Problem = (Span, String, &'static str);

const FORM: &str =
    "write `event=\"name\"`, or `event={\"name\": \"name\", \"parameters\": {\"parameter\": \"field\"}}`";

fn problem(used: &Use<'_>) -> Option<Problem> {
    match (used.truthy("event"), used.truthy("events")) {
        (Some(event), Some(events)) => {
            let later = event.span.max(events.span);
            Some((
                later,
                "`@trigger` has `event` and `events`".to_owned(),
                "give one of them",
            ))
        }
        (Some(event), None) => event_problem(event.value).map(|(problem, help)| (event.span, problem, help)),
        (None, Some(events)) => {
            events_problem(events.value).map(|(problem, help)| (events.span, problem, help))
        }
        (None, None) if used.is_complete() => {
            Some((used.span(), "`@trigger` names no event".to_owned(), FORM))
        }
        (None, None) => None,
    }
}

type Found = (String, &'static str);

fn events_problem(events: &Value) -> Option<Found> {
    match events {
        Value::List(items) => items.iter().find_map(event_problem).or_else(|| repeated(items)),
        Value::Function(_) => None,
        Value::Call(call) if &*call.callee == Call::NAMESPACED_EVENT => None,
        Value::Str(_)
        | Value::Tuple(_)
        | Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Call(_) => Some((
            format!("`events` must be a list, not {}", shown(events)),
            "write it in `[]`",
        )),
    }
}

fn repeated(events: &[Value]) -> Option<Found> {
    let names: Vec<&str> = events
        .iter()
        .filter_map(|event| event.get("name").unwrap_or(event).as_str())
        .collect();
    let twice = names
        .iter()
        .enumerate()
        .find(|(index, name)| names.iter().take(*index).any(|other| other == *name));
    twice.map(|(_, name)| (format!("the event `{name}` is named twice"), ""))
}

fn event_problem(event: &Value) -> Option<Found> {
    match event {
        Value::Str(_) | Value::Function(_) => None,
        Value::Call(call) => call_problem(call),
        Value::Dict(_) => match event.get("name") {
            None => Some((format!("the event {} has no `name`", shown(event)), FORM)),
            Some(name @ (Value::List(_) | Value::Dict(_) | Value::Set(_))) => Some((
                format!("the name of an event must be a text, not {}", shown(name)),
                FORM,
            )),
            Some(Value::Call(call)) => {
                call_problem(call).or_else(|| parameters_problem(event.get("parameters")))
            }
            Some(_) => parameters_problem(event.get("parameters")),
        },
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Ellipsis => Some((
            format!(
                "an event must be a text, a dict or a function, not {}",
                shown(event)
            ),
            FORM,
        )),
    }
}

/// `namespaced_event_name(5)` raises.
fn call_problem(call: &Call) -> Option<Found> {
    if &*call.callee != Call::NAMESPACED_EVENT {
        return Some((
            format!(
                "an event must be a text, a dict or a function, not `{}`",
                call.callee
            ),
            FORM,
        ));
    }
    match call.arguments.as_slice() {
        [(_, Value::Str(_))] => None,
        _ => Some(("`namespaced_event_name` takes one text".to_owned(), "")),
    }
}

fn parameters_problem(parameters: Option<&Value>) -> Option<Found> {
    const MAPPING: &str = "write `{\"parameter\": \"field\"}`, or `[\"same\", (\"parameter\", \"field\")]`";
    let parameters = parameters?;
    let wrong = match parameters {
        Value::Dict(entries) => entries
            .iter()
            .find(|(key, value)| key.as_str().is_none() || value.as_str().is_none())
            .map(|(_, value)| value),
        Value::List(items) => items.iter().find(|item| !is_mapping(item)),
        // Anything else counts as no mapping.
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => None,
    };
    wrong.map(|wrong| {
        (
            format!(
                "`parameters` of an event maps texts to texts; it has {}",
                shown(wrong)
            ),
            MAPPING,
        )
    })
}

/// A text, or a tuple (no list) of two.
fn is_mapping(item: &Value) -> bool {
    match item {
        Value::Tuple(pair) => pair.len() == 2 && pair.iter().all(|part| part.as_str().is_some()),
        Value::Str(_) => true,
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => false,
    }
}
