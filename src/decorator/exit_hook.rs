//! `@exit_hook`: functions that run when the workflow ended. Metaflow 2.19: `exit_hook_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{ExitHook, FlowRequest};
use crate::target::Feature;
use crate::value::Value;

pub(super) static DECORATOR: Decorator = Decorator {
    is_multiple: true,
    needs: Some(Feature::ExitHook),
    ..Decorator::new(
        "exit_hook",
        Level::Flow(lower),
        &[
            Attribute::new("on_success", "[]", Kind::Any),
            Attribute::new("on_error", "[]", Kind::Any),
            Attribute::new("options", "{}", Kind::Map).unchecked(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.exit_hooks.push(ExitHook {
        on_success: functions(attributes.get("on_success")),
        on_error: functions(attributes.get("on_error")),
        options: attributes.value("options"),
    });
}

/// Functions by name, given as text or as themselves.
fn functions(hooks: Option<&Value>) -> Vec<String> {
    let hooks = hooks.and_then(Value::as_sequence).unwrap_or_default();
    hooks.iter().filter_map(function).map(str::to_owned).collect()
}

fn function(hook: &Value) -> Option<&str> {
    match hook {
        Value::Function(name) => Some(name),
        Value::Str(_)
        | Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Call(_) => hook.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_flow;

    #[test]
    fn functions_go_by_name() {
        let hooks = Value::List(vec![Value::Function("report".into()), Value::str("tell")]);
        let request = lower_flow(&DECORATOR, &[("on_error", hooks)]);
        assert_eq!(request.exit_hooks[0].on_error, ["report", "tell"]);
        assert!(request.exit_hooks[0].on_success.is_empty());
    }
}
