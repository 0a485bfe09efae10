//! The target drops a decorator or an attribute.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Support;

declare_rule! {
    /// The target drops a decorator or an attribute: the flow is compiled without it. Asked only of the target that
    /// is named with `--target` or in `flowc.toml`.
    ///
    /// ## Wrong
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=2, minutes_between_retries=5)
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
    /// # target: step-functions
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// nothing (2.19.39)
    pub static INFO: note "FLC402" "no-effect";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    for used in uses::all(context) {
        let name = used.decorator.name;
        if let Some(Support::Ignored(reason)) = used.decorator.needs.map(|feature| target.supports(feature)) {
            let message = format!("`@{name}` has no effect on {}: {reason}", target.title());
            out.push(used.finding(&INFO, used.span(), message).target(target));
            continue;
        }
        for (attribute, written) in used.known() {
            let declared = used.decorator.attribute(&attribute.name);
            if let Some(Support::Ignored(reason)) = declared.map(|declared| declared.support(target)) {
                let message = format!(
                    "`{}` of `@{name}` has no effect on {}: {reason}",
                    attribute.name,
                    target.title()
                );
                out.push(used.finding(&INFO, written.span, message).target(target));
            }
        }
    }
}
