//! From tasks to states: which states a step becomes, and in which scope (the machine, a branch, the body of a
//! map) they stand.
//!
//! | step | states |
//! |---|---|
//! | any | a task `NAME` that submits the job |
//! | split | then a parallel `&NAME` with a branch for each successor, up to the join |
//! | foreach to X | then a task `#X` that reads the number of items, and a map `*X` over them, up to the join |
//! | switch | then a task `#switch-NAME` that reads which step it chose, and a choice `?NAME` |

use std::collections::BTreeSet;

use super::asl::{
    Call, Choice, ChoiceRule, Exit, GetItem, Key, Map, Parallel, Place, Processor, ProcessorConfig,
    ResultWriter,
};
use super::asl::{Retry, Scope, State, Task};
use super::job::{Jobs, Outcome};
use super::route::{Entry, Route};
use super::text::{Entries, Sources};
use crate::plan::{Fan, Plan, TaskId};

/// Where Metaflow leaves the results of distributed maps, below the datastore's root.
const MAP_RESULTS: &str = "sfn_distributed_map_output";

/// The states of the whole machine.
pub fn machine<'a>(plan: &'a Plan, jobs: &mut Jobs<'a>) -> Scope {
    let start = plan.ids().find(|&id| plan.task(id).role.is_start);
    let whole = Bounds {
        join: None,
        outcome: Outcome::Full,
    };
    start.map_or_else(
        || Scope {
            start_at: String::new(),
            states: Entries::default(),
        },
        |start| Layout { plan, jobs }.scope(start, Entry::Execution, whole),
    )
}

/// Where distributed maps leave their results: `s3://BUCKET/PREFIX`.
pub fn map_results(plan: &Plan) -> String {
    let given = plan.deployment.setting("SFN_S3_DISTRIBUTED_MAP_OUTPUT_PATH");
    given.map_or_else(
        || format!("{}/{MAP_RESULTS}", plan.deployment.datastore.root),
        str::to_owned,
    )
}

/// The two parts of `s3://BUCKET/PREFIX`.
pub fn bucket_and_prefix(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix("s3://").unwrap_or(path);
    rest.split_once('/').unwrap_or((rest, ""))
}

/// Where a scope ends.
#[derive(Clone, Copy)]
struct Bounds {
    /// The join in front of which it ends; the machine ends by itself.
    join: Option<TaskId>,
    /// What its last job leaves.
    outcome: Outcome,
}

struct Layout<'a, 'b> {
    plan: &'a Plan,
    jobs: &'b mut Jobs<'a>,
}

/// States to come, the next one last.
type Waiting = Vec<(TaskId, Entry)>;

