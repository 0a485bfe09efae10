//! `compile --report json`: what the definition rests on and how large it is, for machines.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use super::config::Config;
use super::{terminal, write};
use crate::Checkup;
use crate::backend::{Emitted, Measure, limits};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::json::{self, DiagnosticJson};
use crate::flow::Flow;
use crate::settings::Deployment;
use crate::settings::layer::{self, Origin};
use crate::target::{Target, TargetVersion};

const SIDECAR: &str =
    "alpine, unless the Kubernetes connection names another (`xcom_sidecar_container_image`)";

#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    /// flowc's version, by which a code package knows what does not belong into it.
    flowc: &'static str,
    flow: &'a str,
    flow_files: Vec<String>,
    /// SHA-1 of the sources by names relative to the flow's folder, as the definition says it.
    digest: String,
    target: &'a str,
    target_version: String,
    files: Vec<FileReport<'a>>,
    measures: Vec<MeasureReport<'a>>,
    /// Warnings and notes: what the target ignores, among others. As in `check --output-format json`.
    diagnostics: Vec<DiagnosticJson<'a>>,
    /// On Airflow: the container that the provider adds to every pod, to carry the task's result.
    #[serde(skip_serializing_if = "Option::is_none")]
    sidecar_image: Option<&'static str>,
    /// `env:NAME` and `config:PATH` that values of the flow rest on.
    inputs: BTreeSet<String>,
    settings: Vec<SettingReport>,
}

#[derive(Serialize)]
struct FileReport<'a> {
    name: &'a str,
    bytes: usize,
}

#[derive(Serialize)]
struct MeasureReport<'a> {
    limit: String,
    what: &'a str,
    size: usize,
    /// What the target accepts.
    most: usize,
}

#[derive(Serialize)]
struct SettingReport {
    key: String,
    value: String,
    origin: String,
}

/// A definition and what it was made of.
pub(super) struct Made<'a> {
    pub config: &'a Config,
    pub target: TargetVersion,
    pub checkup: &'a Checkup,
    pub entry: &'a Path,
    pub flow: &'a Flow,
    pub deployment: &'a Deployment,
    /// What was found besides errors.
    pub diagnostics: &'a [Diagnostic],
    pub emitted: &'a Emitted,
}

/// `json` goes to stderr, `json:FILE` to a file.
pub(super) fn write(to: &str, made: &Made<'_>) -> Result<()> {
    let Made {
        config,
        target,
        checkup,
        entry,
        flow,
        deployment: _,
        diagnostics,
        emitted: Emitted { files, measures },
    } = made;
    let report = Report {
        version: 1,
        flowc: env!("CARGO_PKG_VERSION"),
        flow: &flow.name,
        flow_files: checkup
            .files_read
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        digest: crate::origin(checkup, entry).digest,
        target: target.target.name(),
        target_version: target.newest.to_string(),
        files: files
            .iter()
            .map(|(name, text)| FileReport {
                name,
                bytes: text.len(),
            })
            .collect(),
        measures: measures.iter().map(MeasureReport::new).collect(),
        diagnostics: json::list(&checkup.sources, diagnostics),
        sidecar_image: (target.target == Target::Airflow).then_some(SIDECAR),
        inputs: inputs(checkup),
        settings: settings(config),
    };
    let text = serde_json::to_string_pretty(&report)? + "\n";
    match to.split_once(':') {
        None if to == "json" => terminal::say(&text),
        Some(("json", file)) if !file.is_empty() => write::whole(file.as_ref(), &text)?,
        _ => bail!("--report: `{to}` is neither `json` nor `json:FILE`"),
    }
    Ok(())
}

impl<'a> MeasureReport<'a> {
    fn new(measure: &'a Measure) -> Self {
        Self {
            limit: format!("{:?}", measure.limit),
            what: &measure.what,
            size: measure.size,
            most: limits::most(measure.limit),
        }
    }
}

fn inputs(checkup: &Checkup) -> BTreeSet<String> {
    let steps = checkup.flows.iter().flat_map(|flow| &flow.steps);
    let decorators = checkup
        .flows
        .iter()
        .flat_map(|flow| &flow.decorators)
        .chain(steps.flat_map(|step| &step.decorators));
    let attributes = decorators.flat_map(|used| &used.attributes);
    let parameters = checkup.flows.iter().flat_map(|flow| &flow.parameters);
    let all = attributes.chain(parameters.flat_map(|parameter| &parameter.attributes));
    all.flat_map(|attribute| &attribute.value.depends_on)
        .map(ToString::to_string)
        .collect()
}

fn settings(config: &Config) -> Vec<SettingReport> {
    let given = config.settings.layer();
    let setting = |key: String, value: String, origin: &Origin| SettingReport {
        value: if layer::is_secret(&key, &value) {
            layer::NOT_SHOWN.to_owned()
        } else {
            value
        },
        key,
        origin: origin.to_string(),
    };
    let keys = given.given.iter();
    let keys = keys.map(|(key, (value, origin))| setting((*key).to_owned(), value.to_string(), origin));
    let metaflow = given.metaflow.iter();
    let metaflow =
        metaflow.map(|(key, (value, origin))| setting(format!("metaflow.{key}"), value.clone(), origin));
    keys.chain(metaflow).collect()
}
