//! The part of the Amazon States Language that is emitted, as types. Knows no flow.
//!
//! Only the portable form that every validator accepts: `ItemProcessor` and `ItemSelector`, `ResultSelector`
//! in place of unions in `OutputPath`, `$[0]` in place of `$.[0]`.

use serde::Serialize;

use super::text::{Entries, Source, Sources, Text};

/// A state machine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Machine {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    #[serde(flatten)]
    pub scope: Scope,
}

/// States that lead from one to the other: a machine, a branch, what a map runs for each item.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Scope {
    pub start_at: String,
    pub states: Entries<State>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "Type")]
pub enum State {
    Task(Box<Task>),
    Parallel(Parallel),
    Map(Box<Map>),
    Choice(Choice),
}

/// Where a state leads to: a state of the same scope, or out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Exit {
    Next(String),
    End(bool),
}

impl Exit {
    /// The end of the scope.
    pub const END: Self = Self::End(true);
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
    pub resource: Text,
    pub parameters: Call,
    #[serde(skip_serializing_if = "Sources::is_empty")]
    pub result_selector: Sources,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_path: Option<&'static str>,
    pub retry: [Retry; 1],
    #[serde(flatten)]
    pub exit: Exit,
}

/// What a task calls.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Call {
    SubmitJob(SubmitJob),
    GetItem(GetItem),
}

/// `batch:submitJob`
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubmitJob {
    pub job_definition: Text,
    pub job_name: String,
    pub job_queue: Text,
    pub parameters: Sources,
    pub container_overrides: ContainerOverrides,
    pub retry_strategy: RetryStrategy,
    pub timeout: Timeout,
    #[serde(skip_serializing_if = "Sources::is_empty")]
    pub tags: Sources,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerOverrides {
    pub command: Vec<String>,
    pub resource_requirements: Vec<ResourceRequirement>,
    pub environment: Vec<Variable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceRequirement {
    pub r#type: &'static str,
    pub value: String,
}

/// A variable of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub value: Source,
}

impl Serialize for Variable {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pair = Sources(vec![
            ("Name".to_owned(), Source::plain(&self.name)),
            ("Value".to_owned(), self.value.clone()),
        ]);
        pair.serialize(serializer)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetryStrategy {
    pub attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Timeout {
    pub attempt_duration_seconds: u64,
}

/// `dynamodb:getItem`
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetItem {
    pub table_name: Text,
    pub key: Key,
    pub consistent_read: bool,
    pub projection_expression: &'static str,
}

/// The key of an item: the job that wrote it.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    pub pathspec: Sources,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Retry {
    pub error_equals: [&'static str; 1],
    pub interval_seconds: u32,
    pub backoff_rate: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay_seconds: Option<u32>,
    pub max_attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_strategy: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parallel {
    pub branches: Vec<Scope>,
    #[serde(flatten)]
    pub exit: Exit,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Map {
    pub max_concurrency: u32,
    pub items_path: &'static str,
    pub item_selector: Sources,
    pub item_processor: Processor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_writer: Option<ResultWriter>,
    pub result_path: &'static str,
    #[serde(flatten)]
    pub exit: Exit,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Processor {
    pub processor_config: ProcessorConfig,
    #[serde(flatten)]
    pub scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessorConfig {
    pub mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_type: Option<&'static str>,
}

/// Where a distributed map leaves its results.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultWriter {
    pub resource: Text,
    pub parameters: Place,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Place {
    pub bucket: Text,
    pub prefix: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Choice {
    pub choices: Vec<ChoiceRule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChoiceRule {
    pub variable: &'static str,
    pub string_equals: String,
    pub next: String,
}

impl Scope {
    /// Every task that submits a job, nested ones too, with its state's name.
    pub fn jobs(&self) -> Vec<(&str, &SubmitJob)> {
        let mut jobs = Vec::new();
        self.collect_jobs(&mut jobs);
        jobs
    }

    fn collect_jobs<'a>(&'a self, jobs: &mut Vec<(&'a str, &'a SubmitJob)>) {
        for (name, state) in &self.states.0 {
            match state {
                State::Task(task) => match &task.parameters {
                    Call::SubmitJob(job) => jobs.push((name, job)),
                    Call::GetItem(_) => {}
                },
                State::Parallel(parallel) => {
                    for branch in &parallel.branches {
                        branch.collect_jobs(jobs);
                    }
                }
                State::Map(map) => map.item_processor.scope.collect_jobs(jobs),
                State::Choice(_) => {}
            }
        }
    }

    /// Puts the texts of variables into the form in which a template leaves them alone.
    pub fn for_template(&mut self) {
        for (_, state) in &mut self.states.0 {
            match state {
                State::Task(task) => match &mut task.parameters {
                    Call::SubmitJob(job) => {
                        let parameters = &mut job.parameters.0;
                        for (_, source) in parameters {
                            source.for_template();
                        }
                        let variables = &mut job.container_overrides.environment;
                        for variable in variables {
                            variable.value.for_template();
                        }
                    }
                    Call::GetItem(_) => {}
                },
                State::Parallel(parallel) => parallel.branches.iter_mut().for_each(Self::for_template),
                State::Map(map) => map.item_processor.scope.for_template(),
                State::Choice(_) => {}
            }
        }
    }

    /// The names of all states, nested ones too.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for (name, state) in &self.states.0 {
            names.push(name.as_str());
            match state {
                State::Task(_) | State::Choice(_) => {}
                State::Parallel(parallel) => {
                    names.extend(parallel.branches.iter().flat_map(Self::names));
                }
                State::Map(map) => names.extend(map.item_processor.scope.names()),
            }
        }
        names
    }
}
