//! All integration tests in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "tests may fail loudly"
)]

mod against_metaflow;
mod airflow;
mod argo;
mod argo_long;
mod argo_recorded;
mod bases;
mod catalog;
mod classes;
mod configs;
mod cli;
mod decoration;
mod decorator_rules;
mod definitions;
mod deployment_verdicts;
mod examples;
mod graph;
mod layers;
mod lint_corpus;
mod literal;
mod memory;
mod mutations;
mod next_forms;
mod ok;
mod oracle;
mod package;
mod parameters;
mod paths;
mod phases;
mod program;
mod programs;
mod pure;
mod random;
mod reading;
mod readme;
mod render;
mod rendering;
mod rules;
mod run;
mod run_asked;
mod run_deaths;
mod run_files;
mod run_kill;
mod run_scheduler;
mod run_scope;
mod run_signals;
mod run_words;
mod sketch;
mod step_functions;
mod structure;
mod syntax;
mod uncertain;
