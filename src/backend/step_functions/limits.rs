//! What a state machine measures, held against what AWS accepts.

use crate::backend::{Limit, Measure};
use crate::diagnostic::{Diagnostic, RuleInfo};
use crate::lint::rules::{aws_batch, step_functions_limits as rules};
use crate::target::Target;

/// AWS Batch: container overrides of a job, in characters.
pub const OVERRIDES: usize = 8_192;
/// AWS Batch: a whole submission.
pub const JOB: usize = 30_720;
/// Step Functions: names of machines and states, in characters.
pub const NAME: usize = 80;
/// Step Functions: a definition.
pub const DEFINITION: usize = 1_048_576;
/// CloudFormation: a template that is sent with the call, and one that lies in S3.
const TEMPLATE_BODY: usize = 51_200;
pub const TEMPLATE: usize = 1_048_576;
/// Step Functions: events of an execution.
pub const EVENTS: usize = 25_000;
/// Step Functions: what travels from one state to the next.
pub const PAYLOAD: usize = 262_144;
/// DynamoDB: an item.
pub const ITEM: usize = 409_600;
/// Step Functions: items of an inline map at once, whatever `MaxConcurrency` says.
pub const INLINE: usize = 40;

/// The finding on a measure that AWS does not accept.
pub fn judge(measure: &Measure) -> Option<Diagnostic> {
    let Measure {
        limit,
        at,
        what,
        size,
        spent,
    } = measure;
    let over = |most: usize, rule: &'static RuleInfo, message: String, help: &str| {
        let found = || {
            Diagnostic::new(rule, *at, message)
                .help(help)
                .target(Target::StepFunctions)
        };
        (*size > most).then(found)
    };
    match limit {
        Limit::BatchOverrides => over(
            OVERRIDES,
            &rules::OVERRIDES_TOO_LARGE,
            format!(
                "the job of `{what}` takes {size} characters of command and environment, AWS Batch accepts {OVERRIDES}{}",
                most_of(spent)
            ),
            "long values of `@environment` and defaults of parameters can go to a file in the image or the datastore; `--compress`, where it is not given yet, shortens the command and moves what all jobs share to the job definition",
        ),
        Limit::BatchJobBytes => over(
            JOB,
            &rules::JOB_TOO_LARGE,
            format!("the submission of `{what}` has {size} bytes, AWS Batch accepts {JOB}"),
            "long values of `@environment` and defaults of parameters can go to a file in the image or the datastore",
        ),
        Limit::StateMachineName => over(
            NAME,
            &rules::NAME_TOO_LONG,
            format!("the state machine's name `{what}` has {size} characters, at most {NAME} are allowed"),
            "give a shorter one with `--name`",
        ),
        Limit::StateName => over(
            NAME,
            &rules::NAME_TOO_LONG,
            format!("the state `{what}` has a name of {size} characters, at most {NAME} are allowed"),
            "shorten the step's name: at most 80 characters, 72 for a switch, 79 for a split or the first step of a foreach",
        ),
        Limit::StateMachineBytes => over(
            DEFINITION,
            &rules::MACHINE_TOO_LARGE,
            format!("the definition of `{what}` has {size} bytes, Step Functions accepts {DEFINITION}"),
            "let a foreach do what steps of the same kind do, or cut the flow in two",
        ),
        Limit::TemplateBytes if *size > TEMPLATE => over(
            TEMPLATE,
            &rules::MACHINE_TOO_LARGE,
            format!("the template of `{what}` has {size} bytes, CloudFormation accepts {TEMPLATE}"),
            "`--format json` is shorter; else cut the flow in two",
        ),
        Limit::TemplateBytes => over(
            TEMPLATE_BODY,
            &rules::TEMPLATE_NEEDS_S3,
            format!(
                "the template of `{what}` has {size} bytes, CloudFormation takes more than {TEMPLATE_BODY} only from S3"
            ),
            "deploy it with `aws cloudformation deploy --s3-bucket BUCKET`",
        ),
        Limit::TemplateReferences => over(
            0,
            &aws_batch::TEMPLATE_TEXT,
            format!(
                "CloudFormation would replace `{{{{resolve:…}}}}` in the template of `{what}`{}",
                names_of(spent)
            ),
            "`@secrets` reads a secret in the task; a machine without template keeps the text as it is",
        ),
        Limit::ExecutionEvents => over(
            EVENTS,
            &rules::TOO_MANY_EVENTS,
            format!(
                "an execution of `{what}` makes up to {size} events with the widths that are assumed or known, Step Functions ends it at {EVENTS}"
            ),
            "`--use-distributed-map` gives every item a history of its own",
        ),
        Limit::MapResultBytes => over(
            PAYLOAD,
            &rules::TOO_MANY_ITEMS,
            format!(
                "with the width that is assumed or known the items of the foreach `{what}` take {size} bytes in the map's result, Step Functions accepts {PAYLOAD}"
            ),
            "`--use-distributed-map` leaves results in S3; or let each task handle several items",
        ),
        Limit::TableItemBytes => over(
            ITEM,
            &rules::TOO_MANY_ITEMS,
            format!(
                "with the width that is assumed or known the children of the foreach `{what}` take {size} bytes in an item of DynamoDB, which holds {ITEM}"
            ),
            "let each task handle several items, or nest one foreach in another",
        ),
        Limit::InlineMapWidth => over(
            INLINE,
            &rules::INLINE_MAP,
            format!("of the tasks of the foreach `{what}` at most {INLINE} run at once"),
            "`--use-distributed-map` runs as many at once as `--max-workers` says",
        ),
        Limit::ArgoWorkflowName
        | Limit::ArgoDagTasks
        | Limit::ArgoTemplates
        | Limit::ArgoNesting
        | Limit::ArgoParameterBytes
        | Limit::ArgoParameters
        | Limit::ArgoLoopRounds
        | Limit::ArgoWorkflowBytes => None,
    }
}

/// ` (in PASSWORD of start)`
fn names_of(spent: &[(String, usize)]) -> String {
    let names: Vec<&str> = spent.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" (in {})", names.join(", "))
    }
}

/// ` (5200 for METAFLOW_DEFAULT_PARAMETERS, 2310 for the command)`
fn most_of(spent: &[(String, usize)]) -> String {
    let parts = spent
        .iter()
        .take(4)
        .map(|(what, size)| format!("{size} for {what}"))
        .collect::<Vec<_>>();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}
