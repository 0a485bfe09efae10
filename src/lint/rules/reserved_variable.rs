//! `@environment` sets a variable whose name begins with `AWS_BATCH`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// `@environment` sets a variable whose name begins with `AWS_BATCH`. AWS Batch keeps these for itself and
    /// refuses the job.
    ///
    /// ## Wrong
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @environment(vars={"AWS_BATCH_LEVEL": "1"})
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
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @environment(vars={"BATCH_LEVEL": "1"})
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
    /// nothing; AWS Batch refuses the job when it is submitted (2.19.39)
    pub static INFO: error "FLC410" "reserved-variable";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context
        .target
        .is_none_or(|target| target.target != Target::StepFunctions)
    {
        return;
    }
    for used in uses::named(context, "environment") {
        let Some(written) = used.get("vars") else { continue };
        for (name, _) in written.value.as_dict().unwrap_or_default() {
            if let Some(name) = name.as_str().filter(|name| name.starts_with("AWS_BATCH")) {
                let message = format!(
                    "AWS Batch keeps `{name}` for itself: names beginning with `AWS_BATCH` are refused"
                );
                out.push(
                    used.finding(&INFO, written.span, message)
                        .target(Target::StepFunctions),
                );
            }
        }
    }
}
