//! What a deployment on AWS Step Functions is made of besides the common settings.

use super::aws;
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
    /// Queues on Fargate; all others are on EC2.
    pub fargate_queues: Vec<String>,
    /// For steps that name none.
    pub job_role: Option<String>,
    pub table: Option<String>,
    pub uses_distributed_map: bool,
    pub compress: bool,
    pub log_execution_history: bool,
    pub assume_width: Option<u64>,
    /// Key and value, in order.
    pub batch_tags: Vec<(String, String)>,
    pub with_table: bool,
    pub with_iam: bool,
}

/// A setting, whether a text can be it, and what it has to be.
type Form = (&'static str, fn(&str) -> bool, &'static str);

/// As AWS takes them; a bundle's parameters have the same patterns.
const FORMS: [Form; 4] = [
    (
        "job-role",
        aws::is_role,
        "the ARN of a role: `arn:aws:iam::123456789012:role/NAME`",
    ),
    (
        "job-queue",
        aws::is_queue,
        "a job queue: up to 128 letters, digits, `-` and `_`, or an ARN",
    ),
    (
        "table",
        aws::is_table,
        "a DynamoDB table: 3 to 255 letters, digits, `_`, `-` and `.`",
    ),
    ("region", aws::is_region, "an AWS region like `eu-central-1`"),
];

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
        Ok(Self {
            region: text("region"),
            bundle: text("bundle").map(|_| Bundle::CloudFormation),
            job_queue: text("job-queue"),
            fargate_queues: fargate_queues(settings.texts("step-functions.queues"))?,
            job_role: text("job-role"),
            table: text("table"),
            uses_distributed_map: flag("distributed-map"),
            compress: flag("compress"),
            log_execution_history: flag("log-execution-history"),
            assume_width: settings
                .whole("step-functions.assume-width")
                .and_then(|width| u64::try_from(width).ok()),
            batch_tags: tags(settings.texts("step-functions.batch-tags"))?,
            with_table: flag("with-table"),
            with_iam: flag("with-iam"),
        })
    }

    /// What Step Functions cannot do with the common settings.
    ///
    /// # Errors
    /// A datastore that is not on S3, a name that AWS does not take.
    pub fn hold(datastore: Option<&Datastore>, name: Option<&str>) -> Result<(), SettingsError> {
        if let Some(store) = datastore.filter(|store| store.kind != DatastoreKind::S3) {
            let message = format!(
                "datastore-root: Step Functions keeps artifacts on S3, not `{}` ({})",
                store.root,
                store.kind.name()
            );
            return Err(SettingsError(message));
        }
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        match name.filter(|name| name.is_empty() || !name.chars().all(is_plain)) {
            Some(name) => Err(SettingsError(format!(
                "name: `{name}` is no name of a state machine: letters, digits, `-`, `_` and `.`"
            ))),
            None => Ok(()),
        }
    }

    /// What a bare state machine of this flow needs and nothing gives; a bundle takes it as parameters.
    pub fn missing(&self, flow: &Flow) -> Vec<Missing> {
        if self.bundle.is_some() {
            return Vec::new();
        }
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
            self.job_queue.is_some() || every_step_gives(flow, "queue"),
            "step-functions.job-queue",
            "--job-queue QUEUE",
            "\"metaflow\"",
            "the AWS Batch job queue",
        );
        need(
            self.job_role.is_some() || every_step_gives(flow, "iam_role"),
            "step-functions.job-role",
            "--job-role ARN",
            "\"arn:aws:iam::123456789012:role/metaflow-job\"",
            "the IAM role of the jobs",
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

fn every_step_gives(flow: &Flow, attribute: &str) -> bool {
    flow.steps.iter().all(|step| {
        let mut uses = step.decorators_named("batch");
        uses.any(|used| used.attribute(attribute).is_some())
    })
}

/// AWS refuses other tags; Metaflow looks at the first character of a key.
fn tags(texts: &[String]) -> Result<Vec<(String, String)>, SettingsError> {
    let tags = pairs("batch-tags", texts)?;
    for (key, value) in &tags {
        let problem = if key.is_empty() {
            Some("has no key".to_owned())
        } else if [key, value]
            .iter()
            .any(|text| text.to_ascii_lowercase().starts_with("aws:"))
        {
            Some("begins with `aws:`, which AWS keeps for itself".to_owned())
        } else if key.chars().count() > 128 || value.chars().count() > 256 {
            Some("is too long: a key has at most 128 characters, a value 256".to_owned())
        } else {
            let wrong = key
                .chars()
                .chain(value.chars())
                .find(|&character| !is_allowed_in_tag(character));
            wrong.map(|character| {
                format!("holds `{character}`; allowed are letters, digits, blanks and `+-=._:/@`")
            })
        };
        if let Some(problem) = problem {
            let message = format!("step-functions.batch-tags: the tag `{key}={value}` {problem}");
            return Err(SettingsError(message));
        }
    }
    Ok(tags)
}

/// What AWS allows in a tag.
pub fn is_allowed_in_tag(character: char) -> bool {
    character.is_ascii_alphanumeric() || character.is_whitespace() || "+-=._:/@".contains(character)
}

fn fargate_queues(texts: &[String]) -> Result<Vec<String>, SettingsError> {
    let mut queues = Vec::new();
    for (queue, platform) in pairs("queues", texts)? {
        match platform.to_ascii_lowercase().as_str() {
            "fargate" | "fargate_spot" => queues.push(queue),
            "ec2" | "spot" => {}
            _ => {
                let message = format!(
                    "step-functions.queues: `{platform}` of `{queue}` is neither `ec2` nor `fargate`"
                );
                return Err(SettingsError(message));
            }
        }
    }
    Ok(queues)
}

fn pairs(key: &str, texts: &[String]) -> Result<Vec<(String, String)>, SettingsError> {
    let pair = |text: &String| {
        let found = text.split_once('=');
        let owned = found.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.ok_or_else(|| SettingsError(format!("step-functions.{key}: `{text}` is not `NAME=VALUE`")))
    };
    texts.iter().map(pair).collect()
}
