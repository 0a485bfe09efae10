//! What runs when: Metaflow's rules (2.19, `runtime.py`) over a network of steps. Knows no process, file or clock.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use super::network::{Fan, Network};

/// One task: a step at a place in the foreach splits and loops around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub step: usize,
    /// The foreach splits around it, outermost first.
    pub frames: Vec<Frame>,
    /// For each recursive switch that it is in: how many times the step ran before.
    pub rounds: Vec<u32>,
}

/// Which child of a foreach, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame {
    pub index: u32,
    pub width: u32,
}

/// A task that can start.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub place: Place,
    /// `run/step/task` of each input, in the order a join sees them.
    pub inputs: Vec<String>,
    pub split_index: Option<u32>,
    /// The task that starts the other tasks of a `num_parallel`.
    pub is_control: bool,
}

/// What a finished task said of its successors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transition {
    pub next: Vec<String>,
    /// The number of children of a foreach.
    pub splits: Option<u32>,
    /// A `num_parallel`: the tasks are counted by the control task.
    pub is_parallel: bool,
    /// `run/step/task` of all tasks of a `num_parallel`, from its control task.
    pub mappers: Vec<String>,
}

/// A run that cannot go on, though the task itself succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// `self.next` was called with other steps than the source says.
    Unexpected {
        step: String,
        expected: Vec<String>,
        actual: Vec<String>,
    },
    TooWide {
        step: String,
        width: u32,
        limit: u32,
    },
    NoTasks {
        step: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected {
                step,
                expected,
                actual,
            } if actual.is_empty() => write!(
                out,
                "step `{step}` ended without going on to {}: does it return or call `sys.exit` before its `self.next(…)`?",
                listed(expected)
            ),
            Self::Unexpected {
                step,
                expected,
                actual,
            } => write!(
                out,
                "step `{step}` went on to {}, but its source says {}: let it end in one `self.next(…)`",
                listed(actual),
                listed(expected)
            ),
            Self::TooWide { step, width, limit } => write!(
                out,
                "the foreach in step `{step}` yields {width} child steps, more than the maximum of {limit}; raise it with --max-num-splits"
            ),
            Self::NoTasks { step } => write!(out, "the control task of step `{step}` names no tasks"),
        }
    }
}

fn listed(steps: &[String]) -> String {
    let quoted: Vec<_> = steps.iter().map(|step| format!("`{step}`")).collect();
    if quoted.is_empty() {
        "nothing".to_owned()
    } else {
        quoted.join(", ")
    }
}

/// Where an input stands among those of a join: the index in the foreach, the position of its step.
type Rank = (u32, usize);

/// The queue of a run.
#[derive(Debug)]
pub struct Scheduler<'a> {
    network: &'a Network,
    max_splits: u32,
    queue: VecDeque<Item>,
    /// Inputs that wait for the rest, by the join's place; each with its rank among them.
    joins: HashMap<Place, Vec<(Rank, String)>>,
    is_end_done: bool,
    /// The last step to run, where that is not the end.
    last: usize,
    /// By step: does it lead to the last one?
    is_wanted: Vec<bool>,
}

impl<'a> Scheduler<'a> {
    /// A run whose first task takes the task of the parameters as its input.
    pub fn new(network: &'a Network, parameters: &str, max_splits: u32) -> Self {
        let mut scheduler = Self {
            network,
            max_splits,
            queue: VecDeque::new(),
            joins: HashMap::new(),
            is_end_done: false,
            last: network.end,
            is_wanted: vec![true; network.nodes.len()],
        };
        let start = Place {
            step: network.start,
            frames: Vec::new(),
            rounds: Vec::new(),
        };
        let place = scheduler.entered(start);
        scheduler.push(place, vec![parameters.to_owned()]);
        scheduler
    }

    /// Runs this step and the wanted ones, nothing else.
    pub fn end_at(&mut self, step: usize, wanted: Vec<bool>) {
        self.last = step;
        self.is_wanted = wanted;
    }

    /// May a task of this step run?
    pub fn wants(&self, step: usize) -> bool {
        self.is_wanted.get(step) == Some(&true)
    }

    /// The task that has waited longest.
    pub fn pop(&mut self) -> Option<Item> {
        self.queue.pop_front()
    }

    /// The tasks that can start, by step.
    pub fn waiting(&self) -> Vec<usize> {
        let mut counts = vec![0; self.network.nodes.len()];
        for item in &self.queue {
            if let Some(count) = counts.get_mut(item.place.step) {
                *count += 1;
            }
        }
        counts
    }

    /// Has the last step run?
    pub fn is_done(&self) -> bool {
        self.is_end_done
    }

