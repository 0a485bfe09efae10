//! From a checked flow to its plan.

use petgraph::graph::NodeIndex;

use super::{
    Fan, FlowFacts, Origin, Plan, PlannedConfig, PlannedParameter, Role, Task, TaskId, environment, pod,
    project,
};
use crate::decorator::spec::{self, Spec};
use crate::decorator::{Attributes, Decorator, Level};
use crate::flow::{DecoratorKind, DecoratorUse, Flow, ParameterKind, Step, Tail, Transition, attached_to};
use crate::graph::{FlowGraph, Node, NodeKind};
use crate::lint::Checked;
use crate::request::{FlowRequest, Request};
use crate::settings::Deployment;
use crate::source::Span;

impl<T: Copy> Plan<T> {
    /// Decides everything about a run of the flow that does not depend on the target's spelling.
    pub fn new(checked: &Checked<'_, T>, deployment: &Deployment, origin: &Origin) -> Self {
        let graph = checked.graph;
        let flow = graph.flow;
        let specs: Vec<_> = deployment
            .with
            .iter()
            .filter_map(|text| spec::parse(text).ok())
            .collect();
        let request = flow_request(&flow.decorators);
        let configs = flow
            .parameters
            .iter()
            .filter(|parameter| parameter.kind == ParameterKind::Config);
        let mut configs: Vec<_> = configs.map(PlannedConfig::new).collect();
        configs.sort_by(|one, other| one.name.cmp(&other.name));
        let parameters = flow
            .parameters
            .iter()
            .filter(|parameter| parameter.kind != ParameterKind::Config);
        let root = environment::included_root(deployment, &flow.name);
        let project = request
            .project
            .as_ref()
            .map(|project| project::names(project, project_span(flow), &flow.name, deployment));
        let tasks = tasks(graph, &specs);
        let mut deployment = deployment.clone();
        // A step may name the namespace that is meant where none is given: a rule has seen that it is the default.
        if deployment.argo.namespace.is_none() {
            let mut named = tasks
                .iter()
                .map(|task| pod::pod(&task.request, &deployment).namespace);
            deployment.argo.namespace = named.find_map(|namespace| namespace);
        }
        Self {
            target: checked.target,
            tasks,
            parameters: parameters
                .map(|parameter| PlannedParameter::new(parameter, &root))
                .collect(),
            configs,
            flow: FlowFacts {
                name: flow.name.clone(),
                span: flow.span,
                file_name: origin.file_name.clone(),
                digest: origin.digest.clone(),
                beside: origin
                    .flows
                    .iter()
                    .filter(|name| **name != flow.name)
                    .cloned()
                    .collect(),
                docstring: flow.docstring.clone(),
                options: if project.is_some() {
                    project::options(&deployment)
                } else {
                    Vec::new()
                },
                project,
                request,
            },
            deployment,
        }
    }
}

/// Where the flow is put into its project.
fn project_span(flow: &Flow) -> Span {
    let mut decorators = flow.decorators.iter();
    let project = decorators.find(|used| used.name == "project");
    project.map_or(flow.span, |used| used.span)
}

/// What the decorators of a flow's class ask for.
pub fn flow_request(decorators: &[DecoratorUse]) -> FlowRequest {
    let mut request = FlowRequest::default();
    for used in decorators {
        if let Some(Decorator {
            level: Level::Flow(apply),
            ..
        }) = known(used)
        {
            apply(&attributes(used), &mut request);
        }
    }
    request
}

fn step_request(step: &Step, specs: &[Spec]) -> Request {
    let mut request = Request::default();
    for used in step.decorators.iter().chain(&attached_to(step, specs)) {
        if let Some(Decorator {
            level: Level::Step(apply),
            ..
        }) = known(used)
        {
            apply(&attributes(used), &mut request);
        }
    }
    request
}

fn known(used: &DecoratorUse) -> Option<&'static Decorator> {
    match used.kind {
        DecoratorKind::Known(decorator) => Some(decorator),
        DecoratorKind::UserStep | DecoratorKind::Mutator | DecoratorKind::ThirdParty => None,
    }
}

fn attributes(used: &DecoratorUse) -> Attributes<'_> {
    let values = used.attributes.iter();
    Attributes {
        span: used.span,
        values: values
            .filter_map(|attribute| Some((attribute.name.as_str(), attribute.value.value()?)))
            .collect(),
    }
}

