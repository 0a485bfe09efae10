//! The command line as types: every command, option and example of `--help`. Knows nothing of what they do.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A compiler and linter for Metaflow-style flows: it reads a flow, never runs it.
#[derive(Debug, Parser)]
#[command(name = "flowc", version, styles = STYLES, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:
  flowc check flows/                          lint every flow of a folder
  flowc compile train.py --target argo        print the Argo definition
  flowc graph train.py --format mermaid       draw the graph
  flowc run train.py --alpha 0.5              run it on this machine
  flowc explain FLC201                        what a rule means

Exit status: 0 clean, 1 findings, 2 flowc could not do its work.")]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Check(Box<Check>),
    Compile(Box<Compile>),
    Package(Box<Package>),
    Graph(Graph),
    /// Run a flow on this machine, every task a process of its own with Metaflow's own code in it.
    Run(super::run_arguments::Words),
    /// Run what an earlier run did not finish, and take over the rest.
    Resume(super::run_arguments::Words),
    Explain(Explain),
    Rules(Rules),
    Init(Init),
    Settings(Box<Settings>),
    Completions(Completions),
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// When to color what is written.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub color: Color,
    /// Say less: no summary, no warnings on stderr.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on stderr: which files and settings were used.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Take settings from this file instead of the nearest `flowc.toml` or `pyproject.toml`.
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Read no settings file.
    #[arg(long, global = true, conflicts_with = "settings")]
    pub isolated: bool,
    /// A value for what cannot be known statically: `IMAGE`, `settings.IMAGE`, `TrainFlow.alpha`; JSON, else text.
    #[arg(short = 'D', long = "define", global = true, value_name = "NAME=VALUE")]
    pub defines: Vec<String>,
    /// Take this `METAFLOW_*` setting from the environment (none is otherwise).
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Values of Metaflow `Config`s.
#[derive(Clone, Debug, Default, Args)]
pub struct Configs {
    /// Read the Metaflow `Config` NAME from a file.
    #[arg(long = "config", value_name = "NAME=FILE", help_heading = "Metaflow configs")]
    pub files: Vec<String>,
    /// Give the Metaflow `Config` NAME as JSON.
    #[arg(
        long = "config-value",
        value_name = "NAME=JSON",
        help_heading = "Metaflow configs"
    )]
    pub values: Vec<String>,
}

/// Lint flows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc check                                      every flow below this folder
  flowc check train.py --target argo               also what Argo cannot express
  flowc check --output-format github --deny warnings flows/
  flowc check --select FLC1,FLC201 train.py
  cat train.py | flowc check - --stdin-filename train.py")]
pub struct Check {
    /// Files and folders; `-` is stdin. A folder means every flow in it, without what `.gitignore` names.
    /// Of a file that runs a flow (`if __name__ == "__main__": TrainFlow()`) only what it runs is checked; the
    /// last line names the flows that are left out. `FLOW.py:ClassName` is that flow alone.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Also report what this target refuses; may be repeated.
    #[arg(long, value_name = "TARGET", value_parser = ["argo", "step-functions", "airflow", "all"])]
    pub target: Vec<String>,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub output_format: Format,
    /// Write the result to a file instead of stdout, which is `-`.
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// The name of what comes through stdin; imports resolve against its folder.
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Argo's version, for `--target argo`.
    #[arg(long, value_name = "VERSION")]
    pub argo_version: Option<String>,
    /// Airflow's version, for `--target airflow`.
    #[arg(long, value_name = "VERSION")]
    pub airflow_version: Option<String>,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub edits: Edits,
    #[command(flatten)]
    pub configs: Configs,
}

/// Which rules speak, and how loud.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct Selection {
    /// Only these rules: codes (`FLC201`), prefixes (`FLC2`), names (`run-time-value-in-decorator`).
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these rules.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// These rules besides the selected ones.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub extend_select: Vec<String>,
    /// Let warnings fail the check too.
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    pub deny: Vec<String>,
    /// What flowc cannot tell (FLC9xx) is an error.
    #[arg(long)]
    pub strict: bool,
    /// End with 0 even when there are findings.
    #[arg(long)]
    pub exit_zero: bool,
    /// Count findings by rule instead of showing them.
    #[arg(long)]
    pub statistics: bool,
}

