//! The rule `incomplete-project`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `@trigger_on_finish` names a project or a branch, but not both, and the flow has no `@project` of its own to
    /// take the other from.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flow={"name": "UpstreamFlow", "project": "demo"})
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
    /// @trigger_on_finish(
    ///     flow={"name": "UpstreamFlow", "project": "demo", "project_branch": "prod"}
    /// )
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
    /// `Incomplete project info. Please specify both 'project' and 'project_branch' or use the @project decorator`,
    /// when it deploys to Argo Workflows (2.19.39)
    pub static INFO: error "FLC406" "incomplete-project";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let is_argo = context.target.is_some_and(|target| target.target == Target::Argo);
    if !is_argo || uses::named(context, "project").next().is_some() {
        return;
    }
    for used in uses::named(context, "trigger_on_finish") {
        for written in ["flow", "flows"].iter().filter_map(|name| used.truthy(name)) {
            let items = written
                .value
                .as_sequence()
                .unwrap_or(std::slice::from_ref(written.value));
            for (given, missing) in items.iter().filter_map(half) {
                let message = format!("`{given}` without `{missing}`, and the flow is in no `@project`");
                out.push(used.finding(&INFO, written.span, message).target(Target::Argo));
            }
        }
    }
}

/// The key that is there and the one that is not.
fn half(flow: &Value) -> Option<(&'static str, &'static str)> {
    match (
        flow.get("project").is_some(),
        flow.get("project_branch").is_some(),
    ) {
        (true, false) => Some(("project", "project_branch")),
        (false, true) => Some(("project_branch", "project")),
        (true, true) | (false, false) => None,
    }
}
