//! Which store an object lies in, and how to come to it: credentials and endpoints are this machine's affair
//! and never part of a definition.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, resolve_bucket_region};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::credentials::{self, OF_AWS};
use super::explain::explain;
use super::profile;
use crate::settings::DatastoreKind;

/// Where an object belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// None: a folder of this machine.
    pub kind: Option<DatastoreKind>,
    /// Bucket or container; of a folder nothing.
    pub bucket: String,
    pub key: String,
}

impl Place {
    /// `s3://bucket/key`, `gs://…`, `file:///…`; an Azure container begins its path, as in Metaflow.
    pub fn new(kind: Option<DatastoreKind>, url: &str) -> Self {
        let path = url.split_once("://").map_or(url, |(_, path)| path);
        let (bucket, key) = match kind {
            None => ("", path.trim_start_matches('/')),
            Some(DatastoreKind::S3 | DatastoreKind::Gs | DatastoreKind::Azure) => {
                path.split_once('/').unwrap_or((path, ""))
            }
        };
        Self {
            kind,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }

    pub fn is_folder(&self) -> bool {
        self.kind.is_none()
    }

    /// As people write it.
    pub fn url(&self) -> String {
        let scheme = self.kind.map_or("file", DatastoreKind::name);
        format!("{scheme}://{}/{}", self.bucket, self.key)
    }

    /// Under which name Metaflow keeps its notes with the object.
    pub(super) fn notes_name(&self) -> Option<&'static str> {
        match self.kind? {
            DatastoreKind::S3 | DatastoreKind::Gs => Some("metaflow-user-attributes"),
            DatastoreKind::Azure => Some("metaflow_user_attributes"),
        }
    }
}

/// What the settings and the environment say of the way to a store.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `METAFLOW_S3_ENDPOINT_URL`, where the environment names no other.
    pub s3_endpoint: Option<String>,
    /// `METAFLOW_AZURE_STORAGE_BLOB_SERVICE_ENDPOINT`.
    pub azure_endpoint: Option<String>,
    pub environment: BTreeMap<String, String>,
}

impl Access {
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.environment.get(name)?;
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.variable(name).is_some())
    }
}

/// A store that says within half a minute when it cannot be reached.
pub async fn open(place: &Place, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    // The only provider that is compiled in; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store = match place.kind {
        None => folder()?,
        Some(DatastoreKind::S3) => s3(place, access).await?,
        Some(DatastoreKind::Gs) => gs(place, access).await?,
        Some(DatastoreKind::Azure) => azure(place, access).await?,
    };
    Ok(store)
}

fn folder() -> Result<Arc<dyn ObjectStore>> {
    let root = LocalFileSystem::new_with_prefix("/").context("cannot open the folder")?;
    Ok(Arc::new(root))
}

async fn s3(place: &Place, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&place.bucket)
        .with_retry(retry());
    let given = access
        .variable("AWS_ENDPOINT_URL_S3")
        .or(access.variable("AWS_ENDPOINT_URL"))
        .or(access.variable("AWS_ENDPOINT"));
    let endpoint = given.or(access.s3_endpoint.as_deref());
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let client = client(endpoint);
    if !access.has(&OF_AWS)
        && let Some(profile) = profile::find(&access.environment)?
    {
        builder = profile.apply(builder);
    }
    let is_given = |key| builder.get_config_value(key).is_some();
    if !credentials::are_named(DatastoreKind::S3, access)
        && !is_given(&AmazonS3ConfigKey::AccessKeyId)
        && !is_open(builder.get_config_value(&AmazonS3ConfigKey::SkipSignature))
    {
        // The machine says who it is in whatever region; which one the bucket has is asked afterwards.
        let machine = builder.clone().with_region("us-east-1").build();
        let machine = machine.map_err(|error| explain(&error, place))?;
        credentials::ask_the_machine(&**machine.credentials(), place, access).await?;
    }
    if builder.get_config_value(&AmazonS3ConfigKey::Region).is_none() && endpoint.is_none() {
        let region = resolve_bucket_region(&place.bucket, &client).await;
        builder = builder.with_region(region.map_err(|error| explain(&error, place))?);
    }
    let store = builder.with_client_options(client).build();
    Ok(Arc::new(store.map_err(|error| explain(&error, place))?))
}

/// Is the store asked without a signature, as one that all may write to?
fn is_open(skip_signature: Option<String>) -> bool {
    skip_signature.is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
}

async fn gs(place: &Place, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    let builder = GoogleCloudStorageBuilder::from_env()
        .with_bucket_name(&place.bucket)
        .with_client_options(client(None))
        .with_retry(retry());
    let is_open = is_open(builder.get_config_value(&GoogleConfigKey::SkipSignature));
    let store = builder.build().map_err(|error| explain(&error, place))?;
    if !credentials::are_named(DatastoreKind::Gs, access) && !is_open {
        credentials::ask_the_machine(&**store.credentials(), place, access).await?;
    }
    Ok(Arc::new(store))
}

async fn azure(place: &Place, access: &Access) -> Result<Arc<dyn ObjectStore>> {
    let endpoint = access.azure_endpoint.as_deref();
    let mut builder = MicrosoftAzureBuilder::from_env()
        .with_container_name(&place.bucket)
        .with_client_options(client(endpoint))
        .with_retry(retry());
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
        // `https://ACCOUNT.blob.core.windows.net`, or the emulator's `http://host/ACCOUNT`.
        if !access.has(&["AZURE_STORAGE_ACCOUNT_NAME"])
            && let Some(account) = account(endpoint)
        {
            builder = builder.with_account(account);
        }
    }
    let is_open = is_open(builder.get_config_value(&AzureConfigKey::SkipSignature));
    let store = builder.build().map_err(|error| explain(&error, place))?;
    if !credentials::are_named(DatastoreKind::Azure, access) && !is_open {
        credentials::ask_the_machine(&**store.credentials(), place, access).await?;
    }
    Ok(Arc::new(store))
}

fn account(endpoint: &str) -> Option<&str> {
    let (_, rest) = endpoint.trim_end_matches('/').split_once("://")?;
    match rest.split_once('/') {
        Some((_, account)) => Some(account),
        None => rest.split('.').next(),
    }
}

fn client(endpoint: Option<&str>) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(Duration::from_mins(2))
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: 4,
        retry_timeout: Duration::from_secs(30),
        ..RetryConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written() {
        let place = Place::new(Some(DatastoreKind::S3), "s3://b/mf/F/data/ab/abc");
        assert_eq!(
            (place.bucket.as_str(), place.key.as_str()),
            ("b", "mf/F/data/ab/abc")
        );
        assert_eq!(place.url(), "s3://b/mf/F/data/ab/abc");
        let place = Place::new(Some(DatastoreKind::Azure), "container/mf/x");
        assert_eq!((place.bucket.as_str(), place.key.as_str()), ("container", "mf/x"));
        let place = Place::new(None, "file:///tmp/mf/x");
        assert_eq!(
            (place.url().as_str(), place.key.as_str()),
            ("file:///tmp/mf/x", "tmp/mf/x")
        );
    }

    #[test]
    fn the_endpoint_names_the_account() {
        assert_eq!(account("https://team.blob.core.windows.net/"), Some("team"));
        assert_eq!(
            account("http://127.0.0.1:10000/devstoreaccount1"),
            Some("devstoreaccount1")
        );
    }
}
