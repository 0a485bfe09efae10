//! The tail statement of a step's body and `self.next` in every form, as Metaflow reads it (`graph.py`,
//! `DAGNode._parse` of 2.19). Knows no other step: whether a target exists is not asked here.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "ruff's AST has 33 variants, of which a transition may use a handful"
)]

use ruff_python_ast as ast;
use ruff_python_ast::{Expr, Number, Stmt};
use ruff_text_size::Ranged;

use super::{Case, NoName, StepName, Tail, Transition, span_of};
use crate::source::{SourceId, Span};
use crate::value::Value;

/// What Metaflow makes of the last statement of a body; only that one counts.
pub fn tail(body: &[Stmt], source: SourceId) -> Tail {
    let Some((statement, call)) = tail_call(body) else {
        return Tail::Missing;
    };
    let span = span_of(source, statement);
    match read(call, source) {
        Ok(transition) => Tail::Next { span, transition },
        Err(problem) => Tail::Invalid {
            span,
            at: problem.at,
            problem: problem.message,
            targets: recorded_targets(call, source),
            only_keyword: only_keyword(call),
        },
    }
}

/// The call in a body's last statement, where that is a `self.next(…)`.
pub fn tail_call(body: &[Stmt]) -> Option<(&Stmt, &ast::ExprCall)> {
    let statement = body.last()?;
    let call = statement.as_expr_stmt()?.value.as_call_expr()?;
    is_next(call, "self").then_some((statement, call))
}

/// Is it a call of the literal attribute `self.next`? Metaflow accepts no other name than `self` there.
pub fn is_next(call: &ast::ExprCall, receiver: &str) -> bool {
    let Some(function) = call.func.as_attribute_expr() else {
        return false;
    };
    function.attr.as_str() == "next" && is_name(&function.value, receiver)
}

/// The steps that a call of `self.next` names, in whatever form.
pub fn named_targets(call: &ast::ExprCall) -> Vec<String> {
    let positional = call.arguments.args.iter();
    let cases = positional
        .clone()
        .filter_map(Expr::as_dict_expr)
        .flat_map(|dict| dict.items.iter().map(|item| &item.value));
    positional
        .chain(cases)
        .filter_map(Expr::as_attribute_expr)
        .map(|attribute| attribute.attr.to_string())
        .collect()
}

/// Why a call of `self.next` is not accepted.
struct Problem {
    at: Span,
    message: String,
}

fn problem<T>(source: SourceId, at: impl Ranged, message: impl Into<String>) -> Result<T, Problem> {
    Err(Problem {
        at: span_of(source, at),
        message: message.into(),
    })
}

fn read(call: &ast::ExprCall, source: SourceId) -> Result<Transition, Problem> {
    let arguments = &call.arguments;
    if let [Expr::Dict(dict)] = &*arguments.args
        && let Some(condition) = keyword(arguments, "condition")
    {
        return switch(dict, condition, arguments, source);
    }
    let targets = arguments
        .args
        .iter()
        .map(|argument| target(argument, arguments, source))
        .collect::<Result<Vec<_>, _>>()?;
    match &*arguments.keywords {
        [] => plain(call, targets, source),
        [only] => fan(call, only, targets, source),
        [.., last] => problem(source, last, several_keywords(arguments)),
    }
}

/// `self.next(self.a)`, `self.next(self.a, self.b)`
fn plain(call: &ast::ExprCall, targets: Vec<StepName>, source: SourceId) -> Result<Transition, Problem> {
    let mut targets = targets;
    match targets.len() {
        0 => problem(
            source,
            call,
            "it names no step: write `self.next(self.step_name)`",
        ),
        1 => Ok(Transition::Linear(targets.remove(0))),
        _ => Ok(Transition::Split(targets)),
    }
}

