//! Special methods, which Python calls without a call being written (`with x:`, `x + 1`, `x.name = 1`): what they
//! raise. What they give is not followed.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only objects of classes of the project have methods to follow"
)]

use ruff_python_ast::{CmpOp, Operator, UnaryOp};

use super::convert::Given;
use super::interpreter::{Interpreter, Known, Stop, opaque};
use super::object::{Object, Thing};
use crate::source::Span;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Calls the first of the special methods that the object's class has, for what it raises.
    pub(super) fn provoke(
        &mut self,
        thing: &Thing<'a>,
        methods: &[&str],
        arguments: &[&Thing<'a>],
        span: Span,
    ) -> Known<()> {
        let Object::Instance(instance) = &thing.object else {
            return Ok(());
        };
        let class = &instance.class;
        let is_open = self.may_have_more(class);
        let found = methods.iter().find_map(|name| self.find_member(class, name));
        let Some((_, binding)) = found.filter(|(owner, _)| !is_open || std::rc::Rc::ptr_eq(owner, class))
        else {
            if is_open {
                self.doubt();
            }
            return Ok(());
        };
        if !matches!(binding.thing.object, Object::Function(_)) {
            self.doubt();
            return Ok(());
        }
        let mut given = vec![(thing.clone(), span)];
        given.extend(arguments.iter().map(|argument| ((*argument).clone(), span)));
        match self.call(&binding.thing, Given::of(given), span) {
            Err(Stop::Raise(raised)) => Err(Stop::Raise(raised)),
            Err(Stop::Unknown(_)) => {
                self.doubt();
                Ok(())
            }
            Ok(result) => {
                if result.why().is_some() {
                    self.doubt();
                }
                Ok(())
            }
        }
    }

    /// `left + right`
    pub(super) fn provoke_binary(
        &mut self,
        op: Operator,
        left: &Thing<'a>,
        right: &Thing<'a>,
        span: Span,
    ) -> Known<()> {
        let (method, reflected) = operator_methods(op);
        if self.has_special(left, method) {
            return self.provoke(left, &[method], &[right], span);
        }
        self.provoke(right, &[reflected], &[left], span)
    }

    /// `-operand`
    pub(super) fn provoke_unary(&mut self, op: UnaryOp, operand: &Thing<'a>, span: Span) -> Known<()> {
        let method = match op {
            UnaryOp::Invert => "__invert__",
            UnaryOp::UAdd => "__pos__",
            UnaryOp::USub => "__neg__",
            // The truth is asked for elsewhere.
            UnaryOp::Not => return Ok(()),
        };
        self.provoke(operand, &[method], &[], span)
    }

    /// `left == right`, `left in right`
    pub(super) fn provoke_comparison(
        &mut self,
        op: CmpOp,
        left: &Thing<'a>,
        right: &Thing<'a>,
        span: Span,
    ) -> Known<()> {
        let (methods, reflected): (&[&str], &[&str]) = match op {
            CmpOp::Is | CmpOp::IsNot => return Ok(()),
            CmpOp::In | CmpOp::NotIn if self.has_special(right, "__contains__") => {
                return self.provoke(right, &["__contains__"], &[left], span);
            }
            CmpOp::In | CmpOp::NotIn => return self.provoke_iteration(right, span),
            CmpOp::Eq => (&["__eq__"], &["__eq__"]),
            CmpOp::NotEq => (&["__ne__", "__eq__"], &["__ne__", "__eq__"]),
            CmpOp::Lt => (&["__lt__"], &["__gt__"]),
            CmpOp::LtE => (&["__le__"], &["__ge__"]),
            CmpOp::Gt => (&["__gt__"], &["__lt__"]),
            CmpOp::GtE => (&["__ge__"], &["__le__"]),
        };
        if methods.iter().any(|method| self.has_special(left, method)) {
            return self.provoke(left, methods, &[right], span);
        }
        self.provoke(right, reflected, &[left], span)
    }

    /// `for item in thing`, `a, b = thing`
    pub(super) fn provoke_iteration(&mut self, thing: &Thing<'a>, span: Span) -> Known<()> {
        self.provoke(thing, &["__iter__"], &[], span)
    }

    /// `f"{thing!r}"`, `str(thing)`
    pub(super) fn provoke_text(
        &mut self,
        thing: &Thing<'a>,
        conversion: Option<char>,
        spec: &str,
        span: Span,
    ) -> Known<()> {
        if conversion.is_none() && self.has_special(thing, "__format__") {
            let spec = Thing::constant(Value::str(spec));
            return self.provoke(thing, &["__format__"], &[&spec], span);
        }
        match conversion {
            Some('r' | 'a') => self.provoke(thing, &["__repr__"], &[], span),
            _ => self.provoke(thing, &["__str__", "__repr__"], &[], span),
        }
    }

    fn has_special(&mut self, thing: &Thing<'a>, method: &str) -> bool {
        match &thing.object {
            Object::Instance(instance) => self.has_method(&instance.class, method),
            _ => false,
        }
    }

    /// `with context:` is entered.
    pub(super) fn enter_context(&mut self, context: &Thing<'a>, span: Span) -> Known<()> {
        match &context.object {
            Object::Instance(_) => {
                let entered = self.provoke(context, &["__enter__"], &[], span);
                let why = opaque(span, "its class decides what entering it does");
                self.spoil(context, &why);
                entered
            }
            _ => {
                self.doubt();
                Ok(())
            }
        }
    }

    /// The block of a `with` is left, for sure without an exception or not.
    pub(super) fn leave_contexts(&mut self, entered: &[(Thing<'a>, Span)], is_sure: bool) -> Known<()> {
        for (context, span) in entered.iter().rev() {
            if is_sure {
                let none = Thing::constant(Value::None);
                self.provoke(context, &["__exit__"], &[&none, &none, &none], *span)?;
            } else {
                self.doubt();
            }
        }
        Ok(())
    }
}

fn operator_methods(op: Operator) -> (&'static str, &'static str) {
    match op {
        Operator::Add => ("__add__", "__radd__"),
        Operator::Sub => ("__sub__", "__rsub__"),
        Operator::Mult => ("__mul__", "__rmul__"),
        Operator::MatMult => ("__matmul__", "__rmatmul__"),
        Operator::Div => ("__truediv__", "__rtruediv__"),
        Operator::Mod => ("__mod__", "__rmod__"),
        Operator::Pow => ("__pow__", "__rpow__"),
        Operator::LShift => ("__lshift__", "__rlshift__"),
        Operator::RShift => ("__rshift__", "__rrshift__"),
        Operator::BitOr => ("__or__", "__ror__"),
        Operator::BitXor => ("__xor__", "__rxor__"),
        Operator::BitAnd => ("__and__", "__rand__"),
        Operator::FloorDiv => ("__floordiv__", "__rfloordiv__"),
    }
}
