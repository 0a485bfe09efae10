//! `flowc check`: lints files and folders, and says what it found in the format asked for.

mod extended;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use super::arguments::{Check, Global};
use super::config::{self, Config, Loader};
use super::entry::Source;
use super::terminal::Voice;
use super::walk::{self, Entry};
use super::{Outcome, STACK, baseline, compile, disk, entry, fix, ignore_comments};
use crate::Checkup;
use crate::diagnostic::{self, Diagnostic, RuleInfo, Severity};
use crate::flow::{self, Flow, LeftOut};
use crate::lint::rules;
use crate::lint::select::{Selection, Selector};
use crate::lint::suppress;
use crate::python;
use crate::settings::layer::{Given, Layer};
use crate::source::{SourceId, Sources, Span};
use crate::target::{Target, TargetVersion};

pub(super) fn run(arguments: &Check, global: &Global, voice: Voice) -> Result<Outcome> {
    show::refuse_statistics(arguments)?;
    let job = Job::new(arguments, global, voice)?;
    let mut report = job.check()?;
    config::refuse_unknown_configs(&arguments.configs, report.config_names())?;
    if arguments.edits.diff {
        return job.show_diff(&report);
    }
    if arguments.edits.fix {
        report = job.fix(report)?;
    }
    if arguments.edits.add_ignore {
        let lines = ignore_comments::add(&report.sources, &report.diagnostics, voice)?;
        voice.note(format!(
            "added a comment to {lines} line{}",
            if lines == 1 { "" } else { "s" }
        ));
        return Ok(if report.is_failed {
            Outcome::Failed
        } else {
            Outcome::Clean
        });
    }
    if let Some(path) = &job.baseline {
        if arguments.edits.write_baseline {
            let count = baseline::save(path, &report.sources, &report.diagnostics)?;
            voice.note(format!("wrote {count} findings to {}", path.display()));
            return Ok(if report.is_failed {
                Outcome::Failed
            } else {
                Outcome::Clean
            });
        }
        report.diagnostics = baseline::filter(path, &report.sources, report.diagnostics)?;
    }
    job.show(&report)?;
    job.tell_empty(&report);
    job.tell_assumed(&report);
    Ok(job.judge(&report))
}

/// What is checked, and how.
struct Job<'a> {
    arguments: &'a Check,
    voice: Voice,
    entries: Vec<Entry>,
    /// Something could not be read, and that was said.
    is_failed: bool,
    groups: BTreeMap<PathBuf, Group>,
    baseline: Option<PathBuf>,
    denies_warnings: bool,
}

/// What holds for the files of one folder.
struct Group {
    config: Config,
    selection: Selection,
    targets: Vec<TargetVersion>,
}

/// All that was found.
#[derive(Default)]
struct Report {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    files: usize,
    flows: usize,
    /// Names of flows that nobody looked at: their files run others.
    left_out: Vec<String>,
    is_failed: bool,
    /// What the deployment lacks, where a target was measured.
    assumed: BTreeSet<&'static str>,
    /// Of each flow.
    configs: Vec<Option<Vec<String>>>,
}

impl Report {
    /// What Configs each flow has; of a file that could not be read nobody knows.
    fn config_names(&self) -> impl Iterator<Item = Option<Vec<&str>>> {
        let names = self.configs.iter().map(|names| {
            names
                .as_ref()
                .map(|names| names.iter().map(String::as_str).collect())
        });
        names.chain(self.is_failed.then_some(None))
    }
}

/// What is kept of a file that was checked: of ten thousand flows nobody holds all steps.
#[derive(Default)]
struct Looked {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    flows: Vec<Outline>,
    left_out: Vec<LeftOut>,
    partial: BTreeSet<SourceId>,
    assumed: BTreeSet<&'static str>,
    /// What was asked for is not there, and that was said.
    is_failed: bool,
    /// What is to say of each name of `-D` that nothing in the file has; all of them where there is no flow.
    stray_defines: BTreeMap<String, Diagnostic>,
}

/// What other files' flows may have to do with a flow.
struct Outline {
    name: String,
    span: Span,
    is_run: bool,
    has_steps: bool,
    ancestors: Vec<Span>,
    /// As [`Flow::config_names`] gives them.
    configs: Option<Vec<String>>,
}

