//! What CPython's compiler refuses in a text that parses: a `return` outside of a function, two arguments of one
//! name. The judgement is ruff's `SemanticSyntaxChecker`; what it leaves out is added here.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use ruff_python_ast::visitor::{
    Visitor, walk_expr, walk_interpolated_string_element, walk_pattern, walk_stmt,
};
use ruff_python_ast::{self as ast, Expr, ExprContext, Pattern, Stmt};
use ruff_python_parser::semantic_errors::SemanticSyntaxChecker;
use ruff_text_size::{Ranged, TextRange};

use super::depth;
use super::scopes::{Declaration, Kind, Scopes};

/// The places that CPython would refuse, with the reason; each place once.
pub(super) fn refused(body: &[Stmt], text: &str) -> Vec<(TextRange, String)> {
    let mut finder = Finder {
        checker: SemanticSyntaxChecker::new(),
        scopes: Scopes::new(text),
        depth: 0,
    };
    finder.inside(Kind::Module, body, |finder| finder.visit_body(body));
    let mut found = finder.scopes.into_found();
    found.sort_by_key(|(range, _)| (range.start(), range.end()));
    found.dedup_by_key(|(range, _)| *range);
    found
}

struct Finder<'a> {
    checker: SemanticSyntaxChecker,
    scopes: Scopes<'a>,
    depth: u32,
}

impl<'a> Finder<'a> {
    fn refuse(&self, range: TextRange, message: impl Into<String>) {
        self.scopes.refuse(range, message.into());
    }

    fn inside(&mut self, kind: Kind<'a>, body: &'a [Stmt], visit: impl FnOnce(&mut Self)) {
        self.scopes.enter(kind, body);
        visit(self);
        self.scopes.leave();
    }

