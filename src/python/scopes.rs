//! Where in a text a statement stands, as ruff's `SemanticSyntaxChecker` asks for it: in which scopes, in a loop or
//! not, behind which `global`. Judges nothing.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{self as ast, Expr, PythonVersion, Stmt};
use ruff_python_parser::semantic_errors::{LazyImportContext, SemanticSyntaxContext, SemanticSyntaxError};
use ruff_text_size::TextRange;

use super::depth;
use super::locals;
use super::parse::sentence;

#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Module,
    Class,
    Function(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
    Comprehension { is_generator: bool, is_async: bool },
}

/// A name in a `global` or `nonlocal` statement.
#[derive(Clone, Copy)]
pub(super) struct Declaration<'a> {
    name: &'a str,
    /// Of the statement.
    pub range: TextRange,
    pub is_global: bool,
}

impl Declaration<'_> {
    pub fn word(&self) -> &'static str {
        if self.is_global { "global" } else { "nonlocal" }
    }
}

struct Scope<'a> {
    kind: Kind<'a>,
    is_loop: bool,
    is_except_star: bool,
    /// In source order.
    declarations: Vec<Declaration<'a>>,
    /// What a function binds; asked for by few.
    bound: OnceCell<BTreeSet<&'a str>>,
}

pub(super) struct Scopes<'a> {
    text: &'a str,
    /// Few texts have a `global` or `nonlocal` anywhere.
    has_declarations: bool,
    stack: Vec<Scope<'a>>,
    found: RefCell<Vec<(TextRange, String)>>,
}

impl<'a> Scopes<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            has_declarations: ["global", "nonlocal"].iter().any(|word| text.contains(word)),
            stack: Vec::new(),
            found: RefCell::default(),
        }
    }

    pub fn enter(&mut self, kind: Kind<'a>, body: &'a [Stmt]) {
        let declarations = if self.has_declarations {
            declarations(body)
        } else {
            Vec::new()
        };
        self.stack.push(Scope {
            kind,
            is_loop: false,
            is_except_star: false,
            declarations,
            bound: OnceCell::new(),
        });
    }

    pub fn leave(&mut self) {
        self.stack.pop();
    }

    /// Sets whether the scope is in a loop, and says what it was.
    pub fn set_loop(&mut self, is_loop: bool) -> bool {
        let scope = self.stack.last_mut();
        scope.is_some_and(|scope| std::mem::replace(&mut scope.is_loop, is_loop))
    }

    /// A loop around the block does not count in it.
    pub fn begin_except_star(&mut self) -> (bool, bool) {
        let was_loop = self.set_loop(false);
        let scope = self.stack.last_mut();
        let was_star = scope.is_some_and(|scope| std::mem::replace(&mut scope.is_except_star, true));
        (was_loop, was_star)
    }

    pub fn end_except_star(&mut self, (was_loop, was_star): (bool, bool)) {
        if let Some(scope) = self.stack.last_mut() {
            scope.is_loop = was_loop;
            scope.is_except_star = was_star;
        }
    }

    pub fn is_in_except_star(&self) -> bool {
        self.stack.last().is_some_and(|scope| scope.is_except_star)
    }

    pub fn is_in_loop(&self) -> bool {
        self.stack.last().is_some_and(|scope| scope.is_loop)
    }

    /// All declarations of the name in the innermost scope.
    pub fn declarations(&self, name: &str) -> impl Iterator<Item = &Declaration<'a>> {
        let all = self.stack.last().map_or(&[][..], |scope| &scope.declarations);
        all.iter().filter(move |found| found.name == name)
    }

    pub fn declaration(&self, name: &str) -> Option<&Declaration<'a>> {
        self.declarations(name).next()
    }

    pub fn refuse(&self, range: TextRange, message: String) {
        self.found.borrow_mut().push((range, message));
    }

    pub fn into_found(self) -> Vec<(TextRange, String)> {
        self.found.into_inner()
    }

    fn kinds(&self) -> impl Iterator<Item = Kind<'a>> {
        self.stack.iter().rev().map(|scope| scope.kind)
    }
}