impl Looked {
    fn new(checkup: Checkup) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let outline = |flow: Flow| Outline {
            configs: flow.config_names().map(owned),
            name: flow.name,
            span: flow.span,
            is_run: flow.is_run,
            has_steps: !flow.steps.is_empty(),
            ancestors: flow.ancestors,
        };
        Self {
            sources: checkup.sources,
            diagnostics: checkup.diagnostics,
            flows: checkup.flows.into_iter().map(outline).collect(),
            left_out: checkup.left_out,
            partial: checkup.partial,
            is_failed: false,
            stray_defines: BTreeMap::new(),
            assumed: checkup.assumed,
        }
    }

    /// Is it a flow that its file does not run, and that is no whole one?
    fn is_unfinished(&self, flow: &Outline) -> bool {
        let is_error_of = |found: &Diagnostic| {
            found.flow.as_ref() == Some(&flow.name) && found.is_error() && is_of_whole(found)
        };
        !flow.is_run && flow.has_steps && self.diagnostics.iter().any(is_error_of)
    }
}

impl<'a> Job<'a> {
    fn new(arguments: &'a Check, global: &Global, voice: Voice) -> Result<Self> {
        let mut is_failed = false;
        let loader = Loader::new(global, &arguments.configs, layer(arguments)?)?;
        let entries = if arguments.paths == [Path::new("-")] {
            let Source { path, bytes, .. } = Source::from_stdin(arguments.stdin_filename.as_deref())?;
            vec![Entry {
                path,
                is_named: true,
                class: None,
                bytes: Some(bytes),
            }]
        } else {
            let found = walk::find(&arguments.paths, |folder| {
                let config = loader.load(folder, voice)?;
                Ok(config.settings.texts("check.exclude").to_vec())
            })?;
            for (path, reason) in &found.problems {
                is_failed = true;
                voice.error(format!("cannot read `{}`: {reason}", path.display()));
            }
            found.entries
        };
        let mut groups = BTreeMap::new();
        for entry in &entries {
            let folder = entry::folder_of(&entry.path);
            if !groups.contains_key(folder) {
                groups.insert(folder.to_owned(), Group::new(loader.load(folder, voice)?)?);
            }
        }
        let here;
        let settings = if let Some(group) = groups.values().next() {
            &group.config.settings
        } else {
            here = loader.load(Path::new("."), voice)?;
            &here.settings
        };
        let baseline = settings.text("check.baseline").map(PathBuf::from);
        let denies_warnings = settings.texts("check.deny").iter().any(|what| what == "warnings");
        Ok(Self {
            arguments,
            voice,
            entries,
            is_failed,
            groups,
            baseline,
            denies_warnings,
        })
    }

    /// Checks every file; several at once where there are several.
    fn check(&self) -> Result<Report> {
        let results: Vec<_> = match self.entries.as_slice() {
            [only] => vec![self.check_entry(only)],
            many => {
                let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build()?;
                pool.install(|| {
                    many.par_iter()
                        .map(|entry| python::on_deep_stack(|| self.check_entry(entry)))
                        .collect()
                })
            }
        };
        Ok(self.gather(results))
    }

    fn check_entry(&self, entry: &Entry) -> std::io::Result<Looked> {
        let bytes = match &entry.bytes {
            Some(bytes) => bytes,
            None => &disk::read(&entry.path)?,
        };
        let Some(group) = self.group(&entry.path) else {
            return Ok(Looked::default());
        };
        let flow_entry = flow::Entry {
            path: &entry.path,
            text: Some(bytes),
            class: entry.class.as_deref(),
        };
        let Group {
            config,
            selection,
            targets,
        } = group;
        let mut checkup = crate::check(flow_entry, &config.inputs(), &config.settings, targets)?;
        if let Some(class) = &entry.class
            && let Err(error) = keep_class(&mut checkup, &entry.path, class)
        {
            self.voice.error(format!("{error:#}"));
            return Ok(Looked {
                is_failed: true,
                ..Looked::default()
            });
        }
        let is_of_metaflow = || walk::speaks_of_metaflow(bytes);
        if checkup.flows.is_empty() && !(entry.is_named && is_of_metaflow()) {
            // A file that turns out to define no flow is none of our business, unless nobody can tell.
            checkup
                .diagnostics
                .retain(|diagnostic| diagnostic.rule.code == python::SYNTAX_ERROR.code);
        }
        checkup.diagnostics = selection.apply(checkup.diagnostics);
        let stray_defines = self.stray_defines(&checkup, group);
        Ok(Looked {
            stray_defines,
            ..Looked::new(checkup)
        })
    }

