//! What a function gives: what it returns and yields, and whether its body runs at once. Knows no flow.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 33 variants, of which few give a result"
)]

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::Form;

/// How a function is written. An `async def` with a `yield`, too, runs nothing when it is called: a coroutine.
pub fn form(def: &StmtFunctionDef) -> Form {
    if def.is_async {
        Form::Coroutine
    } else if Results::of(def).yields {
        Form::Generator
    } else {
        Form::Plain
    }
}

/// The results of a function itself, not of those within it.
#[derive(Default)]
pub struct Results<'a> {
    /// In source order; a bare `return` has none.
    pub returned: Vec<&'a Expr>,
    pub yielded: Vec<&'a Expr>,
    /// Is there a `yield`, be it a bare one?
    pub yields: bool,
}

impl<'a> Results<'a> {
    pub fn of(def: &'a StmtFunctionDef) -> Self {
        let mut results = Self::default();
        results.visit_body(&def.body);
        results
    }
}

impl<'a> Visitor<'a> for Results<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Return(result) => self.returned.extend(result.value.as_deref()),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Lambda(_) => return,
            Expr::Yield(result) => self.yielded.extend(result.value.as_deref()),
            Expr::YieldFrom(result) => self.yielded.push(&result.value),
            _ => {}
        }
        self.yields |= expression.is_yield_expr() || expression.is_yield_from_expr();
        visitor::walk_expr(self, expression);
    }
}