/// `self.next(self.a, foreach="xs")`, `self.next(self.a, num_parallel=4)`
fn fan(
    call: &ast::ExprCall,
    keyword: &ast::Keyword,
    targets: Vec<StepName>,
    source: SourceId,
) -> Result<Transition, Problem> {
    let Some(name) = keyword.arg.as_ref().map(ast::Identifier::as_str) else {
        return problem(source, keyword, "`**` is not allowed here: write the keyword out");
    };
    if name == "condition" {
        return problem(
            source,
            keyword,
            "`condition` takes a dict of cases: write `self.next({\"key\": self.step_name}, condition=\"name\")`",
        );
    }
    if name != "foreach" && name != "num_parallel" {
        return problem(
            source,
            keyword,
            format!("unknown keyword `{name}`: only `foreach`, `num_parallel` and `condition` are allowed"),
        );
    }
    let mut targets = targets.into_iter();
    let (target, further) = (targets.next(), targets.next());
    let Some(target) = target else {
        return problem(source, call, format!("`{name}` without a step to go to"));
    };
    if let Some(further) = further {
        return Err(Problem {
            at: further.span,
            message: format!("several steps with `{name}`: exactly one is allowed"),
        });
    }
    let value_span = span_of(source, &keyword.value);
    let literal = literal(&keyword.value);
    Ok(if name == "foreach" {
        let variable = literal.as_ref().and_then(Value::as_str).map(str::to_owned);
        Transition::Foreach {
            target,
            no_name: variable.is_none().then(|| no_name(&keyword.value, literal)),
            variable,
            variable_span: value_span,
        }
    } else {
        Transition::Parallel {
            target,
            count: literal.as_ref().and_then(Value::as_int),
            count_span: value_span,
        }
    })
}

/// What `foreach=` is given, where it is no text.
fn no_name(value: &Expr, literal: Option<Value>) -> NoName {
    match value {
        Expr::List(_) | Expr::ListComp(_) => NoName::Items("list"),
        Expr::Tuple(_) => NoName::Items("tuple"),
        Expr::Set(_) | Expr::SetComp(_) => NoName::Items("set"),
        Expr::Dict(_) | Expr::DictComp(_) => NoName::Items("dict"),
        Expr::Generator(_) => NoName::Items("generator"),
        Expr::Attribute(attribute) if is_name(&attribute.value, "self") => {
            NoName::Artifact(attribute.attr.to_string())
        }
        _ => literal.map_or(NoName::Expression, NoName::Literal),
    }
}

fn several_keywords(arguments: &ast::Arguments) -> String {
    let names: Vec<String> = arguments
        .keywords
        .iter()
        .map(|keyword| match &keyword.arg {
            Some(name) => format!("`{name}`"),
            None => "`**`".to_owned(),
        })
        .collect();
    format!("several keywords, {}: one is allowed", names.join(" and "))
}

/// A positional argument: `self.a`. Metaflow takes any attribute and looks at its last name only.
fn target(argument: &Expr, arguments: &ast::Arguments, source: SourceId) -> Result<StepName, Problem> {
    match argument {
        Expr::Attribute(attribute) => Ok(step_name(attribute, source)),
        Expr::Dict(_) if arguments.args.len() > 1 => problem(
            source,
            argument,
            "a dict of cases beside other arguments: it must be the only one, with `condition=\"name\"`",
        ),
        Expr::Dict(_) => problem(source, argument, "a dict of cases needs `condition=\"name\"`"),
        Expr::StringLiteral(text) => problem(
            source,
            argument,
            format!("a step is named by text: write `self.{}`", text.value.to_str()),
        ),
        Expr::Name(name) => problem(
            source,
            argument,
            format!("`{}` is a variable: a step is named as `self.step_name`", name.id),
        ),
        Expr::Starred(_) => problem(
            source,
            argument,
            "`*` hides which steps come next: write each as `self.step_name`",
        ),
        Expr::If(_) => problem(
            source,
            argument,
            "a conditional expression chooses the step: use a switch, `self.next({…}, condition=\"name\")`",
        ),
        _ => problem(
            source,
            argument,
            "an expression chooses the step: each must be written as `self.step_name`",
        ),
    }
}

