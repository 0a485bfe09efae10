//! `@trigger_on_finish`: flows whose success starts the deployed flow.
//! Metaflow 2.19: `events_decorator.py`, `TriggerOnFinishDecorator`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{FlowRequest, Trigger, TriggerOn};
use crate::source::Span;
use crate::target::Feature;
use crate::value::Value;

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Trigger),
    ..Decorator::new(
        "trigger_on_finish",
        Level::Flow(lower),
        &[
            Attribute::new("flow", "None", Kind::Any),
            Attribute::new("flows", "[]", Kind::Any),
            Attribute::new("options", "{}", Kind::Map).unchecked(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    let flow = attributes.get("flow").filter(|flow| flow.is_truthy());
    let flows = attributes
        .get("flows")
        .and_then(Value::as_sequence)
        .unwrap_or_default();
    let all = flow.into_iter().chain(flows);
    request
        .triggers
        .extend(all.filter_map(|flow| trigger(flow, attributes.span)));
    if let Some(options) = attributes.value("options") {
        request.trigger_options = Some(options);
    }
}

/// One flow; none where a function names it when this one is deployed.
fn trigger(flow: &Value, span: Span) -> Option<Trigger> {
    let text = |key| flow.get(key).and_then(Value::as_str).map(str::to_owned);
    let (name, project, branch) = match flow.as_str() {
        Some(full) => parts(full),
        None => (text("name")?, text("project"), text("project_branch")),
    };
    Some(Trigger {
        span,
        name,
        on: TriggerOn::Finish { project, branch },
        parameters: Vec::new(),
    })
}

/// `Flow`, or `project.branch.Flow`, in which the branch may hold dots: name, project, branch.
fn parts(full: &str) -> (String, Option<String>, Option<String>) {
    let split = full.split_once('.').and_then(|(project, tail)| {
        let (branch, flow) = tail.rsplit_once('.')?;
        Some((flow.to_owned(), Some(project.to_owned()), Some(branch.to_owned())))
    });
    split.unwrap_or_else(|| (full.to_owned(), None, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_flow;

    #[test]
    fn reads_each_form() {
        let flows = Value::List(vec![
            Value::str("Foo"),
            Value::str("p.test.x.Foo"),
            Value::Dict(vec![
                (Value::str("name"), Value::str("Bar")),
                (Value::str("project_branch"), Value::str("prod")),
            ]),
        ]);
        let found = lower_flow(&DECORATOR, &[("flows", flows)]).triggers;
        let owned = |text: &str| Some(text.to_owned());
        let finish = |project, branch| TriggerOn::Finish { project, branch };
        assert_eq!(
            (found[0].name.as_str(), &found[0].on),
            ("Foo", &finish(None, None))
        );
        assert_eq!(
            (found[1].name.as_str(), &found[1].on),
            ("Foo", &finish(owned("p"), owned("test.x")))
        );
        assert_eq!(
            (found[2].name.as_str(), &found[2].on),
            ("Bar", &finish(None, owned("prod")))
        );
    }
}