/// What `check` changes or remembers.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Fixes and baselines")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Edits {
    /// Apply the safe fixes to the files.
    #[arg(long)]
    pub fix: bool,
    /// Show the safe fixes as a patch and change nothing.
    #[arg(long)]
    pub diff: bool,
    /// Add a `# flowc: ignore[CODE]` comment to every line with a finding.
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    pub add_ignore: bool,
    /// Report only what is not in this file.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found to the baseline file and end with 0.
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Source lines with carets.
    Full,
    /// `path:line:column: severity[CODE] message`
    Concise,
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    Junit,
    /// Reviewdog's diagnostic format.
    Rdjson,
    /// A table.
    Markdown,
}

/// Emit the definition of a flow for an orchestrator.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc compile train.py --target argo --draft           look at it without a deployment
  flowc compile train.py --target argo -o train.yaml     with the settings of flowc.toml
  flowc compile train.py --target argo --datastore-root s3://bucket/metaflow \\
      --code image:/app --image registry/train:1.0

`flowc init` writes a flowc.toml in which the settings can stand.")]
pub struct Compile {
    /// The flow's file; `FLOW.py:ClassName` where it holds several.
    #[arg(value_name = "FLOW.py")]
    pub flow: PathBuf,
    /// A file, or a folder (with a final `/`) for all the definition's files; stdout without it, and for `-`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How it is written, where the target leaves a choice: Argo's YAML, Step Functions' JSON.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<DefinitionFormat>,
    /// Tell what the definition rests on and how large it is: `json` on stderr, `json:FILE` in a file.
    #[arg(long, value_name = "json[:FILE]")]
    pub report: Option<String>,
    /// The name of what comes through stdin (`-`).
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub configs: Configs,
}

/// Build the code package that a definition with `--code package` names, and upload it.
///
/// Prints where it belongs: the location ends with its digest.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc package train.py --list                    what would be in it
  flowc package train.py -o train.tar.gz           a file to look into
  flowc package train.py --upload --datastore-root s3://bucket/metaflow

