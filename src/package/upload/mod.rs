//! Brings objects to where a definition looks for them: each whole or not at all, none that is there already.
//! Knows object stores, not what is stored.

use std::time::Duration;

use anyhow::{Context, Result};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMultipartOptions,
    PutOptions, PutPayload,
};

mod credentials;
mod explain;
mod place;
mod profile;

use explain::explain;
pub use place::{Access, Place};

/// A package over this size goes up in parts, so that a lost connection costs one of them.
const PART: usize = 8 * 1024 * 1024;

/// What Metaflow's datastore notes beside content that is stored as it is.
const RAW: &str = r#"{"cas_raw": true, "cas_version": 1}"#;

/// Something to be stored.
#[derive(Clone, Debug)]
pub struct Object {
    pub place: Place,
    pub bytes: Vec<u8>,
    /// Part of Metaflow's datastore, which keeps notes on its content.
    pub is_data: bool,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Transferred,
    WasThere,
}

/// Stores the objects one after the other; `progress` is told how many bytes of how many went.
///
/// # Errors
/// The first that cannot be stored, with the likely remedy. What was stored before it stays.
pub fn upload(
    objects: &[Object],
    access: &Access,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Sent>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the upload")?;
    let total = objects.iter().map(|object| object.bytes.len()).sum();
    let mut before = 0;
    let mut sent = Vec::new();
    for object in objects {
        let mut tell = |done: usize| progress(before + done, total);
        tell(0);
        sent.push(runtime.block_on(store(object, access, &mut tell))?);
        before += object.bytes.len();
    }
    progress(total, total);
    // A name look-up that hangs is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(sent)
}

async fn store(object: &Object, access: &Access, tell: &mut dyn FnMut(usize)) -> Result<Sent> {
    let store = place::open(&object.place, access).await?;
    let path = Path::parse(&object.place.key).context("not the name of an object")?;
    let explained = |error| explain(&error, &object.place);
    match store.head(&path).await {
        Ok(_) => return Ok(Sent::WasThere),
        // Who may not list a bucket is told so even where nothing is there; the upload will show.
        Err(Error::NotFound { .. } | Error::PermissionDenied { .. }) => {}
        Err(error) => return Err(explained(error)),
    }
    put(&*store, &path, object, tell).await.map_err(explained)?;
    if object.is_data && object.place.is_folder() {
        let notes = Path::parse(format!("{}_meta", object.place.key)).context("not the name of a file")?;
        store.put(&notes, RAW.into()).await.map_err(explained)?;
    }
    Ok(Sent::Transferred)
}

async fn put(
    store: &dyn ObjectStore,
    path: &Path,
    object: &Object,
    tell: &mut dyn FnMut(usize),
) -> Result<(), Error> {
    let attributes = attributes(object);
    if object.bytes.len() <= PART {
        let payload = PutPayload::from(object.bytes.clone());
        let options = PutOptions {
            attributes,
            ..PutOptions::default()
        };
        store.put_opts(path, payload, options).await?;
        return Ok(());
    }
    let options = PutMultipartOptions {
        attributes,
        ..PutMultipartOptions::default()
    };
    let mut upload = store.put_multipart_opts(path, options).await?;
    let result = put_parts(&mut *upload, &object.bytes, tell).await;
    if result.is_err() {
        // The parts would be paid for; that they cannot be removed either adds nothing.
        let _ = upload.abort().await;
    }
    result
}

async fn put_parts(
    upload: &mut dyn MultipartUpload,
    bytes: &[u8],
    tell: &mut dyn FnMut(usize),
) -> Result<(), Error> {
    let mut done = 0;
    for part in bytes.chunks(PART) {
        upload.put_part(PutPayload::from(part.to_vec())).await?;
        done += part.len();
        tell(done);
    }
    upload.complete().await?;
    Ok(())
}

/// Metaflow's notes, under the name that each of its storages uses (2.19: `s3op.py`, `gs_storage.py`,
/// `azure_storage.py`).
fn attributes(object: &Object) -> Attributes {
    let mut attributes = Attributes::new();
    if let Some(name) = object.place.notes_name().filter(|_| object.is_data) {
        attributes.insert(Attribute::Metadata(name.into()), RAW.into());
    }
    attributes
}
