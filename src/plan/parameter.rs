//! A flow's parameters with their defaults decided, and the values as `init` takes them.

use sha1::{Digest, Sha1};

use crate::flow::{Flow, Parameter, ParameterKind, ParameterType, bool_of};
use crate::value::Value;

use super::json;

/// A `Parameter` or `IncludeFile` with its default decided.
#[derive(Clone, Debug)]
pub struct PlannedParameter {
    pub kind: ParameterKind,
    pub name: String,
    pub variable: String,
    pub value_type: ParameterType,
    /// None: no default, or the default None. Known, or there would be no plan.
    pub default: Option<Value>,
    pub is_required: bool,
    pub help: Option<String>,
    pub separator: Option<String>,
    /// Of an IncludeFile: how its content is read.
    pub format: Option<FileFormat>,
    /// Of an IncludeFile with a default: the file that has to lie in the datastore before a run.
    pub included: Option<Included>,
}

/// How a task reads an included file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormat {
    pub is_text: bool,
    pub encoding: String,
}

/// A file that a definition refers to by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// As the flow names it.
    pub path: String,
    /// Where tasks look for it; there it is compressed by gzip.
    pub url: String,
    pub size: usize,
    pub format: FileFormat,
}

impl Included {
    /// The descriptor that Metaflow passes as the parameter's value (2.19: `includefile.py`, `UploaderV2`).
    pub fn descriptor(&self) -> String {
        json::dumps(&serde_json::json!({
            "type": "uploader-v2",
            "url": self.url,
            "is_text": self.format.is_text,
            "encoding": self.format.encoding,
            "note": "Internal representation of IncludeFile",
            "sub-type": "uploaded",
            "size": self.size,
        }))
    }
}

impl PlannedParameter {
    /// `root`: where the deployment keeps included files of this flow.
    pub(super) fn new(parameter: &Parameter, root: &str) -> Self {
        let text = |name| {
            let attribute = parameter.attribute(name)?;
            attribute.value.value()?.as_str().map(str::to_owned)
        };
        let default = parameter.default().and_then(|default| default.value().cloned());
        Self {
            kind: parameter.kind,
            name: parameter.name.clone(),
            variable: parameter.variable.clone(),
            value_type: parameter.value_type,
            default: default.filter(|value| *value != Value::None),
            is_required: parameter.is_required(),
            help: text("help"),
            separator: text("separator"),
            format: (parameter.kind == ParameterKind::IncludeFile).then(|| format_of(parameter)),
            included: included(parameter, root),
        }
    }

    /// Metaflow's name of the type, as deployers record it.
    pub fn type_name(&self) -> &'static str {
        match self.value_type {
            ParameterType::Str | ParameterType::Other => "str",
            ParameterType::Int => "int",
            ParameterType::Float => "float",
            ParameterType::Bool => "bool",
            ParameterType::Json => "JSON",
            ParameterType::File => "FilePath",
        }
    }

    /// The default as JSON text, as Metaflow's deployers hold parameter values: `3`, `true`, `"it's"`; a JSON
    /// parameter's text is a JSON string itself. None where the default is None.
    pub fn default_json(&self) -> Option<String> {
        if let Some(included) = &self.included {
            return Some(json::dumps(&included.descriptor().into()));
        }
        let default = self.default.as_ref()?;
        let value = match (self.value_type, default) {
            (ParameterType::Json, Value::Str(_)) => json::to_json(default),
            (ParameterType::Json, other) => json::dumps(&json::to_json(other)).into(),
            (ParameterType::Bool, Value::Str(text)) => {
                bool_of(text).map_or_else(|| json::to_json(default), Into::into)
            }
            // `type=int, default=1.5`: click's `int()` makes 1 of it, in a local run as well.
            (ParameterType::Int, Value::Float(_) | Value::Bool(_)) => default
                .to_int()
                .map_or_else(|| json::to_json(default), Into::into),
            (ParameterType::Float, Value::Bool(_)) => default
                .to_float()
                .map_or_else(|| json::to_json(default), Into::into),
            // `type=str, default=3`: click makes a text of it.
            (ParameterType::Str | ParameterType::File, other) => other.to_text().into(),
            (
                ParameterType::Int | ParameterType::Float | ParameterType::Bool | ParameterType::Other,
                other,
            ) => json::to_json(other),
        };
        Some(json::dumps(&value))
    }
}

fn format_of(parameter: &Parameter) -> FileFormat {
    let attribute = |name| {
        parameter
            .attribute(name)
            .and_then(|attribute| attribute.value.value())
    };
    FileFormat {
        // `None`, the default, stands for text.
        is_text: attribute("is_text").is_none_or(|flag| *flag == Value::None || flag.is_truthy()),
        encoding: attribute("encoding")
            .and_then(Value::as_str)
            .unwrap_or("utf-8")
            .to_owned(),
    }
}

/// The files that a flow's parameters include by default, with their content. `root`: as [`included_root`]
/// has it.
///
/// [`included_root`]: super::environment::included_root
pub fn included_files<'a>(flow: &'a Flow, root: &str) -> Vec<(Included, &'a [u8])> {
    let files = flow.parameters.iter().filter_map(|parameter| {
        let Some(Value::Bytes(content)) = &parameter.content else {
            return None;
        };
        Some((included(parameter, root)?, &**content))
    });
    files.collect()
}

fn included(parameter: &Parameter, root: &str) -> Option<Included> {
    let (Value::Bytes(content), path) = (parameter.content.as_ref()?, parameter.default()?.value()?) else {
        return None;
    };
    let digest = Sha1::digest(content);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Included {
        path: path.to_text(),
        url: format!("{root}/{digest}"),
        size: content.len(),
        format: format_of(parameter),
    })
}