    /// What a settings file gives may be for flows that were not asked for by name.
    fn stray_defines(&self, checkup: &Checkup, group: &Group) -> BTreeMap<String, Diagnostic> {
        let Some(flow) = checkup.flows.first() else {
            return BTreeMap::new();
        };
        let is_all = !self.entries.iter().any(|entry| entry.is_named);
        let names = checkup.stray_defines.iter();
        let told = names.filter(|name| is_all || group.config.is_option(name));
        let found = told.filter_map(|name| {
            let found = group.selection.apply(vec![flow::stray_define(name, flow)]);
            Some((name.clone(), found.into_iter().next()?))
        });
        found.collect()
    }

    fn group(&self, path: &Path) -> Option<&Group> {
        self.groups.get(entry::folder_of(path))
    }

    /// One list of findings, silenced where comments say so.
    fn gather(&self, results: Vec<std::io::Result<Looked>>) -> Report {
        let mut report = Report {
            is_failed: self.is_failed,
            ..Report::default()
        };
        let mut checked: BTreeMap<SourceId, &Entry> = BTreeMap::new();
        let mut bases = bases(results.iter().flatten());
        bases.extend(self.extended_elsewhere(&results, &bases));
        let strays = strays(&results);
        let mut told = BTreeSet::new();
        for (entry, result) in self.entries.iter().zip(results) {
            match result {
                Ok(mut checkup) => {
                    report.is_failed |= checkup.is_failed;
                    spare_bases(&mut checkup, &bases);
                    let stray = std::mem::take(&mut checkup.stray_defines).into_iter();
                    let stray = stray.filter(|(name, _)| strays.contains(name) && told.insert(name.clone()));
                    checkup.diagnostics.extend(stray.map(|(_, found)| found));
                    let counts = (entry.is_named && !checkup.is_failed) || !checkup.flows.is_empty();
                    report.files += usize::from(counts);
                    report.flows += checkup.flows.len();
                    let is_base = |flow: &LeftOut| bases.contains(&place(&checkup.sources, flow.span));
                    let left_out = checkup.left_out.iter().filter(|flow| !is_base(flow));
                    report.left_out.extend(left_out.map(|flow| flow.name.clone()));
                    report.assumed.extend(checkup.assumed);
                    let configs = checkup.flows.into_iter().map(|flow| flow.configs);
                    report.configs.extend(configs);
                    if !checkup.partial.is_empty() {
                        report.configs.push(None);
                    }
                    // Where lines are missing or other flows left out, nobody knows which comment silences nothing.
                    let is_whole = entry.class.is_none() && !checkup.partial.contains(&SourceId::default());
                    let shift = report.sources.absorb(checkup.sources);
                    if counts && is_whole {
                        checked.insert(SourceId::default().moved(shift), entry);
                    }
                    let moved = checkup
                        .diagnostics
                        .into_iter()
                        .map(|diagnostic| diagnostic.moved(shift));
                    report.diagnostics.extend(moved);
                }
                Err(error) => {
                    report.is_failed = true;
                    self.voice
                        .error(format!("cannot read `{}`: {error}", entry.path.display()));
                }
            }
        }
        let diagnostics = std::mem::take(&mut report.diagnostics);
        report.diagnostics = diagnostic::in_order(
            &report.sources,
            self.silence(&report.sources, diagnostics, &checked),
        );
        report
    }

