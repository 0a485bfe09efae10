//! `flowc explain`: a rule's page, offline.

use anyhow::{Result, bail};

use super::arguments::Explain;
use super::{Outcome, terminal};
use crate::diagnostic::{RuleInfo, nearest};
use crate::lint::rules::{self, retired};

pub(super) fn run(arguments: &Explain) -> Result<Outcome> {
    let wanted = arguments.rule.trim();
    let infos = rules::infos();
    let retired = retired::find(wanted);
    let wanted = retired.map_or(wanted, |retired| retired.successor);
    let found = infos
        .iter()
        .find(|info| info.code.eq_ignore_ascii_case(wanted) || info.name.eq_ignore_ascii_case(wanted));
    let Some(info) = found else {
        let names = infos.iter().flat_map(|info| [info.code, info.name]);
        let hint = nearest(wanted, names).map_or_else(
            || "; `flowc rules` lists them".to_owned(),
            |near| format!("; did you mean `{near}`?"),
        );
        bail!("there is no rule `{wanted}`{hint}");
    };
    let preface = retired.map_or_else(String::new, |retired| format!("{}.\n\n", retired.answer()));
    terminal::print(&(preface + &page(info)))?;
    Ok(Outcome::Clean)
}

/// The page under a title line, without the indentation of doc comments.
pub(super) fn page(info: &RuleInfo) -> String {
    format!(
        "# {} {} ({})\n\n{}\n",
        info.code,
        info.name,
        info.severity.name(),
        body(info)
    )
}

pub(super) fn body(info: &RuleInfo) -> String {
    let lines = info
        .page
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
