//! `@kubernetes(namespace=…)` on Argo Workflows.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `@kubernetes(namespace=…)` on Argo Workflows: all pods of a workflow run in the workflow's own namespace. It
    /// is given when the definition is compiled (`--k8s-namespace`, `METAFLOW_KUBERNETES_NAMESPACE`) or applied. The
    /// deployment's own may be named, and `default` where none is given: the definition then names it as well.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(namespace="research")
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
    /// ```sh
    /// flowc compile train.py --target argo --k8s-namespace research
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(namespace="research")
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
    /// ```python
    /// # target: argo
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
    /// `Multi-namespace Kubernetes execution of flows in Argo Workflows is not currently supported. Step *start* is
    /// trying to override the default Kubernetes namespace *default*.`, unless it is the deployment's own (2.19.39)
    pub static INFO: error "FLC403" "namespace-override";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    for used in uses::named(context, "kubernetes") {
        let own = context.namespace;
        let written = used.truthy("namespace");
        let is_other = |value: &Value| own.is_some() && value.as_str() != own;
        if let Some(written) = written.filter(|written| is_other(written.value)) {
            let message = "a workflow's pods run in its own namespace: `namespace` cannot name another one";
            out.push(
                used.finding(&INFO, written.span, message)
                    .target(Target::Argo)
                    .help("remove it, and give the namespace of the whole workflow by `--k8s-namespace`"),
            );
        }
    }
}
