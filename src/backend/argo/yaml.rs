//! Documents as YAML or JSON text.

use serde::Serialize;

use super::document::{CronWorkflowSpec, Document, WorkflowSpec};
use super::sensor::SensorSpec;
use crate::plan::Plan;

/// One of the documents of a bundle.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Object {
    Template(Box<Document<WorkflowSpec>>),
    Sensor(Box<Document<SensorSpec>>),
    Cron(Box<Document<CronWorkflowSpec>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    items: &'a [Object],
}

/// All documents in one YAML text, comments first.
pub fn yaml(plan: &Plan, objects: &[Object]) -> String {
    let options = || serde_saphyr::ser_options! { prefer_block_scalars: false };
    let texts = objects.iter().map(|object| {
        // Writing to a text fails only for maps as keys, which no document has.
        serde_saphyr::to_string_with_options(object, options()).unwrap_or_default()
    });
    header(plan) + &texts.collect::<Vec<_>>().join("---\n")
}

/// What a reader wants to know first.
fn header(plan: &Plan) -> String {
    let draft = if plan.deployment.is_draft {
        "# A draft: placeholders stand for settings that are missing. Not to be deployed.\n"
    } else {
        ""
    };
    // A file's name may hold any character but a slash.
    let file = plan.flow.file_name.replace(char::is_control, "?");
    let digest = match plan.flow.digest.as_str() {
        "" => String::new(),
        digest => format!("# Digest of the sources: {digest}\n"),
    };
    format!(
        "{draft}# {} of {file}, compiled by flowc {}.\n{digest}\
         # Deploy with `kubectl apply --server-side -f THIS_FILE`, start with `argo submit --from workflowtemplate/{}`.\n",
        plan.flow.name,
        env!("CARGO_PKG_VERSION"),
        super::names::workflow(plan),
    )
}

/// What kustomize wants to know of the definition beside it. The first line tells it from one that a person wrote.
pub fn kustomization(file: &str) -> String {
    format!(
        "# For {file}, compiled by flowc {}.\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- {file}\n",
        env!("CARGO_PKG_VERSION"),
    )
}

/// The same as JSON: the only document, or a `List` of them.
pub fn json(objects: &[Object]) -> String {
    let text = match objects {
        [only] => serde_json::to_string_pretty(only),
        several => serde_json::to_string_pretty(&List {
            api_version: "v1",
            kind: "List",
            items: several,
        }),
    };
    text.unwrap_or_default() + "\n"
}
