//! Modules that are imported by a name that the program makes. Knows nothing of how a module is found.

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, unknown};
use crate::source::Span;

impl<'a> Interpreter<'a> {
    /// `importlib.import_module(name)`, `import_module(".steps", package=__name__)`
    pub(super) fn import_by_name(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        match self.name_to_import(given, span) {
            Ok(name) => self.import(&name, span),
            Err(stop) => Err(self.unknown_import(stop, span)),
        }
    }

    /// `__import__("package.module")`: the package. With more arguments it is not followed what it gives.
    pub(super) fn import_as_builtin(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let name = match given.positional().next() {
            Some(argument) => self.text_argument(&argument.thing, span),
            None => Err(unknown(span, "no module is named")),
        };
        let is_relative = given.arguments.len() > 4 || given.keywords().any(|(name, _)| name == "level");
        let name = match name {
            Ok(name) if !is_relative => name,
            Ok(_) => return Err(self.unknown_import(unknown(span, "it is a relative import"), span)),
            Err(stop) => return Err(self.unknown_import(stop, span)),
        };
        let imported = self.import(&name, span)?;
        let top = name.split('.').next().unwrap_or(&name);
        if given.arguments.len() > 1 || given.unknown.is_some() {
            return Err(unknown(span, "`__import__` is followed with a name alone"));
        }
        if top == name {
            return Ok(imported);
        }
        self.import(top, span)
    }

    fn name_to_import(&mut self, given: &Given<'a>, span: Span) -> Known<String> {
        let [Some(name), package] = given.bound("import_module", ["name", "package"], span)? else {
            return Err(unknown(span, "no module is named"));
        };
        let name = self.text_argument(&name, span)?;
        let relative = name.trim_start_matches('.');
        let level = name.len() - relative.len();
        if level == 0 {
            return Ok(name);
        }
        let Some(package) = package else {
            return Err(unknown(span, "no package is named"));
        };
        let package = self.text_argument(&package, span)?;
        let mut parts: Vec<&str> = package.split('.').collect();
        parts.truncate(parts.len().saturating_sub(level - 1));
        if !relative.is_empty() {
            parts.push(relative);
        }
        Ok(parts.join("."))
    }

    /// Any module may be imported, with all that it does.
    fn unknown_import(&mut self, stop: Stop, span: Span) -> Stop {
        if matches!(stop, Stop::Unknown(_)) {
            self.change_loaded(span);
        }
        stop
    }
}
