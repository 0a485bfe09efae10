//! Every setting flowc knows, as one table: its key in `flowc.toml`, what it holds, the option and the
//! `METAFLOW_*` names that mean the same, and what to say of it.

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Dotted where it stands in a table: `argo.version`.
    pub name: &'static str,
    pub kind: Kind,
    /// The option of the command line, where there is one.
    pub option: Option<&'static str>,
    /// Metaflow's settings (without `METAFLOW_`) that give the same, the more specific first.
    pub metaflow: &'static [&'static str],
    /// What stands where nothing is given, in words; empty where nothing does.
    pub default: &'static str,
    /// As TOML.
    pub example: &'static str,
    /// A sentence for `flowc.toml`.
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    Whole {
        min: i64,
    },
    Flag,
    /// A list of texts; one text alone is a list too.
    Texts,
    /// A list of some of these words; one word alone is a list too.
    Choices(&'static [&'static str]),
}

/// Tables whose keys the user chooses, with what they hold.
pub const FREE_TABLES: [(&str, &str); 6] = [
    (
        "values",
        "values for what cannot be known statically, by dotted name",
    ),
    (
        "decorators",
        "decorators of other packages: `harmless` or `mutator`",
    ),
    (
        "bases",
        "bases from other packages that bring a flow no parameters, steps or decorators: `harmless`",
    ),
    ("configs", "files of Metaflow `Config`s, by name"),
    ("config-values", "values of Metaflow `Config`s, by name"),
    ("metaflow", "any `METAFLOW_*` setting"),
];

const TARGETS: &[&str] = &["argo", "step-functions", "airflow"];
const TARGETS_OR_ALL: &[&str] = &["argo", "step-functions", "airflow", "all"];

const fn key(name: &'static str, kind: Kind, option: &'static str) -> Key {
    Key {
        name,
        kind,
        option: Some(option),
        metaflow: &[],
        default: "",
        example: "",
        about: "",
    }
}

impl Key {
    const fn metaflow(mut self, names: &'static [&'static str]) -> Self {
        self.metaflow = names;
        self
    }

    const fn default(mut self, words: &'static str) -> Self {
        self.default = words;
        self
    }

    const fn about(mut self, example: &'static str, about: &'static str) -> Self {
        self.example = example;
        self.about = about;
        self
    }

    const fn file_only(mut self) -> Self {
        self.option = None;
        self
    }
}

