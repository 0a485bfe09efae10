//! From a plan to the text of a definition, one folder per target. Emitting cannot fail.

use crate::source::Span;

/// What a target's emitter gives.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// Name (relative, for `-o DIR/`) and text; the first is the definition that goes to stdout.
    pub files: Vec<(String, String)>,
    /// Sizes and counts to be held against the target's limits.
    pub measures: Vec<Measure>,
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
}

/// The limits that a definition can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Tasks in one Argo DAG template.
    ArgoDagTasks,
    ArgoTemplates,
    /// Bytes of the WorkflowTemplate.
    ArgoWorkflowBytes,
    KubectlAnnotationBytes,
}
