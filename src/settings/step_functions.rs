//! What a deployment on AWS Step Functions is made of besides the common settings.

use std::collections::BTreeSet;

use super::aws;
use super::batch_steps::BatchSteps;
use super::layer::SettingsError;
use super::merge::Settings;
use super::required::Missing;
use super::{Datastore, DatastoreKind};
use crate::flow::{Flow, Tail, Transition};

/// Settings of the Step Functions target alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct StepFunctionsSettings {
    pub region: Option<String>,
    pub bundle: Option<Bundle>,
    /// For steps that name none: a name or an ARN.
    pub job_queue: Option<String>,
    /// Queues that are said to be on Fargate.
    pub fargate_queues: Vec<String>,
    /// Queues that are said to be on EC2, as all are of which nothing is said.
    pub ec2_queues: Vec<String>,
    /// For steps that name none.
    pub job_role: Option<String>,
    pub table: Option<String>,
    pub uses_distributed_map: bool,
    pub compress: bool,
    pub log_execution_history: bool,
    pub assume_width: Option<u64>,
    /// Key and value, in order.
    pub batch_tags: Vec<(String, String)>,
    /// `METAFLOW_BATCH_DEFAULT_TAGS`, likewise.
    pub default_tags: Vec<(String, String)>,
    pub with_table: bool,
    pub with_iam: bool,
}

/// A setting, whether a text can be it, and what it has to be.
type Form = (&'static str, fn(&str) -> bool, &'static str);

/// As AWS takes them; a bundle's parameters have the same patterns.
const FORMS: [Form; 4] = [
    ("job-role", aws::is_role, aws::ROLE),
    ("job-queue", aws::is_queue, aws::QUEUE),
    (
        "table",
        aws::is_table,
        "a DynamoDB table: 3 to 255 letters, digits, `_`, `-` and `.`",
    ),
    ("region", aws::is_region, "an AWS region like `eu-central-1`"),
];

/// The same of Metaflow's settings, without `METAFLOW_`.
const METAFLOWS_FORMS: [Form; 3] = [
    ("SFN_IAM_ROLE", aws::is_role, aws::ROLE),
    ("ECS_FARGATE_EXECUTION_ROLE", aws::is_role, aws::ROLE),
    ("SFN_EXECUTION_LOG_GROUP_ARN", aws::is_log_group, aws::LOG_GROUP),
];

/// Of an execution, in seconds.
const LONGEST_TIMEOUT: i64 = 99_999_999;

/// What holds the state machine and all it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bundle {
    CloudFormation,
}

