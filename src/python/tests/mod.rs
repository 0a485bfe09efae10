//! What programs mean, in tables: an expression or module on one side, what Python makes of it on the other.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the tables show only some kinds of objects"
)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::*;
use crate::value::Why;

mod attempts;
mod classes;
mod expressions;
mod hidden;
mod loading;
mod modules;
mod statements;

/// Files in memory: name → text.
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.0.keys().any(|file| file != path && file.starts_with(path))
    }
}

/// What is given besides the source.
#[derive(Default)]
struct Given<'a> {
    files: &'a [(&'a str, &'a str)],
    environment: &'a [(&'a str, &'a str)],
    defines: &'a [(&'a str, Value)],
    configs: &'a [(&'a str, &'a str)],
}

/// The worth of each name (dotted for class members) after the module, as Python writes it, or why it is unknown.
fn names(source: &str, wanted: &[&str], given: &Given<'_>) -> Vec<String> {
    with_deep_stack(|| {
        let mut files: BTreeMap<PathBuf, String> = given
            .files
            .iter()
            .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
            .collect();
        files.insert(PathBuf::from("flow.py"), source.to_owned());
        let files = Memory(files);
        let environment = given
            .environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let configs = Configs {
            files: BTreeMap::new(),
            values: given
                .configs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let defines = given
            .defines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let inputs = Inputs {
            files: &files,
            environment: &environment,
            configs: &configs,
            defines: &defines,
            known_decorators: &BTreeMap::new(),
            harmless_bases: &std::collections::BTreeSet::new(),
        };
        let arena = Arena::new();
        let mut sources = Sources::default();
        let entry = Entry {
            path: Path::new("flow.py"),
            text: None,
            class: None,
        };
        let followed = follow(&arena, entry, &inputs, &mut sources);
        wanted
            .iter()
            .map(|name| match *name {
                "!" => shown_findings(&followed, &sources),
                name => shown(&followed, name, &sources),
            })
            .collect()
    })
}

fn shown_findings(followed: &Followed<'_>, sources: &Sources) -> String {
    let line = |span| sources.start(span).line;
    let mut out: Vec<String> = Vec::new();
    for diagnostic in &followed.diagnostics {
        let message = diagnostic.message.replace(", before any task runs", "");
        out.push(format!("{}: {message}", line(diagnostic.span)));
    }
    for unknown in &followed.raised {
        out.push(format!(
            "{}: ({})",
            line(unknown.span),
            shown_why(unknown, sources)
        ));
    }
    out.join("; ")
}

fn shown(followed: &Followed<'_>, name: &str, sources: &Sources) -> String {
    let entry = followed.entry.as_ref().unwrap();
    let mut parts = name.split('.');
    let Some(mut binding) = entry.get(parts.next().unwrap_or("")) else {
        return "unbound".to_owned();
    };
    for part in parts {
        binding = match &binding.thing.object {
            object::Object::Class(class) => match followed.attribute(class, part) {
                Some(binding) => binding,
                None => return "unbound".to_owned(),
            },
            object::Object::Function(function) if part == "decorators" => {
                let decorators = function.decorators.borrow();
                let names = decorators
                    .iter()
                    .map(|decoration| shown_decorator(followed, &decoration.decorator));
                return names.collect::<Vec<_>>().join(" ");
            }
            _ => return "no member".to_owned(),
        };
    }
    let evaluated = followed.evaluated(&binding.thing, binding.span);
    let rests: Vec<String> = evaluated.depends_on.iter().map(ToString::to_string).collect();
    let rests = if rests.is_empty() {
        String::new()
    } else {
        format!(" <- {}", rests.join(" "))
    };
    match &evaluated.result {
        Ok(value) => format!("{}{rests}", value.to_repr()),
        Err(unknown) => format!("{}{rests}", shown_why(unknown, sources)),
    }
}

fn shown_decorator(followed: &Followed<'_>, thing: &Thing<'_>) -> String {
    match &thing.object {
        object::Object::External(name) => name.to_string(),
        object::Object::Applied(applied) => {
            let arguments = applied.arguments.iter().map(|argument| {
                // The lifetimes of the two are one in fact.
                let value = match &argument.thing.object {
                    object::Object::Constant(value) => value.to_repr(),
                    object::Object::Unknown(unknown) => format!("{:?}", unknown.why),
                    _ => "?".to_owned(),
                };
                format!("{}={value}", argument.name.unwrap_or("_"))
            });
            format!("{}({})", applied.callee, arguments.collect::<Vec<_>>().join(","))
        }
        object::Object::Class(class) => format!("class {}", class.name),
        object::Object::Instance(instance) => format!("object of {}", instance.class.name),
        object::Object::Function(function) => format!("function {}", function.name),
        object::Object::Partial(_) => "partial".to_owned(),
        object::Object::Unknown(unknown) => format!(
            "unknown at {}",
            followed.files_read.len().min(unknown.span.start as usize)
        ),
        _ => "?".to_owned(),
    }
}

fn shown_why(unknown: &Unknown, sources: &Sources) -> String {
    let at = sources.slice(unknown.span);
    match &unknown.why {
        Why::Raises { exception, message } => format!("{exception}: {message} [{at}]"),
        Why::Runtime { what } => format!("run time {what} [{at}]"),
        Why::Placeholder { name, used, .. } => format!("placeholder {name} {used:?} [{at}]"),
        Why::Opaque { reason } => format!("unknown: {reason}"),
        Why::HalfCharacter { escape } => format!("half {escape} [{at}]"),
    }
}

fn eval(expression: &str) -> String {
    let source = format!("import os, json, functools, math\nfrom pathlib import Path\nx = {expression}\n");
    names(&source, &["x"], &Given::default()).remove(0)
}

#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (expression, expected) in cases {
        let found = eval(expression);
        if found != *expected {
            wrong.push(format!(
                "{expression}\n    expected {expected}\n    found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn check(source: &str, expected: &[(&str, &str)]) {
    check_with(source, &Given::default(), expected);
}

#[track_caller]
fn check_with(source: &str, given: &Given<'_>, expected: &[(&str, &str)]) {
    let wanted: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    let found = names(source, &wanted, given);
    for ((name, expected), found) in expected.iter().zip(found) {
        assert_eq!(&found, expected, "{name} in\n{source}");
    }
}
