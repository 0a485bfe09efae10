//! `@trigger_on_finish` is given something that is no flow.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, shown};
use crate::source::Span;
use crate::value::Value;

declare_rule! {
    /// `@trigger_on_finish` is given something that is no flow: neither or both of `flow` and `flows`, a flow that
    /// is no text or dict, a dict without name, or a name that is neither `Flow` nor `project.branch.Flow`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flow="project.UpstreamFlow")
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
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flow="project.prod.UpstreamFlow")
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
    /// `Incorrect format for *flow* in *@trigger_on_finish* decorator. Specify either just the *flow_name* or a
    /// fully qualified name like *project_name.branch_name.flow_name*.`, and eleven more like it (2.19.39)
    pub static INFO: error "FLC238" "trigger-on-finish-form";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "trigger_on_finish") {
        if let Some((span, problem)) = problem(&used) {
            out.push(used.finding(&INFO, span, problem).help(
                "write `\"UpstreamFlow\"`, `\"project.branch.UpstreamFlow\"`, or \
                 `{\"name\": \"UpstreamFlow\", \"project\": \"project\", \"project_branch\": \"branch\"}`",
            ));
        }
    }
}

fn problem(used: &Use<'_>) -> Option<(Span, String)> {
    match (used.truthy("flow"), used.truthy("flows")) {
        (Some(flow), Some(flows)) => Some((
            flow.span.max(flows.span),
            "`@trigger_on_finish` has `flow` and `flows`: give one".to_owned(),
        )),
        (Some(flow), None) => flow_problem(flow.value).map(|problem| (flow.span, problem)),
        (None, Some(flows)) => flows_problem(flows.value).map(|problem| (flows.span, problem)),
        (None, None) if used.is_complete() => {
            Some((used.span(), "`@trigger_on_finish` names no flow".to_owned()))
        }
        (None, None) => None,
    }
}

fn flows_problem(flows: &Value) -> Option<String> {
    match flows {
        // In a list a function is none of the accepted forms.
        Value::List(items) => items.iter().find_map(|item| match item {
            Value::Function(_) | Value::Call(_) => Some(no_flow(item)),
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Set(_)
            | Value::Dict(_)
            | Value::Ellipsis => flow_problem(item),
        }),
        Value::Function(_) | Value::Call(_) => None,
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis => Some(format!("`flows` must be a list, not {}", shown(flows))),
    }
}

fn no_flow(flow: &Value) -> String {
    format!("a flow must be a text or a dict, not {}", shown(flow))
}

fn flow_problem(flow: &Value) -> Option<String> {
    match flow {
        Value::Str(name) => name_problem(name),
        Value::Dict(_) => dict_problem(flow),
        Value::Function(_) | Value::Call(_) => None,
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Ellipsis => Some(no_flow(flow)),
    }
}

fn dict_problem(flow: &Value) -> Option<String> {
    let Some(name) = flow.get("name") else {
        return Some(format!("the flow {} has no `name`", shown(flow)));
    };
    let Some(text) = name.as_str().filter(|text| !text.contains('.')) else {
        return Some(format!(
            "the `name` of a flow must be a text without dots, not {}",
            shown(name)
        ));
    };
    for key in ["project", "project_branch"] {
        if let Some(value) = flow.get(key).filter(|value| value.as_str().is_none()) {
            return Some(format!(
                "the `{key}` of a flow must be a text, not {}",
                shown(value)
            ));
        }
    }
    name_problem(text)
}

/// `Flow`, or `project.branch.Flow` with any dots in the branch.
fn name_problem(full: &str) -> Option<String> {
    let flow = match full.matches('.').count() {
        0 => full,
        1 => {
            return Some(format!(
                "`{full}` is neither a flow nor a project, branch and flow"
            ));
        }
        _ => full.rsplit('.').next().unwrap_or(full),
    };
    let is_right = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = !flow.is_empty() && flow.chars().all(is_right);
    (!is_name).then(|| format!("`{flow}` cannot be the name of a flow: letters, digits and underscores only"))
}
