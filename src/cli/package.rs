//! `flowc package`: builds the code package that a definition names, and brings it to where it is looked for.

use std::path::Path;

use anyhow::{Result, bail};

use super::arguments::{self, Global};
use super::config::{self, Config, Loader};
use super::entry::Source;
use super::terminal::{self, Voice};
use super::{Outcome, compile, upload, write};
use crate::Checkup;
use crate::diagnostic::Diagnostic;
use crate::flow::{Entry, Flow};
use crate::package::{self, Package};
use crate::plan::environment;
use crate::settings::{self, Datastore, DatastoreKind, Deployment, NoDeployment, PackageSettings};
use crate::target::Target;

pub(super) fn run(arguments: &arguments::Package, global: &Global, voice: Voice) -> Result<Outcome> {
    let options = config::deployment_layer(&arguments.deployment)?;
    let loader = Loader::new(global, &arguments.configs, options)?;
    let source = Source::read(&arguments.flow, None)?;
    let config = loader.load(source.folder(), voice)?;
    let entry = Entry {
        path: &source.path,
        text: Some(&source.bytes),
        class: None,
    };
    let mut checkup = crate::read(entry, &config.inputs())?;
    config.tell_stray_defines(&mut checkup);
    let flow = compile::choose(&checkup, &source)?;
    let Some(flow) = flow.filter(|_| !checkup.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Ok(compile::refuse(&checkup, &checkup.diagnostics, voice));
    };
    config::refuse_unknown_configs(&arguments.configs, [flow.config_names()])?;
    let root = Root::new(&config, flow)?;
    if arguments.upload && root.is_none() {
        bail!(
            "where to upload it is not said: give `--datastore-root URL`, or `datastore-root` in flowc.toml"
        );
    }
    let output = write::to_file(arguments.output.as_deref());
    let package = build(&source, flow, &config, output, voice)?;
    warn_of_absent(&checkup, &source, &package, voice);
    if let Some(output) = output {
        write::whole(output, &package.bytes)?;
        voice.detail(format!("wrote {}", output.display()));
    }
    if let Some(root) = root.as_ref().filter(|_| arguments.upload) {
        upload::run(root, flow, needed(&config, &package), &config, voice)?;
    }
    let location = root.map(|root| root.data_url(&flow.name, &package.digest));
    let text = if arguments.list {
        list(&package)
    } else {
        location.unwrap_or(package.digest) + "\n"
    };
    if output.is_none() && arguments.output.is_some() {
        // `-o -`: stdout carries the tarball, so that what would stand there goes beside it.
        voice.note(text.trim_end());
        terminal::print(&package.bytes)?;
    } else {
        terminal::print(&text)?;
    }
    Ok(Outcome::Clean)
}

/// The package, unless the settings say that the code reaches the tasks in another way.
fn needed<'a>(config: &Config, package: &'a Package) -> Option<&'a Package> {
    let is_needed = config.settings.text("code").is_none() || settings::package::is_own(&config.settings);
    is_needed.then_some(package)
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

/// A module that the flow imports and that does not go along: the tasks will not find it.
pub(super) fn warn_of_absent(checkup: &Checkup, source: &Source, package: &Package, voice: Voice) {
    let folder = source.folder();
    for (_, file) in checkup.sources.iter() {
        let path = Path::new(file.name());
        let name = path.strip_prefix(folder).unwrap_or(path);
        let is_source = path.extension().is_some_and(|extension| extension == "py");
        if is_source
            && !package
                .members
                .iter()
                .any(|member| Path::new(&member.name) == name)
        {
            let why = if name.starts_with("..") {
                "it lies outside of the flow's folder"
            } else {
                "`.gitignore` or `package.exclude` names it"
            };
            voice.warning(format!(
                "`{}`, which the flow imports, is not in the code package: {why}",
                path.display()
            ));
        }
    }
}

fn list(package: &Package) -> String {
    let members = package.members.iter();
    members.map(|member| format!("{}\n", member.name)).collect()
}

/// Where the package and the included files belong.
pub(super) enum Root {
    Store(Box<Deployment>),
    /// `file:///…`, as Metaflow's local datastore has it: to look at, or to be copied on.
    Folder(String),
}

impl Root {
    /// Nothing where the settings do not say.
    fn new(config: &Config, flow: &Flow) -> Result<Option<Self>> {
        let settings = &config.settings;
        if let Some(url) = settings
            .text("datastore-root")
            .filter(|url| url.starts_with("file://"))
        {
            let folder = url
                .strip_prefix("file://")
                .unwrap_or_default()
                .trim_end_matches('/');
            if !folder.starts_with('/') {
                bail!("datastore-root: `{url}` is no absolute path: `file:///folder`");
            }
            return Ok(Some(Self::Folder(format!("file://{folder}"))));
        }
        if Datastore::new(settings)?.is_none() {
            return Ok(None);
        }
        match Deployment::new(settings, Target::Argo, flow, true) {
            Ok(deployment) => Ok(Some(Self::Store(Box::new(deployment)))),
            Err(NoDeployment::Wrong(error)) => Err(error.into()),
            Err(NoDeployment::Missing(_)) => Err(anyhow::anyhow!("a draft lacks nothing")),
        }
    }

    pub fn kind(&self) -> Option<DatastoreKind> {
        match self {
            Self::Store(deployment) => Some(deployment.datastore.kind),
            Self::Folder(_) => None,
        }
    }

    pub fn data_url(&self, flow: &str, digest: &str) -> String {
        match self {
            Self::Store(deployment) => deployment.datastore.data_url(flow, digest),
            Self::Folder(root) => settings::data_url(root, flow, digest),
        }
    }

    pub fn included_root(&self, flow: &str) -> String {
        match self {
            Self::Store(deployment) => environment::included_root(deployment, flow),
            Self::Folder(root) => format!("{root}/data/{flow}"),
        }
    }
}
