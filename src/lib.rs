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
pub mod package;
pub mod runner;
pub mod cli;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use backend::{Emitted, Format};
use diagnostic::Diagnostic;
use flow::{Flow, LeftOut};
use graph::FlowGraph;
use lint::rules;
use plan::{Origin, Plan};
use settings::{Deployment, Settings};
use sha1::{Digest, Sha1};
use source::{SourceId, Sources};
use target::{TargetVersion, ThisMachine};

/// What became known of one entry file.
#[derive(Debug, Default)]
pub struct Checkup {
    pub sources: Sources,
    pub flows: Vec<Flow>,
    /// Flows of the file that were not read, because it runs others.
    pub left_out: Vec<LeftOut>,
    /// Sorted, each finding once.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was looked at, in order.
    pub files_read: Vec<PathBuf>,
    /// Sources with syntax errors in which lines of a flow may have got lost.
    pub partial: BTreeSet<SourceId>,
    /// Names of `-D` and `[values]` that nothing in the program has.
    pub stray_defines: Vec<String>,
    /// The settings that were missing when the limits of a target were measured, by key: placeholders stood there.
    pub assumed: BTreeSet<&'static str>,
}

/// Reads a file: the first stage alone. Call it where [`python::with_deep_stack`] has made room.
///
/// # Errors
/// Only when the entry file itself cannot be read; all else is a diagnostic.
pub fn read(entry: flow::Entry<'_>, inputs: &flow::Inputs<'_>) -> io::Result<Checkup> {
    let mut sources = Sources::default();
    let reading = flow::read(entry, inputs, &mut sources)?;
    let flow::Reading {
        flows,
        left_out,
        diagnostics,
        files_read,
        partial,
        stray_defines,
    } = reading;
    Ok(Checkup {
        diagnostics: diagnostic::in_order(&sources, lint::partial::keep(diagnostics, &flows, &partial)),
        sources,
        flows,
        left_out,
        files_read,
        partial,
        stray_defines,
        assumed: BTreeSet::new(),
    })
}

/// Reads a file and runs every rule over its flows, once for each target; without one, only what holds for all.
/// What a target's limits say is measured with the deployment's settings, placeholders where they lack something.
///
/// # Errors
/// Only when the entry file itself cannot be read; all else is a diagnostic.
pub fn check(
    entry: flow::Entry<'_>,
    inputs: &flow::Inputs<'_>,
    settings: &Settings,
    targets: &[TargetVersion],
) -> io::Result<Checkup> {
    let mut checkup = read(entry, inputs)?;
    let mut found = std::mem::take(&mut checkup.diagnostics);
    let origin = origin(&checkup, entry.path);
    for flow in &checkup.flows {
        let graph = FlowGraph::new(flow);
        if targets.is_empty() {
            found.extend(lint::run(&graph, rules::ALL, None).diagnostics);
        }
        // A value that reading could not make sense of never reaches a plan.
        let is_sound = !found
            .iter()
            .any(|found| concerns(found, flow) && found.is_error());
        for target in targets {
            let deployment = Deployment::new(settings, target.target, flow, true);
            let deployment = deployment.ok().filter(|_| is_sound);
            checkup
                .assumed
                .extend(deployment.iter().flat_map(|deployment| &deployment.placeholders));
            found.extend(compile_graph(&graph, *target, deployment.as_ref(), &origin, Format::default()).0);
        }
    }
    checkup.diagnostics = in_order(&checkup, found);
    Ok(checkup)
}

/// A flow's definition, or the findings that stand in its way; warnings come with both.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// Nothing where a finding is an error, or where there is no deployment.
    pub emitted: Option<Emitted>,
}

