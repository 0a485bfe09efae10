//! Which module-level names are changed by functions: their first value says nothing.
#![expect(clippy::wildcard_enum_match_arm, reason = "ruff's AST has 33 variants")]

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{depth, locals};

/// A name that a function changes: `LIMITS.append(x)`, `settings.X = 1`, `global N; N += 1`.
#[derive(Debug)]
pub(super) struct Change<'a> {
    /// `["LIMITS"]`, `["settings", "X"]`.
    pub path: Vec<&'a str>,
    pub function: &'a str,
    pub range: TextRange,
    /// The name gets another object; else the object's content changes.
    pub is_rebinding: bool,
}

/// Methods that change a list, dict or set in place.
const CHANGING: &[&str] = &[
    "add",
    "append",
    "appendleft",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "insert",
    "intersection_update",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "symmetric_difference_update",
    "update",
    "__setitem__",
];

/// Does a method of this name change a list, dict or set?
pub(super) fn is_changing(method: &str) -> bool {
    CHANGING.contains(&method)
}

/// All changes that functions of a module make to names of the module.
pub(super) fn changes(body: &[Stmt]) -> Vec<Change<'_>> {
    let mut finder = Finder::default();
    finder.visit_body(body);
    finder.found
}

/// Does a method set something of an object, its own or another's?
pub(super) fn sets_something(method: &ast::StmtFunctionDef) -> bool {
    let mut finder = SetFinder::default();
    finder.visit_body(&method.body);
    finder.found
}

#[derive(Default)]
struct SetFinder {
    found: bool,
    depth: u32,
}

impl<'a> Visitor<'a> for SetFinder {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.found || self.depth > depth::LIMIT {
            return;
        }
        let is_load = |context: &ast::ExprContext| matches!(context, ast::ExprContext::Load);
        self.found = match expression {
            Expr::Attribute(node) => !is_load(&node.ctx),
            Expr::Subscript(node) => !is_load(&node.ctx),
            Expr::Call(node) => match &*node.func {
                Expr::Attribute(attribute) => CHANGING.contains(&attribute.attr.as_str()),
                Expr::Name(name) => matches!(name.id.as_str(), "setattr" | "delattr"),
                _ => false,
            },
            _ => false,
        };
        self.depth += 1;
        visitor::walk_expr(self, expression);
        self.depth -= 1;
    }
}

#[derive(Default)]
struct Finder<'a> {
    found: Vec<Change<'a>>,
    functions: Vec<Function<'a>>,
    depth: u32,
}

struct Function<'a> {
    name: &'a str,
    parameters: Option<&'a ast::Parameters>,
    body: &'a [Stmt],
    /// Found out when it is first needed.
    bound: Option<Vec<&'a str>>,
    globals: Vec<&'a str>,
}

impl<'a> Finder<'a> {
    fn change(&mut self, path: Vec<&'a str>, range: TextRange, is_rebinding: bool) {
        let Some(root) = path.first().copied() else { return };
        if self.is_local(root) {
            return;
        }
        let function = self.functions.last().map_or("", |function| function.name);
        self.found.push(Change {
            path,
            function,
            range,
            is_rebinding,
        });
    }

    /// Is the name local to a function around?
    fn is_local(&mut self, name: &str) -> bool {
        self.functions.iter_mut().any(|function| {
            let bound = function
                .bound
                .get_or_insert_with(|| locals::of_function(function.parameters, function.body).bound);
            bound.contains(&name)
        })
    }

    fn changed_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                let is_global = self
                    .functions
                    .last()
                    .is_some_and(|function| function.globals.contains(&name.id.as_str()));
                if is_global {
                    self.change(vec![&name.id], name.range, true);
                }
            }
            Expr::Attribute(node) => {
                if let Some(path) = path_of(target) {
                    self.change(path, node.range, false);
                }
            }
            Expr::Subscript(node) => {
                if let Some(path) = path_of(&node.value) {
                    self.change(path, node.range, false);
                }
            }
            Expr::Tuple(node) => node.elts.iter().for_each(|target| self.changed_target(target)),
            Expr::List(node) => node.elts.iter().for_each(|target| self.changed_target(target)),
            Expr::Starred(node) => self.changed_target(&node.value),
            _ => {}
        }
    }

    fn enter(
        &mut self,
        name: &'a str,
        parameters: Option<&'a ast::Parameters>,
        body: &'a [Stmt],
        visit: impl FnOnce(&mut Self),
    ) {
        self.functions.push(Function {
            name,
            parameters,
            body,
            bound: None,
            globals: Vec::new(),
        });
        visit(self);
        self.functions.pop();
    }
}