    /// Where the classes stand that flows of files extend which nobody asked for: only of those that are named, not run
    /// by their file, and no whole flow, it is of interest.
    fn extended_elsewhere(
        &self,
        results: &[std::io::Result<Looked>],
        bases: &BTreeSet<(PathBuf, u32)>,
    ) -> Vec<(PathBuf, u32)> {
        let mut found = Vec::new();
        for (entry, result) in self.entries.iter().zip(results) {
            let (Ok(looked), Some(group)) = (result, self.group(&entry.path)) else {
                continue;
            };
            if !entry.is_named || entry.class.is_some() {
                continue;
            }
            for flow in looked.flows.iter().filter(|flow| looked.is_unfinished(flow)) {
                let place = place(&looked.sources, flow.span);
                let class = looked.sources.slice(flow.span);
                if !bases.contains(&place) && extended::is_extended(&place.0, class, &group.config.inputs()) {
                    found.push(place);
                }
            }
        }
        found
    }

    fn silence(
        &self,
        sources: &Sources,
        diagnostics: Vec<Diagnostic>,
        checked: &BTreeMap<SourceId, &Entry>,
    ) -> Vec<Diagnostic> {
        let ids: BTreeSet<SourceId> = checked.keys().copied().collect();
        let group = |id: SourceId| checked.get(&id).and_then(|entry| self.group(&entry.path));
        let speaks = |id: SourceId, code: &str| {
            // Without a target, what only a target refuses is not asked.
            let is_of_target = code.starts_with("FLC4") || code.starts_with("FLC5");
            group(id).is_some_and(|group| {
                group.selection.speaks(code) && !(is_of_target && group.targets.is_empty())
            })
        };
        let kept = suppress::apply(sources, diagnostics, &rules::infos(), &ids, speaks);
        kept.into_iter()
            .filter(|diagnostic| {
                diagnostic.rule.code != suppress::UNUSED_SUPPRESSION.code
                    || group(diagnostic.span.source)
                        .is_none_or(|group| group.selection.speaks(diagnostic.rule.code))
            })
            .collect()
    }

    /// Applies safe fixes until there is nothing left that can be fixed, and checks again.
    fn fix(&self, mut report: Report) -> Result<Report> {
        let mut count = 0;
        for _ in 0..10 {
            let fixed = fix::apply(&report.sources, &report.diagnostics);
            if fixed.count == 0 || fix::write(&fixed, self.voice)? == 0 {
                break;
            }
            count += fixed.count;
            report = self.check_again();
        }
        if count > 0 {
            self.voice.note(format!(
                "fixed {count} finding{}",
                if count == 1 { "" } else { "s" }
            ));
        }
        Ok(report)
    }

    /// The same files, read anew.
    fn check_again(&self) -> Report {
        let fresh = |entry: &Entry| Entry {
            bytes: None,
            ..entry.clone()
        };
        let again: Vec<Entry> = self.entries.iter().map(fresh).collect();
        let results = again.iter().map(|entry| self.check_entry(entry)).collect();
        self.gather(results)
    }

