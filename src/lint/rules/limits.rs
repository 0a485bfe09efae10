//! The limits of targets as rules: their pages. They are found when a definition has been emitted and measured,
//! in `backend/limits.rs`, or planned, in `backend/notices.rs`.

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
    /// A step that splits into 200 steps: `self.next(self.s1, self.s2, …, self.s200)`.
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class WideFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.numbers = list(range(200))
    ///         self.next(self.work, foreach="numbers")
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
    ///     WideFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it emits the template, which the API server refuses: `spec.templates[1].dag.tasks: Too many: 201:
    /// must have at most 200 items` (2.19.39 with Argo 4.1.2).
    pub static TOO_MANY_TASKS: error "FLC502" "too-many-tasks-in-a-dag";
}

declare_rule! {
    /// The definition has more templates than Argo Workflows accepts.
    ///
    /// Steps share a template unless their images, environments, resources or other attributes differ.
    ///
    /// ## Wrong
    /// A flow of 200 steps, each with another image.
    ///
    /// ## Right
    /// A flow of 200 steps with one image.
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
    /// A parameter with a default of 100 kB.
    ///
    /// ## Right
    /// An `IncludeFile`, whose content goes to the datastore.
    ///
    /// ## What Metaflow says
    /// Nothing: the pod does not start (`Argument list too long`).
    pub static PARAMETERS_TOO_LARGE: error "FLC504" "parameters-too-large";
}

declare_rule! {
    /// The definition is larger than Argo Workflows accepts.
    ///
    /// ## Wrong
    /// A flow of some thousand steps.
    ///
    /// ## Right
    /// A foreach instead of steps that do the same, or several flows that trigger each other.
    ///
    /// ## What Metaflow says
    /// Nothing. Its own output takes about 8 kB a step and reaches the limit at 127 steps (2.19.39).
    pub static DEFINITION_TOO_LARGE: error "FLC505" "definition-too-large";
}

declare_rule! {
    /// The definition is too large for `kubectl apply`, which keeps a copy of it in an annotation.
    ///
    /// ## Wrong
    /// `kubectl apply -f flow.yaml` of a definition of more than 262,144 bytes.
    ///
    /// ## Right
    /// `kubectl apply --server-side -f flow.yaml`
    ///
    /// ## What Metaflow says
    /// Nothing: it writes through the API, which has no such limit.
    pub static TOO_LARGE_FOR_APPLY: note "FLC506" "too-large-for-kubectl-apply";
}

declare_rule! {
    /// The name given for the workflow is none that Kubernetes (for a DAG: Airflow) takes, or stands against the
    /// project's.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target argo --name My_Flow`
    ///
    /// ## Right
    /// `flowc compile flow.py --target argo --name my-flow`
    ///
    /// ## What Metaflow says
    /// `Name 'My_Flow' contains invalid characters. …`, and in a project `--name is not supported for @projects. Use
    /// --branch instead.` (2.19.39).
    pub static WORKFLOW_NAME: error "FLC507" "workflow-name";
}

declare_rule! {
    /// The definition refers to an included file by its content; compiling does not upload it.
    ///
    /// ## Wrong
    /// Deploying a flow with `data = IncludeFile("data", default="data.txt")` before the file is in the datastore.
    ///
    /// ## Right
    /// Putting it there first: `flowc package --upload` does, to the place that the message names.
    ///
    /// ## What Metaflow says
    /// Nothing: it uploads the file when it deploys (2.19.39).
    pub static FILE_TO_UPLOAD: note "FLC508" "file-to-upload";
}

declare_rule! {
    /// A flow that events start is compiled without saying where events come from.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target argo` of a flow with `@trigger`.
    ///
    /// ## Right
    /// The same with `--set METAFLOW_ARGO_EVENTS_EVENT=metaflow-event`, `--set
    /// METAFLOW_ARGO_EVENTS_EVENT_SOURCE=argo-events-webhook` and `--set
    /// METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=operate-workflow-sa`.
    ///
    /// ## What Metaflow says
    /// `An Argo Event name hasn't been configured for your deployment yet.`, and likewise of the others (2.19.39).
    pub static EVENTS_NOT_CONFIGURED: error "FLC509" "events-not-configured";
}

declare_rule! {
    /// Notifications are asked for, and it is not said whom to notify, or from which alert source.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target argo --notify-on-error`
    ///
    /// ## Right
    /// `flowc compile flow.py --target argo --notify-on-error --notify-slack-webhook-url secret:alerts/slack`
    ///
    /// ## What Metaflow says
    /// `Notifications require specifying an incoming Slack webhook url via --notify-slack-webhook-url, PagerDuty …`, and
    /// `Incident.io alerts require an alert source configuration ID.` (2.19.39).
    pub static NOTIFICATIONS: error "FLC510" "notification-without-address";
}

declare_rule! {
    /// The key of a service that is to be notified was given as itself. It is not written down: the definition
    /// refers to a secret, which has to be there.
    ///
    /// Whoever may read a workflow would read the key in it, in every run.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target argo --notify-on-error --notify-slack-webhook-url https://hooks.slack.com/…`
    ///
    /// ## Right
    /// `kubectl create secret generic alerts --from-literal=slack=https://hooks.slack.com/…`, and `--notify-slack-webhook-url
    /// secret:alerts/slack`.
    ///
    /// ## What Metaflow says
    /// Nothing: it writes webhook addresses and keys into the WorkflowTemplate (2.19.39).
    pub static NOTIFICATION_SECRET: note "FLC511" "notification-secret";
}

