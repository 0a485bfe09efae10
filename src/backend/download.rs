//! The part of a pod's script that fetches the code package (Metaflow 2.19: `metaflow_environment.py`,
//! `get_package_commands`). The same on every target; holds no `$$`, no `$(word)` and no `{{`.

use super::script;
use crate::settings::{DatastoreKind, Metaflow};

const PACKAGE: &str = include_str!("../../templates/package.sh");

/// Downloads `METAFLOW_CODE_URL`, holds it against its digest and unpacks it; the script goes on in the
/// package's folder.
pub fn script(store: DatastoreKind, metaflow: &Metaflow) -> String {
    let (dependencies, download) = match store {
        DatastoreKind::S3 => (
            "boto3 requests",
            r#"python -c '
import boto3, os
bucket, key = os.environ["METAFLOW_CODE_URL"].split("//", 1)[1].split("/", 1)
boto3.client("s3", endpoint_url=os.environ.get("METAFLOW_S3_ENDPOINT_URL") or None).download_file(bucket, key, "job.tar")'"#,
        ),
        DatastoreKind::Azure => (
            "azure-identity azure-storage-blob azure-keyvault-secrets simple-azure-blob-downloader requests",
            r#"download-azure-blob --blob-endpoint="${METAFLOW_AZURE_STORAGE_BLOB_SERVICE_ENDPOINT%/}" --container="${METAFLOW_CODE_URL%%/*}" --blob="${METAFLOW_CODE_URL#*/}" --output-file=job.tar"#,
        ),
        DatastoreKind::Gs => (
            "google-cloud-storage google-auth simple-gcp-object-downloader google-cloud-secret-manager packaging requests",
            r#"mf_url=${METAFLOW_CODE_URL#gs://}; download-gcp-object --bucket="${mf_url%%/*}" --object="${mf_url#*/}" --output-file=job.tar"#,
        ),
    };
    let dependencies = format!("{dependencies}{}", installed(metaflow));
    script::fill(
        PACKAGE,
        &[("#DEPENDENCIES", &dependencies), ("#DOWNLOAD", download)],
    )
}

/// What to install besides, with a blank before it: a Metaflow that is neither in the package nor in the image.
pub fn installed(metaflow: &Metaflow) -> String {
    match metaflow {
        // Letters, digits and `.+!-_`: nothing that a shell would read.
        Metaflow::Installed(version) => format!(" metaflow=={version}"),
        Metaflow::Packed | Metaflow::InImage => String::new(),
    }
}
