//! What the Configs of an earlier run held, where nothing else says it: the flow is read with them when the run is
//! gone on with. Knows no settings.

use crate::flow::{ConfigText, Flow, Parameter, ParameterKind};
use crate::runner::store::Store;

/// `NAME=JSON` of each Config that is given in no way and that the run recorded as a dict. What a parser made of
/// another text is left out: from it the text cannot be told.
pub(super) fn configs(store: &Store, run: &str, flow: &Flow) -> Vec<String> {
    let wanted = flow.parameters.iter().filter(|parameter| is_wanted(parameter));
    let found = wanted.filter_map(|config| {
        let task = store.tasks(run, "_parameters").into_iter().next()?;
        let path = format!("{run}/_parameters/{task}");
        let artifacts = store.artifacts(&path, store.done_attempt(&path)?).ok()?;
        let value = artifacts.get(&config.variable).ok()??.to_json()?;
        value.is_object().then(|| format!("{}={value}", config.name))
    });
    found.collect()
}

fn is_wanted(parameter: &Parameter) -> bool {
    let has_parser = parameter
        .attributes
        .iter()
        .any(|attribute| attribute.name == "parser");
    parameter.kind == ParameterKind::Config
        && matches!(parameter.text, ConfigText::Absent)
        && parameter.unknown_name.is_none()
        && !has_parser
}