/// Ids by node; steps that start does not reach have none.
struct Ids(Vec<Option<TaskId>>);

impl Ids {
    fn new(graph: &FlowGraph<'_>) -> Self {
        let mut ids = vec![None; graph.nodes.len()];
        for (position, node) in graph.order.iter().enumerate() {
            if let Some(id) = ids.get_mut(node.index()) {
                *id = Some(TaskId(position));
            }
        }
        Self(ids)
    }

    fn get(&self, node: NodeIndex) -> Option<TaskId> {
        self.0.get(node.index()).copied().flatten()
    }

    fn all(&self, nodes: &[NodeIndex]) -> Vec<TaskId> {
        nodes.iter().filter_map(|&node| self.get(node)).collect()
    }
}

fn tasks(graph: &FlowGraph<'_>, specs: &[Spec]) -> Vec<Task> {
    let ids = Ids::new(graph);
    let order = graph.order.iter();
    order.map(|&node| task(graph, &ids, node, specs)).collect()
}

fn task(graph: &FlowGraph<'_>, ids: &Ids, index: NodeIndex, specs: &[Spec]) -> Task {
    let node = graph.node(index);
    let step = graph.step(index);
    let mut predecessors = ids.all(&node.predecessors);
    predecessors.sort_unstable();
    let mut successors = Vec::new();
    for id in ids.all(&node.successors) {
        if !successors.contains(&id) {
            successors.push(id);
        }
    }
    let (splits, branches) = open_splits(graph, node);
    let is_foreach = |split: &&NodeIndex| graph.node(**split).is(NodeKind::Foreach);
    let foreaches: Vec<NodeIndex> = splits.iter().filter(is_foreach).copied().collect();
    Task {
        step: step.name.clone(),
        span: step.span,
        docstring: step.docstring.clone(),
        role: Role {
            is_start: graph.start == Some(index),
            is_end: graph.end == Some(index),
            joins: node.closes.and_then(|split| ids.get(split)),
            fans: fan(ids, node, step, index),
        },
        predecessors,
        successors,
        foreaches: ids.all(&foreaches),
        splits: ids.all(&splits),
        branches: ids.all(&branches),
        items: items(step),
        request: step_request(step, specs),
    }
}

fn items(step: &Step) -> Option<usize> {
    match &step.tail {
        Tail::Next {
            transition: Transition::Foreach {
                variable: Some(name), ..
            },
            ..
        } => step.known_items(name).map(|(_, count)| count),
        Tail::Next { .. } | Tail::Missing | Tail::Invalid { .. } => None,
    }
}

/// The splits open behind a node and its branches in them, outermost first.
fn open_splits(graph: &FlowGraph<'_>, node: &Node) -> (Vec<NodeIndex>, Vec<NodeIndex>) {
    let (mut splits, mut branches) = (Vec::new(), Vec::new());
    let mut around = (node.enclosing, node.branch);
    while let (Some(split), Some(branch)) = around {
        splits.push(split);
        branches.push(branch);
        let split = graph.node(split);
        around = (split.enclosing, split.branch);
    }
    splits.reverse();
    branches.reverse();
    (splits, branches)
}

fn fan(ids: &Ids, node: &Node, step: &Step, index: NodeIndex) -> Fan {
    let Tail::Next { transition, .. } = &step.tail else {
        return Fan::None;
    };
    let join = node.matching_join.and_then(|join| ids.get(join));
    let first = node.successors.first().and_then(|&first| ids.get(first));
    match (transition, first, join) {
        (Transition::Split(_), _, Some(join)) => Fan::Split { join },
        (Transition::Foreach { variable, .. }, Some(first), Some(join)) => Fan::Foreach {
            variable: variable.clone(),
            first,
            join,
        },
        (Transition::Parallel { .. }, Some(first), Some(join)) => Fan::Parallel { first, join },
        (Transition::Switch { condition, .. }, ..) => Fan::Switch {
            condition: condition.clone(),
            is_recursive: node.successors.contains(&index),
        },
        // Nothing that a rule lets pass.
        (
            Transition::Linear(_)
            | Transition::Split(_)
            | Transition::Foreach { .. }
            | Transition::Parallel { .. },
            ..,
        ) => Fan::None,
    }
}
