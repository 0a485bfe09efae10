//! Expressions that belong to another phase than the one in which Python evaluates them: what is wrong, and the
//! legal way out for the place where they stand.

use super::Flow;
use super::rules::{DEFINE_WITHOUT_EFFECT, PARAMETER_AS_VALUE, RUN_TIME_VALUE, UNREADABLE_CONFIG};
use crate::diagnostic::{Diagnostic, nearest};
use crate::python::definition_time_exception;
use crate::source::Span;
use crate::value::{Placeholder, PlaceholderUse, Unknown, Why};

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// An attribute of one of Metaflow's decorators.
    Decorator { decorator: &'p str, attribute: &'p str },
    /// An argument of another decorator, which may do with it what it likes.
    ThirdParty { decorator: &'p str },
    /// The expression behind an `@`.
    Decoration,
    /// An argument of a `Parameter`, `IncludeFile` or `Config`.
    Parameter { kind: &'static str, field: &'p str },
    /// A class attribute.
    Constant { name: &'p str },
    /// A statement of a module or class that is no part of a flow.
    Module,
}

/// What to say of an unknown; nothing of one that merely cannot be known.
pub(super) fn diagnostic(unknown: &Unknown, place: &Place<'_>) -> Option<Diagnostic> {
    match &unknown.why {
        Why::Runtime { what } => Some(run_time(unknown.span, what, place)),
        Why::Placeholder { kind, name, used } => placeholder(unknown.span, *kind, name, *used, place),
        Why::Raises {
            exception: "UsageError",
            message,
        } => Some(
            Diagnostic::new(&UNREADABLE_CONFIG, unknown.span, message.clone())
                .help("give a file by `--config NAME=FILE`, or a value by `--config-value NAME=JSON`"),
        ),
        Why::Raises { .. } => Some(definition_time_exception(unknown)),
        Why::Opaque { .. } | Why::HalfCharacter { .. } => None,
    }
}

fn run_time(span: Span, what: &str, place: &Place<'_>) -> Diagnostic {
    let message = match place {
        Place::Decorator { decorator, attribute } => format!(
            "`{what}` exists only in a running task, but `{attribute}` of `@{decorator}` is fixed when the flow is defined"
        ),
        Place::ThirdParty { decorator } => format!(
            "`{what}` exists only in a running task, but the arguments of `@{decorator}` are fixed when the flow is defined"
        ),
        Place::Decoration => {
            format!(
                "`{what}` exists only in a running task, but decorators are applied when the flow is defined"
            )
        }
        Place::Parameter { kind, field } => format!(
            "`{what}` exists only in a running task, but `{field}` of a `{kind}` is fixed when the flow is defined"
        ),
        Place::Constant { name } => {
            format!("`{what}` exists only in a running task, but `{name}` is set when the class is defined")
        }
        Place::Module => {
            format!("`{what}` exists only in a running task, but this runs when the flow is defined")
        }
    };
    let diagnostic = Diagnostic::new(&RUN_TIME_VALUE, span, message).caption("not yet known here");
    ways_out(place, what)
        .into_iter()
        .fold(diagnostic, Diagnostic::help)
}

/// The legal ways to get what such an expression is after.
fn ways_out(place: &Place<'_>, what: &str) -> Vec<String> {
    const KNOWN: &str =
        "use what is known by then: a literal, a module constant, a `Config` value or `os.environ`";
    match place {
        Place::Decorator { decorator, attribute } => {
            let mut ways = vec![KNOWN.to_owned()];
            ways.extend(specific_way(decorator, attribute));
            ways
        }
        Place::Parameter { field: "default", .. } => vec![
            KNOWN.to_owned(),
            "for a value of deploy time give a function, `default=lambda context: …`; for one of run time set an artifact in the first step".to_owned(),
        ],
        Place::Constant { name } => vec![format!("set `self.{name}` in a step, where `{what}` is there")],
        Place::ThirdParty { .. } | Place::Decoration | Place::Parameter { .. } | Place::Module => {
            vec![KNOWN.to_owned()]
        }
    }
}

fn specific_way(decorator: &str, attribute: &str) -> Option<String> {
    let way = match decorator {
        "batch" | "kubernetes" | "resources" => format!(
            "to choose `{attribute}` by data, write one step for each choice, each with its own `@{decorator}`, and go to one of them by a switch: `self.next({{\"big\": self.big, \"small\": self.small}}, condition=\"size\")`"
        ),
        "retry" | "timeout" | "catch" => {
            "to decide by data, decide inside the step: catch the exception there, or branch by a switch to a step with other limits".to_owned()
        }
        "environment" | "secrets" => "to set a variable by data, set `os.environ` inside the step".to_owned(),
        "conda" | "pypi" | "conda_base" | "pypi_base" => {
            "to choose packages by data, write one step for each choice and go to one of them by a switch".to_owned()
        }
        "schedule" | "trigger" | "trigger_on_finish" | "project" | "exit_hook" => {
            "what starts the flow is fixed when it is deployed: `config_expr(\"…\")` takes it from a `Config`".to_owned()
        }
        _ => return None,
    };
    Some(way)
}

fn placeholder(
    span: Span,
    kind: Placeholder,
    name: &str,
    used: PlaceholderUse,
    place: &Place<'_>,
) -> Option<Diagnostic> {
    let what = match kind {
        Placeholder::Parameter => "Parameter",
        Placeholder::IncludeFile => "IncludeFile",
        Placeholder::Config => "Config",
    };
    let message = match used {
        PlaceholderUse::Truth => {
            format!("`{name}` is the {what} object here, not its value: as a condition it is always true")
        }
        PlaceholderUse::Text => {
            format!("`{name}` is the {what} object here, not its value: its text is that of the object")
        }
        PlaceholderUse::Arithmetic => {
            format!("`{name}` is the {what} object here, not its value: this raises `TypeError`")
        }
        PlaceholderUse::Item if kind == Placeholder::Config => {
            format!("`{name}` is the {what} object here, not its value: only texts are its keys")
        }
        PlaceholderUse::Item => {
            format!("`{name}` is the {what} object here, not its value: an item of it is `None`")
        }
        PlaceholderUse::Bare => match place {
            Place::Decorator { decorator, attribute } => {
                format!("`{attribute}` of `@{decorator}` gets the {what} object `{name}`, not its value")
            }
            Place::Parameter { kind, field } => {
                format!("`{field}` of this `{kind}` gets the {what} object `{name}`, not its value")
            }
            Place::ThirdParty { .. } | Place::Decoration | Place::Constant { .. } | Place::Module => {
                return None;
            }
        },
    };
    let diagnostic = Diagnostic::new(&PARAMETER_AS_VALUE, span, message);
    let diagnostic = match kind {
        Placeholder::Parameter | Placeholder::IncludeFile => diagnostic
            .help(format!(
                "a {what} gets its value when a run starts: read `self.{name}` inside a step"
            ))
            .help("for a value at definition time use a module constant, a `Config` or `os.environ`"),
        Placeholder::Config => diagnostic.help(
            "give the placeholder alone, as in `config.key`, or compute with `config_expr(\"config.key * 2\")`",
        ),
    };
    let ways = match place {
        Place::Decorator { decorator, attribute } => specific_way(decorator, attribute),
        Place::ThirdParty { .. }
        | Place::Decoration
        | Place::Parameter { .. }
        | Place::Constant { .. }
        | Place::Module => None,
    };
    Some(ways.into_iter().fold(diagnostic, Diagnostic::help))
}

/// `-D` for something that the source says already.
pub(super) fn known_anyway(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        &DEFINE_WITHOUT_EFFECT,
        span,
        format!("`-D {name}` has no effect: the value is known from the source"),
    )
}

/// A value for a name that no file has, told at a flow.
pub fn stray_define(name: &str, flow: &Flow) -> Diagnostic {
    let message = format!("a value is given for `{name}`, but the program has nothing of this name");
    let parameters = flow.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|parameter| format!("{}.{}", flow.name, parameter.name))
        .collect();
    let names = || parameters.iter().map(String::as_str);
    let is_of_flow = |full: &&str| full.rsplit('.').next() == Some(name);
    let near = names().find(is_of_flow).or_else(|| nearest(name, names()));
    let diagnostic = Diagnostic::new(&DEFINE_WITHOUT_EFFECT, flow.span, message);
    let diagnostic = match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    diagnostic.help(
        "`-D` and `[values]` take a module's constant as `NAME` or `module.NAME`, a parameter as `Flow.parameter`, an attribute of a decorator as `step.decorator.attribute`",
    )
}

/// `-D` for something that is not there.
pub(super) fn leads_nowhere(name: &str, span: Span) -> Diagnostic {
    let message = format!("`-D {name}` has no effect: nothing of this name takes a value");
    Diagnostic::new(&DEFINE_WITHOUT_EFFECT, span, message).help(
        "name a parameter as `Flow.parameter`, an attribute that is written as `step.decorator.attribute`",
    )
}
