//! Arithmetic, bit and sequence operators with Python's semantics, within bounds.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "pairs of operand types: what is left raises a TypeError"
)]

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::{Operator, UnaryOp};

use super::interpreter::{
    Evaluation, Interpreter, Known, MOST_ELEMENTS, Stop, TOO_LARGE, raise, type_error, unknown,
};
use super::object::{Applied, FilePath, Object, Thing};
use crate::source::Span;
use crate::value::{Call, PlaceholderUse, Value};

/// Integers up to here convert to floats exactly.
const EXACT: u64 = 1 << 53;

impl<'a> Interpreter<'a> {
    pub fn binary(
        &mut self,
        op: Operator,
        left: &Thing<'a>,
        right: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let is_format = op == Operator::Mod && matches!(left.object, Object::Constant(Value::Str(_)));
        let used = if is_format {
            PlaceholderUse::Text
        } else {
            PlaceholderUse::Arithmetic
        };
        let first = self.used_as(left.clone(), used, span)?;
        let second = if is_format && matches!(right.object, Object::Tuple(_) | Object::Dict(_)) {
            right.clone()
        } else {
            self.used_as(right.clone(), used, span)?
        };
        self.provoke_binary(op, &first, &second, span)?;
        let result = self.combine(op, &first, &second, span)?;
        Ok(result.resting_on([&first, &second]))
    }

