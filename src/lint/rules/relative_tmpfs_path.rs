//! `tmpfs_path` of `@batch` or `@kubernetes` is not absolute.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Context, uses};

declare_rule! {
    /// `tmpfs_path` of `@batch` or `@kubernetes` is not absolute. It is a place in the container to mount at.
    /// Metaflow refuses it for `@batch` alone; Kubernetes refuses the pod.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(use_tmpfs=True, tmpfs_path="scratch")
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
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(use_tmpfs=True, tmpfs_path="/scratch")
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
    /// `'tmpfs_path' needs to be an absolute path` for `@batch`, nothing for `@kubernetes` (2.19.39)
    pub static INFO: error "FLC231" "relative-tmpfs-path";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::all(context).filter(|used| matches!(used.decorator.name, "batch" | "kubernetes")) {
        let Some(written) = used.truthy("tmpfs_path") else {
            continue;
        };
        let Some(path) = written.value.as_str().filter(|path| !path.starts_with('/')) else {
            continue;
        };
        let message = format!("`tmpfs_path` must begin with `/`, `{path}` does not");
        let severity = if used.decorator.name == "batch" {
            Severity::Error
        } else {
            Severity::Warning
        };
        out.push(used.finding(&INFO, written.span, message).severity(severity));
    }
}
