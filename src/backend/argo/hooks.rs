//! What runs when a workflow has ended, each called by a lifecycle hook: `@exit_hook` functions, notifications,
//! and the handler that says which task failed. Metaflow 2.19: `argo_workflows.py`, `_lifecycle_hooks`.

use super::document::{Env, Hook, Hooks, Parameter, Parameters, Resources, Step, Template};
use super::handler::{self, Handler, Handlers};
use super::{notify, script};
use crate::plan::Plan;
use crate::value::Value;

const TEMPLATE: &str = "exit-hook";
const FUNCTION: &str = "function";
const CAPTURE: &str = "capture-error";
const ON_EXIT: &str = "on-exit";

/// How a run ended, as an expression of a hook.
pub const SUCCEEDED: &str = "workflow.status == 'Succeeded'";
pub const FAILED: &str = "workflow.status == 'Error' || workflow.status == 'Failed'";

/// The workflow's hooks and the templates that they call.
pub fn hooks(handlers: &Handlers<'_>) -> (Hooks, Vec<Template>) {
    let mut hooks = Hooks::default();
    let mut templates = Vec::new();
    notify::add(handlers, &mut hooks, &mut templates);
    functions(handlers, &mut hooks, &mut templates);
    capture(handlers, &mut templates);
    (hooks, templates)
}

/// `@exit_hook`: one template for all functions that run in the same image.
fn functions(handlers: &Handlers<'_>, hooks: &mut Hooks, templates: &mut Vec<Template>) {
    let mut images: Vec<Option<String>> = Vec::new();
    let mut called = Vec::new();
    for exit_hook in &handlers.plan.flow.request.exit_hooks {
        let image = exit_hook
            .options
            .as_ref()
            .and_then(|options| options.get("image"));
        let image = image.and_then(Value::as_str).filter(|image| !image.is_empty());
        let image = image.map(str::to_owned);
        let index = images
            .iter()
            .position(|known| *known == image)
            .unwrap_or(images.len());
        if index == images.len() {
            images.push(image);
        }
        let outcomes = [
            ("success", &exit_hook.on_success, SUCCEEDED),
            ("error", &exit_hook.on_error, FAILED),
        ];
        for (prefix, functions, expression) in outcomes {
            for function in functions {
                let call = (prefix, function, index);
                // Once is enough of the same, as in Metaflow.
                if !called.contains(&call) {
                    called.push(call);
                    hooks.put(
                        free(hooks, &name(prefix, function)),
                        hook(index, function, expression),
                    );
                }
            }
        }
    }
    let images = images.into_iter().enumerate();
    templates.extend(images.map(|(index, image)| template(handlers, index, image)));
}

/// `pkg.clean` and `pkg_clean` are two functions, and one function may be called in two images.
fn free(hooks: &Hooks, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !hooks.has(name)).unwrap_or_default()
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

fn template(handlers: &Handlers<'_>, index: usize, image: Option<String>) -> Template {
    let mut template = handlers.template(Handler {
        name: template_name(index),
        inputs: &[FUNCTION],
        command: handler::bash(script::hook(handlers.plan)),
        env: vec![Env::new("FLOWC_HOOK", "{{inputs.parameters.function}}")],
        resources: Resources::default(),
        image,
    });
    template
        .metadata
        .annotations
        .put("metaflow/hook", "{{inputs.parameters.function}}");
    template
}

/// The template that is called when a run ends, however it does.
pub fn on_exit(plan: &Plan) -> Option<&'static str> {
    plan.deployment.argo.captures_errors.then_some(ON_EXIT)
}

/// Metaflow's `capture_error` in a pod after a failed run. Only `onExit` is told which tasks failed, and it has no
/// condition of its own (that of a hook called `exit` is not looked at): a step in between has it, which takes no pod.
fn capture(handlers: &Handlers<'_>, templates: &mut Vec<Template>) {
    if on_exit(handlers.plan).is_none() {
        return;
    }
    templates.push(Template {
        steps: Some([[Step {
            name: CAPTURE,
            template: CAPTURE,
            when: "{{workflow.status}} != Succeeded",
        }]]),
        ..Template::dag(ON_EXIT)
    });
    templates.push(handlers.template(Handler {
        name: CAPTURE.to_owned(),
        inputs: &[],
        command: handler::bash(script::capture(handlers.plan)),
        env: capture_variables(handlers.plan),
        resources: handler::small("200m", "100Mi", "500Mi"),
        image: None,
    }));
}

/// In base64, since the messages are texts of others.
fn capture_variables(plan: &Plan) -> Vec<Env> {
    let mut env = vec![
        Env::new("FLOWC_FAILURES", "{{=toBase64(workflow.failures)}}"),
        Env::new("METAFLOW_WORKFLOW_NAME", "{{workflow.name}}"),
        Env::new("METAFLOW_WORKFLOW_NAMESPACE", "{{workflow.namespace}}"),
    ];
    let script = plan.deployment.setting("ARGO_WORKFLOWS_CAPTURE_ERROR_SCRIPT");
    if let Some(script) = script.filter(|script| !script.is_empty()) {
        if super::text::needs_empty(script) {
            env.insert(0, super::text::empty());
        }
        env.push(Env::new(
            "METAFLOW_ARGO_WORKFLOWS_CAPTURE_ERROR_SCRIPT",
            super::text::escape(script),
        ));
    }
    env
}
