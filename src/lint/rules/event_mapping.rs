//! An event of `@trigger` cannot be listened to on Argo Events.

use crate::declare_rule;
use crate::decorator::Level;
use crate::diagnostic::{Diagnostic, nearest};
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::lint::uses::{self, Use};
use crate::request::{FlowRequest, Trigger};
use crate::source::Span;
use crate::target::Target;

declare_rule! {
    /// An event of `@trigger` cannot be listened to on Argo Events: its name has characters other than letters,
    /// digits, `_`, `-` and `.`, a field of its payload others than letters, digits and `_`, a parameter that it
    /// sets is none of the flow, or two events set the same one.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, Parameter, step, trigger
    ///
    ///
    /// @trigger(event={"name": "data.updated", "parameters": {"aplha": "value"}})
    /// class DemoFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default="1")
    ///
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
    /// from metaflow import FlowSpec, Parameter, step, trigger
    ///
    ///
    /// @trigger(event={"name": "data.updated", "parameters": {"alpha": "value"}})
    /// class DemoFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default="1")
    ///
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
    /// `Parameter *aplha* defined in the event mappings for *@trigger* decorator not found in the flow.`, `Invalid
    /// event name *…* in *@trigger* decorator. …` and others, when it deploys (2.19.39)
    pub static INFO: error "FLC404" "event-mapping";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    for used in uses::named(context, "trigger") {
        let mut mapped: Vec<String> = Vec::new();
        for trigger in triggers(&used) {
            let mut push = |named: &str, message: String, help: Option<String>| {
                let finding = used
                    .finding(&INFO, place(&used, named), message)
                    .target(Target::Argo);
                out.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
            };
            names(&trigger, &mut push);
            parameters(context, &trigger, &mut mapped, &mut push);
        }
    }
}

fn triggers(used: &Use<'_>) -> Vec<Trigger> {
    let mut request = FlowRequest::default();
    if let Level::Flow(lower) = used.decorator.level {
        lower(&used.attributes(), &mut request);
    }
    request.triggers
}

/// Where the text stands among the events.
fn place(used: &Use<'_>, text: &str) -> Span {
    let written = used.truthy("event").or_else(|| used.truthy("events"));
    written.map_or(used.span(), |written| written.place(text))
}

fn names(trigger: &Trigger, push: &mut impl FnMut(&str, String, Option<String>)) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = |c: char| is_word(c) || c == '-' || c == '.';
    if trigger.name.is_empty() || !trigger.name.chars().all(is_name) {
        let message = format!("`{}` cannot be the name of an event", trigger.name);
        push(
            &trigger.name,
            message,
            Some("letters, digits, `_`, `-` and `.` are allowed".to_owned()),
        );
    }
    for (_, field) in &trigger.parameters {
        if field.is_empty() || !field.chars().all(is_word) {
            let message = format!("`{field}` cannot be a field of an event's payload");
            push(
                field,
                message,
                Some("letters, digits and `_` are allowed".to_owned()),
            );
        }
    }
}

/// Names are compared without regard to case, as options of the command line are.
fn parameters(
    context: &Context<'_>,
    trigger: &Trigger,
    mapped: &mut Vec<String>,
    push: &mut impl FnMut(&str, String, Option<String>),
) {
    let flow = context.graph.flow;
    let settable = flow
        .parameters
        .iter()
        .filter(|parameter| parameter.kind != ParameterKind::Config);
    let known: Vec<&str> = settable.map(|parameter| parameter.name.as_str()).collect();
    for (parameter, _) in &trigger.parameters {
        let lower = parameter.to_lowercase();
        if !known.iter().any(|name| name.to_lowercase() == lower) {
            let near = nearest(parameter, known.iter().copied());
            let message = format!(
                "the event `{}` sets `{parameter}`, which is no parameter of the flow",
                trigger.name
            );
            push(
                parameter,
                message,
                near.map(|near| format!("did you mean `{near}`?")),
            );
        } else if mapped.contains(&lower) {
            push(
                parameter,
                format!("the parameter `{parameter}` is set by two events"),
                None,
            );
        }
        mapped.push(lower);
    }
}
