//! A schedule that Argo Workflows cannot say.

use crate::declare_rule;
use crate::decorator::cron::Cron;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::target::Target;

declare_rule! {
    /// Argo Workflows reads cron expressions of five fields, without years and without `L`, `W` and `#`. Six fields are read as those of AWS, where Sunday is 1; five fields as those of cron, where Sunday is 0.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(cron="0 0 L * ? *")
    /// class NightlyFlow(FlowSpec):
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
    ///     NightlyFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(cron="0 0 28 * ? *")
    /// class NightlyFlow(FlowSpec):
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
    ///     NightlyFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it cuts the sixth field off and hands on the rest. The API server takes `0 0 L * *`; the controller then reports the schedule as malformed and never runs it (2.19.39 with Argo 4.1.2)
    pub static INFO: error "FLC442" "inexpressible-schedule";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    for used in context.graph.flow.decorators_named("schedule") {
        let Some(attribute) = used.attribute("cron") else {
            continue;
        };
        let Some(text) = attribute
            .value
            .value()
            .and_then(|value| value.as_str())
            .filter(|text| !text.is_empty())
        else {
            continue;
        };
        // Argo takes `@every 20s` as it is.
        if text.starts_with("@every ") {
            continue;
        }
        if let Err(reason) = Cron::parse(text).and_then(|cron| cron.to_unix()) {
            let message = format!("`{text}` is no schedule for Argo Workflows: {reason}");
            out.push(Diagnostic::new(&INFO, attribute.value.span, message).target(Target::Argo));
        }
    }
}
