//! From settings to a complete deployment: what is missing is listed in one go, with the way to give it.

use super::checks;
use super::layer::SettingsError;
use super::merge::Settings;
use super::package::{self, UNKNOWN_DIGEST};
use super::pods;
use super::{
    AirflowSettings, ArgoSettings, Code, Datastore, DatastoreKind, Deployment, Metaflow,
    StepFunctionsSettings,
};
use crate::decorator::spec;
use crate::flow::{Flow, Step};
use crate::target::Target;
use crate::value::Value;

/// A setting that a definition needs and nothing gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The key in `flowc.toml`.
    pub key: &'static str,
    /// `--datastore-root URL`
    pub option: &'static str,
    pub example: &'static str,
    /// What it is for, and for which steps.
    pub why: String,
}

/// Why there is no deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDeployment {
    Missing(Vec<Missing>),
    Wrong(SettingsError),
}

impl From<SettingsError> for NoDeployment {
    fn from(error: SettingsError) -> Self {
        Self::Wrong(error)
    }
}

/// What stands for a missing setting in a draft.
pub const DRAFT_ROOT: &str = "s3://DATASTORE-ROOT";
pub const DRAFT_IMAGE: &str = "IMAGE";
pub const DRAFT_USER: &str = "USER";

impl Deployment {
    /// The deployment of one flow on one target.
    ///
    /// # Errors
    /// [`NoDeployment::Missing`] lists all that is missing; with `is_draft` placeholders stand there instead.
    pub fn new(
        settings: &Settings,
        target: Target,
        flow: &Flow,
        is_draft: bool,
    ) -> Result<Self, NoDeployment> {
        let datastore = Datastore::new(settings)?;
        let code = settings
            .text("code")
            .map(|text| code(text, settings))
            .transpose()?;
        let code = match datastore.as_ref().map(|store| store.kind) {
            Some(kind) => code.map(|code| in_store(code, kind)).transpose()?,
            None => code,
        };
        let image = image(settings, target);
        let user = settings.text("user").map(str::to_owned);
        let mut missing = missing(
            settings,
            flow,
            target,
            datastore.as_ref(),
            code.as_ref(),
            image.as_deref(),
        );
        let step_functions = StepFunctionsSettings::new(settings)?;
        check_with(settings.texts("with"))?;
        check_version(settings.text("metaflow-version"))?;
        checks::tags(settings.texts("tags"))?;
        checks::numbers(settings)?;
        if target != Target::StepFunctions {
            pods::check(settings, target)?;
        }
        checks::user(settings.text("user"))?;
        checks::token(settings.text("production-token"), target)?;
        checks::image(image.as_deref())?;
        if target == Target::StepFunctions {
            StepFunctionsSettings::hold(datastore.as_ref(), settings)?;
            missing.extend(step_functions.missing(flow, settings));
        }
        if !missing.is_empty() && !is_draft {
            return Err(NoDeployment::Missing(missing));
        }
        let lacks = |key| missing.iter().any(|missing: &Missing| missing.key == key);
        let owner = if lacks("user") {
            DRAFT_USER.to_owned()
        } else {
            user.unwrap_or_else(|| "flowc".to_owned())
        };
        let mut deployment = Self {
            datastore: datastore.unwrap_or_else(|| Datastore {
                kind: DatastoreKind::S3,
                root: DRAFT_ROOT.to_owned(),
            }),
            code: code.unwrap_or(Code::Image { directory: None }),
            image: if lacks("image") {
                Some(DRAFT_IMAGE.to_owned())
            } else {
                image
            },
            owner,
            namespace: settings.text("namespace").map(str::to_owned),
            tags: settings.texts("tags").to_vec(),
            max_workers: settings
                .whole("max-workers")
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(100),
            name: settings.text("name").map(str::to_owned),
            branch: settings.text("branch").map(str::to_owned),
            is_production: settings.flag("production"),
            production_token: settings.text("production-token").map(str::to_owned),
            with: settings.texts("with").to_vec(),
            metaflow_version: settings.text("metaflow-version").map(str::to_owned),
            python_version: settings.text("python-version").map(str::to_owned),
            workflow_timeout: settings
                .whole("workflow-timeout")
                .and_then(|number| u64::try_from(number).ok()),
            metaflow: settings
                .layer()
                .metaflow
                .iter()
                .map(|(name, (text, _))| (name.clone(), text.clone()))
                .collect(),
            argo: ArgoSettings::new(settings)?,
            step_functions,
            airflow: AirflowSettings::new(settings)?,
            is_draft: !missing.is_empty(),
            placeholders: missing.iter().map(|missing| missing.key).collect(),
        };
        if package::is_own(settings) {
            deployment.set_package(&flow.name, UNKNOWN_DIGEST);
        }
        Ok(deployment)
    }
}

