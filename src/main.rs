//! Hands the command line to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    flowc::cli::run(std::env::args_os())
}
