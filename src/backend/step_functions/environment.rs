//! The variables of a job, each name once. A user's value is a text, whatever it looks like.

use std::collections::BTreeSet;

use super::asl::Variable;
use super::compute::Batch;
use super::references::References;
use super::route::{Entry, Parent, Route};
use super::text::{Source, Text};
use crate::plan::environment::{Runtime, common};
use crate::plan::{Plan, json};

const RUNTIME: Runtime = Runtime {
    name: "step-functions",
    user: "SFN",
    environment: "aws-batch",
};

/// Places in the datastore, which a bundle finds by its parameter.
const IN_DATASTORE: [&str; 4] = [
    "METAFLOW_DATASTORE_SYSROOT_S3",
    "METAFLOW_DATATOOLS_S3ROOT",
    "METAFLOW_CARD_S3ROOT",
    "METAFLOW_CODE_URL",
];

/// What Metaflow derives in the task as well, from the root of the datastore.
const DERIVED: [(&str, &str); 2] = [
    ("METAFLOW_DATATOOLS_S3ROOT", "/data"),
    ("METAFLOW_CARD_S3ROOT", "/mf.cards"),
];

/// The variables that are the same in all jobs of a machine.
pub fn constants(plan: &Plan, state_machine: &str, references: &mut References<'_>) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    if let Some(region) = references.region() {
        variables.push(variable("AWS_DEFAULT_REGION", Source::Value(region)));
    }
    let root = &plan.deployment.datastore.root;
    for given in common(plan, RUNTIME) {
        let is_derived = DERIVED
            .iter()
            .any(|(name, folder)| given.name == *name && given.value == format!("{root}{folder}"));
        // The command names the file itself.
        if is_derived || given.name == "METAFLOW_FLOW_FILENAME" {
            continue;
        }
        let value = if IN_DATASTORE.contains(&given.name.as_str()) {
            references.in_datastore(&given.value)
        } else {
            Text::plain(given.value)
        };
        variables.push(variable(&given.name, Source::Value(value)));
    }
    variables.push(variable("SFN_STATE_MACHINE", Source::plain(state_machine)));
    variables
}

/// The variables of one job besides the constants.
pub fn own(route: Route<'_>, batch: &Batch, references: &mut References<'_>) -> Vec<Variable> {
    let mut variables = Variables(Vec::new());
    variables.put("METAFLOW_STEP_NAME", Source::plain(&route.task().step));
    variables.put("METAFLOW_RUN_ID", Source::path(route.run_id()));
    put_inputs(route, &mut variables);
    put_foreach(route, &mut variables);
    if uses_table(route) {
        variables.put("METAFLOW_SFN_DYNAMO_DB_TABLE", Source::Value(references.table()));
    }
    if let Some(timeout) = route
        .plan
        .deployment
        .workflow_timeout
        .filter(|_| writes_item(route))
    {
        variables.put(
            "METAFLOW_SFN_WORKFLOW_TIMEOUT",
            Source::plain(timeout.to_string()),
        );
    }
    if let Some(folder) = &batch.tempdir {
        variables.put("METAFLOW_TEMPDIR", Source::plain(folder));
    }
    variables.0
}

/// All variables of a job; what the user gave under a name of these is left out.
pub fn all(route: Route<'_>, own: Vec<Variable>, constants: &[Variable]) -> Vec<Variable> {
    let users = route.task().request.environment.iter();
    let users = users.map(|given| variable(&given.name, Source::plain(&given.value)));
    let mut seen = BTreeSet::new();
    let every = constants.iter().cloned().chain(own).chain(users);
    every
        .filter(|variable| seen.insert(variable.name.clone()))
        .collect()
}

struct Variables(Vec<Variable>);

impl Variables {
    fn put(&mut self, name: &str, value: Source) {
        self.0.push(variable(name, value));
    }
}

fn variable(name: &str, value: Source) -> Variable {
    Variable {
        name: name.to_owned(),
        value,
    }
}

/// What the input paths are made of.
fn put_inputs(route: Route<'_>, variables: &mut Variables) {
    match route.entry {
        Entry::Execution => put_parameters(route.plan, variables),
        Entry::Branches(split) => {
            for (index, end) in route.branch_ends(split).into_iter().enumerate() {
                variables.put(
                    &format!("METAFLOW_PARENT_{index}_TASK_ID"),
                    Source::path(format!("$[{index}].JobId")),
                );
                if end == Parent::OneOf {
                    let step = Source::path(format!("$[{index}].Parameters.step_name"));
                    variables.put(&format!("METAFLOW_PARENT_{index}_STEP"), step);
                }
            }
        }
        Entry::Map(_) => variables.put("METAFLOW_SPLIT_PARENT_TASK_ID", Source::path("$.JobId")),
        Entry::Job | Entry::Item | Entry::Again => {
            variables.put("METAFLOW_PARENT_TASK_ID", Source::path("$.JobId"));
            if route.parent() == Parent::OneOf {
                variables.put("METAFLOW_PARENT_STEP", Source::path("$.Parameters.step_name"));
            }
        }
    }
}

/// The input of the execution, whatever its form, and the defaults that it may override.
fn put_parameters(plan: &Plan, variables: &mut Variables) {
    if plan.parameters.is_empty() {
        return;
    }
    variables.put("METAFLOW_INPUT", Source::path("States.JsonToString($)"));
    let defaults = plan.parameters.iter().filter_map(|parameter| {
        let value = serde_json::from_str(&parameter.default_json()?).ok()?;
        Some((parameter.name.clone(), value))
    });
    let defaults: serde_json::Map<String, serde_json::Value> = defaults.collect();
    if !defaults.is_empty() {
        variables.put(
            "METAFLOW_DEFAULT_PARAMETERS",
            Source::plain(json::dumps(&defaults.into())),
        );
    }
}

fn put_foreach(route: Route<'_>, variables: &mut Variables) {
    let closing = route.leads_to_join_of();
    if let Some(foreach) = closing {
        let task = Source::path(route.foreach_task(foreach));
        variables.put("METAFLOW_SPLIT_PARENT_TASK_ID_FOR_FOREACH_JOIN", task);
    }
    let indexed = closing.or(route.task().foreach().filter(|_| route.entry == Entry::Item));
    if let Some(foreach) = indexed {
        variables.put("METAFLOW_SPLIT_INDEX", Source::path(route.foreach_index(foreach)));
    }
}

/// Does the job leave an item of its own in the table?
pub fn writes_item(route: Route<'_>) -> bool {
    route.task().fan_out().is_some() || route.task().is_switch()
}

/// Does the job read from the table or write to it?
pub fn uses_table(route: Route<'_>) -> bool {
    let is_foreach_join = matches!(route.entry, Entry::Map(_));
    writes_item(route) || is_foreach_join || route.leads_to_join_of().is_some()
}
