//! `match`: which case is taken, where the subject is known.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has many kinds of expressions"
)]

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::follow::Flow;
use super::interpreter::{Interpreter, Known, Stop};
use super::object::{Object, Thing, union};
use super::scope::Scope;
use crate::source::Span;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    pub(super) fn follow_match(&mut self, node: &'a ast::StmtMatch, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let span = self.span(scope, node.subject.range());
        let subject = self.evaluate(&node.subject, scope)?;
        self.follow_cases(&node.cases, &subject, span, scope)
    }

    fn follow_cases(
        &mut self,
        cases: &'a [ast::MatchCase],
        subject: &Thing<'a>,
        span: Span,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        let Some((case, rest)) = cases.split_first() else {
            return Ok(Flow::Normal);
        };
        let is_match = self.matches(case, subject, span, scope);
        if is_match.is_err() && may_be_anything(&subject.object) {
            self.doubt();
        }
        match is_match {
            Ok(true) => {
                self.control = union(self.control.take(), subject.depends_on.as_ref());
                self.run(&case.body, scope)
            }
            Ok(false) => self.follow_cases(rest, subject, span, scope),
            Err(Stop::Unknown(why)) => self.follow_either(
                &why,
                |this| {
                    let mut bound = Vec::new();
                    names_of_pattern(&case.pattern, &mut bound);
                    for name in bound {
                        this.bind_name(name, Thing::unknown(why.clone()), scope, span);
                    }
                    this.run(&case.body, scope)
                },
                |this| this.follow_cases(rest, subject, span, scope),
            ),
            Err(raised) => Err(raised),
        }
    }

    fn matches(
        &mut self,
        case: &'a ast::MatchCase,
        subject: &Thing<'a>,
        span: Span,
        scope: &Scope<'a>,
    ) -> Known<bool> {
        let is_match = self.pattern_matches(&case.pattern, subject, span, scope)?;
        let Some(guard) = case.guard.as_deref().filter(|_| is_match) else {
            return Ok(is_match);
        };
        let span = self.span(scope, guard.range());
        let value = self.evaluate(guard, scope)?;
        self.truth(&value, span)
    }

    fn pattern_matches(
        &mut self,
        pattern: &'a ast::Pattern,
        subject: &Thing<'a>,
        span: Span,
        scope: &Scope<'a>,
    ) -> Known<bool> {
        match pattern {
            ast::Pattern::MatchValue(node) => {
                let value = self.evaluate(&node.value, scope)?;
                self.provoke_comparison(ast::CmpOp::Eq, subject, &value, span)?;
                self.equal(&value, subject, span)
            }
            ast::Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    ast::Singleton::None => Value::None,
                    ast::Singleton::True => Value::Bool(true),
                    ast::Singleton::False => Value::Bool(false),
                };
                let same = self.compare(ast::CmpOp::Is, &Thing::constant(value), subject, span)?;
                self.truth(&same, span)
            }
            ast::Pattern::MatchOr(node) => {
                for alternative in &node.patterns {
                    if self.pattern_matches(alternative, subject, span, scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            ast::Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern
                    && !self.pattern_matches(inner, subject, span, scope)?
                {
                    return Ok(false);
                }
                if let Some(name) = &node.name {
                    self.bind_name(name.as_str(), subject.clone(), scope, span);
                }
                Ok(true)
            }
            _ => Err(super::interpreter::unknown(span, "the pattern is not followed")),
        }
    }
}

/// Comparing it runs code that is not followed.
fn may_be_anything(subject: &Object<'_>) -> bool {
    matches!(
        subject,
        Object::Unknown(_) | Object::Applied(_) | Object::External(_) | Object::Instance(_)
    )
}

fn names_of_pattern<'a>(pattern: &'a ast::Pattern, names: &mut Vec<&'a str>) {
    match pattern {
        ast::Pattern::MatchAs(node) => {
            names.extend(node.name.iter().map(ast::Identifier::as_str));
            node.pattern
                .iter()
                .for_each(|inner| names_of_pattern(inner, names));
        }
        ast::Pattern::MatchStar(node) => names.extend(node.name.iter().map(ast::Identifier::as_str)),
        ast::Pattern::MatchMapping(node) => {
            names.extend(node.rest.iter().map(ast::Identifier::as_str));
            node.patterns
                .iter()
                .for_each(|inner| names_of_pattern(inner, names));
        }
        ast::Pattern::MatchSequence(node) => node
            .patterns
            .iter()
            .for_each(|inner| names_of_pattern(inner, names)),
        ast::Pattern::MatchOr(node) => node
            .patterns
            .iter()
            .for_each(|inner| names_of_pattern(inner, names)),
        ast::Pattern::MatchClass(node) => {
            node.arguments
                .patterns
                .iter()
                .for_each(|inner| names_of_pattern(inner, names));
            node.arguments
                .keywords
                .iter()
                .for_each(|keyword| names_of_pattern(&keyword.pattern, names));
        }
        ast::Pattern::MatchValue(_) | ast::Pattern::MatchSingleton(_) => {}
    }
}
