//! `flowc compile`: a flow's definition on stdout or in files; findings and warnings on stderr.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use memchr::memmem;

use super::arguments::{Compile, DefinitionFormat, Global};
use super::config::{self, Loader};
use super::entry::Source;
use super::report::{self, Made};
use super::terminal::{self, Voice};
use super::{Outcome, disk, entry, package, write};
use crate::backend::Format;
use crate::diagnostic::{Diagnostic, full};
use crate::flow::{Entry, Flow};
use crate::lint::{rules, suppress};
use crate::settings::{self, Code, Deployment, Missing, NoDeployment, Settings, keys};
use crate::target::{Target, TargetVersion};
use crate::{Checkup, Compiled};

pub(super) fn run(arguments: &Compile, global: &Global, voice: Voice) -> Result<Outcome> {
    let options = config::deployment_layer(&arguments.deployment)?;
    let loader = Loader::new(global, &arguments.configs, options)?;
    let source = Source::read(&arguments.flow, arguments.stdin_filename.as_deref())?;
    if source.is_stdin && arguments.stdin_filename.is_none() {
        bail!("containers run the flow by its file's name: give it with `--stdin-filename`");
    }
    let config = loader.load(source.folder(), voice)?;
    let target = target(&config.settings)?;
    for option in foreign_options(&config.settings, target.target) {
        voice.warning(format!("`{option}` has no effect on {}", target.target));
    }
    if target.target == Target::Airflow && arguments.format.is_some() {
        voice.warning("`--format` has no effect on airflow: a DAG is Python");
    }
    let entry = Entry {
        path: &source.path,
        text: Some(&source.bytes),
        class: None,
    };
    let mut checkup = crate::read(entry, &config.inputs())?;
    config.tell_stray_defines(&mut checkup);
    let Some(flow) = choose(&checkup, &source)? else {
        return Ok(refuse(&checkup, &checkup.diagnostics, voice));
    };
    config::refuse_unknown_configs(&arguments.configs, [flow.config_names()])?;
    let deployment = Deployment::new(&config.settings, target.target, flow, arguments.deployment.draft);
    let (deployment, missing) = match deployment {
        Ok(deployment) => (Some(deployment), Vec::new()),
        Err(NoDeployment::Missing(missing)) => (None, missing),
        Err(NoDeployment::Wrong(error)) => return Err(error.into()),
    };
    let format = match arguments.format {
        None => Format::Usual,
        Some(DefinitionFormat::Yaml) => Format::Yaml,
        Some(DefinitionFormat::Json) => Format::Json,
    };
    let compile = |deployment: Option<&Deployment>| {
        crate::compile(&checkup, flow, &source.path, target, deployment, format)
    };
    let mut compiled = compile(deployment.as_ref());
    if compiled.diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(refuse(&checkup, &compiled.diagnostics, voice));
    }
    let Some(mut deployment) = deployment else {
        voice.error(list_missing(&missing));
        return Ok(Outcome::Failed);
    };
    if settings::package::is_own(&config.settings) {
        let package = package::build(
            &source,
            flow,
            &config,
            write::to_file(arguments.output.as_deref()),
            voice,
        )?;
        package::warn_of_absent(&checkup, &source, &package, voice);
        deployment.set_package(&flow.name, &package.digest);
        compiled = compile(Some(&deployment));
    }
    let Compiled { diagnostics, emitted } = compiled;
    let Some(emitted) = emitted else {
        bail!("nothing was emitted for {}", target.target)
    };
    // Comments silence warnings; an error stands in the way whatever they say.
    let diagnostics = suppress::silence(&checkup.sources, diagnostics, &rules::infos());
    show(&checkup, &diagnostics, voice);
    for file in &checkup.files_read {
        voice.detail(format!("read {}", file.display()));
    }
    let made = Made {
        config: &config,
        target,
        checkup: &checkup,
        entry: &source.path,
        flow,
        deployment: &deployment,
        diagnostics: &diagnostics,
        emitted: &emitted,
    };
    finish(arguments, &made, voice)
}

