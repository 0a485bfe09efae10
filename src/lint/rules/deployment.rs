//! What only a deployment shows, as rules: their pages. They are found when a flow has been planned, in
//! `backend/notices.rs` and each target's own.

use crate::declare_rule;
use crate::diagnostic::RuleInfo;

declare_rule! {
    /// The name of the workflow is none that Kubernetes (for a DAG: Airflow) takes, or stands against the project's.
    /// On Airflow also: a step's name of more than 220 characters, which the pod could not have.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --name My_Flow
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
    /// ```sh
    /// flowc compile train.py --target argo --name my-flow
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
    /// `Name 'My_Flow' contains invalid characters. …`, and in a project `--name is not supported for @projects. Use
    /// --branch instead.` (2.19.39).
    pub static WORKFLOW_NAME: error "FLC507" "workflow-name";
}

declare_rule! {
    /// The definition refers to an included file by its content; compiling does not upload it.
    ///
    /// `flowc package --upload` does, to the place that the message names. With the code in the image, the start task does it
    /// itself when the image has the file in the code's folder with the same content.
    ///
    /// ## Wrong
    /// The file has to be in the datastore before the flow runs:
    /// ```sh
    /// flowc compile train.py --target argo
    /// ```
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
    /// ## Right
    /// A file that comes with the code needs no place of its own:
    /// ```sh
    /// flowc compile train.py --target argo
    /// ```
    /// ```python
    /// from pathlib import Path
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.data = Path(__file__).with_name("data.txt").read_text()
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
    /// Nothing: it uploads the file when it deploys (2.19.39).
    pub static FILE_TO_UPLOAD: note "FLC508" "file-to-upload";
}

declare_rule! {
    /// A flow that events start is compiled without saying where events come from.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(event="data")
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
    /// The settings may stand under `[metaflow]` in `flowc.toml` as well:
    /// ```sh
    /// flowc compile train.py --target argo \
    ///     --set METAFLOW_ARGO_EVENTS_EVENT=metaflow-event \
    ///     --set METAFLOW_ARGO_EVENTS_EVENT_SOURCE=argo-events-webhook \
    ///     --set METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=operate-workflow-sa
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(event="data")
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
    /// `An Argo Event name hasn't been configured for your deployment yet.`, and likewise of the others (2.19.39).
    pub static EVENTS_NOT_CONFIGURED: error "FLC509" "events-not-configured";
}

declare_rule! {
    /// Notifications are asked for, and it is not said whom to notify, or from which alert source.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --notify-on-error
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
    /// ```sh
    /// flowc compile train.py --target argo --notify-on-error --notify-slack-webhook-url secret:alerts/slack
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
    /// ```sh
    /// flowc compile train.py --target argo --notify-on-error --notify-slack-webhook-url https://hooks.slack.com/services/T0/B0/key
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
    /// After `kubectl create secret generic alerts --from-literal=slack=https://hooks.slack.com/services/T0/B0/key`:
    /// ```sh
    /// flowc compile train.py --target argo --notify-on-error --notify-slack-webhook-url secret:alerts/slack
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
    /// Nothing: it writes webhook addresses and keys into the WorkflowTemplate (2.19.39).
    pub static NOTIFICATION_SECRET: note "FLC511" "notification-secret";
}

declare_rule! {
    /// Two flows of a file would be deployed under one name.
    ///
    /// A workflow's name has no upper-case letters and no underscores: `My_Flow` and `MyFlow` are both `myflow`.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py:My_Flow --target argo
    /// ```
    /// ```python
    /// import sys
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class My_Flow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// class MyFlow(FlowSpec):
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
    ///     MyFlow() if "--new" in sys.argv else My_Flow()
    /// ```
    ///
    /// ## Right
    /// ```sh
    /// flowc compile train.py:My_Flow --target argo --name my-flow
    /// ```
    /// ```python
    /// import sys
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class My_Flow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// class MyFlow(FlowSpec):
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
    ///     MyFlow() if "--new" in sys.argv else My_Flow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: the flow deployed later replaces the other (2.19.39).
    pub static SAME_WORKFLOW_NAME: warning "FLC517" "same-workflow-name";
}

