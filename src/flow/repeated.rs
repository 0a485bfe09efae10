//! Steps that a later definition in the same class body takes the name of. Knows no graph.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 33 variants, of which few open a new scope"
)]

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use super::reader::Reader;
use super::rules::REPEATED_STEP;
use super::{span_of, uncertain};
use crate::diagnostic::Diagnostic;
use crate::python::object::Class;

/// Judges the statements that stand in a class body itself, not those within an `if`.
pub(super) fn judge<'a>(reader: &mut Reader<'_, 'a>, class: &Class<'a>) {
    let body = &class.node.body;
    for (at, statement) in body.iter().enumerate() {
        let Stmt::FunctionDef(step) = statement else {
            continue;
        };
        if uncertain::step_decorator(class.source, step).is_none() {
            continue;
        }
        let Some(again) = defined_again(step.name.as_str(), body.get(at + 1..).unwrap_or_default()) else {
            continue;
        };
        let span = span_of(class.source, &step.name);
        if reader.judged.insert(span) {
            let name = &step.name;
            let message = format!("the step `{name}` is lost: the class defines `{name}` again");
            reader.report(
                Diagnostic::new(&REPEATED_STEP, span, message)
                    .label(span_of(class.source, &again.name), "the one that counts")
                    .help("give one of them another name, or take it out")
                    .step(step.name.as_str()),
            );
        }
    }
}

/// The next function of this name, if nothing has looked at the name before.
fn defined_again<'b>(name: &str, later: &'b [Stmt]) -> Option<&'b ast::StmtFunctionDef> {
    for statement in later {
        let mut search = Search { name, is_met: false };
        search.visit_stmt(statement);
        if search.is_met {
            return None;
        }
        match statement {
            Stmt::FunctionDef(again) if again.name.as_str() == name => return Some(again),
            _ => {}
        }
    }
    None
}

/// Is a name mentioned by what runs when the class is defined?
struct Search<'n> {
    name: &'n str,
    is_met: bool,
}

impl<'a> Visitor<'a> for Search<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                for decorator in &def.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.visit_parameters(&def.parameters);
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.id == self.name => self.is_met = true,
            _ => visitor::walk_expr(self, expression),
        }
    }
}
