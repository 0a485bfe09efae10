//! `@package_sources`: more files for the code package; a flow mutator in Metaflow's terms that changes nothing
//! else. Metaflow 2.19.39: `package_sources.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{FlowRequest, PackageSources};
use crate::value::Value;

pub(super) static DECORATOR: Decorator = Decorator {
    is_multiple: true,
    is_positional: true,
    ..Decorator::new(
        "package_sources",
        Level::Flow(lower),
        &[
            Attribute::new("sources", "required", Kind::Any),
            Attribute::new("arcname", "None", Kind::Text),
            Attribute::new("suffixes", "None", Kind::TextOrTexts),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    let mut sources = attributes.get("sources").map(sources).unwrap_or_default();
    if let (Some(place), [(_, only)]) = (attributes.text("arcname"), sources.as_mut_slice()) {
        *only = Some(place);
    }
    request.package_sources.push(PackageSources {
        sources,
        suffixes: attributes.get("suffixes").map(suffixes),
    });
}

/// A path, a pair of path and place (a tuple of two texts, never a list), or several of these.
pub fn sources(value: &Value) -> Vec<(String, Option<String>)> {
    if let Some(one) = source(value) {
        return vec![one];
    }
    let items = value.as_sequence().unwrap_or_default();
    items.iter().filter_map(source).collect()
}

/// One path, or a pair of path and place; none where it is neither.
pub fn source(value: &Value) -> Option<(String, Option<String>)> {
    if let Value::Tuple(pair) = value
        && let [Value::Str(path), place] = pair.as_slice()
    {
        return Some((path.to_string(), place.as_str().map(str::to_owned)));
    }
    value.as_str().map(|path| (path.to_owned(), None))
}

fn suffixes(value: &Value) -> Vec<String> {
    let listed = match value.as_str() {
        Some(text) => text.split(',').map(str::to_owned).collect(),
        None => value
            .as_sequence()
            .unwrap_or_default()
            .iter()
            .map(Value::to_text)
            .collect::<Vec<_>>(),
    };
    let trimmed = listed
        .iter()
        .map(|suffix| suffix.trim())
        .filter(|suffix| !suffix.is_empty());
    trimmed
        .map(|suffix| format!(".{}", suffix.trim_start_matches('.')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_flow;

    #[test]
    fn reads_each_form() {
        let read = |value: Value| {
            lower_flow(&DECORATOR, &[("sources", value)])
                .package_sources
                .remove(0)
                .sources
        };
        let text = |text: &str| Value::str(text);
        assert_eq!(read(text("a")), [("a".to_owned(), None)]);
        let pair = Value::Tuple(vec![text("a"), text("b")]);
        assert_eq!(read(pair.clone()), [("a".to_owned(), Some("b".to_owned()))]);
        assert_eq!(read(Value::List(vec![text("c"), pair])).len(), 2);
        assert_eq!(suffixes(&text("py, .json,")), [".py", ".json"]);
    }
}
