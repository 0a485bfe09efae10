//! `flowc completions`: what shells need to complete flowc's options.

use anyhow::Result;
use clap::CommandFactory;

use super::arguments::{Arguments, Completions};
use super::{Outcome, terminal};

pub(super) fn run(arguments: &Completions) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "flowc", &mut script);
    terminal::print(&script)?;
    Ok(Outcome::Clean)
}
