//! The graph as data: names and types are Metaflow's own (`FlowGraph` of 2.19), so that both can be compared.

use petgraph::graph::NodeIndex;
use serde::Serialize;
use serde_json::{Map, Number, Value as Json, json};

use crate::flow::{
    AttributeUse, DecoratorUse, Flow, NoName, Parameter, ParameterKind, Step, Tail, Transition,
};
use crate::graph::FlowGraph;
use crate::source::{Sources, Span};
use crate::value::{Evaluated, Placeholder, Unknown, Value, Why};

/// The whole document; `diagnostics` is the array of `check --output-format json`.
pub fn render(graphs: &[FlowGraph<'_>], sources: &Sources, diagnostics: &impl Serialize) -> String {
    let flows: Vec<Json> = graphs.iter().map(|graph| flow(graph, sources)).collect();
    let diagnostics = serde_json::to_value(diagnostics).unwrap_or_default();
    let document = json!({ "version": 1, "flows": flows, "diagnostics": diagnostics });
    format!("{document:#}\n")
}

/// One flow.
pub fn flow(graph: &FlowGraph<'_>, sources: &Sources) -> Json {
    let flow: &Flow = graph.flow;
    let name = |node: NodeIndex| graph.name(node);
    let steps: Vec<Json> = graph.by_name().map(|node| step(graph, sources, node)).collect();
    json!({
        "name": flow.name,
        "file": file(sources, flow.span),
        "line": sources.start(flow.span).line,
        "bases": flow.bases,
        "start": graph.start.map(name),
        "end": graph.end.map(name),
        "order": names(graph, &graph.order),
        "decorators": decorators(sources, &flow.decorators),
        "parameters": flow.parameters.iter().map(|each| parameter(sources, each)).collect::<Vec<_>>(),
        "mutators": flow.mutators,
        "steps": steps,
    })
}

fn step(graph: &FlowGraph<'_>, sources: &Sources, index: NodeIndex) -> Json {
    let (node, step) = (graph.node(index), graph.step(index));
    let out: Vec<&str> = step.targets().iter().map(|target| target.name.as_str()).collect();
    let wiring = Wiring::new(step);
    json!({
        "name": step.name,
        "type": node.kind.map(crate::graph::NodeKind::name),
        "line": sources.start(step.span).line,
        "file": file(sources, step.span),
        "in": names(graph, &node.predecessors),
        "out": out,
        "split_parents": names(graph, &graph.split_parents(index)),
        "split_branches": names(graph, &graph.split_branches(index)),
        "matching_join": node.matching_join.map(|join| graph.name(join)),
        "is_inside_foreach": node.is_inside_foreach,
        "foreach_param": wiring.foreach_param,
        "num_parallel": wiring.num_parallel,
        "parallel_step": graph.is_parallel_step(index),
        "condition": wiring.condition,
        "switch_cases": wiring.switch_cases,
        "decorators": decorators(sources, &step.decorators),
    })
}

/// What only one kind of transition has.
struct Wiring {
    foreach_param: Json,
    num_parallel: Json,
    condition: Json,
    switch_cases: Json,
}

impl Wiring {
    fn new(step: &Step) -> Self {
        let mut wiring = Self {
            foreach_param: Json::Null,
            num_parallel: json!(false),
            condition: Json::Null,
            switch_cases: json!({}),
        };
        let Tail::Next { transition, .. } = &step.tail else {
            return wiring;
        };
        match transition {
            Transition::Linear(_) | Transition::Split(_) => {}
            Transition::Foreach {
                variable, no_name, ..
            } => {
                wiring.foreach_param = match (variable, no_name) {
                    (Some(name), _) => json!(name),
                    (None, Some(NoName::Literal(literal))) => value(literal),
                    (None, _) => Json::Null,
                };
            }
            Transition::Parallel { count, .. } => {
                wiring.num_parallel = count.map_or(json!(true), Json::from);
            }
            Transition::Switch { cases, condition, .. } => {
                let pair = |case: &crate::flow::Case| (case.key.to_text(), json!(case.target.name));
                wiring.condition = json!(condition);
                wiring.switch_cases = Json::Object(cases.iter().map(pair).collect());
            }
        }
        wiring
    }
}

fn decorators(sources: &Sources, used: &[DecoratorUse]) -> Vec<Json> {
    used.iter()
        .map(|decorator| self::decorator(sources, decorator))
        .collect()
}

fn decorator(sources: &Sources, used: &DecoratorUse) -> Json {
    let mut shown = attributes(&used.attributes);
    if let Some(hidden) = &used.unknown_arguments {
        shown.insert("**".to_owned(), unknown(hidden));
    }
    let mut object = json!({ "name": used.name, "attributes": shown, "line": sources.start(used.span).line });
    put_inputs(&mut object, &used.attributes);
    object
}

fn parameter(sources: &Sources, parameter: &Parameter) -> Json {
    let kind = match parameter.kind {
        ParameterKind::Parameter => "Parameter",
        ParameterKind::IncludeFile => "IncludeFile",
        ParameterKind::Config => "Config",
    };
    let mut shown = attributes(&parameter.attributes);
    if let Some(hidden) = &parameter.unknown_arguments {
        shown.insert("**".to_owned(), unknown(hidden));
    }
    let mut object = json!({
        "name": parameter.name,
        "kind": kind,
        "attributes": shown,
        "line": sources.start(parameter.span).line,
    });
    put_inputs(&mut object, &parameter.attributes);
    object
}

fn attributes(used: &[AttributeUse]) -> Map<String, Json> {
    used.iter()
        .map(|attribute| (attribute.name.clone(), evaluated(&attribute.value)))
        .collect()
}

/// `"depends_on": ["env:IMAGE"]`, where there is something to list.
fn put_inputs(object: &mut Json, used: &[AttributeUse]) {
    let inputs = used.iter().flat_map(|attribute| &attribute.value.depends_on);
    let inputs: std::collections::BTreeSet<String> = inputs.map(ToString::to_string).collect();
    if let (false, Json::Object(entries)) = (inputs.is_empty(), object) {
        entries.insert("depends_on".to_owned(), json!(inputs));
    }
}

fn evaluated(evaluated: &Evaluated) -> Json {
    match &evaluated.result {
        Ok(known) => value(known),
        Err(hidden) => unknown(hidden),
    }
}

/// A value that JSON cannot hold is `{"$python": "its repr"}`.
fn value(value: &Value) -> Json {
    let python = || json!({ "$python": value.to_repr() });
    match value {
        Value::None => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) => Number::from_f64(*number).map_or_else(python, Json::Number),
        Value::Str(text) => json!(text.as_ref()),
        Value::List(items) | Value::Tuple(items) => Json::Array(items.iter().map(self::value).collect()),
        Value::Dict(entries) => {
            let pair = |(key, item): &(Value, Value)| (key.to_text(), self::value(item));
            Json::Object(entries.iter().map(pair).collect())
        }
        Value::Bytes(_) | Value::Set(_) | Value::Ellipsis | Value::Function(_) | Value::Call(_) => python(),
    }
}

fn unknown(unknown: &Unknown) -> Json {
    let (phase, reason) = match &unknown.why {
        Why::Runtime { what } => ("run", format!("`{what}` belongs to a running task")),
        Why::Placeholder { kind, name, .. } => match kind {
            Placeholder::Parameter | Placeholder::IncludeFile => (
                "run",
                format!("the value of the parameter `{name}` is known when the flow runs"),
            ),
            Placeholder::Config => ("opaque", format!("`{name}` stands for the whole config")),
        },
        Why::Raises { exception, message } => ("opaque", format!("{exception}: {message}")),
        Why::Opaque { reason } => ("opaque", reason.clone()),
        Why::HalfCharacter { escape } => ("opaque", format!("`{escape}` is half of a character")),
    };
    json!({ "$unknown": { "phase": phase, "reason": reason } })
}

fn names<'a>(graph: &FlowGraph<'a>, nodes: &[NodeIndex]) -> Vec<&'a str> {
    nodes.iter().map(|&node| graph.name(node)).collect()
}

fn file(sources: &Sources, span: Span) -> &str {
    sources.get(span.source).name()
}
