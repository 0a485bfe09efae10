//! How a machine names what is outside of it: written out where it stands alone, by reference where a
//! CloudFormation template holds it.

use super::job_definition::JobDefinition;
use super::text::Text;
use crate::plan::Plan;
use crate::settings::Deployment;

/// Names of outside things, and which of them the machine uses.
#[derive(Debug)]
pub struct References<'a> {
    deployment: &'a Deployment,
    is_bundle: bool,
    /// Of the datastore's root; empty where it is none of S3.
    bucket: &'a str,
    partition: String,
    /// In the order of their first use.
    pub parameters: Vec<Parameter>,
    pub job_definitions: Vec<Named>,
}

/// A parameter of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub kind: ParameterKind,
    pub default: Option<String>,
}

/// What a parameter of the template is for; its name begins with the kind's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterKind {
    StateMachineRole,
    JobRole,
    ExecutionRole,
    ScheduleRole,
    JobQueue,
    Table,
    DatastoreBucket,
    LogGroup,
}

/// A job definition under the name by which a machine calls it.
#[derive(Clone, Debug)]
pub struct Named {
    /// Of the registered definition, or of the template's resource.
    pub name: String,
    pub definition: JobDefinition,
}

impl ParameterKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::StateMachineRole => "StateMachineRole",
            Self::JobRole => "JobRole",
            Self::ExecutionRole => "ExecutionRole",
            Self::ScheduleRole => "ScheduleRole",
            Self::JobQueue => "JobQueue",
            Self::Table => "Table",
            Self::DatastoreBucket => "DatastoreBucket",
            Self::LogGroup => "LogGroup",
        }
    }
}

/// Resources of a template that a machine refers to.
pub const TABLE: &str = "StateTable";
pub const JOB_ROLE: &str = "BatchJobRole";

impl<'a> References<'a> {
    pub fn new(plan: &'a Plan) -> Self {
        let deployment = &plan.deployment;
        let root = deployment.datastore.root.strip_prefix("s3://").unwrap_or("");
        Self {
            deployment,
            is_bundle: deployment.step_functions.bundle.is_some(),
            bucket: root.split('/').next().unwrap_or(""),
            partition: partition(deployment),
            parameters: Vec::new(),
            job_definitions: Vec::new(),
        }
    }

    /// What a task calls: `batch:submitJob.sync`.
    pub fn resource(&self, action: &str) -> Text {
        if self.is_bundle {
            return Text::Sub(format!("arn:${{AWS::Partition}}:states:::{action}"));
        }
        Text::Plain(format!("arn:{}:states:::{action}", self.partition))
    }

    /// The queue that a step names, else the deployment's.
    pub fn queue(&mut self, written: Option<&str>) -> Text {
        let queue = written.or(self.deployment.step_functions.job_queue.as_deref());
        self.given(ParameterKind::JobQueue, queue, "JOB-QUEUE")
    }

    pub fn job_role(&mut self, written: Option<&str>) -> Text {
        let settings = &self.deployment.step_functions;
        if self.is_bundle && settings.with_iam && written.is_none() {
            return Text::Attribute(JOB_ROLE.to_owned(), "Arn");
        }
        let role = written.or(settings.job_role.as_deref());
        self.given(ParameterKind::JobRole, role, "JOB-ROLE")
    }

    /// The role with which Fargate pulls the image.
    pub fn execution_role(&mut self, written: Option<&str>) -> Text {
        let role = written.or(self.deployment.setting("ECS_FARGATE_EXECUTION_ROLE"));
        self.given(ParameterKind::ExecutionRole, role, "EXECUTION-ROLE")
    }

    /// The table that foreach and switch steps write to.
    pub fn table(&mut self) -> Text {
        let settings = &self.deployment.step_functions;
        if self.is_bundle && settings.with_table {
            return Text::reference(TABLE);
        }
        self.given(ParameterKind::Table, settings.table.as_deref(), "TABLE")
    }

    /// The region of the jobs, which have none of their own.
    pub fn region(&self) -> Option<Text> {
        if self.is_bundle {
            return Some(Text::reference("AWS::Region"));
        }
        self.deployment.step_functions.region.as_ref().map(Text::plain)
    }

    /// A text that may begin with the datastore's bucket: `s3://bucket/metaflow/data`.
    pub fn in_datastore(&mut self, url: &str) -> Text {
        let rest = url
            .strip_prefix("s3://")
            .and_then(|rest| rest.strip_prefix(self.bucket));
        match rest.filter(|rest| {
            self.is_bundle && !self.bucket.is_empty() && (rest.is_empty() || rest.starts_with('/'))
        }) {
            Some(rest) => {
                let bucket = self.bucket_parameter();
                Text::Sub(format!("s3://${{{bucket}}}{}", Text::escape(rest)))
            }
            None => Text::plain(url),
        }
    }

    /// The datastore's bucket, by name.
    pub fn bucket(&mut self) -> Text {
        if self.is_bundle {
            let name = self.bucket_parameter();
            return Text::Ref(name);
        }
        Text::plain(self.bucket)
    }

    /// A bucket: the datastore's by its parameter in a bundle.
    pub fn bucket_named(&mut self, name: &str) -> Text {
        if name == self.bucket {
            self.bucket()
        } else {
            Text::plain(name)
        }
    }

    fn bucket_parameter(&mut self) -> String {
        self.parameter(ParameterKind::DatastoreBucket, Some(self.bucket))
    }

    /// The reference to a job definition; equal ones are one.
    pub fn job_definition(&mut self, definition: JobDefinition) -> Text {
        let found = self
            .job_definitions
            .iter()
            .find(|named| named.definition == definition);
        let found = found.map(|named| named.name.clone());
        let name = found.unwrap_or_else(|| {
            let name = if self.is_bundle {
                format!("JobDefinition{}", self.job_definitions.len() + 1)
            } else {
                definition.registered_name()
            };
            let named = Named {
                name: name.clone(),
                definition,
            };
            self.job_definitions.push(named);
            name
        });
        if self.is_bundle {
            Text::Ref(name)
        } else {
            Text::Plain(name)
        }
    }

    /// A value of the deployment: in a bundle a parameter with that default.
    pub fn given(&mut self, kind: ParameterKind, value: Option<&str>, placeholder: &str) -> Text {
        if self.is_bundle {
            return Text::Ref(self.parameter(kind, value));
        }
        Text::plain(value.unwrap_or(placeholder))
    }

    /// The parameter of this kind and default, made at its first use.
    pub fn parameter(&mut self, kind: ParameterKind, default: Option<&str>) -> String {
        let of_kind = |parameter: &&Parameter| parameter.kind == kind;
        let same = self.parameters.iter().filter(of_kind);
        if let Some(found) = same
            .clone()
            .find(|parameter| parameter.default.as_deref() == default)
        {
            return found.name.clone();
        }
        let name = match same.count() {
            0 => kind.name().to_owned(),
            others => format!("{}{}", kind.name(), others + 1),
        };
        self.parameters.push(Parameter {
            name: name.clone(),
            kind,
            default: default.map(str::to_owned),
        });
        name
    }
}

/// The partition in the ARN of a role: `aws`, `aws-cn`, `aws-us-gov`.
fn partition(deployment: &Deployment) -> String {
    let roles = [
        deployment.setting("SFN_IAM_ROLE"),
        deployment.step_functions.job_role.as_deref(),
    ];
    let parts = roles
        .into_iter()
        .flatten()
        .filter_map(|role| role.strip_prefix("arn:")?.split(':').next());
    parts.into_iter().next().unwrap_or("aws").to_owned()
}
