//! `flowc rules`: the list of rules, for people, scripts and the documentation.

use anyhow::Result;
use serde::Serialize;

use super::arguments::{Rules, RulesFormat};
use super::explain;
use super::{Outcome, terminal};
use crate::diagnostic::{self, RuleInfo};
use crate::lint::rules;

pub(super) fn run(arguments: &Rules) -> Result<Outcome> {
    let infos = rules::infos();
    let text = match arguments.format {
        RulesFormat::Text => text(&infos),
        RulesFormat::Json => json(&infos)?,
        RulesFormat::Markdown => markdown(&infos),
    };
    terminal::print(&text)?;
    Ok(Outcome::Clean)
}

fn text(infos: &[&RuleInfo]) -> String {
    let width = infos.iter().map(|info| info.name.len()).max().unwrap_or(0);
    let line = |info: &&RuleInfo| {
        format!(
            "{} {:<7} {:<width$}  {}\n",
            info.code,
            info.severity.name(),
            info.name,
            one_line(info)
        )
    };
    infos.iter().map(line).collect()
}

fn one_line(info: &RuleInfo) -> String {
    info.summary().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct RuleJson {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    summary: String,
    page: String,
    url: Option<String>,
}

fn json(infos: &[&RuleInfo]) -> Result<String> {
    let rules: Vec<RuleJson> = infos
        .iter()
        .map(|info| RuleJson {
            code: info.code,
            name: info.name,
            severity: info.severity.name(),
            summary: one_line(info),
            page: explain::body(info),
            url: diagnostic::url(info),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&rules)? + "\n")
}

/// `docs/rules.md`: a table, then every page.
fn markdown(infos: &[&RuleInfo]) -> String {
    let mut text =
        String::from("# Rules\n\nMade from the rules' own comments by `flowc rules --format markdown`.\n\n");
    text += "| code | name | severity | what is wrong |\n|---|---|---|---|\n";
    for info in infos {
        let code = info.code.to_ascii_lowercase();
        let summary = one_line(info).replace('|', "\\|");
        text += &format!(
            "| [{}](#{code}) | `{}` | {} | {summary} |\n",
            info.code,
            info.name,
            info.severity.name()
        );
    }
    for info in infos {
        let page = explain::body(info).replace("\n## ", "\n### ");
        text += &format!("\n<a id=\"{}\"></a>\n\n", info.code.to_ascii_lowercase());
        text += &format!("## {} {}\n\n{page}\n", info.code, info.name);
    }
    text
}
