//! Values of settings that no task could start with.

use super::layer::SettingsError;
use super::merge::Settings;
use crate::decorator::image;
use crate::target::Target;

/// Metaflow 2.19: `tagging_util.py`.
const MOST_TAGS: usize = 50;
const LONGEST_TAG: usize = 500;

/// Metaflow's settings that are numbers, without `METAFLOW_`.
const NUMBERS: [&str; 6] = [
    "DEFAULT_RUNTIME_LIMIT",
    "KUBERNETES_CPU",
    "KUBERNETES_DISK",
    "KUBERNETES_MEMORY",
    "KUBERNETES_PORT",
    "KUBERNETES_SHARED_MEMORY",
];

/// What Metaflow accepts as tags of a run.
///
/// # Errors
/// The first tag that it refuses.
pub fn tags(tags: &[String]) -> Result<(), SettingsError> {
    if tags.len() > MOST_TAGS {
        return Err(SettingsError(format!(
            "tags: {} are given, Metaflow accepts {MOST_TAGS}",
            tags.len()
        )));
    }
    for tag in tags {
        let length = tag.chars().count();
        if tag.is_empty() {
            return Err(SettingsError("tags: a tag cannot be empty".to_owned()));
        }
        if length > LONGEST_TAG {
            let start: String = tag.chars().take(20).collect();
            return Err(SettingsError(format!(
                "tags: `{start}…` has {length} characters, Metaflow accepts {LONGEST_TAG}"
            )));
        }
    }
    Ok(())
}

/// Argo evaluates `{{…}}` in the annotations that hold the owner, and has no escape for it there.
///
/// # Errors
/// A name with such braces.
pub fn user(user: Option<&str>) -> Result<(), SettingsError> {
    match user {
        Some(name) if name.contains("{{") => Err(SettingsError(format!("user: `{name}` contains `{{{{`"))),
        Some(name) if name.trim().is_empty() => Err(SettingsError("user: the name is empty".to_owned())),
        Some(_) | None => Ok(()),
    }
}

/// A production token, on Argo for the same reason.
///
/// # Errors
/// A token with such braces.
pub fn token(token: Option<&str>, target: Target) -> Result<(), SettingsError> {
    match token {
        Some(token) if target == Target::Argo && token.contains("{{") => Err(SettingsError(format!(
            "production-token: `{token}` contains `{{{{`, which Argo Workflows would evaluate"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The image of steps that name none.
///
/// # Errors
/// A name that no image can have.
pub fn image(image: Option<&str>) -> Result<(), SettingsError> {
    match image.and_then(|image| Some((image, image::problem(image)?))) {
        Some((image, problem)) => Err(SettingsError(format!(
            "image: `{image}` is no name of an image: {problem}"
        ))),
        None => Ok(()),
    }
}

/// Settings that are compared or added up.
///
/// # Errors
/// The first one that is no number.
pub fn numbers(settings: &Settings) -> Result<(), SettingsError> {
    for name in NUMBERS {
        let given = settings.metaflow(name).filter(|text| !text.is_empty());
        if let Some(text) = given.filter(|text| !text.trim().parse::<f64>().is_ok_and(|number| number >= 0.0))
        {
            return Err(SettingsError(format!("METAFLOW_{name}: `{text}` is no number")));
        }
    }
    Ok(())
}