impl<'a> Layout<'a, '_> {
    /// All that is reached from `first` without leaving the scope. Arms of a switch that meet again are in the
    /// same scope, and each state is emitted once.
    fn scope(&mut self, first: TaskId, entry: Entry, bounds: Bounds) -> Scope {
        let start = Route {
            plan: self.plan,
            id: first,
            entry,
        };
        let mut states = Entries::default();
        let mut waiting: Waiting = vec![(first, entry)];
        let mut seen = BTreeSet::new();
        while let Some((id, entry)) = waiting.pop() {
            let route = Route {
                plan: self.plan,
                id,
                entry,
            };
            if seen.insert(route.state_name()) {
                self.step(route, bounds, &mut states, &mut waiting);
            }
        }
        Scope {
            start_at: start.state_name(),
            states,
        }
    }

    fn step(&mut self, route: Route<'a>, bounds: Bounds, states: &mut Entries<State>, waiting: &mut Waiting) {
        let id = route.id;
        match &route.task().role.fans {
            Fan::None => {
                let next = route
                    .task()
                    .successors
                    .first()
                    .copied()
                    .filter(|&next| Some(next) != bounds.join);
                let exit = next.map_or(Exit::END, |next| Exit::Next(self.name(next)));
                let outcome = if next.is_none() {
                    bounds.outcome
                } else {
                    Outcome::Full
                };
                self.job(route, outcome, exit, states);
                waiting.extend(next.map(|next| (next, Entry::Job)));
            }
            Fan::Split { join } => {
                let parallel = format!("&{}", route.task().step);
                self.job(route, Outcome::Full, Exit::Next(parallel.clone()), states);
                let state = self.parallel(route, *join);
                states.put(parallel, state);
                waiting.push((*join, Entry::Branches(id)));
            }
            // A gang of parallel tasks is refused before; it would be a foreach.
            Fan::Foreach {
                variable: _,
                first,
                join,
            }
            | Fan::Parallel { first, join } => {
                let body = self.name(*first);
                self.job(route, Outcome::Full, Exit::Next(format!("#{body}")), states);
                let read = self.read("for_each_cardinality", format!("*{body}"));
                states.put(format!("#{body}"), read);
                let map = self.map(*first, *join);
                states.put(format!("*{body}"), map);
                waiting.push((*join, Entry::Map(id)));
            }
            Fan::Switch {
                condition: _,
                is_recursive: _,
            } => self.switch(route, states, waiting),
        }
    }

    fn name(&self, id: TaskId) -> String {
        self.plan.task(id).step.clone()
    }

    fn job(&mut self, route: Route<'_>, outcome: Outcome, exit: Exit, states: &mut Entries<State>) {
        let state = self.jobs.state(route, outcome, exit);
        states.put(route.state_name(), state);
    }

    fn parallel(&mut self, route: Route<'a>, join: TaskId) -> State {
        let bounds = Bounds {
            join: Some(join),
            outcome: Outcome::Full,
        };
        let branches = &route.task().successors;
        State::Parallel(Parallel {
            branches: branches
                .iter()
                .map(|&branch| self.scope(branch, Entry::Job, bounds))
                .collect(),
            exit: Exit::Next(self.name(join)),
        })
    }

    /// The items are the texts `0`, `1` …, in the order of a set, which is none.
    fn map(&mut self, first: TaskId, join: TaskId) -> State {
        let is_distributed = self.plan.deployment.step_functions.uses_distributed_map;
        let bounds = Bounds {
            join: Some(join),
            outcome: Outcome::Short,
        };
        State::Map(Box::new(Map {
            max_concurrency: self.plan.deployment.max_workers,
            items_path: "$.Result.Item.for_each_cardinality.NS",
            item_selector: Sources::paths([
                ("JobId", "$.JobId"),
                ("Parameters", "$.Parameters"),
                ("Index", "$$.Map.Item.Value"),
            ]),
            item_processor: Processor {
                processor_config: ProcessorConfig {
                    mode: if is_distributed { "DISTRIBUTED" } else { "INLINE" },
                    execution_type: is_distributed.then_some("STANDARD"),
                },
                scope: self.scope(first, Entry::Item, bounds),
            },
            result_writer: is_distributed.then(|| self.result_writer()),
            // Not the output as a whole: the join sees what the foreach step gave.
            result_path: "$.Result",
            exit: Exit::Next(self.name(join)),
        }))
    }

    fn result_writer(&mut self) -> ResultWriter {
        let path = map_results(self.plan);
        let (bucket, prefix) = bucket_and_prefix(&path);
        ResultWriter {
            resource: self.jobs.references.resource("s3:putObject"),
            parameters: Place {
                bucket: self.jobs.references.bucket_named(bucket),
                prefix: prefix.to_owned(),
            },
        }
    }

    fn switch(&mut self, route: Route<'a>, states: &mut Entries<State>, waiting: &mut Waiting) {
        let name = &route.task().step;
        let (read, choice) = (format!("#switch-{name}"), format!("?{name}"));
        self.job(route, Outcome::Full, Exit::Next(read.clone()), states);
        // The second emission of a recursive step leads to the same choice.
        if route.entry == Entry::Again {
            return;
        }
        states.put(read, self.read("next_step", choice.clone()));
        let mut choices = Vec::new();
        let mut targets = Vec::new();
        for &target in &route.task().successors {
            let again = if route.entry == Entry::Item {
                Entry::Again
            } else {
                route.entry
            };
            let entry = if target == route.id { again } else { Entry::Job };
            let next = Route {
                plan: self.plan,
                id: target,
                entry,
            };
            choices.push(ChoiceRule {
                variable: "$.Result.Item.next_step.S",
                string_equals: self.name(target),
                next: next.state_name(),
            });
            targets.push((target, entry));
        }
        states.put(choice, State::Choice(Choice { choices }));
        waiting.extend(targets.into_iter().rev());
    }

    /// Reads what the job before left in the table.
    fn read(&mut self, attribute: &'static str, next: String) -> State {
        State::Task(Box::new(Task {
            resource: self.jobs.references.resource("dynamodb:getItem"),
            parameters: Call::GetItem(GetItem {
                table_name: self.jobs.references.table(),
                key: Key {
                    pathspec: Sources::paths([("S", "$.JobId")]),
                },
                consistent_read: true,
                projection_expression: attribute,
            }),
            result_selector: Sources::default(),
            result_path: Some("$.Result"),
            retry: [READING],
            exit: Exit::Next(next),
        }))
    }
}

const READING: Retry = Retry {
    error_equals: ["States.ALL"],
    interval_seconds: 2,
    backoff_rate: 2,
    max_delay_seconds: None,
    max_attempts: 5,
    jitter_strategy: None,
};