impl StepFunctionsSettings {
    /// # Errors
    /// A queue's platform that is none, a name or tag that AWS refuses, an option that needs a bundle.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let text = |key: &str| {
            let found = settings.text(&format!("step-functions.{key}"));
            found.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        for (key, is_right, form) in FORMS {
            if let Some(given) = text(key).filter(|given| !is_right(given)) {
                let message = format!("step-functions.{key}: `{given}` is not {form}");
                return Err(SettingsError(message));
            }
        }
        let flag = |key: &str| settings.flag(&format!("step-functions.{key}"));
        if text("bundle").is_none() {
            for key in ["with-iam", "with-table", "log-execution-history"] {
                if flag(key) {
                    let message = format!(
                        "step-functions.{key}: only a bundle can do it: give `--bundle cloudformation` too"
                    );
                    return Err(SettingsError(message));
                }
            }
        }
        let (fargate_queues, ec2_queues) = queues(settings.texts("step-functions.queues"))?;
        Ok(Self {
            region: text("region"),
            bundle: text("bundle").map(|_| Bundle::CloudFormation),
            job_queue: text("job-queue"),
            fargate_queues,
            ec2_queues,
            job_role: text("job-role"),
            table: text("table"),
            uses_distributed_map: flag("distributed-map"),
            compress: flag("compress"),
            log_execution_history: flag("log-execution-history"),
            assume_width: settings
                .whole("step-functions.assume-width")
                .and_then(|width| u64::try_from(width).ok()),
            batch_tags: tags(settings.texts("step-functions.batch-tags"))?,
            // Where it is wrong, `hold` says so to those who ask for this target.
            default_tags: default_tags(settings).unwrap_or_default(),
            with_table: flag("with-table"),
            with_iam: flag("with-iam"),
        })
    }

    /// What Step Functions cannot do with the common settings and Metaflow's.
    ///
    /// # Errors
    /// A datastore that is not on S3, a name or tag that AWS does not take, a role of another partition.
    pub fn hold(datastore: Option<&Datastore>, settings: &Settings) -> Result<(), SettingsError> {
        if let Some(store) = datastore {
            hold_datastore(store, settings.text("step-functions.bundle").is_some())?;
        }
        for (name, is_right, form) in METAFLOWS_FORMS {
            let given = settings.metaflow(name).filter(|given| !given.is_empty());
            if let Some(given) = given.filter(|given| !is_right(given)) {
                return Err(SettingsError(format!("METAFLOW_{name}: `{given}` is not {form}")));
            }
        }
        hold_partition(settings)?;
        default_tags(settings)?;
        if let Some(given) = settings
            .whole("workflow-timeout")
            .filter(|given| *given > LONGEST_TIMEOUT)
        {
            return Err(SettingsError(format!(
                "workflow-timeout: {given} seconds are given, Step Functions accepts {LONGEST_TIMEOUT}"
            )));
        }
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let name = settings.text("name");
        match name.filter(|name| name.is_empty() || !name.chars().all(is_plain)) {
            Some(name) => Err(SettingsError(format!(
                "name: `{name}` is no name of a state machine: letters, digits, `-`, `_` and `.`"
            ))),
            None => Ok(()),
        }
    }

    /// Of the queues of steps, `None` being the one that a bundle takes as a parameter, those on Fargate: it is listed, or,
    /// where nothing is said of it, a step on it asks for ephemeral storage (the flag).
    pub fn on_fargate<'q>(
        &self,
        steps: impl IntoIterator<Item = (Option<&'q str>, bool)>,
    ) -> BTreeSet<Option<&'q str>> {
        let is_listed = |queues: &[String], queue: Option<&str>| {
            queue.is_some_and(|queue| queues.iter().any(|listed| listed == queue))
        };
        let steps = steps.into_iter().filter(|&(queue, asks_storage)| {
            is_listed(&self.fargate_queues, queue) || asks_storage && !is_listed(&self.ec2_queues, queue)
        });
        steps.map(|(queue, _)| queue).collect()
    }

    /// What a bare state machine of this flow needs and nothing gives; a bundle takes it as parameters.
    pub fn missing(&self, flow: &Flow, settings: &Settings) -> Vec<Missing> {
        if self.bundle.is_some() {
            return Vec::new();
        }
        let steps = BatchSteps::new(flow, settings.texts("with"));
        let mut missing = Vec::new();
        let mut need = |is_given: bool, key, option, example, why: &str| {
            if !is_given {
                missing.push(Missing {
                    key,
                    option,
                    example,
                    why: why.to_owned(),
                });
            }
        };
        need(
            self.job_queue.is_some() || steps.all_give("queue"),
            "step-functions.job-queue",
            "--job-queue QUEUE",
            "\"metaflow\"",
            "the AWS Batch job queue",
        );
        need(
            self.job_role.is_some() || steps.all_give("iam_role"),
            "step-functions.job-role",
            "--job-role ARN",
            "\"arn:aws:iam::123456789012:role/metaflow-job\"",
            "the IAM role of the jobs",
        );
        need(
            settings
                .metaflow("ECS_FARGATE_EXECUTION_ROLE")
                .is_some_and(|role| !role.is_empty())
                || steps
                    .on_fargate(self)
                    .iter()
                    .all(|step| step.gives("execution_role")),
            "metaflow.METAFLOW_ECS_FARGATE_EXECUTION_ROLE",
            "--set METAFLOW_ECS_FARGATE_EXECUTION_ROLE=ARN",
            "\"arn:aws:iam::123456789012:role/metaflow-fargate\"",
            "the IAM role with which Fargate starts containers",
        );
        if writes_items(flow) {
            need(
                self.table.is_some(),
                "step-functions.table",
                "--table TABLE",
                "\"metaflow-state\"",
                "the DynamoDB table for foreach and switch steps",
            );
            need(
                self.region.is_some(),
                "step-functions.region",
                "--region REGION",
                "\"eu-central-1\"",
                "the AWS region in which jobs find that table",
            );
        }
        missing
    }
}

