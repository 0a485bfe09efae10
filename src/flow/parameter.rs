//! `Parameter`s, `IncludeFile`s and `Config`s from their calls. Whether their fields make sense is the rules' affair.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are parameters"
)]

use std::rc::Rc;

use super::class::EPHEMERAL;
use super::phase::Place;
use super::reader::Reader;
use super::rules::{IGNORED_PARAMETER, NAMELESS_PARAMETER, PARAMETER_AS_VALUE, VALUE_AS_TYPE};
use super::{AttributeUse, ConfigText, Parameter, ParameterKind, ParameterType};
use super::{deploy_time, discover};
use crate::diagnostic::{Diagnostic, Severity};
use crate::python::object::{Applied, Argument, Binding, Class, Object, Thing};
use crate::source::Span;
use crate::value::{Evaluated, Unknown, Value, Why};

impl ParameterKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Parameter => "Parameter",
            Self::IncludeFile => "IncludeFile",
            Self::Config => "Config",
        }
    }

    /// The names of positional arguments, the option's name first.
    fn positional(self) -> &'static [&'static str] {
        match self {
            Self::Parameter => &["name", "default", "type", "help", "required", "show_default"],
            Self::IncludeFile => &["name", "required", "is_text", "encoding", "help", "parser"],
            Self::Config => &[
                "name",
                "default",
                "default_value",
                "help",
                "required",
                "parser",
                "plain",
            ],
        }
    }
}

/// What a call makes, where it is one of the three.
pub(super) fn kind(applied: &Applied<'_>) -> Option<ParameterKind> {
    if !applied.path.is_empty() {
        return None;
    }
    callee_kind(&applied.callee)
}

pub(super) fn callee_kind(callee: &str) -> Option<ParameterKind> {
    match callee {
        "metaflow.Parameter" => Some(ParameterKind::Parameter),
        "metaflow.IncludeFile" => Some(ParameterKind::IncludeFile),
        "metaflow.Config" => Some(ParameterKind::Config),
        _ => None,
    }
}

/// Is it a part of a Config (`config.cpu`) or a `config_expr`?
pub(super) fn is_config_path(applied: &Applied<'_>) -> bool {
    &*applied.callee == "metaflow.config_expr"
        || (callee_kind(&applied.callee) == Some(ParameterKind::Config) && !applied.path.is_empty())
}

/// `N = config.cpu` in a class body.
pub(super) fn config_constant(name: &str, applied: &Applied<'_>, span: Span) -> Diagnostic {
    let path = applied.path.join(".");
    let message = format!(
        "`{name}` is a placeholder of a Config here, not its value: a class attribute is never resolved, and the run fails"
    );
    Diagnostic::new(&PARAMETER_AS_VALUE, span, message).help(format!(
        "read `self.config.{path}` inside a step, or name the placeholder where a decorator needs it"
    ))
}

/// Reads a parameter; `None` where Metaflow takes no notice of it or it has no name.
pub(super) fn read<'a>(
    reader: &mut Reader<'_, 'a>,
    variable: &str,
    binding: &Binding<'a>,
    applied: &Rc<Applied<'a>>,
) -> Option<Parameter> {
    let kind = kind(applied)?;
    if variable.starts_with('_') || EPHEMERAL.contains(&variable) {
        reader.report(ignored(kind, variable, binding.span));
        return None;
    }
    let mut fields = fields(kind, applied);
    let (name, name_span) = take_name(reader, kind, variable, applied, &mut fields)?;
    let (name, unknown_name) = match name {
        Ok(name) => (name, None),
        // The variable's name is the best guess for what cannot be known.
        Err(unknown) => (variable.to_owned(), Some(unknown)),
    };
    // Of a default that a function computes when the flow is deployed Metaflow infers no type.
    let is_computed = fields.iter().any(|(field, argument)| {
        let object = &argument.thing.object;
        *field == "default"
            && matches!(
                object,
                Object::Function(_) | Object::Method(_) | Object::Partial(_)
            )
    });
    judge_type(reader, kind, &name, &fields);
    if kind == ParameterKind::Parameter {
        deploy_time::judge(reader, &name, &fields);
    }
    let attributes: Vec<AttributeUse> = fields
        .into_iter()
        .map(|(field, argument)| attribute(reader, kind, (&name, variable), field, argument))
        .collect();
    let mut parameter = Parameter {
        kind,
        name,
        name_span,
        variable: variable.to_owned(),
        span: binding.span,
        call: applied.span,
        value_type: value_type(kind, &attributes, is_computed),
        attributes,
        content: None,
        text: ConfigText::Absent,
        is_computed,
        unknown_name,
        unknown_arguments: applied.unknown_arguments.clone(),
    };
    match kind {
        ParameterKind::Parameter => {}
        ParameterKind::Config => read_content(reader, applied, &mut parameter),
        ParameterKind::IncludeFile => parameter.content = included(reader, &parameter),
    }
    Some(parameter)
}

