//! Annotations that Python evaluates where they stand: a name in them that is not defined is an error. What they mean
//! is nobody's business here.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::depth;
use super::interpreter::{Interpreter, Known, Stop, opaque};
use super::object::{Binding, Thing};
use super::scope::{FrameKind, Locals, Scope};
use crate::value::Why;

/// Does `from __future__ import annotations` stand in the file?
pub(super) fn are_lazy(body: &[Stmt]) -> bool {
    body.iter().filter_map(Stmt::as_import_from_stmt).any(|import| {
        let is_future = import
            .module
            .as_ref()
            .is_some_and(|module| module.as_str() == "__future__");
        is_future
            && import
                .names
                .iter()
                .any(|alias| alias.name.as_str() == "annotations")
    })
}

impl<'a> Interpreter<'a> {
    /// `x: List[int] = …`: not evaluated for the variables of a function.
    pub(super) fn check_variable_annotation(
        &mut self,
        node: &'a ast::StmtAnnAssign,
        scope: &Scope<'a>,
    ) -> Known<()> {
        if scope.own_names().is_none() && node.target.is_name_expr() {
            return Ok(());
        }
        self.check_annotation(&node.annotation, scope)
    }

    /// `def f(x: Frame) -> Frame`
    pub(super) fn check_signature(&mut self, node: &'a ast::StmtFunctionDef, scope: &Scope<'a>) -> Known<()> {
        let parameters = node.parameters.iter();
        let annotations = parameters.filter_map(ast::AnyParameterRef::annotation);
        for annotation in annotations.chain(node.returns.as_deref()) {
            self.check_annotation(annotation, scope)?;
        }
        Ok(())
    }

    fn check_annotation(&mut self, annotation: &'a Expr, scope: &Scope<'a>) -> Known<()> {
        if scope.module.has_lazy_annotations {
            return Ok(());
        }
        let mut names = Names::default();
        names.visit_expr(annotation);
        for name in names.found {
            let span = self.span(scope, name.range());
            match self.look_up(&name.id, scope, span) {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    if matches!(why.why, Why::Raises { .. }) {
                        self.report(&why);
                    } else {
                        self.note_raised(&why);
                    }
                }
                Err(Stop::Raise(why)) => return Err(Stop::Raise(why)),
                Ok(_) | Err(Stop::Unknown(_)) => {}
            }
        }
        Ok(())
    }

    /// The scope in which the type parameters of `class Box[T]` and `def first[T]` are names.
    pub(super) fn with_type_parameters(
        &mut self,
        parameters: Option<&'a ast::TypeParams>,
        scope: &Scope<'a>,
    ) -> Scope<'a> {
        let Some(parameters) = parameters else {
            return scope.clone();
        };
        let names = self.namespace();
        let mut bound = Vec::new();
        for parameter in &parameters.type_params {
            let name = parameter.name().as_str();
            let span = self.span(scope, parameter.range());
            let thing = Thing::unknown(opaque(span, "it is a type"));
            names.set(name, Binding { thing, span });
            bound.push(name);
        }
        let locals = Locals {
            bound,
            is_of_types: true,
            ..Locals::default()
        };
        scope.inner(FrameKind::Function(Rc::new(locals)), names)
    }
}

/// The names that an annotation surely looks up.
#[derive(Default)]
struct Names<'a> {
    found: Vec<&'a ast::ExprName>,
    depth: u32,
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match expression {
            Expr::Name(name) => self.found.push(name),
            Expr::Attribute(_)
            | Expr::Subscript(_)
            | Expr::Tuple(_)
            | Expr::List(_)
            | Expr::BinOp(_)
            | Expr::Starred(_)
            | Expr::Call(_) => visitor::walk_expr(self, expression),
            _ => {}
        }
        self.depth -= 1;
    }
}
