//! Which names a body binds: what makes a name local to a function, or uncertain after a loop.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Pattern, Stmt};

use super::depth;
use super::scope::Locals;

/// How a function with these parameters and this body treats names.
pub(super) fn of_function<'a>(parameters: Option<&'a ast::Parameters>, body: &'a [Stmt]) -> Locals<'a> {
    let mut locals = of_block(body);
    let parameters = parameters.into_iter().flat_map(ast::Parameters::iter);
    locals
        .bound
        .extend(parameters.map(|parameter| parameter.name().as_str()));
    let Locals {
        bound,
        globals,
        nonlocals,
        ..
    } = &mut locals;
    bound.retain(|name| !globals.contains(name) && !nonlocals.contains(name));
    locals
}

/// The names that statements bind in the scope they stand in.
pub(super) fn of_block(body: &[Stmt]) -> Locals<'_> {
    let mut collector = Collector::default();
    collector.visit_body(body);
    collector.locals
}

/// The names in an assignment's or loop's target.
pub(super) fn of_target(target: &Expr) -> Locals<'_> {
    let mut collector = Collector::default();
    collector.visit_expr(target);
    collector.locals
}

#[derive(Default)]
struct Collector<'a> {
    locals: Locals<'a>,
    /// Those of `locals.bound`: a class may have thousands.
    seen: HashSet<&'a str>,
    depth: u32,
}

impl<'a> Collector<'a> {
    fn bind(&mut self, name: &'a str) {
        if self.seen.insert(name) {
            self.locals.bound.push(name);
        }
    }

    fn bind_imported(&mut self, alias: &'a ast::Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        self.bind(name.split('.').next().unwrap_or(name));
    }

    fn visit_comprehension_parts(&mut self, elements: &[&'a Expr], generators: &'a [ast::Comprehension]) {
        for element in elements {
            self.visit_expr(element);
        }
        for generator in generators {
            self.visit_expr(&generator.iter);
            generator
                .ifs
                .iter()
                .for_each(|condition| self.visit_expr(condition));
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match statement {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name);
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                for parameter in function.parameters.iter_non_variadic_params() {
                    parameter
                        .default
                        .iter()
                        .for_each(|default| self.visit_expr(default));
                }
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                for decorator in &class.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
            }
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.bind_imported(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.bind_imported(alias)),
            Stmt::Global(global) => self
                .locals
                .globals
                .extend(global.names.iter().map(ast::Identifier::as_str)),
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal.names.iter().map(ast::Identifier::as_str);
                self.locals.nonlocals.extend(names);
            }
            _ => visitor::walk_stmt(self, statement),
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match expression {
            Expr::Name(name) => {
                if matches!(name.ctx, ast::ExprContext::Store | ast::ExprContext::Del) {
                    self.bind(&name.id);
                }
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(node) => self.visit_comprehension_parts(&[&node.elt], &node.generators),
            Expr::SetComp(node) => self.visit_comprehension_parts(&[&node.elt], &node.generators),
            Expr::Generator(node) => self.visit_comprehension_parts(&[&node.elt], &node.generators),
            Expr::DictComp(node) => {
                node.key.iter().for_each(|key| self.visit_expr(key));
                self.visit_comprehension_parts(&[&node.value], &node.generators);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.locals.is_generator = true;
                visitor::walk_expr(self, expression);
            }
            _ => visitor::walk_expr(self, expression),
        }
        self.depth -= 1;
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(node) => node.name.iter().for_each(|name| self.bind(name)),
            Pattern::MatchStar(node) => node.name.iter().for_each(|name| self.bind(name)),
            Pattern::MatchMapping(node) => node.rest.iter().for_each(|name| self.bind(name)),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_body_binds() {
        let text = "a, *b = 1, 2\nfor c in d: pass\nwith e as f: g = (h := 1)\nimport i.j, k as l\n\
                    def m(n=(o := 1)): p = 1\nx.y = [q for q in r if (s := q)]\nglobal t\nt = yield\n\
                    try: pass\nexcept E as u: pass\nmatch v:\n    case [w, *z]: pass\n";
        let module = ruff_python_parser::parse_unchecked_source(text, ast::PySourceType::Python);
        let locals = of_block(&module.syntax().body);
        let mut bound = locals.bound.clone();
        bound.sort_unstable();
        assert_eq!(
            bound,
            [
                "a", "b", "c", "f", "g", "h", "i", "l", "m", "o", "s", "t", "u", "w", "z"
            ]
        );
        assert_eq!(locals.globals, ["t"]);
        assert!(locals.is_generator);
    }
}
