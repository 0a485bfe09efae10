//! One CloudFormation template with the state machine and all that it needs. What differs between accounts
//! comes through parameters, of which there are only those that something refers to.

use serde::Serialize;
use serde_json::{Map as Object, Value as Json};

use super::asl::{Machine, SubmitJob};
use super::job::Jobs;
use super::references::{JOB_ROLE, Named, Parameter, ParameterKind, References, TABLE};
use super::text::{Entries, Text};
use super::{iam, names, schedule};
use crate::plan::Plan;

const STATE_MACHINE: &str = "StateMachine";
const LOG_GROUP: &str = "ExecutionLog";

/// Exactly what the template holds, in the order in which it is read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    parameters: Entries<TemplateParameter>,
    resources: Entries<Resource>,
    outputs: Entries<Output>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TemplateParameter {
    r#type: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    allowed_pattern: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_replace_policy: Option<&'static str>,
    properties: Properties,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Properties {
    StateMachine(Box<StateMachine>),
    Schedule(schedule::Schedule),
    Role(iam::Role),
    LogGroup(LogGroup),
    /// Job definitions and the table: what JSON holds.
    Plain(Object<String, Json>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StateMachine {
    #[serde(rename = "StateMachineName")]
    name: String,
    role_arn: Text,
    definition: Machine,
    #[serde(skip_serializing_if = "Option::is_none")]
    logging_configuration: Option<Logging>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Logging {
    level: &'static str,
    include_execution_data: bool,
    destinations: [Destination; 1],
}

#[derive(Debug, Serialize)]
struct Destination {
    #[serde(rename = "CloudWatchLogsLogGroup")]
    log_group: LogGroupArn,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LogGroupArn {
    log_group_arn: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LogGroup {
    log_group_name: String,
    retention_in_days: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    description: &'static str,
    value: Text,
}

impl Template {
    /// The jobs of the machine, with their states.
    pub fn jobs(&self) -> Vec<(&str, &SubmitJob)> {
        let machines = self.resources.values().filter_map(Resource::machine);
        machines.flat_map(|machine| machine.scope.jobs()).collect()
    }

    /// The template of a machine whose references were made for a bundle.
    pub fn new(plan: &Plan, jobs: Jobs<'_>, mut machine: Machine) -> Self {
        machine.scope.for_template();
        let name = jobs.state_machine().to_owned();
        let mut references = jobs.references;
        let settings = &plan.deployment.step_functions;
        let mut resources = Entries::default();
        let uses = iam::Uses::new(plan, &machine, &name, &mut references);
        let log = settings
            .log_execution_history
            .then(|| log_group(plan, &name, &mut references, &mut resources));
        let role = if settings.with_iam {
            resources.put(iam::MACHINE_ROLE, role(iam::machine(&uses, log.is_some())));
            Text::Attribute(iam::MACHINE_ROLE.to_owned(), "Arn")
        } else {
            references.given(
                ParameterKind::StateMachineRole,
                plan.deployment.setting("SFN_IAM_ROLE"),
                "",
            )
        };
        if settings.with_iam && !uses.gives_job_role {
            resources.put(JOB_ROLE, role_of_jobs(&uses));
        }
        for named in &references.job_definitions {
            resources.put(&named.name, job_definition(&name, named));
        }
        if settings.with_table && uses.table.is_some() {
            resources.put(TABLE, table());
        }
        let state_machine = StateMachine {
            name: name.clone(),
            role_arn: role,
            definition: machine,
            logging_configuration: log.map(logging),
        };
        resources.put(
            STATE_MACHINE,
            resource(
                "AWS::StepFunctions::StateMachine",
                Properties::StateMachine(Box::new(state_machine)),
            ),
        );
        if let Some(cron) = schedule::expression(plan) {
            let role = schedule_role(plan, &mut references, &mut resources);
            let schedule = schedule::Schedule::new(
                plan,
                names::schedule(&name),
                &cron,
                Text::reference(STATE_MACHINE),
                role,
            );
            resources.put(
                "Schedule",
                resource("AWS::Scheduler::Schedule", Properties::Schedule(schedule)),
            );
        }
        Self {
            version: "2010-09-09",
            description: description(plan),
            parameters: parameters(&references.parameters, settings.with_iam),
            resources,
            outputs: Entries(vec![(
                "StateMachineArn".to_owned(),
                Output {
                    description: "The state machine",
                    value: Text::reference(STATE_MACHINE),
                },
            )]),
        }
    }
}

impl Resource {
    fn machine(&self) -> Option<&Machine> {
        match &self.properties {
            Properties::StateMachine(machine) => Some(&machine.definition),
            Properties::Schedule(_)
            | Properties::Role(_)
            | Properties::LogGroup(_)
            | Properties::Plain(_) => None,
        }
    }
}

fn description(plan: &Plan) -> String {
    let file = plan.flow.file_name.replace(|c: char| c.is_control(), "?");
    let draft = if plan.deployment.is_draft {
        "A draft with placeholders, not to deploy: "
    } else {
        ""
    };
    let text = format!(
        "{draft}{} of {file}, compiled by flowc {}",
        plan.flow.name,
        env!("CARGO_PKG_VERSION")
    );
    // CloudFormation's limit is 1,024 bytes.
    text.chars().take(250).collect()
}

fn resource(r#type: &'static str, properties: Properties) -> Resource {
    Resource {
        r#type,
        deletion_policy: None,
        update_replace_policy: None,
        properties,
    }
}

/// What an execution under way may need when a new version of the template no longer holds it.
fn retained(r#type: &'static str, properties: Properties) -> Resource {
    Resource {
        deletion_policy: Some("Retain"),
        update_replace_policy: Some("Retain"),
        ..resource(r#type, properties)
    }
}

fn role(role: iam::Role) -> Resource {
    resource("AWS::IAM::Role", Properties::Role(role))
}

fn role_of_jobs(uses: &iam::Uses) -> Resource {
    role(iam::jobs(uses))
}

fn schedule_role(plan: &Plan, references: &mut References<'_>, resources: &mut Entries<Resource>) -> Text {
    if plan.deployment.step_functions.with_iam {
        resources.put(
            iam::SCHEDULE_ROLE,
            role(iam::schedule(Text::reference(STATE_MACHINE))),
        );
        return Text::Attribute(iam::SCHEDULE_ROLE.to_owned(), "Arn");
    }
    // Metaflow's role for events is trusted by another service: it is no default.
    references.given(ParameterKind::ScheduleRole, None, "")
}

/// Executions under way keep the revision they began with: an update leaves it registered.
fn job_definition(machine: &str, named: &Named) -> Resource {
    let mut properties = Object::new();
    properties.insert(
        "JobDefinitionName".to_owned(),
        names::job_definition(machine, &named.name).into(),
    );
    properties.extend(named.definition.to_cloudformation());
    properties.insert(
        "ResourceRetentionPolicy".to_owned(),
        serde_json::json!({"SkipDeregisterOnUpdate": true}),
    );
    retained("AWS::Batch::JobDefinition", Properties::Plain(properties))
}

/// Items live as long as an execution's history can be looked at.
fn table() -> Resource {
    let properties = serde_json::json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pathspec", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pathspec", "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
    });
    let properties = properties.as_object().cloned().unwrap_or_default();
    retained("AWS::DynamoDB::Table", Properties::Plain(properties))
}

/// The log group that the deployment names, else one of the bundle's.
fn log_group(
    plan: &Plan,
    machine: &str,
    references: &mut References<'_>,
    resources: &mut Entries<Resource>,
) -> Text {
    if let Some(arn) = plan.deployment.setting("SFN_EXECUTION_LOG_GROUP_ARN") {
        return references.given(ParameterKind::LogGroup, Some(arn), "");
    }
    // The prefix spares the log group's resource policy, whose size is limited.
    let group = LogGroup {
        log_group_name: format!("/aws/vendedlogs/states/{machine}"),
        retention_in_days: 90,
    };
    resources.put(
        LOG_GROUP,
        resource("AWS::Logs::LogGroup", Properties::LogGroup(group)),
    );
    Text::Attribute(LOG_GROUP.to_owned(), "Arn")
}

fn logging(log_group_arn: Text) -> Logging {
    Logging {
        level: "ALL",
        include_execution_data: true,
        destinations: [Destination {
            log_group: LogGroupArn { log_group_arn },
        }],
    }
}

fn parameters(used: &[Parameter], with_iam: bool) -> Entries<TemplateParameter> {
    let mut sorted: Vec<&Parameter> = used.iter().collect();
    sorted.sort_by_key(|parameter| parameter.kind);
    let parameters = sorted.into_iter().map(|parameter| {
        let is_arn = parameter
            .default
            .as_deref()
            .is_some_and(|default| default.starts_with("arn:"));
        let (description, allowed_pattern) = about(parameter.kind, with_iam && !is_arn);
        (
            parameter.name.clone(),
            TemplateParameter {
                r#type: "String",
                description,
                default: parameter.default.clone(),
                allowed_pattern,
            },
        )
    });
    Entries(parameters.collect())
}

const ROLE: &str = "arn:[^:]+:iam::[0-9]{12}:role/.+";

/// Description and pattern. With roles of its own the bundle makes ARNs from names.
fn about(kind: ParameterKind, only_names: bool) -> (&'static str, &'static str) {
    match kind {
        ParameterKind::StateMachineRole => ("ARN of the role of the state machine, which submits jobs", ROLE),
        ParameterKind::JobRole => (
            "ARN of the role of the jobs, which read and write artifacts",
            ROLE,
        ),
        ParameterKind::ExecutionRole => ("ARN of the role with which Fargate starts containers", ROLE),
        ParameterKind::ScheduleRole => (
            "ARN of a role that scheduler.amazonaws.com may take to start executions",
            ROLE,
        ),
        ParameterKind::JobQueue if only_names => ("AWS Batch job queue: its name", "[A-Za-z0-9_-]{1,128}"),
        ParameterKind::JobQueue => (
            "AWS Batch job queue: a name or an ARN",
            "[A-Za-z0-9_-]{1,128}|arn:[^:]+:batch:.+:job-queue/.+",
        ),
        ParameterKind::Table => (
            "DynamoDB table with the key pathspec: its name",
            "[A-Za-z0-9_.-]{3,255}",
        ),
        ParameterKind::DatastoreBucket => ("S3 bucket of the datastore", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        ParameterKind::LogGroup => (
            "ARN of the log group of executions",
            "arn:[^:]+:logs:.+:log-group:.+:\\*",
        ),
    }
}
