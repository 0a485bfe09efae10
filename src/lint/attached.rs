//! What is wrong with a flow once `--with` has attached its decorators to the steps.

use std::collections::BTreeSet;

use super::rules;
use crate::decorator::spec::{self, Spec};
use crate::diagnostic::Diagnostic;
use crate::flow;
use crate::graph::FlowGraph;
use crate::settings::Deployment;
use crate::target::TargetVersion;

/// What is found besides the findings without them, `known`. A decorator that is wrong on every step is one finding.
pub fn run(
    graph: &FlowGraph<'_>,
    target: TargetVersion,
    deployment: &Deployment,
    known: &[Diagnostic],
) -> Vec<Diagnostic> {
    let with = &deployment.with;
    if with.is_empty() {
        return Vec::new();
    }
    let specs: Vec<Spec> = with.iter().filter_map(|text| spec::parse(text).ok()).collect();
    let flow = flow::attached(graph.flow, &specs);
    let graph = FlowGraph::new(&flow);
    let linted = super::run_in(Some(deployment.namespace()), &graph, rules::ALL, Some(target));
    let is_known = |found: &Diagnostic| {
        known
            .iter()
            .any(|old| old.rule.code == found.rule.code && old.message == found.message)
    };
    let given: Vec<String> = with.iter().map(|text| format!("`--with {text}`")).collect();
    let mut told = BTreeSet::new();
    let found = linted.diagnostics.into_iter();
    found
        .filter(|found| !is_known(found) && told.insert(found.rule.code))
        .map(|found| found.help(format!("attached by {}", given.join(", "))))
        .collect()
}
