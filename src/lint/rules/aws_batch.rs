//! What AWS Batch and CloudFormation refuse of a deployment, as rules: their pages. They are found when a flow has been
//! planned or emitted, in `backend/step_functions`.

use crate::declare_rule;
use crate::diagnostic::RuleInfo;

declare_rule! {
    /// A step asks for what AWS Batch does not give on the platform of its queue.
    ///
    /// A job has at least 4 MiB of memory, its shared memory and tmpfs one, and one volume at a path.
    /// Which queues are on Fargate is said with `--queue QUEUE=fargate`, or by a step that asks for `ephemeral_storage`.
    /// Fargate has no GPUs, devices, volumes of the host, privileged containers or tmpfs, fixed pairs of cores and memory,
    /// 21 to 200 GiB of ephemeral storage, and the log drivers `awslogs` and `splunk`. EC2 has no ephemeral storage, and no
    /// parts of a core, which is a warning.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target step-functions --queue queue=fargate --set METAFLOW_ECS_FARGATE_EXECUTION_ROLE=arn:aws:iam::123456789012:role/start
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @batch(cpu=3, memory=8192)
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```sh
    /// flowc compile train.py --target step-functions --queue queue=fargate --set METAFLOW_ECS_FARGATE_EXECUTION_ROLE=arn:aws:iam::123456789012:role/start
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @batch(cpu=4, memory=8192)
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `The ephemeral_storage parameter is only available for FARGATE compute environments`, `tmpfs is not available for
    /// Fargate compute resources`, a `KeyError` for `inferentia`; of the rest nothing: AWS Batch refuses the job definition
    /// or the job (2.19.39).
    pub static PLATFORM: error "FLC529" "batch-platform";
}

declare_rule! {
    /// A text of the flow means something to CloudFormation: in the template it would not stay what it is.
    ///
    /// CloudFormation replaces `{{resolve:…}}` wherever it stands in a template, also where functions put it together, and
    /// takes a tag that is alone and called `Ref` or `Fn::…` for a function.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={"PASSWORD": "{{resolve:ssm:/train/password}}"})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// A secret that the task itself asks for:
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, secrets, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @secrets(sources=["aws-secrets-manager.train"])
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it makes no templates.
    pub static TEMPLATE_TEXT: error "FLC531" "text-of-cloudformation";
}

declare_rule! {
    /// `--with-iam` makes roles with what the flow visibly needs; the key of KMS with which artifacts are encrypted is named
    /// nowhere, so its rights have to be given beside the template.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation --with-iam --job-queue queue --set METAFLOW_S3_SERVER_SIDE_ENCRYPTION=aws:kms
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// Keys of S3 itself need no rights:
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation --with-iam --job-queue queue --set METAFLOW_S3_SERVER_SIDE_ENCRYPTION=AES256
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it makes no roles.
    pub static RIGHTS: note "FLC532" "rights-to-add";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[&PLATFORM, &TEMPLATE_TEXT, &RIGHTS];
