//! `flowc check`: lints files and folders, and says what it found in the format asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use super::arguments::{Check, Format, Global};
use super::disk::{self, Disk};
use super::terminal::{self, Voice};
use super::walk::{self, Entry};
use super::{Outcome, STACK};
use crate::diagnostic::{Diagnostic, Summary, concise, json};
use crate::flow::{Configs, Inputs};
use crate::source::Sources;
use crate::{Checkup, flow};

pub(super) fn run(arguments: &Check, global: &Global, voice: Voice) -> Result<Outcome> {
    let _ = global;
    let found = walk::find(&arguments.paths);
    for (path, reason) in &found.problems {
        voice.error(format!("cannot read `{}`: {reason}", path.display()));
    }
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let mut summary = Summary::default();
    let mut is_failed = !found.problems.is_empty();
    let environment = BTreeMap::new();
    let configs = Configs::default();
    let defines = BTreeMap::new();
    let known_decorators = BTreeMap::new();
    let inputs = || Inputs {
        files: &Disk,
        environment: &environment,
        configs: &configs,
        defines: &defines,
        known_decorators: &known_decorators,
    };
    let check = |entry: &Entry| -> std::result::Result<Option<Checkup>, (PathBuf, String)> {
        let bytes = match &entry.bytes {
            Some(bytes) => bytes.clone(),
            None => disk::read(&entry.path).map_err(|error| (entry.path.clone(), error.to_string()))?,
        };
        let entry = flow::Entry {
            path: Path::new(&entry.path),
            text: Some(&bytes),
        };
        crate::check(entry, &inputs(), &[])
            .map(Some)
            .map_err(|error| (entry.path.to_owned(), error.to_string()))
    };
    let results: Vec<_> = match found.entries.as_slice() {
        [only] => vec![check(only)],
        many => {
            let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build()?;
            pool.install(|| many.par_iter().map(check).collect())
        }
    };
    for result in results {
        match result {
            Ok(Some(checkup)) => {
                summary.files += 1;
                summary.flows += checkup.flows.len();
                let shift = sources.absorb(checkup.sources);
                diagnostics.extend(
                    checkup
                        .diagnostics
                        .into_iter()
                        .map(|diagnostic| diagnostic.moved(shift)),
                );
            }
            Ok(None) => {}
            Err((path, reason)) => {
                is_failed = true;
                voice.error(format!("cannot read `{}`: {reason}", path.display()));
            }
        }
    }
    let diagnostics = crate::diagnostic::in_order(&sources, diagnostics);
    let summary = Summary::new(summary.files, summary.flows, &diagnostics);
    terminal::print(&render(arguments.output_format, &sources, &diagnostics, summary))?;
    Ok(if is_failed {
        Outcome::Failed
    } else if diagnostics.iter().any(Diagnostic::is_error) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn render(format: Format, sources: &Sources, diagnostics: &[Diagnostic], summary: Summary) -> String {
    match format {
        Format::Json => json::render(sources, diagnostics, summary),
        Format::Jsonl => json::render_lines(sources, diagnostics),
        _ => concise::render(sources, diagnostics),
    }
}
