//! A step gets packages from `@conda` and from `@pypi`, its own or those of the class.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Step;
use crate::lint::Context;
use crate::lint::uses::{self, Use};
use crate::value::Value;

declare_rule! {
    /// A step gets packages from `@conda` and from `@pypi`, its own or those of the class. One of the two can
    /// resolve the packages of a step.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, conda, pypi, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @conda(packages={"numpy": "2.0.0"})
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
    /// from metaflow import FlowSpec, pypi, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @pypi(packages={"numpy": "2.0.0", "pandas": "2.2.2"})
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
    /// nothing in `check`; `run` and every deployment: `Mixing and matching PyPI packages and Conda packages within
    /// a step is not yet supported. Use one of @pypi or @conda only.` (2.19.39)
    pub static INFO: error "FLC243" "mixed-package-managers";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let conda_base = uses::named(context, "conda_base").find(has_packages);
    let pypi_base = uses::named(context, "pypi_base").find(has_packages);
    if let (Some(conda), Some(pypi)) = (&conda_base, &pypi_base) {
        out.push(finding("every step", conda, pypi));
        return;
    }
    for step in &context.graph.flow.steps {
        let conda = own_or_base(step, "conda", conda_base);
        let pypi = own_or_base(step, "pypi", pypi_base);
        if let (Some(conda), Some(pypi)) = (conda, pypi) {
            out.push(finding(&format!("`{}`", step.name), &conda, &pypi));
        }
    }
}

/// The use that gives the step packages. None where the step switches that manager off.
fn own_or_base<'a>(step: &'a Step, name: &str, base: Option<Use<'a>>) -> Option<Use<'a>> {
    match uses::first(step, name) {
        Some(own) if own.truthy("disabled").is_some() => None,
        Some(own) if has_packages(&own) => Some(own),
        Some(_) | None => base,
    }
}

fn has_packages(used: &Use<'_>) -> bool {
    let is_filled = |name| {
        used.get(name)
            .and_then(|written| written.value.as_dict())
            .is_some_and(|dict| !dict.is_empty())
    };
    let is_off = used
        .get("disabled")
        .is_some_and(|written| *written.value == Value::Bool(true));
    !is_off && (is_filled("packages") || is_filled("libraries"))
}

fn finding(of: &str, conda: &Use<'_>, pypi: &Use<'_>) -> Diagnostic {
    let message = format!(
        "{of} gets packages from `@{}` and from `@{}`",
        conda.decorator.name, pypi.decorator.name
    );
    let place = if pypi.step.is_some() { pypi } else { conda };
    let other = if pypi.step.is_some() { conda } else { pypi };
    place
        .finding(&INFO, place.span(), message)
        .label(other.span(), "and from here")
        .help("take all of them from one; `disabled=True` on a step switches off what the class has")
}
