//! A schedule that the target cannot say.

use crate::declare_rule;
use crate::decorator::cron::Cron;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use};
use crate::source::Span;
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// The cron expression of `@schedule`, or on Argo Workflows of `reset_at` in the `options` of a trigger, cannot be said in the target's dialect. Argo Workflows and Airflow read five fields, without years and without `L`, `W` and `#`; Step Functions six, of which one of the two days is `?`. Six fields are read as those of AWS, where Sunday is 1; five fields as those of cron, where Sunday is 0.
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
        let cron = used
            .truthy("cron")
            .and_then(|cron| Some((cron.span, cron.value.as_str()?)));
        if let Some((span, text)) = cron {
            out.extend(problem(&used, span, text, target, |cron| spelt(cron, target)));
        }
    }
    if target != Target::Argo {
        return;
    }
    for used in uses::all(context) {
        if let Some((span, reset)) = reset_at(&used)
            && let Some(cron) = reset.get("cron").filter(|cron| cron.is_truthy())
        {
            // A Sensor knows no `@every`.
            out.extend(problem(&used, span, &cron.to_text(), target, Cron::to_unix));
        }
    }
}

/// `options={"reset_at": {"cron": …, "timezone": …}}` of a trigger.
pub fn reset_at<'a>(used: &Use<'a>) -> Option<(Span, &'a Value)> {
    let is_trigger = matches!(used.decorator.name, "trigger" | "trigger_on_finish");
    let options = used.truthy("options").filter(|_| is_trigger)?;
    Some((options.span, options.value.get("reset_at")?))
}

fn problem(
    used: &Use<'_>,
    span: Span,
    text: &str,
    target: Target,
    spell: impl Fn(&Cron) -> Result<String, String>,
) -> Option<Diagnostic> {
    let reason = Cron::parse(text).and_then(|cron| spell(&cron)).err()?;
    let message = format!("`{text}` is no schedule for {}: {reason}", target.title());
    Some(used.finding(&INFO, span, message).target(target))
}

fn spelt(cron: &Cron, target: Target) -> Result<String, String> {
    match target {
        Target::Argo => cron.to_unix_or_interval(),
        Target::Airflow => cron.to_unix(),
        Target::StepFunctions => cron.to_aws(),
    }
}
