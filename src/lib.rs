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