    /// Queues what the end of a task makes possible.
    ///
    /// # Errors
    /// What the task did is not what its source says, or exceeds a limit.
    pub fn finished(&mut self, item: &Item, path: &str, transition: &Transition) -> Result<(), Problem> {
        let node = self.network.node(item.place.step);
        if item.place.step == self.last {
            self.is_end_done = true;
        }
        let mut next = self.next(item.place.step, transition)?;
        next.retain(|&step| self.wants(step));
        let is_staying = transition.next == [node.step.as_str()];
        let is_leaving = node.is_recursive() && !is_staying;
        let mut place = item.place.clone();
        if is_leaving {
            place.rounds.pop();
        }
        match next.as_slice() {
            [join] if self.network.node(*join).closes.is_some() => {
                self.arrive(*join, item, place, path, transition)
            }
            [child] if node.fan == Fan::Foreach => self.split(*child, &place, path, transition),
            [_] if is_staying => {
                if let Some(round) = place.rounds.last_mut() {
                    *round += 1;
                }
                self.push(place, vec![path.to_owned()]);
                Ok(())
            }
            others => {
                for &step in others {
                    let next = self.entered(Place {
                        step,
                        ..place.clone()
                    });
                    self.push(next, vec![path.to_owned()]);
                }
                Ok(())
            }
        }
    }

    /// The successors the task chose, checked against the source.
    fn next(&self, step: usize, transition: &Transition) -> Result<Vec<usize>, Problem> {
        let node = self.network.node(step);
        let names: Vec<String> = node
            .successors
            .iter()
            .map(|&next| self.network.node(next).step.clone())
            .collect();
        let is_expected = if node.is_switch() {
            matches!(transition.next.as_slice(), [chosen] if names.contains(chosen))
        } else {
            transition.next == names
        };
        if !is_expected {
            return Err(Problem::Unexpected {
                step: node.step.clone(),
                expected: names,
                actual: transition.next.clone(),
            });
        }
        let chosen = node
            .successors
            .iter()
            .zip(&names)
            .filter(|(_, name)| transition.next.contains(name));
        Ok(chosen.map(|(&next, _)| next).collect())
    }

    /// A step that may repeat itself counts its rounds from its first one.
    fn entered(&self, mut place: Place) -> Place {
        if self.network.node(place.step).is_recursive() {
            place.rounds.push(0);
        }
        place
    }

    fn push(&mut self, place: Place, inputs: Vec<String>) {
        self.queue.push_back(Item {
            place,
            inputs,
            split_index: None,
            is_control: false,
        });
    }

    fn split(
        &mut self,
        child: usize,
        place: &Place,
        path: &str,
        transition: &Transition,
    ) -> Result<(), Problem> {
        let width = if transition.is_parallel {
            1
        } else {
            transition.splits.unwrap_or(0)
        };
        if width > self.max_splits {
            return Err(Problem::TooWide {
                step: self.network.node(place.step).step.clone(),
                width,
                limit: self.max_splits,
            });
        }
        for index in 0..width {
            let mut place = self.entered(Place {
                step: child,
                ..place.clone()
            });
            place.frames.push(Frame { index, width });
            self.queue.push_back(Item {
                place,
                inputs: vec![path.to_owned()],
                split_index: Some(index),
                is_control: transition.is_parallel,
            });
        }
        Ok(())
    }

