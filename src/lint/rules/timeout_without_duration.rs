//! `@timeout` adds up to nothing.

use crate::declare_rule;
use crate::decorator::timeout::total;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::value::Value;

declare_rule! {
    /// `@timeout` adds up to nothing. Each of its attributes is cut to a whole number first, so `minutes=0.5` alone
    /// is nothing too.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step, timeout
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @timeout(minutes=0.5)
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
    /// from metaflow import FlowSpec, step, timeout
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @timeout(seconds=30)
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
    /// `Specify a duration for @timeout.` (2.19.39)
    pub static INFO: error "FLC227" "timeout-without-duration";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "timeout") {
        // What `int()` does not read is another rule's finding.
        let is_readable = used.known().all(|(_, written)| written.value.to_int().is_some());
        if !used.is_complete() || !is_readable || total(&used.attributes()) != 0 {
            continue;
        }
        let is_cut = used
            .known()
            .any(|(_, written)| matches!(written.value, Value::Float(_)));
        let finding = used.finding(&INFO, used.span(), "`@timeout` has no duration");
        out.push(finding.help(if is_cut {
            "fractions are cut off: write `seconds=30` for half a minute"
        } else {
            "give `seconds`, `minutes` or `hours`, which add up"
        }));
    }
}
