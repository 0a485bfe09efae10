//! A step has `@batch` and `@kubernetes`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// A step has `@batch` and `@kubernetes`. It can run on one of them.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, batch, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch
    ///     @kubernetes
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
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes
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
    /// `Step *start* is marked for execution both on AWS Batch and Kubernetes. Please use one or the other.`
    /// (2.19.39)
    pub static INFO: error "FLC226" "two-machines";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        if let (Some(batch), Some(kubernetes)) = (uses::first(step, "batch"), uses::first(step, "kubernetes"))
        {
            let mut spans = [batch.span(), kubernetes.span()];
            spans.sort_unstable();
            let [upper, lower] = spans;
            let message = format!(
                "`{}` has `@batch` and `@kubernetes`: it can run on one of them",
                step.name
            );
            out.push(
                batch
                    .finding(&INFO, lower, message)
                    .label(upper, "the other one")
                    .help("remove one; or have both away, and give one by `--with` when you deploy"),
            );
        }
    }
}
