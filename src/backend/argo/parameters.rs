//! A flow's parameters as the workflow's, and their way to the start task. A value is JSON, as Metaflow's
//! `trigger` sends it; a text that is no JSON is taken as it is.

use super::document::{Parameter, Parameters};
use super::events;
use crate::plan::{Plan, PlannedParameter};

/// `spec.arguments`. A required parameter has no value: the controller refuses a run that does not give it.
pub fn arguments(plan: &Plan) -> Parameters {
    let parameters = plan.parameters.iter().map(|parameter| Parameter {
        name: parameter.name.clone(),
        value: value(parameter),
        // Only shown, so that a blank does no harm; there is no other escape.
        description: parameter.help.as_ref().map(|help| help.replace("{{=", "{ {=")),
        ..Parameter::default()
    });
    let payloads = events::parameters(&events::all(plan)).collect::<Vec<_>>();
    Parameters::new(parameters.chain(payloads).collect())
}

/// None where a run has to give it. The controller reads expressions in the arguments of a workflow: one that it does
/// not understand (`{{=1+}}`) keeps the workflow from ever starting (4.1.2), so the text's JSON hides it.
pub fn value(parameter: &PlannedParameter) -> Option<String> {
    if parameter.is_required {
        return None;
    }
    let json = parameter.default_json().unwrap_or_else(|| "null".to_owned());
    Some(json.replace("{{=", "\\u007b{="))
}

/// All parameters in one text for the start task: base64, so that nothing on the way reads them. The name of
/// one whose default is None ends with `?`: `null` means there that it was not given.
pub fn start_argument(plan: &Plan) -> String {
    if plan.parameters.is_empty() {
        // `{}`
        return "e30=".to_owned();
    }
    let entries = plan.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        let mark = if parameter.default_json().is_none() {
            "?"
        } else {
            ""
        };
        format!("'{name}{mark}': workflow.parameters['{name}']")
    });
    let entries = entries.collect::<Vec<_>>().join(", ");
    format!("{{{{=toBase64(toJson({{{entries}}}))}}}}")
}
