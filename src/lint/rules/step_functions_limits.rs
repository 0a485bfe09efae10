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
    /// `--compress` shortens the command and moves what is the same for all jobs to the job definition.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={"WORDS": "word " * 2_000})
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
    /// A file in the image, or an artifact:
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.words = "word " * 2_000
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
    /// Nothing: the execution fails when the job is submitted (`Container Overrides length must be at most 8192`).
    /// Its own overrides take 5,189 characters for a step without anything (2.19.39).
    pub static OVERRIDES_TOO_LARGE: error "FLC520" "container-overrides-too-large";
}

declare_rule! {
    /// The submission of a job is larger than AWS Batch accepts: 30 KiB.
    ///
    /// Tags, variables and the defaults of parameters count.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={"WORDS": "word " * 6_000})
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
    /// Long values in a file in the image, an `IncludeFile`, or an artifact:
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.words = "word " * 6_000
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
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.choose_between_the_long_and_the_short_way_of_training_by_the_size_of_the_data)
    ///
    ///     @step
    ///     def choose_between_the_long_and_the_short_way_of_training_by_the_size_of_the_data(self):
    ///         self.size = "large"
    ///         self.next({"large": self.train_long, "small": self.train}, condition="size")
    ///
    ///     @step
    ///     def train_long(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def train(self):
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
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.choose_the_training)
    ///
    ///     @step
    ///     def choose_the_training(self):
    ///         self.size = "large"
    ///         self.next({"large": self.train_long, "small": self.train}, condition="size")
    ///
    ///     @step
    ///     def train_long(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def train(self):
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
    /// `The full name of the workflow:` … `is longer than 80 characters`; of states nothing: the deployment fails (2.19.39).
    pub static NAME_TOO_LONG: error "FLC522" "state-name-too-long";
}

declare_rule! {
    /// The definition is larger than Step Functions accepts: 1 MB. A template has the same limit.
    ///
    /// A flow of some hundred steps is, or one with long texts in it. A foreach instead of steps that do the same helps, or two flows.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={f"WORDS_{part}": "word " * 24_000 for part in range(9)})
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
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={f"WORDS_{part}": "word" for part in range(9)})
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
    /// Nothing: the deployment fails. Its own definitions reach the limit at about 125 steps (2.19.39).
    pub static MACHINE_TOO_LARGE: error "FLC523" "state-machine-too-large";
}

declare_rule! {
    /// The template is too large to be sent to CloudFormation with the call: more than 51,200 bytes.
    ///
    /// `aws cloudformation deploy --template-file train.yaml --s3-bucket BUCKET --stack-name NAME` puts it there first.
    ///
    /// ## Wrong
    /// Sixty steps:
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.s1)
    ///
    ///     @step
    ///     def s1(self):
    ///         self.next(self.s2)
    ///
    ///     # … and so on to s60
    ///
    ///     @step
    ///     def s61(self):
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
    /// The state machine alone, or fewer steps:
    /// ```sh
    /// flowc compile train.py --target step-functions --bundle cloudformation
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = list(range(60))
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    pub static TEMPLATE_NEEDS_S3: note "FLC524" "template-needs-s3";
}

declare_rule! {
    /// With the widths that `--assume-width` gives, or the source, an execution makes more events than its history
    /// holds: 25,000.
    ///
    /// A task takes 6, an item of a map 2 more, a switch 7 more.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target step-functions --assume-width 4000
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = open("items.txt").read().split()
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// Each item of a distributed map has a history of its own:
    /// ```sh
    /// flowc compile train.py --target step-functions --assume-width 4000 --use-distributed-map
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = open("items.txt").read().split()
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// ```sh
    /// flowc compile train.py --target step-functions
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = list(range(10_000))
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// A foreach over batches of items, or a foreach in a foreach:
    /// ```sh
    /// flowc compile train.py --target step-functions
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = [range(first, first + 100) for first in range(0, 10_000, 100)]
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// Nothing: the execution or a job fails. Its own maps are full at about 750 items (2.19.39).
    pub static TOO_MANY_ITEMS: error "FLC526" "too-many-items";
}

declare_rule! {
    /// At most 40 items of an inline map run at once, whatever `--max-workers` says.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target step-functions --assume-width 200
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = open("items.txt").read().split()
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// flowc compile train.py --target step-functions --assume-width 200 --use-distributed-map
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = open("items.txt").read().split()
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
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
    /// Nothing (2.19.39).
    pub static INLINE_MAP: note "FLC527" "inline-map-concurrency";
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
];
