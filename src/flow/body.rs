//! What a step's body does with `self`: artifacts set and read, and every `self.next` that is not the tail.
//! Knows no other step and follows no call.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 33 variants, of which few open a new context"
)]

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{Body, Merge, Named, OtherNext, span_of, transition};
use crate::source::SourceId;

/// Deeper nesting is not looked into: the visitor recurses, and the stack is finite.
const DEEPEST: usize = 500;

/// Reads the body of a method whose first parameter is called `receiver`.
pub fn read(body: &[Stmt], receiver: &str, source: SourceId) -> Body {
    let mut reader = Reader {
        receiver,
        source,
        tail: transition::tail_call(body).map(|(statement, _)| statement.range()),
        inside: Vec::new(),
        depth: 0,
        catchers: 0,
        body: Body::default(),
    };
    reader.visit_body(body);
    let Body {
        assigned,
        read,
        calls,
        other_nexts,
        ..
    } = &mut reader.body;
    for names in [assigned, read, calls] {
        names.sort_by_key(|named| named.span);
    }
    other_nexts.sort_by_key(|next| next.span);
    reader.body
}

struct Reader<'s> {
    receiver: &'s str,
    source: SourceId,
    /// The tail statement, whose `self.next` is not one of the others.
    tail: Option<TextRange>,
    /// What stands around the present place, outermost first.
    inside: Vec<&'static str>,
    depth: usize,
    /// So many `try` around the present place catch the error of an attribute.
    catchers: usize,
    body: Body,
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.depth >= DEEPEST {
            self.body.is_opaque = true;
            return;
        }
        self.depth += 1;
        if let Stmt::Assign(assign) = statement {
            self.counted(assign);
        }
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => {
                self.within("nested class", |reader| visitor::walk_body(reader, &class.body));
            }
            Stmt::Try(attempt) if catches_attribute_error(attempt) => self.attempt(attempt),
            Stmt::With(with) if with.items.iter().any(expects_an_error) => {
                self.catchers += 1;
                self.within("with", |reader| visitor::walk_stmt(reader, statement));
                self.catchers -= 1;
            }
            Stmt::Expr(expression) if self.tail == Some(statement.range()) => {
                self.tail_arguments(&expression.value);
            }
            Stmt::Expr(expression) if self.is_other_next(&expression.value) => {
                visitor::walk_stmt(self, statement);
            }
            _ => match context(statement) {
                Some(name) => self.within(name, |reader| visitor::walk_stmt(reader, statement)),
                None if self.inside.is_empty() => {
                    self.within("expression", |reader| visitor::walk_stmt(reader, statement));
                }
                None => visitor::walk_stmt(self, statement),
            },
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.depth >= DEEPEST {
            self.body.is_opaque = true;
            return;
        }
        self.depth += 1;
        match expression {
            Expr::Attribute(attribute) if self.is_receiver(&attribute.value) => self.attribute(attribute),
            Expr::Call(call) => self.call(call),
            Expr::Lambda(lambda) => self.lambda(lambda),
            // `helper(self)`, `me = self`: what happens behind is not seen.
            Expr::Name(name) if name.id == self.receiver => self.body.is_opaque = true,
            _ => visitor::walk_expr(self, expression),
        }
        self.depth -= 1;
    }

    fn visit_annotation(&mut self, _annotation: &'a Expr) {}
}

impl<'a> Reader<'_> {
    fn within(&mut self, name: &'static str, walk: impl FnOnce(&mut Self)) {
        self.inside.push(name);
        walk(self);
        self.inside.pop();
    }

    /// `try: self.alpha = 2` / `except AttributeError: …`: the flow reckons with a refusal.
    fn attempt(&mut self, attempt: &'a ast::StmtTry) {
        self.within("try", |reader| {
            reader.catchers += 1;
            visitor::walk_body(reader, &attempt.body);
            reader.catchers -= 1;
            for handler in &attempt.handlers {
                visitor::walk_except_handler(reader, handler);
            }
            visitor::walk_body(reader, &attempt.orelse);
            visitor::walk_body(reader, &attempt.finalbody);
        });
    }

