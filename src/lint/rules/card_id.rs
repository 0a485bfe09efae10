//! The rule `card-id`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};

declare_rule! {
    /// Two cards of a step have the same `id`, or an `id` has characters other than letters, digits and
    /// underscores. The card is then made without its id, and cannot be asked for by it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, card, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @card(id="loss curve")
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
    /// from metaflow import FlowSpec, card, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @card(id="loss_curve")
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
    /// nothing in `check`; a warning when the task runs (2.19.39)
    pub static INFO: warning "FLC249" "card-id";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let mut seen: Vec<&str> = Vec::new();
        for used in uses::on_step(step).filter(|used| used.decorator.name == "card") {
            let Some(written) = used.get("id") else { continue };
            let Some(id) = written.value.as_str() else {
                continue;
            };
            if seen.contains(&id) {
                out.push(used.finding(
                    &INFO,
                    written.span,
                    format!("two cards of `{}` are called `{id}`", step.name),
                ));
            } else if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                let message = format!(
                    "{} is no id of a card: letters, digits, underscores",
                    shown(written.value)
                );
                out.push(used.finding(&INFO, written.span, message));
            }
            seen.push(id);
        }
    }
}
