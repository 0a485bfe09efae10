//! The arguments of a call: `*x` and `**x` spread, where they are known.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, type_error, unknown};
use super::object::{Argument, Object, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::{Input, Unknown, Value};

impl<'a> Interpreter<'a> {
    pub fn evaluate_arguments(
        &mut self,
        arguments: &'a ast::Arguments,
        callee: &Thing<'a>,
        scope: &Scope<'a>,
    ) -> Known<Given<'a>> {
        let is_lenient = self.is_lenient(callee);
        let mut given = Given::default();
        given.arguments.reserve(arguments.len());
        for part in arguments.iter_source_order() {
            match part {
                ast::ArgOrKeyword::Arg(Expr::Starred(starred)) => {
                    let span = self.span(scope, starred.range);
                    let items = self
                        .evaluate(&starred.value, scope)
                        .and_then(|spread| self.iterate(&spread, span));
                    match self.spread(items, &mut given, is_lenient)? {
                        Some(items) => given.arguments.extend(
                            Given::of(items.into_iter().map(|item| (item, span)).collect()).arguments,
                        ),
                        None => continue,
                    }
                }
                ast::ArgOrKeyword::Arg(expression) => {
                    let span = self.span(scope, expression.range());
                    let thing = self.argument(expression, scope, is_lenient)?;
                    given.arguments.push(Argument {
                        name: None,
                        name_span: span,
                        span,
                        thing,
                        is_unchecked: false,
                    });
                }
                ast::ArgOrKeyword::Keyword(keyword) => {
                    self.evaluate_keyword(keyword, scope, is_lenient, &mut given)?;
                }
            }
        }
        Ok(given)
    }

    fn evaluate_keyword(
        &mut self,
        keyword: &'a ast::Keyword,
        scope: &Scope<'a>,
        is_lenient: bool,
        given: &mut Given<'a>,
    ) -> Known<()> {
        let span = self.span(scope, keyword.value.range());
        if let Some(name) = &keyword.arg {
            let thing = self.argument(&keyword.value, scope, is_lenient)?;
            given.arguments.push(Argument {
                name: Some(name.as_str()),
                name_span: self.span(scope, name.range),
                span,
                thing,
                is_unchecked: false,
            });
            return Ok(());
        }
        let whole = self.span(scope, keyword.range);
        let spread = self.evaluate(&keyword.value, scope);
        let entries = match spread {
            Ok(spread) => self
                .mapping(&spread, span)
                .map_err(|stop| self.put_off(stop, spread, span)),
            Err(stop) => Err(stop),
        };
        let Some(entries) = self.spread(entries, given, is_lenient)? else {
            return Ok(());
        };
        let more = self.spread_arguments(entries, &given.arguments, whole)?;
        given.arguments.extend(more);
        Ok(())
    }

    /// `@project(**config_expr("cfg"))` stands before the class whose body makes `cfg`: it is looked at again
    /// when the module is over, as Metaflow does.
    fn put_off(&mut self, stop: Stop, spread: Thing<'a>, span: Span) -> Stop {
        match (&stop, &spread.object) {
            (Stop::Raise(_), Object::Applied(_)) if !self.is_resolving => {
                self.put_off.insert(span, spread);
                unknown(span, "a Config of it is not known here")
            }
            _ => stop,
        }
    }

    /// The keyword arguments that `**x` stands for, beside those there are.
    fn spread_arguments(
        &mut self,
        entries: Vec<(Thing<'a>, Thing<'a>)>,
        given: &[Argument<'a>],
        span: Span,
    ) -> Known<Vec<Argument<'a>>> {
        let mut spread = Vec::new();
        for (key, thing) in entries {
            let Object::Constant(Value::Str(name)) = &key.object else {
                return Err(type_error(span, "keywords must be strings"));
            };
            let name = self.arena.name(name);
            if given.iter().any(|argument| argument.name == Some(name)) {
                let message = format!("got multiple values for keyword argument '{name}'");
                return Err(type_error(span, message));
            }
            spread.push(Argument {
                name: Some(name),
                name_span: span,
                span,
                is_unchecked: key
                    .depends_on
                    .iter()
                    .flat_map(|inputs| inputs.iter())
                    .any(is_config),
                thing: thing.resting_on([&key]),
            });
        }
        Ok(spread)
    }

    /// What a `**config` that was put off stands for, now that all Configs are known.
    pub fn put_off_arguments(
        &mut self,
        unknown: &Unknown,
        given: &[Argument<'a>],
    ) -> Option<Known<Vec<Argument<'a>>>> {
        let span = unknown.span;
        let spread = self.put_off.get(&span)?.clone();
        let entries = self.mapping(&spread, span);
        Some(entries.and_then(|entries| self.spread_arguments(entries, given, span)))
    }

    /// What came out of `*x` or `**x`; nothing where it is not known, which is noted.
    fn spread<T>(&mut self, result: Known<T>, given: &mut Given<'a>, is_lenient: bool) -> Known<Option<T>> {
        match result {
            Ok(items) => Ok(Some(items)),
            Err(Stop::Unknown(why)) => {
                self.doubt();
                given.unknown.get_or_insert(why);
                Ok(None)
            }
            Err(Stop::Raise(why)) if is_lenient => {
                self.note_raised(&why);
                self.doubt();
                given.unknown.get_or_insert(why);
                Ok(None)
            }
            Err(Stop::Raise(why)) => Err(Stop::Raise(why)),
        }
    }

    pub(super) fn argument(
        &mut self,
        expression: &'a Expr,
        scope: &Scope<'a>,
        is_lenient: bool,
    ) -> Evaluation<'a> {
        let result = self.evaluate(expression, scope);
        if is_lenient {
            self.note_further(expression, scope, &result);
        }
        match result {
            Err(Stop::Raise(why)) if is_lenient => {
                self.note_raised(&why);
                Ok(Thing::unknown(why))
            }
            result => result,
        }
    }

    /// In a class body or a decorator, one bad argument of an external leaves the others to be checked.
    fn is_lenient(&self, callee: &Thing<'a>) -> bool {
        let is_external = matches!(
            callee.object,
            Object::External(_) | Object::Applied(_) | Object::Unknown(_)
        );
        is_external && self.is_guarded() && (self.class_depth > 0 || self.is_decorating)
    }
}

fn is_config(input: &Input) -> bool {
    matches!(input, Input::Config(_))
}
