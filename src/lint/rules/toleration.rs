//! The rule `toleration`.

use crate::declare_rule;
use crate::decorator::kubernetes_values::TOLERATION_KEYS as KEYS;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::value::Value;

declare_rule! {
    /// `tolerations` of `@kubernetes` must be a list of dicts with the keys `key`, `operator`, `value`, `effect`
    /// and `toleration_seconds`: the names of the Python client, not those of YAML.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(tolerations=[{"key": "gpu", "operator": "Exists", "tolerationSeconds": 60}])
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
    ///     @kubernetes(tolerations=[{"key": "gpu", "operator": "Exists", "toleration_seconds": 60}])
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
    /// `Tolerations parameter contains invalid keys: ['tolerationSeconds']`, or `Unable to parse tolerations: …`;
    /// nothing where the Python package kubernetes is not installed (2.19.39)
    pub static INFO: error "FLC235" "toleration";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        let Some(written) = used.truthy("tolerations") else {
            continue;
        };
        let items = written.value.as_sequence();
        let is_list_of_dicts = items.is_some_and(|items| items.iter().all(|item| item.as_dict().is_some()));
        if !is_list_of_dicts {
            let message = format!(
                "`tolerations` must be a list of dicts, not {}",
                shown(written.value)
            );
            out.push(used.finding(&INFO, written.span, message));
            continue;
        }
        let entries = items
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_dict)
            .flatten();
        for (key, _) in entries {
            let text = key.to_text();
            if KEYS.contains(&text.as_str()) {
                continue;
            }
            let message = format!("a toleration has no {}", shown(key));
            let finding = used.finding(&INFO, written.place(&text), message);
            out.push(match nearest(&text, KEYS) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("its keys are `{}`", KEYS.join("`, `"))),
            });
        }
    }
}
