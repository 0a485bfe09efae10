//! What a run would do, without doing it: the steps as a tree, with the commands of their tasks. Starts nothing.

use std::fmt::Write;

use anyhow::Result;

use super::Options;
use super::command::{Attempt, Commands, PARAMETERS_TASK};
use super::network::{Fan, Network, Node};
use super::schedule::{Item, Place};
use super::scope::{Prospect, Scope};
use crate::plan::command::shell_quote;
use crate::plan::{self, Plan};
use crate::target::ThisMachine;

/// In place of the id that only a run has: the same flow is described by the same bytes.
const RUN: &str = "RUN";

pub fn describe(plan: &Plan<ThisMachine>, options: &Options) -> Result<String> {
    let network = Network::new(plan);
    let scope = Scope::new(&network, &plan.flow.name, options, RUN)?;
    let commands = Commands::new(plan, options, RUN);
    let mut text = format!("{}\n", plan.flow.name);
    if let Some(origin) = &scope.origin {
        let _ = writeln!(text, "  the parameters are those of {}", origin.parameters);
    }
    let _ = writeln!(text, "  {}", quoted(&commands.init(&options.parameters)));
    let prospects = scope.outlook(&network)?;
    let is_shown = |step: usize| prospects.get(step).is_some_and(Prospect::is_any);
    for ((position, task), prospect) in plan.tasks.iter().enumerate().zip(&prospects) {
        if !prospect.is_any() {
            continue;
        }
        let node = network.node(position);
        let indent = "  ".repeat(task.splits.len() + 1);
        let _ = writeln!(
            text,
            "\n{indent}{}{}",
            node.step,
            remark(&network, node, is_shown)
        );
        let item = Item {
            is_control: is_gang(plan, position),
            ..sample(&network, position, is_shown)
        };
        let attempt = Attempt {
            item: &item,
            step: &node.step,
            task_id: "TASK",
            number: 0,
            user_retries: node.user_retries,
        };
        if let Some(first) = prospect.taken.first() {
            let _ = writeln!(text, "{indent}  {}", taken_over(prospect, first));
            let _ = writeln!(text, "{indent}  {}", quoted(&commands.clone_task(attempt, first)));
        }
        if prospect.runs {
            let _ = writeln!(text, "{indent}  {}", quoted(&commands.step(attempt)));
        }
    }
    Ok(text)
}

/// `3 tasks are taken over, the others run:`
fn taken_over(prospect: &Prospect, first: &str) -> String {
    let count = match prospect.taken.len() {
        1 => format!("{first} is taken over"),
        count => format!("{first} and {} more are taken over", count - 1),
    };
    let rest = if prospect.runs { ", the others run" } else { "" };
    format!("{count}{rest}:")
}

/// ` → a, b  (foreach)`
fn remark(network: &Network, node: &Node, is_shown: impl Fn(usize) -> bool) -> String {
    let next: Vec<_> = node
        .successors
        .iter()
        .filter(|&&next| is_shown(next))
        .map(|&next| network.node(next).step.as_str())
        .collect();
    let kind = match (&node.closes, node.fan) {
        (_, Fan::Foreach) => "foreach",
        (_, Fan::Split) => "split",
        (_, Fan::Switch { .. }) => "switch",
        (Some(_), Fan::None) => "join",
        (None, Fan::None) => "",
    };
    let arrow = if next.is_empty() {
        String::new()
    } else {
        format!(" → {}", next.join(", "))
    };
    let kind = if kind.is_empty() {
        String::new()
    } else {
        format!("  ({kind})")
    };
    let attempts = node.user_retries + node.fallback_retries + 1;
    let attempts = if attempts == 1 {
        String::new()
    } else {
        format!("  up to {attempts} attempts")
    };
    format!("{arrow}{kind}{attempts}")
}

/// A task of the step, with words where only the run knows.
fn sample(network: &Network, position: usize, is_shown: impl Fn(usize) -> bool) -> Item {
    let before = || {
        let steps = network.nodes.iter().enumerate();
        steps
            .filter(|(step, before)| before.successors.contains(&position) && is_shown(*step))
            .map(|(_, before)| before)
    };
    let is_child = before().any(|before| before.fan == Fan::Foreach);
    let mut inputs: Vec<_> = before()
        .map(|before| format!("{RUN}/{}/TASK", before.step))
        .collect();
    if position == network.start {
        inputs.insert(0, format!("{RUN}/_parameters/{PARAMETERS_TASK}"));
    }
    Item {
        place: Place {
            step: position,
            frames: Vec::new(),
            rounds: Vec::new(),
        },
        inputs,
        split_index: is_child.then_some(0),
        is_control: false,
    }
}

/// Do its tasks come from a `num_parallel`?
fn is_gang(plan: &Plan<ThisMachine>, position: usize) -> bool {
    let leads_here = |task: &plan::Task| task.successors.iter().any(|next| next.0 == position);
    let is_parallel = |task: &plan::Task| matches!(task.role.fans, plan::Fan::Parallel { .. });
    plan.tasks
        .iter()
        .any(|task| leads_here(task) && is_parallel(task))
}

fn quoted(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
    words.join(" ")
}
