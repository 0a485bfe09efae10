//! What CPython's compiler refuses in a text that parses: repeated names, statements in the wrong place.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::depth;

/// The places that CPython would refuse, with the reason.
pub(super) fn refused(body: &[Stmt]) -> Vec<(TextRange, String)> {
    let mut finder = Finder::default();
    finder.visit_body(body);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<(TextRange, String)>,
    place: Place,
    depth: u32,
}

#[derive(Clone, Copy, Default)]
struct Place {
    is_function: bool,
    is_async: bool,
    is_class: bool,
    is_loop: bool,
}

impl Finder {
    fn refuse(&mut self, range: TextRange, message: impl Into<String>) {
        self.found.push((range, message.into()));
    }

    fn inside(&mut self, place: Place, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.place, place);
        visit(self);
        self.place = before;
    }

    fn check_parameters(&mut self, parameters: &ast::Parameters) {
        let mut seen: Vec<&str> = Vec::new();
        for parameter in parameters {
            let name = parameter.name();
            if seen.contains(&name.as_str()) {
                self.refuse(
                    name.range,
                    format!("the parameter `{name}` stands twice in this function"),
                );
            }
            seen.push(name.as_str());
        }
    }

    fn check_keywords(&mut self, arguments: &ast::Arguments) {
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            let earlier = arguments.keywords.iter().take(index);
            if earlier
                .filter_map(|other| other.arg.as_ref())
                .any(|other| other.id == name.id)
            {
                self.refuse(
                    keyword.range,
                    format!("the keyword argument `{name}` is repeated"),
                );
            }
        }
    }

    fn visit_function(&mut self, function: &ast::StmtFunctionDef) {
        self.check_parameters(&function.parameters);
        for decorator in &function.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.visit_parameters(&function.parameters);
        let place = Place {
            is_function: true,
            is_async: function.is_async,
            ..Place::default()
        };
        self.inside(place, |finder| finder.visit_body(&function.body));
    }

    fn visit_class(&mut self, class: &ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let place = Place {
            is_class: true,
            ..Place::default()
        };
        self.inside(place, |finder| finder.visit_body(&class.body));
    }

    fn visit_loop(&mut self, header: &[&Expr], body: &[Stmt], orelse: &[Stmt]) {
        for expression in header {
            self.visit_expr(expression);
        }
        let place = Place {
            is_loop: true,
            ..self.place
        };
        self.inside(place, |finder| finder.visit_body(body));
        self.visit_body(orelse);
    }
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match statement {
            Stmt::FunctionDef(function) => self.visit_function(function),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::For(node) => self.visit_loop(&[&node.target, &node.iter], &node.body, &node.orelse),
            Stmt::While(node) => self.visit_loop(&[&node.test], &node.body, &node.orelse),
            Stmt::Return(node) if !self.place.is_function => {
                self.refuse(node.range, "`return` outside of a function");
            }
            Stmt::Break(node) if !self.place.is_loop => self.refuse(node.range, "`break` outside of a loop"),
            Stmt::Continue(node) if !self.place.is_loop => {
                self.refuse(node.range, "`continue` outside of a loop");
            }
            Stmt::Nonlocal(node) if !self.place.is_function && !self.place.is_class => {
                self.refuse(node.range, "`nonlocal` at module level");
            }
            _ => walk_stmt(self, statement),
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match expression {
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.check_parameters(parameters);
                    self.visit_parameters(parameters);
                }
                let place = Place {
                    is_function: true,
                    ..Place::default()
                };
                self.inside(place, |finder| finder.visit_expr(&lambda.body));
            }
            Expr::Yield(_) | Expr::YieldFrom(_) if !self.place.is_function => {
                self.refuse(expression.range(), "`yield` outside of a function");
            }
            Expr::Await(_) if !self.place.is_function => {
                self.refuse(expression.range(), "`await` outside of a function");
            }
            Expr::Await(_) if !self.place.is_async => {
                self.refuse(expression.range(), "`await` outside of an `async` function");
            }
            Expr::Call(call) => {
                self.check_keywords(&call.arguments);
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
        self.depth -= 1;
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let module = ruff_python_parser::parse_module(text).unwrap().into_syntax();
        refused(&module.body)
            .into_iter()
            .map(|(_, message)| message)
            .collect()
    }

    #[test]
    fn finds_what_the_compiler_refuses() {
        for (text, count) in [
            ("f(a=1, a=2)", 1),
            ("f(**a, **b, c=1)", 0),
            ("def f(a, *, a): pass", 1),
            ("lambda a, a: 1", 1),
            ("return 1", 1),
            ("class C:\n    return", 1),
            ("def f():\n    return", 0),
            ("break", 1),
            ("for x in y:\n    break\nelse:\n    break", 1),
            ("for x in y:\n    def f():\n        break", 1),
            ("while 1:\n    if x:\n        continue", 0),
            ("yield 1", 1),
            ("nonlocal x", 1),
            ("def f():\n    await x", 1),
            ("async def f():\n    await x", 0),
        ] {
            assert_eq!(messages(text).len(), count, "{text}");
        }
    }
}
