//! `@environment` sets a variable that is not the user's to set: `FLOWC_…`, `AWS_BATCH…`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::target::Target;

declare_rule! {
    /// `@environment` sets a variable whose name begins with `FLOWC_`, by which a definition tells a task its inputs,
    /// or on Step Functions with `AWS_BATCH`: AWS Batch keeps these for itself and refuses the job.
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
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    for used in uses::named(context, "environment") {
        let Some(written) = used.get("vars") else { continue };
        for (name, _) in written.value.as_dict().unwrap_or_default() {
            let (owner, prefix) = match name.as_str() {
                Some(name) if name.starts_with("FLOWC_") => ("the definition", "FLOWC_"),
                Some(name) if name.starts_with("AWS_BATCH") && target == Target::StepFunctions => {
                    ("AWS Batch", "AWS_BATCH")
                }
                Some(_) | None => continue,
            };
            let place = written.place(&name.to_text());
            let name = shown(name);
            let message =
                format!("{name} is not free: {owner} keeps names beginning with `{prefix}` for itself");
            out.push(used.finding(&INFO, place, message).target(target));
        }
    }
}