/// `self.next({"k": self.a, …}, condition="v")`; further keywords are not looked at, as in Metaflow.
fn switch(
    dict: &ast::ExprDict,
    condition: &ast::Keyword,
    arguments: &ast::Arguments,
    source: SourceId,
) -> Result<Transition, Problem> {
    let further = arguments
        .keywords
        .iter()
        .filter(|keyword| keyword.range != condition.range);
    let mut cases: Vec<Case> = Vec::new();
    for item in &dict.items {
        let case = case(item, source)?;
        match cases.iter_mut().find(|known| same_key(&known.key, &case.key)) {
            Some(known) => known.target = case.target,
            None => cases.push(case),
        }
    }
    if cases.is_empty() {
        return problem(source, dict, "a switch without cases");
    }
    let Some(name) = condition.value.as_string_literal_expr() else {
        return problem(
            source,
            &condition.value,
            "`condition` must be the name of an artifact as a text literal, as in `condition=\"name\"`",
        );
    };
    if name.value.is_empty() {
        return problem(
            source,
            &condition.value,
            "`condition` is empty: it names an artifact",
        );
    }
    Ok(Transition::Switch {
        cases,
        condition: name.value.to_str().to_owned(),
        condition_span: span_of(source, &condition.value),
        further_keywords: further.map(|keyword| span_of(source, keyword)).collect(),
    })
}

fn case(item: &ast::DictItem, source: SourceId) -> Result<Case, Problem> {
    let Some(key) = &item.key else {
        return problem(
            source,
            &item.value,
            "`**` in a switch: every case must be written out",
        );
    };
    let value = key_value(key, source)?;
    let Some(target) = own_step(&item.value, source) else {
        return problem(
            source,
            &item.value,
            "a case must lead to one step, written `self.step_name`",
        );
    };
    Ok(Case {
        key: value,
        key_span: span_of(source, key),
        target,
    })
}

/// A key: a constant other than `None`, or exactly `self.config.key`.
fn key_value(key: &Expr, source: SourceId) -> Result<Value, Problem> {
    const ALLOWED: &str = "keys must be literals or `self.config.key`";
    match key {
        Expr::NoneLiteral(_) => problem(source, key, format!("the switch key is `None`: {ALLOWED}")),
        Expr::Name(name) => problem(
            source,
            key,
            format!("the switch key `{}` is a variable: {ALLOWED}", name.id),
        ),
        Expr::Attribute(attribute) => match config_key(attribute) {
            Some(path) => Ok(Value::str(path)),
            None => problem(source, key, format!("the switch key is an attribute: {ALLOWED}")),
        },
        Expr::FString(_) => problem(source, key, format!("the switch key is an f-string: {ALLOWED}")),
        Expr::UnaryOp(_) => problem(
            source,
            key,
            format!("the switch key is an operation (a negative number is one): {ALLOWED}"),
        ),
        _ => match literal(key) {
            Some(value) => Ok(value),
            None => problem(source, key, format!("the switch key is an expression: {ALLOWED}")),
        },
    }
}

/// `self.config.key`, recorded as `config:config.key`.
fn config_key(attribute: &ast::ExprAttribute) -> Option<String> {
    let config = attribute.value.as_attribute_expr()?;
    is_name(&config.value, "self").then(|| format!("config:{}.{}", config.attr, attribute.attr))
}

/// `self.a` and nothing else.
fn own_step(value: &Expr, source: SourceId) -> Option<StepName> {
    let attribute = value.as_attribute_expr()?;
    is_name(&attribute.value, "self").then(|| step_name(attribute, source))
}

fn step_name(attribute: &ast::ExprAttribute, source: SourceId) -> StepName {
    StepName {
        name: attribute.attr.to_string(),
        span: span_of(source, attribute),
    }
}

/// What Metaflow records of a call that it does not accept: the attributes, where all arguments are some.
fn recorded_targets(call: &ast::ExprCall, source: SourceId) -> Vec<StepName> {
    let attributes: Option<Vec<_>> = call.arguments.args.iter().map(Expr::as_attribute_expr).collect();
    attributes
        .unwrap_or_default()
        .into_iter()
        .map(|attribute| step_name(attribute, source))
        .collect()
}

