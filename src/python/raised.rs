//! The finding that Python raises an exception while it imports a flow.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::value::{Unknown, Why};

declare_rule! {
    /// Python raises an exception before any task runs: the module cannot be imported.
    ///
    /// Module-level code, class bodies and decorators run whenever the flow's file is loaded: by every command
    /// and again in every task. A name that is not defined there, a missing environment variable or dictionary key,
    /// a type error or an explicit `raise` ends the flow before it begins.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    /// SIZES = {"small": 2}
    /// CPU = SIZES["large"]
    ///
    ///
    /// class SizedFlow(FlowSpec):
    ///     @resources(cpu=CPU)
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
    ///     SizedFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    /// SIZES = {"small": 2, "large": 16}
    /// CPU = SIZES["large"]
    ///
    ///
    /// class SizedFlow(FlowSpec):
    ///     @resources(cpu=CPU)
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
    ///     SizedFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing of its own: every command ends with Python's traceback.
    pub static DEFINITION_TIME_EXCEPTION: error "FLC203" "definition-time-exception";
}

/// The diagnostic for what Python raises.
pub fn definition_time_exception(unknown: &Unknown) -> Diagnostic {
    let message = match &unknown.why {
        Why::Raises { exception, message } if message.is_empty() => {
            format!("Python raises `{exception}` here, before any task runs")
        }
        Why::Raises { exception, message } => {
            format!("Python raises `{exception}` here, before any task runs: {message}")
        }
        Why::Runtime { what } => {
            format!(
                "Python raises `NameError` here, before any task runs: `{what}` belongs to a running task"
            )
        }
        Why::Placeholder { name, .. } => {
            format!("Python raises `TypeError` here, before any task runs: `{name}` has no value yet")
        }
        Why::Opaque { reason } => format!("this cannot be known before it runs: {reason}"),
        Why::HalfCharacter { escape } => format!("a text with `{escape}` cannot be known before it runs"),
    };
    Diagnostic::new(&DEFINITION_TIME_EXCEPTION, unknown.span, message)
}
