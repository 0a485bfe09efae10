//! `@trigger` and `@trigger_on_finish` on one flow.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;

declare_rule! {
    /// `@trigger` and `@trigger_on_finish` on one flow: on Argo Workflows a flow starts by events of one kind.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, step, trigger, trigger_on_finish
    ///
    ///
    /// @trigger(event="data.updated")
    /// @trigger_on_finish(flow="UpstreamFlow")
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
    /// # target: argo
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flow="UpstreamFlow")
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
    /// `Argo Workflows doesn't support both *@trigger* and *@trigger_on_finish* decorators concurrently yet. Use
    /// one or the other for now.`, when it deploys (2.19.39)
    pub static INFO: error "FLC405" "mixed-triggers";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    let first = |name| uses::named(context, name).next();
    if let (Some(event), Some(finish)) = (first("trigger"), first("trigger_on_finish")) {
        let mut spans = [event.span(), finish.span()];
        spans.sort_unstable();
        let [upper, lower] = spans;
        let message = "`@trigger` and `@trigger_on_finish` cannot start one flow on Argo Workflows";
        let finding = event.finding(&INFO, lower, message).label(upper, "the other one");
        out.push(finding.target(Target::Argo).help(
            "keep one; the end of a flow is an event too: `@trigger(event=\"metaflow.UpstreamFlow.end\")`",
        ));
    }
}
