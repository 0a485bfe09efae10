//! The names of a scope as a dict, and what binds names behind the grammar's back: `globals()["X"] = 1`,
//! `vars(settings)`, `exec`, `eval`, `builtins.len = …`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some statements are followed as text"
)]

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::Stmt;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, opaque, raise, settle, unknown};
use super::namespace::Namespace;
use super::object::{Binding, Object, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::{Unknown, Value};

impl<'a> Interpreter<'a> {
    /// `globals()`, `locals()`, `vars()`, `exec(…)`, `eval(…)`: what they are depends on where they stand.
    pub fn scope_builtin(
        &mut self,
        name: &str,
        given: &Given<'a>,
        scope: &Scope<'a>,
        span: Span,
    ) -> Option<Evaluation<'a>> {
        match name {
            "builtins.globals" => Some(Ok(names(&scope.module.namespace))),
            "builtins.locals" | "builtins.vars" if given.arguments.is_empty() => {
                Some(match scope.own_names() {
                    Some(own) => Ok(names(own)),
                    None => Err(unknown(span, "it holds the names of a function")),
                })
            }
            "builtins.vars" => {
                let [argument] = given.arguments.as_slice() else {
                    return None;
                };
                Some(self.names_of(&argument.thing, span))
            }
            "builtins.exec" | "builtins.eval" => Some(self.run_text(name, given, scope, span)),
            _ => None,
        }
    }

    /// `thing.__dict__`
    pub fn names_of(&mut self, thing: &Thing<'a>, span: Span) -> Evaluation<'a> {
        match &thing.object {
            Object::Module(module) => Ok(names(&module.namespace)),
            Object::Instance(instance) => Ok(names(&instance.attributes)),
            Object::Function(function) => Ok(names(&function.attributes)),
            Object::External(name) if &**name == "builtins" => Ok(Thing::external("builtins.__dict__")),
            _ => Err(unknown(span, "it holds the attributes of an object")),
        }
    }

    fn run_text(&mut self, name: &str, given: &Given<'a>, scope: &Scope<'a>, span: Span) -> Evaluation<'a> {
        let short = name.strip_prefix("builtins.").unwrap_or(name);
        let reason = format!("`{short}` may change any name (line {})", self.line(span));
        let why = opaque(span, reason);
        let mut positional = given.positional();
        let text = positional.next().map(|argument| argument.thing.clone());
        let is_of_module = match positional.next().map(|argument| &argument.thing.object) {
            None => false,
            Some(Object::Names(names)) => Rc::ptr_eq(names, &scope.module.namespace),
            Some(_) => {
                // It has names of its own.
                for argument in given.arguments.iter().skip(1) {
                    self.spoil(&argument.thing, &why);
                }
                return Err(Stop::Unknown(why));
            }
        };
        let is_plain = given.arguments.len() <= 2 && given.unknown.is_none();
        let scope = if is_of_module {
            Scope::of_module(Rc::clone(&scope.module))
        } else {
            scope.clone()
        };
        if let Some(Object::Constant(Value::Str(text))) = text.as_ref().map(|text| &text.object)
            && is_plain
            && let Some(result) = self.follow_text(short, text, &scope, span)
        {
            return result;
        }
        self.note_unknown_run();
        scope.module.namespace.lose(&why);
        if let Some(own) = scope.own_names() {
            own.lose(&why);
        }
        Err(Stop::Unknown(why))
    }

    /// Follows a text of simple statements, or an expression; nothing where it is more than that.
    fn follow_text(
        &mut self,
        name: &str,
        text: &str,
        scope: &Scope<'a>,
        span: Span,
    ) -> Option<Evaluation<'a>> {
        if ["lambda", "exec", "eval", "yield", "await"]
            .iter()
            .any(|word| text.contains(word))
        {
            return None;
        }
        let text = if name == "eval" { text.trim() } else { text };
        let Some(parsed) = self.parse_text(text, span) else {
            return Some(Err(raise(span, "SyntaxError", "invalid syntax")));
        };
        let is_simple = |statement: &Stmt| {
            matches!(
                statement,
                Stmt::Assign(_)
                    | Stmt::AugAssign(_)
                    | Stmt::AnnAssign(_)
                    | Stmt::Expr(_)
                    | Stmt::Delete(_)
                    | Stmt::Pass(_)
            )
        };
        // In a function only what it gives can be seen.
        let is_followed = parsed.body.iter().all(is_simple) && scope.own_names().is_some();
        if name == "exec" && !is_followed {
            return None;
        }
        let before = self.fixed_span.replace(span);
        let result = match (name, parsed.body.as_slice()) {
            ("eval", [Stmt::Expr(statement)]) => self.evaluate(&statement.value, scope),
            ("eval", _) => Err(raise(span, "SyntaxError", "invalid syntax")),
            (_, body) => {
                self.catchers += 1;
                let ended = self.run(body, scope);
                self.catchers -= 1;
                ended.map(|_| Thing::constant(Value::None))
            }
        };
        self.fixed_span = before;
        Some(result)
    }

    /// `names[key]`
    pub fn name_item(&mut self, names: &Namespace<'a>, key: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let name = self.text_argument(key, span)?;
        match names.get(&name) {
            Some(binding) => Ok(binding.thing),
            None if name.starts_with("__") || names.is_of_function.get() => {
                Err(unknown(span, "it is not followed"))
            }
            None => match names.why_open() {
                Some(why) => Err(Stop::Unknown(Unknown { span, why: why.why })),
                None => Err(raise(span, "KeyError", Value::str(name).to_repr())),
            },
        }
    }

    /// `key in names`
    pub fn has_name(&mut self, names: &Namespace<'a>, key: &Thing<'a>, span: Span) -> Known<bool> {
        match settle(self.name_item(names, key, span)) {
            Ok(thing) => match thing.why() {
                Some(why) if names.get(&self.text_argument(key, span)?).is_none() => {
                    Err(Stop::Unknown(why.clone()))
                }
                Some(_) | None => Ok(true),
            },
            Err(_) => Ok(false),
        }
    }

    /// `names[key] = thing`
    pub fn set_name(&mut self, names: &Rc<Namespace<'a>>, key: &Thing<'a>, thing: Thing<'a>, span: Span) {
        if let Object::Constant(Value::Str(name)) = &key.object {
            let name = self.arena.name(name);
            self.bind(names, name, Binding { thing, span });
        } else {
            let reason = format!("a name that is computed is set (line {})", self.line(span));
            names.lose(&opaque(span, reason));
        }
    }

    /// `del names[key]`
    pub fn delete_name(&mut self, names: &Rc<Namespace<'a>>, key: &Thing<'a>, span: Span) -> Known<()> {
        if let Object::Constant(Value::Str(name)) = &key.object {
            let name = self.arena.name(name);
            if !self.remove(names, name) && !names.may_have_more() && !names.is_of_function.get() {
                return Err(raise(span, "KeyError", Value::str(name).to_repr()));
            }
        } else {
            let reason = format!("a name that is computed is taken away (line {})", self.line(span));
            names.lose(&opaque(span, reason));
        }
        Ok(())
    }

    /// Methods of a dict of names.
    pub fn call_names_method(
        &mut self,
        names: &Rc<Namespace<'a>>,
        method: &str,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let none = Thing::constant(Value::None);
        match method {
            "get" => {
                let [Some(key), default] = given.bound(method, ["key", "default"], span)? else {
                    return Err(unknown(span, "`get` without a key"));
                };
                match self.name_item(names, &key, span) {
                    Err(Stop::Raise(_)) => Ok(default.unwrap_or(none)),
                    found => found,
                }
            }
            "setdefault" => {
                let [Some(key), default] = given.bound(method, ["key", "default"], span)? else {
                    return Err(unknown(span, "`setdefault` without a key"));
                };
                match self.name_item(names, &key, span) {
                    Err(Stop::Raise(_)) => {
                        let value = default.unwrap_or(none);
                        self.set_name(names, &key, value.clone(), span);
                        Ok(value)
                    }
                    Err(stop) => {
                        self.set_name(
                            names,
                            &key,
                            Thing::unknown(opaque(span, "it may be set here")),
                            span,
                        );
                        Err(stop)
                    }
                    found => found,
                }
            }
            "pop" => {
                let [Some(key), default] = given.bound(method, ["key", "default"], span)? else {
                    return Err(unknown(span, "`pop` without a key"));
                };
                match (self.name_item(names, &key, span), default) {
                    (Err(Stop::Raise(_)), Some(default)) => Ok(default),
                    (found, _) => {
                        self.delete_name(names, &key, span)?;
                        found
                    }
                }
            }
            "update" => {
                let mut entries = Vec::new();
                let known = match given.positional().next() {
                    Some(other) => self.pairs(&other.thing, span),
                    None => Ok(Vec::new()),
                };
                match (known, given.unknown.clone()) {
                    (Ok(pairs), None) => entries.extend(pairs),
                    (Err(Stop::Unknown(why)), _) | (Ok(_), Some(why)) => {
                        let why = if names.is_of_function.get() {
                            self.copied(span)
                        } else {
                            why
                        };
                        names.lose(&why);
                        return Err(Stop::Unknown(why));
                    }
                    (Err(raised), None | Some(_)) => return Err(raised),
                }
                let named = given.keywords();
                entries.extend(
                    named.map(|(name, argument)| (Thing::constant(Value::str(name)), argument.thing.clone())),
                );
                for (key, thing) in entries {
                    self.set_name(names, &key, thing, span);
                }
                Ok(none)
            }
            "__setitem__" => {
                let [Some(key), Some(thing)] = given.bound(method, ["key", "value"], span)? else {
                    return Err(unknown(span, "`__setitem__` needs two arguments"));
                };
                self.set_name(names, &key, thing, span);
                Ok(none)
            }
            "keys" | "values" | "items" | "copy" | "__getitem__" | "__contains__" | "__len__"
            | "__iter__" => Err(unknown(
                span,
                format!("`{method}` of a scope's names is not followed"),
            )),
            _ => {
                let reason = format!(
                    "`{method}` changes the names of a scope (line {})",
                    self.line(span)
                );
                let why = opaque(span, reason);
                names.lose(&why);
                Err(Stop::Unknown(why))
            }
        }
    }

    /// What the program put in the place of something outside of the project: `os.getenv = read`.
    pub fn patched(&self, external: &str, name: &str) -> Option<Thing<'a>> {
        if self.patches.is_empty() {
            return None;
        }
        let binding = self.patches.get(&format!("{external}.{name}"))?;
        Some(binding.thing)
    }

    /// `os.getenv = read`
    pub fn patch(&mut self, external: &str, name: &str, binding: Binding<'a>) {
        let name = self.arena.name(&format!("{external}.{name}"));
        let patches = Rc::clone(&self.patches);
        self.bind(&patches, name, binding);
    }

    /// `builtins.__dict__["zed"] = 4`
    pub(super) fn set_builtin(&mut self, key: &Thing<'a>, thing: Thing<'a>, span: Span) {
        if let Object::Constant(Value::Str(name)) = &key.object {
            self.patch("builtins", &Arc::clone(name), Binding { thing, span });
        } else {
            self.open_builtins(span);
        }
    }

    /// `builtins.__dict__.update(names)`: any name may be a builtin one from now on.
    pub(super) fn open_builtins(&mut self, span: Span) {
        let reason = format!("builtin names are set (line {})", self.line(span));
        self.patches.open(opaque(span, reason));
    }
}

/// The names of `builtins` as a dict; `__builtins__` itself is one in imported modules.
pub(super) fn is_of_builtins(external: &str) -> bool {
    matches!(external, "builtins" | "builtins.__dict__")
}

pub(super) fn names<'a>(namespace: &Rc<Namespace<'a>>) -> Thing<'a> {
    Thing::new(Object::Names(Rc::clone(namespace)))
}

impl Namespace<'_> {
    /// What its names hold is not known any more, whatever is bound later is; definitions and imports stay.
    pub(super) fn lose(&self, why: &Unknown) {
        for (name, binding) in self.entries() {
            let is_definition = match &binding.thing.object {
                Object::Applied(applied) => applied.callee.starts_with("metaflow."),
                Object::Class(_)
                | Object::Function(_)
                | Object::Method(_)
                | Object::Partial(_)
                | Object::Module(_)
                | Object::External(_)
                | Object::Names(_)
                | Object::Unknown(_) => true,
                _ => false,
            };
            if is_definition {
                continue;
            }
            super::branch::spoil(&binding.thing.object, why, 0);
            let thing = Thing::unknown(why.clone());
            let span = binding.span;
            self.set(name, Binding { thing, span });
        }
        self.open(why.clone());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }
}