/// `--with` names decorators of the catalog, or dotted ones of which nothing is known.
fn check_with(specs: &[String]) -> Result<(), SettingsError> {
    for text in specs {
        let checked = spec::parse(text).and_then(|spec| spec.check());
        checked.map_err(|error| SettingsError(format!("--with {text}: {error}")))?;
    }
    Ok(())
}

/// A version is installed by name: it is one version, not a range.
fn check_version(version: Option<&str>) -> Result<(), SettingsError> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".+!-_".contains(letter);
    match version {
        Some(text) if text.is_empty() || !text.chars().all(is_part) => Err(SettingsError(format!(
            "metaflow-version: `{text}` is no version; it is one like `2.19.39`"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn missing(
    settings: &Settings,
    flow: &Flow,
    target: Target,
    datastore: Option<&Datastore>,
    code: Option<&Code>,
    image: Option<&str>,
) -> Vec<Missing> {
    let mut missing = Vec::new();
    if datastore.is_none() {
        missing.push(Missing {
            key: "datastore-root",
            option: "--datastore-root URL",
            example: "\"s3://bucket/metaflow\"",
            why: "where runs keep their artifacts".to_owned(),
        });
    }
    if code.is_none() {
        missing.push(Missing {
            key: "code",
            option: "--code image[:DIR]|package|URL@SHA",
            example: "\"image:/app\"",
            why: "how the code reaches a container".to_owned(),
        });
    }
    let is_service = settings.metaflow("DEFAULT_METADATA") == Some("service");
    let urls = ["SERVICE_URL", "SERVICE_INTERNAL_URL"];
    if is_service && urls.iter().all(|url| settings.metaflow(url).is_none()) {
        missing.push(Missing {
            key: "metaflow.METAFLOW_SERVICE_URL",
            option: "--set METAFLOW_SERVICE_URL=URL",
            example: "\"https://metadata.example\"",
            why: "where the metadata service is that METAFLOW_DEFAULT_METADATA asks for".to_owned(),
        });
    }
    let without = steps_without_image(settings, flow, target);
    if image.is_none() && !without.is_empty() {
        missing.push(Missing {
            key: "image",
            option: "--image IMAGE",
            example: "\"registry.example/train:1.0\"",
            why: format!("the container image of {}, which name none", list_steps(&without)),
        });
    }
    if is_personal(settings, flow) && settings.text("user").is_none() {
        missing.push(Missing {
            key: "user",
            option: "--user NAME",
            example: "\"alice\"",
            why: "whose branch of `@project` it is (or give `--branch`, `--production`)".to_owned(),
        });
    }
    missing
}

/// Does the branch of `@project` get its name from the user? Neither the decorator nor an option names another.
fn is_personal(settings: &Settings, flow: &Flow) -> bool {
    let Some(project) = flow.decorators_named("project").next() else {
        return false;
    };
    let is_written = |name| {
        let value = project.attribute(name).map(|attribute| &attribute.value.result);
        value.is_some_and(|value| value.as_ref().is_ok_and(Value::is_truthy))
    };
    let is_given = settings.flag("production") || settings.text("branch").is_some();
    !is_given && !is_written("branch") && !is_written("production")
}

fn list_steps(steps: &[&Step]) -> String {
    let names: Vec<String> = steps
        .iter()
        .take(4)
        .map(|step| format!("`{}`", step.name))
        .collect();
    let more = steps.len() - names.len();
    let word = if steps.len() == 1 { "step" } else { "steps" };
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{word} {}{tail}", names.join(", "))
}

/// The steps whose compute decorator, written or given by `--with`, names no image.
fn steps_without_image<'a>(settings: &Settings, flow: &'a Flow, target: Target) -> Vec<&'a Step> {
    let compute = match target {
        Target::Argo | Target::Airflow => "kubernetes",
        Target::StepFunctions => "batch",
    };
    let is_given_by_with = settings.texts("with").iter().any(|spec| {
        let (name, attributes) = spec.split_once(':').unwrap_or((spec, ""));
        name == compute
            && attributes
                .split(',')
                .any(|attribute| attribute.starts_with("image="))
    });
    let names_image = |step: &&Step| {
        let mut uses = step.decorators_named(compute).peekable();
        if uses.peek().is_none() {
            return is_given_by_with;
        }
        uses.filter_map(|used| used.attribute("image"))
            .any(|attribute| !matches!(attribute.value.result, Ok(Value::None)))
    };
    flow.steps.iter().filter(|step| !names_image(step)).collect()
}

/// flowc's own key, else as Metaflow: the image of the compute before the common one.
fn image(settings: &Settings, target: Target) -> Option<String> {
    let specific = match target {
        Target::Argo | Target::Airflow => "KUBERNETES_CONTAINER_IMAGE",
        Target::StepFunctions => "BATCH_CONTAINER_IMAGE",
    };
    let found = settings.text("image").or_else(|| settings.metaflow(specific));
    let found = found.or_else(|| settings.metaflow("DEFAULT_CONTAINER_IMAGE"));
    found.filter(|image| !image.is_empty()).map(str::to_owned)
}

impl Datastore {
    /// Where the settings put it; nothing where they do not say.
    ///
    /// # Errors
    /// A root of another kind, or of none.
    pub fn new(settings: &Settings) -> Result<Option<Self>, SettingsError> {
        let kind = settings.text("datastore").map(kind_named).transpose()?;
        let all = [DatastoreKind::S3, DatastoreKind::Gs, DatastoreKind::Azure];
        let mut kinds = all
            .into_iter()
            .filter(|candidate| kind.is_none_or(|kind| kind == *candidate));
        let by_metaflow = || kinds.find_map(|kind| settings.metaflow(sysroot(kind)));
        let Some(root) = settings.text("datastore-root").or_else(by_metaflow) else {
            return Ok(None);
        };
        let scheme = root.split_once("://").map(|(scheme, _)| scheme);
        let by_scheme = match scheme {
            Some("s3") => Some(DatastoreKind::S3),
            Some("gs") => Some(DatastoreKind::Gs),
            Some("azure") => Some(DatastoreKind::Azure),
            Some(other) => {
                let message = format!(
                    "datastore-root: unknown scheme `{other}://` in `{root}`; it is `s3://…`, `gs://…` or `azure://CONTAINER/…`"
                );
                return Err(SettingsError(message));
            }
            None => None,
        };
        let kind = match (kind, by_scheme) {
            (Some(kind), Some(other)) if kind != other => {
                let message = format!(
                    "datastore-root: `{root}` is no datastore of kind `{}`",
                    kind.name()
                );
                return Err(SettingsError(message));
            }
            (Some(DatastoreKind::S3 | DatastoreKind::Gs) | None, None) => {
                let message = format!(
                    "datastore-root: `{root}` has no scheme; it is `s3://…` or `gs://…`, or an Azure container with `--datastore azure`"
                );
                return Err(SettingsError(message));
            }
            (Some(kind), _) | (None, Some(kind)) => kind,
        };
        let root = root.strip_prefix("azure://").unwrap_or(root);
        let root = root.trim_end_matches('/').to_owned();
        if root.ends_with(':') || root.is_empty() {
            let message =
                format!("datastore-root: `{root}` names no bucket; it is one like `s3://bucket/metaflow`");
            return Err(SettingsError(message));
        }
        Ok(Some(Datastore { kind, root }))
    }
}

fn sysroot(kind: DatastoreKind) -> &'static str {
    match kind {
        DatastoreKind::S3 => "DATASTORE_SYSROOT_S3",
        DatastoreKind::Azure => "DATASTORE_SYSROOT_AZURE",
        DatastoreKind::Gs => "DATASTORE_SYSROOT_GS",
    }
}

fn kind_named(name: &str) -> Result<DatastoreKind, SettingsError> {
    match name {
        "s3" => Ok(DatastoreKind::S3),
        "azure" => Ok(DatastoreKind::Azure),
        "gs" => Ok(DatastoreKind::Gs),
        other => Err(SettingsError(format!(
            "datastore: `{other}` cannot be reached from a container; it is s3, azure or gs"
        ))),
    }
}

/// `image`, `image:DIR`, `package`, `URL@SHA`.
fn code(text: &str, settings: &Settings) -> Result<Code, SettingsError> {
    if text == package::OWN {
        return Ok(Code::Package {
            url: String::new(),
            sha: UNKNOWN_DIGEST.to_owned(),
            metaflow: package::metaflow(settings),
        });
    }
    if text == "image" {
        return Ok(Code::Image { directory: None });
    }
    if let Some(directory) = text.strip_prefix("image:") {
        if !directory.is_empty() && !directory.starts_with('/') {
            return Err(SettingsError(format!(
                "code: `{directory}` is relative; the folder of the code in the image begins with `/`"
            )));
        }
        if directory.contains("{{") || directory.contains(char::is_control) {
            return Err(SettingsError(format!(
                "code: `{directory}` can be no folder of an image: it holds `{{{{` or a character that is not printed"
            )));
        }
        let directory = (!directory.is_empty()).then(|| directory.to_owned());
        return Ok(Code::Image { directory });
    }
    match text.rsplit_once('@') {
        Some((url, sha))
            if url.contains("://") && sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            Ok(Code::Package {
                url: url.to_owned(),
                sha: sha.to_ascii_lowercase(),
                // As Metaflow makes its packages.
                metaflow: Metaflow::Packed,
            })
        }
        Some((url, sha)) if url.contains("://") => Err(SettingsError(format!(
            "code: `{sha}` is no SHA-1 digest (40 hexadecimal digits)"
        ))),
        _ => Err(SettingsError(format!(
            "code: `{text}` is neither `image[:DIR]` nor `package` nor `URL@SHA`"
        ))),
    }
}

/// A task fetches its code by the means of the datastore.
fn in_store(code: Code, kind: DatastoreKind) -> Result<Code, SettingsError> {
    let Code::Package { url, sha, metaflow } = code else {
        return Ok(code);
    };
    let (name, scheme) = match kind {
        DatastoreKind::S3 => ("S3", "s3://"),
        DatastoreKind::Azure => ("Azure", "azure://"),
        DatastoreKind::Gs => ("Google Cloud Storage", "gs://"),
    };
    // The flow's own has no address yet.
    if !url.is_empty() && !url.starts_with(scheme) {
        return Err(SettingsError(format!(
            "code: tasks fetch `{url}` from the datastore, which is {name}: the address begins with `{scheme}`"
        )));
    }
    let url = match kind {
        // Metaflow's addresses there have no scheme.
        DatastoreKind::Azure => url.trim_start_matches(scheme).to_owned(),
        DatastoreKind::S3 | DatastoreKind::Gs => url,
    };
    Ok(Code::Package { url, sha, metaflow })
}
