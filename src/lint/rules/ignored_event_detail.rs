//! A dict that describes an event, or a flow to wait for, has an entry that is ignored.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// A dict that describes an event, or a flow to wait for, has an entry that is ignored: a key that is not
    /// known, or `parameters` of a type that counts as none.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step, trigger
    ///
    ///
    /// @trigger(event={"name": "data.updated", "parameter": {"alpha": "value"}})
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
    /// nothing (2.19.39)
    pub static INFO: warning "FLC247" "ignored-event-detail";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "trigger") {
        for (written, item) in items(&used, ["event", "events"]) {
            unknown_keys(&used, written, item, &["name", "parameters"], out);
            if let Some(parameters) = item.get("parameters").filter(|value| is_ignored(value)) {
                let message = format!("`parameters` is {}, which maps nothing", shown(parameters));
                out.push(
                    used.finding(&INFO, written.span, message)
                        .help("write a dict, or a list of names and pairs"),
                );
            }
        }
    }
    for used in uses::named(context, "trigger_on_finish") {
        for (written, item) in items(&used, ["flow", "flows"]) {
            unknown_keys(&used, written, item, &["name", "project", "project_branch"], out);
        }
    }
}

/// The dicts in either attribute.
fn items<'a>(used: &Use<'a>, [one, several]: [&str; 2]) -> Vec<(Written<'a>, &'a Value)> {
    let one = used.get(one).map(|written| (written, written.value));
    let several = used.get(several).into_iter().flat_map(|written| {
        let items = written.value.as_sequence().unwrap_or_default().iter();
        items.map(move |item| (written, item))
    });
    one.into_iter()
        .chain(several)
        .filter(|(_, item)| item.as_dict().is_some())
        .collect()
}

fn unknown_keys(
    used: &Use<'_>,
    written: Written<'_>,
    item: &Value,
    known: &[&str],
    out: &mut Vec<Diagnostic>,
) {
    for (key, _) in item.as_dict().unwrap_or_default() {
        let text = key.to_text();
        if known.contains(&text.as_str()) {
            continue;
        }
        let finding = used.finding(&INFO, written.span, format!("{} has no meaning here", shown(key)));
        out.push(match nearest(&text, known.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("the keys are `{}`", known.join("`, `"))),
        });
    }
}

/// What is neither a dict, a list nor a function counts as no mapping; `None` and nothing say so themselves.
fn is_ignored(parameters: &Value) -> bool {
    match parameters {
        Value::Dict(_) | Value::List(_) | Value::Function(_) | Value::Call(_) | Value::None => false,
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Ellipsis => true,
    }
}
