//! Whether there are credentials for a store, asked before anything is sent, and where they were looked for.
//! Never holds any.

use std::path::PathBuf;

use anyhow::Result;
use object_store::CredentialProvider;

use super::explain::no_credentials;
use super::place::{Access, Place};
use super::profile;
use crate::settings::DatastoreKind;

/// Variables that say where credentials of AWS are, before any file of a user.
pub const OF_AWS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

const OF_GOOGLE: [&str; 4] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
];

const OF_AZURE: [&str; 5] = [
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_USE_AZURE_CLI",
];

/// Where nothing on this machine names credentials, the machine itself may have some: a role, a managed identity.
///
/// # Errors
/// It has none.
pub async fn ask_the_machine<P: CredentialProvider + ?Sized>(
    provider: &P,
    place: &Place,
    access: &Access,
) -> Result<()> {
    match provider.get_credential().await {
        Ok(_) => Ok(()),
        Err(error) => Err(no_credentials(&error, place, &looked_at(place, access))),
    }
}

/// Do the environment or a file name credentials for this kind of store? Of AWS the profile is read besides.
pub fn are_named(kind: DatastoreKind, access: &Access) -> bool {
    match kind {
        DatastoreKind::S3 => access.has(&OF_AWS),
        DatastoreKind::Gs => access.has(&OF_GOOGLE) || google_file(access).is_some_and(|file| file.exists()),
        DatastoreKind::Azure => access.has(&OF_AZURE) || access.has(&["AZURE_STORAGE_ACCESS_KEY"]),
    }
}

/// All places, in words.
fn looked_at(place: &Place, access: &Access) -> String {
    let variables = |names: &[&str]| format!("`{}`", names.join("`, `"));
    let files = |files: Vec<PathBuf>| -> String {
        let files = files.iter();
        files.map(|file| format!(", `{}`", file.display())).collect()
    };
    match place.kind {
        None => String::new(),
        Some(DatastoreKind::S3) => {
            let profile = profile::name(&access.environment);
            let files = files(
                profile::files(&access.environment)
                    .into_iter()
                    .flatten()
                    .collect(),
            );
            format!("{}{files} (profile `{profile}`)", variables(&OF_AWS))
        }
        Some(DatastoreKind::Gs) => variables(&OF_GOOGLE) + &files(google_file(access).into_iter().collect()),
        Some(DatastoreKind::Azure) => variables(&OF_AZURE),
    }
}

/// What `gcloud auth application-default login` writes.
fn google_file(access: &Access) -> Option<PathBuf> {
    let home = PathBuf::from(access.variable("HOME")?);
    Some(home.join(".config/gcloud/application_default_credentials.json"))
}
