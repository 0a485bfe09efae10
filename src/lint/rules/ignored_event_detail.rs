//! A dict that describes an event, a flow to wait for, or the options of a trigger, has an entry that is ignored.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::value::Value;

declare_rule! {
    /// A dict that describes an event, or a flow to wait for, has an entry that is ignored: a key that is not
    /// known, or `parameters` of a type that counts as none.
    ///
    /// The same of the `options` of a trigger: `reset_at` is a dict with a cron expression as `cron`, and a `timezone`
    /// if need be. Anything else resets nothing, an error for Argo Workflows.
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
    /// nothing; of a `reset_at` that is no dict `AttributeError: 'str' object has no attribute 'get'` when the flow is
    /// deployed to Argo Workflows (2.19.39)
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
    for name in ["trigger", "trigger_on_finish"] {
        for used in uses::named(context, name) {
            options(context, &used, out);
        }
    }
    for used in uses::named(context, "trigger_on_finish") {
        for (written, item) in items(&used, ["flow", "flows"]) {
            unknown_keys(&used, written, item, &["name", "project", "project_branch"], out);
        }
    }
}

/// `options={"reset_at": {"cron": …, "timezone": …}}`
fn options(context: &Context<'_>, used: &Use<'_>, out: &mut Vec<Diagnostic>) {
    let Some(written) = used.truthy("options") else {
        return;
    };
    unknown_keys(used, written, written.value, &["reset_at"], out);
    if let Some(reset) = written.value.get("reset_at") {
        unknown_keys(used, written, reset, &["cron", "timezone"], out);
    }
    if let Some(problem) = options_problem(written.value) {
        let finding = used.finding(&INFO, written.span, problem);
        let finding = finding.severity(Severity::Warning);
        let finding = finding.help(
            "write `options={\"reset_at\": {\"cron\": \"0 5 * * *\", \"timezone\": \"Europe/Berlin\"}}`",
        );
        out.push(used.for_target(context, "options", finding));
    }
}

/// Why the events that wait for others are never forgotten.
fn options_problem(options: &Value) -> Option<String> {
    if options.as_dict().is_none() {
        return Some(format!("`options` must be a dict, not {}", shown(options)));
    }
    // Nothing, and what is empty, asks for nothing.
    let reset = options.get("reset_at").filter(|reset| reset.is_truthy())?;
    if reset.as_dict().is_none() {
        return Some(format!(
            "`reset_at` must be a dict with `cron`, not {}",
            shown(reset)
        ));
    }
    match reset.get("cron") {
        Some(cron) if cron.as_str().is_some_and(|cron| !cron.is_empty()) => {}
        Some(cron) => {
            return Some(format!(
                "`cron` of `reset_at` must be a cron expression, not {}",
                shown(cron)
            ));
        }
        None => return Some("`reset_at` has no `cron`, which says when".to_owned()),
    }
    let zone = reset.get("timezone").filter(|zone| zone.is_truthy())?;
    let is_text = zone.as_str().is_some();
    (!is_text).then(|| format!("`timezone` of `reset_at` must be a text, not {}", shown(zone)))
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
