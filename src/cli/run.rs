//! `flowc run` and `flowc resume`: reads a flow, and has the runner carry out its plan on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::arguments::{Configs, Global};
use super::config::{self, Config, Loader};
use super::entry::{self, Source};
use super::run_arguments::{self, IsolationChoice, Kind, Read, RunOptions, Words};
use super::terminal::Voice;
use super::{Outcome, compile, recorded, run_variables, terminal, write};
use crate::Checkup;
use crate::diagnostic::Diagnostic;
use crate::flow::rules::DEFINE_WITHOUT_EFFECT;
use crate::flow::{Entry, Flow};
use crate::graph::{FlowGraph, render};
use crate::plan::command::shell_quote;
use crate::runner::console::{Console, Out};
use crate::runner::events::is_stdout;
use crate::runner::{self, Isolation, store, worker};
use crate::settings::checks;
use crate::settings::layer::Layer;
use crate::settings::{Deployment, NoDeployment};
use crate::target::Target;

/// What Metaflow takes where nothing is given: tasks of a foreach, megabytes of a task's log.
const MAX_NUM_SPLITS: u32 = 100;
const MAX_LOG_SIZE: usize = 10;

/// Decorators that send a step elsewhere or give it another Python: here its body runs in this environment.
const NOT_HERE: [&str; 6] = ["kubernetes", "batch", "conda", "pypi", "conda_base", "pypi_base"];

pub(super) fn run(kind: Kind, words: &Words, global: &Global, voice: Voice) -> Result<Outcome> {
    let Some(named) = words.flow() else {
        return Ok(line_error(&missing_flow(kind, words, global)));
    };
    let source = Source::read(&named, None)?;
    // First for the names of its parameters: they decide what the rest of the line means.
    let first = Loader::new(global, &Configs::default(), Layer::default())?.load(source.folder(), voice)?;
    let checkup = crate::read(entry_of(&source), &first.inputs())?;
    let Some(flow) = compile::choose(&checkup, &source)? else {
        return Ok(compile::refuse(&checkup, &checkup.diagnostics, voice));
    };
    let line = match run_arguments::read(kind, words, global, Some(flow)) {
        Ok(line) => line,
        Err(error) => return Ok(line_error(&error)),
    };
    carry_out(kind, &source, line, voice)
}