Files are chosen as Metaflow does: beside the flow and below, by suffix (`package.suffixes` in flowc.toml for
more), without what `.gitignore` names. The same files give the same package on every machine.")]
pub struct Package {
    /// The flow's file; `FLOW.py:ClassName` where it holds several.
    #[arg(value_name = "FLOW.py")]
    pub flow: PathBuf,
    /// Write the tarball to a file; `-` is stdout, and what would stand there goes to stderr.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Bring the package, and the flow's included files, to the datastore; what is there already is not sent again.
    #[arg(long)]
    pub upload: bool,
    /// List the files in the package, one a line, instead of its location.
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub configs: Configs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DefinitionFormat {
    Yaml,
    Json,
}

/// What a definition needs besides the flow. Everything can stand in `flowc.toml` under the same name.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Deployment")]
pub struct Deployment {
    /// The orchestrator to compile for.
    #[arg(long, value_name = "TARGET", value_parser = ["argo", "step-functions", "airflow"])]
    pub target: Option<String>,
    /// Put visible placeholders where settings are missing: to look at, not to deploy.
    #[arg(long)]
    pub draft: bool,
    /// The definition's name (else made of the flow's).
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where artifacts live: `s3://bucket/metaflow`, `gs://…`, an Azure container.
    #[arg(long, value_name = "URL")]
    pub datastore_root: Option<String>,
    /// The kind of datastore, where the root's scheme does not say it.
    #[arg(long, value_name = "KIND", value_parser = ["s3", "azure", "gs"])]
    pub datastore: Option<String>,
    /// The container image of steps that name none.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// How the code reaches a container: in the image, or as a code package.
    #[arg(long, value_name = "image[:DIR]|package|URL@SHA")]
    pub code: Option<String>,
    /// A tag of every run; may be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Metaflow's namespace of the runs.
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// How many tasks may run at once.
    #[arg(long, value_name = "N")]
    pub max_workers: Option<u32>,
    /// The Metaflow version that the tasks find; a code package without Metaflow installs it.
    #[arg(long, value_name = "VERSION")]
    pub metaflow_version: Option<String>,
    /// More ends of names of files that belong into the code package: `.csv,.sql`.
    #[arg(
        long,
        value_name = "SUFFIXES",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub package_suffixes: Vec<String>,
    /// Take Metaflow into the code package from this Python, environment or folder.
    #[arg(long, value_name = "PYTHON")]
    pub metaflow_from: Option<String>,
    /// The Python of steps whose `@conda` or `@pypi` name none.
    #[arg(long, value_name = "VERSION")]
    pub python_version: Option<String>,
    /// Metaflow's production token.
    #[arg(long, value_name = "TOKEN")]
    pub production_token: Option<String>,
    /// `@project`'s branch.
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// `@project`'s production deployment.
    #[arg(long)]
    pub production: bool,
    /// The owner of the runs (else `flowc`).
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Put a decorator on every step, as Metaflow's `--with`; may be repeated.
    #[arg(long, value_name = "DECOSPEC")]
    pub with: Vec<String>,
    /// A `METAFLOW_*` setting; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Seconds after which a run is stopped.
    #[arg(long, value_name = "SECONDS")]
    pub workflow_timeout: Option<u64>,
    /// The Kubernetes namespace.
    #[arg(long, value_name = "NAMESPACE")]
    pub k8s_namespace: Option<String>,
    #[command(flatten)]
    pub argo: Argo,
    #[command(flatten)]
    pub step_functions: StepFunctions,
    #[command(flatten)]
    pub airflow: Airflow,
}

/// Options of Argo alone.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Argo Workflows")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Argo {
    /// The version that the definition has to be right on, 3.6 to 4.1.
    #[arg(long, value_name = "VERSION")]
    pub argo_version: Option<String>,
    /// The workflow's `spec.priority`.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub workflow_priority: Option<i64>,
    /// Notify when a run failed.
    #[arg(long)]
    pub notify_on_error: bool,
    /// Notify when a run succeeded.
    #[arg(long)]
    pub notify_on_success: bool,
    /// Notify through a webhook of Slack, kept in a Kubernetes secret.
    #[arg(long, value_name = "secret:NAME/KEY")]
    pub notify_slack_webhook_url: Option<String>,
    /// Notify PagerDuty, with the integration key of a Kubernetes secret.
    #[arg(long, value_name = "secret:NAME/KEY")]
    pub notify_pager_duty_integration_key: Option<String>,
    /// Notify incident.io, with the API key of a Kubernetes secret.
    #[arg(long, value_name = "secret:NAME/KEY")]
    pub notify_incident_io_api_key: Option<String>,
    /// The alert source of incident.io.
    #[arg(long, value_name = "ID")]
    pub incident_io_alert_source_config_id: Option<String>,
    /// Metadata of incident.io's alerts; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub incident_io_metadata: Vec<String>,
    /// The title in Argo's user interface (else the flow's name).
    #[arg(long, value_name = "TEXT")]
    pub workflow_title: Option<String>,
    /// The description there (else the class's docstring).
    #[arg(long, value_name = "TEXT")]
    pub workflow_description: Option<String>,
    /// Let a pod after a failed run say which task failed first (the default).
    #[arg(long, overrides_with = "no_enable_error_msg_capture")]
    pub enable_error_msg_capture: bool,
    /// No such pod.
    #[arg(long, overrides_with = "enable_error_msg_capture")]
    pub no_enable_error_msg_capture: bool,
    /// Let a pod beside each run tell the metadata service that it goes on.
    #[arg(long)]
    pub enable_heartbeat_daemon: bool,
    /// Publish an event when a task has finished (the default with `METAFLOW_ARGO_EVENTS_WEBHOOK_URL`).
    #[arg(long, overrides_with = "no_auto_emit_argo_events")]
    pub auto_emit_argo_events: bool,
    /// Publish none.
    #[arg(long, overrides_with = "auto_emit_argo_events")]
    pub no_auto_emit_argo_events: bool,
    /// Seconds for which a finished run is kept.
    #[arg(long, value_name = "SECONDS")]
    pub ttl_after_completion: Option<u32>,
    /// Seconds for which a run that succeeded is kept.
    #[arg(long, value_name = "SECONDS")]
    pub ttl_after_success: Option<u32>,
    /// Seconds for which a run that failed is kept.
    #[arg(long, value_name = "SECONDS")]
    pub ttl_after_failure: Option<u32>,
    /// When finished pods are deleted.
    #[arg(long, value_name = "STRATEGY", value_parser = ["OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess"])]
    pub pod_gc: Option<String>,
    /// Write the steps' docstrings as an annotation.
    #[arg(long)]
    pub step_docstrings: bool,
    /// Write a `kustomization.yaml` beside the definition (with `-o DIR/`).
    #[arg(long)]
    pub kustomization: bool,
}

