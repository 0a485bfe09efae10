//! `@timeout` of less than a minute on a step that runs on AWS Batch or Kubernetes.

use crate::declare_rule;
use crate::decorator::timeout::total;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// `@timeout` of less than a minute on a step that runs on AWS Batch or Kubernetes. Without either the step
    /// runs here, and any duration will do; every target puts one of them on every step.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step, timeout
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @timeout(seconds=30)
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
    /// from metaflow import FlowSpec, kubernetes, step, timeout
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @timeout(seconds=60)
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
    /// `The timeout for step *start* should be at least 60 seconds for execution on Kubernetes.` (or `AWS Batch`;
    /// 2.19.39)
    pub static INFO: error "FLC228" "timeout-too-short";
}

const SHORTEST: i64 = 60;

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "timeout") {
        let Some(step) = used.step else { continue };
        let machine = uses::any(step, &["batch", "kubernetes"]);
        let target = context.target.map(|target| target.target);
        let seconds = total(&used.attributes());
        if !used.is_complete() || seconds == 0 || seconds >= SHORTEST {
            continue;
        }
        let finding = match (machine, target) {
            (Some(machine), _) => used
                .finding(
                    &INFO,
                    used.span(),
                    message(seconds, &format!("`@{}`", machine.decorator.name)),
                )
                .label(machine.span(), "starts a machine for the step"),
            (None, Some(target)) => used
                .finding(&INFO, used.span(), message(seconds, target.title()))
                .target(target),
            (None, None) => continue,
        };
        out.push(finding.help(format!("give it at least {SHORTEST} seconds")));
    }
}

fn message(seconds: i64, machine: &str) -> String {
    format!("`@timeout` is {seconds} seconds, and {machine} needs at least {SHORTEST}")
}
