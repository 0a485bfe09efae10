//! What a run would do, without doing it: the steps as a tree, with the commands of their tasks. Starts nothing.

use std::fmt::Write;

use super::Options;
use super::command::{Attempt, Commands, PARAMETERS_TASK};
use super::network::{Fan, Network, Node};
use super::schedule::{Item, Place};
use crate::plan::Plan;
use crate::plan::command::shell_quote;
use crate::target::ThisMachine;

/// In place of the id that only a run has: the same flow is described by the same bytes.
const RUN: &str = "RUN";

pub fn describe(plan: &Plan<ThisMachine>, options: &Options) -> String {
    let network = Network::new(plan);
    let python = options.python.to_string_lossy();
    let root = options.root.to_string_lossy();
    let commands = Commands::new(plan, &python, &root, RUN, &options.configs);
    let mut text = format!("{}\n", plan.flow.name);
    let _ = writeln!(text, "  {}", quoted(&commands.init(&options.parameters)));
    for (position, task) in plan.tasks.iter().enumerate() {
        let node = network.node(position);
        let indent = "  ".repeat(task.splits.len() + 1);
        let _ = writeln!(text, "\n{indent}{}{}", node.step, remark(&network, node));
        let item = sample(&network, position);
        let attempt = Attempt {
            item: &item,
            step: &node.step,
            task_id: "TASK",
            number: 0,
            user_retries: node.user_retries,
        };
        let _ = writeln!(text, "{indent}  {}", quoted(&commands.step(attempt)));
    }
    text
}

/// ` → a, b  (foreach)`
fn remark(network: &Network, node: &Node) -> String {
    let next: Vec<_> = node
        .successors
        .iter()
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
fn sample(network: &Network, position: usize) -> Item {
    let before = || {
        network
            .nodes
            .iter()
            .filter(|before| before.successors.contains(&position))
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

fn quoted(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
    words.join(" ")
}
