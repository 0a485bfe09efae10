//! Which part of a flow a run covers: where it ends, and which of its tasks are those of an earlier run. Starts nothing.

use anyhow::{Result, anyhow, bail};

use super::Options;
use super::command::PARAMETERS_TASK;
use super::network::{Network, Node};
use super::origin::Origin;
use super::schedule::{Problem, Scheduler};
use super::store::Store;
use crate::diagnostic::nearest;

/// What is settled before anything runs.
#[derive(Debug)]
pub struct Scope<'a> {
    pub store: Store,
    pub scheduler: Scheduler<'a>,
    pub origin: Option<Origin>,
}

impl<'a> Scope<'a> {
    /// `run`: the id of the run to come.
    ///
    /// # Errors
    /// A step that the flow does not have, steps between which nothing would run, an earlier run that is not there.
    pub fn new(network: &'a Network, flow: &str, options: &Options, run: &str) -> Result<Self> {
        let step = |name: &String| network.find(name).ok_or_else(|| unknown(name, network));
        let rerun = options.rerun.iter().map(step).collect::<Result<Vec<_>>>()?;
        let until = options.until.as_ref().map(step).transpose()?;
        let store = Store::new(&options.root, flow);
        let parameters = format!("{run}/_parameters/{PARAMETERS_TASK}");
        let mut scheduler = Scheduler::new(network, &parameters, options.max_splits);
        if let Some(until) = until {
            let wanted = network.leading_to(until);
            let behind = rerun.iter().find(|&&first| wanted.get(first) != Some(&true));
            if let Some(&first) = behind {
                let [first, until] = [first, until].map(|step| &network.node(step).step);
                bail!(
                    "nothing would run: `{first}`, where to begin, does not lead to `{until}`, where to end"
                );
            }
            scheduler.end_at(until, wanted);
        }
        let mut origin = match &options.origin {
            Some(run) => Some(Origin::read(&store, network, run, &rerun)?),
            None => None,
        };
        if let Some(origin) = &mut origin {
            origin.take(&parameters);
        }
        Ok(Self {
            store,
            scheduler,
            origin,
        })
    }
}

fn unknown(name: &str, network: &Network) -> anyhow::Error {
    let names: Vec<_> = network.nodes.iter().map(|node| node.step.as_str()).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has `{}`", names.join("`, `")),
    };
    anyhow!("the flow has no step `{name}`; {hint}")
}

/// Of a task of an earlier run after which the flow has changed.
pub fn not_taken(origin: &str, problem: &Problem) -> String {
    match problem {
        Problem::Unexpected { step, actual, .. } => format!(
            "`{origin}` cannot be taken over: it went on to `{}`, and `{step}` does not any more; run it again with `flowc resume FLOW.py {step}`",
            actual.join("`, `")
        ),
        Problem::TooWide { .. } | Problem::NoTasks { .. } => {
            format!("`{origin}` cannot be taken over: {problem}")
        }
    }
}

/// What becomes of a step's tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// Tasks of the earlier run that are taken over: `run/step/task`.
    pub taken: Vec<String>,
    /// Some run, or may run.
    pub runs: bool,
}

impl Prospect {
    pub fn is_any(&self) -> bool {
        self.runs || !self.taken.is_empty()
    }
}

impl Scope<'_> {
    /// What would become of each step: the run gone through with the tasks that are taken over, as far as they go.
    ///
    /// # Errors
    /// What the earlier run's tasks did is not what the source says now.
    pub fn outlook(mut self, network: &Network) -> Result<Vec<Prospect>> {
        let mut prospects = vec![Prospect::default(); network.nodes.len()];
        let mut begun = Vec::new();
        let mut serial = 0;
        while let Some(item) = self.scheduler.pop() {
            let step = item.place.step;
            let found = self.origin.as_mut().and_then(|origin| {
                let found = origin.find(&item)?.to_owned();
                serial += 1;
                let path = format!("new/{step}/{serial}");
                origin.take(&path);
                Some((found, path))
            });
            let Some((found, path)) = found else {
                begun.push(step);
                continue;
            };
            let attempt = self.store.done_attempt(&found).unwrap_or(0);
            let transition = self.store.artifacts(&found, attempt)?.transition()?;
            if let Err(problem) = self.scheduler.finished(&item, &path, &transition) {
                bail!(not_taken(&found, &problem));
            }
            if let Some(prospect) = prospects.get_mut(step) {
                prospect.taken.push(found);
            }
        }
        self.mark(network, begun, &mut prospects);
        Ok(prospects)
    }

    /// These steps run, and so does what follows them.
    fn mark(&self, network: &Network, mut todo: Vec<usize>, prospects: &mut [Prospect]) {
        while let Some(step) = todo.pop() {
            let Some(prospect) = prospects.get_mut(step) else {
                continue;
            };
            if std::mem::replace(&mut prospect.runs, true) {
                continue;
            }
            let Node { successors, .. } = network.node(step);
            todo.extend(successors.iter().filter(|&&next| self.scheduler.wants(next)));
        }
    }
}
