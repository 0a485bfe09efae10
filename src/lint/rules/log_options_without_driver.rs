//! `@batch(log_options=…)` without `log_driver`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// `@batch(log_options=…)` without `log_driver`: options belong to a driver, and AWS Batch refuses a job
    /// definition that has the ones without the other.
    ///
    /// ## Wrong
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(log_options=["awslogs-group:aws/batch/demo"])
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
    /// # target: step-functions
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(log_driver="awslogs", log_options=["awslogs-group:aws/batch/demo"])
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
    /// nothing in `check`; when it deploys, `Parameter validation failed: Missing required parameter in
    /// containerProperties.logConfiguration: "logDriver"` (2.19.39)
    pub static INFO: error "FLC411" "log-options-without-driver";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context
        .target
        .is_none_or(|target| target.target != Target::StepFunctions)
    {
        return;
    }
    for used in uses::named(context, "batch") {
        let is_driven = used.truthy("log_driver").is_some()
            || (used.get("log_driver").is_none() && used.may_have("log_driver"));
        if let Some(written) = used.truthy("log_options").filter(|_| !is_driven) {
            out.push(
                used.finding(
                    &INFO,
                    written.span,
                    "`log_options` of `@batch` needs a `log_driver`",
                )
                .target(Target::StepFunctions)
                .help("write `log_driver=\"awslogs\"` beside it"),
            );
        }
    }
}
