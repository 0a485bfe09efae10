//! AWS Step Functions: a state machine in the Amazon States Language whose tasks are AWS Batch jobs.
//!
//! [`layout`] turns tasks into states, [`job`] makes one job, [`route`] says where it finds what came before;
//! [`references`] is how the machine names what is outside of it, which differs between a machine that stands
//! alone and one in a CloudFormation template.

use serde::Serialize;

use super::{Emitted, Format};
use crate::plan::Plan;

pub mod asl;
mod cloudformation;
mod command;
mod compress;
mod compute;
mod environment;
mod iam;
mod job;
mod job_definition;
mod job_rights;
mod layout;
pub mod limits;
mod measure;
mod names;
pub mod notices;
mod platform;
mod references;
mod route;
mod schedule;
mod tags;
mod text;

use asl::Machine;
use cloudformation::Template;
use job::Jobs;

/// The state machine of a plan with the job definitions that it names, or one template that holds all.
pub fn emit(plan: &Plan, format: Format) -> Emitted {
    let name = names::state_machine(plan);
    let mut jobs = Jobs::new(plan, &name);
    let machine = Machine {
        comment: plan.deployment.is_draft.then(|| draft(plan)),
        timeout_seconds: plan.deployment.workflow_timeout,
        scope: layout::machine(plan, &mut jobs),
    };
    let mut measures = measure::machine(plan, &name, &machine);
    let files = if plan.deployment.step_functions.bundle.is_some() {
        let whole = Template::new(plan, jobs, machine);
        let (file, text) = template(&whole, &name, format);
        measures.push(measure::template(plan, &name, &text));
        measures.push(measure::references(plan, &name, &whole.jobs(), &text));
        vec![(file, text)]
    } else {
        bare(&machine, &jobs, &name, format)
    };
    Emitted { files, measures }
}

fn template(template: &Template, name: &str, format: Format) -> (String, String) {
    match format {
        Format::Usual | Format::Yaml => (format!("{name}.template.yaml"), yaml(template)),
        Format::Json => (format!("{name}.template.json"), json(template)),
    }
}

/// The machine, and beside it what `RegisterJobDefinition` takes.
fn bare(machine: &Machine, jobs: &Jobs<'_>, name: &str, format: Format) -> Vec<(String, String)> {
    let mut files = vec![match format {
        Format::Usual | Format::Json => (format!("{name}.asl.json"), json(machine)),
        Format::Yaml => (format!("{name}.asl.yaml"), yaml(machine)),
    }];
    for named in &jobs.references.job_definitions {
        let mut input = serde_json::Map::new();
        input.insert("jobDefinitionName".to_owned(), named.name.clone().into());
        if let serde_json::Value::Object(properties) = named.definition.to_json() {
            input.extend(properties);
        }
        files.push((format!("job-definitions/{}.json", named.name), json(&input)));
    }
    files
}

fn draft(plan: &Plan) -> String {
    format!(
        "draft with placeholders for {}: to look at, not to deploy",
        plan.deployment.placeholders.join(", ")
    )
}

/// On one line: a definition's size is limited.
fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}

fn yaml(value: &impl Serialize) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).unwrap_or_default()
}
