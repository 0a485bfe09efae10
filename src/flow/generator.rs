//! What calling a function makes: does its body run at once? Knows no flow.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::Form;

/// How a function is written. An `async def` with a `yield`, too, runs nothing when it is called: a coroutine.
pub fn form(def: &StmtFunctionDef) -> Form {
    if def.is_async {
        Form::Coroutine
    } else if yields(&def.body) {
        Form::Generator
    } else {
        Form::Plain
    }
}

/// Is there a `yield` in the body itself?
fn yields(body: &[Stmt]) -> bool {
    let mut finder = YieldFinder { found: false };
    finder.visit_body(body);
    finder.found
}

struct YieldFinder {
    found: bool,
}

impl<'a> Visitor<'a> for YieldFinder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            visitor::walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.found |= expression.is_yield_expr() || expression.is_yield_from_expr();
        if !expression.is_lambda_expr() {
            visitor::walk_expr(self, expression);
        }
    }
}