    /// One more input of a join; the last one queues it.
    fn arrive(
        &mut self,
        join: usize,
        item: &Item,
        mut place: Place,
        path: &str,
        transition: &Transition,
    ) -> Result<(), Problem> {
        let node = self.network.node(join);
        let Some(closes) = &node.closes else { return Ok(()) };
        let rank = closes
            .predecessors
            .iter()
            .position(|&step| step == place.step)
            .unwrap_or(0);
        place.step = join;
        let frame = if closes.is_foreach {
            place.frames.pop()
        } else {
            None
        };
        if item.is_control {
            if transition.mappers.is_empty() {
                return Err(Problem::NoTasks {
                    step: self.network.node(item.place.step).step.clone(),
                });
            }
            self.push(place, transition.mappers.clone());
            return Ok(());
        }
        let needed = frame.map_or(closes.branches, |frame| frame.width as usize);
        let index = frame.map_or(0, |frame| frame.index);
        let arrived = self.joins.entry(place.clone()).or_default();
        arrived.push(((index, rank), path.to_owned()));
        if arrived.len() == needed {
            let mut inputs = self.joins.remove(&place).unwrap_or_default();
            inputs.sort_unstable();
            let place = self.entered(place);
            self.push(place, inputs.into_iter().map(|(_, path)| path).collect());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::{Closes, Node};
    use super::*;

    fn node(step: &str, successors: &[usize], fan: Fan) -> Node {
        Node {
            step: step.to_owned(),
            successors: successors.to_vec(),
            fan,
            closes: None,
            ..Node::default()
        }
    }

    fn join(step: &str, successors: &[usize], predecessors: &[usize], is_foreach: bool) -> Node {
        let closes = Closes {
            is_foreach,
            branches: predecessors.len(),
            predecessors: predecessors.to_vec(),
        };
        Node {
            closes: Some(closes),
            ..node(step, successors, Fan::None)
        }
    }

    /// Runs all tasks one after the other; `act` gives the splits of a foreach or the choice of a switch.
    fn run(network: &Network, act: impl Fn(&Item) -> Transition) -> Vec<(String, Vec<String>)> {
        let mut scheduler = Scheduler::new(network, "p", 20_000);
        let mut ran = Vec::new();
        while let Some(item) = scheduler.pop() {
            let step = network.node(item.place.step).step.clone();
            let path = format!("{step}{}", ran.len());
            let mut transition = act(&item);
            if transition.next.is_empty() {
                let successors = network.node(item.place.step).successors.iter();
                transition.next = successors.map(|&next| network.node(next).step.clone()).collect();
            }
            scheduler.finished(&item, &path, &transition).unwrap();
            ran.push((step, item.inputs));
        }
        assert!(scheduler.is_done());
        ran
    }

    fn foreach() -> Network {
        let nodes = vec![
            node("start", &[1], Fan::Foreach),
            node("each", &[2], Fan::None),
            join("join", &[3], &[1], true),
            node("end", &[], Fan::None),
        ];
        Network {
            nodes,
            start: 0,
            end: 3,
        }
    }

    #[test]
    fn a_foreach_join_sees_its_inputs_in_order() {
        let ran = run(&foreach(), |_| Transition {
            splits: Some(3),
            ..Transition::default()
        });
        assert_eq!(
            ran[4],
            (
                "join".into(),
                vec!["each1".into(), "each2".into(), "each3".into()]
            )
        );
        assert_eq!(ran.len(), 6);
    }

    #[test]
    fn ten_thousand_splits_take_no_time() {
        let ran = run(&foreach(), |_| Transition {
            splits: Some(10_000),
            ..Transition::default()
        });
        assert_eq!(ran.len(), 10_003);
    }

    #[test]
    fn too_many_splits_are_refused() {
        let network = foreach();
        let mut scheduler = Scheduler::new(&network, "p", 2);
        let item = scheduler.pop().unwrap();
        let transition = Transition {
            next: vec!["each".into()],
            splits: Some(3),
            ..Transition::default()
        };
        let problem = scheduler.finished(&item, "x", &transition).unwrap_err();
        assert_eq!(
            problem,
            Problem::TooWide {
                step: "start".into(),
                width: 3,
                limit: 2
            }
        );
    }

    #[test]
    fn a_loop_in_a_branch_joins_the_other_branch() {
        let nodes = vec![
            node("start", &[1, 2], Fan::Split),
            node("other", &[3], Fan::None),
            node("again", &[2, 3], Fan::Switch { is_recursive: true }),
            join("join", &[4], &[1, 2], false),
            node("end", &[], Fan::None),
        ];
        let network = Network {
            nodes,
            start: 0,
            end: 4,
        };
        let ran = run(&network, |item| {
            let choice = match item.place.rounds.as_slice() {
                [] => return Transition::default(),
                [0..2] => "again",
                _ => "join",
            };
            Transition {
                next: vec![choice.into()],
                ..Transition::default()
            }
        });
        let steps: Vec<_> = ran.iter().map(|(step, _)| step.as_str()).collect();
        assert_eq!(
            steps,
            ["start", "other", "again", "again", "again", "join", "end"]
        );
        assert_eq!(ran[5].1, ["other1", "again4"]);
    }

    #[test]
    fn runs_no_further_than_asked() {
        let network = foreach();
        let mut scheduler = Scheduler::new(&network, "p", 10);
        scheduler.end_at(1, network.leading_to(1));
        let mut ran = 0;
        while let Some(item) = scheduler.pop() {
            let next = network
                .node(item.place.step)
                .successors
                .iter()
                .map(|&next| network.node(next).step.clone());
            let transition = Transition {
                next: next.collect(),
                splits: Some(3),
                ..Transition::default()
            };
            scheduler.finished(&item, &ran.to_string(), &transition).unwrap();
            ran += 1;
        }
        assert_eq!((ran, scheduler.is_done()), (4, true));
    }

    #[test]
    fn another_next_than_the_sources_is_refused() {
        let network = foreach();
        let mut scheduler = Scheduler::new(&network, "p", 2);
        let item = scheduler.pop().unwrap();
        let transition = Transition {
            next: vec!["end".into()],
            ..Transition::default()
        };
        assert!(matches!(
            scheduler.finished(&item, "x", &transition),
            Err(Problem::Unexpected { .. })
        ));
    }
}