fn carry_out(kind: Kind, source: &Source, line: Read, voice: Voice) -> Result<Outcome> {
    let Read {
        global,
        mut options,
        configs: given_configs,
        parameters,
    } = line;
    let voice = Voice {
        is_quiet: global.quiet,
        is_verbose: global.verbose,
        color: global.color,
        ..voice
    };
    let read = |configs: &Configs| -> Result<(Config, Checkup)> {
        let config = Loader::new(&global, configs, Layer::default())?.load(source.folder(), voice)?;
        let checkup = crate::read(entry_of(source), &config.inputs())?;
        Ok((config, checkup))
    };
    let goes_on = kind == Kind::Resume || options.from.is_some() || options.only.is_some();
    let (mut config, mut checkup) = read(&given_configs)?;
    run_variables::apply(kind, &mut options, &config.environment)?;
    let mut configs = given_configs.clone();
    if goes_on && let Some(flow) = compile::choose(&checkup, source)? {
        let root = datastore(&options, &Machine::new(&config.environment))?;
        configs.values.extend(recorded_configs(&options, &root, flow));
        if configs.values.len() > given_configs.values.len() {
            (config, checkup) = read(&configs)?;
        }
    }
    config.tell_stray_defines(&mut checkup);
    let Some(flow) = compile::choose(&checkup, source)? else {
        return Ok(compile::refuse(&checkup, &checkup.diagnostics, voice));
    };
    config::refuse_unknown_configs(&configs, [flow.config_names()])?;
    checks::tags(&options.tags)?;
    let machine = Machine::new(&config.environment);
    options.with.extend(machine.decospecs.iter().cloned());
    let deployment = match Deployment::new(&config.settings, Target::Argo, flow, true) {
        Ok(deployment) => local(deployment, &options, &machine),
        Err(NoDeployment::Wrong(error)) => return Err(error.into()),
        Err(NoDeployment::Missing(_)) => anyhow::bail!("a draft lacks nothing"),
    };
    let (diagnostics, plan) = crate::plan_here(&checkup, flow, &source.path, &deployment);
    let Some(plan) = plan else {
        return Ok(compile::refuse(&checkup, &diagnostics, voice));
    };
    if plan.flow.request.project.is_none() {
        refuse_options_of_projects(&options, &flow.name)?;
    }
    let is_of_define = |found: &&Diagnostic| found.rule.code == DEFINE_WITHOUT_EFFECT.code;
    let told: Vec<Diagnostic> = diagnostics.iter().filter(is_of_define).cloned().collect();
    compile::show(&checkup, &told, voice);
    let without = without(flow);
    let mut left_out: Vec<&str> = without.iter().map(String::as_str).collect();
    left_out.extend(
        options
            .with
            .iter()
            .map(|spec| decorator_of(spec))
            .filter(|name| NOT_HERE.contains(name)),
    );
    if !left_out.is_empty() && !say_left_out(&left_out, options.strict, voice) {
        return Ok(Outcome::Failed);
    }
    let mut settings = runner_options(
        source,
        &options,
        &configs,
        parameters,
        without,
        &machine,
        &config.environment,
    )?;
    settings.sources = python_files(&checkup);
    let draw = |_: &PathBuf| render::svg(&[FlowGraph::new(flow)], &checkup.sources);
    settings.drawing = options.timeline.as_ref().map(draw);
    settings.way_to_resume = way_to_resume(source, &options, &given_configs);
    if goes_on {
        if !settings.parameters.is_empty() {
            anyhow::bail!("the parameters are those of the earlier run: they cannot be given again");
        }
        settings.origin = Some(origin(&options, &settings, &plan.flow.name)?);
    }
    if options.from.is_some() || options.only.is_some() {
        let running = runner::steps_to_run(&plan, &settings)?;
        let behind = |step: &str| runner::steps_behind(&plan, step);
        hold_against(kind, &options, &running, behind, voice)?;
    }
    if options.dry_run {
        terminal::print(&runner::describe(&plan, &settings)?)?;
        return Ok(Outcome::Clean);
    }
    probe_files(&options, &checkup.files_read)?;
    let console = console(&options, voice)?;
    let ended = runner::run(&plan, &settings, console)?;
    Ok(outcome(&ended, options.timeline.as_deref(), voice))
}

/// Metaflow has these options only for flows with `@project`.
fn refuse_options_of_projects(options: &RunOptions, flow: &str) -> Result<()> {
    let is_given = [
        ("--branch", options.branch.is_some()),
        ("--production", options.production),
    ];
    match is_given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => {
            anyhow::bail!("{option} is an option of flows with `@project`, and `{flow}` has none")
        }
        None => Ok(()),
    }
}

/// What would run against what was asked for. `behind`: a step and those that it leads to.
fn hold_against(
    kind: Kind,
    options: &RunOptions,
    running: &[String],
    behind: impl Fn(&str) -> Vec<String>,
    voice: Voice,
) -> Result<()> {
    let (option, first, asked) = match (&options.only, &options.from) {
        (Some(only), _) => ("--only", only, vec![only.clone()]),
        // `resume STEP` means these and what is left to do.
        (None, Some(from)) if kind == Kind::Resume => ("STEP", from, running.to_vec()),
        (None, Some(from)) => ("--from", from, behind(from)),
        (None, None) => return Ok(()),
    };
    if !running.contains(first) {
        anyhow::bail!("`{first}` would not run: the earlier run did not go there");
    }
    let others = running.iter().filter(|step| !asked.contains(step));
    let others: Vec<_> = others.map(String::as_str).collect();
    if !others.is_empty() {
        let others = others.join("`, `");
        voice.warning(format!(
            "`{option} {first}` runs `{others}` too: not all of that can be taken over from the earlier run"
        ));
    }
    Ok(())
}

/// Lines for people go to stderr where events go to stdout.
fn console(options: &RunOptions, voice: Voice) -> std::io::Result<Console> {
    if options.json_log.as_deref().is_some_and(is_stdout) {
        Console::new(Out::Stderr, voice.colors_stderr(), voice.is_quiet)
    } else {
        Console::new(Out::Stdout, voice.colors_stdout(), voice.is_quiet)
    }
}

