//! `@exit_hook`: functions that run when a workflow has ended. One leaf template for all of them, called by a
//! lifecycle hook each. Metaflow 2.19: `argo_workflows.py`, `_lifecycle_hooks`.

use super::document::{Container, Env, Hook, Hooks, Metadata, Pairs, Parameter, Parameters, Template, Text};
use super::script;
use crate::plan::Plan;
use crate::value::Value;

const TEMPLATE: &str = "exit-hook";
const FUNCTION: &str = "function";

/// The workflow's hooks and the templates that they call.
pub fn hooks(plan: &Plan, common: &Container) -> (Hooks, Vec<Template>) {
    let mut images: Vec<Option<String>> = Vec::new();
    let mut hooks = Hooks::default();
    for exit_hook in &plan.flow.request.exit_hooks {
        let image = exit_hook
            .options
            .as_ref()
            .and_then(|options| options.get("image"));
        let image = image.and_then(Value::as_str).map(str::to_owned);
        let image = image.filter(|image| common.image.as_ref() != Some(image));
        let index = images
            .iter()
            .position(|known| *known == image)
            .unwrap_or(images.len());
        if index == images.len() {
            images.push(image);
        }
        let outcomes = [
            ("success", &exit_hook.on_success, "workflow.status == 'Succeeded'"),
            (
                "error",
                &exit_hook.on_error,
                "workflow.status == 'Error' || workflow.status == 'Failed'",
            ),
        ];
        for (prefix, functions, expression) in outcomes {
            for function in functions {
                hooks.put(name(prefix, function), hook(index, function, expression));
            }
        }
    }
    let templates = images.into_iter().enumerate();
    let templates = templates
        .map(|(index, image)| template(plan, index, image))
        .collect();
    (hooks, templates)
}

/// `success-notify`; a dotted path keeps no dots.
fn name(prefix: &str, function: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{prefix}-{}", function.chars().map(plain).collect::<String>())
}

fn template_name(index: usize) -> String {
    if index == 0 {
        TEMPLATE.to_owned()
    } else {
        format!("{TEMPLATE}-{}", index + 1)
    }
}

fn hook(index: usize, function: &str, expression: &str) -> Hook {
    Hook {
        template: template_name(index),
        expression: expression.to_owned(),
        arguments: Parameters::new(vec![Parameter::value(FUNCTION, function)]),
    }
}

fn template(plan: &Plan, index: usize, image: Option<String>) -> Template {
    let words = ["bash", "-c"].map(|word| Text::Word(word.to_owned()));
    let command = words.into_iter().chain([Text::Script(script::hook(plan))]);
    let mut annotations = Pairs::default();
    annotations.put("metaflow/hook", "{{inputs.parameters.function}}");
    Template {
        inputs: Parameters::new(vec![Parameter::input(FUNCTION)]),
        metadata: Metadata {
            annotations,
            ..Metadata::default()
        },
        container: Some(Container {
            image,
            command: command.collect(),
            env: vec![Env::new("FLOWC_HOOK", "{{inputs.parameters.function}}")],
            ..Container::default()
        }),
        ..Template::dag(&template_name(index))
    }
}
