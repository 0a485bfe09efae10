//! `times` of `@retry` is negative, which is none at all, or a fraction, which is cut off.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::value::Value;

declare_rule! {
    /// `times` of `@retry` is negative, which is none at all, or a fraction, which is cut off.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=-1)
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
    ///     @retry(times=0)
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
    /// nothing: `times=-1` does not retry, `times=2.9` retries twice (2.19.39)
    pub static INFO: warning "FLC251" "odd-retry";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "retry") {
        let Some(written) = used.get("times") else {
            continue;
        };
        let Some(times) = written.value.to_int() else {
            continue;
        };
        let is_cut = matches!(written.value, Value::Float(number) if number.fract() != 0.0);
        if times < 0 {
            out.push(used.finding(
                &INFO,
                written.span,
                format!("`times={times}` does not retry at all"),
            ));
        } else if is_cut {
            let message = format!("`times={}` retries {times} times", written.value.to_repr());
            out.push(used.finding(&INFO, written.span, message));
        }
    }
}
