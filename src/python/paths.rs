//! Paths that begin at the flow's folder, as `pathlib` and `os.path` treat them. Looks at no file.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "parts of paths are objects of any kind"
)]

use std::rc::Rc;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, type_error, unknown};
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
            "os.path.normpath" => Ok(Self::path_thing(path.normalized())),
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
            "suffixes" if path.name().is_some() => Ok(self.list(suffixes(base))),
            "parts" if !path.is_anchored => Ok(Thing::new(Object::Tuple(Rc::new(path.parts())))),
            "parts" => Err(unknown(span, "where the flow lies on the machine is not known")),
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
            _ => Err(unknown(span, not_followed(name))),
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
            "with_name" | "with_suffix" => self.renamed(path, name, given, span),
            _ => Err(unknown(span, not_followed(name))),
        }
    }

    /// `path.with_name("b.csv")`, `path.with_suffix(".json")`
    fn renamed(&mut self, path: &FilePath, method: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let parameter = if method == "with_name" { "name" } else { "suffix" };
        let [Some(text)] = given.bound(method, [parameter], span)? else {
            let message =
                format!("PurePath.{method}() missing 1 required positional argument: '{parameter}'");
            return Err(type_error(span, message));
        };
        let text = self.text_argument(&text, span)?;
        let Some(base) = path.name().filter(|_| text != "..") else {
            return Err(unknown(span, "the path has no name of a file"));
        };
        let is_refused = match method {
            "with_name" => text.is_empty() || text == "." || text.contains('/'),
            _ => text == "." || text.contains('/') || !(text.is_empty() || text.starts_with('.')),
        };
        if is_refused {
            let what = if method == "with_name" { "name" } else { "suffix" };
            return Err(raise(
                span,
                "ValueError",
                format!("Invalid {what} {}", Value::str(text).to_repr()),
            ));
        }
        let name = match method {
            "with_name" => text,
            _ => format!("{}{text}", stem(base)),
        };
        let folder = path.text.len() - base.len();
        let folder = path.text.get(..folder).unwrap_or_default();
        let renamed = FilePath {
            text: format!("{folder}{name}"),
            ..path.clone()
        };
        Ok(Thing::new(Object::Path(Rc::new(renamed))))
    }
}

/// Why an attribute of a path is not known.
fn not_followed(name: &str) -> String {
    // These look at the text alone.
    const OF_TEXT: [&str; 17] = [
        "anchor",
        "as_uri",
        "drive",
        "full_match",
        "is_absolute",
        "is_relative_to",
        "is_reserved",
        "match",
        "name",
        "parents",
        "relative_to",
        "root",
        "stem",
        "suffix",
        "suffixes",
        "with_segments",
        "with_stem",
    ];
    if OF_TEXT.contains(&name) {
        format!("`{name}` of such a path is not followed")
    } else {
        format!("`{name}` of a path looks at the machine's files")
    }
}

/// The name of a file without its last suffix.
fn stem(base: &str) -> &str {
    let dot = base.rfind('.').filter(|&at| at > 0 && at + 1 < base.len());
    dot.and_then(|at| base.get(..at)).unwrap_or(base)
}

/// `Path("a.tar.gz").suffixes`
fn suffixes<'a>(base: &str) -> Vec<Thing<'a>> {
    if base.ends_with('.') {
        return Vec::new();
    }
    let pieces = base.trim_start_matches('.').split('.').skip(1);
    pieces
        .map(|piece| Thing::constant(Value::str(format!(".{piece}"))))
        .collect()
}

impl FilePath {
    /// `Path(…).parts` of a path that is written in full.
    fn parts<'a>(&self) -> Vec<Thing<'a>> {
        let root = self.text.starts_with('/').then_some("/");
        let names = self
            .text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".");
        let parts = root.into_iter().chain(names);
        parts.map(|part| Thing::constant(Value::str(part))).collect()
    }

    /// `os.path.normpath(…)` of a path that is written in full.
    fn normalized(&self) -> Self {
        let slashes = self.text.bytes().take_while(|&byte| byte == b'/').count();
        // Two slashes at the beginning are another place for POSIX, three are not.
        let root = match slashes {
            0 => "",
            2 => "//",
            _ => "/",
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in self.text.split('/').filter(|part| !matches!(*part, "" | ".")) {
            match (part, parts.last()) {
                ("..", Some(&last)) if last != ".." => {
                    parts.pop();
                }
                ("..", None) if slashes > 0 => {}
                _ => parts.push(part),
            }
        }
        let text = format!("{root}{}", parts.join("/"));
        Self {
            text: if text.is_empty() { ".".to_owned() } else { text },
            has_written_dots: false,
            ..self.clone()
        }
    }

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