/// Options of Step Functions alone.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "AWS Step Functions")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct StepFunctions {
    /// A CloudFormation template instead of the bare state machine.
    #[arg(long, value_name = "KIND", value_parser = ["cloudformation"])]
    pub bundle: Option<String>,
    /// The AWS region of the jobs; a bundle takes its own.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The AWS Batch job queue of steps that name none.
    #[arg(long, value_name = "QUEUE")]
    pub job_queue: Option<String>,
    /// The platform of a job queue, `fargate` or `ec2` (which it is when nothing is said); may be repeated.
    #[arg(long, value_name = "QUEUE=PLATFORM")]
    pub queue: Vec<String>,
    /// The IAM role of the jobs of steps that name none.
    #[arg(long, value_name = "ARN")]
    pub job_role: Option<String>,
    /// The DynamoDB table that foreach and switch steps write to.
    #[arg(long, value_name = "TABLE")]
    pub table: Option<String>,
    /// Foreach steps as distributed maps: more than 40 tasks at once.
    #[arg(long)]
    pub use_distributed_map: bool,
    /// Spare container overrides, of which AWS Batch allows 8,192 characters.
    #[arg(long)]
    pub compress: bool,
    /// Log every event of a run (needs a bundle).
    #[arg(long)]
    pub log_execution_history: bool,
    /// How many tasks a foreach is expected to have, to hold against AWS's limits.
    #[arg(long, value_name = "N")]
    pub assume_width: Option<u32>,
    /// A tag of every AWS Batch job; may be repeated.
    #[arg(long = "batch-tag", value_name = "KEY=VALUE")]
    pub batch_tags: Vec<String>,
    /// The bundle makes the DynamoDB table.
    #[arg(long)]
    pub with_table: bool,
    /// The bundle makes the IAM roles, with least privilege.
    #[arg(long)]
    pub with_iam: bool,
}

/// Options of Airflow alone.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Airflow")]
pub struct Airflow {
    /// The only version that the DAG has to load on, 2.10 to 3.3.
    #[arg(long, value_name = "VERSION")]
    pub airflow_version: Option<String>,
    /// The version of Airflow's Kubernetes provider there: 7.2 or later, for all of which the DAG is the same.
    #[arg(long, value_name = "VERSION")]
    pub provider_version: Option<String>,
    /// The DAG's id; the same as `--name`.
    #[arg(long, value_name = "ID", conflicts_with = "name")]
    pub dag_id: Option<String>,
    /// The service account of pods that name none.
    #[arg(long, value_name = "NAME")]
    pub service_account: Option<String>,
    /// The DAG's start date; without offset it is one of the schedule's time zone.
    #[arg(long, value_name = "DATE")]
    pub start_date: Option<String>,
    /// Airflow's pool for the tasks.
    #[arg(long, value_name = "POOL")]
    pub worker_pool: Option<String>,
    /// The DAG is paused when it is new.
    #[arg(long)]
    pub paused: bool,
    /// How many runs may be active at once.
    #[arg(long, value_name = "N")]
    pub max_active_runs: Option<u32>,
    /// Let the triggerer watch the pods, not a worker.
    #[arg(long)]
    pub deferrable: bool,
}

/// Show the graph of the flows of a file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc graph train.py
  flowc graph train.py --format mermaid >> README.md
  flowc graph train.py --format json | jq '.flows[].order'")]
pub struct Graph {
    /// The flow's file; `FLOW.py:ClassName` for one of several; `-` is stdin.
    #[arg(value_name = "FLOW.py")]
    pub flow: PathBuf,
    /// How the graph is drawn.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GraphFormat,
    /// Write to a file instead of stdout, which is `-`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The name of what comes through stdin.
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub configs: Configs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    Text,
    Json,
    Mermaid,
    Dot,
    Svg,
    Html,
}

/// Show a rule's page.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc explain FLC201
  flowc explain run-time-value-in-decorator")]
pub struct Explain {
    /// A code or a name.
    #[arg(value_name = "RULE")]
    pub rule: String,
}

/// List the rules.
#[derive(Debug, Args)]
pub struct Rules {
    /// How the list is written; `markdown` has all pages.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RulesFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    Text,
    Json,
    Markdown,
}

/// Write a `flowc.toml` with the deployment's settings, commented; never over a file that is there.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// Show the settings in force and where each came from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc settings
  flowc settings flows/train.py --image python:3.12
  flowc settings --schema > flowc.schema.json")]
pub struct Settings {
    /// Write the JSON Schema of flowc.toml instead.
    #[arg(long)]
    pub schema: bool,
    /// A flow's file or a folder: settings files are looked for from there upwards.
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub configs: Configs,
}

/// Write shell completions to stdout.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowc completions bash > /etc/bash_completion.d/flowc
  flowc completions zsh > ~/.zfunc/_flowc")]
pub struct Completions {
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}
