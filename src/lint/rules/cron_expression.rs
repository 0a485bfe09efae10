//! The cron expression of `@schedule` cannot be read, or not by the target.

use crate::declare_rule;
use crate::decorator::cron::Cron;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// The cron expression of `@schedule` cannot be read, or not by the target. Five fields are read as Unix's
    /// (Sunday is 0), six as AWS's (the last a year, Sunday is 1, one of the two days is `?`); each target gets its
    /// own dialect of what is written. An error where a target is asked that could not start it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(cron="0 25 * * ? *")
    /// class DemoFlow(FlowSpec):
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
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(cron="0 5 * * ? *")
    /// class DemoFlow(FlowSpec):
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
    /// nothing: the text goes to the target as it is, which may refuse it, or read it differently (2.19.39)
    pub static INFO: warning "FLC244" "cron-expression";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let target = context.target.map(|target| target.target);
    for used in uses::named(context, "schedule") {
        let Some(written) = used.truthy("cron") else {
            continue;
        };
        let Some(text) = written.value.as_str() else {
            continue;
        };
        let finding = |problem: String| used.finding(&INFO, written.span, problem);
        match (Cron::parse(text), target) {
            (Err(problem), None) => out.push(finding(format!("`{text}` {problem}"))),
            (Err(problem), Some(_)) => {
                out.push(finding(format!("`{text}` {problem}")).severity(Severity::Error));
            }
            (Ok(cron), Some(target)) => {
                if let Err(problem) = spelt(&cron, target) {
                    let message = format!("{} cannot start at `{text}`: {problem}", target.title());
                    out.push(finding(message).severity(Severity::Error).target(target));
                }
            }
            (Ok(_), None) => {}
        }
    }
}

fn spelt(cron: &Cron, target: Target) -> Result<String, String> {
    match (target, cron) {
        // Argo Workflows knows `@every`.
        (Target::Argo, Cron::Shorthand { text, .. }) => Ok(text.clone()),
        (Target::Argo | Target::Airflow, _) => cron.to_unix(),
        (Target::StepFunctions, _) => cron.to_aws(),
    }
}
