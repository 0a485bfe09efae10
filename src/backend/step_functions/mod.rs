//! AWS Step Functions: a state machine in the Amazon States Language whose tasks are AWS Batch jobs.
//!
//! [`layout`] turns tasks into states, [`job`] makes one job, [`route`] says where it finds what came before;
//! [`references`] is how the machine names what is outside of it, which differs between a machine that stands
//! alone and one in a CloudFormation template.

use super::{Emitted, Format};
use crate::plan::Plan;

pub mod asl;
mod command;
mod compute;
mod environment;
mod job;
mod job_definition;
mod layout;
mod names;
mod references;
mod route;
mod tags;
mod text;

use asl::Machine;
use job::Jobs;

/// The state machine of a plan, with the job definitions that it names.
pub fn emit(plan: &Plan, _format: Format) -> Emitted {
    let name = names::state_machine(plan);
    let mut jobs = Jobs::new(plan, &name);
    let machine = Machine {
        comment: plan.deployment.is_draft.then(|| draft(plan)),
        timeout_seconds: plan.deployment.workflow_timeout,
        scope: layout::machine(plan, &mut jobs),
    };
    let mut files = vec![(format!("{}.asl.json", jobs.state_machine()), line(&machine))];
    for named in &jobs.references.job_definitions {
        let mut input = serde_json::Map::new();
        input.insert("jobDefinitionName".to_owned(), named.name.clone().into());
        if let serde_json::Value::Object(properties) = named.definition.to_json() {
            input.extend(properties);
        }
        files.push((format!("job-definitions/{}.json", named.name), line(&input)));
    }
    Emitted {
        files,
        measures: Vec::new(),
    }
}

fn draft(plan: &Plan) -> String {
    format!(
        "draft with placeholders for {}: to look at, not to deploy",
        plan.deployment.placeholders.join(", ")
    )
}

/// JSON on one line.
fn line(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
