//! From a plan to the text of a definition, one folder per target. Emitting cannot fail; what a definition
//! measures is held against the target's limits by [`limits`].

use crate::plan::Plan;
use crate::source::Span;
use crate::target::Target;

pub mod script;
pub mod download;
pub mod argo;
pub mod airflow;
pub mod limits;
pub mod notices;
pub mod step_functions;

/// What a target's emitter gives.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// Name (relative, for `-o DIR/`) and text; the first is the definition that goes to stdout.
    pub files: Vec<(String, String)>,
    /// Sizes and counts to be held against the target's limits.
    pub measures: Vec<Measure>,
}

/// How a definition is written, where the target leaves a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// What the target's users expect: YAML for Argo, JSON for Step Functions.
    #[default]
    Usual,
    Yaml,
    Json,
}

/// The definition of a flow for the plan's target; nothing for a target that has no backend yet.
pub fn emit(plan: &Plan, format: Format) -> Emitted {
    match plan.target.target {
        Target::Argo => argo::emit(plan, format),
        Target::StepFunctions => step_functions::emit(plan, format),
        Target::Airflow => airflow::emit(plan),
    }
}

/// One size or count of the emitted definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    pub limit: Limit,
    /// What in the flow it comes from.
    pub at: Span,
    /// Names the thing measured: a step, the definition.
    pub what: String,
    pub size: usize,
    /// What takes most of it, the largest first; where that is worth telling.
    pub spent: Vec<(String, usize)>,
}

/// The limits that a definition can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Characters of the workflow's name.
    ArgoWorkflowName,
    /// Tasks in one Argo DAG template.
    ArgoDagTasks,
    ArgoTemplates,
    /// Templates between the entry and the deepest DAG, that one among them.
    ArgoNesting,
    /// Bytes of all parameters on their way to the start task.
    ArgoParameterBytes,
    /// Parameters of the workflow.
    ArgoParameters,
    /// How often a step can choose itself, from how deep its loop lies.
    ArgoLoopRounds,
    /// Bytes of the WorkflowTemplate as compact JSON.
    ArgoWorkflowBytes,
    /// Characters of what a job of AWS Batch is given when it is submitted: command, environment, resources.
    BatchOverrides,
    /// Bytes of the whole submission of a job.
    BatchJobBytes,
    StateMachineName,
    StateName,
    /// Bytes of the state machine as emitted.
    StateMachineBytes,
    /// Bytes of the CloudFormation template as emitted.
    TemplateBytes,
    /// Texts in the template that CloudFormation would replace: `{{resolve:…}}`.
    TemplateReferences,
    /// Events of an execution whose foreach steps have the assumed width.
    ExecutionEvents,
    /// Bytes that travel from a map to the next state, with the assumed width.
    MapResultBytes,
    /// Bytes of the item in which a foreach keeps its children, with the assumed width.
    TableItemBytes,
    /// The assumed width of a foreach that is no distributed map.
    InlineMapWidth,
}