impl SemanticSyntaxContext for Scopes<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        false
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }

    /// What only later versions refuse is no fault: flows run on many.
    fn python_version(&self) -> PythonVersion {
        PythonVersion::PY313
    }

    fn source(&self) -> &str {
        self.text
    }

    /// None: [`super::refused`] looks at all names behind which a declaration stands.
    fn global(&self, _name: &str) -> Option<TextRange> {
        None
    }

    fn has_nonlocal_binding(&self, name: &str) -> bool {
        self.stack.iter().rev().skip(1).any(|scope| match scope.kind {
            Kind::Function(function) => scope.bound.get_or_init(|| bound(function)).contains(name),
            Kind::Lambda(lambda) => has_parameter(lambda.parameters.as_deref(), name),
            Kind::Module | Kind::Class | Kind::Comprehension { .. } => false,
        })
    }

    fn in_async_context(&self) -> bool {
        for kind in self.kinds() {
            match kind {
                Kind::Function(function) => return function.is_async,
                Kind::Class | Kind::Lambda(_) | Kind::Module => return false,
                Kind::Comprehension { .. } => {}
            }
        }
        false
    }

    fn in_await_allowed_context(&self) -> bool {
        for kind in self.kinds() {
            match kind {
                // A generator is asynchronous by what it holds, wherever it stands.
                Kind::Function(_)
                | Kind::Lambda(_)
                | Kind::Comprehension {
                    is_generator: true, ..
                } => {
                    return true;
                }
                Kind::Class | Kind::Module => return false,
                Kind::Comprehension { .. } => {}
            }
        }
        false
    }

    fn in_yield_allowed_context(&self) -> bool {
        self.in_function_scope()
    }

    fn in_sync_comprehension(&self) -> bool {
        self.kinds().any(|kind| {
            matches!(
                kind,
                Kind::Comprehension {
                    is_generator: false,
                    is_async: false
                }
            )
        })
    }

    fn in_class_body_comprehension(&self) -> bool {
        let mut outside = self
            .kinds()
            .skip_while(|kind| matches!(kind, Kind::Comprehension { .. }));
        matches!(outside.next(), Some(Kind::Class))
    }

    fn in_module_scope(&self) -> bool {
        matches!(self.kinds().next(), Some(Kind::Module))
    }

    fn in_function_scope(&self) -> bool {
        matches!(self.kinds().next(), Some(Kind::Function(_) | Kind::Lambda(_)))
    }

    fn in_generator_context(&self) -> bool {
        let generator = |kind| {
            matches!(
                kind,
                Kind::Comprehension {
                    is_generator: true,
                    ..
                }
            )
        };
        self.kinds()
            .take_while(|kind| matches!(kind, Kind::Comprehension { .. }))
            .any(generator)
    }

    fn in_notebook(&self) -> bool {
        false
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        self.refuse(error.range, sentence(&error));
    }

    fn in_loop_context(&self) -> bool {
        // Where a block of `except*` is left, that is what is wrong.
        self.is_in_loop() || self.is_in_except_star()
    }

    fn is_bound_parameter(&self, name: &str) -> bool {
        match self.kinds().next() {
            Some(Kind::Function(function)) => has_parameter(Some(&function.parameters), name),
            Some(Kind::Lambda(lambda)) => has_parameter(lambda.parameters.as_deref(), name),
            Some(Kind::Module | Kind::Class | Kind::Comprehension { .. }) | None => false,
        }
    }
}

fn has_parameter(parameters: Option<&ast::Parameters>, name: &str) -> bool {
    let mut all = parameters.into_iter().flat_map(ast::Parameters::iter);
    all.any(|parameter| parameter.name() == name)
}

/// What a function binds, or takes from one around it.
fn bound(function: &ast::StmtFunctionDef) -> BTreeSet<&str> {
    let locals = locals::of_function(Some(&function.parameters), &function.body);
    locals.bound.iter().chain(&locals.nonlocals).copied().collect()
}

/// The `global` and `nonlocal` statements of a scope, not those of the functions and classes in it.
fn declarations(body: &[Stmt]) -> Vec<Declaration<'_>> {
    let mut collector = Collector::default();
    collector.visit_body(body);
    collector.found
}

#[derive(Default)]
struct Collector<'a> {
    found: Vec<Declaration<'a>>,
    depth: u32,
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let (names, range, is_global) = match statement {
            Stmt::Global(node) => (&node.names, node.range, true),
            Stmt::Nonlocal(node) => (&node.names, node.range, false),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            _ => {
                if self.depth <= depth::LIMIT {
                    self.depth += 1;
                    walk_stmt(self, statement);
                    self.depth -= 1;
                }
                return;
            }
        };
        let declared = names.iter().map(|name| Declaration {
            name: name.as_str(),
            range,
            is_global,
        });
        self.found.extend(declared);
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}
