//! The limits of Step Functions, AWS Batch and CloudFormation as rules: their pages. They are found when a
//! definition has been emitted and measured, in `backend/step_functions/limits.rs`.

use crate::declare_rule;
use crate::diagnostic::RuleInfo;

declare_rule! {
    /// Command and environment of a job are longer than AWS Batch accepts.
    ///
    /// They are its container overrides, of at most 8,192 characters. The command of a step takes 1,000 to 2,300,
    /// the variables of Metaflow about 800; what is left is for `@environment`, Configs and the defaults of parameters.
    /// `--report json` says how long each job's overrides can become, the message what takes most of them.
    ///
    /// ## Wrong
    /// An `@environment` variable of 8 kB.
    ///
    /// ## Right
    /// A file in the image, an `IncludeFile`, or an artifact. `--compress` shortens the command and moves what is
    /// the same for all jobs to the job definition.
    ///
    /// ## What Metaflow says
    /// Nothing: the execution fails when the job is submitted (`Container Overrides length must be at most 8192`).
    /// Its own overrides take 5,189 characters for a step without anything (2.19.39).
    pub static OVERRIDES_TOO_LARGE: error "FLC520" "container-overrides-too-large";
}

declare_rule! {
    /// The submission of a job is larger than AWS Batch accepts: 30 KiB.
    ///
    /// ## Wrong
    /// Tags, variables and parameters of 30 kB.
    ///
    /// ## Right
    /// Long values in a file in the image, an `IncludeFile`, or an artifact.
    ///
    /// ## What Metaflow says
    /// Nothing: the execution fails when the job is submitted (2.19.39).
    pub static JOB_TOO_LARGE: error "FLC521" "batch-job-too-large";
}

declare_rule! {
    /// A state machine or one of its states has a name of more than 80 characters.
    ///
    /// A step's state has the step's name. The choice behind a switch adds 8 characters, the map of a foreach and
    /// the parallel state of a split add one.
    ///
    /// ## Wrong
    /// A switch step with a name of 73 characters.
    ///
    /// ## Right
    /// A shorter name.
    ///
    /// ## What Metaflow says
    /// `The full name of the workflow:` … `is longer than 80 characters`; of states nothing: the deployment fails (2.19.39).
    pub static NAME_TOO_LONG: error "FLC522" "state-name-too-long";
}

declare_rule! {
    /// The definition is larger than Step Functions accepts: 1 MB. A template has the same limit.
    ///
    /// ## Wrong
    /// A flow of some hundred steps.
    ///
    /// ## Right
    /// A foreach instead of steps that do the same, or two flows.
    ///
    /// ## What Metaflow says
    /// Nothing: the deployment fails. Its own definitions reach the limit at about 125 steps (2.19.39).
    pub static MACHINE_TOO_LARGE: error "FLC523" "state-machine-too-large";
}

declare_rule! {
    /// The template is too large to be sent to CloudFormation with the call: more than 51,200 bytes.
    ///
    /// ## Wrong
    /// `aws cloudformation create-stack --template-body file://flow.template.yaml`
    ///
    /// ## Right
    /// `aws cloudformation deploy --template-file flow.template.yaml --s3-bucket BUCKET --stack-name NAME`
    ///
    /// ## What Metaflow says
    /// Nothing: it makes no templates.
    pub static TEMPLATE_NEEDS_S3: note "FLC524" "template-needs-s3";
}

declare_rule! {
    /// With the widths that `--assume-width` gives, or the source, an execution makes more events than its history
    /// holds: 25,000.
    ///
    /// A task takes 6, an item of a map 2 more, a switch 7 more.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target step-functions --assume-width 4000`, with a foreach of one step.
    ///
    /// ## Right
    /// `flowc compile flow.py --target step-functions --assume-width 4000 --use-distributed-map`
    ///
    /// ## What Metaflow says
    /// Nothing: Step Functions ends the execution (2.19.39).
    pub static TOO_MANY_EVENTS: error "FLC525" "too-many-events";
}

declare_rule! {
    /// With the width that `--assume-width` gives, or the source, a foreach has more items than fit into a state or into
    /// an item of the table.
    ///
    /// What a map hands on is at most 262,144 bytes, about 4,500 items; an item of DynamoDB 409,600 bytes, about
    /// 4,500 children.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target step-functions --assume-width 10000`
    ///
    /// ## Right
    /// A foreach over batches of items, or a foreach in a foreach.
    ///
    /// ## What Metaflow says
    /// Nothing: the execution or a job fails. Its own maps are full at about 750 items (2.19.39).
    pub static TOO_MANY_ITEMS: error "FLC526" "too-many-items";
}

declare_rule! {
    /// At most 40 items of an inline map run at once, whatever `--max-workers` says.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target step-functions --assume-width 200`
    ///
    /// ## Right
    /// `flowc compile flow.py --target step-functions --assume-width 200 --use-distributed-map`
    ///
    /// ## What Metaflow says
    /// Nothing (2.19.39).
    pub static INLINE_MAP: note "FLC527" "inline-map-concurrency";
}

declare_rule! {
    /// A variable of `@environment` has a name that the job needs for itself. The job's value stays, the given one has
    /// no effect.
    ///
    /// ## Wrong
    /// `@environment(vars={"AWS_DEFAULT_REGION": "eu-west-1"})`
    ///
    /// ## Right
    /// A name of its own. The region of all jobs is given with `--region`.
    ///
    /// ## What Metaflow says
    /// Nothing: the variables of the step replace those of the user, those of all steps stand twice (2.19.39).
    pub static VARIABLE_OF_JOB: note "FLC528" "variable-of-the-job";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[
    &OVERRIDES_TOO_LARGE,
    &JOB_TOO_LARGE,
    &NAME_TOO_LONG,
    &MACHINE_TOO_LARGE,
    &TEMPLATE_NEEDS_S3,
    &TOO_MANY_EVENTS,
    &TOO_MANY_ITEMS,
    &INLINE_MAP,
    &VARIABLE_OF_JOB,
];
