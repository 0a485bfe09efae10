//! Findings that were there before: written once, then not reported. Lines do not count, so that a file may
//! grow above a finding.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{disk, write};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Baseline {
    version: u8,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Finding {
    file: String,
    code: String,
    message: String,
    count: usize,
}

type Identity = (String, String, String);

fn identity(sources: &Sources, diagnostic: &Diagnostic) -> Identity {
    let file = sources.get(diagnostic.span.source).name();
    (
        file.to_owned(),
        diagnostic.rule.code.to_owned(),
        diagnostic.message.clone(),
    )
}

/// Writes what is found to the file.
pub(super) fn save(path: &Path, sources: &Sources, diagnostics: &[Diagnostic]) -> Result<usize> {
    let mut counts: BTreeMap<Identity, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(identity(sources, diagnostic)).or_default() += 1;
    }
    let findings = counts.into_iter().map(|((file, code, message), count)| Finding {
        file,
        code,
        message,
        count,
    });
    let baseline = Baseline {
        version: 1,
        findings: findings.collect(),
    };
    write::whole(path, &(serde_json::to_string_pretty(&baseline)? + "\n"))?;
    Ok(diagnostics.len())
}

/// The findings that are not in the file; of equal ones as many stay as there are more of now.
pub(super) fn filter(
    path: &Path,
    sources: &Sources,
    diagnostics: Vec<Diagnostic>,
) -> Result<Vec<Diagnostic>> {
    let bytes = disk::read(path).with_context(|| format!("cannot read the baseline `{}`", path.display()))?;
    let baseline: Baseline =
        serde_json::from_slice(&bytes).with_context(|| format!("`{}` is no baseline", path.display()))?;
    let findings = baseline.findings.into_iter();
    let mut known: BTreeMap<Identity, usize> = findings
        .map(|finding| ((finding.file, finding.code, finding.message), finding.count))
        .collect();
    let is_new = |diagnostic: &Diagnostic| match known.get_mut(&identity(sources, diagnostic)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    Ok(diagnostics.into_iter().filter(is_new).collect())
}
