//! What a definition measures, held against what its target accepts. The rules' pages stand in
//! `lint/rules/limits.rs`.

use super::{Limit, Measure, step_functions};
use crate::diagnostic::Diagnostic;
use crate::lint::rules::limits as rules;
use crate::target::Target;

/// Names of more characters are refused by Metaflow; a run's name needs room for a suffix within 63.
const ARGO_NAME: usize = 45;
/// Argo's CRDs allow 200 tasks in a DAG and 200 templates.
const ARGO_TASKS: usize = 200;
const ARGO_TEMPLATES: usize = 200;
/// Argo's controller goes 100 deep, of which the entry, the leaf and what it counts above them take three.
const ARGO_NESTING: usize = 97;
/// Rounds of a loop in the entry: 97 levels of nesting, twelve rounds in each.
const ARGO_ROUNDS: usize = 1_164;
/// Argo's CRDs allow 500 parameters.
const ARGO_PARAMETERS: usize = 500;
/// Linux starts no program with a longer variable.
pub const VARIABLE: usize = 131_072;
/// `kubectl apply` keeps the whole object in an annotation.
const KUBECTL_ANNOTATION: usize = 262_144;
/// Argo's `MAX_WORKFLOW_SIZE`.
const ARGO_WORKFLOW: usize = 1_048_576;

/// The measures that a target does not accept, or that ask for care.
pub fn check(measures: &[Measure]) -> Vec<Diagnostic> {
    measures.iter().filter_map(judge).collect()
}

/// The most that the target accepts, in the unit of the [`Limit`].
pub fn most(limit: Limit) -> usize {
    match limit {
        Limit::ArgoWorkflowName => ARGO_NAME,
        Limit::ArgoDagTasks => ARGO_TASKS,
        Limit::ArgoTemplates => ARGO_TEMPLATES,
        Limit::ArgoNesting => ARGO_NESTING,
        Limit::ArgoParameterBytes => VARIABLE,
        Limit::ArgoParameters => ARGO_PARAMETERS,
        Limit::ArgoLoopRounds => ARGO_ROUNDS,
        Limit::ArgoWorkflowBytes => ARGO_WORKFLOW,
        Limit::BatchOverrides => step_functions::limits::OVERRIDES,
        Limit::BatchJobBytes => step_functions::limits::JOB,
        Limit::StateMachineName | Limit::StateName => step_functions::limits::NAME,
        Limit::StateMachineBytes => step_functions::limits::DEFINITION,
        Limit::TemplateBytes => step_functions::limits::TEMPLATE,
        Limit::TemplateReferences => 0,
        Limit::ExecutionEvents => step_functions::limits::EVENTS,
        Limit::MapResultBytes => step_functions::limits::PAYLOAD,
        Limit::TableItemBytes => step_functions::limits::ITEM,
        Limit::InlineMapWidth => step_functions::limits::INLINE,
    }
}

fn judge(measure: &Measure) -> Option<Diagnostic> {
    let Measure {
        limit,
        at,
        what,
        size,
        spent: _,
    } = measure;
    let found = |rule, message: String| Diagnostic::new(rule, *at, message);
    let diagnostic = match limit {
        Limit::ArgoWorkflowName if *size > ARGO_NAME => found(
            &rules::WORKFLOW_NAME_TOO_LONG,
            format!("the workflow's name `{what}` has {size} characters, at most {ARGO_NAME} are allowed"),
        )
        .help("give a shorter one with `--name`"),
        Limit::ArgoDagTasks if *size > ARGO_TASKS => found(
            &rules::TOO_MANY_TASKS,
            format!("{size} tasks lie side by side in one DAG, the first is `{what}`: Argo Workflows accepts {ARGO_TASKS}"),
        )
        .help("a long flow is cut into parts where a single step follows a single step: join the branches earlier, or move steps into a foreach"),
        Limit::ArgoTemplates if *size > ARGO_TEMPLATES => found(
            &rules::TOO_MANY_TEMPLATES,
            format!("the definition has {size} templates, Argo Workflows accepts {ARGO_TEMPLATES}"),
        )
        .help("steps whose images, environments and resources are the same share a template"),
        Limit::ArgoNesting if *size > ARGO_NESTING => found(
            &rules::TOO_MANY_TEMPLATES,
            format!("`{what}` lies {size} templates deep, Argo Workflows follows {ARGO_NESTING}"),
        )
        .help("each foreach within a foreach is a level: let one go over all combinations"),
        Limit::ArgoParameterBytes if *size > VARIABLE => found(
            &rules::PARAMETERS_TOO_LARGE,
            format!("the parameters' defaults take {size} bytes on their way to the first step, at most {VARIABLE} fit"),
        )
        .help("read large values from a file or a table within the flow"),
        Limit::ArgoParameters if *size > ARGO_PARAMETERS => found(
            &rules::TOO_MANY_PARAMETERS,
            format!("the workflow has {size} parameters, Argo Workflows accepts {ARGO_PARAMETERS}"),
        )
        .help("put values that belong together into one `JSONType` parameter"),
        Limit::ArgoLoopRounds => found(
            &rules::LOOP_ROUNDS,
            format!("`{what}` can run at most {size} times in a row: Argo Workflows nests templates 100 deep"),
        ),
        Limit::ArgoWorkflowBytes if *size > ARGO_WORKFLOW => found(
            &rules::DEFINITION_TOO_LARGE,
            format!("the definition of `{what}` has {size} bytes, Argo Workflows accepts {ARGO_WORKFLOW}"),
        ),
        Limit::ArgoWorkflowBytes if *size > KUBECTL_ANNOTATION => found(
            &rules::TOO_LARGE_FOR_APPLY,
            format!("the definition of `{what}` has {size} bytes, `kubectl apply` accepts {KUBECTL_ANNOTATION}"),
        )
        .help("deploy it with `kubectl apply --server-side` or `kubectl create`"),
        Limit::ArgoWorkflowName
        | Limit::ArgoDagTasks
        | Limit::ArgoTemplates
        | Limit::ArgoNesting
        | Limit::ArgoParameterBytes
        | Limit::ArgoParameters
        | Limit::ArgoWorkflowBytes => return None,
        Limit::BatchOverrides
        | Limit::BatchJobBytes
        | Limit::StateMachineName
        | Limit::StateName
        | Limit::StateMachineBytes
        | Limit::TemplateBytes
        | Limit::TemplateReferences
        | Limit::ExecutionEvents
        | Limit::MapResultBytes
        | Limit::TableItemBytes
        | Limit::InlineMapWidth => return step_functions::limits::judge(measure),
    };
    Some(diagnostic.target(Target::Argo))
}