    fn combine(&mut self, op: Operator, left: &Thing<'a>, right: &Thing<'a>, span: Span) -> Evaluation<'a> {
        use Object::{Applied, Constant, Dict, List, Path, Set, Tuple};
        match (op, &left.object, &right.object) {
            (Operator::Mod, Constant(Value::Str(format)), _) => {
                let text = self.percent(format, right, span)?;
                Ok(Thing::constant(Value::str(text)))
            }
            // `b"a%d" % 1`
            (Operator::Mod, Constant(Value::Bytes(_)), _) => {
                Err(unknown(span, "formatting bytes is not followed"))
            }
            (_, Constant(one), Constant(other)) => self.combine_constants(op, one, other, span),
            (Operator::Add, List(one), List(other)) => {
                let (one, other) = (
                    one.read().map_err(Stop::Unknown)?,
                    other.read().map_err(Stop::Unknown)?,
                );
                self.make_room(one.len() + other.len(), span)?;
                Ok(self.list(one.iter().chain(other.iter()).cloned().collect()))
            }
            (Operator::Add, Tuple(one), Tuple(other)) => {
                self.make_room(one.len() + other.len(), span)?;
                Ok(Thing::new(Tuple(Rc::new(
                    one.iter().chain(other.iter()).cloned().collect(),
                ))))
            }
            (Operator::Mult, List(items), Constant(count))
            | (Operator::Mult, Constant(count), List(items)) => {
                let items = items.read().map_err(Stop::Unknown)?;
                let repeated = self.repeat(&items, count, span)?;
                Ok(self.list(repeated))
            }
            (Operator::Mult, Tuple(items), Constant(count))
            | (Operator::Mult, Constant(count), Tuple(items)) => {
                let repeated = self.repeat(items, count, span)?;
                Ok(Thing::new(Tuple(Rc::new(repeated))))
            }
            (Operator::BitOr, Dict(one), Dict(other)) => {
                let mut entries = one.read().map_err(Stop::Unknown)?.clone();
                let other = other.read().map_err(Stop::Unknown)?.clone();
                for (key, value) in other {
                    self.insert(&mut entries, key, value, span)?;
                }
                Ok(self.dict(entries))
            }
            (Operator::BitOr | Operator::BitAnd | Operator::Sub | Operator::BitXor, Set(_), Set(_)) => {
                self.combine_sets(op, left, right, span)
            }
            (Operator::Mult, Applied(made), Constant(_)) if is_timedelta(made) => {
                self.scaled(made, right, span)
            }
            (Operator::Mult, Constant(_), Applied(made)) if is_timedelta(made) => {
                self.scaled(made, left, span)
            }
            (Operator::Div, Path(path), _) if !path.is_text => self.join_path(path, right, span),
            (Operator::Add, Path(path), Constant(Value::Str(text))) if path.is_text => {
                let text = format!("{}{text}", path.text);
                Ok(Thing::new(Path(Rc::new(FilePath {
                    text,
                    ..(**path).clone()
                }))))
            }
            // `HERE + "/data"` with a `HERE` that is a path.
            (Operator::Add, Path(path), Constant(Value::Str(_))) if !path.is_text => {
                Err(unsupported(op, &self.type_name(left), "str", span))
            }
            (Operator::Add, Constant(Value::Str(_)), Path(path)) if !path.is_text => {
                let message = "can only concatenate str (not \"PosixPath\") to str";
                Err(type_error(span, message))
            }
            (_, one, other) if is_well_known(one) && is_well_known(other) => {
                let (one, other) = (self.type_name(left), self.type_name(right));
                let is_text = matches!(left.object, Constant(Value::Str(_)));
                if op == Operator::Add && (is_text || matches!(left.object, List(_) | Tuple(_))) {
                    let message = format!("can only concatenate {one} (not \"{other}\") to {one}");
                    return Err(type_error(span, message));
                }
                Err(unsupported(op, &one, &other, span))
            }
            (_, one, _) => {
                let culprit = if is_well_known(one) { right } else { left };
                Err(Stop::Unknown(self.why_unknown(culprit, span)))
            }
        }
    }

    /// `timedelta(hours=2) * 3`: that many times each of its parts.
    fn scaled(&mut self, made: &Applied<'a>, factor: &Thing<'a>, span: Span) -> Evaluation<'a> {
        let mut made = made.clone();
        for argument in &mut made.arguments {
            argument.thing = self.binary(Operator::Mult, &argument.thing, factor, span)?;
        }
        Ok(Thing::new(Object::Applied(Rc::new(made))))
    }

    fn combine_constants(&mut self, op: Operator, left: &Value, right: &Value, span: Span) -> Evaluation<'a> {
        let value = match (op, left, right) {
            (Operator::Add, Value::Str(one), Value::Str(other)) => {
                self.make_room((one.len() + other.len()) / 10, span)?;
                Value::Str(Arc::from(format!("{one}{other}")))
            }
            (Operator::Add, Value::Bytes(one), Value::Bytes(other)) => {
                self.make_room((one.len() + other.len()) / 10, span)?;
                Value::Bytes(one.iter().chain(other.iter()).copied().collect())
            }
            (Operator::Mult, Value::Str(text), count) | (Operator::Mult, count, Value::Str(text)) => {
                let count = self.repetitions(count, text.len(), span, "str")?;
                Value::Str(Arc::from(text.repeat(count)))
            }
            (Operator::Mult, Value::Bytes(bytes), count) | (Operator::Mult, count, Value::Bytes(bytes)) => {
                let count = self.repetitions(count, bytes.len(), span, "bytes")?;
                Value::Bytes(Arc::from(bytes.repeat(count)))
            }
            (Operator::Add, Value::Str(_), other) => {
                let message = format!("can only concatenate str (not \"{}\") to str", other.type_name());
                return Err(type_error(span, message));
            }
            _ => match (Number::of(left), Number::of(right)) {
                (Some(one), Some(other)) => arithmetic(op, one, other, span)?,
                _ => return Err(unsupported(op, left.type_name(), right.type_name(), span)),
            },
        };
        let is_logic = matches!(op, Operator::BitAnd | Operator::BitOr | Operator::BitXor);
        let value = match (is_logic, left, right, value) {
            (true, Value::Bool(_), Value::Bool(_), Value::Int(number)) => Value::Bool(number != 0),
            (_, _, _, value) => value,
        };
        Ok(Thing::constant(value))
    }

    /// How often a text is repeated; an error where it would grow too large.
    fn repetitions(&mut self, count: &Value, length: usize, span: Span, kind: &str) -> Known<usize> {
        let Some(Number::Int(count)) = Number::of(count) else {
            let message = format!(
                "can't multiply sequence by non-int of type '{}'",
                count.type_name()
            );
            let _ = kind;
            return Err(type_error(span, message));
        };
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        if length.saturating_mul(count) > MOST_ELEMENTS * 10 {
            return Err(unknown(span, "it has too many characters"));
        }
        self.spend(length * count / 10, span)?;
        Ok(count)
    }

    fn repeat(&mut self, items: &[Thing<'a>], count: &Value, span: Span) -> Known<Vec<Thing<'a>>> {
        let Some(Number::Int(count)) = Number::of(count) else {
            let message = format!(
                "can't multiply sequence by non-int of type '{}'",
                count.type_name()
            );
            return Err(type_error(span, message));
        };
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        self.make_room(items.len().saturating_mul(count), span)?;
        let mut out = Vec::with_capacity(items.len() * count);
        for _ in 0..count.min(if items.is_empty() { 0 } else { count }) {
            out.extend_from_slice(items);
        }
        Ok(out)
    }

    fn combine_sets(
        &mut self,
        op: Operator,
        left: &Thing<'a>,
        right: &Thing<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let one = self.iterate_unordered(left, span)?;
        let other = self.iterate_unordered(right, span)?;
        let mut out = Vec::new();
        for item in &one {
            let is_in_other = self.contains(&other, item, span)?;
            let keep = match op {
                Operator::BitOr => true,
                Operator::BitAnd => is_in_other,
                _ => !is_in_other,
            };
            if keep {
                out.push(item.clone());
            }
        }
        if matches!(op, Operator::BitOr | Operator::BitXor) {
            for item in &other {
                if !self.contains(&one, item, span)? {
                    out.push(item.clone());
                }
            }
        }
        let made = self.shared(out);
        // The kind of the one on the left; `dict.keys() | …` is a set.
        if let Object::Set(items) = &left.object {
            made.is_frozen.set(items.is_frozen.get());
        }
        Ok(Thing::new(Object::Set(made)))
    }

    pub fn unary(&mut self, op: UnaryOp, operand: &Thing<'a>, span: Span) -> Evaluation<'a> {
        if op == UnaryOp::Not {
            let is_true = self.truth(operand, span)?;
            return Ok(Thing::constant(Value::Bool(!is_true)).resting_on([operand]));
        }
        let operand = self.used_as(operand.clone(), PlaceholderUse::Arithmetic, span)?;
        if let (UnaryOp::USub, Object::Applied(made)) = (op, &operand.object)
            && is_timedelta(made)
        {
            let negative = self.scaled(made, &Thing::constant(Value::Int(-1)), span)?;
            return Ok(negative.resting_on([&operand]));
        }
        self.provoke_unary(op, &operand, span)?;
        let Object::Constant(value) = &operand.object else {
            if is_well_known(&operand.object) {
                return Err(bad_operand(op, &self.type_name(&operand), span));
            }
            return Err(Stop::Unknown(self.why_unknown(&operand, span)));
        };
        let result = match (op, Number::of(value)) {
            (UnaryOp::UAdd, Some(Number::Int(number))) => Value::Int(number),
            (UnaryOp::UAdd, Some(Number::Float(number))) => Value::Float(number),
            (UnaryOp::USub, Some(Number::Int(number))) => Value::Int(within(number.checked_neg(), span)?),
            (UnaryOp::USub, Some(Number::Float(number))) => Value::Float(-number),
            (UnaryOp::Invert, Some(Number::Int(number))) => Value::Int(!number),
            _ => return Err(bad_operand(op, value.type_name(), span)),
        };
        Ok(Thing::constant(result).resting_on([&operand]))
    }
}

fn is_timedelta(made: &Applied<'_>) -> bool {
    &*made.callee == Call::TIMEDELTA && made.path.is_empty() && made.unknown_arguments.is_none()
}

/// Is the object's type one whose operators are known here?
fn is_well_known(object: &Object<'_>) -> bool {
    matches!(
        object,
        Object::Constant(_)
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Range(_)
            | Object::Function(_)
            | Object::Module(_)
            | Object::Method(_)
    )
}

fn unsupported(op: Operator, left: &str, right: &str, span: Span) -> Stop {
    let sign = match op {
        Operator::Pow => "** or pow()",
        _ => op.as_str(),
    };
    type_error(
        span,
        format!("unsupported operand type(s) for {sign}: '{left}' and '{right}'"),
    )
}

fn bad_operand(op: UnaryOp, kind: &str, span: Span) -> Stop {
    type_error(
        span,
        format!("bad operand type for unary {}: '{kind}'", op.as_str().trim()),
    )
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Int(i64::from(*flag))),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Float(number) => Some(Self::Float(*number)),
            _ => None,
        }
    }

    /// As a float, where no digit is lost.
    #[expect(
        clippy::cast_precision_loss,
        reason = "only integers below 2^53 are converted"
    )]
    pub fn exact_float(self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(number),
            Self::Int(number) if number.unsigned_abs() <= EXACT => Some(number as f64),
            Self::Int(_) => None,
        }
    }
}

