//! The rule `schedule-choice`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// `@schedule` says more than one thing, of which the first of `cron`, `weekly`, `hourly`, `daily` is taken; or
    /// nothing (`daily=False` alone), so that the flow never starts by itself.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(hourly=True, weekly=True)
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
    /// @schedule(weekly=True)
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
    /// nothing (2.19.39)
    pub static INFO: warning "FLC246" "schedule-choice";
}

/// In the order in which they are looked at.
const CHOICES: [&str; 4] = ["cron", "weekly", "hourly", "daily"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "schedule").filter(uses::Use::is_complete) {
        let mut chosen = CHOICES
            .into_iter()
            .filter_map(|name| Some((name, used.truthy(name)?)));
        let is_off = used.get("daily").is_some_and(|daily| !daily.value.is_truthy());
        match (chosen.next(), chosen.next()) {
            (Some((first, taken)), Some((second, ignored))) => out.push(
                used.finding(
                    &INFO,
                    ignored.span,
                    format!("`{second}` has no effect beside `{first}`"),
                )
                .label(taken.span, "this is taken")
                .help("keep one of them"),
            ),
            (None, _) if is_off => out.push(
                used.finding(
                    &INFO,
                    used.span(),
                    "`@schedule` is switched off: the flow never starts by itself",
                )
                .help("remove the decorator, or say when"),
            ),
            (Some(_) | None, _) => {}
        }
    }
}