    fn named(&self, name: String, node: &impl Ranged) -> Named {
        Named {
            name,
            span: span_of(self.source, node),
            is_attempted: self.catchers > 0,
        }
    }

    fn is_receiver(&self, expression: &Expr) -> bool {
        expression
            .as_name_expr()
            .is_some_and(|name| name.id == self.receiver)
    }

    fn is_other_next(&self, expression: &Expr) -> bool {
        expression
            .as_call_expr()
            .is_some_and(|call| transition::is_next(call, self.receiver))
    }

    /// A function that has a parameter of its own called `self` speaks of another object.
    fn shadows(&self, parameters: &ast::Parameters) -> bool {
        parameters
            .iter()
            .any(|parameter| parameter.name() == self.receiver)
    }

    fn function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        self.visit_parameters(&function.parameters);
        if !self.shadows(&function.parameters) {
            self.within("nested function", |reader| {
                visitor::walk_body(reader, &function.body);
            });
        }
    }

    fn lambda(&mut self, lambda: &'a ast::ExprLambda) {
        if let Some(parameters) = &lambda.parameters {
            self.visit_parameters(parameters);
            if self.shadows(parameters) {
                return;
            }
        }
        self.within("nested function", |reader| reader.visit_expr(&lambda.body));
    }

    /// The arguments of the tail are steps and names, not artifacts, except where they are values.
    fn tail_arguments(&mut self, expression: &'a Expr) {
        let Some(call) = expression.as_call_expr() else {
            return;
        };
        for keyword in &call.arguments.keywords {
            self.visit_expr(&keyword.value);
        }
    }

    fn attribute(&mut self, attribute: &ast::ExprAttribute) {
        let named = self.named(attribute.attr.to_string(), attribute);
        match attribute.ctx {
            ExprContext::Store | ExprContext::Del => self.body.assigned.push(named),
            // The instance's dictionary gives access to every artifact.
            ExprContext::Load | ExprContext::Invalid if named.name == "__dict__" => {
                self.body.is_opaque = true;
            }
            ExprContext::Load | ExprContext::Invalid => {
                if named.is_attempted {
                    self.body.probed.push(named.name.clone());
                }
                self.body.read.push(named);
            }
        }
    }

    /// `self.x = [1, 2]`
    fn counted(&mut self, assign: &ast::StmtAssign) {
        // In an `if` it may keep what an earlier step set; in `self.x = self.y = […]` it has two names.
        let (true, [Expr::Attribute(target)]) = (self.inside.is_empty(), &*assign.targets) else {
            return;
        };
        if let Some(count) = length(&assign.value)
            && self.is_receiver(&target.value)
        {
            let named = self.named(target.attr.to_string(), assign);
            self.body.counted.push((named, count));
        }
    }

    fn call(&mut self, call: &'a ast::ExprCall) {
        if transition::is_next(call, self.receiver) {
            self.other_next(call);
            for keyword in &call.arguments.keywords {
                self.visit_expr(&keyword.value);
            }
            return;
        }
        if let Some(function) = call.func.as_attribute_expr()
            && self.is_receiver(&function.value)
        {
            self.method(function);
            self.visit_arguments(&call.arguments);
            return;
        }
        // `super().start()` runs a body that is not here.
        if call.func.as_name_expr().is_some_and(|name| name.id == "super") {
            self.body.is_opaque = true;
        }
        if let Some(name) = setattr_name(call)
            && call.arguments.args.first().is_some_and(|it| self.is_receiver(it))
        {
            self.set(name, call);
            return;
        }
        if self.looks_only(call) {
            for argument in call.arguments.args.iter().skip(1) {
                self.visit_expr(argument);
            }
            return;
        }
        self.visit_expr(&call.func);
        self.visit_arguments(&call.arguments);
    }

    /// `hasattr(self, "x")`, `print(self)`: `self` is given away, but comes back as it was.
    fn looks_only(&mut self, call: &ast::ExprCall) -> bool {
        let Some(function) = call.func.as_name_expr() else {
            return false;
        };
        let arguments = &call.arguments.args;
        let is_harmless = matches!(
            function.id.as_str(),
            "hasattr" | "getattr" | "print" | "isinstance" | "type" | "id" | "str" | "repr" | "dir"
        );
        if !is_harmless || !arguments.first().is_some_and(|first| self.is_receiver(first)) {
            return false;
        }
        if let Some(name) = arguments.get(1).and_then(Expr::as_string_literal_expr) {
            self.body.probed.push(name.value.to_str().to_owned());
        }
        true
    }

    /// `setattr(self, "x", value)`
    fn set(&mut self, name: &Expr, call: &'a ast::ExprCall) {
        match name.as_string_literal_expr() {
            Some(name) => {
                let named = self.named(name.value.to_str().to_owned(), call);
                self.body.assigned.push(named);
            }
            None => self.body.is_opaque = true,
        }
        for argument in call.arguments.args.iter().skip(1) {
            self.visit_expr(argument);
        }
    }

    /// `self.merge_artifacts(inputs)`, `self.helper()`
    fn method(&mut self, function: &ast::ExprAttribute) {
        let span = span_of(self.source, function);
        if function.attr.as_str() == "merge_artifacts" {
            let guards = ["try", "with", "nested function", "nested class"];
            let is_attempted = self.inside.iter().any(|place| guards.contains(place));
            self.body.merges.push(Merge { span, is_attempted });
        } else {
            let named = self.named(function.attr.to_string(), function);
            self.body.calls.push(named);
        }
    }

    fn other_next(&mut self, call: &ast::ExprCall) {
        let is_nested = self
            .inside
            .iter()
            .any(|name| matches!(*name, "nested function" | "nested class"));
        let inside = if is_nested {
            Some("nested function")
        } else {
            self.inside.last().copied()
        };
        self.body.other_nexts.push(OtherNext {
            span: span_of(self.source, call),
            inside,
            targets: transition::named_targets(call),
        });
    }
}

