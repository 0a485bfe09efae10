//! What the jobs of a flow visibly read and write on AWS besides the table of foreach and switch steps: artifacts,
//! cards and data, the code package, secrets. What a step's own code asks for nobody sees here.

use super::iam::{Statement, allow, bucket_arn, folder, objects, sub};
use super::layout::bucket_and_prefix;
use super::references::References;
use super::text::Text;
use crate::plan::python_environment::{self, Interpreter};
use crate::plan::{Plan, Task};
use crate::request::SecretSource;
use crate::settings::Code;

/// Metaflow's `aws_secrets_manager_secrets_provider.py`.
const SECRETS_MANAGER: &str = "aws-secrets-manager";

/// Folders that Metaflow derives from the datastore's root unless they are given.
const FOLDERS: [&str; 2] = ["DATATOOLS_S3ROOT", "CARD_S3ROOT"];

/// Likewise, where it keeps the packages of solved environments, which a task unpacks.
const PACKAGES: &str = "CONDA_PACKAGE_S3ROOT";

#[derive(Debug, Default)]
pub struct JobRights {
    /// Bucket and prefix, the datastore's root first.
    folders: Vec<(Text, String)>,
    /// What is only read, outside of these: the code package, packages of environments.
    read: Vec<Text>,
    secrets: Vec<Text>,
    /// Roles that the task takes to read secrets.
    roles: Vec<Text>,
}

impl JobRights {
    pub fn new(plan: &Plan, references: &mut References<'_>) -> Self {
        let deployment = &plan.deployment;
        let root = deployment.datastore.root.as_str();
        let mut urls = vec![root];
        for url in FOLDERS.iter().filter_map(|name| deployment.setting(name)) {
            if !urls.iter().any(|known| is_below(url, known)) {
                urls.push(url);
            }
        }
        let mut place = |url: &str| {
            let (bucket, key) = bucket_and_prefix(url);
            (references.bucket_named(bucket), key.to_owned())
        };
        let is_apart = |url: &&str| !urls.iter().any(|known| is_below(url, known));
        let mut read = Vec::new();
        if let Some((bucket, key)) = package(plan).filter(is_apart).map(&mut place) {
            read.push(bucket_arn(&bucket, &format!("/{}", Text::escape(&key))));
        }
        if let Some((bucket, prefix)) = packages(plan).filter(is_apart).map(&mut place) {
            read.push(objects(&bucket, &folder(&prefix)));
        }
        let mut rights = Self {
            folders: urls.iter().copied().map(&mut place).collect(),
            read,
            ..Self::default()
        };
        for source in plan.tasks.iter().flat_map(|task| &task.request.secrets) {
            rights.put_secret(plan, source);
        }
        rights
    }

    fn put_secret(&mut self, plan: &Plan, source: &SecretSource) {
        let default = plan.deployment.setting("DEFAULT_SECRETS_BACKEND_TYPE");
        if source.store.as_deref().or(default) != Some(SECRETS_MANAGER) {
            return;
        }
        let (list, arn) = match &source.role {
            Some(role) => (&mut self.roles, Text::plain(role)),
            None => (&mut self.secrets, secret(plan, source)),
        };
        if !list.contains(&arn) {
            list.push(arn);
        }
    }

    pub fn statements(&self) -> Vec<Statement> {
        let mut buckets: Vec<Text> = Vec::new();
        for (bucket, _) in &self.folders {
            let arn = bucket_arn(bucket, "");
            if !buckets.contains(&arn) {
                buckets.push(arn);
            }
        }
        let folders = self.folders.iter();
        let folders = folders.map(|(bucket, prefix)| objects(bucket, &folder(prefix)));
        let mut statements = vec![
            allow(&["s3:ListBucket", "s3:GetBucketLocation"], buckets),
            allow(
                &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                folders.collect(),
            ),
        ];
        if !self.read.is_empty() {
            statements.push(allow(&["s3:GetObject"], self.read.clone()));
        }
        if !self.secrets.is_empty() {
            statements.push(allow(&["secretsmanager:GetSecretValue"], self.secrets.clone()));
        }
        if !self.roles.is_empty() {
            statements.push(allow(&["sts:AssumeRole"], self.roles.clone()));
        }
        statements
    }
}

/// The code package.
fn package(plan: &Plan) -> Option<&str> {
    match &plan.deployment.code {
        Code::Package { url, .. } => Some(url),
        Code::Image { .. } => None,
    }
}

/// The folder of packages, where one is given and a step has a solved environment.
fn packages(plan: &Plan) -> Option<&str> {
    let is_solved = |task: &Task| match python_environment::interpreter(plan, task) {
        Interpreter::Solved(_) | Interpreter::Unnamed => true,
        Interpreter::OfImage => false,
    };
    let given = plan.deployment.setting(PACKAGES).filter(|url| !url.is_empty())?;
    plan.tasks.iter().any(is_solved).then_some(given)
}

/// Is it the same place, or one in it?
fn is_below(url: &str, root: &str) -> bool {
    let rest = url.strip_prefix(root.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A secret's ARN ends in six characters that its name does not say.
fn secret(plan: &Plan, source: &SecretSource) -> Text {
    let id = Text::escape(&source.id);
    if source.id.starts_with("arn:") {
        return if has_suffix(&source.id) {
            Text::plain(&source.id)
        } else {
            Text::plain(format!("{}-??????", source.id))
        };
    }
    let default = plan.deployment.setting("AWS_SECRETS_MANAGER_DEFAULT_REGION");
    let region = source.region.as_deref().or(default).unwrap_or("${AWS::Region}");
    sub(&format!(
        "arn:${{AWS::Partition}}:secretsmanager:{region}:${{AWS::AccountId}}:secret:{id}-??????"
    ))
}

fn has_suffix(arn: &str) -> bool {
    let suffix = arn.rsplit_once('-').map_or("", |(_, suffix)| suffix);
    suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
