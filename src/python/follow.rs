//! Statements, followed one by one as the interpreter would run them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 25 kinds of statements"
)]

use std::cell::RefCell;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::interpreter::{Interpreter, Known, Stop, opaque, raise, settle};
use super::object::{Code, Function, Object, Thing, union};
use super::raised::definition_time_exception;
use super::scope::Scope;
use super::{library, locals};
use crate::source::Span;
use crate::value::{PlaceholderUse, Unknown, Value, Why};

/// How a block of statements ends.
pub(super) enum Flow<'a> {
    Normal,
    Return(Thing<'a>),
    Break,
    Continue,
    /// Where it goes on is not known: perhaps it left the function.
    Lost(Unknown),
    /// In a loop: where it goes on is not known, but it did not leave the function.
    Astray(Unknown),
}

impl<'a> Interpreter<'a> {
    /// Follows statements. An exception that nothing catches is reported, and following goes on after it.
    pub fn run(&mut self, body: &'a [Stmt], scope: &Scope<'a>) -> Known<Flow<'a>> {
        // How it ends where an earlier statement may have ended it, under a condition that is not known.
        let mut maybe_ended: Option<Flow<'a>> = None;
        let begins_statements = std::mem::take(&mut self.begins_statements);
        for (index, statement) in body.iter().enumerate() {
            if begins_statements {
                self.begin_statement();
                self.begins_statements = statement.is_class_def_stmt();
            }
            let span = self.span(scope, statement.range());
            let result = self.deeper(span, |this| this.follow(statement, scope));
            let flow = match result {
                Ok(flow) => flow,
                Err(Stop::Unknown(why)) => {
                    self.doubt();
                    self.lose_names(std::slice::from_ref(statement), scope, &why);
                    Flow::Normal
                }
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.report(&why);
                    self.lose_names(std::slice::from_ref(statement), scope, &why);
                    Flow::Normal
                }
                Err(raised) => return Err(raised),
            };
            match flow {
                Flow::Normal => {}
                Flow::Lost(ref why) | Flow::Astray(ref why) => {
                    // `if unknown: continue`: the rest may run or not.
                    let why = why.clone();
                    let rest = body.get(index + 1..).unwrap_or(&[]);
                    let (ended, changes) = self.in_branch(&why, |this| this.run(rest, scope));
                    self.forget(changes, &why);
                    self.leak_result(&flow);
                    maybe_ended = Some(match ended {
                        Ok(ended) => {
                            self.leak_result(&ended);
                            self.either_flow(flow, ended, &why)
                        }
                        Err(_) => flow,
                    });
                    break;
                }
                Flow::Return(_) | Flow::Break | Flow::Continue => return Ok(flow),
            }
        }
        Ok(maybe_ended.unwrap_or(Flow::Normal))
    }

    /// Names that statements would bind are unknown.
    pub fn lose_names(&mut self, body: &'a [Stmt], scope: &Scope<'a>, why: &Unknown) {
        for name in locals::of_block(body).bound {
            let is_definition = body.iter().any(|statement| match statement {
                Stmt::ClassDef(class) => class.name.as_str() == name,
                _ => false,
            });
            if !(is_definition && self.bound_here(name, scope).is_some()) {
                self.bind_name(name, Thing::unknown(why.clone()), scope, why.span);
            }
        }
    }

    /// An exception at module level ends the program, one in a class body is left to who knows the flow.
    pub fn report(&mut self, why: &Unknown) {
        let is_raised = matches!(why.why, Why::Raises { .. });
        if self.class_depth > 0 || !is_raised {
            self.note_raised(why);
            return;
        }
        let is_known = self.raised.iter().any(|known| known.span == why.span);
        if !self.has_run && !is_known && self.reported.insert(why.span) {
            self.diagnostics.push(definition_time_exception(why));
        }
    }

    pub(super) fn follow(&mut self, statement: &'a Stmt, scope: &Scope<'a>) -> Known<Flow<'a>> {
        match statement {
            Stmt::Expr(node) => {
                self.evaluate(&node.value, scope)?;
            }
            Stmt::Assign(node) => {
                let value = self.evaluate(&node.value, scope)?;
                for target in &node.targets {
                    self.assign(target, value.clone(), scope)?;
                }
            }
            Stmt::AnnAssign(node) => {
                self.check_variable_annotation(node, scope)?;
                if let Some(value) = &node.value {
                    let value = self.evaluate(value, scope)?;
                    self.assign(&node.target, value, scope)?;
                }
            }
            Stmt::AugAssign(node) => self.augment(node, scope)?,
            Stmt::FunctionDef(node) => self.follow_function(node, scope)?,
            Stmt::ClassDef(node) => self.follow_class(node, scope)?,
            Stmt::Import(node) => self.follow_import(node, scope)?,
            Stmt::ImportFrom(node) => self.follow_import_from(node, scope)?,
            Stmt::If(node) => return self.follow_if(node, scope),
            Stmt::For(node) => return self.follow_for(node, scope),
            Stmt::While(node) => return self.follow_while(node, scope),
            Stmt::Try(node) => return self.follow_try(node, scope),
            Stmt::With(node) => return self.follow_with(node, scope),
            Stmt::Match(node) => return self.follow_match(node, scope),
            Stmt::Return(node) => {
                let value = match &node.value {
                    Some(value) => self.evaluate(value, scope)?,
                    None => Thing::constant(Value::None),
                };
                return Ok(Flow::Return(self.under_control(value)));
            }
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(target, scope)?;
                }
            }
            Stmt::Assert(node) => self.follow_assert(node, scope)?,
            Stmt::Raise(node) => return Err(self.follow_raise(node, scope)?),
            Stmt::TypeAlias(node) => {
                if let Expr::Name(name) = &*node.name {
                    let span = self.span(scope, node.range);
                    let alias = Thing::unknown(opaque(span, "it is a type"));
                    self.bind_name(&name.id, alias, scope, span);
                }
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Normal)
    }

    fn follow_function(&mut self, node: &'a ast::StmtFunctionDef, scope: &Scope<'a>) -> Known<()> {
        let decorators = self.evaluate_decorators(&node.decorator_list, scope)?;
        let defaults = match self.defaults(Some(&node.parameters), scope) {
            Err(Stop::Raise(why)) if self.is_guarded() => {
                self.report(&why);
                Vec::new()
            }
            result => result?,
        };
        if let Some(frame) = &scope.innermost {
            self.hold(&frame.names);
        }
        let inner = self.with_type_parameters(node.type_params.as_deref(), scope);
        self.check_signature(node, &inner)?;
        let span = self.span(scope, node.name.range);
        let mut thing = Thing::new(Object::Function(Rc::new(Function {
            name: node.name.as_str(),
            source: scope.module.source,
            code: Code::Def(node),
            decorators: RefCell::default(),
            attributes: self.function_namespace(),
            is_cached: false,
            scope: inner,
            defaults: Rc::new(defaults),
        })));
        for (decorator, span) in decorators.into_iter().rev() {
            let text = self.text(span);
            let is_accessor = matches!(decorator.object, Object::Unknown(_))
                && [".setter", ".getter", ".deleter"]
                    .iter()
                    .any(|end| text.ends_with(end));
            let decorator = if is_accessor {
                Thing::external("builtins.property.setter")
            } else {
                decorator
            };
            thing = match self.decorate(&decorator, thing.clone(), span) {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.note_raised(&why);
                    settle(self.decorate(&Thing::unknown(why), thing, span))?
                }
                result => settle(result)?,
            };
        }
        self.bind_name(&node.name.id, thing, scope, span);
        Ok(())
    }

    /// The decorators of a definition, outermost first, with their spans.
    pub fn evaluate_decorators(
        &mut self,
        decorators: &'a [ast::Decorator],
        scope: &Scope<'a>,
    ) -> Known<Vec<(Thing<'a>, Span)>> {
        let mut found = Vec::with_capacity(decorators.len());
        for decorator in decorators {
            let span = self.span(scope, decorator.expression.range());
            let before = std::mem::replace(&mut self.is_decorating, true);
            let result = self.evaluate(&decorator.expression, scope);
            self.is_decorating = before;
            let thing = match result {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.note_raised(&why);
                    Thing::unknown(why)
                }
                result => result?,
            };
            found.push((thing, span));
        }
        Ok(found)
    }

    fn follow_assert(&mut self, node: &'a ast::StmtAssert, scope: &Scope<'a>) -> Known<()> {
        let span = self.span(scope, node.test.range());
        let test = self.evaluate(&node.test, scope)?;
        match self.truth(&test, span) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let message = match &node.msg {
                    Some(message) => {
                        let message = self.evaluate(message, scope)?;
                        self.value_of(&message, span)
                            .map_or_else(|_| String::new(), |value| value.to_text())
                    }
                    None => String::new(),
                };
                Err(raise(span, "AssertionError", message))
            }
            Err(Stop::Unknown(why)) => {
                self.note_placeholder(&why);
                self.doubt();
                Ok(())
            }
            Err(raised) => Err(raised),
        }
    }

    /// A placeholder as a condition is a fault that no value carries on.
    fn note_placeholder(&mut self, why: &Unknown) {
        if matches!(why.why, Why::Placeholder { .. }) && self.is_guarded() {
            self.note_raised(why);
        }
    }

    fn follow_raise(&mut self, node: &'a ast::StmtRaise, scope: &Scope<'a>) -> Known<Stop> {
        let span = self.span(scope, node.range);
        let Some(expression) = &node.exc else {
            return Ok(raise(span, "RuntimeError", "No active exception to reraise"));
        };
        let thing = self.evaluate(expression, scope)?;
        self.note_raised_class(&thing, span);
        let names = self.exception_names(&thing);
        let exception = names
            .and_then(|names| names.first().copied())
            .unwrap_or("Exception");
        let mut message = self.exception_message(&thing, span);
        if let Object::Class(class) = &thing.object {
            message = format!("{}: {message}", class.name);
        } else if let Object::Instance(instance) = &thing.object {
            message = format!("{}: {message}", instance.class.name);
        }
        Ok(raise(span, exception, message.trim_end_matches(": ").to_owned()))
    }

    fn exception_message(&mut self, thing: &Thing<'a>, span: Span) -> String {
        let arguments = match &thing.object {
            Object::Applied(applied) => &applied.arguments,
            Object::Instance(instance) => &instance.arguments,
            _ => return String::new(),
        };
        let Some(first) = arguments.first() else {
            return String::new();
        };
        match self.value_of(&first.thing, span) {
            Ok(value) => value.to_text(),
            Err(_) => self.text(first.span).to_owned(),
        }
    }

    fn follow_if(&mut self, node: &'a ast::StmtIf, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let mut branches: Vec<(Option<&'a Expr>, &'a [Stmt])> = vec![(Some(&*node.test), &node.body)];
        branches.extend(
            node.elif_else_clauses
                .iter()
                .map(|clause| (clause.test.as_ref(), &*clause.body)),
        );
        let before = self.control.clone();
        let result = self.follow_branches(&branches, scope);
        if self.control.is_some() && self.call_depth == 0 {
            // Names that another branch would have bound rest on the conditions too.
            for (_, body) in &branches {
                self.rest_names(body, scope);
            }
        }
        if self.call_depth == 0 {
            self.control = before;
        }
        result
    }

    fn rest_names(&mut self, body: &'a [Stmt], scope: &Scope<'a>) {
        for name in locals::of_block(body).bound {
            if let Some(binding) = self.bound_here(name, scope) {
                self.bind_name(name, binding.thing, scope, binding.span);
            }
        }
    }

    fn follow_branches(
        &mut self,
        branches: &[(Option<&'a Expr>, &'a [Stmt])],
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let Some(((test, body), rest)) = branches.split_first() else {
            return Ok(Flow::Normal);
        };
        let Some(test) = test else {
            return self.run(body, scope);
        };
        let span = self.span(scope, test.range());
        let value = self.evaluate(test, scope)?;
        match self.truth(&value, span) {
            Ok(is_true) => {
                self.control = union(self.control.take(), value.depends_on.as_ref());
                if is_true {
                    self.run(body, scope)
                } else {
                    self.follow_branches(rest, scope)
                }
            }
            Err(Stop::Unknown(why))
                if matches!(
                    &why.why,
                    Why::Placeholder {
                        used: PlaceholderUse::Truth,
                        ..
                    }
                ) =>
            {
                // `if config.flag:` is always true: the placeholder is an object.
                self.note_placeholder(&why);
                self.run(body, scope)
            }
            Err(Stop::Unknown(why)) => self.follow_either(
                &why,
                |this| this.run(body, scope),
                |this| this.follow_branches(rest, scope),
            ),
            Err(raised) => Err(raised),
        }
    }

    /// One of two pieces of code runs, it is not known which.
    pub fn follow_either(
        &mut self,
        why: &Unknown,
        one: impl FnOnce(&mut Self) -> Known<Flow<'a>>,
        other: impl FnOnce(&mut Self) -> Known<Flow<'a>>,
    ) -> Known<Flow<'a>> {
        let (first, first_changes) = self.in_branch(why, one);
        let (second, second_changes) = self.in_branch(why, other);
        match (first, second) {
            // A branch that ends the program did not run, or there is no program.
            (Err(Stop::Raise(raised)), Err(Stop::Raise(_))) => {
                self.doubt();
                self.forget(first_changes, why);
                self.forget(second_changes, why);
                Err(Stop::Raise(raised))
            }
            // Within a `try` it may have run: a handler caught it.
            (Err(_), second) => {
                self.doubt();
                self.adopt(second_changes);
                second
            }
            (first, Err(_)) => {
                self.doubt();
                self.adopt(first_changes);
                first
            }
            (Ok(first), Ok(second)) => {
                self.leak_result(&first);
                self.leak_result(&second);
                self.merge(first_changes, second_changes, why);
                Ok(self.either_flow(first, second, why))
            }
        }
    }

    fn follow_with(&mut self, node: &'a ast::StmtWith, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let mut may_swallow = false;
        let mut entered = Vec::new();
        for item in &node.items {
            let span = self.span(scope, item.context_expr.range());
            let context = self.evaluate(&item.context_expr, scope)?;
            may_swallow = may_swallow || self.may_swallow(&item.context_expr, &context, scope);
            self.enter_context(&context, span)?;
            entered.push((context.clone(), span));
            if let Some(target) = &item.optional_vars {
                self.leak(&context);
                self.leak_names(&item.context_expr, scope);
                let given = match &context.object {
                    Object::Unknown(_) => context,
                    _ => Thing::unknown(opaque(span, "it is what a context manager gives")),
                };
                self.assign(target, given, scope)?;
            }
        }
        let doubts = self.doubts.get();
        let result = if may_swallow {
            self.follow_swallowed(node, scope)
        } else {
            self.run(&node.body, scope)
        };
        let is_sure = result.is_ok() && self.doubts.get() == doubts;
        self.leave_contexts(&entered, is_sure)?;
        result
    }

    /// The block of a `with` whose manager may swallow an exception: the block may have ended before its end.
    fn follow_swallowed(&mut self, node: &'a ast::StmtWith, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let span = self.span(scope, node.range);
        let why = opaque(span, "an exception may have ended the block before");
        let doubts = self.doubts.get();
        let (result, tried) = self.in_tried_branch(&why, |this| this.run(&node.body, scope));
        let has_raised = matches!(result, Err(Stop::Raise(_)));
        if !has_raised && self.doubts.get() == doubts {
            self.adopt(tried.changes);
            return result;
        }
        self.lose_changed(&tried, &why);
        self.forget(tried.changes, &why);
        match result {
            Err(Stop::Raise(_)) => {
                // Perhaps it is not swallowed.
                self.doubt();
                self.lose_names(&node.body, scope, &why);
                Ok(Flow::Normal)
            }
            Ok(flow) => {
                self.leak_result(&flow);
                Ok(self.either_flow(flow, Flow::Normal, &why))
            }
            lost => lost,
        }
    }

    /// May the manager swallow an exception? Unless it is known not to, as that of `open(…)`.
    fn may_swallow(&mut self, manager: &'a Expr, context: &Thing<'a>, scope: &Scope<'a>) -> bool {
        let name = match &context.object {
            Object::Applied(applied) if applied.path.is_empty() => applied.callee.to_string(),
            Object::Instance(instance) => {
                let exit = self.find_member(&instance.class, "__exit__");
                return !exit.is_some_and(|(_, exit)| lets_through(&exit.thing));
            }
            _ => {
                let Expr::Call(call) = manager else { return true };
                let doubts = self.doubts.get();
                let callee = self.evaluate(&call.func, scope);
                self.doubts.set(doubts);
                match callee.map(|callee| callee.object) {
                    Ok(Object::External(name)) => name.to_string(),
                    // `(HERE / "settings.json").open()`
                    _ => return !matches!(&*call.func, Expr::Attribute(node) if &*node.attr == "open"),
                }
            }
        };
        let is_open = name.rsplit_once('.').is_some_and(|(_, called)| called == "open");
        !(is_open || library::LETS_THROUGH.contains(&name.as_str()))
    }
}