/// Metaflow calls a step a foreach when this keyword alone stands there, even where it refuses the call.
fn only_keyword(call: &ast::ExprCall) -> Option<&'static str> {
    let are_attributes = call.arguments.args.iter().all(Expr::is_attribute_expr);
    let [only] = &*call.arguments.keywords else {
        return None;
    };
    match only.arg.as_ref().map(ast::Identifier::as_str) {
        Some("foreach") if are_attributes => Some("foreach"),
        Some("num_parallel") if are_attributes => Some("num_parallel"),
        _ => None,
    }
}

fn keyword<'a>(arguments: &'a ast::Arguments, name: &str) -> Option<&'a ast::Keyword> {
    let is_it = |keyword: &&ast::Keyword| keyword.arg.as_ref().is_some_and(|arg| arg == name);
    arguments.keywords.iter().find(is_it)
}

fn is_name(expression: &Expr, name: &str) -> bool {
    expression.as_name_expr().is_some_and(|it| it.id == name)
}

/// A constant of the source, `None` where it is no literal. Numbers beyond 64 bits and imaginary ones stand
/// as their text, which is enough to tell keys apart.
fn literal(expression: &Expr) -> Option<Value> {
    Some(match expression {
        Expr::StringLiteral(text) => Value::str(text.value.to_str()),
        Expr::BytesLiteral(bytes) => Value::Bytes(bytes.value.bytes().collect()),
        Expr::BooleanLiteral(flag) => Value::Bool(flag.value),
        Expr::EllipsisLiteral(_) => Value::Ellipsis,
        Expr::NoneLiteral(_) => Value::None,
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => match int.as_i64() {
                Some(int) => Value::Int(int),
                None => Value::str(int.to_string()),
            },
            Number::Float(float) => Value::Float(*float),
            Number::Complex { imag, .. } => Value::str(format!("{imag}j")),
        },
        _ => return None,
    })
}

/// Python's `==` on dict keys: `1 == True == 1.0`.
fn same_key(left: &Value, right: &Value) -> bool {
    match (as_number(left), as_number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq(),
        (None, None) => left == right,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        #[expect(
            clippy::cast_precision_loss,
            reason = "two keys over 2**53 that round alike are not met"
        )]
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    /// What is wrong with a tail, and the part that is to blame.
    fn problem_of(text: &str) -> (String, String) {
        let mut sources = Sources::default();
        let source = sources.add("f.py", text);
        let parsed = ruff_python_parser::parse_module(text).expect("it parses");
        match tail(&parsed.syntax().body, source) {
            Tail::Invalid { at, problem, .. } => (problem, sources.slice(at).to_owned()),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn problems_name_the_part_to_blame() {
        for (text, message, part) in [
            ("self.next()", "names no step", "self.next()"),
            ("self.next('a')", "write `self.a`", "'a'"),
            ("self.next(a)", "`a` is a variable", "a"),
            (
                "self.next(self.a if x else self.b)",
                "use a switch",
                "self.a if x else self.b",
            ),
            ("self.next(*steps)", "`*` hides", "*steps"),
            ("self.next(self.a, foo=1)", "unknown keyword `foo`", "foo=1"),
            ("self.next(self.a, **k)", "`**` is not allowed", "**k"),
            (
                "self.next(self.a, self.b, foreach='x')",
                "several steps with `foreach`",
                "self.b",
            ),
            (
                "self.next(self.a, foreach='x', num_parallel=2)",
                "several keywords",
                "num_parallel=2",
            ),
            ("self.next({'k': self.a})", "needs `condition", "{'k': self.a}"),
            ("self.next({k: self.a}, condition='c')", "`k` is a variable", "k"),
            ("self.next({-1: self.a}, condition='c')", "negative number", "-1"),
            ("self.next({'k': a}, condition='c')", "must lead to one step", "a"),
            ("self.next({'k': self.a}, condition=c)", "text literal", "c"),
            (
                "self.next(self.a, condition='c')",
                "takes a dict of cases",
                "condition='c'",
            ),
        ] {
            let (problem, at) = problem_of(text);
            assert!(problem.contains(message), "{text}: {problem}");
            assert_eq!(at, part, "{text}");
        }
    }
}
