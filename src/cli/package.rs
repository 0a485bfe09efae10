//! `flowc package`: builds the code package that a definition names, and brings it to where it is looked for.

use std::path::Path;

use anyhow::{Result, bail};

use super::arguments::{self, Global};
use super::config::{self, Config, Loader};
use super::entry::Source;
use super::terminal::{self, Voice};
use super::{Outcome, compile, write};
use crate::diagnostic::Diagnostic;
use crate::flow::{Entry, Flow};
use crate::package::{self, Package};
use crate::settings::{Datastore, PackageSettings};

pub(super) fn run(arguments: &arguments::Package, global: &Global, voice: Voice) -> Result<Outcome> {
    let options = config::deployment_layer(&arguments.deployment)?;
    let loader = Loader::new(global, &arguments.configs, options)?;
    let source = Source::read(&arguments.flow, None)?;
    let config = loader.load(source.folder(), voice)?;
    let entry = Entry {
        path: &source.path,
        text: Some(&source.bytes),
    };
    let checkup = crate::read(entry, &config.inputs())?;
    let flow = compile::choose(&checkup, &source)?;
    let Some(flow) = flow.filter(|_| !checkup.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Ok(compile::refuse(&checkup, &checkup.diagnostics, voice));
    };
    let datastore = Datastore::new(&config.settings)?;
    let package = build(&source, flow, &config, arguments.output.as_deref(), voice)?;
    if let Some(output) = &arguments.output {
        write::whole(output, &package.bytes)?;
        voice.detail(format!("wrote {}", output.display()));
    }
    let location = datastore.map(|store| store.data_url(&flow.name, &package.digest));
    let text = if arguments.list {
        list(&package)
    } else {
        location.unwrap_or_else(|| package.digest.clone()) + "\n"
    };
    terminal::print(&text)?;
    Ok(Outcome::Clean)
}

fn list(package: &Package) -> String {
    let members = package.members.iter();
    members.map(|member| format!("{}\n", member.name)).collect()
}

/// The package of a flow, as the settings want it.
pub(super) fn build(
    source: &Source,
    flow: &Flow,
    config: &Config,
    output: Option<&Path>,
    voice: Voice,
) -> Result<Package> {
    if source.is_stdin {
        bail!("a code package is made of the files beside the flow: give the flow's file instead of stdin");
    }
    let settings = PackageSettings::new(&config.settings);
    let package = package::build(&source.path, flow, &settings, output)?;
    voice.detail(format!(
        "code package {}: {} files, {} bytes",
        package.digest,
        package.members.len(),
        package.bytes.len()
    ));
    Ok(package)
}