declare_rule! {
    /// `@environment` sets a variable that the definition sets itself: what the task is, where its artifacts lie, how
    /// the script finds its inputs. The step's value is dropped.
    ///
    /// Which these are depends on the target: on Step Functions `AWS_DEFAULT_REGION`, which `--region` gives, and
    /// `METAFLOW_RUN_ID` are among them, on Argo Workflows and Airflow what tells a task of its pod.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, environment, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @environment(vars={"METAFLOW_STEP_NAME": "train"})
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
    ///     @environment(vars={"TRAIN_STEP_NAME": "train"})
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
    /// Nothing: on Argo Workflows and Step Functions it drops the value as well; of variables that all steps have it writes both
    /// on Step Functions (2.19.39).
    pub static OWN_VARIABLE: warning "FLC518" "own-variable";
}

declare_rule! {
    /// What tasks are given to read their `Config`s from takes more than fits into a variable: 128 KiB for all of them.
    ///
    /// Tasks read a Config again when they start; each gets its content in `METAFLOW_FLOW_CONFIG_VALUE`. A code package
    /// that holds Metaflow (`package.metaflow-from`) holds the contents too, but not those that a `parser` reads which
    /// flowc does not follow.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo
    /// ```
    /// ```python
    /// from metaflow import Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     words = Config("words", default_value={"all": "word " * 30_000})
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
    /// The data where a step reads it; a file of the project is included by an `IncludeFile`.
    /// ```sh
    /// flowc compile train.py --target argo
    /// ```
    /// ```python
    /// from metaflow import S3, Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     words = Config("words", default_value={"table": "s3://bucket/words.json"})
    ///
    ///     @step
    ///     def start(self):
    ///         with S3() as store:
    ///             self.table = store.get(self.words.table).text
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
    /// Nothing: its packages hold the contents (2.19.39).
    pub static CONFIGS_TOO_LARGE: error "FLC540" "configs-too-large";
}

declare_rule! {
    /// Two arguments of a workflow would have one name: one event is named twice, or the parameter has the name under
    /// which a run gets an event's payload (`foo_bpxm` of the event `foo`).
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_ARGO_EVENTS_EVENT=metaflow-event --set METAFLOW_ARGO_EVENTS_EVENT_SOURCE=webhook --set METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=events
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flows=["FirstFlow", "FirstFlow"])
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
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_ARGO_EVENTS_EVENT=metaflow-event --set METAFLOW_ARGO_EVENTS_EVENT_SOURCE=webhook --set METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=events
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step, trigger_on_finish
    ///
    ///
    /// @trigger_on_finish(flows=["FirstFlow", "SecondFlow"])
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
    /// Nothing: it emits a Sensor with two dependencies of one name, which Argo Events refuses (2.19.39).
    pub static SAME_ARGUMENT: error "FLC541" "same-argument";
}

declare_rule! {
    /// The key of the metadata service stands in the definition, where whoever may look at a run reads it:
    /// `METAFLOW_SERVICE_AUTH_KEY`, or headers in `METAFLOW_SERVICE_HEADERS`.
    ///
    /// Tasks read both from their environment, into which a Kubernetes secret can bring them. The jobs of Step
    /// Functions have no such way.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_SERVICE_AUTH_KEY=key
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
    /// After `kubectl create secret generic metadata --from-literal=METAFLOW_SERVICE_AUTH_KEY=key`:
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_KUBERNETES_SECRETS=metadata
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
    /// Nothing: it writes the key into every definition as the header `x-api-key` (2.19.39).
    pub static SECRET_IN_DEFINITION: warning "FLC542" "secret-in-definition";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[
    &WORKFLOW_NAME,
    &FILE_TO_UPLOAD,
    &EVENTS_NOT_CONFIGURED,
    &NOTIFICATIONS,
    &NOTIFICATION_SECRET,
    &SAME_WORKFLOW_NAME,
    &OWN_VARIABLE,
    &CONFIGS_TOO_LARGE,
    &SAME_ARGUMENT,
    &SECRET_IN_DEFINITION,
];