/// Nothing runs whose record could not be written in the end.
fn probe_files(options: &RunOptions, sources: &[PathBuf]) -> Result<()> {
    let RunOptions {
        timeline,
        run_id_file,
        runner_attribute_file,
        json_log,
        ..
    } = options;
    let files = [timeline, run_id_file, runner_attribute_file];
    if files.into_iter().flatten().any(|file| is_stdout(file)) {
        anyhow::bail!("`-` is no file to write to: only --json-log can go to stdout");
    }
    let mut written = files.into_iter().chain([json_log]).flatten();
    written.try_for_each(|file| write::is_no_source(sources, file))?;
    timeline.as_deref().map_or(Ok(()), write::probe)?;
    let in_place = [run_id_file, runner_attribute_file, json_log];
    let mut files = in_place.into_iter().flatten().filter(|file| !is_stdout(file));
    files.try_for_each(|file| write::probe_in_place(file))
}

/// Writes the page; what is not written that was asked for keeps a success from being one.
fn outcome(ended: &runner::Ended, timeline: Option<&Path>, voice: Voice) -> Outcome {
    let mut is_written = ended.is_recorded;
    if let (Some(file), Some(page)) = (timeline, &ended.page)
        && let Err(error) = write::whole(file, page)
    {
        voice.error(error);
        is_written = false;
    }
    match ended.outcome {
        runner::Outcome::Success if is_written => Outcome::Clean,
        runner::Outcome::Success | runner::Outcome::NotStarted => Outcome::Failed,
        runner::Outcome::Failed => Outcome::Findings,
        runner::Outcome::Interrupted => Outcome::Interrupted,
    }
}

/// The sources that were read, without what Configs read.
fn python_files(checkup: &crate::Checkup) -> Vec<PathBuf> {
    let is_python = |path: &&PathBuf| path.extension().is_some_and(|end| end == "py");
    checkup.files_read.iter().filter(is_python).cloned().collect()
}

/// The run to take over from.
fn origin(options: &RunOptions, settings: &runner::Options, flow: &str) -> Result<String> {
    let store = store::Store::new(&settings.root, flow);
    let given = options.origin_run_id.clone().or_else(|| store.latest_run());
    let root = settings.root.display();
    let run = given.with_context(|| format!("`{flow}` has no earlier run in `{root}`"))?;
    if !store.has_run(&run) {
        anyhow::bail!("`{flow}` has no run `{run}` in `{root}`");
    }
    Ok(run)
}

fn entry_of(source: &Source) -> Entry<'_> {
    Entry {
        path: &source.path,
        text: Some(&source.bytes),
        class: None,
    }
}

/// What the Configs of the earlier run held that nothing gives now.
fn recorded_configs(options: &RunOptions, root: &Path, flow: &Flow) -> Vec<String> {
    let store = store::Store::new(root, &flow.name);
    let run = options.origin_run_id.clone().or_else(|| store.latest_run());
    run.map(|run| recorded::configs(&store, &run, flow))
        .unwrap_or_default()
}

/// The folder of the datastore.
fn datastore(options: &RunOptions, machine: &Machine) -> Result<PathBuf> {
    let here = std::env::current_dir().context("no working directory")?;
    let configured = options.datastore_root.as_deref().or(machine.sysroot.as_deref());
    let configured = configured.map(folder_of_datastore).transpose()?;
    Ok(store::find_root(configured.as_deref(), &here))
}

/// Without a flow the line is only good for `--help`, or for being told so.
fn missing_flow(kind: Kind, words: &Words, global: &Global) -> clap::Error {
    match run_arguments::read(kind, words, global, None) {
        Err(error) => error,
        Ok(_) => clap::Error::raw(
            clap::error::ErrorKind::MissingRequiredArgument,
            "name the flow's file: FLOW.py\n",
        ),
    }
}

fn line_error(error: &clap::Error) -> Outcome {
    // A closed pipe is nobody's trouble.
    let _ = error.print();
    if run_arguments::is_display(error) {
        Outcome::Clean
    } else {
        Outcome::Failed
    }
}

