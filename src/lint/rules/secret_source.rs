//! `@secrets` has a source that no task can fetch.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::value::Value;

declare_rule! {
    /// `@secrets` has a source that no task can fetch: neither a text (`"store.secret"`, `"secret"`) nor a dict
    /// with a text `id`, or of a store that Metaflow does not have. Found out only when the task starts, and it
    /// fails.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, secrets, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @secrets(sources=[{"type": "aws-secrets-manager", "name": "db"}])
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
    /// from metaflow import FlowSpec, secrets, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @secrets(sources=[{"type": "aws-secrets-manager", "id": "db"}])
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
    /// nothing before the task runs; then `Bad @secrets specification - 'id' must be a string - found <class
    /// 'NoneType'>` (2.19.39)
    pub static INFO: warning "FLC248" "secret-source";
}

const STORES: [&str; 4] = [
    "aws-secrets-manager",
    "gcp-secret-manager",
    "az-key-vault",
    "inline",
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "secrets") {
        let Some(written) = used.truthy("sources") else {
            continue;
        };
        let problem = match written.value.as_sequence() {
            Some(items) => items.iter().find_map(problem),
            None => Some(format!("`sources` must be a list, not {}", shown(written.value))),
        };
        out.extend(problem.map(|problem| used.finding(&INFO, written.span, problem)));
    }
}

fn problem(source: &Value) -> Option<String> {
    if let Some(text) = source.as_str() {
        // A name before the first dot is the store's.
        let store = text.split_once('.').map(|(store, _)| store);
        return store.and_then(unknown_store);
    }
    if source.as_dict().is_none() {
        return Some(format!(
            "a source of secrets is a text or a dict, not {}",
            shown(source)
        ));
    }
    let is_text = |value: Option<&Value>| value.is_some_and(|value| value.as_str().is_some());
    if !is_text(source.get("id")) {
        return Some(format!("the source {} needs a text `id`", shown(source)));
    }
    for (key, is_dict) in [("type", false), ("role", false), ("options", true)] {
        let Some(value) = source.get(key).filter(|value| **value != Value::None) else {
            continue;
        };
        let is_right = if is_dict {
            value.as_dict().is_some()
        } else {
            value.as_str().is_some()
        };
        if !is_right {
            let kind = if is_dict { "dict" } else { "text" };
            return Some(format!(
                "`{key}` of a source must be a {kind}, not {}",
                shown(value)
            ));
        }
    }
    source.get("type").and_then(Value::as_str).and_then(unknown_store)
}

fn unknown_store(store: &str) -> Option<String> {
    (!STORES.contains(&store)).then(|| {
        format!(
            "`{store}` is no store of secrets: there are `{}`",
            STORES[..3].join("`, `")
        )
    })
}
