//! What went wrong with a store, in words that say what to do.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "object_store has many kinds of errors and may get more"
)]

use anyhow::{Error, anyhow};
use object_store::Error as Problem;

use super::Place;
use crate::settings::DatastoreKind;

pub fn explain(problem: &Problem, place: &Place) -> Error {
    let cause = cause(problem);
    let url = place.url();
    let (bucket, permission, help) = words(place);
    match problem {
        Problem::PermissionDenied { .. } => {
            anyhow!("cannot upload `{url}`: the {bucket} refuses it; {permission} is needed there ({cause})")
        }
        Problem::Unauthenticated { .. } => {
            anyhow!("cannot upload `{url}`: the credentials are not accepted; {help} ({cause})")
        }
        Problem::NotFound { .. } => anyhow!("cannot upload `{url}`: there is no such {bucket} ({cause})"),
        Problem::Generic { .. } if is_about_credentials(&cause) => {
            anyhow!("cannot upload `{url}`: no credentials are found; {help} ({cause})")
        }
        _ => anyhow!("cannot upload `{url}`: {cause}"),
    }
}

/// Nothing names credentials, and the machine has none of its own.
pub fn no_credentials(problem: &Problem, place: &Place, looked_at: &str) -> Error {
    let (cause, url) = (cause(problem), place.url());
    let (_, _, help) = words(place);
    anyhow!(
        "cannot upload `{url}`: no credentials are found in {looked_at}, and this machine has none of its own ({cause}); {help}"
    )
}

/// The store's word for a bucket, the right to write, where credentials are looked for.
fn words(place: &Place) -> (String, &'static str, &'static str) {
    let bucket = &place.bucket;
    match place.kind {
        None => ("folder".to_owned(), "the right to write", "nothing is needed"),
        Some(DatastoreKind::S3) => (
            format!("bucket `{bucket}`"),
            "`s3:PutObject`",
            "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` or `AWS_PROFILE` (`aws configure export-credentials --format env` prints those of any login)",
        ),
        Some(DatastoreKind::Gs) => (
            format!("bucket `{bucket}`"),
            "`storage.objects.create`",
            "run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS`",
        ),
        Some(DatastoreKind::Azure) => (
            format!("container `{bucket}`"),
            "the role `Storage Blob Data Contributor`",
            "set `AZURE_STORAGE_ACCOUNT_NAME` with `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_SAS_KEY` or a service principal's `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET`, `AZURE_TENANT_ID`",
        ),
    }
}

/// The innermost reason: the outer ones name crates and addresses.
fn cause(problem: &Problem) -> String {
    let mut innermost: &dyn std::error::Error = problem;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    text.lines().collect::<Vec<_>>().join(" ")
}

/// The machine's own metadata service was asked, for want of anything else.
fn is_about_credentials(cause: &str) -> bool {
    let cause = cause.to_lowercase();
    [
        "169.254.169.254",
        "metadata.google",
        "credential",
        "account must be",
    ]
    .iter()
    .any(|word| cause.contains(word))
}
