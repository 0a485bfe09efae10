//! One task of the plan as a state that submits an AWS Batch job and waits for its end.

use super::asl::{
    Call, ContainerOverrides, Exit, Retry, RetryStrategy, State, SubmitJob, Task, Timeout, Variable,
};
use super::compute::Batch;
use super::references::References;
use super::route::{Entry, Route};
use super::text::{Source, Sources};
use super::{command, compress, environment, names, tags};
use crate::plan::Plan;
use crate::request::Request;

/// Metaflow's limit for a task without `@timeout` (`METAFLOW_DEFAULT_RUNTIME_LIMIT`): five days.
const RUNTIME_LIMIT: u64 = 432_000;

/// AWS Batch never tries a job again that it ended itself, and its clock starts before Metaflow's. With this
/// margin Metaflow's own exception comes first, which `@retry` and `@catch` see.
pub const TIMEOUT_MARGIN: u64 = 300;

/// Metaflow's tasks refuse to run a seventh time (`MAX_ATTEMPTS`).
const MOST_ATTEMPTS: u32 = 6;

/// What the state after a job may see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What the next job needs.
    Full,
    /// The last of a foreach's body: the map keeps it for every item and nobody reads it.
    Short,
}

/// Makes the job states of a machine.
pub struct Jobs<'a> {
    pub plan: &'a Plan,
    pub references: References<'a>,
    constants: Vec<Variable>,
    state_machine: String,
}

impl<'a> Jobs<'a> {
    pub fn new(plan: &'a Plan, state_machine: &str) -> Self {
        let mut references = References::new(plan);
        let constants = environment::constants(plan, state_machine, &mut references);
        Self {
            plan,
            references,
            constants,
            state_machine: state_machine.to_owned(),
        }
    }

    /// The variables that are the same in all jobs.
    pub fn constants(&self) -> &[Variable] {
        &self.constants
    }

    pub fn state_machine(&self) -> &str {
        &self.state_machine
    }

    pub fn state(&mut self, route: Route<'_>, outcome: Outcome, exit: Exit) -> State {
        let submit = self.submit(route);
        State::Task(Box::new(Task {
            resource: self.references.resource("batch:submitJob.sync"),
            parameters: Call::SubmitJob(submit),
            result_selector: match outcome {
                Outcome::Full => Sources::paths([("JobId", "$.JobId"), ("Parameters", "$.Parameters")]),
                Outcome::Short => Sources::paths([("JobId", "$.JobId")]),
            },
            result_path: None,
            retry: [SUBMISSION],
            exit,
        }))
    }

    fn submit(&mut self, route: Route<'_>) -> SubmitJob {
        let task = route.task();
        // All that a step can ask for; what Step Functions cannot give is a rule's finding.
        let Request {
            attempts,
            deadline,
            compute: _,
            resources: _,
            environment: _,
            secrets: _,
            conda: _,
            pypi: _,
            catch: _,
            parallel: _,
        } = &task.request;
        let all_attempts = (u32::from(attempts.user) + u32::from(attempts.fallback) + 1).min(MOST_ATTEMPTS);
        let mut batch = Batch::new(self.plan, task, &mut self.references);
        let mut command = command::line(route, &batch, u32::from(attempts.user), all_attempts);
        let own = environment::own(route, &batch, &mut self.references);
        let mut environment = environment::all(route, own, &self.constants);
        if self.plan.deployment.step_functions.compress {
            command = compress::command(command);
            batch.definition.container_properties.environment = compress::shared(&self.constants);
            environment.retain(|variable| !self.constants.contains(variable));
        }
        SubmitJob {
            job_name: names::job(&self.plan.flow.name, &task.step),
            job_queue: batch.queue.clone(),
            parameters: self.parameters(route),
            container_overrides: ContainerOverrides {
                command: vec!["bash".to_owned(), "-c".to_owned(), command],
                resource_requirements: batch.resources.clone(),
                environment,
            },
            retry_strategy: RetryStrategy {
                attempts: all_attempts,
            },
            timeout: Timeout {
                attempt_duration_seconds: deadline
                    .map_or(RUNTIME_LIMIT, |deadline| deadline + TIMEOUT_MARGIN),
            },
            tags: tags::of_job(route, &batch.tags),
            job_definition: self.references.job_definition(batch.definition),
        }
    }

    /// What the job hands on, and what `batch list`, `batch kill` and the next deployment look for.
    fn parameters(&self, route: Route<'_>) -> Sources {
        let mut parameters = Sources::default();
        parameters.put("metaflow.user", Source::plain("SFN"));
        parameters.put("metaflow.flow_name", Source::plain(&self.plan.flow.name));
        parameters.put("metaflow.run_id", Source::path(route.run_id()));
        if route.entry == Entry::Execution {
            parameters.put("metaflow.owner", Source::plain(&self.plan.deployment.owner));
            if let Some(token) = &self.plan.deployment.production_token {
                parameters.put("metaflow.production_token", Source::plain(token));
            }
        }
        // A key without a dot, for the paths of the jobs behind.
        parameters.put("step_name", Source::plain(&route.task().step));
        parameters.0.extend(route.foreach_parameters().0);
        parameters
    }
}

/// AWS Batch refuses submissions that come too fast.
const SUBMISSION: Retry = Retry {
    error_equals: ["Batch.AWSBatchException"],
    interval_seconds: 2,
    backoff_rate: 2,
    max_delay_seconds: Some(60),
    max_attempts: 10,
    jitter_strategy: Some("FULL"),
};
