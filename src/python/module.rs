//! What every module has besides what its program binds: `__name__`, `__file__`, `__package__`. Knows no imports.

use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt};

use super::interpreter::{Interpreter, opaque};
use super::object::{FilePath, Module, Object, Thing};
use crate::source::{SourceId, Span};
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// What every module has: `__name__`, `__file__` …
    pub fn module_attribute(&mut self, name: &str, module: &Rc<Module<'a>>) -> Option<Thing<'a>> {
        match name {
            "__name__" => Some(Thing::constant(Value::str(module.name))),
            "__file__" => {
                let path = self.sources.get(module.source).name();
                let path = std::path::Path::new(path);
                let relative = path.strip_prefix(&self.folder).unwrap_or(path);
                Some(Thing::new(Object::Path(Rc::new(FilePath {
                    is_anchored: true,
                    has_written_dots: false,
                    text: relative.to_string_lossy().into_owned(),
                    is_text: true,
                }))))
            }
            "__builtins__" if module.name == "__main__" => Some(Thing::external("builtins")),
            // Of a script: `if __package__ is None: sys.path.insert(0, …)`
            "__package__" | "__spec__" if module.name == "__main__" => Some(Thing::constant(Value::None)),
            "__package__" if module.is_package => Some(Thing::constant(Value::str(module.name))),
            "__package__" => {
                let package = module.name.rsplit_once('.').map_or("", |(package, _)| package);
                Some(Thing::constant(Value::str(package)))
            }
            "__doc__" => Some(self.docstring_of(module)),
            "__path__" if module.is_package => Some(not_followed(module, "it is where a package lies")),
            "__cached__" | "__spec__" | "__loader__" | "__builtins__" => {
                Some(not_followed(module, "it says how the module was loaded"))
            }
            "__annotations__" => Some(not_followed(module, "annotations are not collected")),
            // A class body has these besides.
            "__qualname__" | "__module__" if self.class_depth > 0 => {
                Some(not_followed(module, "it is a name of the class around"))
            }
            _ => None,
        }
    }

    /// The module of a source, with its statements; the entry where both are one file.
    pub fn module_of(&self, source: SourceId) -> Option<(Rc<Module<'a>>, &'a [Stmt])> {
        let mut parsed = self.parsed.values().flatten();
        let parsed = parsed.find(|parsed| parsed.source == source)?;
        let imported = self.modules.values().flatten();
        let mut modules = self.entry_module.iter().chain(imported);
        let module = modules.find(|module| module.source == source)?;
        Some((Rc::clone(module), &parsed.body))
    }

    fn docstring_of(&self, module: &Module<'a>) -> Thing<'a> {
        let mut parsed = self.parsed.values().flatten();
        parsed
            .find(|parsed| parsed.source == module.source && !parsed.had_errors)
            .and_then(|parsed| docstring(&parsed.body))
            .unwrap_or_else(|| not_followed(module, "it is a text of several lines"))
    }
}

/// What every module has, but nobody can tell without loading it.
fn not_followed<'a>(module: &Module<'a>, reason: &str) -> Thing<'a> {
    Thing::unknown(opaque(Span::new(module.source, 0, 0), reason))
}

/// `__doc__` of a module, where it needs no cleaning.
fn docstring<'a>(body: &[Stmt]) -> Option<Thing<'a>> {
    let Some(Stmt::Expr(first)) = body.first() else {
        return Some(Thing::constant(Value::None));
    };
    let Expr::StringLiteral(literal) = &*first.value else {
        return Some(Thing::constant(Value::None));
    };
    let text = literal.value.to_str();
    (!text.contains(['\n', '\t', '\\']) && text.trim() == text).then(|| Thing::constant(Value::str(text)))
}
