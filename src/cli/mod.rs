//! The command line: arguments in, files and exit codes out. One file per command.

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

pub mod arguments;
mod baseline;
mod check;
mod compile;
mod completions;
mod config;
mod disk;
mod entry;
mod explain;
mod fix;
mod graph;
mod ignore_comments;
mod init;
mod package;
mod recorded;
mod report;
mod rules;
mod run;
mod run_arguments;
mod run_variables;
mod settings;
mod terminal;
mod upload;
mod walk;
mod write;

use arguments::{Arguments, Command};
use run_arguments::Kind;
use terminal::Voice;

use crate::python;

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Clean,
    /// Findings that fail the check.
    Findings,
    /// It said itself what it could not do.
    Failed,
    /// Ctrl-C, or a request to end.
    Interrupted,
}

impl Outcome {
    fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
            Self::Interrupted => 130,
        }
    }
}

/// Stack of every thread that handles syntax trees: dropping a deep one recurses.
const STACK: usize = python::STACK_SIZE;

/// Runs the command line; `arguments` begins with the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    panic::set_hook(Box::new(report_bug));
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` comes this way too; a closed pipe is nobody's trouble.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || python::on_deep_stack(|| dispatch(arguments)));
    let code = thread.ok().and_then(|thread| thread.join().ok()).unwrap_or(2);
    ExitCode::from(code)
}

fn dispatch(arguments: Arguments) -> u8 {
    let Arguments { global, command } = arguments;
    let voice = Voice {
        is_quiet: global.quiet,
        is_verbose: global.verbose,
        color: global.color,
        no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
    };
    match execute(command, &global, voice) {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            voice.error(format!("{error:#}"));
            Outcome::Failed.code()
        }
    }
}

fn execute(command: Command, global: &arguments::Global, voice: Voice) -> Result<Outcome> {
    match command {
        Command::Check(check) => check::run(&check, global, voice),
        Command::Compile(compile) => compile::run(&compile, global, voice),
        Command::Package(package) => package::run(&package, global, voice),
        Command::Run(words) => run::run(Kind::Run, &words, global, voice),
        Command::Resume(words) => run::run(Kind::Resume, &words, global, voice),
        Command::Graph(graph) => graph::run(&graph, global, voice),
        Command::Explain(explain) => explain::run(&explain),
        Command::Rules(rules) => rules::run(&rules),
        Command::Init(init) => init::run(&init, voice),
        Command::Settings(settings) => settings::run(&settings, global, voice),
        Command::Completions(completions) => completions::run(&completions),
    }
}

/// A panic is always flowc's fault, whatever the input.
fn report_bug(panic: &panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(|at| format!(" at {}:{}", at.file(), at.line()))
        .unwrap_or_default();
    let what = panic.payload_as_str().unwrap_or("no message");
    let where_to = crate::diagnostic::HOME.map_or_else(String::new, |home| format!(": {home}/issues"));
    terminal::say(&format!(
        "error: this is a bug in flowc {}{place}: {what}\n  please report it with the flow, or a part of it{where_to}\n",
        env!("CARGO_PKG_VERSION"),
    ));
}
