//! `@batch` has `inferentia` and `trainium`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::value::Value;

declare_rule! {
    /// `@batch` has `inferentia` and `trainium`. They are two names of one request; even `0` counts as given.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(inferentia=1, trainium=1)
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
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(trainium=1)
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
    /// `only specify a value for 'inferentia' or 'trainium', not both.` (2.19.39)
    pub static INFO: error "FLC229" "two-accelerators";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "batch") {
        let given = |name| used.get(name).filter(|written| *written.value != Value::None);
        if let (Some(inferentia), Some(trainium)) = (given("inferentia"), given("trainium")) {
            let message = "`@batch` has `inferentia` and `trainium`: they are two names of one request";
            let finding = used.finding(&INFO, trainium.span, message);
            out.push(
                finding
                    .label(inferentia.span, "the other one")
                    .help("remove one of them"),
            );
        }
    }
}
