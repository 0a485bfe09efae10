//! A function computes an event of `@trigger`, or a flow of `@trigger_on_finish`, when Metaflow deploys.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::{Context, uses};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// A function computes an event of `@trigger`, or a flow of `@trigger_on_finish`, when Metaflow deploys. flowc
    /// runs no code of the flow, so it cannot know the answer.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(event=lambda context: context.flow_name)
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
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(event="DemoFlow")
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
    /// nothing: it calls the function when it deploys (2.19.39)
    pub static INFO: error "FLC408" "deploy-time-event";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    for used in uses::all(context).filter(|used| used.decorator.name.starts_with("trigger")) {
        for (attribute, written) in used.known() {
            let takes_functions = matches!(attribute.name.as_str(), "event" | "events" | "flow" | "flows");
            if takes_functions && holds_function(written.value) {
                let message = format!(
                    "`{}` is computed by a function when the flow is deployed",
                    attribute.name
                );
                out.push(
                    used.finding(&INFO, written.span, message)
                        .target(Target::Argo)
                        .help(
                            "write the value, or `namespaced_event_name(\"name\")` for a project's own event",
                        ),
                );
            }
        }
    }
}

fn holds_function(value: &Value) -> bool {
    match value {
        Value::Function(_) => true,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().any(holds_function),
        Value::Dict(entries) => entries.iter().any(|(_, value)| holds_function(value)),
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Ellipsis
        | Value::Call(_) => false,
    }
}