/// `def __exit__(self, *exception): self.file.close()` gives `None`: the exception goes on.
fn lets_through(exit: &Thing<'_>) -> bool {
    let Object::Function(function) = &exit.object else {
        return false;
    };
    let Code::Def(node) = &function.code else {
        return false;
    };
    let is_plain = |statement: &Stmt| match statement {
        Stmt::Expr(_) | Stmt::Assign(_) | Stmt::AugAssign(_) | Stmt::Pass(_) | Stmt::Delete(_) => true,
        Stmt::Return(node) => node.value.as_deref().is_none_or(|value| match value {
            Expr::NoneLiteral(_) => true,
            Expr::BooleanLiteral(node) => !node.value,
            _ => false,
        }),
        _ => false,
    };
    function.decorators.borrow().is_empty() && !node.is_async && node.body.iter().all(is_plain)
}

impl<'a> Interpreter<'a> {
    /// How two alternatives end, of which one ran.
    pub(super) fn either_flow(&self, one: Flow<'a>, other: Flow<'a>, why: &Unknown) -> Flow<'a> {
        let any = self.any_result([&one, &other], why);
        match (one, other) {
            (Flow::Normal, Flow::Normal) => Flow::Normal,
            (Flow::Break, Flow::Break) => Flow::Break,
            (Flow::Continue, Flow::Continue) => Flow::Continue,
            (Flow::Return(one), Flow::Return(other)) if super::branch::is_same(&one, &other) => {
                Flow::Return(one)
            }
            (Flow::Return(_), Flow::Return(_)) => Flow::Return(Thing::unknown(any)),
            (Flow::Return(_) | Flow::Lost(_), _) | (_, Flow::Return(_) | Flow::Lost(_)) => Flow::Lost(any),
            (
                Flow::Normal | Flow::Break | Flow::Continue | Flow::Astray(_),
                Flow::Normal | Flow::Break | Flow::Continue | Flow::Astray(_),
            ) => Flow::Astray(why.clone()),
        }
    }
}
