//! Expressions, evaluated as Python would, as far as that needs no code to run.

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::interpreter::{Evaluation, Interpreter, Known, Stop, TOO_LARGE, settle, unknown};
use super::lazy::Lazy;
use super::object::{Object, Thing};
use super::scope::Scope;
use super::surrogate;
use crate::source::Span;
use crate::value::{Placeholder, PlaceholderUse, Unknown, Value, Why};

impl<'a> Interpreter<'a> {
    /// The object of an expression. An object that is not known is an `Object::Unknown`; the error is what Python raises.
    pub fn evaluate(&mut self, expression: &'a Expr, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, expression.range());
        let result = settle(self.deeper(span, |this| this.evaluate_inner(expression, scope)));
        if let Ok(Thing {
            object: Object::Unknown(_),
            ..
        }) = &result
        {
            self.doubt();
            self.leak_names(expression, scope);
        }
        result
    }

    fn evaluate_inner(&mut self, expression: &'a Expr, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, expression.range());
        match expression {
            Expr::StringLiteral(node) => {
                let text: Arc<str> = Arc::from(node.value.to_str());
                self.refuse_halves(&text, span)?;
                Ok(Thing::constant(Value::Str(text)))
            }
            Expr::BytesLiteral(node) => Ok(Thing::constant(Value::Bytes(
                node.value.bytes().collect::<Vec<u8>>().into(),
            ))),
            Expr::NumberLiteral(node) => match &node.value {
                ast::Number::Int(number) => match number.as_i64() {
                    Some(number) => Ok(Thing::constant(Value::Int(number))),
                    None => Err(unknown(span, TOO_LARGE)),
                },
                ast::Number::Float(number) => Ok(Thing::constant(Value::Float(*number))),
                ast::Number::Complex { .. } => Err(unknown(span, "it is a complex number")),
            },
            Expr::BooleanLiteral(node) => Ok(Thing::constant(Value::Bool(node.value))),
            Expr::NoneLiteral(_) => Ok(Thing::constant(Value::None)),
            Expr::EllipsisLiteral(_) => Ok(Thing::constant(Value::Ellipsis)),
            Expr::Name(node) => self.look_up(&node.id, scope, span),
            Expr::Attribute(node) => self.evaluate_attribute(node, scope),
            Expr::Subscript(node) => self.evaluate_subscript(node, scope),
            Expr::Call(node) => self.evaluate_call(node, scope),
            Expr::Tuple(node) => Ok(Thing::new(Object::Tuple(Rc::new(
                self.elements(&node.elts, scope)?,
            )))),
            Expr::List(node) => {
                let items = self.elements(&node.elts, scope)?;
                Ok(self.list(items))
            }
            Expr::Set(node) => {
                let items = self.elements(&node.elts, scope)?;
                self.set_of(items, span)
            }
            Expr::Dict(node) => self.evaluate_dict(node, scope),
            Expr::BinOp(node) => {
                let left = self.evaluate(&node.left, scope)?;
                let right = self.evaluate(&node.right, scope)?;
                self.binary(node.op, &left, &right, span)
            }
            Expr::UnaryOp(node) => {
                let operand = self.evaluate(&node.operand, scope)?;
                // A placeholder is to blame itself, not what is done to it.
                let at = self.span(scope, node.operand.range());
                let operand = match node.op {
                    ast::UnaryOp::Not => self.used_as(operand, PlaceholderUse::Truth, at)?,
                    ast::UnaryOp::Invert | ast::UnaryOp::UAdd | ast::UnaryOp::USub => operand,
                };
                self.unary(node.op, &operand, span)
            }
            Expr::BoolOp(node) => self.evaluate_bool_op(node, scope),
            Expr::Compare(node) => self.evaluate_compare(node, scope),
            Expr::If(node) => self.evaluate_conditional(node, scope),
            Expr::Named(node) => {
                let value = self.evaluate(&node.value, scope)?;
                if let Expr::Name(name) = &*node.target {
                    self.bind_walrus(&name.id, value.clone(), scope, span);
                }
                Ok(value)
            }
            Expr::Lambda(node) => self.make_lambda(node, scope),
            Expr::FString(node) => self.evaluate_f_string(node, scope),
            Expr::ListComp(node) => {
                let items = self.comprehend(&node.generators, scope, &mut |this, inner| {
                    this.evaluate(&node.elt, inner)
                })?;
                Ok(self.list(items))
            }
            Expr::SetComp(node) => {
                let items = self.comprehend(&node.generators, scope, &mut |this, inner| {
                    this.evaluate(&node.elt, inner)
                })?;
                self.set_of(items, span)
            }
            Expr::Generator(node) => {
                let rounds = Box::new(self.begin_rounds(&node.generators, scope)?);
                Ok(self.iterator(Lazy::Generated { node, rounds }))
            }
            Expr::DictComp(node) => self.evaluate_dict_comprehension(node, scope),
            Expr::Starred(node) => self.evaluate(&node.value, scope),
            Expr::Slice(_) => Err(unknown(span, "it is a slice object")),
            Expr::TString(_) => Err(unknown(span, "it is a template string")),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                Err(unknown(span, "it waits for code that runs"))
            }
            Expr::IpyEscapeCommand(_) => Err(unknown(span, "it is not Python")),
        }
    }

    /// Elements of a display, `*x` spread out.
    fn elements(&mut self, elements: &'a [Expr], scope: &Scope<'a>) -> Known<Vec<Thing<'a>>> {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            if let Expr::Starred(starred) = element {
                let span = self.span(scope, starred.range);
                let spread = self.evaluate(&starred.value, scope)?;
                let spread = self.iterate(&spread, span)?;
                items.extend(spread);
            } else {
                items.push(self.element(element, scope)?);
            }
        }
        Ok(items)
    }

    /// An element of a display. A parameter put there by name is meant as its value, and this is the place to blame.
    pub(super) fn element(&mut self, element: &'a Expr, scope: &Scope<'a>) -> Evaluation<'a> {
        let thing = self.evaluate(element, scope)?;
        let Object::Applied(applied) = &thing.object else {
            return Ok(thing);
        };
        match super::convert::placeholder(applied) {
            Some((kind @ (Placeholder::Parameter | Placeholder::IncludeFile), name))
                if element.is_name_expr() =>
            {
                let used = PlaceholderUse::Bare;
                let span = self.span(scope, element.range());
                let why = Why::Placeholder { kind, name, used };
                Ok(Thing::unknown(Unknown { span, why }))
            }
            Some(_) | None => Ok(thing),
        }
    }

    fn evaluate_dict(&mut self, node: &'a ast::ExprDict, scope: &Scope<'a>) -> Evaluation<'a> {
        let mut entries: Vec<(Thing<'a>, Thing<'a>)> = Vec::with_capacity(node.items.len());
        for item in &node.items {
            let value_span = self.span(scope, item.value.range());
            match &item.key {
                Some(key_expression) => {
                    let key = self.evaluate(key_expression, scope)?;
                    let value = self.element(&item.value, scope)?;
                    let span = self.span(scope, key_expression.range());
                    self.insert(&mut entries, key, value, span)?;
                }
                None => {
                    let spread = self.evaluate(&item.value, scope)?;
                    for (key, value) in self.mapping(&spread, value_span)? {
                        self.insert(&mut entries, key, value, value_span)?;
                    }
                }
            }
        }
        Ok(self.dict(entries))
    }

    fn evaluate_dict_comprehension(
        &mut self,
        node: &'a ast::ExprDictComp,
        scope: &Scope<'a>,
    ) -> Evaluation<'a> {
        let span = self.span(scope, node.range);
        let Some(key) = &node.key else {
            return Err(unknown(span, "it unpacks in a comprehension"));
        };
        let mut entries = Vec::new();
        self.comprehend(&node.generators, scope, &mut |this, inner| {
            let key = this.evaluate(key, inner)?;
            let value = this.evaluate(&node.value, inner)?;
            this.insert(&mut entries, key, value, span)?;
            Ok(Thing::constant(Value::None))
        })?;
        Ok(self.dict(entries))
    }

    fn evaluate_attribute(&mut self, node: &'a ast::ExprAttribute, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, node.range);
        let found = self.attribute_as_written(node, scope, span);
        // `-D settings.IMAGE=…` for an attribute that is written so.
        let key = self.text(span);
        if !self.inputs.defines.contains_key(key) {
            return found;
        }
        let key = key.to_owned();
        let thing = match found {
            Err(Stop::Unknown(unknown)) => Thing::unknown(unknown),
            other => other?,
        };
        Ok(self.or_defined(&key, thing, span))
    }

    fn attribute_as_written(
        &mut self,
        node: &'a ast::ExprAttribute,
        scope: &Scope<'a>,
        span: crate::source::Span,
    ) -> Evaluation<'a> {
        let value = match self.evaluate(&node.value, scope) {
            Err(Stop::Raise(raised)) if is_run_time_name(&node.value, &raised) => {
                let what = self.text(span).to_owned();
                let why = Why::Runtime { what };
                return Err(Stop::Raise(Unknown { span, why }));
            }
            other => other?,
        };
        if matches!(&value.object, Object::External(name) if &**name == "metaflow") {
            self.check_foreign_attribute(&node.attr.id, span);
        }
        self.attribute_of(&value, &node.attr.id, span)
    }

    fn evaluate_bool_op(&mut self, node: &'a ast::ExprBoolOp, scope: &Scope<'a>) -> Evaluation<'a> {
        let mut rests_on = Thing::constant(Value::None);
        let Some((last, firsts)) = node.values.split_last() else {
            return Ok(rests_on);
        };
        for expression in firsts {
            let span = self.span(scope, expression.range());
            let value = self.evaluate(expression, scope)?;
            let is_true = match self.truth(&value, span) {
                Err(Stop::Unknown(why)) => {
                    self.perhaps_call(last, &why, scope);
                    let at = self.span(scope, node.range);
                    let values: Vec<&Expr> = node.values.iter().collect();
                    let any = self.any_expression(&values, scope, at, &why);
                    return Err(Stop::Unknown(any));
                }
                known => known?,
            };
            if is_true == (node.op == ast::BoolOp::Or) {
                return Ok(value.resting_on([&rests_on]));
            }
            rests_on = rests_on.resting_on([&value]);
        }
        Ok(self.evaluate(last, scope)?.resting_on([&rests_on]))
    }

    fn evaluate_compare(&mut self, node: &'a ast::ExprCompare, scope: &Scope<'a>) -> Evaluation<'a> {
        let mut left = self.evaluate(&node.left, scope)?;
        let mut left_expression: &Expr = &node.left;
        let mut rests_on = Thing::constant(Value::None);
        let count = node.ops.len();
        for (index, (op, expression)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let right = self.evaluate(expression, scope)?;
            let span = self.span(scope, left_expression.range().cover(expression.range()));
            let result = self.compare(*op, &left, &right, span)?;
            rests_on = rests_on.resting_on([&result]);
            if index + 1 == count {
                return Ok(result.resting_on([&rests_on]));
            }
            if !self.truth(&result, span)? {
                return Ok(result.resting_on([&rests_on]));
            }
            left = right;
            left_expression = expression;
        }
        Ok(left)
    }

    fn evaluate_conditional(&mut self, node: &'a ast::ExprIf, scope: &Scope<'a>) -> Evaluation<'a> {
        let span = self.span(scope, node.test.range());
        let test = self.evaluate(&node.test, scope);
        let is_true = test.and_then(|test| Ok((self.truth(&test, span)?, test)));
        let (is_true, test) = match is_true {
            Err(Stop::Unknown(why)) => {
                self.perhaps_call(&node.body, &why, scope);
                self.perhaps_call(&node.orelse, &why, scope);
                let at = self.span(scope, node.range);
                let any = self.any_expression(&[&node.body, &node.orelse], scope, at, &why);
                return Err(Stop::Unknown(any));
            }
            known => known?,
        };
        let taken = if is_true { &node.body } else { &node.orelse };
        Ok(self.evaluate(taken, scope)?.resting_on([&test]))
    }

    /// Runs a comprehension to its end.
    fn comprehend(
        &mut self,
        generators: &'a [ast::Comprehension],
        scope: &Scope<'a>,
        element: &mut dyn FnMut(&mut Self, &Scope<'a>) -> Evaluation<'a>,
    ) -> Known<Vec<Thing<'a>>> {
        let mut rounds = self.begin_rounds(generators, scope)?;
        let span = self.span(
            scope,
            generators.first().map_or_else(Default::default, Ranged::range),
        );
        let mut out = Vec::new();
        while self.next_round(&mut rounds)? {
            self.make_room(out.len() / 1000, span)?;
            let thing = element(self, &rounds.scope)?;
            out.push(thing.resting_on([&rounds.iterable]));
        }
        Ok(out)
    }

    fn evaluate_f_string(&mut self, node: &'a ast::ExprFString, scope: &Scope<'a>) -> Evaluation<'a> {
        let mut text = String::new();
        let mut rests_on = Thing::constant(Value::None);
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(literal) => text.push_str(literal),
                ast::FStringPart::FString(inner) => {
                    self.interpolate(&inner.elements, scope, &mut text, &mut rests_on)?;
                }
            }
        }
        self.refuse_halves(&text, self.span(scope, node.range()))?;
        Ok(Thing::constant(Value::str(text)).resting_on([&rests_on]))
    }

    /// The parser puts `\u{fffd}` where a literal has half of a surrogate pair: that is not the text.
    fn refuse_halves(&self, text: &str, span: Span) -> Known<()> {
        if !text.contains(char::REPLACEMENT_CHARACTER) {
            return Ok(());
        }
        match surrogate::in_literal(self.text(span)) {
            Some(escape) => Err(Stop::Unknown(Unknown {
                span,
                why: Why::HalfCharacter {
                    escape: escape.to_owned(),
                },
            })),
            None => Ok(()),
        }
    }

    fn interpolate(
        &mut self,
        elements: &'a ast::InterpolatedStringElements,
        scope: &Scope<'a>,
        text: &mut String,
        rests_on: &mut Thing<'a>,
    ) -> Known<()> {
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                ast::InterpolatedStringElement::Interpolation(hole) => {
                    let span = self.span(scope, hole.expression.range());
                    let value = self.evaluate(&hole.expression, scope)?;
                    let value = self.used_as(value, PlaceholderUse::Text, span)?;
                    *rests_on = rests_on.clone().resting_on([&value]);
                    if let Some(debug) = &hole.debug_text {
                        text.push_str(debug.leading());
                        text.push_str(self.text(span));
                        text.push_str(debug.trailing());
                    }
                    let mut spec = String::new();
                    if let Some(format) = &hole.format_spec {
                        self.interpolate(&format.elements, scope, &mut spec, rests_on)?;
                    }
                    let has_repr = hole.debug_text.is_some() && hole.format_spec.is_none();
                    let conversion = match hole.conversion {
                        ast::ConversionFlag::None if has_repr => Some('r'),
                        flag @ (ast::ConversionFlag::None
                        | ast::ConversionFlag::Str
                        | ast::ConversionFlag::Ascii
                        | ast::ConversionFlag::Repr) => flag.to_char(),
                    };
                    text.push_str(&self.format(&value, conversion, &spec, span)?);
                }
            }
            let span = self.span(
                scope,
                elements.first().map_or_else(Default::default, Ranged::range),
            );
            self.make_room(text.len() / 10, span)?;
        }
        Ok(())
    }

    /// Python's `bool(x)`.
    pub fn truth(&mut self, thing: &Thing<'a>, span: crate::source::Span) -> Known<bool> {
        let thing = self.used_as(thing.clone(), PlaceholderUse::Truth, span)?;
        match &thing.object {
            Object::Constant(value) => Ok(value.is_truthy()),
            Object::Tuple(items) => Ok(!items.is_empty()),
            Object::List(items) | Object::Set(items) => Ok(!items.read().map_err(Stop::Unknown)?.is_empty()),
            Object::Dict(entries) => Ok(!entries.read().map_err(Stop::Unknown)?.is_empty()),
            Object::View(view) => Ok(!view.entries.read().map_err(Stop::Unknown)?.is_empty()),
            Object::Range(range) => Ok(range.length() > 0),
            Object::Path(path) => Ok(!path.is_text || path.is_anchored || !path.text.is_empty()),
            Object::Class(class)
                if class.metaclass.may_define("__bool__") || class.metaclass.may_define("__len__") =>
            {
                let reason = format!("the truth of `{}` is up to its metaclass", class.name);
                Err(unknown(span, reason))
            }
            Object::Names(_)
            | Object::Iterator(_)
            | Object::Function(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Class(_)
            | Object::Module(_) => Ok(true),
            Object::Instance(instance) => {
                self.provoke(&thing, &["__bool__", "__len__"], &[], span)?;
                let own = ["__bool__", "__len__"]
                    .iter()
                    .any(|name| self.has_method(&instance.class, name));
                if own || self.may_have_more(&instance.class) {
                    return Err(unknown(
                        span,
                        format!("the truth of a `{}` is up to its class", instance.class.name),
                    ));
                }
                Ok(true)
            }
            Object::External(name) if super::library::is_callable(name) => Ok(true),
            // `HAS_GPU and kubernetes(gpu=1) or resources(cpu=4)`
            object if super::choices::is_decorator(object) => Ok(true),
            Object::External(_) | Object::Applied(_) | Object::Unknown(_) => {
                self.doubt();
                Err(Stop::Unknown(self.why_unknown(&thing, span)))
            }
        }
    }
}

fn is_run_time_name(expression: &Expr, raised: &Unknown) -> bool {
    matches!(expression, Expr::Name(_)) && matches!(raised.why, Why::Runtime { .. })
}

impl super::object::Range {
    pub fn length(self) -> u64 {
        let (start, stop, step) = (
            i128::from(self.start),
            i128::from(self.stop),
            i128::from(self.step),
        );
        let distance = if step > 0 { stop - start } else { start - stop };
        let stride = step.abs().max(1);
        u64::try_from((distance + stride - 1).max(0) / stride).unwrap_or(0)
    }

    pub fn contains(self, number: i64) -> bool {
        let distance = i128::from(number) - i128::from(self.start);
        let step = i128::from(self.step);
        let is_on_the_way = distance % step == 0 && distance / step >= 0;
        is_on_the_way && distance / step < i128::from(self.length())
    }

    pub fn item(self, index: u64) -> i64 {
        let item = i128::from(self.start) + i128::from(index) * i128::from(self.step);
        i64::try_from(item).unwrap_or(self.stop)
    }
}