/// `type="int"`: click asks a type for its `__name__`, which a value has not.
fn judge_type(
    reader: &mut Reader<'_, '_>,
    kind: ParameterKind,
    name: &str,
    fields: &[(&str, &Argument<'_>)],
) {
    let Some((_, argument)) = fields.iter().find(|(field, _)| *field == "type") else {
        return;
    };
    let is_value = match &argument.thing.object {
        Object::Constant(value) => !matches!(value, Value::None),
        Object::List(_) | Object::Dict(_) | Object::Set(_) => true,
        _ => false,
    };
    if kind != ParameterKind::Parameter {
        return;
    }
    let shown = reader.sources.slice(argument.span).to_owned();
    if is_for_annotations(&argument.thing.object, &shown) {
        let finding = annotation_as_type(name, &shown, argument.span);
        let default = fields.iter().find(|(field, _)| *field == "default");
        let has_default =
            default.is_some_and(|(_, it)| !matches!(it.thing.object, Object::Constant(Value::None)));
        // As long as nobody gives a value it is not called.
        let is_met = has_default || matches!(argument.thing.object, Object::Unknown(_));
        reader.report(if is_met {
            finding
        } else {
            finding.severity(Severity::Warning)
        });
    }
    if !is_value {
        return;
    }
    let message = format!("the type of the parameter `{name}` is `{shown}`, a value: a type is meant");
    let finding = Diagnostic::new(&VALUE_AS_TYPE, argument.span, message);
    let bare = shown.trim_matches(['"', '\'']);
    reader.report(if ["bool", "float", "int", "str", "JSONType"].contains(&bare) {
        finding.help(format!("write `type={bare}`"))
    } else {
        finding.help("allowed are `str`, `int`, `float`, `bool`, `JSONType` and click's types")
    });
}

/// `Optional[str]`, `Literal["a"]`, `int | None`: to call one of these raises.
fn is_for_annotations(object: &Object<'_>, shown: &str) -> bool {
    const OF_TYPING: [&str; 12] = [
        "Any",
        "Dict",
        "FrozenSet",
        "Iterable",
        "List",
        "Literal",
        "Mapping",
        "Optional",
        "Sequence",
        "Set",
        "Tuple",
        "Union",
    ];
    match object {
        Object::External(name) => name
            .strip_prefix("typing.")
            .is_some_and(|name| OF_TYPING.contains(&name)),
        Object::Unknown(_) => {
            let of_names = |character: char| character.is_alphanumeric() || " _.[],|".contains(character);
            let mut parts = shown.split('|').map(str::trim);
            shown.chars().all(of_names) && parts.next_back() == Some("None") && parts.next().is_some()
        }
        _ => false,
    }
}

fn annotation_as_type(name: &str, shown: &str, span: Span) -> Diagnostic {
    let message =
        format!("the type of the parameter `{name}` is `{shown}`, which cannot be called to make a value");
    let finding = Diagnostic::new(&VALUE_AS_TYPE, span, message);
    if shown.contains("Literal") {
        finding.help("give choices by `type=click.Choice([…])`")
    } else {
        finding
            .help("allowed are `str`, `int`, `float`, `bool`, `JSONType` and click's types")
            .help("a parameter without a default is `None`")
    }
}

/// `train = Parameter("train")` above `def train(self)`.
pub(super) fn replaced_by_step(name: &str, span: Span, step: Span) -> Diagnostic {
    let message = format!("Metaflow takes no notice of this parameter: `{name}` is a step of the flow");
    Diagnostic::new(&IGNORED_PARAMETER, span, message)
        .label(step, "the step")
        .help("choose another name for the variable")
}

fn ignored(kind: ParameterKind, variable: &str, span: Span) -> Diagnostic {
    let why = if variable.starts_with('_') {
        "names that begin with `_` are private"
    } else {
        "the name belongs to Metaflow"
    };
    let kind = kind.word();
    let message = format!("Metaflow takes no notice of the {kind} in `{variable}`: {why}");
    Diagnostic::new(&IGNORED_PARAMETER, span, message).help("choose another name for the variable")
}

/// Arguments under their names; positional ones too many for Python are left out.
fn fields<'r, 'a>(kind: ParameterKind, applied: &'r Applied<'a>) -> Vec<(&'r str, &'r Argument<'a>)> {
    let mut names = kind.positional().iter();
    let arguments = applied.arguments.iter();
    arguments
        .filter_map(|argument| match argument.name {
            Some(name) => Some((name, argument)),
            None => Some((*names.next()?, argument)),
        })
        .collect()
}

/// The option's name, if it is known, and where it stands; without one Python raises a `TypeError`.
fn take_name<'r, 'a>(
    reader: &mut Reader<'_, 'a>,
    kind: ParameterKind,
    variable: &str,
    applied: &Applied<'a>,
    fields: &mut Vec<(&'r str, &'r Argument<'a>)>,
) -> Option<(Result<String, Unknown>, Span)> {
    let Some(position) = fields.iter().position(|(field, _)| *field == "name") else {
        if let Some(unknown) = &applied.unknown_arguments {
            return Some((Err(unknown.clone()), applied.span));
        }
        let word = kind.word();
        reader.report(
            Diagnostic::new(
                &NAMELESS_PARAMETER,
                applied.span,
                format!("this {word} has no name: its first argument is missing"),
            )
            .help(format!("write `{variable} = {word}(\"{variable}\")`")),
        );
        return None;
    };
    let (_, argument) = fields.remove(position);
    let place = Place::Parameter {
        kind: kind.word(),
        field: "name",
    };
    if is_config_value(&argument.thing) {
        reader.report(config_as_name(kind, argument.span));
        return None;
    }
    let text = text_of_member(reader, &argument.thing);
    let evaluated = reader.evaluate(text.as_ref().unwrap_or(&argument.thing), argument.span, &place);
    match &evaluated.result {
        Ok(Value::Str(name)) => Some((Ok(name.to_string()), argument.span)),
        Ok(other) => {
            reader.report(Diagnostic::new(
                &NAMELESS_PARAMETER,
                argument.span,
                format!(
                    "the name of a {} must be text, not {}",
                    kind.word(),
                    other.type_name()
                ),
            ));
            None
        }
        Err(unknown) => Some((Err(unknown.clone()), argument.span)),
    }
}

/// `Names.RATE` of a `class Names(str, Enum)` is the text `Names.RATE.value`.
fn text_of_member<'a>(reader: &Reader<'_, 'a>, thing: &Thing<'a>) -> Option<Thing<'a>> {
    let Object::Instance(instance) = &thing.object else {
        return None;
    };
    let derives = |base| discover::derives_from(reader.followed, &instance.class, base);
    let is_text = derives("enum.StrEnum") || (derives("builtins.str") && derives("enum.Enum"));
    let value = instance.attributes.get("value").filter(|_| is_text)?;
    Some(value.thing)
}

fn is_config_value(thing: &Thing<'_>) -> bool {
    matches!(&thing.object, Object::Applied(applied) if is_config_path(applied))
}

fn config_as_name(kind: ParameterKind, span: Span) -> Diagnostic {
    let word = kind.word();
    let message = format!("the name of a {word} cannot come from a Config: Metaflow resolves it too late");
    Diagnostic::new(&NAMELESS_PARAMETER, span, message).help("write the name as a text")
}

fn attribute<'a>(
    reader: &mut Reader<'_, 'a>,
    kind: ParameterKind,
    (name, variable): (&str, &str),
    field: &str,
    argument: &Argument<'a>,
) -> AttributeUse {
    let is_refused =
        field == "type" && is_for_annotations(&argument.thing.object, reader.sources.slice(argument.span));
    let value = if let Some(type_name) = type_name(field, argument) {
        Evaluated::known(argument.span, Value::str(type_name))
    } else if is_refused {
        Evaluated::known(argument.span, Value::str("object"))
    } else {
        let place = Place::Parameter {
            kind: kind.word(),
            field,
        };
        let evaluated = deploy_time(field, reader.evaluate(&argument.thing, argument.span, &place));
        if field == "default" {
            let flow = reader.flow.clone().unwrap_or_default();
            let names = [format!("{flow}.{name}"), format!("{flow}.{variable}")];
            reader.define(&names, evaluated)
        } else {
            evaluated
        }
    };
    AttributeUse {
        name: field.to_owned(),
        name_span: argument.name_span,
        value,
        literals: Vec::new(),
        is_unchecked: argument.is_unchecked,
    }
}

