//! Paths that begin at the flow's folder, as `pathlib` and `os.path` treat them. Looks at no file.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts of paths are objects of any kind"
)]

use std::rc::Rc;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, type_error, unknown};
use super::object::{Applied, FilePath, Method, MethodKind, Object, Thing};
use crate::source::Span;
use crate::value::Value;

/// What `parents` of a path of the project is called.
const PARENTS: &str = "pathlib.Path.parents";

impl<'a> Interpreter<'a> {
    /// The path that an argument stands for.
    fn path_argument(&mut self, thing: &Thing<'a>, span: Span) -> Known<FilePath> {
        if let Object::Path(path) = &thing.object {
            return Ok((**path).clone());
        }
        let text = self.text_argument(thing, span)?;
        Ok(FilePath {
            is_anchored: false,
            has_written_dots: false,
            text,
            is_text: true,
        })
    }

    fn path_thing(path: FilePath) -> Thing<'a> {
        if path.is_text && !path.is_anchored {
            return Thing::constant(Value::str(path.text));
        }
        Thing::new(Object::Path(Rc::new(path)))
    }

    pub(super) fn path_join(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        if let Some(why) = given.first_unknown() {
            return Err(Stop::Unknown(why.clone()));
        }
        let mut parts = given.positional();
        let Some(first) = parts.next() else {
            return Err(type_error(
                span,
                "join() missing 1 required positional argument: 'a'",
            ));
        };
        let mut path = self.path_argument(&first.thing, span)?;
        for part in parts {
            let part = self.path_argument(&part.thing, span)?;
            if part.is_anchored || part.text.starts_with('/') {
                path = part;
            } else {
                if !path.text.is_empty() && !path.text.ends_with('/') {
                    path.text.push('/');
                }
                path.text.push_str(&part.text);
            }
        }
        path.is_text = true;
        Ok(Self::path_thing(path))
    }

    pub(super) fn path_part(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [argument] = given.bound(name, ["p"], span)?;
        let Some(argument) = argument else {
            return Err(type_error(
                span,
                format!("{name}() missing 1 required positional argument"),
            ));
        };
        let mut path = self.path_argument(&argument, span)?;
        path.is_text = true;
        match name {
            "os.path.basename" => {
                let base = path.text.rsplit('/').next().unwrap_or("").to_owned();
                if path.is_anchored && (base.is_empty() || base == "..") {
                    return Err(Stop::Unknown(self.why_unknown(&argument, span)));
                }
                Ok(Thing::constant(Value::str(base)))
            }
            "os.path.dirname" if path.is_anchored => match path.parent() {
                Some(parent) => Ok(Self::path_thing(parent)),
                None => Err(Stop::Unknown(self.why_unknown(&argument, span))),
            },
            "os.path.dirname" => {
                let head = path
                    .text
                    .rfind('/')
                    .map_or("", |at| path.text.get(..=at).unwrap_or(""));
                let trimmed = head.trim_end_matches('/');
                let text = if trimmed.is_empty() { head } else { trimmed };
                Ok(Thing::constant(Value::str(text)))
            }
            "os.fspath" => Ok(Self::path_thing(path)),
            _ if path.is_anchored => Ok(Self::path_thing(path.without_dots())),
            _ => Err(unknown(
                span,
                "it is an absolute path of the machine that runs the flow",
            )),
        }
    }

    pub(super) fn make_path(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        if let Some(why) = given.first_unknown() {
            return Err(Stop::Unknown(why.clone()));
        }
        let mut path = FilePath {
            is_anchored: false,
            has_written_dots: false,
            text: String::new(),
            is_text: false,
        };
        for (index, part) in given.positional().enumerate() {
            let part = self.path_argument(&part.thing, span)?;
            path = if part.is_anchored {
                part
            } else if index == 0 && part.text.starts_with('/') {
                FilePath {
                    text: String::from("/"),
                    ..path.clone()
                }
                .join(part.text.trim_start_matches('/'))
            } else {
                path.join(&part.text)
            };
        }
        path.is_text = false;
        Ok(Thing::new(Object::Path(Rc::new(path))))
    }

    /// `path / "x"`.
    pub fn join_path(&mut self, path: &FilePath, part: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let part = match &part.object {
            Object::Constant(Value::Str(text)) => text.to_string(),
            Object::Path(other) if !other.is_anchored => other.text.clone(),
            _ => return Err(Stop::Unknown(self.why_unknown(part, span))),
        };
        let joined = path.join(&part);
        Ok(Thing::new(Object::Path(Rc::new(joined))))
    }

    pub(super) fn path_attribute(
        &mut self,
        path: &Rc<FilePath>,
        name: &'a str,
        value: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if path.is_text {
            return match name {
                "__class__" => Err(unknown(span, "it is a type")),
                _ => Err(Stop::Unknown(self.why_unknown(value, span))),
            };
        }
        let text = |text: &str| Ok(Thing::constant(Value::str(text)));
        let base = path.name().unwrap_or("");
        let dot = base.rfind('.').filter(|&at| at > 0 && at + 1 < base.len());
        match name {
            "parent" => match path.parent() {
                Some(parent) => Ok(Thing::new(Object::Path(Rc::new(parent)))),
                None => Err(Stop::Unknown(self.why_unknown(value, span))),
            },
            "name" if path.name().is_some() => text(base),
            "stem" if path.name().is_some() => text(dot.map_or(base, |at| base.get(..at).unwrap_or(base))),
            "suffix" if path.name().is_some() => text(dot.map_or("", |at| base.get(at..).unwrap_or(""))),
            "parents" if path.is_anchored => Ok(Thing::new(Object::Applied(Rc::new(Applied {
                callee: Rc::from(PARENTS),
                span,
                arguments: Given::of(vec![(value.clone(), span)]).arguments,
                unknown_arguments: None,
                path: Vec::new(),
            })))),
            "joinpath" | "resolve" | "absolute" | "as_posix" | "with_name" | "with_suffix"
            | "__truediv__" => Ok(Thing::new(Object::Method(Rc::new(Method {
                receiver: value.clone(),
                kind: MethodKind::BuiltIn(name),
            })))),
            _ => Err(unknown(
                span,
                format!("`{name}` of a path looks at the machine's files"),
            )),
        }
    }

    pub(super) fn call_path_method(
        &mut self,
        path: &Rc<FilePath>,
        name: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let thing = || Thing::new(Object::Path(Rc::clone(path)));
        match name {
            "joinpath" => {
                let mut joined = thing();
                for part in given.positional() {
                    let Object::Path(current) = &joined.object else {
                        break;
                    };
                    let current = Rc::clone(current);
                    joined = self.join_path(&current, &part.thing, span)?;
                }
                Ok(joined)
            }
            "resolve" if path.is_anchored => Ok(Thing::new(Object::Path(Rc::new(path.without_dots())))),
            "absolute" if path.is_anchored => Ok(thing()),
            "as_posix" => self.make_text(&Given::of(vec![(thing(), span)]), span),
            _ => Err(unknown(
                span,
                format!("`{name}` of a path looks at the machine's files"),
            )),
        }
    }
}

