//! The command line of `flowc run FLOW.py` and `flowc resume FLOW.py`: flowc's options and the flow's own parameters, which are known only once
//! the flow is read.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, ValueEnum};

use super::arguments::{Color, Configs, Global};
use crate::flow::{Flow, Parameter, ParameterKind, ParameterType};
use crate::runner::Given;
use crate::value::Value;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Run,
    Resume,
}

/// What is behind `run` or `resume`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct Words {
    /// Options, FLOW.py, the flow's parameters: read again when the flow is known.
    #[arg(value_name = "FLOW.py", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

impl Words {
    /// The flow's file: the first word that looks like one and is no option's value.
    pub fn flow(&self) -> Option<PathBuf> {
        let command = Line::command();
        let takes_value = |option: &str| {
            let long = |known: &&Arg| {
                known
                    .get_long()
                    .is_some_and(|name| option.strip_prefix("--") == Some(name))
            };
            let short = |known: &&Arg| option == "-D" && known.get_short() == Some('D');
            let known = command.get_arguments().find(|known| long(known) || short(known));
            known.is_some_and(|known| known.get_action().takes_values())
        };
        let texts: Vec<&str> = self.words.iter().filter_map(|word| word.to_str()).collect();
        let before = std::iter::once("").chain(texts.iter().copied());
        let mut words = texts
            .iter()
            .zip(before)
            .filter(|(_, before)| !takes_value(before))
            .map(|(word, _)| *word);
        let is_file = |word: &&str| {
            let has_class = word.contains(".py:");
            !word.starts_with('-')
                && (has_class || Path::new(word).extension().is_some_and(|end| end == "py"))
        };
        words.find(is_file).map(PathBuf::from)
    }
}

const STATUS: &str = "Exit status: 0 success, 1 the flow failed or has errors, 2 it could not start or be recorded, 130 interrupted.";

const RUN_EXAMPLES: &str = "Examples:
  flowc run train.py --alpha 0.5
  flowc run train.py --max-workers 8 --tag trial --timeline run.html
  flowc run train.py --only fit                  that step again, on what the latest run computed before it
  flowc run train.py --help                      also lists the flow's parameters";

const RESUME_EXAMPLES: &str = "Examples:
  flowc resume train.py                          what the latest run did not finish
  flowc resume train.py fit                      from the step `fit` on
  flowc resume train.py --origin-run-id flowc-1795631240000000";

#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
struct Line {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    options: RunOptions,
    #[command(flatten)]
    configs: Configs,
    /// The flow's file; `FLOW.py:ClassName` where it holds several.
    #[arg(value_name = "FLOW.py")]
    flow: PathBuf,
}

/// How to run.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct RunOptions {
    /// How tasks get their process: forked from one that has imported Metaflow, or a new interpreter each
    /// (the default is `fork` on Linux, else `spawn`).
    #[arg(long, value_name = "HOW")]
    pub isolation: Option<IsolationChoice>,
    /// How many tasks run at once (default: the number of cores).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_workers: Option<u32>,
    /// The widest foreach (default: 100).
    #[arg(long, value_name = "N")]
    pub max_num_splits: Option<u32>,
    /// Megabytes of stdout and of stderr that are kept of each task (default: 10).
    #[arg(long, value_name = "MB")]
    pub max_log_size: Option<usize>,
    /// A tag of the run; may be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Put a decorator on every step; may be repeated.
    #[arg(long, value_name = "DECOSPEC")]
    pub with: Vec<String>,
    /// Metaflow's namespace of the tasks (default: yours).
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// `@project`'s branch.
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// `@project`'s production branch.
    #[arg(long)]
    pub production: bool,
    /// The folder that holds `.metaflow` (default: as Metaflow finds it).
    #[arg(long, value_name = "DIR")]
    pub datastore_root: Option<PathBuf>,
    /// The Python interpreter, with Metaflow installed (default: the active virtual environment's, else `python`).
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Modules to import once, before tasks are forked: `numpy,pandas`, or those of installed packages that the flow
    /// imports (`auto`).
    #[arg(long, value_name = "auto|none|MODULES", value_delimiter = ',')]
    pub preload: Vec<String>,
    /// Wait `minutes_between_retries`; Metaflow's own local run does not.
    #[arg(long)]
    pub honor_retry_delay: bool,
    /// Refuse what cannot run here (`@kubernetes`, `@conda` …) instead of leaving it out.
    #[arg(long)]
    pub strict: bool,
    /// Run no further than this step, and only what leads to it.
    #[arg(long, value_name = "STEP")]
    pub until: Option<String>,
    /// Begin at this step: what an earlier run computed before it is taken over.
    #[arg(long, value_name = "STEP")]
    pub from: Option<String>,
    /// Only this step: `--from` and `--until` in one.
    #[arg(long, value_name = "STEP", conflicts_with_all = ["from", "until"])]
    pub only: Option<String>,
    /// The earlier run (default: the latest).
    #[arg(long, value_name = "RUN")]
    pub origin_run_id: Option<String>,
    /// Show what would run, with its commands, and run nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write what happens to a file, one JSON object a line; `-` is stdout, and the lines for people go to stderr.
    #[arg(long, value_name = "FILE")]
    pub json_log: Option<PathBuf>,
    /// Write a page that shows when each task ran.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// Write the run's id to a file.
    #[arg(long, value_name = "FILE")]
    pub run_id_file: Option<PathBuf>,
    /// Write the run's id, the flow's name and the metadata's place to a file, as JSON, for Metaflow's `Runner`.
    #[arg(long, value_name = "FILE")]
    pub runner_attribute_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IsolationChoice {
    Fork,
    Spawn,
}

