//! Imports: modules of the project are followed, all others are names.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects hold names"
)]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ruff_python_ast as ast;

use super::annotations;
use super::interpreter::{Interpreter, Known, Stop, opaque, raise};
use super::metaflow::{self, Found};
use super::mutation;
use super::object::{Binding, Module, Object, Thing};
use super::parse::{Parsed, parse};
use super::scope::Scope;
use super::standard;
use crate::source::Span;
use crate::value::Value;

/// Modules that import one another, deeper than any project.
const MOST_MODULES_DEEP: u32 = 100;

impl<'a> Interpreter<'a> {
    /// Follows the entry file as `__main__`.
    pub fn follow_entry(&mut self, parsed: &'a Parsed) -> Rc<Module<'a>> {
        self.entry_source = Some(parsed.source);
        let folder = self.folder.clone();
        let module = self.new_module("__main__", parsed, false, folder);
        self.entry_module = Some(Rc::clone(&module));
        // Uncaught exceptions are reported statement by statement.
        let _ = self.run_module(&module, parsed);
        module
    }

    fn new_module(
        &mut self,
        name: &str,
        parsed: &'a Parsed,
        is_package: bool,
        folder: PathBuf,
    ) -> Rc<Module<'a>> {
        let namespace = self.namespace();
        self.hold(&namespace);
        namespace.born.set(0);
        self.texts.insert(parsed.source, &parsed.text);
        if parsed.had_errors {
            let span = Span::new(parsed.source, 0, 0);
            let file = parsed.path.display();
            namespace.open(opaque(span, format!("`{file}` does not parse")));
        }
        Rc::new(Module {
            name: self.arena.name(name),
            source: parsed.source,
            namespace,
            is_complete: Cell::new(false),
            // Behind a syntax error, what looks like an annotation may be a statement.
            has_lazy_annotations: parsed.had_errors || annotations::are_lazy(&parsed.body),
            is_package,
            folder,
        })
    }

    fn run_module(&mut self, module: &Rc<Module<'a>>, parsed: &'a Parsed) -> Known<()> {
        for change in mutation::changes(&parsed.body) {
            let span = super::parse::span_of(parsed.source, change.range);
            let line = self.line(span);
            let path = change.path.join(".");
            let unknown = opaque(
                span,
                format!("`{path}` is changed in `{}` (line {line})", change.function),
            );
            match change.path.as_slice() {
                [name] if change.is_rebinding => module.namespace.poison(name, unknown),
                [name] => module.namespace.poison_content(name, unknown),
                [name, attribute, ..] => module.namespace.poison_attribute(name, attribute, unknown),
                [] => {}
            }
        }
        let class_depth = std::mem::take(&mut self.class_depth);
        let call_depth = std::mem::take(&mut self.call_depth);
        let control = self.control.take();
        let scope = Scope::of_module(Rc::clone(module));
        self.begins_statements = true;
        let result = self.run(&parsed.body, &scope);
        self.class_depth = class_depth;
        self.call_depth = call_depth;
        self.control = control;
        module.is_complete.set(true);
        result.map(|_| ())
    }

    pub fn follow_import(&mut self, node: &'a ast::StmtImport, scope: &Scope<'a>) -> Known<()> {
        for alias in &node.names {
            let span = self.span(scope, alias.range);
            let name = alias.name.as_str();
            let top = name.split('.').next().unwrap_or(name);
            let imported = self.import(name, span)?;
            let (bound, thing) = match &alias.asname {
                Some(asname) => (asname.as_str(), imported),
                None if top == name => (top, imported),
                None => (top, self.import(top, span)?),
            };
            self.bind_name(bound, thing, scope, span);
        }
        Ok(())
    }

    pub fn follow_import_from(&mut self, node: &'a ast::StmtImportFrom, scope: &Scope<'a>) -> Known<()> {
        let span = self.span(scope, node.range);
        let module_name = node.module.as_ref().map_or("", ast::Identifier::as_str);
        let name = if node.level == 0 {
            module_name.to_owned()
        } else {
            self.relative(module_name, node.level, scope, span)?
        };
        let module = if name.is_empty() {
            None
        } else {
            Some(self.import(&name, span)?)
        };
        for alias in &node.names {
            let span = self.span(scope, alias.range);
            let attribute = alias.name.as_str();
            if attribute == "*" {
                self.import_star(&name, module.as_ref(), scope, span)?;
                continue;
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            let thing = self.import_name(&name, module.as_ref(), attribute, span);
            let thing = match thing {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.report(&why);
                    Thing::unknown(why)
                }
                result => super::interpreter::settle(result)?,
            };
            self.bind_name(bound, thing, scope, span);
        }
        Ok(())
    }