/// `type=int`, `parser=yaml_parser`: classes and functions from outside stand by their last name.
fn type_name(field: &str, argument: &Argument<'_>) -> Option<String> {
    let dotted: &str = match &argument.thing.object {
        Object::External(name) => name,
        Object::Applied(applied) if field == "type" => &applied.callee,
        // Refused: what it holds does not matter.
        Object::List(_) | Object::Dict(_) | Object::Set(_) if field == "type" => "builtins.object",
        _ => return None,
    };
    let is_callable = matches!(field, "type" | "parser" | "cls" | "callback");
    is_callable.then(|| dotted.rsplit('.').next().unwrap_or(dotted).to_owned())
}

/// A function as default is called when the flow is deployed: its result is not known before.
fn deploy_time(field: &str, evaluated: Evaluated) -> Evaluated {
    let Ok(Value::Function(function)) = &evaluated.result else {
        return evaluated;
    };
    if !matches!(field, "default" | "default_value") {
        return evaluated;
    }
    let reason = if &**function == "<lambda>" {
        "a lambda computes it when the flow is deployed".to_owned()
    } else {
        format!("`{function}` computes it when the flow is deployed")
    };
    Evaluated {
        result: Err(Unknown {
            span: evaluated.span,
            why: Why::Opaque { reason },
        }),
        ..evaluated
    }
}

