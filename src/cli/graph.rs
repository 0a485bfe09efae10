//! `flowc graph`: the graphs of a file's flows, in the form asked for.

use anyhow::Result;

use super::arguments::{Global, Graph, GraphFormat};
use super::config::{self, Loader};
use super::entry::Source;
use super::terminal::{self, Voice};
use super::{Outcome, compile, write};
use crate::diagnostic::{Diagnostic, full, json};
use crate::flow::{Entry, Flow};
use crate::graph::{FlowGraph, render};
use crate::settings::layer::Layer;
use crate::{Checkup, check};

pub(super) fn run(arguments: &Graph, global: &Global, voice: Voice) -> Result<Outcome> {
    let loader = Loader::new(global, &arguments.configs, Layer::default())?;
    let source = Source::read(&arguments.flow, arguments.stdin_filename.as_deref())?;
    let config = loader.load(source.folder(), voice)?;
    let entry = Entry {
        path: &source.path,
        text: Some(&source.bytes),
        class: source.class.as_deref(),
    };
    let mut checkup = check(entry, &config.inputs(), &config.settings, &[])?;
    config.tell_stray_defines(&mut checkup);
    let flows = flows(&checkup, &source)?;
    config::refuse_unknown_configs(&arguments.configs, flows.iter().map(|flow| flow.config_names()))?;
    let text = render(&checkup, &flows, arguments.format);
    let is_json = arguments.format == GraphFormat::Json;
    if !flows.is_empty() || is_json {
        match write::to_file(arguments.output.as_deref()) {
            Some(path) => write::not_over(&checkup.files_read, path, &text)?,
            None => terminal::print(&text)?,
        }
    }
    let errors: Vec<Diagnostic> = checkup
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .cloned()
        .collect();
    if errors.is_empty() {
        return Ok(Outcome::Clean);
    }
    if !is_json {
        terminal::say(&full::render(&checkup.sources, &errors, voice.colors_stderr()));
    }
    Ok(Outcome::Findings)
}

/// All flows of the file, or the one named.
fn flows<'a>(checkup: &'a Checkup, source: &Source) -> Result<Vec<&'a Flow>> {
    if source.class.is_none() && !checkup.flows.is_empty() {
        return Ok(checkup.flows.iter().collect());
    }
    Ok(compile::choose(checkup, source)?.into_iter().collect())
}

fn render(checkup: &Checkup, flows: &[&Flow], format: GraphFormat) -> String {
    let graphs: Vec<FlowGraph<'_>> = flows.iter().map(|flow| FlowGraph::new(flow)).collect();
    let sources = &checkup.sources;
    match format {
        GraphFormat::Text => render::text(&graphs, sources),
        GraphFormat::Json => render::json(&graphs, sources, &json::list(sources, &checkup.diagnostics)),
        GraphFormat::Mermaid => render::mermaid(&graphs, sources),
        GraphFormat::Dot => render::dot(&graphs, sources),
        GraphFormat::Svg => render::svg(&graphs, sources),
        GraphFormat::Html => render::html(&graphs, sources),
    }
}
