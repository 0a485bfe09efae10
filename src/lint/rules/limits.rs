//! The limits of Argo Workflows as rules: their pages. They are found when a definition has been emitted and measured,
//! in `backend/limits.rs`.

use crate::declare_rule;
use crate::diagnostic::RuleInfo;

declare_rule! {
    /// The name of the workflow is longer than Argo Workflows leaves room for.
    ///
    /// A run's name is the workflow's with a suffix, and stands in labels of at most 63 characters.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class AFlowThatHasANameOfMoreThanFortyFiveCharacters(FlowSpec):
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
    ///     AFlowThatHasANameOfMoreThanFortyFiveCharacters()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ShortFlow(FlowSpec):
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
    ///     ShortFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Argo Workflows name too long`, with the name `None` where the class gives it (2.19.39).
    pub static WORKFLOW_NAME_TOO_LONG: error "FLC501" "workflow-name-too-long";
}

declare_rule! {
    /// More tasks lie side by side in one DAG than Argo Workflows accepts, and there is no place to cut it.
    ///
    /// A long flow is cut into parts where one step follows one step; a split of 200 branches has no such place.
    /// A foreach over the same step has no limit.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.s1, self.s2, …, self.s200)
    ///
    ///     @step
    ///     def s1(self):
    ///         self.next(self.join)
    ///
    ///     # … and so on to s200
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
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = list(range(200))
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
    /// Nothing: it emits the template, which the API server refuses: `spec.templates[1].dag.tasks: Too many: 201:
    /// must have at most 200 items` (2.19.39 with Argo 4.1.2).
    pub static TOO_MANY_TASKS: error "FLC502" "too-many-tasks-in-a-dag";
}

declare_rule! {
    /// The definition has more templates than Argo Workflows accepts, or more within each other than it follows: 97 below
    /// the first, so that 99 foreaches within each other are too many.
    ///
    /// Steps share a template unless their images, environments, resources or other attributes differ.
    ///
    /// ## Wrong
    /// Another image in each of 200 steps:
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.s1)
    ///
    ///     @kubernetes(image="registry/s1")
    ///     @step
    ///     def s1(self):
    ///         self.next(self.s2)
    ///
    ///     # … and so on to s200
    ///
    ///     @step
    ///     def s201(self):
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
    /// One image for all of them:
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.s1)
    ///
    ///     @kubernetes(image="registry/steps")
    ///     @step
    ///     def s1(self):
    ///         self.next(self.s2)
    ///
    ///     # … and so on to s200
    ///
    ///     @step
    ///     def s201(self):
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
    /// Nothing: it emits a template for each step, of which the API server accepts 200 (2.19.39 with Argo 4.1.2).
    pub static TOO_MANY_TEMPLATES: error "FLC503" "too-many-templates";
}

declare_rule! {
    /// The parameters' defaults are too large to reach the first step.
    ///
    /// They travel in one environment variable, of which Linux accepts 131,072 bytes.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     words = Parameter("words", default="word " * 30_000)
    ///
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
    /// An `IncludeFile`, whose content goes to the datastore:
    /// ```python
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     data = IncludeFile("data", default="data.txt")
    ///
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
    /// Nothing: the pod does not start (`Argument list too long`).
    pub static PARAMETERS_TOO_LARGE: error "FLC504" "parameters-too-large";
}

declare_rule! {
    /// The definition is larger than Argo Workflows accepts: 1 MiB.
    ///
    /// A flow of some thousand steps is, or one with long texts in it. A foreach instead of steps that do the same helps, or several
    /// flows that trigger each other.
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
    /// A file beside the flow, which tasks read:
    /// ```python
    /// from pathlib import Path
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.words = Path(__file__).with_name("data.txt").read_text()
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
    /// Nothing. Its own output takes about 8 kB a step and reaches the limit at 127 steps (2.19.39).
    pub static DEFINITION_TOO_LARGE: error "FLC505" "definition-too-large";
}

declare_rule! {
    /// The definition is too large for `kubectl apply`, which keeps a copy of it in an annotation: more than 262,144 bytes.
    ///
    /// `kubectl apply --server-side -f flow.yaml` has no such limit, nor has `kubectl create`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={f"WORDS_{part}": "word " * 24_000 for part in range(3)})
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
    ///     @environment(vars={"WORDS": "word " * 24_000})
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
    /// Nothing: it writes through the API, which has no such limit.
    pub static TOO_LARGE_FOR_APPLY: note "FLC506" "too-large-for-kubectl-apply";
}

declare_rule! {
    /// The workflow has more parameters than Argo Workflows accepts: 500.
    ///
    /// Each event that starts the flow takes one as well.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     """Many numbers."""
    ///
    ///     p1 = Parameter("p1", default=0)
    ///
    ///     # … and so on to p501
    ///
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
    /// A `JSONType` parameter for values that belong together:
    /// ```python
    /// from metaflow import FlowSpec, JSONType, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     numbers = Parameter("numbers", type=JSONType, default="[0, 0, 0]")
    ///
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
    /// Nothing (2.19.39).
    pub static TOO_MANY_PARAMETERS: error "FLC515" "too-many-parameters";
}

declare_rule! {
    /// How often a step that chooses itself can run in a row.
    ///
    /// Argo Workflows nests templates 100 deep, and each level holds twelve rounds. Levels around the loop, as of a foreach, cost twelve
    /// rounds each. A run that goes on beyond that ends with an error.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.rounds = 0
    ///         self.next(self.refine)
    ///
    ///     @step
    ///     def refine(self):
    ///         self.rounds += 1
    ///         self.again = "more" if self.rounds < 2000 else "done"
    ///         self.next({"more": self.refine, "done": self.end}, condition="again")
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
    /// All rounds in one task, or at least several of them:
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.refine)
    ///
    ///     @step
    ///     def refine(self):
    ///         for self.rounds in range(2000):
    ///             pass
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
    /// Nothing. Its own loops take a level a round, and on Argo 3.7.11 and later fail in the first round (2.19.39).
    pub static LOOP_ROUNDS: note "FLC516" "rounds-of-a-loop";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[
    &WORKFLOW_NAME_TOO_LONG,
    &TOO_MANY_TASKS,
    &TOO_MANY_TEMPLATES,
    &PARAMETERS_TOO_LARGE,
    &DEFINITION_TOO_LARGE,
    &TOO_LARGE_FOR_APPLY,
    &TOO_MANY_PARAMETERS,
    &LOOP_ROUNDS,
];