    fn import_name(
        &mut self,
        name: &str,
        module: Option<&Thing<'a>>,
        attribute: &'a str,
        span: Span,
    ) -> Known<Thing<'a>> {
        match module.map(|thing| &thing.object) {
            Some(Object::Module(module)) => self.member_to_import(&Rc::clone(module), attribute, span),
            Some(Object::External(external)) => match self.patched(external, attribute) {
                Some(patched) => Ok(patched),
                None => self.import_external(external, attribute, span),
            },
            Some(_) | None => {
                let dotted = if name.is_empty() {
                    attribute.to_owned()
                } else {
                    format!("{name}.{attribute}")
                };
                self.import(&dotted, span)
            }
        }
    }

    fn import_external(&mut self, external: &str, name: &str, span: Span) -> Known<Thing<'a>> {
        if external == "metaflow" || external.starts_with("metaflow.") {
            let module = external.strip_prefix("metaflow.").unwrap_or("");
            return match metaflow::import(module, name) {
                Found::Is(found) => Ok(Thing::external(&found)),
                Found::Foreign(found) => {
                    self.note_foreign(external, name, "ImportError", span);
                    self.doubt();
                    Ok(Thing::external(&found))
                }
                Found::Missing(near) => {
                    let mut message = format!("cannot import name '{name}' from '{external}'");
                    if let Some(near) = near {
                        message.push_str(&format!(" (is `{near}` meant?)"));
                    }
                    Err(raise(span, "ImportError", message))
                }
            };
        }
        self.doubt_imported_name(external, name, span);
        match (external, name) {
            ("typing" | "typing_extensions", "TYPE_CHECKING") => Ok(Thing::constant(Value::Bool(false))),
            ("os", "sep") => Ok(Thing::constant(Value::str("/"))),
            ("math", "pi") => Ok(Thing::constant(Value::Float(std::f64::consts::PI))),
            ("math", "e") => Ok(Thing::constant(Value::Float(std::f64::consts::E))),
            _ => Ok(Thing::external(&format!("{external}.{name}"))),
        }
    }

    fn member_to_import(
        &mut self,
        module: &Rc<Module<'a>>,
        attribute: &'a str,
        span: Span,
    ) -> Known<Thing<'a>> {
        if let Some(thing) = self.bound_in_module(attribute, module) {
            return Ok(thing);
        }
        if module.is_package {
            let dotted = format!("{}.{attribute}", module.name);
            if let Some(submodule) = self.project_module(&dotted, span)? {
                return Ok(Thing::new(Object::Module(submodule)));
            }
        }
        match self.module_member(module, attribute, span) {
            Err(Stop::Raise(_)) => {
                let message = if module.is_complete.get() {
                    format!("cannot import name '{attribute}' from '{}'", module.name)
                } else {
                    format!(
                        "cannot import name '{attribute}' from partially initialized module '{}' (most likely due to a circular import)",
                        module.name
                    )
                };
                Err(raise(span, "ImportError", message))
            }
            result => result,
        }
    }

    fn import_star(
        &mut self,
        name: &str,
        module: Option<&Thing<'a>>,
        scope: &Scope<'a>,
        span: Span,
    ) -> Known<()> {
        match module.map(|thing| &thing.object) {
            Some(Object::Module(module)) => {
                let module = Rc::clone(module);
                if let Some(why) = module.namespace.why_open() {
                    scope.module.namespace.open(why);
                }
                if module.namespace.is_extensible.get() {
                    scope.module.namespace.is_extensible.set(true);
                }
                let listed = match module.namespace.get("__all__") {
                    Some(binding) => {
                        let value = self.value_of(&binding.thing, span)?;
                        let names = value.as_sequence().unwrap_or(&[]).iter();
                        Some(
                            names
                                .filter_map(|name| Some(self.arena.name(name.as_str()?)))
                                .collect::<Vec<_>>(),
                        )
                    }
                    None => None,
                };
                let all = module.namespace.entries();
                let public = all
                    .iter()
                    .map(|(name, _)| *name)
                    .filter(|name| !name.starts_with('_'));
                for name in listed.unwrap_or_else(|| public.collect()) {
                    let thing = self.member_to_import(&module, name, span)?;
                    self.bind_name(name, thing, scope, span);
                }
            }
            Some(Object::External(external)) if &**external == "metaflow" => {
                for public in metaflow::public_names() {
                    self.bind_name(
                        public,
                        Thing::external(&format!("metaflow.{public}")),
                        scope,
                        span,
                    );
                }
                scope.module.namespace.is_extensible.set(true);
            }
            Some(_) | None => {
                let why = opaque(span, format!("it may come from `from {name} import *`"));
                scope.module.namespace.open(why);
            }
        }
        Ok(())
    }

    /// The absolute name of `from ..package import x`.
    fn relative(&mut self, name: &str, level: u32, scope: &Scope<'a>, span: Span) -> Known<String> {
        let module = &scope.module;
        let mut package: Vec<&str> = module.name.split('.').collect();
        if module.name == "__main__" {
            // Not a package when it is run as a script; the names are found beside it all the same.
            let why = raise(
                span,
                "ImportError",
                "attempted relative import with no known parent package",
            );
            match why {
                Stop::Raise(why) if self.is_guarded() => self.report(&why),
                why => return Err(why),
            }
            return Ok(name.to_owned());
        }
        let mut up = level as usize - usize::from(module.is_package);
        while up > 0 {
            if package.pop().is_none() {
                break;
            }
            up -= 1;
        }
        if package.is_empty() {
            let message = "attempted relative import beyond top-level package";
            return Err(raise(span, "ImportError", message));
        }
        let mut absolute = package.join(".");
        if !name.is_empty() {
            absolute.push('.');
            absolute.push_str(name);
        }
        let is_there = self.project_module(&absolute, span)?.is_some();
        if !is_there && !name.is_empty() {
            return Err(raise(
                span,
                "ModuleNotFoundError",
                format!("No module named '{absolute}'"),
            ));
        }
        Ok(absolute)
    }

    /// `import name`: the module itself, the last of a dotted name.
    pub fn import(&mut self, name: &str, span: Span) -> Known<Thing<'a>> {
        if name == "__main__"
            && let Some(module) = &self.entry_module
        {
            return Ok(Thing::new(Object::Module(Rc::clone(module))));
        }
        if let Some(module) = self.project_module(name, span)? {
            return Ok(Thing::new(Object::Module(module)));
        }
        if let Some(module) = name.strip_prefix("metaflow.")
            && let Some((package, missing)) = metaflow::missing_module(module)
        {
            self.note_foreign(&package, &missing, "ModuleNotFoundError", span);
            self.doubt();
        }
        self.doubt_import(name, span);
        Ok(Thing::external(name))
    }

    /// `sys.modules[key]`
    pub fn loaded_module(&mut self, key: &Thing<'a>, span: Span) -> Known<Thing<'a>> {
        let name = self.text_argument(key, span)?;
        let loaded = self.modules.get(&name).cloned().flatten();
        let entry = self.entry_module.clone().filter(|_| name == "__main__");
        match entry.or(loaded) {
            Some(module) => Ok(Thing::new(Object::Module(module))),
            None => Err(super::interpreter::unknown(
                span,
                "it is a module that may be loaded",
            )),
        }
    }

    /// A module of the project by its dotted name, followed when it is met first.
    pub fn project_module(&mut self, name: &str, span: Span) -> Known<Option<Rc<Module<'a>>>> {
        if let Some(known) = self.modules.get(name) {
            return Ok(known.clone());
        }
        let (parent, last) = match name.rsplit_once('.') {
            None => {
                if standard::is_preloaded(name) || name == "metaflow" {
                    return Ok(None);
                }
                (None, name)
            }
            Some((parent_name, last)) => {
                let Some(parent) = self.project_module(parent_name, span)? else {
                    return Ok(None);
                };
                if !parent.is_package {
                    let message = format!("No module named '{name}'; '{parent_name}' is not a package");
                    return Err(raise(span, "ModuleNotFoundError", message));
                }
                (Some(parent), last)
            }
        };
        let located = match &parent {
            Some(parent) => self.locate(&parent.folder, last),
            None => self.locate_top(last),
        };
        let Some(found) = located else {
            self.modules.insert(name.to_owned(), None);
            return Ok(None);
        };
        let module = self.load(name, found, span)?;
        if let (Some(parent), Some(module)) = (parent, &module) {
            let thing = Thing::new(Object::Module(Rc::clone(module)));
            let last = self.arena.name(last);
            let is_running = self
                .entry_module
                .as_ref()
                .is_some_and(|entry| !entry.is_complete.get());
            if parent.namespace.get(last).is_none() {
                parent.namespace.set(last, Binding { thing, span });
            } else if is_running {
                // `x = 1` in `pkg/__init__.py` gives way to `import pkg.x`.
                let namespace = Rc::clone(&parent.namespace);
                self.bind(&namespace, last, Binding { thing, span });
            }
        }
        Ok(module)
    }

    /// A module or a package goes before a mere folder that comes earlier.
    fn locate_top(&self, name: &str) -> Option<Located> {
        let folders = self.search_folders(name);
        let mut found = folders.iter().filter_map(|folder| self.locate(folder, name));
        let first = found.next()?;
        if matches!(first, Located::File(..)) {
            return Some(first);
        }
        let file = found.find(|found| matches!(found, Located::File(..)));
        file.or(Some(first))
    }

    /// Where a module of this name lies in a folder: a package, a file, or a folder of modules.
    fn locate(&self, folder: &Path, name: &str) -> Option<Located> {
        let package = folder.join(name);
        let is_folder = self.inputs.files.is_folder(&package);
        if is_folder {
            let init = package.join("__init__.py");
            if let Ok(Some(bytes)) = self.inputs.files.read(&init) {
                return Some(Located::File(init, bytes, Some(package)));
            }
        }
        let file = folder.join(format!("{name}.py"));
        if let Ok(Some(bytes)) = self.inputs.files.read(&file) {
            return Some(Located::File(file, bytes, None));
        }
        is_folder.then_some(Located::Namespace(package))
    }

    fn load(&mut self, name: &str, found: Located, span: Span) -> Known<Option<Rc<Module<'a>>>> {
        match found {
            Located::Namespace(folder) => {
                // A folder without `__init__.py` gives way to an installed package; its own modules may be imported.
                let parsed = self.parsed_file(&folder, b"");
                let module = self.new_module(name, parsed, true, folder);
                module.namespace.open(opaque(
                    span,
                    format!("`{name}` is a folder without `__init__.py`"),
                ));
                module.is_complete.set(true);
                self.modules.insert(name.to_owned(), Some(Rc::clone(&module)));
                Ok(Some(module))
            }
            Located::File(path, bytes, package) => {
                if self.depth_of_modules() > MOST_MODULES_DEEP {
                    return Ok(None);
                }
                self.files_read.push(path.clone());
                let parsed = self.parsed_file(&path, &bytes);
                let is_package = package.is_some();
                let folder =
                    package.unwrap_or_else(|| path.parent().map(Path::to_path_buf).unwrap_or_default());
                let module = self.new_module(name, parsed, is_package, folder);
                self.modules.insert(name.to_owned(), Some(Rc::clone(&module)));
                let is_deep = self.deeper(span, |this| this.run_module(&module, parsed));
                match is_deep {
                    Err(Stop::Raise(why)) => {
                        self.modules.remove(name);
                        Err(Stop::Raise(why))
                    }
                    Err(Stop::Unknown(why)) => {
                        module.namespace.open(why);
                        Ok(Some(module))
                    }
                    Ok(()) => Ok(Some(module)),
                }
            }
        }
    }

    fn depth_of_modules(&self) -> u32 {
        let unfinished = self
            .modules
            .values()
            .flatten()
            .filter(|module| !module.is_complete.get());
        u32::try_from(unfinished.count()).unwrap_or(u32::MAX)
    }

    fn parsed_file(&mut self, path: &Path, bytes: &[u8]) -> &'a Parsed {
        if let Some(Some(parsed)) = self.parsed.get(path) {
            return parsed;
        }
        let parsed = parse(
            path.to_path_buf(),
            bytes,
            &mut self.sources,
            &mut self.diagnostics,
        );
        if parsed.is_partial {
            self.partial.insert(parsed.source);
        }
        let parsed = self.arena.keep(parsed);
        self.parsed.insert(path.to_path_buf(), Some(parsed));
        parsed
    }

    pub fn parse_entry(&mut self, path: &Path, bytes: &[u8]) -> &'a Parsed {
        self.files_read.push(path.to_path_buf());
        self.parsed_file(path, bytes)
    }
}

enum Located {
    /// A file with its content, and the folder where it is a package.
    File(PathBuf, Vec<u8>, Option<PathBuf>),
    Namespace(PathBuf),
}
