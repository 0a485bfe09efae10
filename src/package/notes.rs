//! What Metaflow leaves in a package for itself: where things are, what the flow's `Config`s hold (Metaflow 2.19:
//! `packaging_sys/v1.py`). Nothing of this machine or its user is in them.

use serde_json::{Map, Value as Json, json};

use crate::flow::{Flow, ParameterKind};
use crate::plan::{PlannedConfig, json};

/// Name and text of each.
pub fn all(flow: &Flow, file: &str, metaflow_version: Option<&str>) -> [(&'static str, String); 4] {
    [
        (
            ".mf_install",
            json::dumps(&json!({ "version": 1, "module_files": [] })),
        ),
        (".mf_meta/CONFIG", json::dumps(&configs(flow))),
        (".mf_meta/DIST_INFO", "{}".to_owned()),
        (".mf_meta/INFO", json::dumps(&info(file, metaflow_version))),
    ]
}

/// What `METAFLOW_FLOW_CONFIG_VALUE` points to with `kv.NAME`. Not there is what only a parser of others makes of its
/// text: that text goes to the tasks.
fn configs(flow: &Flow) -> Json {
    let parameters = flow.parameters.iter();
    let configs: Map<String, Json> = parameters
        .filter(|parameter| parameter.kind == ParameterKind::Config)
        .map(PlannedConfig::new)
        .filter_map(|config| Some((config.name, json!([config.content?, config.is_plain]))))
        .collect();
    if configs.is_empty() {
        return json!({});
    }
    json!({ "user_configs": configs })
}

fn info(file: &str, metaflow_version: Option<&str>) -> Json {
    let version = metaflow_version.map(|version| ("metaflow_version", version.into()));
    let pairs = [
        ("platform", "Linux".into()),
        ("runtime", "dev".into()),
        ("environment_type", "local".into()),
        ("use_r", false.into()),
    ];
    let more = [("script", file.into()), ("ext_info", json!([{}, {}]))];
    let all = pairs.into_iter().chain(version).chain(more);
    Json::Object(
        all.map(|(name, value): (&str, Json)| (name.to_owned(), value))
            .collect(),
    )
}
