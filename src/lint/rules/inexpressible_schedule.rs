//! A schedule that the target cannot say.

use crate::declare_rule;
use crate::decorator::cron::Cron;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// The cron expression of `@schedule` cannot be said in the target's dialect. Argo Workflows and Airflow read five fields, without years and without `L`, `W` and `#`; Step Functions six, of which one of the two days is `?`. Six fields are read as those of AWS, where Sunday is 1; five fields as those of cron, where Sunday is 0.
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
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    for used in uses::named(context, "schedule") {
        let Some(written) = used.truthy("cron") else {
            continue;
        };
        let Some(text) = written.value.as_str() else {
            continue;
        };
        if let Err(reason) = Cron::parse(text).and_then(|cron| spelt(&cron, target)) {
            let message = format!("`{text}` is no schedule for {}: {reason}", target.title());
            out.push(used.finding(&INFO, written.span, message).target(target));
        }
    }
}

fn spelt(cron: &Cron, target: Target) -> Result<String, String> {
    match (target, cron) {
        // Argo takes `@every 20s` as it is.
        (Target::Argo, Cron::Shorthand { text, .. }) => Ok(text.clone()),
        (Target::Argo | Target::Airflow, _) => cron.to_unix(),
        (Target::StepFunctions, _) => cron.to_aws(),
    }
}
