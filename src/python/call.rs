//! Calls: arguments evaluated, functions of the project followed, externals remembered, decorators applied.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects can be called"
)]

use std::cell::RefCell;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::branch::is_same;
use super::convert::{Given, is_user_decorator};
use super::follow::Flow;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, raise, settle, type_error, unknown};
use super::object::{Applied, Argument, Binding, Code, Function, Method, MethodKind, Object, Partial, Thing};
use super::scope::{FrameKind, Locals, Scope};
use super::{choices, decorate, locals, metaflow};
use crate::source::Span;
use crate::value::{Unknown, Value};

/// Calls of project functions in one another.
const MOST_CALLS: u32 = 60;

/// A call of a function that remembers what it gave.
pub(super) struct CachedCall<'a> {
    function: Rc<Function<'a>>,
    arguments: Vec<Thing<'a>>,
    result: Thing<'a>,
}

impl<'a> Interpreter<'a> {
    pub fn evaluate_call(&mut self, node: &'a ast::ExprCall, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, node.range());
        let callee = self.evaluate(&node.func, scope);
        self.note_unknown_callee(&node.func, &callee);
        let callee = callee?;
        if matches!(callee.object, Object::Unknown(_)) {
            match &*node.func {
                Expr::Attribute(attribute) => self.change_by_method(&attribute.attr, span),
                _ => self.change_unknown(span),
            }
        }
        if matches!(&callee.object, Object::External(name) if &**name == "builtins.super") {
            return Err(unknown(span, "`super()` is not followed"));
        }
        let given = self.evaluate_arguments(&node.arguments, &callee, scope)?;
        if let Object::External(name) = &callee.object
            && let Some(answer) = self.scope_builtin(name, &given, scope, span)
        {
            return answer;
        }
        Ok(self.call(&callee, given, span)?.resting_on([&callee]))
    }

    /// `FLOWS[key]()`, `get_flow()()`, `flow()` with an unknown `flow`: what is called may be any class.
    fn note_unknown_callee(&mut self, callee: &Expr, evaluated: &Evaluation<'a>) {
        let is_unknown = match evaluated {
            Ok(thing) => matches!(thing.object, Object::Unknown(_)),
            Err(Stop::Unknown(_)) => true,
            Err(Stop::Raise(_)) => false,
        };
        // `logger.info()` is a method of something unknown.
        if is_unknown && !matches!(callee, Expr::Attribute(_)) {
            self.note_unknown_run();
        }
    }

    /// Outside of classes, something runs that nobody can tell.
    pub(super) fn note_unknown_run(&mut self) {
        self.runs_unknown |= self.class_depth == 0 && !self.is_decorating && !self.has_run;
    }

    /// Follows a call that may or may not happen: `Flow() if ready else None`.
    pub fn perhaps_call(&mut self, expression: &'a Expr, why: &Unknown, scope: &Scope<'a>) {
        if !matches!(expression, Expr::Call(_)) || self.class_depth > 0 || self.is_decorating {
            return;
        }
        let (_, changes) = self.in_branch(why, |this| this.evaluate(expression, scope));
        self.forget(changes, why);
    }

