//! What of a flow matters for a definition and is not known. Knows no target.

use super::{
    AttributeUse, ConfigText, DecoratorKind, DecoratorUse, Flow, Parameter, ParameterKind, Step, Undecided,
};
use crate::value::Unknown;

/// Something that a definition needs and that is not known.
#[derive(Clone, Debug)]
pub struct UnknownUse<'f> {
    pub unknown: &'f Unknown,
    /// In words: "`cpu` of `@batch`".
    pub what: String,
    pub step: Option<&'f str>,
    /// The option that may give a value.
    pub option: Option<String>,
    /// Another way out.
    pub way_out: Option<&'static str>,
}

const DECIDE: &str =
    "let the condition rest on an environment variable or on a constant, which `-D NAME=VALUE` gives a value";

/// All of them: of the flow's members, its decorators, its parameters, its steps; in that order.
pub fn unknowns(flow: &Flow) -> Vec<UnknownUse<'_>> {
    let mut found = Vec::new();
    found.extend(flow.uncertain_steps.iter().map(|uncertain| UnknownUse {
        unknown: &uncertain.unknown,
        what: format!("whether `{}` is a step", uncertain.name),
        step: None,
        option: None,
        way_out: None,
    }));
    let perhaps = flow.uncertain_parameters.iter();
    found.extend(perhaps.map(|uncertain| UnknownUse {
        unknown: &uncertain.unknown,
        what: format!("whether `{}` is a parameter", uncertain.name),
        step: None,
        option: None,
        way_out: Some(DECIDE),
    }));
    found.extend(flow.unknown_name.iter().map(|unknown| UnknownUse {
        unknown,
        what: format!("the name of `{}`", flow.name),
        step: None,
        option: None,
        way_out: None,
    }));
    found.extend(flow.unknown_members.iter().map(|unknown| UnknownUse {
        unknown,
        what: format!("which parameters and steps `{}` has", flow.name),
        step: None,
        option: None,
        way_out: None,
    }));
    found.extend(flow.astray.iter().map(|(name, unknown)| UnknownUse {
        unknown,
        what: format!("what `@{name}` is applied to"),
        step: None,
        option: None,
        way_out: Some(
            "write it above what it is for, or apply it by name: to `TrainFlow`, to `TrainFlow.start`",
        ),
    }));
    for used in &flow.decorators {
        of_decorator(used, None, &flow.name, &mut found);
    }
    for parameter in &flow.parameters {
        of_parameter(parameter, &flow.name, &mut found);
    }
    for step in &flow.steps {
        for used in &step.decorators {
            of_decorator(used, Some(step), &step.name, &mut found);
        }
    }
    found
}

fn of_decorator<'f>(
    used: &'f DecoratorUse,
    step: Option<&'f Step>,
    owner: &str,
    found: &mut Vec<UnknownUse<'f>>,
) {
    if let Some((what, unknown)) = &used.undecided {
        found.push(UnknownUse {
            unknown,
            what: match what {
                Undecided::Which => format!("which decorator `@{}` is", used.name),
                Undecided::Whether => format!("whether `@{}` is applied", used.name),
            },
            step: step.map(|step| step.name.as_str()),
            option: None,
            way_out: Some(DECIDE),
        });
    }
    let matters = match used.kind {
        // A card is made inside the task.
        DecoratorKind::Known(known) => known.name != "card",
        DecoratorKind::UserStep | DecoratorKind::Mutator | DecoratorKind::ThirdParty => false,
    };
    if !matters {
        return;
    }
    let step = step.map(|step| step.name.as_str());
    for AttributeUse { name, value, .. } in &used.attributes {
        if let Err(unknown) = &value.result {
            found.push(UnknownUse {
                unknown,
                what: format!("`{name}` of `@{}`", used.name),
                step,
                option: Some(format!("-D {owner}.{}.{name}=VALUE", used.name)),
                way_out: None,
            });
        }
    }
    if let Some(unknown) = &used.unknown_arguments {
        found.push(UnknownUse {
            unknown,
            what: format!("which attributes `@{}` has", used.name),
            step,
            option: None,
            way_out: None,
        });
    }
}

/// The fields of a parameter that go into a definition.
fn of_parameter<'f>(parameter: &'f Parameter, flow: &str, found: &mut Vec<UnknownUse<'f>>) {
    if let ConfigText::Unknown(unknown) = &parameter.text {
        found.push(UnknownUse {
            unknown,
            what: format!("the content of the Config `{}`", parameter.name),
            step: None,
            option: Some(format!("--config-value {}=JSON", parameter.name)),
            way_out: None,
        });
    }
    let missing = [
        (
            &parameter.unknown_name,
            format!("the name of the parameter `{}`", parameter.variable),
        ),
        (
            &parameter.unknown_arguments,
            format!("which arguments the parameter `{}` has", parameter.variable),
        ),
    ];
    for (unknown, what) in missing {
        found.extend(unknown.iter().map(|unknown| UnknownUse {
            unknown,
            what: what.clone(),
            step: None,
            option: None,
            way_out: None,
        }));
    }
    let fields: &[&str] = match parameter.kind {
        ParameterKind::Parameter => &["name", "default", "type", "required", "separator"],
        ParameterKind::IncludeFile => &["name", "default", "required", "is_text", "encoding"],
        // Tasks read its text again; where the content is not known each use of it says so.
        ParameterKind::Config => &[],
    };
    let attributes = parameter.attributes.iter();
    for AttributeUse { name, value, .. } in attributes.filter(|it| fields.contains(&it.name.as_str())) {
        if let Err(unknown) = &value.result {
            found.push(UnknownUse {
                unknown,
                what: format!("`{name}` of the parameter `{}`", parameter.name),
                step: None,
                option: (name == "default").then(|| format!("-D {flow}.{}=VALUE", parameter.name)),
                way_out: None,
            });
        }
    }
}
