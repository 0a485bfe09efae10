//! `@environment` holds a password, a token or a key as it is. Judges by names and by the form of values.

use crate::declare_rule;
use crate::decorator::kubernetes_names::is_name;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::target::Target;

declare_rule! {
    /// `@environment(vars=…)` sets a variable that is called as a secret (`…_PASSWORD`, `…_TOKEN`, `…_SECRET`,
    /// `…_API_KEY`) to a text that looks like one. The text stands in the definition as it is, where everyone reads it
    /// who may look at a run; in the source, too, unless it came from the environment of the compilation.
    ///
    /// Nothing is said of names of secrets, of places (paths, addresses) and of what stands in for a value
    /// (`changeme`, `<token>`).
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @environment(vars={"DB_PASSWORD": "hunter2!"})
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
    /// A secret that has the entry `DB_PASSWORD`, from AWS Secrets Manager, or on Kubernetes as
    /// `@kubernetes(secrets=["db"])`:
    /// ```python
    /// from metaflow import FlowSpec, secrets, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @secrets(sources=["db"])
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
    /// nothing (2.19.39)
    pub static INFO: warning "FLC256" "secret-in-clear";
}

/// What comes before `KEY` where it means a secret; `SORT_KEY` and `S3_KEY` are none.
const SECRET_KEYS: [&str; 8] = [
    "ACCESS",
    "API",
    "AUTH",
    "ENCRYPTION",
    "MASTER",
    "PRIVATE",
    "SECRET",
    "SIGNING",
];

/// How the keys and tokens of well-known services begin.
const ISSUED: [&str; 13] = [
    "AIza",
    "AKIA",
    "dapi",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "hf_",
    "rk_live_",
    "sk-",
    "sk_live_",
    "xoxb-",
    "xoxp-",
];

/// Words that stand where a value is to come.
const PLACEHOLDERS: [&str; 14] = [
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "example",
    "fake",
    "none",
    "null",
    "password",
    "placeholder",
    "secret",
    "test",
    "todo",
    "token",
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let target = context.target.map(|target| target.target);
    for used in uses::named(context, "environment") {
        let Some(written) = used.get("vars") else { continue };
        for (name, value) in written.value.as_dict().unwrap_or_default() {
            let (Some(text), Some(value)) = (name.as_str(), value.as_str()) else {
                continue;
            };
            if !is_secret(text, value) {
                continue;
            }
            let message = format!(
                "{} looks like a secret and stands in the definition as it is, where whoever may look at a run reads it",
                shown(name)
            );
            let finding = used.finding(&INFO, written.place(text), message);
            out.push(finding.help(way_out(text, target)));
        }
    }
}

fn way_out(name: &str, target: Option<Target>) -> String {
    let by_decorator = "`@secrets(sources=[\"NAME\"])`";
    let by_pod = "`@kubernetes(secrets=[\"NAME\"])`";
    match target {
        Some(Target::StepFunctions) => {
            format!("bring it in by {by_decorator}, a secret with the entry `{name}`")
        }
        Some(Target::Argo | Target::Airflow) | None => {
            format!("bring it in by {by_pod} or {by_decorator}, a secret with the entry `{name}`")
        }
    }
}

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let (before, last) = name.rsplit_once('_').unwrap_or(("", &name));
    if is_stand_in(value) {
        return false;
    }
    match last {
        "PASSWORD" => true,
        "TOKEN" => is_opaque(value),
        // A secret may be named after where it is: `DB_SECRET="db-credentials"`.
        "SECRET" => is_opaque(value) && !(is_name(value) && value.contains('-')),
        "KEY" => {
            let kind = before.rsplit('_').next().unwrap_or_default();
            is_opaque(value) && (SECRET_KEYS.contains(&kind) || is_issued(value))
        }
        _ => false,
    }
}

fn is_issued(value: &str) -> bool {
    ISSUED.iter().any(|start| value.starts_with(start))
}

/// Neither a word, a number, a phrase nor a place, as what a service makes up never is.
fn is_opaque(value: &str) -> bool {
    let is_mixed =
        value.contains(|c: char| c.is_ascii_digit()) && value.contains(|c: char| c.is_ascii_alphabetic());
    let is_place = value.starts_with(['/', '.', '~']) || value.contains("://") || value.starts_with("arn:");
    let is_long_enough = value.len() >= 8;
    !is_place && !value.contains(char::is_whitespace) && (is_issued(value) || (is_mixed && is_long_enough))
}

/// Nothing, a reference to something else, or a word in place of the value.
fn is_stand_in(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    let is_enclosed = [('<', '>'), ('[', ']'), ('{', '}')]
        .iter()
        .any(|(open, close)| lower.starts_with(*open) && lower.ends_with(*close));
    let is_one_character = lower.chars().all(|c| lower.starts_with(c));
    let is_flag = ["true", "false", "yes", "no", "on", "off"].contains(&lower.as_str());
    is_enclosed
        || is_one_character
        || is_flag
        || lower.starts_with('$')
        || lower.starts_with("your")
        || lower.starts_with('/')
        || PLACEHOLDERS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_and_values_tell_a_secret() {
        for (name, value) in [
            ("API_KEY", "sk-1"),
            ("OPENAI_API_KEY", "abcd1234efgh"),
            ("MY_KEY", "ghp_0123456789abcdef"),
            ("db_password", "hunter2"),
            ("GITHUB_TOKEN", "a1b2c3d4e5f6"),
            ("CLIENT_SECRET", "a8~bQ9.xyz"),
            ("PASSWORD", "correct horse"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("MODEL_KEY_COLUMN", "abcd1234efgh"),
            ("SORT_KEY", "created_at_2024"),
            ("S3_KEY", "data2024.csv"),
            ("EOS_TOKEN", "</s>"),
            ("PAD_TOKEN", "[PAD0]"),
            ("MAX_TOKEN", "40961234"),
            ("DB_SECRET", "db-credentials-2"),
            ("DB_PASSWORD", "changeme"),
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD", "${PASSWORD}"),
            ("API_KEY", "/var/run/secrets/key1"),
            ("USE_TOKEN", "true"),
            ("API_TOKEN", "your-token-1"),
            ("API_TOKEN", "xxxxxxxxxxxx"),
            ("MONKEY", "sk-abcd1234"),
            ("PASSWORD_FILE", "abcd1234"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