/// `a.b.c` as names, items left out: what a change of `a.b["x"].c` touches.
fn path_of(expression: &Expr) -> Option<Vec<&str>> {
    let mut path = Vec::new();
    let mut inner = expression;
    loop {
        match inner {
            Expr::Name(name) => {
                path.push(name.id.as_str());
                path.reverse();
                return Some(path);
            }
            Expr::Attribute(node) => {
                path.push(node.attr.as_str());
                inner = &node.value;
            }
            Expr::Subscript(node) => {
                // What lies inside of an item belongs to the whole.
                path.clear();
                inner = &node.value;
            }
            _ => return None,
        }
    }
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.depth > depth::LIMIT {
            return;
        }
        self.depth += 1;
        match statement {
            Stmt::FunctionDef(node) => {
                for decorator in &node.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.enter(&node.name, Some(&node.parameters), &node.body, |finder| {
                    finder.visit_body(&node.body);
                });
            }
            Stmt::Global(node) => {
                if let Some(function) = self.functions.last_mut() {
                    function
                        .globals
                        .extend(node.names.iter().map(ast::Identifier::as_str));
                }
            }
            _ if self.functions.is_empty() => visitor::walk_stmt(self, statement),
            Stmt::Assign(node) => {
                node.targets.iter().for_each(|target| self.changed_target(target));
                visitor::walk_stmt(self, statement);
            }
            Stmt::AugAssign(node) => {
                self.changed_target(&node.target);
                visitor::walk_stmt(self, statement);
            }
            Stmt::AnnAssign(node) => {
                self.changed_target(&node.target);
                visitor::walk_stmt(self, statement);
            }
            Stmt::For(node) => {
                self.changed_target(&node.target);
                visitor::walk_stmt(self, statement);
            }
            Stmt::Delete(node) => {
                node.targets.iter().for_each(|target| self.changed_target(target));
                visitor::walk_stmt(self, statement);
            }
            Stmt::Import(node) => {
                for alias in &node.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    if self
                        .functions
                        .last()
                        .is_some_and(|function| function.globals.contains(&name.as_str()))
                    {
                        self.change(vec![name.as_str()], alias.range, true);
                    }
                }
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
            Expr::Lambda(node) => {
                self.enter("<lambda>", node.parameters.as_deref(), &[], |finder| {
                    finder.visit_expr(&node.body);
                });
            }
            Expr::Call(node) if !self.functions.is_empty() => {
                if let Expr::Attribute(attribute) = &*node.func
                    && CHANGING.contains(&attribute.attr.as_str())
                    && let Some(path) = path_of(&attribute.value)
                {
                    self.change(path, expression.range(), false);
                }
                if let Expr::Name(name) = &*node.func
                    && matches!(name.id.as_str(), "setattr" | "delattr")
                    && let [target, Expr::StringLiteral(attribute), ..] = &*node.arguments.args
                    && let Some(mut path) = path_of(target)
                    && !attribute.value.is_implicit_concatenated()
                {
                    path.extend(attribute.value.iter().map(|part| &*part.value));
                    self.change(path, expression.range(), false);
                }
                visitor::walk_expr(self, expression);
            }
            Expr::Named(node) => {
                self.changed_target(&node.target);
                visitor::walk_expr(self, expression);
            }
            _ => visitor::walk_expr(self, expression),
        }
        self.depth -= 1;
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let module = ruff_python_parser::parse_module(text).unwrap().into_syntax();
        changes(&module.body)
            .into_iter()
            .map(|change| change.path.join("."))
            .collect()
    }

    #[test]
    fn finds_what_functions_change() {
        for (text, expected) in [
            ("X = []\nX.append(1)", &[][..]),
            ("def f():\n    X.append(1)", &["X"]),
            ("def f(X):\n    X.append(1)", &[]),
            ("def f():\n    X = []\n    X.append(1)", &[]),
            ("def f():\n    global X\n    X = 1", &["X"]),
            ("def f():\n    X = 1", &[]),
            ("def f():\n    X['a'] = 1\n    X['a']['b'] = 2", &["X", "X"]),
            (
                "def f():\n    settings.X = 1\n    settings.D.update(a=1)",
                &["settings.X", "settings.D"],
            ),
            ("def f():\n    settings.D['a'].b = 1", &["settings.D"]),
            (
                "class C:\n    def m(self):\n        self.x.append(1)\n        C.y = X.pop()",
                &["C.y", "X"],
            ),
            ("def f():\n    def g():\n        X.append(1)\n    X = []", &[]),
            ("f = lambda: X.append(1)", &["X"]),
            ("def f():\n    X += [1]", &[]),
            ("def f():\n    global X\n    X += [1]", &["X"]),
            ("def f():\n    del X['a']", &["X"]),
            ("def f():\n    setattr(settings, 'X', 1)", &["settings.X"]),
            ("def f():\n    [X.append(y) for y in z]", &["X"]),
        ] {
            assert_eq!(paths(text), expected, "{text}");
        }
    }
}
