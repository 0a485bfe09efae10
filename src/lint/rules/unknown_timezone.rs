//! The time zone of `@schedule` is not in the IANA database as of 2025.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// The time zone of `@schedule` is not in the IANA database as of 2025. What starts the flow looks it up there,
    /// and does not start it. An error for Airflow, where the DAG does not even load.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(daily=True, timezone="Europe/Berln")
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
    /// @schedule(daily=True, timezone="Europe/Berlin")
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
    /// nothing: a time zone is never looked up (2.19.39)
    pub static INFO: warning "FLC245" "unknown-timezone";
}

/// Sorted names, one a line: `zoneinfo.available_timezones()` of Python with tzdata 2025.
const NAMES: &str = include_str!("timezones.txt");

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "schedule") {
        let Some(written) = used.truthy("timezone") else {
            continue;
        };
        let Some(name) = written
            .value
            .as_str()
            .filter(|name| !NAMES.lines().any(|known| known == *name))
        else {
            continue;
        };
        let mut finding = used.finding(&INFO, written.span, format!("no time zone is called `{name}`"));
        let target = context.target.map(|target| target.target);
        // The DAG's file looks it up when it is read, EventBridge Scheduler when the schedule is made.
        if let Some(target) = target.filter(|target| *target != Target::Argo) {
            finding = finding.severity(Severity::Error).target(target);
        }
        out.push(match nearest(name, NAMES.lines()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("write it as `Europe/Berlin`"),
        });
    }
}
