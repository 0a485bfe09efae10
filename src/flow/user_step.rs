//! `@user_step_decorator`: decorators that the project makes itself. They wrap the run time of a step only.

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::{self, Visitor};

use super::reader::Reader;
use super::rules::BAD_USER_STEP_DECORATOR;
use super::{DecoratorKind, span_of};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Argument, Code, Function, Object};

/// Is the function a user step decorator? What Metaflow refuses of it is reported.
pub(super) fn judge<'a>(
    reader: &mut Reader<'_, 'a>,
    function: &Function<'a>,
    arguments: &[Argument<'a>],
) -> Option<DecoratorKind> {
    let marked = function.decorators.iter().find(|decoration| {
        matches!(&decoration.decorator.object, Object::External(name) if &**name == "metaflow.user_step_decorator")
    })?;
    if reader.judged.insert(marked.span)
        && let Code::Def(def) = function.code
    {
        let span = span_of(function.source, &def.name);
        let count = def.parameters.len();
        let fault = if !is_generator(&def.body) {
            Some("must be a generator that yields once")
        } else if !(3..=4).contains(&count) {
            Some("must take `step_name`, `flow`, `inputs`, and `attributes` where it has arguments")
        } else {
            None
        };
        if let Some(fault) = fault {
            let message = format!("the user step decorator `{}` {fault}", function.name);
            reader.report(
                Diagnostic::new(&BAD_USER_STEP_DECORATOR, span, message)
                    .help("write `def name(step_name, flow, inputs, attributes=None): … yield …`"),
            );
        }
    }
    if let Some(positional) = arguments.iter().find(|argument| argument.name.is_none())
        && reader.judged.insert(positional.span)
    {
        let message = format!("`@{}` takes keyword arguments only", function.name);
        reader.report(Diagnostic::new(
            &BAD_USER_STEP_DECORATOR,
            positional.span,
            message,
        ));
    }
    Some(DecoratorKind::UserStep)
}

/// Is there a `yield` in the body itself?
fn is_generator(body: &[Stmt]) -> bool {
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

    fn visit_expr(&mut self, expression: &'a ruff_python_ast::Expr) {
        self.found |= expression.is_yield_expr() || expression.is_yield_from_expr();
        if !expression.is_lambda_expr() {
            visitor::walk_expr(self, expression);
        }
    }
}