declare_rule! {
    /// An environment that Metaflow solves (`@conda`, `@pypi`) is unpacked from a code package, and the code is in
    /// the image.
    ///
    /// The package holds the list of what was solved; the packages themselves are in the datastore.
    ///
    /// ## Wrong
    /// `flowc compile flow.py --target argo --code image:/app` of a flow with `@pypi`.
    ///
    /// ## Right
    /// The same with `--code URL@SHA` of a package that holds the environment, or with the packages in the image.
    ///
    /// ## What Metaflow says
    /// Nothing: it always makes a package (2.19.39).
    pub static ENVIRONMENT_WITHOUT_PACKAGE: error "FLC512" "environment-without-package";
}

declare_rule! {
    /// A step's `@conda` or `@pypi` names no Python, and neither does the deployment.
    ///
    /// Metaflow takes the version of the Python that it is deployed with: the same flow gives another environment on
    /// another machine.
    ///
    /// ## Wrong
    /// `@pypi(packages={"pandas": "2.2.2"})`
    ///
    /// ## Right
    /// `@pypi(python="3.11.7", packages={"pandas": "2.2.2"})`, or `--python-version 3.11.7`.
    ///
    /// ## What Metaflow says
    /// Nothing (2.19.39).
    pub static ENVIRONMENT_WITHOUT_PYTHON: error "FLC513" "environment-without-python";
}

declare_rule! {
    /// Tasks unpack environments that Metaflow has to have solved, with what stands in the code package.
    ///
    /// flowc computes the same name for an environment as Metaflow, from its packages, its Python and the datastore; the
    /// versions are the solver's business. Metaflow's name for `@pypi` depends on the machine as well: it is the one
    /// of Linux on x86-64 here.
    ///
    /// ## Wrong
    /// Deploying a flow with `@pypi` and a package that Metaflow did not make with `--environment=pypi`.
    ///
    /// ## Right
    /// Having Metaflow solve the environments first.
    ///
    /// ## What Metaflow says
    /// Nothing: it solves them when it deploys (2.19.39). A task without its environment ends with `Cannot find
    /// conda.manifest in the package`.
    pub static ENVIRONMENT_TO_SOLVE: note "FLC514" "environment-to-solve";
}

declare_rule! {
    /// The workflow has more parameters than Argo Workflows accepts.
    ///
    /// Each event that starts the flow takes one as well.
    ///
    /// ## Wrong
    /// A flow of 501 parameters.
    ///
    /// ## Right
    /// A `JSONType` parameter for values that belong together.
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
    /// A loop of 2,000 rounds.
    ///
    /// ## Right
    /// Several rounds' work in a step.
    ///
    /// ## What Metaflow says
    /// Nothing. Its own loops take a level a round, and on Argo 3.7.11 and later fail in the first round (2.19.39).
    pub static LOOP_ROUNDS: note "FLC516" "rounds-of-a-loop";
}

declare_rule! {
    /// Two flows of a file would be deployed under one name.
    ///
    /// A workflow's name has no upper-case letters and no underscores: `My_Flow` and `MyFlow` are both `myflow`.
    ///
    /// ## Wrong
    /// `class My_Flow(FlowSpec)` beside `class MyFlow(FlowSpec)`.
    ///
    /// ## Right
    /// `flowc compile flows.py:My_Flow --target argo --name my-flow`
    ///
    /// ## What Metaflow says
    /// Nothing: the flow deployed later replaces the other (2.19.39).
    pub static SAME_WORKFLOW_NAME: warning "FLC517" "same-workflow-name";
}

declare_rule! {
    /// `@environment` sets a variable that the definition sets itself: what the task is, where its artifacts lie, how
    /// the script finds its inputs. The step's value is dropped.
    ///
    /// ## Wrong
    /// `@environment(vars={"METAFLOW_STEP_NAME": "train"})`
    ///
    /// ## Right
    /// `@environment(vars={"TRAIN_STEP_NAME": "train"})`
    ///
    /// ## What Metaflow says
    /// Nothing: it drops the value as well (2.19.39).
    pub static OWN_VARIABLE: warning "FLC518" "own-variable";
}

declare_rule! {
    /// A place in the pod is mounted twice, by two claims of `persistent_volume_claims`, or by one and what the pod has
    /// anyway: tmpfs, shared memory, the folder for results.
    ///
    /// ## Wrong
    /// `@kubernetes(persistent_volume_claims={"data": "/mnt", "models": "/mnt"})`
    ///
    /// ## Right
    /// `@kubernetes(persistent_volume_claims={"data": "/mnt/data", "models": "/mnt/models"})`
    ///
    /// ## What Metaflow says
    /// Nothing; the API server refuses the template: `mountPath … must be unique` (2.19.39).
    pub static MOUNT: error "FLC519" "mount";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[
    &WORKFLOW_NAME_TOO_LONG,
    &TOO_MANY_TASKS,
    &TOO_MANY_TEMPLATES,
    &PARAMETERS_TOO_LARGE,
    &DEFINITION_TOO_LARGE,
    &TOO_LARGE_FOR_APPLY,
    &WORKFLOW_NAME,
    &FILE_TO_UPLOAD,
    &EVENTS_NOT_CONFIGURED,
    &NOTIFICATIONS,
    &NOTIFICATION_SECRET,
    &ENVIRONMENT_WITHOUT_PACKAGE,
    &ENVIRONMENT_WITHOUT_PYTHON,
    &ENVIRONMENT_TO_SOLVE,
    &TOO_MANY_PARAMETERS,
    &LOOP_ROUNDS,
    &SAME_WORKFLOW_NAME,
    &OWN_VARIABLE,
    &MOUNT,
];