    fn judge(&self, report: &Report) -> Outcome {
        let fails = |diagnostic: &Diagnostic| match diagnostic.severity {
            Severity::Error => true,
            Severity::Warning => self.denies_warnings,
            Severity::Note => false,
        };
        if report.is_failed {
            Outcome::Failed
        } else if !self.arguments.selection.exit_zero && report.diagnostics.iter().any(fails) {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}

impl Group {
    fn new(config: Config) -> Result<Self> {
        let settings = &config.settings;
        let infos = rules::infos();
        let selectors = |key: &str| -> Result<Vec<Selector>> {
            settings
                .texts(key)
                .iter()
                .map(|text| selector(text, &infos))
                .collect()
        };
        let selection = Selection {
            select: if settings.origin("check.select").is_some() {
                Some(selectors("check.select")?)
            } else {
                None
            },
            extend: selectors("check.extend-select")?,
            ignore: selectors("check.ignore")?,
            is_strict: settings.flag("check.strict"),
        };
        let mut targets = Vec::new();
        for name in settings.texts("target") {
            let named = if name == "all" {
                Target::ALL.to_vec()
            } else {
                vec![compile::named(name)?]
            };
            for target in named {
                targets.push(compile::versioned(target, settings)?);
            }
        }
        targets.sort_by_key(|target| target.target);
        targets.dedup_by_key(|target| target.target);
        Ok(Self {
            config,
            selection,
            targets,
        })
    }
}

/// Leaves the findings of one flow, which was asked for by `FLOW.py:ClassName`, and of its file as a whole.
fn keep_class(checkup: &mut Checkup, path: &Path, class: &str) -> Result<()> {
    compile::choose_class(checkup, path, class)?;
    let is_other = |name: &Option<String>| name.as_ref().is_some_and(|name| name != class);
    checkup.flows.retain(|flow| flow.name == class);
    checkup.left_out.clear();
    checkup.diagnostics.retain(|found| !is_other(&found.flow));
    Ok(())
}

/// Where the classes stand that flows of other files derive from: file and offset of the name.
fn bases<'a>(checkups: impl Iterator<Item = &'a Looked>) -> BTreeSet<(PathBuf, u32)> {
    let ancestors = checkups.flat_map(|checkup| {
        let flows = checkup.flows.iter().flat_map(|flow| &flow.ancestors);
        flows.map(|span| place(&checkup.sources, *span))
    });
    ancestors.collect()
}

/// Names of `-D` that no file has; where a file could not be read to its end, nobody knows.
fn strays(results: &[std::io::Result<Looked>]) -> BTreeSet<String> {
    let is_partial = |looked: &Looked| !looked.partial.is_empty();
    if results
        .iter()
        .any(|result| result.as_ref().map_or(true, is_partial))
    {
        return BTreeSet::new();
    }
    let mut with_flows = results.iter().flatten().filter(|looked| !looked.flows.is_empty());
    let names = |looked: &Looked| looked.stray_defines.keys().cloned().collect::<BTreeSet<_>>();
    let first = with_flows.next().map(names).unwrap_or_default();
    with_flows.fold(first, |kept, looked| {
        kept.intersection(&names(looked)).cloned().collect()
    })
}

fn place(sources: &Sources, span: Span) -> (PathBuf, u32) {
    let path = Path::new(sources.get(span.source).name());
    let plain = path.components().filter(|part| *part != Component::CurDir);
    (plain.collect(), span.start)
}

/// A class that is there for others to derive from need not be a whole flow: one that its file does not run, and
/// that has no steps, or that a flow of another file extends.
fn spare_bases(checkup: &mut Looked, bases: &BTreeSet<(PathBuf, u32)>) {
    let Looked {
        sources,
        flows,
        diagnostics,
        ..
    } = checkup;
    for flow in flows.iter().filter(|flow| !flow.is_run) {
        let is_extended = || bases.contains(&place(sources, flow.span));
        if flow.has_steps && !is_extended() {
            continue;
        }
        diagnostics.retain(|found| found.flow.as_ref() != Some(&flow.name) || !is_of_whole(found));
    }
}

/// Does it speak of the flow as a whole: of its graph, and of what its steps have to do with each other?
fn is_of_whole(found: &Diagnostic) -> bool {
    found.rule.code.starts_with("FLC1") || found.rule.code.starts_with("FLC3")
}

fn selector(text: &str, infos: &[&RuleInfo]) -> Result<Selector> {
    Selector::parse(text, infos).map_err(anyhow::Error::msg)
}

/// The options of `check` that can stand in a settings file too.
fn layer(arguments: &Check) -> Result<Layer> {
    let mut layer = Layer::default();
    let selection = &arguments.selection;
    let texts = [
        ("target", &arguments.target),
        ("check.select", &selection.select),
        ("check.ignore", &selection.ignore),
        ("check.extend-select", &selection.extend_select),
        ("check.deny", &selection.deny),
    ];
    for (key, texts) in texts {
        layer.option(key, (!texts.is_empty()).then(|| Given::Texts(texts.clone())))?;
    }
    layer.option("check.strict", selection.strict.then_some(Given::Flag(true)))?;
    layer.option("argo.version", arguments.argo_version.clone().map(Given::Text))?;
    layer.option(
        "airflow.version",
        arguments.airflow_version.clone().map(Given::Text),
    )?;
    let baseline = arguments
        .edits
        .baseline
        .as_ref()
        .map(|path| Given::Text(path.to_string_lossy().into_owned()));
    layer.option("check.baseline", baseline)?;
    Ok(layer)
}
