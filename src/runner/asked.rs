//! What the decorators of a step ask of who starts its tasks. The plan knows it as the source says it; Metaflow tells it
//! again once the flow is imported, and then mutators, decorators of other packages and values that only running code
//! gives are in it.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::network::Network;
use super::store;
use crate::plan::Plan;
use crate::request::EnvVar;
use crate::target::ThisMachine;

/// Of one step.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Asked {
    /// `@retry(times=…)`.
    pub user_retries: u32,
    /// The attempts that `@catch` adds.
    pub fallback_retries: u32,
    /// Seconds between attempts.
    pub retry_delay: f64,
    /// `@environment(vars=…)`.
    pub variables: Vec<(String, String)>,
}

/// By step, as the plan says.
pub fn of_plan(plan: &Plan<ThisMachine>, network: &Network) -> Vec<Asked> {
    let steps = plan.tasks.iter().zip(&network.nodes);
    let asked = steps.map(|(task, node)| Asked {
        user_retries: node.user_retries,
        fallback_retries: node.fallback_retries,
        retry_delay: u32::try_from(node.retry_delay).map_or(f64::MAX, f64::from),
        variables: task.request.environment.iter().map(pair).collect(),
    });
    asked.collect()
}

fn pair(EnvVar { name, value }: &EnvVar) -> (String, String) {
    (name.clone(), value.clone())
}

/// Corrects it by what `init` wrote into a file; a Metaflow that does not tell changes nothing.
pub fn correct(asked: &mut [Asked], network: &Network, file: &Path) {
    let bytes = store::read(file).unwrap_or_default();
    let mut told: HashMap<String, Asked> = serde_json::from_slice(&bytes).unwrap_or_default();
    for (asked, node) in asked.iter_mut().zip(&network.nodes) {
        if let Some(told) = told.remove(&node.step) {
            *asked = told;
        }
    }
}