fn within(number: Option<i64>, span: Span) -> Known<i64> {
    number.ok_or_else(|| unknown(span, TOO_LARGE))
}

fn float_of(number: Number, span: Span) -> Known<f64> {
    number
        .exact_float()
        .ok_or_else(|| unknown(span, "the integer is too large for a float"))
}

fn arithmetic(op: Operator, left: Number, right: Number, span: Span) -> Known<Value> {
    if let (Number::Int(one), Number::Int(other)) = (left, right)
        && op != Operator::Div
    {
        return integers(op, one, other, span);
    }
    let (one, other) = (float_of(left, span)?, float_of(right, span)?);
    let zero = |message: &str| Err(raise(span, "ZeroDivisionError", message));
    let both_int = matches!((left, right), (Number::Int(_), Number::Int(_)));
    let result = match op {
        Operator::Add => one + other,
        Operator::Sub => one - other,
        Operator::Mult => one * other,
        Operator::Div if other == 0.0 && both_int => return zero("division by zero"),
        Operator::Div if other == 0.0 => return zero("float division by zero"),
        Operator::Div => one / other,
        Operator::FloorDiv if other == 0.0 => return zero("float floor division by zero"),
        Operator::FloorDiv => floor_division(one, other),
        Operator::Mod if other == 0.0 => return zero("float modulo"),
        Operator::Mod => modulo(one, other),
        Operator::Pow if one == 0.0 && other < 0.0 => {
            return zero("0.0 cannot be raised to a negative power");
        }
        Operator::Pow if one < 0.0 && other.fract() != 0.0 => {
            return Err(unknown(span, "it is a complex number"));
        }
        Operator::Pow => one.powf(other),
        Operator::MatMult
        | Operator::LShift
        | Operator::RShift
        | Operator::BitOr
        | Operator::BitXor
        | Operator::BitAnd => {
            let name = |number| {
                if matches!(number, Number::Int(_)) {
                    "int"
                } else {
                    "float"
                }
            };
            return Err(unsupported(op, name(left), name(right), span));
        }
    };
    if result.is_infinite() && one.is_finite() && other.is_finite() && op == Operator::Pow {
        return Err(raise(
            span,
            "OverflowError",
            "(34, 'Numerical result out of range')",
        ));
    }
    Ok(Value::Float(result))
}

