//! The cron expression of `@schedule` cannot be read.

use crate::declare_rule;
use crate::decorator::cron::Cron;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// The cron expression of `@schedule` cannot be read. Five fields are read as Unix's (Sunday is 0), six as
    /// AWS's (the last a year, Sunday is 1, one of the two days is `?`); each target gets its own dialect of what
    /// is written. An error (FLC442) where a target is asked.
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
    if context.target.is_some() {
        return;
    }
    for used in uses::named(context, "schedule") {
        let Some(written) = used.truthy("cron") else {
            continue;
        };
        let Some(text) = written.value.as_str() else {
            continue;
        };
        if let Err(problem) = Cron::parse(text) {
            out.push(used.finding(&INFO, written.span, format!("`{text}` {problem}")));
        }
    }
}
