//! Equality, order, membership, iteration; and what keys of dicts and sets are equal.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "pairs of operand types: what is left differs or is unknown"
)]

use std::cmp::Ordering;
use std::rc::Rc;

use ruff_python_ast::CmpOp;

use super::branch::is_same;
use super::interpreter::{Evaluation, Interpreter, Known, MOST_ELEMENTS, Stop, type_error, unknown};
use super::library;
use super::object::{Object, Part, Thing};
use super::operators::Number;
use crate::source::Span;
use crate::value::{PlaceholderUse, Value};

impl<'a> Interpreter<'a> {
    pub fn compare(&mut self, op: CmpOp, left: &Thing<'a>, right: &Thing<'a>, span: Span) -> Evaluation<'a> {
        self.provoke_comparison(op, left, right, span)?;
        let result = match op {
            CmpOp::Is | CmpOp::IsNot => {
                let same = self.is_identical(left, right, span)?;
                same == (op == CmpOp::Is)
            }
            CmpOp::In | CmpOp::NotIn => {
                let found = self.is_in(left, right, span)?;
                found == (op == CmpOp::In)
            }
            CmpOp::Eq | CmpOp::NotEq => {
                let left = self.compared(left, span)?;
                let right = self.compared(right, span)?;
                self.equal(&left, &right, span)? == (op == CmpOp::Eq)
            }
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
                let one = self.used_as(left.clone(), PlaceholderUse::Arithmetic, span)?;
                let other = self.used_as(right.clone(), PlaceholderUse::Arithmetic, span)?;
                match self.order(&one, &other, op, span)? {
                    None => false,
                    Some(order) => match op {
                        CmpOp::Lt => order.is_lt(),
                        CmpOp::LtE => order.is_le(),
                        CmpOp::Gt => order.is_gt(),
                        _ => order.is_ge(),
                    },
                }
            }
        };
        Ok(Thing::constant(Value::Bool(result)).resting_on([left, right]))
    }

    /// `p == 3` of a placeholder is silently false.
    fn compared(&mut self, thing: &Thing<'a>, span: Span) -> Evaluation<'a> {
        self.used_as(thing.clone(), PlaceholderUse::Truth, span)
    }

    fn is_identical(&mut self, left: &Thing<'a>, right: &Thing<'a>, span: Span) -> Known<bool> {
        let is_singleton = |object: &Object<'_>| {
            matches!(
                object,
                Object::Constant(Value::None | Value::Bool(_) | Value::Ellipsis)
            )
        };
        for thing in [left, right] {
            if let Some(why) = thing.why() {
                return Err(Stop::Unknown(why.clone()));
            }
        }
        match (&left.object, &right.object) {
            (one, other) if is_singleton(one) && is_singleton(other) => Ok(is_same(left, right)),
            (Object::External(name), other) | (other, Object::External(name)) if is_singleton(other) => {
                if library::is_callable(name) {
                    return Ok(false);
                }
                Err(Stop::Unknown(self.why_unknown(&Thing::external(name), span)))
            }
            (Object::Applied(applied), other) | (other, Object::Applied(applied)) if is_singleton(other) => {
                if super::convert::placeholder(applied).is_some() || library::makes_object(&applied.callee) {
                    return Ok(false);
                }
                Err(Stop::Unknown(self.why_unknown(
                    &Thing::new(Object::Applied(Rc::clone(applied))),
                    span,
                )))
            }
            _ if !is_same(left, right) && [left, right].iter().any(|thing| self.is_made_oddly(thing)) => {
                Err(unknown(span, "calling its class may give any object"))
            }
            (one, other) if is_singleton(one) || is_singleton(other) => Ok(false),
            (Object::Constant(_), Object::Constant(_)) => {
                Err(unknown(span, "`is` compares constants by identity"))
            }
            (Object::External(one), Object::External(other)) if one != other => {
                Err(Stop::Unknown(self.why_unknown(left, span)))
            }
            _ => Ok(is_same(left, right)),
        }
    }

    /// A `__new__`, or `__call__` of a metaclass, may give an object that was there before, or none of the class.
    fn is_made_oddly(&mut self, thing: &Thing<'a>) -> bool {
        let Object::Instance(instance) = &thing.object else {
            return false;
        };
        let class = &instance.class;
        class.metaclass.may_define("__call__")
            || self.has_method(class, "__new__")
            || self.may_have_more(class)
    }

    fn is_in(&mut self, item: &Thing<'a>, container: &Thing<'a>, span: Span) -> Known<bool> {
        if let Object::External(name) = &container.object
            && &**name == "os.environ"
        {
            let key = self.value_of(item, span)?;
            let key = key.as_str().unwrap_or("");
            return Ok(self.environment_value(key, span)?.is_some());
        }
        let container = self.used_as(container.clone(), PlaceholderUse::Arithmetic, span)?;
        match (&item.object, &container.object) {
            (Object::Unknown(why), _) => Err(Stop::Unknown(why.clone())),
            (Object::Constant(Value::Str(part)), Object::Constant(Value::Str(text))) => {
                Ok(text.contains(&**part))
            }
            (_, Object::Constant(Value::Str(_))) => {
                let message = format!(
                    "'in <string>' requires string as left operand, not {}",
                    self.type_name(item)
                );
                Err(type_error(span, message))
            }
            (_, Object::Set(_)) if matches!(item.object, Object::List(_) | Object::Dict(_)) => Err(
                type_error(span, format!("unhashable type: '{}'", self.type_name(item))),
            ),
            (_, Object::Dict(entries)) => {
                self.check_hashable(item, span)?;
                let entries = entries.read().map_err(Stop::Unknown)?;
                Ok(self.find(&entries, item, span)?.is_some())
            }
            (Object::Constant(Value::Int(number)), Object::Range(range)) => Ok(range.contains(*number)),
            (_, Object::Names(names)) => self.has_name(names, item, span),
            (_, Object::Iterator(iterator)) => {
                while let Some(candidate) = self.advance(iterator, span)? {
                    if self.is_item(&candidate, item, span)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (_, Object::Constant(value)) if !matches!(value, Value::Bytes(_)) => {
                let kind = value.type_name();
                Err(type_error(
                    span,
                    format!("argument of type '{kind}' is not iterable"),
                ))
            }
            (_, Object::Constant(_)) => Err(unknown(span, "`in` of bytes is not followed")),
            _ => {
                let items = self.iterate_unordered(&container, span)?;
                self.contains(&items, item, span)
            }
        }
    }

    pub fn contains(&mut self, items: &[Thing<'a>], item: &Thing<'a>, span: Span) -> Known<bool> {
        self.spend(items.len() / 8, span)?;
        for candidate in items {
            if self.is_item(candidate, item, span)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `a == b`.
    pub fn equal(&mut self, left: &Thing<'a>, right: &Thing<'a>, span: Span) -> Known<bool> {
        let Some(pair) = addresses(&left.object, &right.object) else {
            return self.deeper(span, |this| this.equal_inner(left, right, span));
        };
        // Two lists that hold one list in very many places are compared once: nothing changes meanwhile.
        if self.compared.contains(&pair) {
            return Ok(true);
        }
        self.comparisons += 1;
        let result = self.deeper(span, |this| this.equal_inner(left, right, span));
        self.comparisons -= 1;
        if matches!(result, Ok(true)) {
            self.compared.insert(pair);
        }
        if self.comparisons == 0 {
            self.compared.clear();
        }
        result
    }

    /// Are an element and another thing the same object or equal? So containers compare what they hold.
    pub fn is_item(&mut self, item: &Thing<'a>, other: &Thing<'a>, span: Span) -> Known<bool> {
        let is_nan = |thing: &Thing<'a>| matches!(&thing.object, Object::Constant(Value::Float(float)) if float.is_nan());
        if is_nan(item) && is_nan(other) {
            return Err(unknown(span, "it depends on whether two `nan` are one object"));
        }
        self.equal(item, other, span)
    }

    fn equal_inner(&mut self, left: &Thing<'a>, right: &Thing<'a>, span: Span) -> Known<bool> {
        use Object::{Constant, Dict, List, Set, Tuple};
        match (&left.object, &right.object) {
            (Object::Unknown(why), _) | (_, Object::Unknown(why)) => Err(Stop::Unknown(why.clone())),
            (Constant(one), Constant(other)) => Ok(values_equal(one, other)),
            (List(one), List(other)) if Rc::ptr_eq(one, other) => Ok(true),
            (Dict(one), Dict(other)) if Rc::ptr_eq(one, other) => Ok(true),
            (List(one), List(other)) => {
                let one = one.read().map_err(Stop::Unknown)?.clone();
                let other = other.read().map_err(Stop::Unknown)?.clone();
                self.all_equal(&one, &other, span)
            }
            (Tuple(one), Tuple(other)) => self.all_equal(one, other, span),
            (Set(one), Set(other)) => {
                let one = one.read().map_err(Stop::Unknown)?.clone();
                let other = other.read().map_err(Stop::Unknown)?.clone();
                if one.len() != other.len() {
                    return Ok(false);
                }
                for item in &one {
                    if !self.contains(&other, item, span)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Dict(one), Dict(other)) => {
                let one = one.read().map_err(Stop::Unknown)?.clone();
                let other = other.read().map_err(Stop::Unknown)?.clone();
                if one.len() != other.len() {
                    return Ok(false);
                }
                self.spend(1 + one.len() / 8, span)?;
                for (key, value) in &one {
                    let Some(at) = self.find(&other, key, span)? else {
                        return Ok(false);
                    };
                    let equal = match other.get(at) {
                        Some((_, found)) => self.is_item(value, found, span)?,
                        None => false,
                    };
                    if !equal {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Range(one), Object::Range(other)) => Ok(one == other),
            (Object::Path(one), Object::Path(other)) if one == other => Ok(true),
            (Object::Class(class), _) | (_, Object::Class(class))
                if class.metaclass.may_define("__eq__") || class.metaclass.may_define("__ne__") =>
            {
                Err(unknown(
                    span,
                    format!("the equality of `{}` is up to its metaclass", class.name),
                ))
            }
            (one, other) if is_opaque_to_equality(one) || is_opaque_to_equality(other) => {
                if is_same(left, right) && matches!(one, Object::External(_)) {
                    return Ok(true);
                }
                let culprit = if is_opaque_to_equality(one) { left } else { right };
                Err(Stop::Unknown(self.why_unknown(culprit, span)))
            }
            _ => Ok(is_same(left, right)),
        }
    }

    fn all_equal(&mut self, one: &[Thing<'a>], other: &[Thing<'a>], span: Span) -> Known<bool> {
        if one.len() != other.len() {
            return Ok(false);
        }
        self.spend(1 + one.len() / 8, span)?;
        for (one, other) in one.iter().zip(other) {
            if !self.is_item(one, other, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `a < b` and the like; `None` where neither is less (NaN).
    pub fn order(
        &mut self,
        left: &Thing<'a>,
        right: &Thing<'a>,
        op: CmpOp,
        span: Span,
    ) -> Known<Option<Ordering>> {
        use Object::{Constant, List, Tuple};
        match (&left.object, &right.object) {
            (Constant(one), Constant(other)) => {
                if let (Some(one), Some(other)) = (Number::of(one), Number::of(other)) {
                    return number_order(one, other, span);
                }
                match (one, other) {
                    (Value::Str(one), Value::Str(other)) => Ok(Some(one.cmp(other))),
                    (Value::Bytes(one), Value::Bytes(other)) => Ok(Some(one.cmp(other))),
                    _ => Err(not_ordered(op, one.type_name(), other.type_name(), span)),
                }
            }
            (Tuple(one), Tuple(other)) => self.order_items(one, other, op, span),
            (List(one), List(other)) => {
                let one = one.read().map_err(Stop::Unknown)?.clone();
                let other = other.read().map_err(Stop::Unknown)?.clone();
                self.order_items(&one, &other, op, span)
            }
            (Object::Set(_), Object::Set(_)) => Err(unknown(span, "subsets are not followed")),
            (
                Constant(_) | Tuple(_) | List(_) | Object::Dict(_) | Object::Set(_) | Object::Range(_),
                Constant(_) | Tuple(_) | List(_) | Object::Dict(_) | Object::Set(_) | Object::Range(_),
            ) => {
                let (one, other) = (self.type_name(left), self.type_name(right));
                Err(not_ordered(op, &one, &other, span))
            }
            (Constant(_) | Tuple(_) | List(_) | Object::Dict(_), _) => {
                Err(Stop::Unknown(self.why_unknown(right, span)))
            }
            _ => Err(Stop::Unknown(self.why_unknown(left, span))),
        }
    }

    fn order_items(
        &mut self,
        one: &[Thing<'a>],
        other: &[Thing<'a>],
        op: CmpOp,
        span: Span,
    ) -> Known<Option<Ordering>> {
        self.spend(1, span)?;
        for (one, other) in one.iter().zip(other) {
            if !self.is_item(one, other, span)? {
                return self.deeper(span, |this| this.order(one, other, op, span));
            }
        }
        Ok(Some(one.len().cmp(&other.len())))
    }

    /// The elements of an iterable, in order.
    pub fn iterate(&mut self, thing: &Thing<'a>, span: Span) -> Known<Vec<Thing<'a>>> {
        if let Object::Set(items) = &thing.object {
            let items = items.read().map_err(Stop::Unknown)?;
            if items.len() > 1 {
                return Err(unknown(span, "the order of a set is not known"));
            }
            return Ok(items.clone());
        }
        self.iterate_unordered(thing, span)
    }

    /// The elements of an iterable, where their order does not matter.
    pub fn iterate_unordered(&mut self, thing: &Thing<'a>, span: Span) -> Known<Vec<Thing<'a>>> {
        let thing = self.used_as(thing.clone(), PlaceholderUse::Arithmetic, span)?;
        self.provoke_iteration(&thing, span)?;
        let items = match &thing.object {
            Object::List(items) | Object::Set(items) => items.read().map_err(Stop::Unknown)?.clone(),
            Object::Tuple(items) => items.to_vec(),
            Object::Dict(entries) => {
                let entries = entries.read().map_err(Stop::Unknown)?;
                entries.iter().map(|(key, _)| key.clone()).collect()
            }
            Object::Constant(Value::Str(text)) => {
                self.make_room(text.len(), span)?;
                text.chars()
                    .map(|character| Thing::constant(Value::str(character.to_string())))
                    .collect()
            }
            Object::Constant(Value::Bytes(bytes)) => {
                self.make_room(bytes.len(), span)?;
                bytes
                    .iter()
                    .map(|&byte| Thing::constant(Value::Int(i64::from(byte))))
                    .collect()
            }
            Object::Range(range) => {
                let length = usize::try_from(range.length()).unwrap_or(usize::MAX);
                self.make_room(length, span)?;
                (0..length as u64)
                    .map(|index| Thing::constant(Value::Int(range.item(index))))
                    .collect()
            }
            Object::View(view) => {
                let entries = view.entries.read().map_err(Stop::Unknown)?;
                entries
                    .iter()
                    .map(|(key, value)| view.part.of(key, value))
                    .collect()
            }
            Object::Iterator(iterator) => self.drain(iterator, span)?,
            Object::Constant(value) => {
                return Err(type_error(
                    span,
                    format!("'{}' object is not iterable", value.type_name()),
                ));
            }
            Object::Function(_) | Object::Module(_) | Object::Method(_) => {
                let message = format!("'{}' object is not iterable", self.type_name(&thing));
                return Err(type_error(span, message));
            }
            _ => return Err(Stop::Unknown(self.why_unknown(&thing, span))),
        };
        self.make_room(items.len(), span)?;
        if thing.depends_on.is_some() {
            return Ok(items.into_iter().map(|item| item.resting_on([&thing])).collect());
        }
        Ok(items)
    }

    /// The entries of a mapping, for `**x` and `dict(x)`.
    pub fn mapping(&mut self, thing: &Thing<'a>, span: Span) -> Known<Vec<(Thing<'a>, Thing<'a>)>> {
        if let Object::Applied(applied) = &thing.object
            && let Some(resolved) = self.resolve_config(applied)
        {
            let resolved = resolved?;
            return self.mapping(&resolved, span);
        }
        match &thing.object {
            Object::Dict(entries) => {
                let entries = entries.read().map_err(Stop::Unknown)?.clone();
                self.make_room(entries.len(), span)?;
                let rest = |(key, value): (Thing<'a>, Thing<'a>)| {
                    (key.resting_on([thing]), value.resting_on([thing]))
                };
                Ok(entries.into_iter().map(rest).collect())
            }
            Object::Constant(_) | Object::List(_) | Object::Tuple(_) | Object::Function(_) => {
                let message = format!("'{}' object is not a mapping", self.type_name(thing));
                Err(type_error(span, message))
            }
            _ => Err(Stop::Unknown(self.why_unknown(thing, span))),
        }
    }

    /// Where a key stands among entries.
    pub fn find(
        &mut self,
        entries: &[(Thing<'a>, Thing<'a>)],
        key: &Thing<'a>,
        span: Span,
    ) -> Known<Option<usize>> {
        self.spend(entries.len() / 8, span)?;
        for (index, (candidate, _)) in entries.iter().enumerate() {
            if self.is_item(candidate, key, span)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// `entries[key] = value`: the first key stays, as in Python.
    pub fn insert(
        &mut self,
        entries: &mut Vec<(Thing<'a>, Thing<'a>)>,
        key: Thing<'a>,
        value: Thing<'a>,
        span: Span,
    ) -> Known<()> {
        self.check_hashable(&key, span)?;
        match self.find(entries, &key, span)? {
            Some(at) => {
                if let Some(entry) = entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            None => {
                self.make_room(entries.len() / 1000, span)?;
                if entries.len() >= MOST_ELEMENTS {
                    return Err(unknown(span, "it has too many elements"));
                }
                entries.push((key, value));
            }
        }
        Ok(())
    }

    pub fn check_hashable(&mut self, key: &Thing<'a>, span: Span) -> Known<()> {
        match &key.object {
            Object::List(_) | Object::Dict(_) => Err(type_error(
                span,
                format!("unhashable type: '{}'", self.type_name(key)),
            )),
            Object::Applied(applied)
                if !self.is_resolving
                    && matches!(&*applied.callee, "metaflow.Config" | "metaflow.config_expr") =>
            {
                let kind = if applied.path.is_empty() && &*applied.callee == "metaflow.Config" {
                    "Config"
                } else {
                    "DelayEvaluator"
                };
                Err(type_error(span, format!("unhashable type: '{kind}'")))
            }
            Object::Instance(_) => self.provoke(key, &["__hash__"], &[], span),
            Object::Applied(_) | Object::External(_) => {
                self.doubt_use(key);
                Ok(())
            }
            // A frozenset has a hash.
            Object::Set(_) => Err(unknown(span, "a set is a key")),
            Object::Unknown(why) => Err(Stop::Unknown(why.clone())),
            Object::Tuple(items) => {
                let items = Rc::clone(items);
                self.spend(1 + items.len() / 8, span)?;
                items
                    .iter()
                    .try_for_each(|item| self.deeper(span, |this| this.check_hashable(item, span)))
            }
            _ => Ok(()),
        }
    }

    /// A set of the elements, repetitions left out.
    pub fn set_of(&mut self, items: Vec<Thing<'a>>, span: Span) -> Evaluation<'a> {
        let mut unique: Vec<Thing<'a>> = Vec::new();
        for item in items {
            self.check_hashable(&item, span)?;
            if !self.contains(&unique, &item, span)? {
                unique.push(item);
            }
        }
        Ok(Thing::new(Object::Set(self.shared(unique))))
    }
}

impl Part {
    pub fn of<'a>(self, key: &Thing<'a>, value: &Thing<'a>) -> Thing<'a> {
        match self {
            Self::Keys => key.clone(),
            Self::Values => value.clone(),
            Self::Items => Thing::new(Object::Tuple(Rc::new(vec![key.clone(), value.clone()]))),
        }
    }
}

/// The addresses of two containers, which tell one comparison from another.
fn addresses(left: &Object<'_>, right: &Object<'_>) -> Option<(usize, usize)> {
    use Object::{Dict, List, Tuple};
    match (left, right) {
        (List(one), List(other)) => Some((Rc::as_ptr(one) as usize, Rc::as_ptr(other) as usize)),
        (Dict(one), Dict(other)) => Some((Rc::as_ptr(one) as usize, Rc::as_ptr(other) as usize)),
        (Tuple(one), Tuple(other)) => Some((Rc::as_ptr(one) as usize, Rc::as_ptr(other) as usize)),
        _ => None,
    }
}

/// Objects whose class decides about equality, which is not known here.
fn is_opaque_to_equality(object: &Object<'_>) -> bool {
    match object {
        Object::External(name) => !library::is_callable(name),
        Object::Applied(_) | Object::Instance(_) | Object::Unknown(_) | Object::Path(_) | Object::View(_) => {
            true
        }
        _ => false,
    }
}

/// Equality of constants: numbers by value, whatever their type.
pub(super) fn values_equal(one: &Value, other: &Value) -> bool {
    match (Number::of(one), Number::of(other)) {
        (Some(Number::Int(one)), Some(Number::Int(other))) => one == other,
        (Some(Number::Float(one)), Some(Number::Float(other))) => one == other,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the float is compared only if it is an integer in range"
        )]
        (Some(Number::Int(int)), Some(Number::Float(float)))
        | (Some(Number::Float(float)), Some(Number::Int(int))) => {
            let in_range = (-9.2e18..9.2e18).contains(&float);
            in_range && float.fract() == 0.0 && float as i64 == int
        }
        _ => one == other,
    }
}

fn number_order(one: Number, other: Number, span: Span) -> Known<Option<Ordering>> {
    if let (Number::Int(one), Number::Int(other)) = (one, other) {
        return Ok(Some(one.cmp(&other)));
    }
    match (one.exact_float(), other.exact_float()) {
        (Some(one), Some(other)) => Ok(one.partial_cmp(&other)),
        _ => Err(unknown(span, "the integer is too large for a float")),
    }
}

fn not_ordered(op: CmpOp, left: &str, right: &str, span: Span) -> Stop {
    let message = format!(
        "'{}' not supported between instances of '{left}' and '{right}'",
        op.as_str()
    );
    type_error(span, message)
}