/// Metaflow's inference: `type=` if given, else the type of the default, else text.
fn value_type(kind: ParameterKind, attributes: &[AttributeUse], is_computed: bool) -> ParameterType {
    match kind {
        ParameterKind::IncludeFile => return ParameterType::File,
        ParameterKind::Config => return ParameterType::Json,
        ParameterKind::Parameter => {}
    }
    let field = |name: &str| attributes.iter().find(|attribute| attribute.name == name);
    match field("type").map(|attribute| &attribute.value.result) {
        None | Some(Ok(Value::None)) if is_computed => ParameterType::Str,
        None | Some(Ok(Value::None)) => match field("default").map(|attribute| &attribute.value.result) {
            Some(Ok(default)) => type_of(default),
            Some(Err(_)) | None => ParameterType::Str,
        },
        Some(Ok(Value::Str(name))) => named_type(name),
        Some(Ok(_) | Err(_)) => ParameterType::Other,
    }
}

fn named_type(name: &str) -> ParameterType {
    match name {
        "str" | "STRING" => ParameterType::Str,
        "int" | "INT" => ParameterType::Int,
        "float" | "FLOAT" => ParameterType::Float,
        "bool" | "BOOL" => ParameterType::Bool,
        "JSONType" | "JSONTypeClass" => ParameterType::Json,
        _ => ParameterType::Other,
    }
}

