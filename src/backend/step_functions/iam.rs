//! Roles with the rights that the state machine, its jobs and its schedule need, and no others.

use serde::Serialize;

use super::asl::{Call, Machine, Scope, State};
use super::job_rights::JobRights;
use super::references::{ParameterKind, References};
use super::text::Text;
use super::{layout, names};
use crate::plan::Plan;

pub const MACHINE_ROLE: &str = "StateMachineRole";
pub const SCHEDULE_ROLE: &str = "ScheduleRole";

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    assume_role_policy_document: Document,
    policies: [Policy; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_name: &'static str,
    policy_document: Document,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    action: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource: Vec<Text>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    service: &'static str,
}

/// What a machine uses.
#[derive(Debug)]
pub struct Uses {
    machine: String,
    queues: Vec<Text>,
    job_definitions: Vec<String>,
    pub table: Option<Text>,
    has_tags: bool,
    is_distributed: bool,
    jobs: JobRights,
    /// Where a distributed map leaves its results: bucket and prefix.
    results: (Text, String),
    /// All roles of jobs are given: none has to be made.
    pub gives_job_role: bool,
}

impl Uses {
    pub fn new(plan: &Plan, machine: &Machine, name: &str, references: &mut References<'_>) -> Self {
        let jobs = machine.scope.jobs();
        let mut queues: Vec<Text> = Vec::new();
        for (_, job) in &jobs {
            if !queues.contains(&job.job_queue) {
                queues.push(job.job_queue.clone());
            }
        }
        let results = layout::map_results(plan);
        let (results_bucket, results_prefix) = layout::bucket_and_prefix(&results);
        let is_made = |named: &super::references::Named| {
            matches!(
                named.definition.container_properties.job_role_arn,
                Text::Attribute(..)
            )
        };
        Self {
            machine: name.to_owned(),
            queues: queues
                .into_iter()
                .map(|queue| arn_of_queue(queue, references))
                .collect(),
            job_definitions: references
                .job_definitions
                .iter()
                .map(|named| named.name.clone())
                .collect(),
            table: reads_items(&machine.scope).then(|| arn_of_table(references.table())),
            has_tags: jobs.iter().any(|(_, job)| !job.tags.is_empty()),
            is_distributed: plan.deployment.step_functions.uses_distributed_map,
            jobs: if plan.deployment.step_functions.with_iam {
                JobRights::new(plan, references)
            } else {
                JobRights::default()
            },
            results: (
                if plan.deployment.step_functions.with_iam
                    && plan.deployment.step_functions.uses_distributed_map
                {
                    references.bucket_named(results_bucket)
                } else {
                    Text::plain("")
                },
                folder(results_prefix),
            ),
            gives_job_role: !references.job_definitions.iter().any(is_made),
        }
    }
}

fn reads_items(scope: &Scope) -> bool {
    scope.states.values().any(|state| match state {
        State::Task(task) => matches!(task.parameters, Call::GetItem(_)),
        State::Parallel(parallel) => parallel.branches.iter().any(reads_items),
        State::Map(_) => true,
        State::Choice(_) => false,
    })
}

pub fn sub(text: &str) -> Text {
    Text::Sub(text.to_owned())
}

/// A queue is given by name, unless its default is an ARN.
fn arn_of_queue(queue: Text, references: &References<'_>) -> Text {
    let Text::Ref(name) = &queue else { return queue };
    let is_arn = references.parameters.iter().any(|parameter| {
        parameter.kind == ParameterKind::JobQueue
            && parameter.name == *name
            && parameter
                .default
                .as_deref()
                .is_some_and(|default| default.starts_with("arn:"))
    });
    if is_arn {
        return queue;
    }
    sub(&format!(
        "arn:${{AWS::Partition}}:batch:${{AWS::Region}}:${{AWS::AccountId}}:job-queue/${{{name}}}"
    ))
}

fn arn_of_table(table: Text) -> Text {
    match table {
        Text::Ref(name) => sub(&format!(
            "arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{{name}}}"
        )),
        Text::Plain(_) | Text::Sub(_) | Text::Attribute(..) | Text::Joined(_) => table,
    }
}

/// More job definitions are not listed one by one: the policies of a role have 10,240 characters.
const MOST_NAMED: usize = 10;