    fn visit_function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.visit_parameters(&function.parameters);
        self.inside(Kind::Function(function), &function.body, |finder| {
            finder.visit_body(&function.body);
        });
    }

    fn visit_class(&mut self, class: &'a ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        self.inside(Kind::Class, &class.body, |finder| finder.visit_body(&class.body));
    }

    fn visit_loop(&mut self, header: &[&'a Expr], body: &'a [Stmt], orelse: &'a [Stmt]) {
        for expression in header {
            self.visit_expr(expression);
        }
        let before = self.scopes.set_loop(true);
        self.visit_body(body);
        self.scopes.set_loop(before);
        self.visit_body(orelse);
    }

    fn visit_try(&mut self, node: &'a ast::StmtTry) {
        self.visit_body(&node.body);
        for (index, handler) in node.handlers.iter().enumerate() {
            let ast::ExceptHandler::ExceptHandler(inner) = handler;
            if inner.type_.is_none() && index + 1 < node.handlers.len() {
                self.refuse(inner.range, "an `except` without a class must be the last one");
            }
            if let Some(name) = &inner.name {
                self.bind(name);
            }
            if let Some(class) = &inner.type_ {
                self.visit_expr(class);
            }
            let before = node.is_star.then(|| self.scopes.begin_except_star());
            self.visit_body(&inner.body);
            if let Some(before) = before {
                self.scopes.end_except_star(before);
            }
        }
        self.visit_body(&node.orelse);
        self.visit_body(&node.finalbody);
    }

    /// The first iterable is evaluated outside, all else inside.
    fn visit_comprehension_of(
        &mut self,
        elements: &[&'a Expr],
        generators: &'a [ast::Comprehension],
        is_generator: bool,
    ) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let is_async = generators.iter().any(|generator| generator.is_async);
        let kind = Kind::Comprehension {
            is_generator,
            is_async,
        };
        self.inside(kind, &[], |finder| {
            for (index, generator) in generators.iter().enumerate() {
                finder.visit_expr(&generator.target);
                if index > 0 {
                    finder.visit_expr(&generator.iter);
                }
                for condition in &generator.ifs {
                    finder.visit_expr(condition);
                }
            }
            for element in elements {
                finder.visit_expr(element);
            }
        });
    }

    /// A name that is bound without an expression: `def x`, `except E as x`. Python lets `import x` pass.
    fn bind(&self, name: &ast::Identifier) {
        self.check_declared_before(&name.id, name.range, "is assigned to");
    }

    /// `x = 1` above `global x` of the same scope. What ruff says of expressions and `global` is not repeated.
    fn check_declared_before(&self, name: &str, range: TextRange, how: &str) {
        if let Some(declaration) = self.scopes.declaration(name)
            && range.start() < declaration.range.start()
        {
            let word = declaration.word();
            self.refuse(
                range,
                format!("name `{name}` {how} before its {word} declaration"),
            );
        }
    }

    fn check_name(&self, node: &ast::ExprName) {
        let how = match node.ctx {
            ExprContext::Load => "is used",
            ExprContext::Store | ExprContext::Del | ExprContext::Invalid => "is assigned to",
        };
        self.check_declared_before(&node.id, node.range, how);
    }

    /// `x: int` cannot be where `global x` is.
    fn check_annotated(&self, node: &ast::StmtAnnAssign) {
        if let Expr::Name(name) = &*node.target
            && let Some(declaration) = self.scopes.declaration(&name.id)
        {
            let word = declaration.word();
            self.refuse(
                name.range,
                format!("annotated name `{}` cannot be {word}", name.id),
            );
        }
    }

    fn check_declarations(&self, names: &[ast::Identifier], is_global: bool) {
        for name in names {
            let other = |found: &&Declaration<'a>| found.is_global != is_global;
            if self.scopes.declarations(name).any(|found| other(&found)) && !is_global {
                self.refuse(name.range, format!("name `{name}` is nonlocal and global"));
            }
        }
    }

    /// `_ | 1`: what fits always comes last.
    fn check_alternatives(&self, patterns: &[Pattern]) {
        let but_last = patterns.iter().rev().skip(1);
        for pattern in but_last.filter(|pattern| pattern.irrefutable_pattern().is_some()) {
            self.refuse(
                pattern.range(),
                "the alternatives behind this one cannot be reached",
            );
        }
    }

    fn check_keywords(&self, arguments: &ast::Arguments) {
        for name in arguments
            .keywords
            .iter()
            .filter_map(|keyword| keyword.arg.as_ref())
        {
            if name.id == "__debug__" {
                self.refuse(name.range, "cannot assign to `__debug__`");
            }
        }
    }

    fn check_leaving(&self, range: TextRange, word: &str) {
        if self.scopes.is_in_except_star() && (word == "return" || !self.scopes.is_in_loop()) {
            self.refuse(range, format!("`{word}` cannot leave an `except*` block"));
        }
    }

    fn check_statement(&self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(node) => self.bind(&node.name),
            Stmt::ClassDef(node) => self.bind(&node.name),
            Stmt::Global(node) => self.check_declarations(&node.names, true),
            Stmt::Nonlocal(node) => self.check_declarations(&node.names, false),
            Stmt::AnnAssign(node) => self.check_annotated(node),
            Stmt::Return(node) => self.check_leaving(node.range, "return"),
            Stmt::Break(node) => self.check_leaving(node.range, "break"),
            Stmt::Continue(node) => self.check_leaving(node.range, "continue"),
            Stmt::Expr(node) if node.value.is_starred_expr() => {
                self.refuse(node.range, "a starred expression cannot stand alone");
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        self.checker.visit_stmt(statement, &self.scopes);
        self.check_statement(statement);
        match statement {
            Stmt::FunctionDef(function) => self.visit_function(function),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::For(node) => self.visit_loop(&[&node.target, &node.iter], &node.body, &node.orelse),
            Stmt::While(node) => self.visit_loop(&[&node.test], &node.body, &node.orelse),
            Stmt::Try(node) => self.visit_try(node),
            _ => walk_stmt(self, statement),
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        self.checker.visit_expr(expression, &self.scopes);
        match expression {
            Expr::Name(node) => self.check_name(node),
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_parameters(parameters);
                }
                self.inside(Kind::Lambda(lambda), &[], |finder| {
                    finder.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(node) => self.visit_comprehension_of(&[&node.elt], &node.generators, false),
            Expr::SetComp(node) => self.visit_comprehension_of(&[&node.elt], &node.generators, false),
            Expr::Generator(node) => self.visit_comprehension_of(&[&node.elt], &node.generators, true),
            Expr::DictComp(node) => {
                let elements: Vec<&Expr> = node.key.iter().chain([&node.value]).map(|part| &**part).collect();
                self.visit_comprehension_of(&elements, &node.generators, false);
            }
            Expr::Call(node) => {
                self.check_keywords(&node.arguments);
                walk_expr(self, expression);
            }
            Expr::Attribute(node) => {
                if node.attr.id == "__debug__" && !node.ctx.is_load() {
                    self.refuse(node.attr.range, "cannot assign to `__debug__`");
                }
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
        self.depth -= 1;
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        let name = match pattern {
            Pattern::MatchAs(node) => node.name.as_ref(),
            Pattern::MatchStar(node) => node.name.as_ref(),
            Pattern::MatchMapping(node) => node.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name);
        }
        if let Pattern::MatchOr(node) = pattern {
            self.check_alternatives(&node.patterns);
        }
        walk_pattern(self, pattern);
        self.depth -= 1;
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        if let ast::InterpolatedStringElement::Interpolation(hole) = element
            && hole.expression.is_starred_expr()
        {
            self.refuse(hole.expression.range(), "a starred expression cannot stand alone");
        }
        walk_interpolated_string_element(self, element);
    }
}