/// Options that are given and that another target has.
fn foreign_options(settings: &Settings, target: Target) -> impl Iterator<Item = &'static str> {
    let others = Target::ALL.into_iter().filter(move |other| *other != target);
    let keys = others.flat_map(|other| {
        let table = format!("{other}.");
        keys::KEYS.iter().filter(move |key| key.name.starts_with(&table))
    });
    keys.filter_map(|key| match settings.origin(key.name)? {
        settings::layer::Origin::Option(name) => Some(*name).filter(|name| key.option == Some(name)),
        settings::layer::Origin::Environment(_)
        | settings::layer::Origin::File { .. }
        | settings::layer::Origin::Default => None,
    })
}

/// Writes what was emitted, in the form asked for.
fn finish(arguments: &Compile, made: &Made<'_>, voice: Voice) -> Result<Outcome> {
    let (deployment, target) = (made.deployment, made.target.target);
    if deployment.is_draft {
        voice.warning(format!(
            "a draft, not to deploy: placeholders stand for {}",
            deployment.placeholders.join(", ")
        ));
    }
    if let Some(to) = &arguments.report {
        report::write(to, made)?;
    }
    let output = write::to_file(arguments.output.as_deref());
    if target == Target::Argo && deployment.argo.kustomization && !output.is_some_and(is_folder) {
        bail!("`--kustomization` writes a second file: give a folder, `-o DIR/`");
    }
    deliver(output, &made.emitted.files, &made.checkup.files_read, voice)?;
    let further = made.emitted.files.len().saturating_sub(1);
    if target == Target::StepFunctions && further > 0 && !output.is_some_and(is_folder) {
        let (count, word) = if further == 1 {
            ("a".to_owned(), "")
        } else {
            (further.to_string(), "s")
        };
        voice.note(format!(
            "note: the machine names {count} job definition{word} that a folder would hold too: `-o DIR/`"
        ));
    }
    let is_told = |output: &Path| output.is_dir() || matches!(deployment.code, Code::Package { .. });
    // flowc's own package leaves out what flowc wrote.
    if target == Target::Airflow
        && !settings::package::is_own(&made.config.settings)
        && output.is_some_and(|output| is_told(output) && is_packed(output, &arguments.flow))
    {
        voice.warning("the folder holds the flow: the DAG's file will be in the flow's code package");
    }
    Ok(Outcome::Clean)
}

/// Is it a folder, or meant as one?
fn is_folder(output: &Path) -> bool {
    output.is_dir() || output.to_string_lossy().ends_with('/')
}

/// Does what was written lie in the flow's folder, all of which is packed, or below it?
fn is_packed(output: &Path, flow: &Path) -> bool {
    let folder = entry::folder_of(flow).canonicalize();
    output
        .canonicalize()
        .is_ok_and(|output| folder.is_ok_and(|folder| output.starts_with(folder)))
}

fn deliver(
    output: Option<&Path>,
    files: &[(String, String)],
    sources: &[PathBuf],
    voice: Voice,
) -> Result<()> {
    let Some(output) = output else {
        let text: String = files.first().map(|(_, text)| text.clone()).unwrap_or_default();
        return Ok(terminal::print(&text)?);
    };
    if is_folder(output) {
        for (name, _) in files {
            refuse_other(&output.join(name))?;
        }
        for (name, text) in files {
            let path = output.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            }
            write::not_over(sources, &path, text)?;
            voice.detail(format!("wrote {}", path.display()));
        }
        return Ok(());
    }
    let (_, text) = files.first().context("nothing was emitted")?;
    write::not_over(sources, output, text)?;
    voice.detail(format!("wrote {}", output.display()));
    Ok(())
}

/// The names in a folder are flowc's choice, so that what someone else wrote under one of them stays.
fn refuse_other(path: &Path) -> Result<()> {
    if !path.is_file() {
        return Ok(());
    }
    let there = disk::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    // Of a workflow in JSON that names no package.
    let is_workflow = || memmem::find(&there, b"\"METAFLOW_RUNTIME_NAME\"").is_some();
    if there.is_empty() || crate::package::is_own(&there) || is_workflow() {
        return Ok(());
    }
    bail!(
        "`{}` is there and is not flowc's: move it, or choose another folder",
        path.display()
    )
}