impl FilePath {
    /// The path with a part added, `.` left out as `pathlib` does.
    pub(super) fn join(&self, part: &str) -> Self {
        if part.starts_with('/') {
            return Self {
                is_anchored: false,
                has_written_dots: false,
                text: part.to_owned(),
                is_text: self.is_text,
            };
        }
        let mut text = self.text.trim_end_matches('/').to_owned();
        if text == "." {
            text.clear();
        }
        for piece in part.split('/').filter(|piece| !piece.is_empty() && *piece != ".") {
            if !text.is_empty() || (self.text.starts_with('/') && text.is_empty()) {
                text.push('/');
            }
            text.push_str(piece);
        }
        let has_written_dots = self.has_written_dots || part.split('/').any(|piece| piece == "..");
        Self {
            text,
            has_written_dots,
            ..self.clone()
        }
    }

    /// `Path(…).resolve()`, `os.path.abspath(…)`: no `..` but those at the beginning, which lead above the flow's folder.
    pub(super) fn without_dots(&self) -> Self {
        let mut parts: Vec<&str> = Vec::new();
        for part in self.text.split('/').filter(|part| !part.is_empty()) {
            match (part, parts.last()) {
                ("..", Some(&last)) if last != ".." => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        Self {
            text: parts.join("/"),
            has_written_dots: false,
            ..self.clone()
        }
    }

    /// `Path(…).parents[index]`
    pub(super) fn ancestor(&self, index: u32) -> Option<Self> {
        (0..index).try_fold(self.parent()?, |path, _| path.parent())
    }

    /// `Path(…).parent`, `os.path.dirname(…)`.
    pub(super) fn parent(&self) -> Option<Self> {
        let is_above = self.text.split('/').all(|part| part == "..");
        let text = match self.text.rsplit_once('/') {
            _ if is_above && self.is_anchored && !self.has_written_dots => format!("{}/..", self.text),
            Some(("", _)) => "/".to_owned(),
            Some((parent, _)) => parent.to_owned(),
            None if self.text.is_empty() && self.is_anchored => "..".to_owned(),
            None if self.text == ".." => return None,
            None => String::new(),
        };
        Some(Self { text, ..self.clone() })
    }

    pub(super) fn name(&self) -> Option<&str> {
        let name = self.text.rsplit('/').next().unwrap_or("");
        (!name.is_empty() && name != "..").then_some(name)
    }
}

/// `Path(__file__).resolve().parents[1]`
pub(super) fn ancestor<'a>(applied: &Applied<'a>, key: &Thing<'a>) -> Option<Thing<'a>> {
    let (Some(given), Object::Constant(Value::Int(index))) = (applied.arguments.first(), &key.object) else {
        return None;
    };
    match &given.thing.object {
        Object::Path(path) if &*applied.callee == PARENTS => {
            let found = path.ancestor(u32::try_from(*index).ok()?)?;
            Some(Thing::new(Object::Path(Rc::new(found))))
        }
        _ => None,
    }
}
