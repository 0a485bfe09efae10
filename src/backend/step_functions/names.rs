//! Names of the machine and what stands beside it.
//! Metaflow 2.19: `step_functions_cli.py`, `resolve_state_machine_name`.

use sha1::{Digest, Sha1};

use crate::plan::Plan;

/// With `@project`: the longest name that is kept whole.
const PROJECT_NAME: usize = 60;
/// AWS's limit of the name of a rule or schedule.
const SCHEDULE_NAME: usize = 64;
/// AWS Batch: the name of a job.
const JOB_NAME: usize = 128;

/// The state machine's name: given, else of project and flow; a long project's name ends in a digest.
pub fn state_machine(plan: &Plan) -> String {
    let name = match (&plan.deployment.name, &plan.flow.project) {
        (Some(name), None) => name.clone(),
        (_, Some(project)) => shortened(&project.flow, PROJECT_NAME, PROJECT_NAME),
        (None, None) => plan.flow.name.clone(),
    };
    let prefix = plan.deployment.setting("SFN_STATE_MACHINE_PREFIX").unwrap_or("");
    if prefix.is_empty() || name.starts_with(prefix) {
        return name;
    }
    format!("{prefix}_{name}")
}

/// Does AWS take it? A machine may be called by letters of any language; what a bundle calls after it may not.
pub fn is_right(name: &str, is_bundle: bool) -> bool {
    let is_letter = |character: char| {
        character.is_ascii_alphanumeric()
            || !is_bundle && !character.is_ascii() && character.is_alphanumeric()
    };
    !name.is_empty()
        && name
            .chars()
            .all(|character| is_letter(character) || "-_.".contains(character))
}

/// A job's name is a label for people: what AWS Batch does not take is replaced, and what is too long cut off.
pub fn job(flow: &str, step: &str) -> String {
    let fit = |character: char| match character {
        '-' | '_' => character,
        other if other.is_ascii_alphanumeric() => other,
        _ => '-',
    };
    format!("SFN-{flow}--{step}--")
        .chars()
        .take(JOB_NAME)
        .map(fit)
        .collect()
}

/// The schedule's name.
pub fn schedule(state_machine: &str) -> String {
    shortened(state_machine, SCHEDULE_NAME, SCHEDULE_NAME - 17)
}

/// The name of a bundle's job definition.
pub fn job_definition(state_machine: &str, resource: &str) -> String {
    let unfit = |character: char| !(character.is_ascii_alphanumeric() || "-_".contains(character));
    format!("{}-{resource}", state_machine.replace(unfit, "-"))
}

/// At most `limit` characters are kept as they are, else the first `kept` of them and a digest.
fn shortened(name: &str, limit: usize, kept: usize) -> String {
    if name.chars().count() <= limit {
        return name.to_owned();
    }
    let digest = Sha1::digest(name.as_bytes());
    let start: String = name.chars().take(kept).collect();
    format!("{start}-{}", base32(&digest).chars().take(16).collect::<String>())
}

/// RFC 4648 in lower case, of a whole number of five-byte groups.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::new();
    for group in bytes.chunks(5) {
        let number = group
            .iter()
            .fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        for position in (0..8).rev() {
            let index = usize::try_from(number >> (5 * position) & 31).unwrap_or(0);
            out.extend(ALPHABET.get(index).map(|&letter| char::from(letter)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_end_in_a_digest() {
        assert_eq!(schedule("Short"), "Short");
        let long = "x".repeat(70);
        // Python: base64.b32encode(sha1(b"x" * 70).digest())[:16].lower()
        assert_eq!(schedule(&long).len(), 64);
        assert_eq!(base32(b"12345"), "gezdgnbv");
    }

    #[test]
    fn jobs_have_names_that_aws_batch_takes() {
        assert_eq!(job("Flow", "start"), "SFN-Flow--start--");
        assert_eq!(job("Größe", "a.b"), "SFN-Gr--e--a-b--");
        assert_eq!(job(&"x".repeat(80), &"y".repeat(80)).len(), 128);
    }
}