/// For the state machine: submits and watches jobs, reads the table.
pub fn machine(uses: &Uses, is_logging: bool) -> Role {
    let account = "${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}";
    // `Ref` is the ARN with its revision; an execution under way may still use the one before.
    let mut submit: Vec<Text> = if uses.job_definitions.len() > MOST_NAMED {
        vec![revisions(&uses.machine, "*")]
    } else {
        let names = uses.job_definitions.iter();
        names.map(|name| revisions(&uses.machine, name)).collect()
    };
    submit.extend(uses.queues.iter().cloned());
    let mut statements = vec![allow(&["batch:SubmitJob"], submit.clone())];
    if uses.has_tags {
        let mut tagged = submit;
        tagged.push(sub(&format!("arn:{account}:job/*")));
        statements.push(allow(&["batch:TagResource"], tagged));
    }
    statements.push(allow(&["batch:DescribeJobs", "batch:TerminateJob"], everything()));
    statements.push(allow(
        &["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        vec![sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForBatchJobsRule")],
    ));
    if let Some(table) = &uses.table {
        statements.push(allow(&["dynamodb:GetItem"], vec![table.clone()]));
    }
    if is_logging {
        statements.push(allow(LOGGING, everything()));
    }
    if uses.is_distributed {
        statements.extend(distributed(uses));
    }
    role("states.amazonaws.com", statements)
}

const LOGGING: &[&str] = &[
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
];

fn revisions(machine: &str, definition: &str) -> Text {
    let name = names::job_definition(machine, definition);
    sub(&format!(
        "arn:${{AWS::Partition}}:batch:${{AWS::Region}}:${{AWS::AccountId}}:job-definition/{name}:*"
    ))
}

/// The items of a distributed map are executions of their own. The machine's ARN is written from its name:
/// a reference would go in a circle.
fn distributed(uses: &Uses) -> [Statement; 3] {
    let states = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}";
    let machine = &uses.machine;
    [
        allow(
            &["states:StartExecution"],
            vec![sub(&format!("{states}:stateMachine:{machine}"))],
        ),
        allow(
            &["states:DescribeExecution", "states:StopExecution"],
            vec![sub(&format!("{states}:execution:{machine}/*"))],
        ),
        allow(
            &[
                "s3:GetObject",
                "s3:PutObject",
                "s3:ListMultipartUploadParts",
                "s3:AbortMultipartUpload",
            ],
            vec![objects(&uses.results.0, &uses.results.1)],
        ),
    ]
}

/// Everything in a folder; the empty one is the whole bucket.
pub fn folder(prefix: &str) -> String {
    match prefix.trim_end_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    }
}

pub fn objects(bucket: &Text, prefix: &str) -> Text {
    bucket_arn(bucket, &format!("/{}*", Text::escape(prefix)))
}

pub fn bucket_arn(bucket: &Text, rest: &str) -> Text {
    let named = match bucket {
        Text::Ref(name) => format!("${{{name}}}"),
        Text::Plain(name) => Text::escape(name),
        Text::Sub(_) | Text::Attribute(..) | Text::Joined(_) => "*".to_owned(),
    };
    sub(&format!("arn:${{AWS::Partition}}:s3:::{named}{rest}"))
}

/// For the jobs: artifacts and what else they visibly use, and the items of the table.
pub fn jobs(uses: &Uses) -> Role {
    let mut statements = uses.jobs.statements();
    if let Some(table) = &uses.table {
        statements.push(allow(
            &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            vec![table.clone()],
        ));
    }
    role("ecs-tasks.amazonaws.com", statements)
}

/// For the schedule.
pub fn schedule(state_machine: Text) -> Role {
    role(
        "scheduler.amazonaws.com",
        vec![allow(&["states:StartExecution"], vec![state_machine])],
    )
}

fn everything() -> Vec<Text> {
    vec![Text::plain("*")]
}

pub fn allow(action: &[&'static str], resource: Vec<Text>) -> Statement {
    Statement {
        effect: "Allow",
        principal: None,
        action: action.to_vec(),
        resource,
    }
}

fn role(service: &'static str, statement: Vec<Statement>) -> Role {
    let document = |statement| Document {
        version: "2012-10-17",
        statement,
    };
    let trust = Statement {
        effect: "Allow",
        principal: Some(Principal { service }),
        action: vec!["sts:AssumeRole"],
        resource: Vec::new(),
    };
    Role {
        assume_role_policy_document: document(vec![trust]),
        policies: [Policy {
            policy_name: "metaflow",
            policy_document: document(statement),
        }],
    }
}
