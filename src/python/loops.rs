//! `for` and `while`: followed round by round while what they go over is known, within a bound.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::follow::Flow;
use super::interpreter::{Interpreter, Known, Stop, opaque};
use super::locals;
use super::object::Thing;
use super::scope::Scope;
use crate::value::Unknown;

/// A loop body may be followed so often.
const MOST_ITERATIONS: usize = 100_000;

/// What `for` and `while` have in common.
#[derive(Clone, Copy)]
struct Loop<'a> {
    target: Option<&'a Expr>,
    body: &'a [Stmt],
    orelse: &'a [Stmt],
}

impl<'a> Loop<'a> {
    fn of_for(node: &'a ast::StmtFor) -> Self {
        Self {
            target: Some(&node.target),
            body: &node.body,
            orelse: &node.orelse,
        }
    }

    fn of_while(node: &'a ast::StmtWhile) -> Self {
        Self {
            target: None,
            body: &node.body,
            orelse: &node.orelse,
        }
    }
}

impl<'a> Interpreter<'a> {
    pub(super) fn follow_for(&mut self, node: &'a ast::StmtFor, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let span = self.span(scope, node.iter.range());
        let iterable = self.evaluate(&node.iter, scope)?;
        let iterator = if node.is_async {
            Err(super::interpreter::unknown(span, "it is asynchronous"))
        } else {
            self.iterator_of(&iterable, span)
        };
        let iterator = match iterator {
            Ok(iterator) => iterator,
            Err(Stop::Unknown(why)) => {
                self.leak(&iterable);
                self.leak_names(&node.iter, scope);
                return self.follow_unknown_loop(Loop::of_for(node), &why, scope);
            }
            Err(raised) => return Err(raised),
        };
        loop {
            let paid = self.spend(5, span);
            let item = match paid.and_then(|()| self.advance(&iterator, span)) {
                Ok(Some(item)) => self.under_control(item),
                Ok(None) => break,
                Err(Stop::Unknown(why)) => {
                    return self.follow_unknown_loop(Loop::of_for(node), &why, scope);
                }
                Err(raised) => return Err(raised),
            };
            self.assign(&node.target, item, scope)?;
            match self.run(&node.body, scope)? {
                Flow::Normal | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Normal),
                Flow::Return(thing) => return Ok(Flow::Return(thing)),
                Flow::Lost(why) | Flow::Astray(why) => {
                    return self.follow_unknown_loop(Loop::of_for(node), &why, scope);
                }
            }
        }
        self.run(&node.orelse, scope)
    }

    pub(super) fn follow_while(&mut self, node: &'a ast::StmtWhile, scope: &Scope<'a>) -> Known<Flow<'a>> {
        let span = self.span(scope, node.test.range());
        for _ in 0..MOST_ITERATIONS {
            if let Err(Stop::Unknown(why)) = self.spend(5, span) {
                return self.follow_unknown_loop(Loop::of_while(node), &why, scope);
            }
            let test = self.evaluate(&node.test, scope)?;
            match self.truth(&test, span) {
                Ok(true) => {}
                Ok(false) => return self.run(&node.orelse, scope),
                Err(Stop::Unknown(why)) => {
                    return self.follow_unknown_loop(Loop::of_while(node), &why, scope);
                }
                Err(raised) => return Err(raised),
            }
            match self.run(&node.body, scope)? {
                Flow::Normal | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Normal),
                Flow::Return(thing) => return Ok(Flow::Return(thing)),
                Flow::Lost(why) | Flow::Astray(why) => {
                    return self.follow_unknown_loop(Loop::of_while(node), &why, scope);
                }
            }
        }
        let why = opaque(span, "the loop takes too long to follow");
        self.follow_unknown_loop(Loop::of_while(node), &why, scope)
    }

    /// A loop of which it is not known how often it runs: what it binds and changes is unknown afterwards.
    fn follow_unknown_loop(
        &mut self,
        statement: Loop<'a>,
        why: &Unknown,
        scope: &Scope<'a>,
    ) -> Known<Flow<'a>> {
        self.doubt();
        let Loop { target, body, orelse } = statement;
        let (ended, changes) = self.in_branch(why, |this| {
            if let Some(target) = target {
                this.assign(target, Thing::unknown(why.clone()), scope)?;
            }
            this.lose_assigned(body, scope, why);
            this.run(body, scope)
        });
        self.forget(changes, why);
        // A `break` may have passed it.
        let (otherwise, changes) = self.in_branch(why, |this| this.run(orelse, scope));
        self.forget(changes, why);
        let leaves = |flow: &Known<Flow<'a>>| matches!(flow, Ok(Flow::Return(_) | Flow::Lost(_)));
        Ok(if leaves(&ended) || leaves(&otherwise) {
            let flow = |flow: Known<Flow<'a>>| flow.unwrap_or(Flow::Normal);
            Flow::Lost(self.any_result([&flow(ended), &flow(otherwise)], why))
        } else {
            Flow::Normal
        })
    }

    /// Names that a loop's body assigns are unknown when it begins again; definitions in it are what they are.
    fn lose_assigned(&mut self, body: &'a [Stmt], scope: &Scope<'a>, why: &Unknown) {
        for name in locals::of_block(body).bound {
            if let Some(before) = self.bound_here(name, scope) {
                self.leak(&before.thing);
                self.bind_name(name, Thing::unknown(why.clone()), scope, why.span);
            }
        }
    }
}
