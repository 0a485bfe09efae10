//! `@trigger`: events that start the deployed flow. Metaflow 2.19: `events_decorator.py`, `TriggerDecorator`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{FlowRequest, Trigger, TriggerOn};
use crate::source::Span;
use crate::target::Feature;
use crate::value::{Call, Value};

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Trigger),
    ..Decorator::new(
        "trigger",
        Level::Flow(lower),
        &[
            Attribute::new("event", "None", Kind::Any),
            Attribute::new("events", "[]", Kind::Any),
            Attribute::new("options", "{}", Kind::Map).unchecked(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    let event = attributes.get("event").filter(|event| event.is_truthy());
    let events = attributes
        .get("events")
        .and_then(Value::as_sequence)
        .unwrap_or_default();
    let all = event.into_iter().chain(events);
    request
        .triggers
        .extend(all.filter_map(|event| trigger(event, attributes.span)));
    if let Some(options) = attributes.value("options") {
        request.trigger_options = Some(options);
    }
}

/// One event; none where a function names it when the flow is deployed.
fn trigger(event: &Value, span: Span) -> Option<Trigger> {
    let (name, is_namespaced) = name(event.get("name").unwrap_or(event))?;
    Some(Trigger {
        span,
        name,
        on: TriggerOn::Event { is_namespaced },
        parameters: event.get("parameters").map(mapping).unwrap_or_default(),
    })
}

/// A text, or `namespaced_event_name("x")` (then true).
fn name(value: &Value) -> Option<(String, bool)> {
    if let Value::Call(call) = value {
        let argument = call
            .arguments
            .first()
            .filter(|_| &*call.callee == Call::NAMESPACED_EVENT);
        return argument.and_then(|(_, name)| Some((name.as_str()?.to_owned(), true)));
    }
    Some((value.as_str()?.to_owned(), false))
}

/// Flow parameter → field of the payload, from a dict or from a list of names and pairs.
fn mapping(value: &Value) -> Vec<(String, String)> {
    let entries = value.as_dict().unwrap_or_default().iter();
    let named = entries.filter_map(|(parameter, field)| pair(parameter, field));
    // Of a tuple Metaflow takes no notice.
    let items = match value {
        Value::List(items) => items.iter(),
        Value::Tuple(_)
        | Value::Dict(_)
        | Value::Set(_)
        | Value::Str(_)
        | Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => [].iter(),
    };
    named.chain(items.filter_map(item)).collect()
}

fn item(item: &Value) -> Option<(String, String)> {
    match item.as_sequence() {
        Some([parameter, field]) => pair(parameter, field),
        Some(_) => None,
        None => pair(item, item),
    }
}

fn pair(parameter: &Value, field: &Value) -> Option<(String, String)> {
    Some((parameter.as_str()?.to_owned(), field.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_flow;
    use std::sync::Arc;

    fn dict(entries: &[(&str, Value)]) -> Value {
        Value::Dict(
            entries
                .iter()
                .map(|(key, value)| (Value::str(*key), value.clone()))
                .collect(),
        )
    }

    fn triggers(attributes: &[(&str, Value)]) -> Vec<Trigger> {
        lower_flow(&DECORATOR, attributes).triggers
    }

    #[test]
    fn reads_each_form() {
        let text = |text: &str| Value::str(text);
        let found = triggers(&[("event", text("foo"))]);
        assert_eq!(found[0].name, "foo");
        assert!(found[0].parameters.is_empty());

        let parameters = Value::List(vec![text("p"), Value::Tuple(vec![text("q"), text("r")])]);
        let event = dict(&[("name", text("foo")), ("parameters", parameters)]);
        let found = triggers(&[("events", Value::List(vec![event, text("bar")]))]);
        let pairs = [("p".to_owned(), "p".to_owned()), ("q".to_owned(), "r".to_owned())];
        assert_eq!(found[0].parameters, pairs);
        assert_eq!(found[1].name, "bar");

        let parameters = Value::Tuple(vec![text("p")]);
        let found = triggers(&[(
            "event",
            dict(&[("name", text("foo")), ("parameters", parameters)]),
        )]);
        assert!(found[0].parameters.is_empty());
    }

    #[test]
    fn namespaced_names_are_marked_and_functions_left_out() {
        let call = Call {
            callee: Call::NAMESPACED_EVENT.into(),
            arguments: vec![(None, Value::str("x"))],
        };
        let found = triggers(&[("event", Value::Call(Arc::new(call)))]);
        assert_eq!(found[0].name, "x");
        assert_eq!(found[0].on, TriggerOn::Event { is_namespaced: true });
        assert!(triggers(&[("event", Value::Function("<lambda>".into()))]).is_empty());
    }
}