/// A machine that stands alone has the partition of its roles; a bundle that of its stack.
fn hold_partition(settings: &Settings) -> Result<(), SettingsError> {
    let is_bundle = settings.text("step-functions.bundle").is_some();
    let Some(region) = settings.text("step-functions.region").filter(|_| !is_bundle) else {
        return Ok(());
    };
    let roles = [
        ("METAFLOW_SFN_IAM_ROLE", settings.metaflow("SFN_IAM_ROLE")),
        (
            "step-functions.job-role",
            settings.text("step-functions.job-role"),
        ),
    ];
    for (name, role) in roles {
        if let Some(role) = role.filter(|role| !role.is_empty() && !aws::is_of_region(role, region)) {
            let message = format!("{name}: `{role}` is of another partition than the region `{region}`");
            return Err(SettingsError(message));
        }
    }
    Ok(())
}

/// A bundle takes its bucket as a parameter, held against AWS's form when it is deployed.
fn hold_datastore(store: &Datastore, is_bundle: bool) -> Result<(), SettingsError> {
    if store.kind != DatastoreKind::S3 {
        let message = format!(
            "datastore-root: Step Functions keeps artifacts on S3, not `{}` ({})",
            store.root,
            store.kind.name()
        );
        return Err(SettingsError(message));
    }
    let rest = store.root.strip_prefix("s3://").unwrap_or(&store.root);
    let bucket = rest.split('/').next().unwrap_or_default();
    if !is_bundle || aws::is_bucket(bucket) {
        return Ok(());
    }
    Err(SettingsError(format!(
        "datastore-root: `{bucket}` is no bucket: 3 to 63 lower-case letters, digits, `-` and `.`"
    )))
}

/// Does the flow hold a foreach or a switch, whose tasks write to the table?
fn writes_items(flow: &Flow) -> bool {
    flow.steps.iter().any(|step| match &step.tail {
        Tail::Next { transition, .. } => match transition {
            Transition::Foreach { .. } | Transition::Parallel { .. } | Transition::Switch { .. } => true,
            Transition::Linear(_) | Transition::Split(_) => false,
        },
        Tail::Missing | Tail::Invalid { .. } => false,
    })
}

/// AWS refuses other tags; Metaflow looks at the first character of a key.
fn tags(texts: &[String]) -> Result<Vec<(String, String)>, SettingsError> {
    let tags = pairs("batch-tags", texts)?;
    hold_tags("step-functions.batch-tags", &tags)?;
    Ok(tags)
}

fn hold_tags(setting: &str, tags: &[(String, String)]) -> Result<(), SettingsError> {
    let wrong = |(key, value): &(String, String)| {
        let problem = aws::problem_of_tag(key, value)?;
        Some(SettingsError(format!(
            "{setting}: the tag `{key}={value}` {problem}"
        )))
    };
    tags.iter().find_map(wrong).map_or(Ok(()), Err)
}

/// `METAFLOW_BATCH_DEFAULT_TAGS`: tags of all jobs, as JSON.
fn default_tags(settings: &Settings) -> Result<Vec<(String, String)>, SettingsError> {
    let setting = "METAFLOW_BATCH_DEFAULT_TAGS";
    let Some(text) = settings
        .metaflow("BATCH_DEFAULT_TAGS")
        .filter(|text| !text.is_empty())
    else {
        return Ok(Vec::new());
    };
    let tags: Option<std::collections::BTreeMap<String, String>> = serde_json::from_str(text).ok();
    let Some(tags) = tags else {
        let message = format!("{setting}: `{text}` is not a JSON object of texts: `{{\"team\": \"ml\"}}`");
        return Err(SettingsError(message));
    };
    let tags: Vec<(String, String)> = tags.into_iter().collect();
    hold_tags(setting, &tags)?;
    Ok(tags)
}

/// Those on Fargate, those on EC2.
fn queues(texts: &[String]) -> Result<(Vec<String>, Vec<String>), SettingsError> {
    let (mut fargate, mut ec2) = (Vec::new(), Vec::new());
    for (queue, platform) in pairs("queues", texts)? {
        match platform.to_ascii_lowercase().as_str() {
            "fargate" | "fargate_spot" => fargate.push(queue),
            "ec2" | "spot" => ec2.push(queue),
            _ => {
                let message = format!(
                    "step-functions.queues: `{platform}` of `{queue}` is neither `ec2` nor `fargate`"
                );
                return Err(SettingsError(message));
            }
        }
    }
    Ok((fargate, ec2))
}

fn pairs(key: &str, texts: &[String]) -> Result<Vec<(String, String)>, SettingsError> {
    let pair = |text: &String| {
        let found = text.split_once('=');
        let owned = found.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.ok_or_else(|| SettingsError(format!("step-functions.{key}: `{text}` is not `NAME=VALUE`")))
    };
    texts.iter().map(pair).collect()
}
