//! `try`: which handler catches what is raised, and what is known where nobody can tell.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has many kinds of expressions"
)]

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

use super::branch::Tried;
use super::follow::{Flow, either_flow};
use super::interpreter::{Interpreter, Known, Stop, opaque, raise};
use super::object::{Object, Thing};
use super::scope::Scope;
use super::{interpreter, library, standard};
use crate::source::Span;
use crate::value::{Unknown, Why};

impl<'a> Interpreter<'a> {
    pub(super) fn follow_try(&mut self, node: &'a ast::StmtTry, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let result = self.follow_try_body(node, scope);
        let ended = self.run(&node.finalbody, scope)?;
        match ended {
            Flow::Normal => result,
            Flow::Return(_) | Flow::Break | Flow::Continue | Flow::Lost(_) | Flow::Astray(_) => Ok(ended),
        }
    }

    fn follow_try_body(&mut self, node: &'a ast::StmtTry, scope: &Scope<'a>) -> Known<Flow<'a>> {
        if node.handlers.is_empty() {
            return self.run(&node.body, scope);
        }
        if let Some((span, module)) = self.import_that_may_fail(node, scope) {
            let why = opaque(span, format!("it depends on whether `{module}` can be imported"));
            return self.follow_either(
                &why,
                |this| this.follow_caught(node, scope),
                |this| this.follow_handler_of(node, "ImportError", scope),
            );
        }
        self.follow_caught(node, scope)
    }

    /// `try: import torch` with a handler: both ways are possible.
    fn import_that_may_fail(&self, node: &'a ast::StmtTry, scope: &Scope<'a>) -> Option<(Span, String)> {
        let names = |handler: &ast::ExceptHandler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            handler.type_.as_ref().is_none_or(|kind| {
                let text = self.text(self.span(scope, kind.range()));
                ["ImportError", "ModuleNotFoundError", "Exception"]
                    .iter()
                    .any(|name| text.contains(name))
            })
        };
        if !node.handlers.iter().any(names) {
            return None;
        }
        node.body.iter().find_map(|statement| {
            let (module, level) = match statement {
                Stmt::Import(import) => (import.names.first()?.name.as_str(), 0),
                Stmt::ImportFrom(import) => (import.module.as_ref()?.as_str(), import.level),
                _ => return None,
            };
            let top = module.split('.').next().unwrap_or(module);
            let is_sure =
                level > 0 || top == "metaflow" || standard::is_standard(top) || self.is_in_project(top);
            (!is_sure).then(|| (self.span(scope, statement.range()), module.to_owned()))
        })
    }

    /// The missing attributes that handlers are written for.
    fn attributes_caught(&self, node: &ast::StmtTry, scope: &Scope<'a>) -> interpreter::Tried {
        let caught = node.handlers.iter().map(|handler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            let Some(kind) = &handler.type_ else {
                return interpreter::Tried::Installed;
            };
            let text = self.text(self.span(scope, kind.range()));
            if text.contains("AttributeError") {
                interpreter::Tried::All
            } else if text.contains("Exception") {
                interpreter::Tried::Installed
            } else {
                interpreter::Tried::None
            }
        });
        caught.max().unwrap_or(interpreter::Tried::None)
    }

    /// `random.foo` within a `try` may be what its handlers are for.
    pub(super) fn doubt_attribute(&mut self, external: &str) {
        let top = external.split('.').next().unwrap_or(external);
        let is_doubtful = match self.attributes_tried {
            interpreter::Tried::None => false,
            interpreter::Tried::Installed => top != "builtins" && !standard::is_standard(top),
            interpreter::Tried::All => top != "builtins",
        };
        if is_doubtful && top != "metaflow" {
            self.doubts += 1;
        }
    }

    /// The body of a `try`, whose exceptions go to its handlers.
    fn follow_caught(&mut self, node: &'a ast::StmtTry, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let span = self.span(scope, node.range);
        let why = opaque(span, "it depends on whether an exception is caught");
        let doubts = self.doubts;
        let attributes = self.attributes_tried;
        self.attributes_tried = attributes.max(self.attributes_caught(node, scope));
        let (result, tried) = self.in_tried_branch(&why, |this| this.run(&node.body, scope));
        self.attributes_tried = attributes;
        let is_doubtful = self.doubts > doubts;
        if is_doubtful && !matches!(result, Err(Stop::Raise(_))) {
            return self.follow_doubtful(node, result, tried, &why, scope);
        }
        if is_doubtful {
            self.lose_changed(&tried, &why);
            self.forget(tried.changes, &why);
        } else {
            self.adopt(tried.changes);
        }
        let raised = match result {
            Err(Stop::Raise(raised)) => raised,
            Ok(Flow::Normal) => return self.run(&node.orelse, scope),
            result => return result,
        };
        let exception = match &raised.why {
            Why::Raises { exception, .. } => *exception,
            Why::Runtime { .. } => "NameError",
            Why::Placeholder { .. } | Why::Opaque { .. } | Why::HalfCharacter { .. } => "TypeError",
        };
        for handler in &node.handlers {
            let ast::ExceptHandler::ExceptHandler(inner) = handler;
            // What a group holds decides which `except*` takes parts of it.
            let is_group = node.is_star && exception.ends_with("ExceptionGroup");
            let catches = if is_group {
                None
            } else {
                self.catches(inner, exception, scope)
            };
            match catches {
                Some(true) => return self.follow_handler(inner, &raised, scope),
                Some(false) => {}
                None => {
                    let why = opaque(raised.span, "it depends on which exception is caught");
                    return self.follow_either(
                        &why,
                        |this| this.follow_handler(inner, &raised, scope),
                        |_| Err(Stop::Raise(raised.clone())),
                    );
                }
            }
        }
        Err(Stop::Raise(raised))
    }

    /// A `try` whose body met something unknown, which may have raised an exception: a handler may have run.
    fn follow_doubtful(
        &mut self,
        node: &'a ast::StmtTry,
        result: Known<Flow<'a>>,
        tried: Tried<'a>,
        why: &Unknown,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let raised = opaque(why.span, "it is an exception");
        let mut outcomes = Vec::new();
        for handler in &node.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            let (ended, changes) = self.in_branch(why, |this| this.follow_handler(handler, &raised, scope));
            // A handler that ends the program did not run, or there is no program.
            if let Ok(ended) = ended {
                outcomes.push((ended, changes));
            }
        }
        let Some((ended, changes)) = outcomes.pop() else {
            self.adopt(tried.changes);
            return match result {
                Ok(Flow::Normal) => self.run(&node.orelse, scope),
                result => result,
            };
        };
        self.lose_changed(&tried, why);
        for (_, changes) in outcomes {
            self.forget(changes, why);
        }
        self.merge(tried.changes, changes, why);
        let (other, changes) = match result {
            Ok(Flow::Normal) => self.in_branch(why, |this| this.run(&node.orelse, scope)),
            result => (result, Vec::new()),
        };
        self.forget(changes, why);
        match other {
            Ok(other) => {
                self.leak_result(&ended);
                self.leak_result(&other);
                Ok(either_flow(ended, other, why))
            }
            Err(_) => Ok(ended),
        }
    }

    fn follow_handler_of(
        &mut self,
        node: &'a ast::StmtTry,
        exception: &'static str,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let span = self.span(scope, node.range);
        let raised = match raise(span, exception, "") {
            Stop::Raise(raised) | Stop::Unknown(raised) => raised,
        };
        for handler in &node.handlers {
            let ast::ExceptHandler::ExceptHandler(inner) = handler;
            if self.catches(inner, exception, scope) != Some(false) {
                return self.follow_handler(inner, &raised, scope);
            }
        }
        Err(Stop::Raise(raised))
    }

    /// Does a handler take the exception?
    fn catches(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        exception: &'static str,
        scope: &Scope<'a>,
    ) -> Option<bool> {
        let Some(kind) = &handler.type_ else {
            return Some(true);
        };
        let kind = self.evaluate(kind, scope).ok()?;
        let kinds = match &kind.object {
            Object::Tuple(kinds) => kinds.to_vec(),
            _ => vec![kind],
        };
        let (name, above) = library::exception(exception)?;
        let mut is_sure = true;
        for kind in kinds {
            match &kind.object {
                Object::External(external) => {
                    let external = external.strip_prefix("builtins.").unwrap_or("");
                    if external == name || above.contains(&external) {
                        return Some(true);
                    }
                    is_sure &= !external.is_empty();
                }
                Object::Class(_) => is_sure = is_sure && exception != "Exception",
                _ => is_sure = false,
            }
        }
        is_sure.then_some(false)
    }

    fn follow_handler(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        raised: &Unknown,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        if let Some(name) = &handler.name {
            let thing = Thing::unknown(opaque(raised.span, "it is an exception"));
            self.bind_name(name.as_str(), thing, scope, raised.span);
        }
        let flow = match self.run_handler(handler, scope) {
            // `raise` without an exception raises the caught one again.
            Err(Stop::Raise(Unknown {
                why: Why::Raises { message, .. },
                ..
            })) if message == "No active exception to reraise" => Err(Stop::Raise(raised.clone())),
            result => result,
        };
        if let Some(name) = &handler.name {
            self.unbind_name(name.as_str(), scope);
        }
        flow
    }

    fn run_handler(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let ends_in_raise = handler
            .body
            .last()
            .is_some_and(|last| matches!(last, Stmt::Raise(node) if node.exc.is_none()));
        if !ends_in_raise {
            return self.run(&handler.body, scope);
        }
        self.catchers += 1;
        let result = self.run(&handler.body, scope);
        self.catchers -= 1;
        result
    }
}
