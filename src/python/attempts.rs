//! `try`: which handler catches what is raised, and what is known where nobody can tell.
//! A `try` whose body met a doubt (`super::doubts`) may have gone to any of its handlers.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has many kinds of expressions"
)]

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::branch::{Change, Tried};
use super::follow::Flow;
use super::interpreter::{self, Interpreter, Known, Stop, opaque};
use super::library;
use super::object::{Class, Object, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::{Unknown, Why};

/// How the body of a `try` ended.
struct Attempt<'a> {
    result: Known<Flow<'a>>,
    tried: Tried<'a>,
    /// Why it may have ended before, with an exception.
    doubt: Option<Unknown>,
}

/// What is raised.
enum Raised<'a> {
    Builtin(&'static str),
    Project(Rc<Class<'a>>),
    Unknown,
}

/// One of the ways that a program may have gone: how it ended, what it bound.
type Outcome<'a> = (Flow<'a>, Vec<Change<'a>>);

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
        let Attempt { result, tried, doubt } = self.attempt(node, scope);
        if let Some(why) = doubt {
            return self.follow_doubtful(node, result, &why, tried, scope);
        }
        self.adopt(tried.changes);
        match result {
            Err(Stop::Raise(raised)) => self.follow_raised(node, &raised, scope),
            Ok(Flow::Normal) => self.run(&node.orelse, scope),
            result => result,
        }
    }

    /// Follows the body of a `try`.
    fn attempt(&mut self, node: &'a ast::StmtTry, scope: &Scope<'a>) -> Attempt<'a> {
        let span = self.span(scope, node.range);
        let caught = opaque(span, "it depends on whether an exception is caught");
        let (doubts, imports) = (self.doubts.get(), self.import_doubts);
        let attributes = self.attributes_tried;
        self.attributes_tried = attributes.max(self.attributes_caught(node, scope));
        let around = self.import_in_doubt.take();
        let (result, tried) = self.in_tried_branch(&caught, |this| this.run(&node.body, scope));
        self.attributes_tried = attributes;
        let import = std::mem::replace(&mut self.import_in_doubt, around);
        let met = self.doubts.get() - doubts;
        if met > 0 {
            let are_imports = met == self.import_doubts - imports;
            if self.catches_all(node, are_imports, scope) {
                // What is around this `try` need not care.
                self.doubts.set(doubts);
                self.import_doubts = imports;
            }
        }
        let doubt = (met > 0).then(|| import.unwrap_or(caught));
        Attempt { result, tried, doubt }
    }

    /// Does none of the exceptions that may have been raised pass the handlers?
    fn catches_all(&mut self, node: &'a ast::StmtTry, are_imports: bool, scope: &Scope<'a>) -> bool {
        let least = if are_imports { "ImportError" } else { "Exception" };
        handlers(node).any(|handler| self.catches(handler, &Raised::Builtin(least), scope) == Some(true))
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
            } else if text.contains("Exception") || text.contains("ImportError") {
                interpreter::Tried::Installed
            } else {
                interpreter::Tried::None
            }
        });
        caught.max().unwrap_or(interpreter::Tried::None)
    }

    /// The body of a `try` raised an exception, which goes to one of its handlers or on.
    fn follow_raised(
        &mut self,
        node: &'a ast::StmtTry,
        raised: &Unknown,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let kind = self.kind_of_raised(raised);
        // What a group holds decides which `except*` takes parts of it.
        let is_group = matches!(&kind, Raised::Builtin(name) if name.ends_with("ExceptionGroup"));
        let why = opaque(raised.span, "it depends on which exception is caught");
        if node.is_star && (is_group || matches!(kind, Raised::Unknown)) {
            return self.follow_parts(node, raised, &why, scope);
        }
        let mut possible = Vec::new();
        let mut is_sure = false;
        for handler in handlers(node) {
            let catches = self.catches(handler, &kind, scope);
            if catches != Some(false) {
                possible.push(handler);
            }
            is_sure = catches == Some(true);
            if is_sure {
                break;
            }
        }
        if let ([only], true) = (possible.as_slice(), is_sure) {
            return self.follow_handler(only, raised, scope);
        }
        if !is_sure && !possible.is_empty() {
            self.doubt();
        }
        let mut outcomes = Vec::new();
        let mut stop = Stop::Raise(raised.clone());
        for handler in possible {
            match self.in_branch(&why, |this| this.follow_handler(handler, raised, scope)) {
                (Ok(ended), changes) => outcomes.push((ended, changes)),
                // A handler that ends the program did not run, or there is no program.
                (Err(stopped), _) => {
                    self.doubt();
                    stop = stopped;
                }
            }
        }
        self.join(outcomes, &why).ok_or(stop)
    }

    /// `except*`: each of the handlers may run, one after the other.
    fn follow_parts(
        &mut self,
        node: &'a ast::StmtTry,
        raised: &Unknown,
        why: &Unknown,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        self.doubt();
        for handler in handlers(node) {
            let (_, changes) = self.in_branch(why, |this| this.follow_handler(handler, raised, scope));
            self.forget(changes, why);
        }
        Ok(Flow::Normal)
    }

    /// A `try` whose body may have raised something: a handler may have run.
    fn follow_doubtful(
        &mut self,
        node: &'a ast::StmtTry,
        result: Known<Flow<'a>>,
        why: &Unknown,
        tried: Tried<'a>,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let exception = opaque(why.span, "it is an exception");
        if !handlers(node).all(|handler| leaves(&handler.body)) {
            self.lose_changed(&tried, why);
        }
        if node.is_star {
            self.forget(tried.changes, why);
            let (ended, changes) = self.in_branch(why, |this| match result {
                Ok(Flow::Normal) => this.run(&node.orelse, scope),
                result => result,
            });
            self.forget(changes, why);
            let parts = self.follow_parts(node, &exception, why, scope)?;
            return Ok(self.either_flow(ended.unwrap_or(Flow::Normal), parts, why));
        }
        let mut outcomes = Vec::new();
        let mut stop = None;
        for handler in handlers(node) {
            let (ended, changes) = self.in_branch(why, |this| {
                this.lose_bound(&tried.changes, why);
                this.follow_handler(handler, &exception, scope)
            });
            match ended {
                Ok(ended) => outcomes.push((ended, changes)),
                // A handler that ends the program did not run, or there is no program.
                Err(stopped) => {
                    self.doubt();
                    if stop.is_none() && self.may_catch_result(handler, &result, scope) {
                        stop = Some(stopped);
                    }
                }
            }
        }
        if outcomes.is_empty() {
            self.adopt(tried.changes);
            return match result {
                Ok(Flow::Normal) => self.run(&node.orelse, scope),
                Err(Stop::Raise(raised)) => Err(stop.unwrap_or(Stop::Raise(raised))),
                result => result,
            };
        }
        let (ended, changes) = self.in_branch(why, |this| {
            this.adopt(tried.changes);
            match result {
                Ok(Flow::Normal) => this.run(&node.orelse, scope),
                result => result,
            }
        });
        match ended {
            Ok(ended) => outcomes.insert(0, (ended, changes)),
            Err(_) => self.doubt(),
        }
        Ok(self.join(outcomes, why).unwrap_or(Flow::Normal))
    }

    fn may_catch_result(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        result: &Known<Flow<'a>>,
        scope: &Scope<'a>,
    ) -> bool {
        let Err(Stop::Raise(raised)) = result else {
            return false;
        };
        let kind = self.kind_of_raised(raised);
        self.catches(handler, &kind, scope) != Some(false)
    }

    /// One of several pieces of code ran; nothing where there is none.
    fn join(&mut self, outcomes: Vec<Outcome<'a>>, why: &Unknown) -> Option<Flow<'a>> {
        let mut outcomes = outcomes.into_iter();
        let (mut flow, mut changes) = outcomes.next()?;
        for (other, other_changes) in outcomes {
            self.leak_result(&flow);
            self.leak_result(&other);
            let ((), merged) = self.in_branch(why, |this| this.merge(changes, other_changes, why));
            changes = merged;
            flow = self.either_flow(flow, other, why);
        }
        self.adopt(changes);
        Some(flow)
    }

    /// Remembers what a `raise` raises where its class is no builtin.
    pub(super) fn note_raised_class(&mut self, thing: &Thing<'a>, span: Span) {
        let class = match &thing.object {
            Object::Class(class) => Some(Rc::clone(class)),
            Object::Instance(instance) => Some(Rc::clone(&instance.class)),
            _ if self.exception_names(thing).is_some() => {
                self.raised_classes.remove(&span);
                return;
            }
            _ => None,
        };
        self.raised_classes.insert(span, class);
    }

    fn kind_of_raised(&self, raised: &Unknown) -> Raised<'a> {
        match (&raised.why, self.raised_classes.get(&raised.span)) {
            (Why::Raises { .. }, Some(Some(class))) => Raised::Project(Rc::clone(class)),
            (Why::Raises { .. }, Some(None)) => Raised::Unknown,
            (Why::Raises { exception, .. }, None) => Raised::Builtin(exception),
            (Why::Runtime { .. }, _) => Raised::Builtin("NameError"),
            (Why::Placeholder { .. } | Why::HalfCharacter { .. }, _) => Raised::Builtin("TypeError"),
            (Why::Opaque { .. }, _) => Raised::Unknown,
        }
    }

    /// Does a handler take the exception?
    fn catches(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        raised: &Raised<'a>,
        scope: &Scope<'a>,
    ) -> Option<bool> {
        let Some(kind) = &handler.type_ else {
            return Some(true);
        };
        let doubts = self.doubts.get();
        let kind = self.evaluate(kind, scope);
        self.doubts.set(doubts);
        let kind = kind.ok()?;
        let kinds = match &kind.object {
            Object::Tuple(kinds) => kinds.to_vec(),
            _ => vec![kind],
        };
        let mut is_sure = true;
        for kind in kinds {
            match self.is_caught(raised, &kind) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_sure = false,
            }
        }
        is_sure.then_some(false)
    }

    /// Is what is raised an object of the class that a handler names?
    fn is_caught(&mut self, raised: &Raised<'a>, kind: &Thing<'a>) -> Option<bool> {
        let builtin = match &kind.object {
            Object::External(name) => name.strip_prefix("builtins."),
            _ => None,
        };
        if matches!(builtin, Some("Exception" | "BaseException")) && !matches!(raised, Raised::Builtin(_)) {
            return Some(true);
        }
        match raised {
            Raised::Unknown => None,
            Raised::Builtin("FrozenInstanceError") => match &kind.object {
                Object::External(name) if &**name == "dataclasses.FrozenInstanceError" => Some(true),
                _ => self.is_caught(&Raised::Builtin("AttributeError"), kind),
            },
            Raised::Builtin(exception) => match &kind.object {
                Object::External(_) => {
                    let (name, above) = library::exception(exception)?;
                    let caught = builtin?;
                    Some(caught == name || above.contains(&caught))
                }
                Object::Class(_) => library::exception(exception).map(|_| false),
                _ => None,
            },
            Raised::Project(class) => self.derives_from_caught(class, kind),
        }
    }

    fn derives_from_caught(&mut self, class: &Rc<Class<'a>>, kind: &Thing<'a>) -> Option<bool> {
        let bases = self.external_bases(class);
        let all_known = bases.iter().all(|base| {
            let name = base.as_deref().and_then(|name| name.strip_prefix("builtins."));
            name.is_some_and(|name| name == "object" || library::exception(name).is_some())
        });
        let is_caught = match &kind.object {
            Object::Class(caught) => {
                let order = self.resolution_order(class);
                order.iter().any(|above| Rc::ptr_eq(above, caught))
            }
            Object::External(caught) => bases.iter().flatten().any(|base| {
                let name = base.strip_prefix("builtins.").unwrap_or("");
                let caught_name = caught.strip_prefix("builtins.").unwrap_or(caught);
                *base == *caught
                    || library::exception(name).is_some_and(|(_, above)| above.contains(&caught_name))
            }),
            _ => return None,
        };
        match (is_caught, all_known) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
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

fn handlers(node: &ast::StmtTry) -> impl Iterator<Item = &ast::ExceptHandlerExceptHandler> {
    node.handlers.iter().map(|handler| {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        handler
    })
}

/// Does a handler end what it stands in: `raise`, `sys.exit(1)`?
fn leaves(body: &[Stmt]) -> bool {
    match body.last() {
        Some(Stmt::Raise(_)) => true,
        Some(Stmt::Expr(node)) => match &*node.value {
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => matches!(name.id.as_str(), "exit" | "quit"),
                Expr::Attribute(attribute) => matches!(attribute.attr.as_str(), "exit" | "_exit"),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}