/// All settings in the order in which `flowc init` writes and `flowc settings` shows them; tables last.
pub static KEYS: &[Key] = &[
    key("target", Kind::Choices(TARGETS_OR_ALL), "--target").about(
        "[\"argo\"]",
        "The targets that `check` has in mind, and `compile` when there is one",
    ),
    key("datastore-root", Kind::Text, "--datastore-root")
        .about("\"s3://bucket/metaflow\"", "Where runs keep their artifacts"),
    key("datastore", Kind::Choice(&["s3", "azure", "gs"]), "--datastore")
        .metaflow(&["DEFAULT_DATASTORE"])
        .default("by the scheme of datastore-root")
        .about("\"s3\"", "The kind of datastore, where the root does not say it"),
    key("code", Kind::Text, "--code").about(
        "\"image:/app\"",
        "How the code reaches a container: `image:DIR` (baked in), `package` (made and uploaded by `flowc package`) or `URL@SHA` (a package of Metaflow's that is there)",
    ),
    key("image", Kind::Text, "--image")
        .about("\"python:3.12\"", "The container image of steps that name none"),
    key("user", Kind::Text, "--user")
        .metaflow(&["USER"])
        .default("flowc")
        .about("\"team-ml\"", "The owner of the runs"),
    key("tags", Kind::Texts, "--tag").about("[\"team:ml\"]", "Tags of every run"),
    key("namespace", Kind::Text, "--namespace").about("\"user:team-ml\"", "Metaflow's namespace of the runs"),
    key("name", Kind::Text, "--name")
        .default("made of the flow's")
        .about("\"train\"", "The definition's name"),
    key("max-workers", Kind::Whole { min: 1 }, "--max-workers")
        .default("100")
        .about("100", "How many tasks of a run may run at once"),
    key("with", Kind::Texts, "--with")
        .metaflow(&["DEFAULT_DECOSPECS"])
        .about(
            "[\"retry:times=2\"]",
            "Decorators for every step, as Metaflow's `--with`",
        ),
    key("metaflow-version", Kind::Text, "--metaflow-version")
        .about(
            "\"2.19.39\"",
            "The Metaflow version that the tasks find; with `code = \"package\"` it is installed where the image lacks it",
        ),
    key("python-version", Kind::Text, "--python-version").about(
        "\"3.11.7\"",
        "The Python of steps whose `@conda` or `@pypi` name none",
    ),
    key("branch", Kind::Text, "--branch").about("\"test\"", "`@project`'s branch"),
    key("production", Kind::Flag, "--production").about("true", "`@project`'s production deployment"),
    key("production-token", Kind::Text, "--production-token")
        .about("\"train-0\"", "Metaflow's production token"),
    key("workflow-timeout", Kind::Whole { min: 1 }, "--workflow-timeout")
        .about("86400", "Seconds after which a run is stopped"),
    key("k8s-namespace", Kind::Text, "--k8s-namespace")
        .metaflow(&["KUBERNETES_NAMESPACE"])
        .about("\"ml-jobs\"", "The Kubernetes namespace"),
    key("env", Kind::Texts, "--env").about(
        "[\"METAFLOW_SERVICE_URL\"]",
        "`METAFLOW_*` settings to take from the environment; no other is",
    ),
    key("package.suffixes", Kind::Texts, "--package-suffixes")
        .default(".py,.R,.RDS")
        .about("[\".csv\", \".sql\"]", "More ends of names of files that belong into the code package"),
    key("package.include", Kind::Texts, "").file_only().about(
        "[\"data/*.json\"]",
        "More files for the code package, as in `.gitignore`, whatever their suffix",
    ),
    key("package.exclude", Kind::Texts, "").file_only().about(
        "[\"tests\", \"notebooks\"]",
        "What the code package leaves out, as in `.gitignore`",
    ),
    key("package.gitignore", Kind::Flag, "")
        .file_only()
        .default("true")
        .about("false", "Leave out of the code package what `.gitignore` names"),
    key("package.metaflow-from", Kind::Text, "--metaflow-from").about(
        "\".venv\"",
        "The Python, environment or folder whose Metaflow goes into the code package",
    ),
    key("argo.version", Kind::Text, "--argo-version")
        .default("4.1")
        .about("\"3.7\"", "3.6 to 4.1"),
    key(
        "argo.workflow-priority",
        Kind::Whole { min: i64::MIN },
        "--workflow-priority",
    )
    .about("10", "`spec.priority`"),
    key("argo.notify-on-error", Kind::Flag, "--notify-on-error").about("true", "Notify when a run failed"),
    key("argo.notify-on-success", Kind::Flag, "--notify-on-success")
        .about("true", "Notify when a run succeeded"),
    key(
        "argo.notify-slack-webhook-url",
        Kind::Text,
        "--notify-slack-webhook-url",
    )
    .about(
        "\"secret:alerts/slack\"",
        "Slack's webhook, as an entry of a secret",
    ),
    key(
        "argo.notify-pager-duty-integration-key",
        Kind::Text,
        "--notify-pager-duty-integration-key",
    )
    .about(
        "\"secret:alerts/pager-duty\"",
        "PagerDuty's integration key, as an entry of a secret",
    ),
    key(
        "argo.notify-incident-io-api-key",
        Kind::Text,
        "--notify-incident-io-api-key",
    )
    .about(
        "\"secret:alerts/incident-io\"",
        "incident.io's API key, as an entry of a secret",
    ),
    key(
        "argo.incident-io-alert-source-config-id",
        Kind::Text,
        "--incident-io-alert-source-config-id",
    )
    .about("\"01HK…\"", "incident.io's alert source"),
    key("argo.incident-io-metadata", Kind::Texts, "--incident-io-metadata")
        .about("[\"team=ml\"]", "Metadata of incident.io's alerts"),
    key("argo.workflow-title", Kind::Text, "--workflow-title")
        .default("the flow's name")
        .about("\"Nightly training\"", "The title in Argo's user interface"),
    key("argo.workflow-description", Kind::Text, "--workflow-description")
        .default("the class's docstring")
        .about("\"Trains on the day's data\"", "The description there"),
    key(
        "argo.enable-error-msg-capture",
        Kind::Flag,
        "--enable-error-msg-capture",
    )
    .default("true")
    .about(
        "false",
        "A pod after a failed run that says which task failed first",
    ),
    key(
        "argo.enable-heartbeat-daemon",
        Kind::Flag,
        "--enable-heartbeat-daemon",
    )
    .about(
        "true",
        "A pod beside a run that tells the metadata service that it goes on",
    ),
    key(
        "argo.auto-emit-argo-events",
        Kind::Flag,
        "--auto-emit-argo-events",
    )
    .default("with METAFLOW_ARGO_EVENTS_WEBHOOK_URL")
    .about("true", "Publish an event when a task has finished"),
    key(
        "argo.ttl-after-completion",
        Kind::Whole { min: 0 },
        "--ttl-after-completion",
    )
    .about("604800", "Seconds for which a finished run is kept"),
    key(
        "argo.ttl-after-success",
        Kind::Whole { min: 0 },
        "--ttl-after-success",
    )
    .about("86400", "Seconds for which a run that succeeded is kept"),
    key(
        "argo.ttl-after-failure",
        Kind::Whole { min: 0 },
        "--ttl-after-failure",
    )
    .about("604800", "Seconds for which a run that failed is kept"),
    key(
        "argo.pod-gc",
        Kind::Choice(&[
            "OnPodCompletion",
            "OnPodSuccess",
            "OnWorkflowCompletion",
            "OnWorkflowSuccess",
        ]),
        "--pod-gc",
    )
    .about("\"OnWorkflowSuccess\"", "When finished pods are deleted"),
    key("argo.step-docstrings", Kind::Flag, "--step-docstrings")
        .about("true", "The steps' docstrings as an annotation"),
    key("argo.kustomization", Kind::Flag, "--kustomization").about(
        "true",
        "A `kustomization.yaml` beside the definition (with `-o DIR/`)",
    ),
    key("step-functions.job-queue", Kind::Text, "--job-queue")
        .metaflow(&["BATCH_JOB_QUEUE"])
        .about("\"metaflow\"", "The AWS Batch job queue of steps that name none"),
    key("step-functions.queues", Kind::Texts, "--queue").about(
        "[\"serverless=fargate\"]",
        "Job queues with their platform, `fargate` or `ec2`; also a table: `serverless = \"fargate\"`",
    ),
    key("step-functions.job-role", Kind::Text, "--job-role")
        .metaflow(&["ECS_S3_ACCESS_IAM_ROLE"])
        .about(
            "\"arn:aws:iam::123456789012:role/metaflow-job\"",
            "The IAM role of the jobs of steps that name none",
        ),
    key("step-functions.table", Kind::Text, "--table")
        .metaflow(&["SFN_DYNAMO_DB_TABLE"])
        .about(
            "\"metaflow-state\"",
            "The DynamoDB table that foreach and switch steps write to",
        ),
    key("step-functions.region", Kind::Text, "--region")
        .about("\"eu-central-1\"", "The AWS region of the jobs"),
    key(
        "step-functions.bundle",
        Kind::Choice(&["cloudformation"]),
        "--bundle",
    )
    .about(
        "\"cloudformation\"",
        "A CloudFormation template instead of the bare state machine",
    ),
    key(
        "step-functions.distributed-map",
        Kind::Flag,
        "--use-distributed-map",
    )
    .about(
        "true",
        "Foreach steps as distributed maps: more than 40 tasks at once",
    ),
    key("step-functions.compress", Kind::Flag, "--compress").about(
        "true",
        "Spare container overrides, of which AWS Batch allows 8,192 characters",
    ),
    key(
        "step-functions.log-execution-history",
        Kind::Flag,
        "--log-execution-history",
    )
    .about("true", "Log every event of a run (needs a bundle)"),
    key(
        "step-functions.assume-width",
        Kind::Whole { min: 1 },
        "--assume-width",
    )
    .about(
        "500",
        "How many tasks a foreach is expected to have, to hold against AWS's limits",
    ),
    key("step-functions.batch-tags", Kind::Texts, "--batch-tag")
        .about("[\"team=ml\"]", "Tags of every AWS Batch job"),
    key("step-functions.with-table", Kind::Flag, "--with-table")
        .about("true", "The bundle makes the DynamoDB table"),
    key("step-functions.with-iam", Kind::Flag, "--with-iam")
        .about("true", "The bundle makes the IAM roles, with least privilege"),
    key("airflow.version", Kind::Text, "--airflow-version")
        .default("2.10 to 3.3")
        .about("\"3.3\"", "The only Airflow that the DAG has to load on"),
    key("airflow.provider-version", Kind::Text, "--provider-version").about(
        "\"10.25.0\"",
        "The version of Airflow's Kubernetes provider there: 7.2 or later, for all of which the DAG is the same",
    ),
    key("airflow.service-account", Kind::Text, "--service-account")
        .metaflow(&["KUBERNETES_SERVICE_ACCOUNT"])
        .about("\"metaflow\"", "The service account of pods that name none"),
    key("airflow.start-date", Kind::Text, "--start-date")
        .default("2024-01-01T00:00:00+00:00")
        .about("\"2026-01-01T00:00:00+00:00\"", "The DAG's start date"),
    key("airflow.worker-pool", Kind::Text, "--worker-pool")
        .about("\"metaflow\"", "Airflow's pool for the tasks"),
    key("airflow.paused", Kind::Flag, "--paused").about("true", "The DAG is paused when it is new"),
    key(
        "airflow.max-active-runs",
        Kind::Whole { min: 1 },
        "--max-active-runs",
    )
    .default("16")
    .about("1", "How many runs may be active at once"),
    key("airflow.deferrable", Kind::Flag, "--deferrable")
        .about("true", "Let the triggerer watch the pods, not a worker"),
    key("check.select", Kind::Texts, "--select").about("[\"FLC1\", \"FLC2\"]", "Only these rules"),
    key("check.ignore", Kind::Texts, "--ignore").about("[\"FLC301\"]", "Not these rules"),
    key("check.extend-select", Kind::Texts, "--extend-select").about("[\"FLC8\"]", "These rules too"),
    key("check.deny", Kind::Choices(&["warnings"]), "--deny").about("[\"warnings\"]", "Let warnings fail the check"),
    key("check.strict", Kind::Flag, "--strict").about("true", "What flowc cannot tell is an error"),
    key("check.baseline", Kind::Text, "--baseline").about(
        "\".flowc-baseline.json\"",
        "Findings that were there before, which are not reported",
    ),
    key("check.exclude", Kind::Texts, "").file_only().about(
        "[\"legacy\"]",
        "Files and folders that `check` leaves out, as in `.gitignore`",
    ),
];

/// The key of this name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The targets' names.
pub fn target_names() -> &'static [&'static str] {
    TARGETS
}
