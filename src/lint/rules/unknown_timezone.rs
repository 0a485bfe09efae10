//! The time zone of `@schedule` is not in the IANA database as of 2025.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::Context;
use crate::lint::rules::inexpressible_schedule::reset_at;
use crate::lint::uses::{self, Use};
use crate::source::Span;
use crate::target::Target;

declare_rule! {
    /// The time zone of `@schedule`, or of `reset_at` in the `options` of a trigger, is not in the IANA database as of
    /// 2025. An error where a target is asked: Airflow does not load the DAG, AWS makes no schedule,
    /// Argo's controller never starts the flow.
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
    let target = context.target.map(|target| target.target);
    for used in uses::named(context, "schedule") {
        let zone = used
            .truthy("timezone")
            .and_then(|zone| Some((zone.span, zone.value.as_str()?)));
        let found = zone.and_then(|(span, name)| problem(&used, span, name, target));
        out.extend(found);
    }
    for used in uses::all(context) {
        let reset = reset_at(&used).and_then(|(span, reset)| Some((span, reset.get("timezone")?.as_str()?)));
        // Sensors are Argo's alone.
        let user = target.filter(|target| *target == Target::Argo);
        let found = reset.and_then(|(span, name)| problem(&used, span, name, user));
        out.extend(found);
    }
}

fn problem(used: &Use<'_>, span: Span, name: &str, target: Option<Target>) -> Option<Diagnostic> {
    // Go's own name for where the controller runs.
    let is_local = target == Some(Target::Argo) && name == "Local";
    if name.is_empty() || is_local || NAMES.lines().any(|known| known == name) {
        return None;
    }
    let finding = used.finding(&INFO, span, format!("no time zone is called `{name}`"));
    let finding = match target {
        Some(target) => finding.severity(Severity::Error).target(target),
        None => finding,
    };
    Some(match nearest(name, NAMES.lines()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write it as `Europe/Berlin`"),
    })
}
