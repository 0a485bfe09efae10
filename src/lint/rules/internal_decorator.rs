//! A decorator is used that Metaflow attaches by itself when it deploys a flow.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// A decorator is used that Metaflow attaches by itself when it deploys a flow. It is no part of the interface
    /// and does nothing good in a flow.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, argo_workflows_internal, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @argo_workflows_internal
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry
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
    /// nothing: it can be imported and applied (2.19.39)
    pub static INFO: warning "FLC222" "internal-decorator";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::all(context).filter(|used| used.decorator.is_internal) {
        let message = format!(
            "`@{}` is Metaflow's own: it is attached when a flow is deployed",
            used.decorator.name
        );
        out.push(used.finding(&INFO, used.span(), message).help("remove it"));
    }
}
