//! Settings met at the rim: options, the environment, and the settings file nearest to a flow.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::arguments::{self, Global};
use super::disk::{self, Disk};
use super::terminal::Voice;
use crate::Checkup;
use crate::diagnostic::{Diagnostic, nearest};
use crate::flow::{Configs, Inputs, KnownDecorator, stray_define};
use crate::lint::rules::retired;
use crate::settings::layer::{Given, Layer, Origin};
use crate::settings::{Settings, file, metaflow};
use crate::value::Value;

/// Everything besides sources that one run of flowc looks at.
#[derive(Debug, Default)]
pub struct Config {
    pub settings: Settings,
    /// What `os.environ` of a flow answers.
    pub environment: BTreeMap<String, String>,
    configs: Configs,
    defines: BTreeMap<String, Value>,
    known_decorators: BTreeMap<String, KnownDecorator>,
    harmless_bases: BTreeSet<String>,
}

impl Config {
    /// Says of the names of `-D` that nothing in the program has; those of a settings file may be other flows'.
    pub fn tell_stray_defines(&self, checkup: &mut Checkup) {
        let Some(flow) = checkup.flows.first().filter(|_| checkup.partial.is_empty()) else {
            return;
        };
        let names = checkup.stray_defines.iter();
        let told = names.filter(|name| self.is_option(name));
        let found: Vec<Diagnostic> = told.map(|name| stray_define(name, flow)).collect();
        checkup.diagnostics.extend(found);
    }

    /// Was this name given by `-D`?
    pub fn is_option(&self, define: &str) -> bool {
        let given = self.settings.layer().values.get(define);
        given.is_some_and(|(_, origin)| matches!(origin, Origin::Option(_)))
    }

    /// What reading a flow may look at.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            files: &Disk,
            environment: &self.environment,
            configs: &self.configs,
            defines: &self.defines,
            known_decorators: &self.known_decorators,
            harmless_bases: &self.harmless_bases,
        }
    }
}

/// The layers that are the same for every flow of a run.
pub struct Loader<'a> {
    global: &'a Global,
    options: Layer,
    environment: BTreeMap<String, String>,
    /// What was said already: settings are loaded folder by folder.
    said: RefCell<BTreeSet<String>>,
}

/// A number that is not written as Python shows it, and how the text would be given: `1.10` is the number 1.1.
fn respelt(value: &str) -> Option<(String, String)> {
    let Ok(json @ serde_json::Value::Number(_)) = serde_json::from_str(value) else {
        return None;
    };
    let read = crate::settings::json::to_value(&json).to_repr();
    (read != value).then(|| (read, serde_json::Value::from(value).to_string()))
}

impl<'a> Loader<'a> {
    /// `options` holds what the command's own options say.
    pub fn new(global: &'a Global, configs: &arguments::Configs, mut options: Layer) -> Result<Self> {
        for text in &global.defines {
            let (name, value) = pair(text, "-D", "NAME=VALUE")?;
            options.values.insert(
                name.to_owned(),
                (file::value_of_text(value), Origin::Option("-D")),
            );
        }
        for text in &configs.files {
            let (name, path) = pair(text, "--config", "NAME=FILE")?;
            options
                .configs
                .insert(name.to_owned(), (PathBuf::from(path), Origin::Option("--config")));
        }
        for text in &configs.values {
            let (name, value) = pair(text, "--config-value", "NAME=JSON")?;
            options.config_values.insert(
                name.to_owned(),
                (value.to_owned(), Origin::Option("--config-value")),
            );
        }
        if !global.env.is_empty() {
            options.option("env", Some(Given::Texts(global.env.clone())))?;
        }
        let environment = environment();
        Ok(Self {
            global,
            options,
            environment,
            said: RefCell::default(),
        })
    }

