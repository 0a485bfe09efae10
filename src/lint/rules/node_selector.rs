//! The rule `node-selector`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Written, shown};
use crate::value::Value;

declare_rule! {
    /// `node_selector` of `@kubernetes` is neither a dict nor a text of the form `key=value,key=value`, or names a
    /// key twice.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(node_selector="gpu-nodes")
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
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(node_selector="pool=gpu-nodes")
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
    /// `Unable to parse kubernetes list: ['gpu-nodes']`, `Duplicate key found: …` (2.19.39)
    pub static INFO: error "FLC234" "node-selector";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        // Metaflow takes apart an empty text too, and no other empty value.
        let is_looked_at =
            |written: &Written<'_>| written.value.is_truthy() || written.value.as_str().is_some();
        let Some(written) = used.get("node_selector").filter(is_looked_at) else {
            continue;
        };
        if let Some(problem) = problem(written.value) {
            out.push(used.finding(&INFO, written.span, problem));
        }
    }
}

fn problem(value: &Value) -> Option<String> {
    if value.as_dict().is_some() {
        return None;
    }
    let Some(text) = value.as_str() else {
        return Some(format!(
            "`node_selector` must be a dict or a text, not {}",
            shown(value)
        ));
    };
    let mut keys: Vec<&str> = Vec::new();
    for item in text.split(',') {
        let Some((key, _)) = item.split_once('=') else {
            return Some(format!("`node_selector` has `{item}`, which is no `key=value`"));
        };
        if keys.contains(&key) {
            return Some(format!("`node_selector` has the key `{key}` twice"));
        }
        keys.push(key);
    }
    None
}