    /// Calls an object.
    pub fn call(&mut self, callee: &Thing<'a>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        match (self.spend(1, span), &callee.object) {
            (Ok(()), _) => {}
            // `@kubernetes(memory=fib(40))`: of the decorator one value is not known.
            (Err(_), object) if choices::is_decorator(object) => {}
            // A parameter whose default takes too long is still there.
            (Err(_), Object::External(name)) if is_kept(name) => {}
            (Err(Stop::Unknown(why)), Object::Function(function)) => {
                return Err(Stop::Unknown(self.lost_call(function, span, &why)));
            }
            (stopped, _) => stopped?,
        }
        match &callee.object {
            Object::External(name) => self.call_external(name, given, span),
            Object::Applied(applied) => self.call_applied(applied, given, span),
            Object::Function(function) => match self.call_function(function, given, span) {
                Err(Stop::Unknown(why)) => Err(Stop::Unknown(self.lost_call(function, span, &why))),
                Ok(thing) => Ok(match thing.why() {
                    Some(why) => Thing {
                        object: Object::Unknown(self.lost_call(function, span, why)),
                        ..thing
                    },
                    None => thing,
                }),
                raised => raised,
            },
            Object::Class(class) => self.instantiate(class, given, span),
            Object::Method(method) => self.call_method(method, given, span),
            Object::Partial(partial) => self.call_partial(partial, given, span),
            Object::Instance(instance) => match self.find_member(&instance.class, "__call__") {
                Some((_, binding)) if matches!(binding.thing.object, Object::Function(_)) => {
                    let receiver = (Thing::new(Object::Instance(Rc::clone(instance))), span);
                    let given = with_receiver(receiver, given);
                    self.call(&binding.thing, given, span)
                }
                _ if self.may_have_more(&instance.class) => {
                    Err(Stop::Unknown(self.why_unknown(callee, span)))
                }
                _ => Err(not_callable(instance.class.name, span)),
            },
            Object::Unknown(why) => {
                let name = self.text(span).split('(').next().unwrap_or("").to_owned();
                for argument in &given.arguments {
                    self.spoil_by_call(&argument.thing, &name, span);
                }
                Err(Stop::Unknown(why.clone()))
            }
            _ => Err(not_callable(&self.type_name(callee), span)),
        }
    }

    fn call_partial(&mut self, partial: &Partial<'a>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        // `partial(retry, times=2)(F.start)`
        if let (Some(target), Some(decorator)) = (single_target(&given), decorate::written_out(partial))
            && choices::is_decorator(&decorator.object)
        {
            return self.decorate(&decorator, target.clone(), span);
        }
        let (positional, mut keywords): (Vec<_>, Vec<_>) = partial
            .arguments
            .iter()
            .cloned()
            .partition(|argument| argument.name.is_none());
        keywords.retain(|old| !given.arguments.iter().any(|new| new.name == old.name));
        let mut arguments = positional;
        arguments.extend(given.arguments);
        arguments.extend(keywords);
        let unknown = given.unknown;
        self.call(&partial.callee, Given { arguments, unknown }, span)
    }

    fn call_method(&mut self, method: &Method<'a>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        match &method.kind {
            MethodKind::BuiltIn(name) => {
                let result = settle(self.call_builtin_method(&method.receiver, name, &given, span))?;
                let arguments = given.arguments.iter().map(|argument| &argument.thing);
                Ok(result.resting_on([&method.receiver]).resting_on(arguments))
            }
            MethodKind::Function(function) => {
                let given = with_receiver((method.receiver.clone(), span), given);
                self.call_function(function, given, span)
            }
        }
    }

    /// The result of an external is called: a decorator with arguments is applied, else it is unknown what happens.
    fn call_applied(&mut self, applied: &Rc<Applied<'a>>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        if applied.path.is_empty()
            && matches!(&*applied.callee, "metaflow.Parameter" | "metaflow.IncludeFile")
        {
            return Err(not_callable(applied.callee.trim_start_matches("metaflow."), span));
        }
        // `retry(times=2)(3)`
        if let [argument] = given.arguments.as_slice()
            && argument.name.is_none()
            && matches!(argument.thing.object, Object::Constant(_))
            && applied.path.is_empty()
            && let Some(message) = metaflow::misapplied(&applied.callee, self.text(span))
        {
            return Err(raise(span, "MetaflowException", message));
        }
        if let Some(target) = single_target(&given) {
            let decorator = Thing::new(Object::Applied(Rc::clone(applied)));
            if self.comes_too_late(&decorator) {
                return Ok(target.clone());
            }
            return self.decorate(&decorator, target.clone(), span);
        }
        self.note_astray(&applied.callee, &given, span);
        if &*applied.callee == "metaflow.Config" {
            return self.call_config(applied, &given, span);
        }
        if !applied.callee.starts_with("metaflow.") {
            self.spoil_held(applied, span);
        }
        let callee = format!("{}().{}", applied.callee, applied.path.join("."));
        self.call_foreign(callee.trim_end_matches('.'), given, span)
    }

    /// `F()` was met: it does not come back to `retry(times=2)(F.start)` below it.
    fn comes_too_late(&self, decorator: &Thing<'a>) -> bool {
        self.has_run && self.call_depth == 0 && choices::is_decorator(&decorator.object)
    }

    /// A call of something outside of the project: remembered with its arguments.
    pub fn call_foreign(&mut self, callee: &str, given: Given<'a>, span: Span) -> Evaluation<'a> {
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let is_function = last.starts_with(|first: char| first.is_lowercase() || first == '_');
        if is_function
            && may_decorate(callee)
            && let Some(target) = single_target(&given)
        {
            // `@retry(helper)`: the helper is taken for the step.
            if self.is_decorating
                && let Some(message) = metaflow::misapplied(callee, self.text(span))
            {
                return Err(raise(span, "MetaflowException", message));
            }
            let decorator = Thing::external(callee);
            if self.comes_too_late(&decorator) {
                return Ok(target.clone());
            }
            return self.decorate(&decorator, target.clone(), span);
        }
        self.note_astray(callee, &given, span);
        let is_harmless = is_kept(callee) || (is_harmless(callee) && !given.arguments.iter().any(calls_back));
        for argument in &given.arguments {
            let is_used_up = matches!(argument.thing.object, Object::Iterator(_));
            if is_used_up || (!self.is_decorating && !is_harmless) {
                self.spoil_by_call(&argument.thing, callee, span);
            }
        }
        if let Some(message) = metaflow::refused(callee, &given) {
            return Err(type_error(span, message));
        }
        self.doubt_foreign(callee);
        let applied = Rc::new(Applied {
            callee: Rc::from(callee),
            span,
            arguments: given.arguments,
            unknown_arguments: given.unknown,
            path: Vec::new(),
        });
        if callee == "metaflow.Config" {
            self.configs.push(Rc::clone(&applied));
        }
        Ok(Thing::new(Object::Applied(applied)))
    }

    pub fn make_lambda(&mut self, node: &'a ast::ExprLambda, scope: &Scope<'a>) -> Evaluation<'a> {
        let defaults = self.defaults(node.parameters.as_deref(), scope)?;
        if let Some(frame) = &scope.innermost {
            self.hold(&frame.names);
        }
        Ok(Thing::new(Object::Function(Rc::new(Function {
            name: "<lambda>",
            source: scope.module.source,
            code: Code::Lambda(node),
            decorators: RefCell::default(),
            attributes: self.function_namespace(),
            is_cached: false,
            scope: scope.clone(),
            defaults: Rc::new(defaults),
        }))))
    }

    pub fn defaults(
        &mut self,
        parameters: Option<&'a ast::Parameters>,
        scope: &Scope<'a>,
    ) -> Known<Vec<(&'a str, Thing<'a>)>> {
        let mut defaults = Vec::new();
        for parameter in parameters
            .into_iter()
            .flat_map(ast::Parameters::iter_non_variadic_params)
        {
            if let Some(default) = &parameter.default {
                defaults.push((parameter.name().as_str(), self.evaluate(default, scope)?));
            }
        }
        Ok(defaults)
    }

    /// Follows a function of the project.
    pub fn call_function(
        &mut self,
        function: &Rc<Function<'a>>,
        given: Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        if is_user_decorator(function) {
            return Ok(Thing::new(Object::Partial(Rc::new(Partial {
                callee: Thing::new(Object::Function(Rc::clone(function))),
                arguments: given.arguments,
                span,
            }))));
        }
        let outermost = function.decorators.borrow().last().cloned();
        if let Some(decoration) = outermost {
            self.skip_function(function, span);
            for argument in &given.arguments {
                self.spoil_by_call(&argument.thing, function.name, span);
            }
            let decorator = self
                .text(decoration.span)
                .split('(')
                .next()
                .unwrap_or("")
                .trim_start_matches('@');
            let reason = format!(
                "`{}` is wrapped by `{decorator}`, which is not followed",
                function.name
            );
            return Err(unknown(span, reason));
        }
        if self.call_depth >= MOST_CALLS {
            return Err(unknown(span, format!("`{}` is called too deeply", function.name)));
        }
        self.spend(25, span)?;
        if !function.is_cached {
            return self.enter_function(function, given, span);
        }
        let things: Vec<Thing<'a>> = given
            .arguments
            .iter()
            .map(|argument| argument.thing.clone())
            .collect();
        let is_known = |call: &&CachedCall<'a>| {
            Rc::ptr_eq(&call.function, function)
                && call.arguments.len() == things.len()
                && call
                    .arguments
                    .iter()
                    .zip(&things)
                    .all(|(one, other)| is_same(one, other))
        };
        if let Some(call) = self.cached_calls.iter().find(is_known) {
            return Ok(call.result.clone());
        }
        let result = self.enter_function(function, given, span)?;
        if !self.is_in_doubt() {
            self.cached_calls.push(CachedCall {
                function: Rc::clone(function),
                arguments: things,
                result: result.clone(),
            });
        }
        Ok(result)
    }

    fn enter_function(
        &mut self,
        function: &Rc<Function<'a>>,
        given: Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let locals = self.locals_of(function);
        if locals.is_generator || matches!(function.code, Code::Def(node) if node.is_async) {
            self.skip_function(function, span);
            for argument in &given.arguments {
                self.spoil_by_call(&argument.thing, function.name, span);
            }
            return Err(unknown(
                span,
                format!("`{}` is a generator or coroutine", function.name),
            ));
        }
        if given.unknown.is_some() {
            self.skip_function(function, span);
            for argument in &given.arguments {
                self.spoil_by_call(&argument.thing, function.name, span);
            }
        }
        let names = self.namespace();
        let arguments: Vec<Thing<'a>> = given
            .arguments
            .iter()
            .map(|argument| argument.thing.clone())
            .collect();
        for (name, thing) in self.bind_parameters(function, given, span)? {
            names.set(name, Binding { thing, span });
        }
        let scope = function.scope.inner(FrameKind::Function(locals), names);
        let control = self.control.take();
        let class_depth = std::mem::take(&mut self.class_depth);
        let is_decorating = std::mem::take(&mut self.is_decorating);
        self.catchers += 1;
        self.call_depth += 1;
        let result = self.deeper(span, |this| match function.code {
            Code::Lambda(node) => this.evaluate(&node.body, &scope).map(Flow::Return),
            Code::Def(node) => this.run(&node.body, &scope),
        });
        self.call_depth -= 1;
        self.catchers -= 1;
        self.is_decorating = is_decorating;
        self.class_depth = class_depth;
        let inner_control = std::mem::replace(&mut self.control, control);
        let mut result = match result {
            Ok(Flow::Return(thing)) => thing,
            Ok(Flow::Normal | Flow::Break | Flow::Continue) => Thing::constant(Value::None),
            Ok(Flow::Lost(why) | Flow::Astray(why)) | Err(Stop::Unknown(why)) => {
                for argument in &arguments {
                    self.spoil(argument, &why);
                }
                return Err(Stop::Unknown(why));
            }
            Err(raised) => return Err(raised),
        };
        if inner_control.is_some() {
            result.depends_on = super::object::union(result.depends_on, inner_control.as_ref());
        }
        Ok(result)
    }

    pub fn locals_of(&mut self, function: &Function<'a>) -> Rc<Locals<'a>> {
        let (start, parameters, body): (_, _, &'a [ast::Stmt]) = match function.code {
            Code::Def(node) => (node.range.start(), Some(&*node.parameters), &node.body),
            Code::Lambda(node) => (node.range.start(), node.parameters.as_deref(), &[]),
        };
        let key = (function.source, start.to_u32());
        if let Some(known) = self.locals.get(&key) {
            return Rc::clone(known);
        }
        let mut found = locals::of_function(parameters, body);
        if let Code::Lambda(node) = function.code {
            found.is_generator |= matches!(&*node.body, Expr::Yield(_) | Expr::YieldFrom(_));
        }
        let found = Rc::new(found);
        self.locals.insert(key, Rc::clone(&found));
        found
    }

    /// Arguments under the names of the parameters, with Python's errors where they do not fit.
    fn bind_parameters(
        &mut self,
        function: &Function<'a>,
        given: Given<'a>,
        span: Span,
    ) -> Known<Vec<(&'a str, Thing<'a>)>> {
        if let Some(why) = given.unknown {
            return Err(Stop::Unknown(why));
        }
        let parameters = match function.code {
            Code::Def(node) => Some(&*node.parameters),
            Code::Lambda(node) => node.parameters.as_deref(),
        };
        let mut bound: Vec<(&'a str, Thing<'a>)> = Vec::new();
        let Some(parameters) = parameters else {
            if given.arguments.is_empty() {
                return Ok(bound);
            }
            return Err(too_many(function.name, 0, given.arguments.len(), span));
        };
        let (positional, keywords): (Vec<_>, Vec<_>) = given
            .arguments
            .into_iter()
            .partition(|argument| argument.name.is_none());
        let count = positional.len();
        let mut rest = positional.into_iter();
        let places = parameters.posonlyargs.iter().chain(&parameters.args);
        bound.extend(
            places
                .clone()
                .zip(rest.by_ref())
                .map(|(place, argument)| (place.name().as_str(), argument.thing)),
        );
        let rest: Vec<Thing<'a>> = rest.map(|argument| argument.thing).collect();
        match &parameters.vararg {
            Some(vararg) => bound.push((vararg.name.as_str(), Thing::new(Object::Tuple(Rc::new(rest))))),
            None if !rest.is_empty() => return Err(too_many(function.name, places.count(), count, span)),
            None => {}
        }
        let mut others = Vec::new();
        for argument in keywords {
            let Some(name) = argument.name else { continue };
            let mut named = parameters.args.iter().chain(&parameters.kwonlyargs);
            if named.any(|parameter| parameter.name().as_str() == name) {
                if bound.iter().any(|(known, _)| *known == name) {
                    let message = format!("{}() got multiple values for argument '{name}'", function.name);
                    return Err(type_error(span, message));
                }
                bound.push((name, argument.thing));
            } else if parameters.kwarg.is_some() {
                others.push((Thing::constant(Value::str(name)), argument.thing));
            } else {
                let message = format!("{}() got an unexpected keyword argument '{name}'", function.name);
                return Err(type_error(span, message));
            }
        }
        if let Some(kwarg) = &parameters.kwarg {
            bound.push((kwarg.name.as_str(), self.dict(others)));
        }
        fill_defaults(function, parameters, &mut bound, span)?;
        Ok(bound)
    }

    /// Notes an exception in a class body or decorator, for who knows the flow to report.
    pub fn note_raised(&mut self, why: &Unknown) {
        let is_known =
            self.reported.contains(&why.span) || self.raised.iter().any(|known| known.span == why.span);
        if !is_known && !self.has_run && !why.why.is_unknown_value() {
            self.raised.push(why.clone());
        }
    }
}

