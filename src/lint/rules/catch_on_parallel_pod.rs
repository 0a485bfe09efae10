//! `@catch` and `@parallel` stand on one step that runs on Kubernetes.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// `@catch` and `@parallel` stand on one step that runs on Kubernetes. The gang is one object there, and its
    /// tasks have no fallback attempts. On Argo Workflows every step runs on Kubernetes.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, catch, kubernetes, parallel, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, num_parallel=2)
    ///
    ///     @catch(var="failure")
    ///     @kubernetes
    ///     @parallel
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// from metaflow import FlowSpec, kubernetes, parallel, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, num_parallel=2)
    ///
    ///     @kubernetes
    ///     @parallel
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// `Step *work* contains a @parallel decorator with the @catch decorator. @catch is not supported with
    /// @parallel on Kubernetes.` (2.19.39)
    pub static INFO: error "FLC225" "catch-on-parallel-pod";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let target = context
        .target
        .map(|target| target.target)
        .filter(|target| *target == Target::Argo);
    for step in &context.graph.flow.steps {
        let (Some(catch), Some(parallel)) = (uses::first(step, "catch"), uses::first(step, "parallel"))
        else {
            continue;
        };
        let is_pod = step.has("kubernetes");
        if !is_pod && target.is_none() {
            continue;
        }
        let message = format!(
            "`@catch` cannot stand on `{}`, a `@parallel` step that runs on Kubernetes",
            step.name
        );
        let finding = catch
            .finding(&INFO, catch.span(), message)
            .label(parallel.span(), "a gang of pods");
        let finding = finding.help("remove `@catch`, and let the join look at what its inputs hold");
        out.push(match target {
            Some(target) if !is_pod => finding.target(target),
            Some(_) | None => finding,
        });
    }
}