/// Compiles one flow of what was [`read`]. Without a deployment the rules run and nothing is emitted.
pub fn compile(
    checkup: &Checkup,
    flow: &Flow,
    entry: &Path,
    target: TargetVersion,
    deployment: Option<&Deployment>,
    format: Format,
) -> Compiled {
    let mut found = findings_of(checkup, flow);
    let deployment = deployment.filter(|_| !found.iter().any(Diagnostic::is_error));
    let origin = origin(checkup, entry);
    let (more, emitted) = compile_graph(&FlowGraph::new(flow), target, deployment, &origin, format);
    found.extend(more);
    let is_clean = !found.iter().any(Diagnostic::is_error);
    Compiled {
        diagnostics: in_order(checkup, found),
        emitted: emitted.filter(|_| is_clean),
    }
}

/// The plan of a local run of one flow of what was [`read`], or the findings that stand in its way.
pub fn plan_here(
    checkup: &Checkup,
    flow: &Flow,
    entry: &Path,
    deployment: &Deployment,
) -> (Vec<Diagnostic>, Option<Plan<ThisMachine>>) {
    let mut found = findings_of(checkup, flow);
    let graph = FlowGraph::new(flow);
    let lint::Linted { diagnostics, checked } = lint::run_here(&graph, rules::ALL);
    found.extend(diagnostics);
    let is_clean = !found.iter().any(Diagnostic::is_error);
    let mut origin = origin(checkup, entry);
    // Containers find the file in their working directory; here it is where it was named.
    origin.file_name = entry.to_string_lossy().into_owned();
    let plan = checked
        .filter(|_| is_clean)
        .map(|checked| Plan::new(&checked, deployment, &origin));
    (in_order(checkup, found), plan)
}

/// The findings that are sure, sorted, each once.
fn in_order(checkup: &Checkup, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let sure = lint::partial::keep(found, &checkup.flows, &checkup.partial);
    diagnostic::in_order(&checkup.sources, sure)
}

/// Is the finding about this flow, or about the file as a whole?
fn concerns(diagnostic: &Diagnostic, flow: &Flow) -> bool {
    diagnostic.flow.as_ref().is_none_or(|name| *name == flow.name)
}

fn findings_of(checkup: &Checkup, flow: &Flow) -> Vec<Diagnostic> {
    let found = checkup.diagnostics.iter();
    found.filter(|found| concerns(found, flow)).cloned().collect()
}

/// Lint, plan, emit, measure.
fn compile_graph(
    graph: &FlowGraph<'_>,
    target: TargetVersion,
    deployment: Option<&Deployment>,
    origin: &Origin,
    format: Format,
) -> (Vec<Diagnostic>, Option<Emitted>) {
    let lint::Linted {
        mut diagnostics,
        checked,
    } = lint::run_in(
        deployment.map(Deployment::namespace),
        graph,
        rules::ALL,
        Some(target),
    );
    let (Some(checked), Some(deployment)) = (checked, deployment) else {
        return (diagnostics, None);
    };
    diagnostics.extend(lint::attached::run(graph, target, deployment, &diagnostics));
    if diagnostics.iter().any(Diagnostic::is_error) {
        return (diagnostics, None);
    }
    let plan = Plan::new(&checked, deployment, origin);
    let emitted = backend::emit(&plan, format);
    let notices = backend::notices::check(&plan);
    for mut diagnostic in notices
        .into_iter()
        .chain(backend::limits::check(&emitted.measures))
    {
        diagnostic.flow.get_or_insert_with(|| graph.flow.name.clone());
        diagnostics.push(diagnostic);
    }
    let is_clean = !diagnostics.iter().any(Diagnostic::is_error);
    (diagnostics, is_clean.then_some(emitted))
}

/// What a definition says of its origin: names relative to the flow's folder, so that it is the same wherever
/// the project lies.
fn origin(checkup: &Checkup, entry: &Path) -> Origin {
    let folder = entry.parent().unwrap_or(Path::new(""));
    let mut digest = Sha1::new();
    for (_, file) in checkup.sources.iter() {
        let path = Path::new(file.name());
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(file.text().as_bytes());
        digest.update([0]);
    }
    let digest = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file_name = entry
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Origin {
        file_name,
        digest,
        flows: checkup.flows.iter().map(|flow| flow.name.clone()).collect(),
    }
}