/// What this machine says of its user and of Metaflow's settings.
struct Machine {
    /// `METAFLOW_USER`, else the login name; never root.
    user: Option<String>,
    sysroot: Option<PathBuf>,
    /// Decorators for every step of every run: Metaflow's own variables for `--with`.
    decospecs: Vec<String>,
}

impl Machine {
    /// Metaflow 2.19: `util.py`, `get_username`; `metaflow_config.py` reads the same names from a file.
    fn new(environment: &BTreeMap<String, String>) -> Self {
        let file = configuration(environment).unwrap_or_default();
        let setting = |name: &str| {
            let written = file.get(name).and_then(serde_json::Value::as_str);
            environment
                .get(name)
                .map(String::as_str)
                .or(written)
                .filter(|value| !value.is_empty())
        };
        let names = ["SUDO_USER", "USERNAME", "USER"];
        let mut users = names
            .iter()
            .filter_map(|name| environment.get(*name).map(String::as_str));
        let is_user = |user: &&str| !user.is_empty() && *user != "root";
        Self {
            user: setting("METAFLOW_USER")
                .filter(is_user)
                .or_else(|| users.find(is_user))
                .map(str::to_owned),
            sysroot: setting("METAFLOW_DATASTORE_SYSROOT_LOCAL").map(PathBuf::from),
            decospecs: ["METAFLOW_DECOSPECS", "METAFLOW_DEFAULT_DECOSPECS"]
                .iter()
                .filter_map(|name| setting(name))
                .flat_map(str::split_whitespace)
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// Metaflow's configuration file, of the profile in force.
fn configuration(environment: &BTreeMap<String, String>) -> Option<serde_json::Value> {
    let home = match environment.get("METAFLOW_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(environment.get("HOME")?).join(".metaflowconfig"),
    };
    let name = match environment
        .get("METAFLOW_PROFILE")
        .filter(|profile| !profile.is_empty())
    {
        Some(profile) => format!("config_{profile}.json"),
        None => "config.json".to_owned(),
    };
    let bytes = super::disk::read(&home.join(name)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A draft of a deployment, made that of this machine: the parts of it that a local run looks at.
fn local(mut deployment: Deployment, options: &RunOptions, machine: &Machine) -> Deployment {
    let user = machine.user.as_deref();
    user.unwrap_or("unknown").clone_into(&mut deployment.owner);
    deployment.namespace = options
        .namespace
        .clone()
        .or_else(|| user.map(|user| format!("user:{user}")));
    deployment.tags.clone_from(&options.tags);
    deployment.branch.clone_from(&options.branch);
    deployment.is_production = options.production;
    let here = options
        .with
        .iter()
        .filter(|spec| !NOT_HERE.contains(&decorator_of(spec)));
    deployment.with = here.cloned().collect();
    deployment
}

fn decorator_of(spec: &str) -> &str {
    spec.split_once(':').map_or(spec, |(name, _)| name)
}

/// The decorators of the flow that do nothing here.
fn without(flow: &Flow) -> Vec<String> {
    let of_steps = flow.steps.iter().flat_map(|step| &step.decorators);
    let used: Vec<_> = of_steps
        .chain(&flow.decorators)
        .map(|used| used.name.as_str())
        .collect();
    NOT_HERE
        .iter()
        .filter(|name| used.contains(name))
        .map(|&name| name.to_owned())
        .collect()
}

/// Says it once; false when it is refused.
fn say_left_out(names: &[&str], is_strict: bool, voice: Voice) -> bool {
    let mut names: Vec<_> = names.iter().map(|name| format!("`@{name}`")).collect();
    names.dedup();
    let names = names.join(", ");
    if is_strict {
        voice.error(format!(
            "{names} cannot be honored on this machine, and --strict refuses to leave that out"
        ));
    } else {
        voice.warning(format!(
            "{names}: the steps run in this environment, on this machine"
        ));
    }
    !is_strict
}

fn runner_options(
    source: &Source,
    options: &RunOptions,
    configs: &Configs,
    parameters: Vec<runner::Given>,
    without: Vec<String>,
    machine: &Machine,
    environment: &BTreeMap<String, String>,
) -> Result<runner::Options> {
    let default = if cfg!(target_os = "linux") {
        Isolation::Fork
    } else {
        Isolation::Spawn
    };
    let isolation = match options.isolation {
        Some(IsolationChoice::Fork) => Isolation::Fork,
        Some(IsolationChoice::Spawn) => Isolation::Spawn,
        None => default,
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let preload = options.preload.iter().filter(|name| !name.is_empty());
    Ok(runner::Options {
        run_id: run_id(),
        python: worker::find_python(options.python.as_deref())?,
        folder: std::path::absolute(entry::folder_of(&source.path))?,
        root: datastore(options, machine)?,
        isolation,
        max_workers: options
            .max_workers
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(cores),
        max_splits: options.max_num_splits.unwrap_or(MAX_NUM_SPLITS),
        max_log_size: options
            .max_log_size
            .unwrap_or(MAX_LOG_SIZE)
            .saturating_mul(1024 * 1024),
        preload: preload.cloned().collect(),
        sources: Vec::new(),
        parameters,
        parameter_variables: parameter_variables(environment),
        configs: config_words(configs),
        way_to_resume: String::new(),
        without,
        honors_retry_delay: options.honor_retry_delay,
        origin: None,
        rerun: options.from.iter().chain(&options.only).cloned().collect(),
        until: options.until.clone().or_else(|| options.only.clone()),
        run_id_file: options.run_id_file.clone(),
        attribute_file: options.runner_attribute_file.clone(),
        json_log: options.json_log.clone(),
        drawing: None,
    })
}

/// Made absolute; commands hold it as text.
fn folder_of_datastore(given: &Path) -> Result<PathBuf> {
    let text = given.to_str();
    let text = text.with_context(|| format!("the path `{}` is no UTF-8", given.display()))?;
    if text.contains("://") {
        anyhow::bail!("the datastore of a run on this machine is a folder, not `{text}`");
    }
    Ok(std::path::absolute(given)?)
}

/// Not a number, so that Metaflow's metadata provider takes it for a run that it did not number itself.
fn run_id() -> String {
    format!("flowc-{}", jiff::Timestamp::now().as_microsecond())
}

/// Metaflow's `run` takes parameters from `METAFLOW_RUN_NAME`, its `init` from `METAFLOW_INIT_NAME`.
fn parameter_variables(environment: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let given = environment.iter().filter_map(|(name, value)| {
        let parameter = name.strip_prefix("METAFLOW_RUN_")?;
        Some((format!("METAFLOW_INIT_{parameter}"), value.clone()))
    });
    given.collect()
}

/// `NAME=FILE` as Metaflow's two words.
fn config_words(configs: &Configs) -> Vec<String> {
    let pairs = config_options(configs).filter_map(|(option, pair)| Some((option, pair.split_once('=')?)));
    let words = pairs.flat_map(|(option, (name, value))| [option, name, value]);
    words.map(str::to_owned).collect()
}

/// The options as they were given: `--config`, `NAME=FILE`.
fn config_options(configs: &Configs) -> impl Iterator<Item = (&'static str, &str)> {
    let files = configs.files.iter().map(|pair| ("--config", pair.as_str()));
    let values = configs
        .values
        .iter()
        .map(|pair| ("--config-value", pair.as_str()));
    files.chain(values)
}

/// With what is needed to read the flow again, and to find the run.
fn way_to_resume(source: &Source, options: &RunOptions, configs: &Configs) -> String {
    let path = source.path.display();
    let flow = match &source.class {
        Some(class) => format!("{path}:{class}"),
        None => path.to_string(),
    };
    let root = options
        .datastore_root
        .as_ref()
        .map(|root| root.display().to_string());
    let mut words = vec!["flowc", "resume", &flow];
    words.extend(config_options(configs).flat_map(|(option, pair)| [option, pair]));
    words.extend(root.iter().flat_map(|root| ["--datastore-root", root]));
    let words: Vec<String> = words.into_iter().map(shell_quote).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_nobody() {
        let environment = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let user = |pairs: &[(&str, &str)]| Machine::new(&environment(pairs)).user;
        assert_eq!(user(&[("USER", "root")]), None);
        assert_eq!(
            user(&[("USER", "root"), ("METAFLOW_USER", "me")]),
            Some("me".to_owned())
        );
        assert_eq!(
            user(&[("USER", "me"), ("SUDO_USER", "you")]),
            Some("you".to_owned())
        );
    }
}