fn fill_defaults<'a>(
    function: &Function<'a>,
    parameters: &'a ast::Parameters,
    bound: &mut Vec<(&'a str, Thing<'a>)>,
    span: Span,
) -> Known<()> {
    let mut missing = Vec::new();
    for parameter in parameters.iter_non_variadic_params() {
        let name = parameter.name().as_str();
        if bound.iter().any(|(known, _)| *known == name) {
            continue;
        }
        match function.defaults.iter().find(|(known, _)| *known == name) {
            Some((_, default)) => bound.push((name, default.clone())),
            None => missing.push(name),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let kind = if parameters
        .kwonlyargs
        .iter()
        .any(|parameter| missing.contains(&parameter.name().as_str()))
    {
        "keyword-only"
    } else {
        "positional"
    };
    let plural = if quoted.len() == 1 { "" } else { "s" };
    let list = match quoted.split_last() {
        Some((last, firsts)) if !firsts.is_empty() => format!("{} and {last}", firsts.join(", ")),
        _ => quoted.join(""),
    };
    let message = format!(
        "{}() missing {} required {kind} argument{plural}: {list}",
        function.name,
        quoted.len()
    );
    Err(type_error(span, message))
}

fn too_many(name: &str, most: usize, given: usize, span: Span) -> Stop {
    let plural = if most == 1 { "" } else { "s" };
    let verb = if given == 1 { "was" } else { "were" };
    type_error(
        span,
        format!("{name}() takes {most} positional argument{plural} but {given} {verb} given"),
    )
}

fn not_callable(kind: &str, span: Span) -> Stop {
    type_error(span, format!("'{kind}' object is not callable"))
}

fn with_receiver<'a>(receiver: (Thing<'a>, Span), given: Given<'a>) -> Given<'a> {
    let mut arguments = Given::of(vec![receiver]).arguments;
    arguments.extend(given.arguments);
    Given {
        arguments,
        unknown: given.unknown,
    }
}

/// Not `defaultdict(lambda: 0)`, `dataclasses.fields(C)`: of the standard library's functions these give back what they take.
fn may_decorate(callee: &str) -> bool {
    const MODULES: [&str; 7] = [
        "abc",
        "atexit",
        "contextlib",
        "enum",
        "functools",
        "typing",
        "warnings",
    ];
    let top = callee.split('.').next().unwrap_or(callee);
    !super::standard::is_standard(top) || MODULES.contains(&top) || callee == "dataclasses.dataclass"
}

/// The function or class that is the only argument: the call decorates it.
fn single_target<'g, 'a>(given: &'g Given<'a>) -> Option<&'g Thing<'a>> {
    let [argument] = given.arguments.as_slice() else {
        return None;
    };
    let is_target = matches!(argument.thing.object, Object::Function(_) | Object::Class(_));
    (argument.name.is_none() && given.unknown.is_none() && is_target).then_some(&argument.thing)
}

/// An argument that code outside of the project may call, and hand the others to.
pub(super) fn calls_back(argument: &Argument<'_>) -> bool {
    match &argument.thing.object {
        Object::Function(_) | Object::Method(_) | Object::Partial(_) | Object::Instance(_) => true,
        Object::External(name) => name.starts_with("builtins.") || name.starts_with("operator."),
        _ => false,
    }
}

/// Does it keep its arguments, whatever they are, and call none of them? `Parameter("rates", default=[1.0], type=float)`
fn is_kept(callee: &str) -> bool {
    matches!(
        callee,
        "metaflow.Parameter" | "metaflow.IncludeFile" | "metaflow.Config"
    )
}

/// Functions outside of the project that are known to leave their arguments alone.
fn is_harmless(callee: &str) -> bool {
    let top = callee.split('.').next().unwrap_or(callee).trim_end_matches("()");
    let changes = matches!(top, "random" | "heapq" | "bisect" | "operator" | "ctypes");
    top == "metaflow" || (super::standard::is_standard(top) && !changes)
}
