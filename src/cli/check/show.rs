//! What a check says: the findings in the format asked for, counts of them, and what was not looked at. Judges nothing.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::super::arguments::{Check, Format};
use super::super::{Outcome, fix, terminal, write};
use super::{Job, Report};
use crate::diagnostic::{
    Diagnostic, RuleInfo, Summary, concise, full, github, gitlab, json, junit, markdown, rdjson, sarif,
};

/// Counts are text or JSON: the other formats are lists of findings.
pub(super) fn refuse_statistics(arguments: &Check) -> Result<()> {
    match arguments.output_format {
        Format::Full | Format::Concise | Format::Json => Ok(()),
        Format::Jsonl
        | Format::Sarif
        | Format::Github
        | Format::Gitlab
        | Format::Junit
        | Format::Rdjson
        | Format::Markdown => {
            if arguments.selection.statistics {
                bail!(
                    "`--statistics` counts findings, which has no form in this `--output-format`: allowed are `full`, `concise` and `json`"
                );
            }
            Ok(())
        }
    }
}

impl Job<'_> {
    pub(super) fn show_diff(&self, report: &Report) -> Result<Outcome> {
        let fixed = fix::apply(&report.sources, &report.diagnostics);
        self.put(&fix::diff(&fixed))?;
        Ok(match (report.is_failed, fixed.count) {
            (true, _) => Outcome::Failed,
            (false, 0) => Outcome::Clean,
            (false, _) => Outcome::Findings,
        })
    }

    pub(super) fn show(&self, report: &Report) -> Result<()> {
        let Report {
            sources,
            diagnostics,
            files,
            flows,
            left_out,
            ..
        } = report;
        let summary = Summary::new(*files, *flows, diagnostics);
        if self.arguments.selection.statistics {
            return self.show_statistics(diagnostics, summary);
        }
        self.tell_left_out(left_out);
        let to_file = write::to_file(self.arguments.output_file.as_deref());
        let is_colored = to_file.is_none() && self.voice.colors_stdout();
        let text = match self.arguments.output_format {
            Format::Full => {
                // Of nothing read there is nothing to sum up.
                let tail = if self.voice.is_quiet || (report.is_failed && *files == 0) {
                    String::new()
                } else {
                    full::summary_line(summary, left_out)
                };
                full::render(sources, diagnostics, is_colored) + &tail
            }
            Format::Concise => concise::render(sources, diagnostics),
            Format::Json => json::render(sources, diagnostics, summary, left_out),
            Format::Jsonl => json::render_lines(sources, diagnostics),
            Format::Sarif => sarif::render(sources, diagnostics),
            Format::Github => github::render(sources, diagnostics),
            Format::Gitlab => gitlab::render(sources, diagnostics),
            Format::Junit => junit::render(sources, diagnostics),
            Format::Rdjson => rdjson::render(sources, diagnostics),
            Format::Markdown => markdown::render(sources, diagnostics, summary, left_out),
        };
        self.put(&text)
    }

    /// A check of nothing is no good news.
    pub(super) fn tell_empty(&self, report: &Report) {
        if report.flows > 0 || report.is_failed || !report.diagnostics.is_empty() {
            return;
        }
        let paths = self.arguments.paths.iter();
        let paths: Vec<String> = paths.map(|path| format!("`{}`", path.display())).collect();
        self.voice
            .warning(format!("no flow found in {}", paths.join(", ")));
    }

    /// Sizes that rest on placeholders are not those of the definition.
    pub(super) fn tell_assumed(&self, report: &Report) {
        if !report.assumed.is_empty() {
            let keys: Vec<&str> = report.assumed.iter().copied().collect();
            self.voice.note(format!(
                "sizes were measured with placeholders for {}; `flowc init` writes a flowc.toml for the values",
                keys.join(", ")
            ));
        }
    }

    fn show_statistics(&self, diagnostics: &[Diagnostic], summary: Summary) -> Result<()> {
        let rows = statistics(diagnostics);
        if self.arguments.output_format == Format::Json {
            return self.put(&json::statistics(&rows, summary));
        }
        let line = |(count, rule): &(usize, &RuleInfo)| format!("{count:>5}  {}  {}\n", rule.code, rule.name);
        self.put(&rows.iter().map(line).collect::<String>())
    }

    /// The other formats have no place for what was not looked at.
    fn tell_left_out(&self, left_out: &[String]) {
        let has_place = match self.arguments.output_format {
            Format::Full | Format::Json | Format::Markdown => true,
            Format::Concise
            | Format::Jsonl
            | Format::Sarif
            | Format::Github
            | Format::Gitlab
            | Format::Junit
            | Format::Rdjson => false,
        };
        if !has_place && !left_out.is_empty() {
            let said = full::said_of_left_out(left_out);
            self.voice.note(said.trim_start_matches("; ").to_owned());
        }
    }

    fn put(&self, text: &str) -> Result<()> {
        match write::to_file(self.arguments.output_file.as_deref()) {
            Some(path) => write::whole(path, text),
            None => Ok(terminal::print(text)?),
        }
    }
}

/// How often each rule spoke, the most frequent first.
fn statistics(diagnostics: &[Diagnostic]) -> Vec<(usize, &'static RuleInfo)> {
    let mut counts: BTreeMap<&str, (usize, &'static RuleInfo)> = BTreeMap::new();
    for diagnostic in diagnostics {
        counts
            .entry(diagnostic.rule.code)
            .or_insert((0, diagnostic.rule))
            .0 += 1;
    }
    let mut rows: Vec<(usize, &'static RuleInfo)> = counts.into_values().collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.code.cmp(b.1.code)));
    rows
}