    /// The settings for flows in this folder.
    pub fn load(&self, folder: &Path, voice: Voice) -> Result<Config> {
        let found = self.settings_file(folder)?;
        let (path, from_file) = found.map_or((None, Layer::default()), |(path, layer)| (Some(path), layer));
        if let Some(path) = &path
            && self.said.borrow_mut().insert(path.display().to_string())
        {
            voice.detail(format!("settings: {}", path.display()));
        }
        let environment = self.environment_layer(&from_file)?;
        let settings = Settings::merge([self.options.clone(), environment, from_file]);
        for (name, (_, origin)) in &settings.layer().metaflow {
            if let Some(problem) = metaflow::problem(name) {
                bail!("{origin}: {problem}");
            }
        }
        for key in ["check.select", "check.extend-select", "check.ignore"] {
            for retired in settings
                .texts(key)
                .iter()
                .filter_map(|text| retired::find(text.trim()))
            {
                self.warn_once(retired.answer(), voice);
            }
        }
        for text in &self.global.defines {
            if let Some((read, quoted)) = text.split_once('=').and_then(|(_, value)| respelt(value)) {
                self.warn_once(
                    format!("-D {text}: read as the number {read}; the text is `{quoted}`"),
                    voice,
                );
            }
        }
        Ok(Config {
            environment: self.environment.clone(),
            configs: configs(&settings),
            defines: settings
                .layer()
                .values
                .iter()
                .map(|(name, (value, _))| (name.clone(), value.clone()))
                .collect(),
            known_decorators: known_decorators(&settings),
            harmless_bases: settings.layer().bases.keys().cloned().collect(),
            settings,
        })
    }

    fn warn_once(&self, warning: String, voice: Voice) {
        if self.said.borrow_mut().insert(warning.clone()) {
            voice.warning(warning);
        }
    }

    /// The file named by `--settings`, else the nearest upward.
    fn settings_file(&self, folder: &Path) -> Result<Option<(PathBuf, Layer)>> {
        if self.global.isolated {
            return Ok(None);
        }
        if let Some(path) = &self.global.settings {
            let layer = read_settings(path)?;
            let Some(layer) = layer else {
                bail!("`{}` has no `[tool.flowc]`", path.display())
            };
            return Ok(Some((path.clone(), layer)));
        }
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        if let Some(found) = settings_in(folder)? {
            return Ok(Some(found));
        }
        let absolute = std::path::absolute(folder).context("no working directory")?;
        let here = std::path::absolute(".").context("no working directory")?;
        for parent in absolute.ancestors().skip(1) {
            // Named as people would from where they are, as far as that goes.
            let parent = match parent.strip_prefix(&here) {
                Ok(relative) if relative.as_os_str().is_empty() => Path::new("."),
                Ok(relative) => relative,
                Err(_) => parent,
            };
            if let Some(found) = settings_in(parent)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The `METAFLOW_*` variables named by `--env` or `env = […]`; one that is not set says nothing.
    fn environment_layer(&self, from_file: &Layer) -> Result<Layer> {
        let named = self
            .options
            .given
            .get("env")
            .or_else(|| from_file.given.get("env"));
        let mut layer = Layer::default();
        let Some((Given::Texts(names), origin)) = named else {
            return Ok(layer);
        };
        for name in names {
            if !name.starts_with("METAFLOW_") {
                let near = nearest(name, metaflow::NAMES.iter().copied());
                let hint = near.map_or_else(String::new, |near| format!("; did you mean `METAFLOW_{near}`?"));
                bail!("{origin}: `{name}` is no `METAFLOW_*` setting{hint}");
            }
            if let Some(problem) = metaflow::problem(metaflow::without_prefix(name)) {
                bail!("{origin}: {problem}");
            }
            if let Some(value) = self.environment.get(name) {
                let origin = Origin::Environment(name.clone());
                layer
                    .metaflow
                    .insert(metaflow::without_prefix(name).to_owned(), (value.clone(), origin));
            }
        }
        Ok(layer)
    }
}

/// `flowc.toml` or `pyproject.toml` with `[tool.flowc]` in this folder.
fn settings_in(folder: &Path) -> Result<Option<(PathBuf, Layer)>> {
    for name in ["flowc.toml", "pyproject.toml"] {
        let path = if folder == Path::new(".") {
            PathBuf::from(name)
        } else {
            folder.join(name)
        };
        if path.is_file()
            && let Some(layer) = read_settings(&path)?
        {
            return Ok(Some((path, layer)));
        }
    }
    Ok(None)
}

fn read_settings(path: &Path) -> Result<Option<Layer>> {
    let bytes = disk::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("`{}` is not UTF-8", path.display()))?;
    Ok(file::parse(path, &text)?)
}

/// The variables that are text; others cannot be seen by a flow's `os.environ` as text either.
fn environment() -> BTreeMap<String, String> {
    let pairs = std::env::vars_os();
    pairs
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn configs(settings: &Settings) -> Configs {
    let layer = settings.layer();
    Configs {
        files: layer
            .configs
            .iter()
            .map(|(name, (path, _))| (name.clone(), path.clone()))
            .collect(),
        values: layer
            .config_values
            .iter()
            .map(|(name, (text, _))| (name.clone(), text.clone()))
            .collect(),
    }
}

fn known_decorators(settings: &Settings) -> BTreeMap<String, KnownDecorator> {
    let decorators = settings.layer().decorators.iter();
    let known = |word: &str| {
        if word == "mutator" {
            KnownDecorator::Mutator
        } else {
            KnownDecorator::Harmless
        }
    };
    decorators
        .map(|(name, (word, _))| (name.clone(), known(word)))
        .collect()
}

fn pair<'t>(text: &'t str, option: &str, form: &str) -> Result<(&'t str, &'t str)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => bail!("{option}: `{text}` is not of the form {form}"),
    }
}

