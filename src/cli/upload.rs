//! The upload of `flowc package --upload`: what is sent and what is said of it.

use anyhow::Result;

use super::config::Config;
use super::package::Root;
use super::terminal::Voice;
use crate::flow::Flow;
use crate::package::Package;

/// Sends the package and the included files of a flow.
#[cfg(feature = "upload")]
pub(super) fn run(
    root: &Root,
    flow: &Flow,
    package: Option<&Package>,
    config: &Config,
    voice: Voice,
) -> Result<()> {
    use super::terminal::Bar;
    use crate::package::upload::{Access, Sent, upload};

    let objects = sending::objects(root, flow, package)?;
    let access = Access {
        s3_endpoint: config.settings.metaflow("S3_ENDPOINT_URL").map(str::to_owned),
        azure_endpoint: config
            .settings
            .metaflow("AZURE_STORAGE_BLOB_SERVICE_ENDPOINT")
            .map(str::to_owned),
        environment: config.environment.clone(),
    };
    let mut bar = Bar::new("uploading", voice);
    let sent = upload(&objects, &access, &mut |done, total| bar.show(done, total));
    bar.hide();
    for (object, sent) in objects.iter().zip(sent?) {
        let words = match sent {
            Sent::Transferred => "uploaded",
            Sent::WasThere => "is there already:",
        };
        voice.note(format!(
            "{words} {} ({} bytes)",
            object.place.url(),
            object.bytes.len()
        ));
    }
    if package.is_none() {
        voice.note("no code package: `code` says that the tasks find the code otherwise");
    }
    Ok(())
}

#[cfg(not(feature = "upload"))]
pub(super) fn run(
    _root: &Root,
    _flow: &Flow,
    _package: Option<&Package>,
    _config: &Config,
    _voice: Voice,
) -> Result<()> {
    anyhow::bail!("this flowc was built without `--upload` (cargo's feature `upload`)")
}

#[cfg(feature = "upload")]
mod sending {
    use anyhow::Result;

    use crate::cli::package::Root;
    use crate::flow::Flow;
    use crate::package::upload::{Object, Place};
    use crate::package::{self, Package};
    use crate::plan;
    use crate::settings::DatastoreKind;

    /// The included files first: where the package is, a run may start.
    pub(super) fn objects(root: &Root, flow: &Flow, package: Option<&Package>) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        for (file, content) in plan::included_files(flow, &root.included_root(&flow.name)) {
            objects.push(Object {
                place: place_of_included(root, &file.url),
                bytes: package::included(content)?,
                is_data: false,
            });
        }
        objects.extend(package.map(|package| Object {
            place: Place::new(root.kind(), &root.data_url(&flow.name, &package.digest)),
            bytes: package.bytes.clone(),
            is_data: true,
        }));
        Ok(objects)
    }

    /// On Azure Metaflow looks for `azure://container/x` in the container under `container/x`
    /// (2.19: `azure/includefile_support.py`).
    fn place_of_included(root: &Root, url: &str) -> Place {
        let mut place = Place::new(root.kind(), url);
        if root.kind() == Some(DatastoreKind::Azure) {
            place.key = format!("{}/{}", place.bucket, place.key);
        }
        place
    }
}