fn integers(op: Operator, left: i64, right: i64, span: Span) -> Known<Value> {
    let zero = |message: &str| Err(raise(span, "ZeroDivisionError", message));
    let result = match op {
        Operator::Add => left.checked_add(right),
        Operator::Sub => left.checked_sub(right),
        Operator::Mult => left.checked_mul(right),
        Operator::FloorDiv if right == 0 => return zero("integer division or modulo by zero"),
        Operator::FloorDiv => left.checked_div(right).map(|quotient| {
            let is_rounded_up = left % right != 0 && (left < 0) != (right < 0);
            quotient - i64::from(is_rounded_up)
        }),
        Operator::Mod if right == 0 => return zero("integer modulo by zero"),
        Operator::Mod => left.checked_rem(right).map(|rest| {
            let has_wrong_sign = rest != 0 && (rest < 0) != (right < 0);
            if has_wrong_sign { rest + right } else { rest }
        }),
        Operator::Pow if right < 0 => {
            let (Some(base), Some(exponent)) =
                (Number::Int(left).exact_float(), Number::Int(right).exact_float())
            else {
                return Err(unknown(span, "the integer is too large for a float"));
            };
            if left == 0 {
                return zero("0.0 cannot be raised to a negative power");
            }
            return Ok(Value::Float(base.powf(exponent)));
        }
        Operator::Pow => match left {
            0 | 1 => Some(if right == 0 { 1 } else { left }),
            -1 => Some(if right % 2 == 0 { 1 } else { -1 }),
            _ => u32::try_from(right)
                .ok()
                .and_then(|exponent| left.checked_pow(exponent)),
        },
        Operator::LShift | Operator::RShift if right < 0 => {
            return Err(raise(span, "ValueError", "negative shift count"));
        }
        Operator::LShift => match u32::try_from(right) {
            Ok(bits) if bits < 63 => left.checked_mul(1_i64 << bits),
            Ok(_) | Err(_) => (left == 0).then_some(0),
        },
        Operator::RShift => Some(left >> right.min(63)),
        Operator::BitOr => Some(left | right),
        Operator::BitXor => Some(left ^ right),
        Operator::BitAnd => Some(left & right),
        Operator::MatMult | Operator::Div => return Err(unsupported(op, "int", "int", span)),
    };
    within(result, span).map(Value::Int)
}

/// Python's `//` on floats (`float_divmod`).
fn floor_division(one: f64, other: f64) -> f64 {
    let rest = modulo(one, other);
    let quotient = (one - rest) / other;
    if quotient == 0.0 {
        return 0.0_f64.copysign(one / other);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

/// Python's `%` on floats: the sign is the divisor's.
fn modulo(one: f64, other: f64) -> f64 {
    let rest = one % other;
    if rest == 0.0 {
        return 0.0_f64.copysign(other);
    }
    if (rest < 0.0) != (other < 0.0) {
        rest + other
    } else {
        rest
    }
}