/// The whole line, read.
#[derive(Debug)]
pub struct Read {
    pub global: Global,
    pub options: RunOptions,
    pub configs: Configs,
    /// Of the flow's parameters those that are given.
    pub parameters: Vec<Given>,
}

/// Reads the line, with the parameters of the flow where it is known. A run that is resumed has its parameters.
pub fn read(kind: Kind, words: &Words, global: &Global, flow: Option<&Flow>) -> Result<Read, clap::Error> {
    let flow = flow.filter(|_| kind == Kind::Run);
    let parameters = flow.map(|flow| flow.parameters.as_slice()).unwrap_or_default();
    let parameters = parameters
        .iter()
        .filter(|parameter| parameter.kind != ParameterKind::Config);
    let mut command = command(kind);
    for parameter in parameters.clone() {
        command = with_parameter(command, parameter);
    }
    let matches = command
        .try_get_matches_from(line(words))
        .map_err(|error| with_hint(error, flow))?;
    let parameters = parameters
        .flat_map(|parameter| given(&matches, parameter))
        .collect();
    let Line {
        global: own,
        mut options,
        configs,
        flow: _,
    } = Line::from_arg_matches(&matches)?;
    match kind {
        Kind::Resume => options.from = matches.get_one::<String>(STEP).cloned().or(options.from),
        Kind::Run => refuse_origin_without_use(&options)?,
    }
    Ok(Read {
        global: merged(global, own),
        options,
        configs,
        parameters,
    })
}

