//! The finished tasks of an earlier run, by their places: what `flowc resume` takes over instead of running again.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};

use super::network::Network;
use super::pickle::Pickled;
use super::schedule::{Item, Place};
use super::store::{Artifacts, Store};

/// An earlier run.
#[derive(Debug)]
pub struct Origin {
    /// `run/_parameters/task`.
    pub parameters: String,
    tasks: HashMap<Key, String>,
    /// Tasks of the new run that stand for ones of this run.
    taken: HashSet<String>,
}

/// Step, foreach indices, rounds of loops.
type Key = (usize, Vec<u32>, Vec<u32>);

impl Origin {
    /// Reads which tasks of a run came to a good end, but for those of the steps to run again.
    ///
    /// # Errors
    /// There is no such run.
    pub fn read(store: &Store, network: &Network, run: &str, rerun: &[usize]) -> Result<Self> {
        let parameters = store.tasks(run, "_parameters");
        let Some(parameters) = parameters.first() else {
            bail!(
                "there is no run `{run}` in the datastore `{}`",
                store.root.display()
            );
        };
        let mut tasks = HashMap::new();
        for (step, node) in network.nodes.iter().enumerate() {
            if rerun.contains(&step) {
                continue;
            }
            for task in store.tasks(run, &node.step) {
                let path = format!("{run}/{}/{task}", node.step);
                if let Some(key) = finished(store, step, &path) {
                    tasks.insert(key, path);
                }
            }
        }
        Ok(Self {
            parameters: format!("{run}/_parameters/{parameters}"),
            tasks,
            taken: HashSet::new(),
        })
    }

    /// The task that stands for this one, if all its inputs are taken over too.
    pub fn find(&self, item: &Item) -> Option<&str> {
        // The tasks that a control task starts would have to be taken over with it.
        if item.is_control || !item.inputs.iter().all(|input| self.taken.contains(input)) {
            return None;
        }
        self.tasks.get(&key(&item.place)).map(String::as_str)
    }

    /// A task of the new run is a copy.
    pub fn take(&mut self, path: &str) {
        self.taken.insert(path.to_owned());
    }
}

fn key(place: &Place) -> Key {
    (
        place.step,
        place.frames.iter().map(|frame| frame.index).collect(),
        place.rounds.clone(),
    )
}

/// The place of a task that came to a good end.
fn finished(store: &Store, step: usize, path: &str) -> Option<Key> {
    let attempt = store.done_attempt(path)?;
    let artifacts = store.artifacts(path, attempt).ok()?;
    if !artifacts.is_ok() {
        return None;
    }
    // `ForeachFrame(step, var, num_splits, index, value)`
    let frames = items(&artifacts, "_foreach_stack")?;
    let indices = frames.iter().map(|frame| number(frame.as_items()?.get(3)?));
    let rounds = items(&artifacts, "_iteration_stack")?;
    let rounds = rounds.iter().map(number);
    Some((
        step,
        indices.collect::<Option<_>>()?,
        rounds.collect::<Option<_>>()?,
    ))
}

/// A list; an empty one where there is none.
fn items(artifacts: &Artifacts<'_>, name: &str) -> Option<Vec<Pickled>> {
    match artifacts.get(name).ok()? {
        Some(Pickled::Items(items)) => Some(items),
        Some(_) | None => Some(Vec::new()),
    }
}

fn number(value: &Pickled) -> Option<u32> {
    value.as_int().and_then(|number| u32::try_from(number).ok())
}