/// Refuses a name of `--config` and `--config-value` that is no Config of any of these flows: a slip would leave the
/// default in force. Each flow's names come as [`Flow::config_names`](crate::flow::Flow::config_names) gives them.
pub fn refuse_unknown_configs<'f>(
    configs: &arguments::Configs,
    flows: impl IntoIterator<Item = Option<Vec<&'f str>>>,
) -> Result<()> {
    let flows: Vec<Option<Vec<&str>>> = flows.into_iter().collect();
    let Some(names) = flows.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    if names.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<&str> = names.into_iter().flatten().collect();
    for (option, texts) in [("--config", &configs.files), ("--config-value", &configs.values)] {
        let mut names = texts.iter().filter_map(|text| text.split_once('='));
        if let Some((name, _)) = names.find(|(name, _)| !known.contains(name)) {
            bail!(
                "{option}: no Config is named `{name}`{}",
                known_configs(name, &known)
            );
        }
    }
    Ok(())
}

fn known_configs(name: &str, known: &BTreeSet<&str>) -> String {
    if known.is_empty() {
        return ": the flow has none".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let near = nearest(name, known.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(", only {}{hint}", names.join(", "))
}

/// What the options of a deployment say.
pub fn deployment_layer(options: &arguments::Deployment) -> Result<Layer> {
    let mut layer = Layer::default();
    for text in &options.set {
        let (name, value) = pair(text, "--set", "METAFLOW_NAME=VALUE")?;
        let name = metaflow::without_prefix(name).to_owned();
        layer
            .metaflow
            .insert(name, (value.to_owned(), Origin::Option("--set")));
    }
    let texts = [
        ("target", &options.target),
        ("name", &options.name),
        ("datastore-root", &options.datastore_root),
        ("datastore", &options.datastore),
        ("image", &options.image),
        ("code", &options.code),
        ("namespace", &options.namespace),
        ("metaflow-version", &options.metaflow_version),
        ("package.metaflow-from", &options.metaflow_from),
        ("python-version", &options.python_version),
        ("production-token", &options.production_token),
        ("branch", &options.branch),
        ("user", &options.user),
        ("k8s-namespace", &options.k8s_namespace),
    ];
    for (key, value) in texts {
        layer.option(key, value.clone().map(Given::Text))?;
    }
    layer.option("production", options.production.then_some(Given::Flag(true)))?;
    for (key, texts) in [
        ("tags", &options.tags),
        ("with", &options.with),
        ("package.suffixes", &options.package_suffixes),
    ] {
        layer.option(key, (!texts.is_empty()).then(|| Given::Texts(texts.clone())))?;
    }
    argo_options(&options.argo, &mut layer)?;
    step_functions_options(&options.step_functions, &mut layer)?;
    airflow_options(&options.airflow, &mut layer)?;
    let whole = |number: u64| Given::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    layer.option("max-workers", options.max_workers.map(u64::from).map(whole))?;
    layer.option("workflow-timeout", options.workflow_timeout.map(whole))?;
    Ok(layer)
}

fn argo_options(options: &arguments::Argo, layer: &mut Layer) -> Result<()> {
    let arguments::Argo {
        argo_version,
        workflow_priority,
        notify_on_error,
        notify_on_success,
        notify_slack_webhook_url,
        notify_pager_duty_integration_key,
        notify_incident_io_api_key,
        incident_io_alert_source_config_id,
        incident_io_metadata,
        workflow_title,
        workflow_description,
        enable_error_msg_capture,
        no_enable_error_msg_capture,
        enable_heartbeat_daemon,
        auto_emit_argo_events,
        no_auto_emit_argo_events,
        ttl_after_completion,
        ttl_after_success,
        ttl_after_failure,
        pod_gc,
        step_docstrings,
        kustomization,
    } = options;
    let texts = [
        ("version", argo_version),
        ("notify-slack-webhook-url", notify_slack_webhook_url),
        (
            "notify-pager-duty-integration-key",
            notify_pager_duty_integration_key,
        ),
        ("notify-incident-io-api-key", notify_incident_io_api_key),
        (
            "incident-io-alert-source-config-id",
            incident_io_alert_source_config_id,
        ),
        ("workflow-title", workflow_title),
        ("workflow-description", workflow_description),
        ("pod-gc", pod_gc),
    ];
    for (key, value) in texts {
        layer.option(&format!("argo.{key}"), value.clone().map(Given::Text))?;
    }
    // Each with the switch that turns it off, where there is one.
    let flags = [
        ("notify-on-error", *notify_on_error, false),
        ("notify-on-success", *notify_on_success, false),
        (
            "enable-error-msg-capture",
            *enable_error_msg_capture,
            *no_enable_error_msg_capture,
        ),
        ("enable-heartbeat-daemon", *enable_heartbeat_daemon, false),
        (
            "auto-emit-argo-events",
            *auto_emit_argo_events,
            *no_auto_emit_argo_events,
        ),
        ("step-docstrings", *step_docstrings, false),
        ("kustomization", *kustomization, false),
    ];
    for (key, is_on, is_off) in flags {
        let given = (is_on || is_off).then_some(Given::Flag(is_on));
        layer.option(&format!("argo.{key}"), given)?;
    }
    let seconds = [
        ("completion", ttl_after_completion),
        ("success", ttl_after_success),
        ("failure", ttl_after_failure),
    ];
    for (key, seconds) in seconds {
        let given = seconds.map(i64::from).map(Given::Whole);
        layer.option(&format!("argo.ttl-after-{key}"), given)?;
    }
    let metadata = (!incident_io_metadata.is_empty()).then(|| Given::Texts(incident_io_metadata.clone()));
    layer.option("argo.incident-io-metadata", metadata)?;
    Ok(layer.option("argo.workflow-priority", workflow_priority.map(Given::Whole))?)
}

fn airflow_options(options: &arguments::Airflow, layer: &mut Layer) -> Result<()> {
    let arguments::Airflow {
        airflow_version,
        provider_version,
        dag_id,
        service_account,
        start_date,
        worker_pool,
        paused,
        max_active_runs,
        deferrable,
    } = options;
    let texts = [
        ("airflow.version", airflow_version),
        ("airflow.provider-version", provider_version),
        ("name", dag_id),
        ("airflow.service-account", service_account),
        ("airflow.start-date", start_date),
        ("airflow.worker-pool", worker_pool),
    ];
    for (key, value) in texts {
        layer.option(key, value.clone().map(Given::Text))?;
    }
    for (key, flag) in [("paused", *paused), ("deferrable", *deferrable)] {
        layer.option(&format!("airflow.{key}"), flag.then_some(Given::Flag(true)))?;
    }
    let runs = max_active_runs.map(i64::from).map(Given::Whole);
    Ok(layer.option("airflow.max-active-runs", runs)?)
}

fn step_functions_options(options: &arguments::StepFunctions, layer: &mut Layer) -> Result<()> {
    let arguments::StepFunctions {
        bundle,
        region,
        job_queue,
        queue,
        job_role,
        table,
        use_distributed_map,
        compress,
        log_execution_history,
        assume_width,
        batch_tags,
        with_table,
        with_iam,
    } = options;
    let texts = [
        ("bundle", bundle),
        ("region", region),
        ("job-queue", job_queue),
        ("job-role", job_role),
        ("table", table),
    ];
    for (key, value) in texts {
        layer.option(&format!("step-functions.{key}"), value.clone().map(Given::Text))?;
    }
    let flags = [
        ("distributed-map", *use_distributed_map),
        ("compress", *compress),
        ("log-execution-history", *log_execution_history),
        ("with-table", *with_table),
        ("with-iam", *with_iam),
    ];
    for (key, flag) in flags {
        layer.option(
            &format!("step-functions.{key}"),
            flag.then_some(Given::Flag(true)),
        )?;
    }
    for (key, texts) in [("queues", queue), ("batch-tags", batch_tags)] {
        let given = (!texts.is_empty()).then(|| Given::Texts(texts.clone()));
        layer.option(&format!("step-functions.{key}"), given)?;
    }
    let width = assume_width.map(i64::from).map(Given::Whole);
    Ok(layer.option("step-functions.assume-width", width)?)
}