/// What a mutator adds to a flow is not in its source, and what a package makes is not told to be a parameter.
fn with_hint(mut error: clap::Error, flow: Option<&Flow>) -> clap::Error {
    let may_have_more = flow.is_some_and(|flow| {
        let mut parameters = flow.parameters.iter();
        !flow.mutators.is_empty()
            || !flow.uncertain_parameters.is_empty()
            || parameters.any(|parameter| parameter.known_name().is_none())
    });
    if may_have_more && error.kind() == ErrorKind::UnknownArgument {
        let tip = "a parameter that the source does not show (a mutator adds it, or its name is computed) is given as a variable: `METAFLOW_RUN_NAME=VALUE`";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// A run takes an earlier one up only where it is to begin later.
fn refuse_origin_without_use(options: &RunOptions) -> Result<(), clap::Error> {
    if options.origin_run_id.is_none() || options.from.is_some() || options.only.is_some() {
        return Ok(());
    }
    Err(clap::Error::raw(
        ErrorKind::MissingRequiredArgument,
        "--origin-run-id takes tasks over from an earlier run: give --from STEP or --only STEP, or use `flowc resume`\n",
    ))
}

const STEP: &str = "step to begin at";

fn command(kind: Kind) -> Command {
    let (name, about, examples) = match kind {
        Kind::Run => {
            let about =
                "Run a flow on this machine, every task a process of its own with Metaflow's own code in it";
            ("flowc run", about, RUN_EXAMPLES)
        }
        Kind::Resume => (
            "flowc resume",
            "Run what an earlier run did not finish, and take over the rest",
            RESUME_EXAMPLES,
        ),
    };
    let command = Line::command()
        .name(name)
        .bin_name(name)
        .about(about)
        .after_help(format!("{examples}\n\n{STATUS}"));
    match kind {
        Kind::Run => command,
        Kind::Resume => command
            .arg(
                Arg::new(STEP)
                    .value_name("STEP")
                    .help("Run this step and what follows again")
                    .conflicts_with_all(["from", "only"]),
            )
            .mut_arg("from", |option| option.hide(true))
            .mut_arg("only", |option| option.hide(true)),
    }
}

fn line(words: &Words) -> impl Iterator<Item = OsString> {
    std::iter::once(OsString::from("flowc")).chain(words.words.iter().cloned())
}

/// A parameter takes its name from an option of flowc's, which then has `flowc-` in front.
fn with_parameter(command: Command, parameter: &Parameter) -> Command {
    let taken = command
        .get_arguments()
        .find(|option| option.get_long() == Some(&parameter.name));
    let taken = taken.map(|option| option.get_id().clone());
    let command = match taken {
        Some(id) => command.mut_arg(id, |option| option.long(format!("flowc-{}", parameter.name))),
        None => command,
    };
    let text = |name: &str| known(parameter, name).map(Value::to_text);
    let default = text("default")
        .map(|default| format!(" [default: {default}]"))
        .unwrap_or_default();
    let help = format!("{}{default}", text("help").unwrap_or_default());
    let option = Arg::new(id(parameter))
        .long(parameter.name.clone())
        .help(help)
        .help_heading("Parameters of the flow");
    command.arg(if is_flag(parameter) {
        option.action(ArgAction::Count)
    } else {
        option
            .value_name(type_name(parameter.value_type))
            .num_args(arity(parameter))
            .allow_hyphen_values(true)
            .action(ArgAction::Append)
    })
}

/// `Parameter("fast", is_flag=True)` takes no value, nor does one that counts (`count=True`).
fn is_flag(parameter: &Parameter) -> bool {
    let is_set = |name| known(parameter, name) == Some(&Value::Bool(true));
    is_set("is_flag") || is_set("count")
}

/// `Parameter("range", nargs=2)` takes two values at once.
fn arity(parameter: &Parameter) -> usize {
    let count = known(parameter, "nargs").and_then(Value::as_int);
    count
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(1)
        .max(1)
}

fn known<'a>(parameter: &'a Parameter, name: &str) -> Option<&'a Value> {
    parameter.attribute(name)?.value.value()
}

fn id(parameter: &Parameter) -> String {
    format!("parameter {}", parameter.name)
}

/// As often as it is given: click takes all of them where the parameter is `multiple`, else the last one.
fn given(matches: &ArgMatches, parameter: &Parameter) -> Vec<Given> {
    let given = |values: Vec<String>| Given {
        name: parameter.name.clone(),
        values,
    };
    if is_flag(parameter) {
        let count = usize::from(matches.get_count(&id(parameter)));
        return vec![given(Vec::new()); count];
    }
    let each = matches.get_occurrences::<String>(&id(parameter));
    each.into_iter()
        .flatten()
        .map(|values| given(values.cloned().collect()))
        .collect()
}

fn type_name(value_type: ParameterType) -> &'static str {
    match value_type {
        ParameterType::Str => "TEXT",
        ParameterType::Int => "INTEGER",
        ParameterType::Float => "FLOAT",
        ParameterType::Bool => "BOOLEAN",
        ParameterType::Json => "JSON",
        ParameterType::File => "FILE",
        ParameterType::Other => "VALUE",
    }
}

/// Is this the request for help, or for the version?
pub fn is_display(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

/// Global options before `run` and behind it.
fn merged(outer: &Global, inner: Global) -> Global {
    Global {
        color: if inner.color == Color::Auto {
            outer.color
        } else {
            inner.color
        },
        quiet: outer.quiet || inner.quiet,
        verbose: outer.verbose || inner.verbose,
        settings: inner.settings.or_else(|| outer.settings.clone()),
        isolated: outer.isolated || inner.isolated,
        defines: outer.defines.iter().cloned().chain(inner.defines).collect(),
        env: outer.env.iter().cloned().chain(inner.env).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_no_value_of_an_option() {
        let flow = |words: &[&str]| {
            Words {
                words: words.iter().map(OsString::from).collect(),
            }
            .flow()
        };
        assert_eq!(
            flow(&["--tag", "a.py", "f.py", "--x", "b.py"]),
            Some(PathBuf::from("f.py"))
        );
        assert_eq!(
            flow(&["--tag=a.py", "-D", "x.py", "d/f.py:Name"]),
            Some(PathBuf::from("d/f.py:Name"))
        );
        assert_eq!(flow(&["--production", "f.py"]), Some(PathBuf::from("f.py")));
        assert_eq!(flow(&["--help"]), None);
    }
}
