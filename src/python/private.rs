//! Private names: `__x` within `class A` means `_A__x`. Knows no scope and no value.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use std::cell::{Cell, RefCell};

use ruff_python_ast::name::Name;
use ruff_python_ast::visitor::transformer::{self, Transformer};
use ruff_python_ast::{self as ast, Expr, Pattern, Stmt};

use super::depth;

/// Writes private names as the class around makes them.
pub(super) fn write_out(body: &mut [Stmt]) {
    let writer = Writer {
        class: RefCell::new(None),
        depth: Cell::new(0),
    };
    writer.visit_body(body);
}

/// May the name of a function be another than the one that was written?
pub(super) fn is_written_out(name: &str) -> bool {
    name.strip_prefix('_')
        .is_some_and(|rest| !rest.starts_with('_') && rest.contains("__"))
}

/// `_A` for what stands in a class `A`, `__A`…; nothing in a class `__`.
fn prefix(class: &str) -> Option<String> {
    let name = class.trim_start_matches('_');
    (!name.is_empty()).then(|| format!("_{name}"))
}

struct Writer {
    /// What private names begin with here.
    class: RefCell<Option<String>>,
    depth: Cell<u32>,
}

impl Writer {
    fn write(&self, name: &mut Name) {
        if !name.starts_with("__") || name.ends_with("__") {
            return;
        }
        if let Some(class) = &*self.class.borrow() {
            *name = Name::new(format!("{class}{name}"));
        }
    }

    fn visit_class(&self, class: &mut ast::StmtClassDef) {
        for decorator in &mut class.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(arguments) = &mut class.arguments {
            self.visit_arguments(arguments);
        }
        let around = self.class.replace(prefix(&class.name));
        self.visit_body(&mut class.body);
        self.class.replace(around);
        self.write(&mut class.name.id);
    }

    fn deeper(&self, work: impl FnOnce()) {
        if self.depth.get() > depth::LIMIT {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        work();
        self.depth.set(self.depth.get() - 1);
    }
}

impl Transformer for Writer {
    fn visit_stmt(&self, statement: &mut Stmt) {
        self.deeper(|| match statement {
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::FunctionDef(function) => {
                self.write(&mut function.name.id);
                transformer::walk_stmt(self, statement);
            }
            Stmt::Global(node) => node.names.iter_mut().for_each(|name| self.write(&mut name.id)),
            Stmt::Nonlocal(node) => node.names.iter_mut().for_each(|name| self.write(&mut name.id)),
            _ => transformer::walk_stmt(self, statement),
        });
    }

    fn visit_expr(&self, expression: &mut Expr) {
        self.deeper(|| {
            match expression {
                Expr::Name(node) => self.write(&mut node.id),
                Expr::Attribute(node) => self.write(&mut node.attr.id),
                _ => {}
            }
            transformer::walk_expr(self, expression);
        });
    }

    fn visit_keyword(&self, keyword: &mut ast::Keyword) {
        if let Some(name) = &mut keyword.arg {
            self.write(&mut name.id);
        }
        transformer::walk_keyword(self, keyword);
    }

    fn visit_parameter(&self, parameter: &mut ast::Parameter) {
        self.write(&mut parameter.name.id);
        transformer::walk_parameter(self, parameter);
    }

    fn visit_alias(&self, alias: &mut ast::Alias) {
        if let Some(name) = &mut alias.asname {
            self.write(&mut name.id);
        }
    }

    fn visit_except_handler(&self, handler: &mut ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &mut inner.name {
            self.write(&mut name.id);
        }
        transformer::walk_except_handler(self, handler);
    }

    fn visit_pattern(&self, pattern: &mut Pattern) {
        let name = match pattern {
            Pattern::MatchAs(node) => node.name.as_mut(),
            Pattern::MatchStar(node) => node.name.as_mut(),
            Pattern::MatchMapping(node) => node.rest.as_mut(),
            _ => None,
        };
        if let Some(name) = name {
            self.write(&mut name.id);
        }
        self.deeper(|| transformer::walk_pattern(self, pattern));
    }
}
