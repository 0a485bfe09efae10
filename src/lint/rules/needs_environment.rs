//! `@conda`, `@pypi` and their `_base` forms work only in an environment that resolves packages.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};

declare_rule! {
    /// `@conda`, `@pypi` and their `_base` forms work only in an environment that resolves packages: every command
    /// needs `--environment=conda`, `pypi` or `fast-bakery`, or the setting `METAFLOW_DEFAULT_ENVIRONMENT`. Worth
    /// knowing, since it cannot be seen in the flow.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, pypi, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @pypi(packages={"pandas": "2.2.2"})
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
    /// without the option: `@pypi decorator requires --environment=conda or --environment=pypi or
    /// --environment=fast-bakery`, even where `disabled=True` (2.19.39)
    pub static INFO: note "FLC242" "needs-environment";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // Of a target that cannot have one another rule speaks.
    if context.target.is_some() {
        return;
    }
    let mut found = uses::all(context)
        .filter(|used| matches!(used.decorator.name, "conda" | "conda_base" | "pypi" | "pypi_base"));
    if let Some(used) = found.next() {
        let message = format!(
            "`@{}` needs an environment that resolves packages",
            used.decorator.name
        );
        out.push(
            used.finding(&INFO, used.span(), message)
                .help("run Metaflow with `--environment=pypi` (or `conda`, `fast-bakery`)"),
        );
    }
}