/// The second argument of `setattr(OBJECT, NAME, …)`; `None` where it is another call.
fn setattr_name(call: &ast::ExprCall) -> Option<&Expr> {
    let function = call.func.as_name_expr()?;
    call.arguments.args.get(1).filter(|_| function.id == "setattr")
}

/// The number of items of `[1, 2]`, `(1, 2)`, `range(2)`, `list(range(2))`, `[0] * 2`, where it is written.
fn length(expression: &Expr) -> Option<usize> {
    let number = |expression: &Expr| {
        let number = expression.as_number_literal_expr()?.value.as_int()?;
        number.as_u64().and_then(|number| usize::try_from(number).ok())
    };
    match expression {
        Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
            (!elts.iter().any(Expr::is_starred_expr)).then_some(elts.len())
        }
        // Not a chain of products, which may be of any depth.
        Expr::BinOp(product) if product.op == ast::Operator::Mult && !product.left.is_bin_op_expr() => {
            length(&product.left)?.checked_mul(number(&product.right)?)
        }
        Expr::Call(call) if call.arguments.keywords.is_empty() => {
            let function = call.func.as_name_expr()?.id.as_str();
            match (function, &*call.arguments.args) {
                ("list" | "tuple" | "sorted", [inner]) => length(inner),
                ("range", [stop]) => number(stop),
                ("range", [first, stop]) => Some(number(stop)?.saturating_sub(number(first)?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Does a handler catch `AttributeError`? A name of the flow's own may stand for it.
fn catches_attribute_error(attempt: &ast::StmtTry) -> bool {
    const OTHERS: [&str; 8] = [
        "ImportError",
        "IndexError",
        "KeyError",
        "ModuleNotFoundError",
        "OSError",
        "TypeError",
        "ValueError",
        "FileNotFoundError",
    ];
    let is_other = |caught: &Expr| {
        caught
            .as_name_expr()
            .is_some_and(|name| OTHERS.contains(&name.id.as_str()))
    };
    attempt.handlers.iter().any(|handler| {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        match handler.type_.as_deref() {
            None => true,
            Some(Expr::Tuple(several)) => !several.elts.iter().all(is_other),
            Some(caught) => !is_other(caught),
        }
    })
}

/// `with pytest.raises(AttributeError):`, `with suppress(Exception):`
fn expects_an_error(item: &ast::WithItem) -> bool {
    let Some(call) = item.context_expr.as_call_expr() else {
        return false;
    };
    let name = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    matches!(name, "raises" | "suppress" | "assertRaises")
}

/// How a statement that may hold a `self.next` is called.
fn context(statement: &Stmt) -> Option<&'static str> {
    match statement {
        Stmt::If(_) => Some("if"),
        Stmt::For(_) => Some("for"),
        Stmt::While(_) => Some("while"),
        Stmt::Try(_) => Some("try"),
        Stmt::With(_) => Some("with"),
        Stmt::Match(_) => Some("match"),
        Stmt::Return(_) => Some("return"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn body(text: &str) -> Body {
        let mut sources = Sources::default();
        let source = sources.add("f.py", text);
        let parsed = ruff_python_parser::parse_module(text).expect("it parses");
        read(&parsed.syntax().body, "self", source)
    }

    fn names(list: &[Named]) -> Vec<&str> {
        list.iter().map(|named| named.name.as_str()).collect()
    }

    #[test]
    fn artifacts_set_and_read() {
        let found = body(
            "self.x, (self.y, self.z[0]) = self.a, 1\nself.n += 1\nsetattr(self, 's', self.b)\n\
             with open(self.p) as self.f: pass\nfor self.i in self.xs: self.helper(self.c)\nself.next(self.end)",
        );
        assert_eq!(names(&found.assigned), ["x", "y", "n", "s", "f", "i"]);
        assert_eq!(names(&found.read), ["z", "a", "b", "p", "xs", "c"]);
        assert_eq!(names(&found.calls), ["helper"]);
        assert!(!found.is_opaque);
    }

    #[test]
    fn lists_whose_length_is_written() {
        let found = body(
            "self.a = [1, 2]\nself.b = list(range(3, 9))\nself.c = (0,) * 5\nself.d = [*x]\n\
             self.e = range(n)\nself.f = [0] * 2 * 3\nif x:\n self.g = [1]\nself.h = self.i = [1]",
        );
        let counts: Vec<_> = found
            .counted
            .iter()
            .map(|(named, count)| (named.name.as_str(), *count))
            .collect();
        assert_eq!(counts, [("a", 2), ("b", 6), ("c", 5)]);
    }

    #[test]
    fn another_self_is_not_the_flow() {
        let found =
            body("class A:\n def f(self): self.x = 1\ndef g(self): self.y = 2\nh = lambda self: self.z");
        assert!(found.assigned.is_empty() && found.read.is_empty() && !found.is_opaque);
    }

    #[test]
    fn whoever_gets_self_may_set_anything() {
        for text in [
            "helper(self)",
            "me = self",
            "self.__dict__['x'] = 1",
            "setattr(self, k, 1)",
            "super().start()",
        ] {
            assert!(body(text).is_opaque, "{text}");
        }
    }

    #[test]
    fn what_a_flow_reckons_with() {
        let found = body(
            "try:\n self.a = self.b\nexcept AttributeError:\n self.c = 1\n\
             try:\n self.d = 1\nexcept (KeyError, ValueError): pass\n\
             with suppress(Exception):\n self.e = 1",
        );
        let attempted: Vec<_> = found.assigned.iter().map(|named| named.is_attempted).collect();
        assert_eq!(names(&found.assigned), ["a", "c", "d", "e"]);
        assert_eq!(attempted, [true, false, false, true]);
        assert_eq!(found.probed, ["b"]);
    }

    #[test]
    fn every_next_but_the_tail() {
        let found = body(
            "self.next(self.a)\nif x:\n self.next(self.b, foreach=self.q)\nx = self.next({'k': self.c})\n\
             def f():\n if x: self.next(self.d)\nself.next(self.e)",
        );
        let places: Vec<_> = found
            .other_nexts
            .iter()
            .map(|next| (next.inside, next.targets.join(",")))
            .collect();
        let expected = [
            (None, "a"),
            (Some("if"), "b"),
            (Some("expression"), "c"),
            (Some("nested function"), "d"),
        ];
        assert_eq!(
            places,
            expected.map(|(inside, targets)| (inside, targets.to_owned()))
        );
        assert_eq!(names(&found.read), ["q"]);
    }
}