/// The target of the option or the settings.
fn target(settings: &Settings) -> Result<TargetVersion> {
    match settings.texts("target") {
        [] => bail!("no target: give `--target argo`, or `target = [\"argo\"]` in flowc.toml"),
        [name] => versioned(named(name)?, settings),
        several => bail!(
            "several targets are configured ({}): choose one with `--target`",
            several.join(", ")
        ),
    }
}

pub(super) fn named(name: &str) -> Result<Target> {
    let near = crate::diagnostic::nearest(name, keys::target_names().iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Target::parse(name).with_context(|| format!("`{name}` is no target{hint}"))
}

/// The version that the settings give for this target.
pub(super) fn versioned(target: Target, settings: &Settings) -> Result<TargetVersion> {
    let given = match target {
        Target::Argo => settings.text("argo.version"),
        Target::Airflow => settings.text("airflow.version"),
        Target::StepFunctions => None,
    };
    match given {
        Some(text) => TargetVersion::parse(target, text).map_err(anyhow::Error::msg),
        None => Ok(TargetVersion::newest(target)),
    }
}

/// The flow to compile; none where reading found errors instead of a flow.
pub(super) fn choose<'a>(checkup: &'a Checkup, source: &Source) -> Result<Option<&'a Flow>> {
    let file = source.path.display();
    if let Some(class) = &source.class {
        return choose_class(checkup, &source.path, class);
    }
    match checkup.flows.as_slice() {
        [flow] => Ok(Some(flow)),
        [] if checkup.diagnostics.iter().any(Diagnostic::is_error) => Ok(None),
        [] => bail!("`{file}` has no flow: no class in it derives from `FlowSpec`"),
        flows => bail!(
            "`{file}` has several flows, name one as `{file}:NAME`{}",
            flow_names(flows)
        ),
    }
}

/// The flow of this name; none where reading found errors, which may have hidden it.
pub(super) fn choose_class<'a>(checkup: &'a Checkup, path: &Path, class: &str) -> Result<Option<&'a Flow>> {
    let file = path.display();
    match checkup.flows.iter().find(|flow| flow.name == *class) {
        Some(flow) => Ok(Some(flow)),
        None if checkup.diagnostics.iter().any(Diagnostic::is_error) => Ok(None),
        None if checkup.left_out.iter().any(|flow| flow.name == *class) => bail!(
            "`{file}` defines the flow `{class}`, but runs another{}",
            flow_names(&checkup.flows)
        ),
        None => bail!("`{file}` has no flow `{class}`{}", flow_names(&checkup.flows)),
    }
}

fn flow_names(flows: &[Flow]) -> String {
    let names: Vec<String> = flows.iter().map(|flow| format!("`{}`", flow.name)).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; it has {}", names.join(", "))
    }
}

pub(super) fn refuse(checkup: &Checkup, diagnostics: &[Diagnostic], voice: Voice) -> Outcome {
    show(checkup, diagnostics, voice);
    Outcome::Findings
}

/// Findings on stderr; `--quiet` leaves the errors.
pub(super) fn show(checkup: &Checkup, diagnostics: &[Diagnostic], voice: Voice) {
    let shown: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error() || !voice.is_quiet)
        .cloned()
        .collect();
    if !shown.is_empty() {
        terminal::say(&full::render(&checkup.sources, &shown, voice.colors_stderr()));
    }
}

/// All that is missing at once, and the block to paste.
fn list_missing(missing: &[Missing]) -> String {
    let count = if missing.len() == 1 {
        "a setting is".to_owned()
    } else {
        format!("{} settings are", missing.len())
    };
    let mut text = format!("{count} missing that the definition needs\n");
    for Missing {
        key,
        option,
        example,
        why,
    } in missing
    {
        text += &format!(
            "\n  {key}: {why}\n      {option}, for example {}\n",
            example.trim_matches('"')
        );
    }
    text += "\nOptions, or lines of flowc.toml:\n\n";
    for Missing { key, example, .. } in missing {
        text += &format!("{key} = {example}\n");
    }
    text + "\n`flowc init` writes a flowc.toml with all settings; `--draft` puts placeholders in their place."
}