fn type_of(default: &Value) -> ParameterType {
    match default {
        Value::None | Value::Str(_) => ParameterType::Str,
        Value::Bool(_) => ParameterType::Bool,
        Value::Int(_) => ParameterType::Int,
        Value::Float(_) => ParameterType::Float,
        Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Ellipsis
        | Value::Function(_)
        | Value::Call(_) => ParameterType::Other,
    }
}

/// The content of a Config, where it was given or can be read.
fn read_content<'a>(reader: &mut Reader<'_, 'a>, applied: &Applied<'a>, parameter: &mut Parameter) {
    parameter.text = match reader.followed.config_text(applied) {
        Ok(Some(text)) => ConfigText::Given(text),
        Err(unknown) if unknown.why.is_unknown_value() => ConfigText::Unknown(unknown),
        Ok(None) | Err(_) => ConfigText::Absent,
    };
    match reader.followed.config(applied) {
        Ok(content) => parameter.content = Some(content),
        Err(unknown) => {
            let place = Place::Parameter {
                kind: ParameterKind::Config.word(),
                field: "default",
            };
            reader.report_unknown(&unknown, &place);
        }
    }
}

/// The bytes of the file that an `IncludeFile` includes by default: relative to the current folder, as Metaflow
/// does, else beside the flow. None where there is no such file.
fn included(reader: &Reader<'_, '_>, parameter: &Parameter) -> Option<Value> {
    let path = std::path::Path::new(parameter.default()?.value()?.as_str()?);
    let flow = std::path::Path::new(reader.sources.get(parameter.call.source).name());
    let beside = flow.parent().map(|folder| folder.join(path));
    let mut candidates = std::iter::once(path.to_path_buf()).chain(beside);
    let bytes = candidates.find_map(|path| reader.inputs.files.read(&path).ok().flatten())?;
    Some(Value::Bytes(bytes.into()))
}

/// What only reading can see of all parameters together: those that Metaflow does not find.
pub(super) fn judge_all<'a>(reader: &mut Reader<'_, 'a>, order: &[Rc<Class<'a>>], parameters: &[Parameter]) {
    for class in order {
        for (variable, binding) in class.namespace.entries() {
            let held = held_parameters(&binding.thing.object);
            for applied in held {
                if parameters.iter().any(|parameter| parameter.call == applied.span) {
                    continue;
                }
                let Some(kind) = kind(&applied) else { continue };
                let message = format!(
                    "Metaflow takes no notice of this {}: it is inside of `{variable}`, not an attribute of the class",
                    kind.word()
                );
                if reader.judged.insert(applied.span) {
                    reader.report(
                        Diagnostic::new(&IGNORED_PARAMETER, applied.span, message)
                            .help("give each its own variable in the class body"),
                    );
                }
            }
        }
    }
}

/// Parameters in a list, tuple or dict.
fn held_parameters<'a>(object: &Object<'a>) -> Vec<Rc<Applied<'a>>> {
    let things = match object {
        Object::List(items) => items.read().map(|items| items.clone()).unwrap_or_default(),
        Object::Tuple(items) => items.to_vec(),
        Object::Dict(entries) => entries
            .read()
            .map(|entries| entries.iter().map(|(_, value)| value.clone()).collect())
            .unwrap_or_default(),
        _ => return Vec::new(),
    };
    let applied = things.into_iter().filter_map(|thing| match thing.object {
        Object::Applied(applied) => Some(applied),
        _ => None,
    });
    applied.filter(|applied| kind(applied).is_some()).collect()
}

/// What the click that Metaflow brings along takes for a truth value: no blanks, no `on`.
pub fn bool_of(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" => Some(true),
        "0" | "false" | "f" | "no" | "n" => Some(false),
        _ => None,
    }
}
