//! flowc: a compiler and linter for Metaflow-style flows.
//!
//! A source file goes through these stages, each a module that uses only the ones declared above it:
//!
//! | stage | function | from → to | can it fail? |
//! |---|---|---|---|
//! | read | [`flow::read`] | sources → [`flow::Reading`] | only the entry file's I/O; all else is reported |
//! | graph | [`graph::FlowGraph::new`] | [`flow::Flow`] → [`graph::FlowGraph`] | no |
//! | lint | [`lint::run`] | → [`lint::Linted`] | no, it reports |
//! | plan | [`plan::Plan::new`] | [`lint::Checked`] + [`settings::Deployment`] → [`plan::Plan`] | no |
//! | emit | [`backend::emit`] | → [`backend::Emitted`] | no |
//!
//! The core is pure: files, environment and clock are met only in `cli`, `runner` and `package`.
//! User code is never imported or executed by anything but `runner`.

pub mod source;
pub mod target;
pub mod diagnostic;
pub mod value;
pub mod request;
pub mod decorator;
pub mod python;
pub mod flow;
pub mod graph;
pub mod settings;
pub mod lint;
pub mod plan;
pub mod backend;
pub mod cli;

use std::io;
use std::path::PathBuf;

use diagnostic::Diagnostic;
use source::Sources;
use target::TargetVersion;

/// What became known of one entry file.
#[derive(Debug, Default)]
pub struct Checkup {
    pub sources: Sources,
    pub flows: Vec<flow::Flow>,
    /// Sorted, each finding once.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was looked at, in order.
    pub files_read: Vec<PathBuf>,
}

/// Reads a file and runs every rule over its flows, once for each target; without one, only what holds for all.
///
/// # Errors
/// Only when the entry file itself cannot be read; all else is a diagnostic.
pub fn check(
    entry: flow::Entry<'_>,
    inputs: &flow::Inputs<'_>,
    targets: &[TargetVersion],
) -> io::Result<Checkup> {
    let mut checkup = read(entry, inputs)?;
    let mut found = std::mem::take(&mut checkup.diagnostics);
    for flow in &checkup.flows {
        found.extend(lint_flow(flow, targets));
    }
    checkup.diagnostics = diagnostic::in_order(&checkup.sources, found);
    Ok(checkup)
}

/// The first stage alone.
pub fn read(entry: flow::Entry<'_>, inputs: &flow::Inputs<'_>) -> io::Result<Checkup> {
    let _ = (entry, inputs);
    Ok(Checkup::default())
}

/// The findings of the rules on one flow.
fn lint_flow(flow: &flow::Flow, targets: &[TargetVersion]) -> Vec<Diagnostic> {
    let _ = (flow, targets);
    Vec::new()
}
