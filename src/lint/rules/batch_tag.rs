//! A tag of `@batch(aws_batch_tags=…)` is none that AWS takes.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::settings::aws::is_allowed_in_tag;
use crate::value::Value;

declare_rule! {
    /// A tag of `@batch(aws_batch_tags=…)` is none that AWS takes: keys have 1 to 128 characters, values up to 256,
    /// both texts that do not begin with `aws:` and hold letters, digits, blanks and `+-=._:/@` only. Metaflow
    /// looks at the first character alone, so that a bad one further on is a warning here.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(aws_batch_tags={"aws:team": "ml"})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(aws_batch_tags={"team": "ml"})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `'aws:' is not an allowed prefix for either tag keys or values`, `Tag key *…* is too long. Maximum allowed
    /// tag key length is 128.`, `Value *#* is not permitted. …`; for a bad key or a number a traceback (2.19.39)
    pub static INFO: error "FLC230" "batch-tag";
}

const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "batch") {
        let Some(written) = used.get("aws_batch_tags") else {
            continue;
        };
        for (key, value) in written.value.as_dict().unwrap_or_default() {
            let Some((severity, problem)) = problem(key, value) else {
                continue;
            };
            let message = format!("the tag {} {problem}", shown(key));
            let finding = used.finding(&INFO, written.span, message);
            out.push(match severity {
                Severity::Error => finding,
                // Metaflow does not see it, AWS refuses it.
                Severity::Warning | Severity::Note => {
                    used.for_target(context, "aws_batch_tags", finding.severity(severity))
                }
            });
        }
    }
}

fn problem(key: &Value, value: &Value) -> Option<(Severity, String)> {
    let (Some(key), Some(text)) = (key.as_str(), value.as_str()) else {
        return Some((
            Severity::Error,
            format!("has the value {}: keys and values must be texts", shown(value)),
        ));
    };
    let error = |problem: &str| Some((Severity::Error, problem.to_owned()));
    if is_reserved(key) || is_reserved(text) {
        return error("begins with `aws:`, which AWS keeps for itself");
    }
    if key.chars().count() > LONGEST_KEY {
        return Some((
            Severity::Error,
            format!("is longer than {LONGEST_KEY} characters"),
        ));
    }
    if text.chars().count() > LONGEST_VALUE {
        return Some((
            Severity::Error,
            format!("has a value longer than {LONGEST_VALUE} characters"),
        ));
    }
    match (wrong(key), wrong(text)) {
        (Some(_), _) if key.is_empty() => error("is empty"),
        (_, Some(_)) if text.is_empty() => error("has an empty value"),
        (Some((index, character)), _) => {
            Some((severity(index), format!("holds `{}`", character.escape_debug())))
        }
        (None, Some((index, character))) => Some((
            severity(index),
            format!("has `{}` in its value", character.escape_debug()),
        )),
        (None, None) => None,
    }
}

/// Metaflow refuses the first character; AWS any.
fn severity(index: usize) -> Severity {
    if index == 0 {
        Severity::Error
    } else {
        Severity::Warning
    }
}

fn is_reserved(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// The first character that AWS does not take; of an empty text, its end.
fn wrong(text: &str) -> Option<(usize, char)> {
    if text.is_empty() {
        return Some((0, ' '));
    }
    // Metaflow refuses other letters than those of ASCII, where it looks.
    text.chars()
        .enumerate()
        .find(|&(index, character)| !is_allowed_in_tag(character) || index == 0 && !character.is_ascii())
}
