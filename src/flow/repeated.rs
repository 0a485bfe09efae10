//! Steps that a later definition in the same class body takes the name of. Knows no graph.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 33 variants, of which few open a new scope"
)]

use std::collections::BTreeMap;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use super::reader::Reader;
use super::rules::REPEATED_STEP;
use super::{span_of, uncertain};
use crate::diagnostic::Diagnostic;
use crate::python::object::Class;
use crate::source::SourceId;

/// Judges the statements that stand in a class body itself, not those within an `if`.
pub(super) fn judge<'a>(reader: &mut Reader<'_, 'a>, class: &Class<'a>) {
    // Steps that nothing has looked at since they were defined.
    let mut pending: BTreeMap<&str, &ast::StmtFunctionDef> = BTreeMap::new();
    for statement in &class.node.body {
        let mut mentioned = Mentioned { names: Vec::new() };
        mentioned.visit_stmt(statement);
        for name in mentioned.names {
            pending.remove(name);
        }
        let Stmt::FunctionDef(def) = statement else {
            continue;
        };
        if let Some(lost) = pending.remove(def.name.as_str()) {
            report(reader, class.source, lost, def);
        }
        if uncertain::step_decorator(class.source, def).is_some() && !is_overload(def) {
            pending.insert(def.name.as_str(), def);
        }
    }
}

fn report(
    reader: &mut Reader<'_, '_>,
    source: SourceId,
    lost: &ast::StmtFunctionDef,
    again: &ast::StmtFunctionDef,
) {
    let span = span_of(source, &lost.name);
    if !reader.judged.insert(span) {
        return;
    }
    let name = &lost.name;
    let message = format!("the step `{name}` is lost: the class defines `{name}` again");
    reader.report(
        Diagnostic::new(&REPEATED_STEP, span, message)
            .label(span_of(source, &again.name), "the one that counts")
            .help("give one of them another name, or take it out")
            .step(lost.name.as_str()),
    );
}

/// `@typing.overload`: the one that counts is to follow.
fn is_overload(def: &ast::StmtFunctionDef) -> bool {
    def.decorator_list
        .iter()
        .any(|decorator| match &decorator.expression {
            Expr::Name(name) => name.id == "overload",
            Expr::Attribute(attribute) => attribute.attr.as_str() == "overload",
            _ => false,
        })
}

/// The names that what runs when the class is defined mentions.
struct Mentioned<'a> {
    names: Vec<&'a str>,
}

impl<'a> Visitor<'a> for Mentioned<'a> {
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
            Expr::Name(name) => self.names.push(name.id.as_str()),
            _ => visitor::walk_expr(self, expression),
        }
    }
}
