//! Flows from the decorators alone: their Python text with constants as arguments, read without following a
//! program.

use std::sync::Arc;

use flowc::decorator;
use flowc::flow::{
    AttributeUse, Case, DecoratorKind, DecoratorUse, Flow, Parameter, ParameterKind, ParameterType, Step,
    StepName, Tail, Transition,
};
use flowc::source::{SourceId, Sources, Span};
use flowc::value::{Call, Evaluated, Value};
use ruff_python_ast::{Expr, Number, UnaryOp};

/// How the step `start` goes on.
#[derive(Clone, Copy, Debug)]
pub enum Goes {
    On,
    Foreach,
    Parallel,
    Switch,
}

/// A flow with decorators on the class and on `start`, each a line of Python.
pub fn flow(on_class: &str, on_step: &str, goes: Goes, parameters: &[(&str, bool)]) -> Flow {
    let mut sources = Sources::default();
    let source = sources.add("flow.py", format!("{on_class}\n{on_step}"));
    let span = Span::new(source, 0, 0);
    let mut flow = Flow::new("DemoFlow", span);
    flow.decorators = decorators(source, 0, on_class);
    flow.parameters = parameters
        .iter()
        .map(|(name, is_required)| parameter(name, *is_required, span))
        .collect();
    let mut start = Step::new("start", span);
    start.decorators = decorators(source, length(on_class) + 1, on_step);
    start.tail = Tail::Next {
        span,
        transition: transition(goes, span),
    };
    flow.steps = vec![Step::new("end", span), start];
    flow
}

fn transition(goes: Goes, span: Span) -> Transition {
    let end = || StepName {
        name: "end".to_owned(),
        span,
    };
    match goes {
        Goes::On => Transition::Linear(end()),
        Goes::Foreach => Transition::Foreach {
            target: end(),
            variable: Some("items".to_owned()),
            variable_span: span,
            literal: None,
        },
        Goes::Parallel => Transition::Parallel {
            target: end(),
            count: Some(2),
            count_span: span,
        },
        Goes::Switch => Transition::Switch {
            cases: ["a", "b"]
                .map(|key| Case {
                    key: Value::str(key),
                    key_span: span,
                    target: end(),
                })
                .to_vec(),
            condition: "way".to_owned(),
            condition_span: span,
            further_keywords: Vec::new(),
        },
    }
}

fn parameter(name: &str, is_required: bool, span: Span) -> Parameter {
    Parameter {
        kind: ParameterKind::Parameter,
        name: name.to_owned(),
        variable: name.to_owned(),
        name_span: span,
        span,
        call: span,
        attributes: vec![AttributeUse {
            name: "required".to_owned(),
            name_span: span,
            value: Evaluated::known(span, Value::Bool(is_required)),
        }],
        value_type: ParameterType::Str,
        content: None,
    }
}

fn decorators(source: SourceId, offset: u32, text: &str) -> Vec<DecoratorUse> {
    let mut at = 0;
    let mut uses = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(expression) = line.trim().strip_prefix('@') {
            uses.push(decorator(source, length(&text[..at]) + offset, expression));
        }
        at += line.len();
    }
    uses
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap()
}

fn decorator(source: SourceId, offset: u32, text: &str) -> DecoratorUse {
    let parsed = ruff_python_parser::parse_expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let expression = *parsed.into_syntax().body;
    let span = |start: u32, end: u32| Span::new(source, offset + start, offset + end);
    let (function, arguments) = match &expression {
        Expr::Call(call) => (&*call.func, Some(&call.arguments)),
        other => (other, None),
    };
    let name = function.as_name_expr().unwrap().id.to_string();
    let known = decorator::find(&name).unwrap_or_else(|| panic!("no decorator {name}"));
    let keywords = arguments
        .map(|arguments| &*arguments.keywords)
        .unwrap_or_default();
    let positional = arguments.map(|arguments| &*arguments.args).unwrap_or_default();
    let at = |range: ruff_text_size::TextRange| span(range.start().to_u32(), range.end().to_u32());
    let by_position = positional
        .iter()
        .zip(known.attributes)
        .map(|(value, attribute)| AttributeUse {
            name: attribute.name.to_owned(),
            name_span: at(ruff_text_size::Ranged::range(value)),
            value: Evaluated::known(at(ruff_text_size::Ranged::range(value)), constant(value)),
        });
    let by_name = keywords.iter().map(|keyword| {
        let name = keyword.arg.as_ref().unwrap();
        AttributeUse {
            name: name.to_string(),
            name_span: at(name.range),
            value: Evaluated::known(
                at(ruff_text_size::Ranged::range(&keyword.value)),
                constant(&keyword.value),
            ),
        }
    });
    DecoratorUse {
        attributes: by_position.chain(by_name).collect(),
        name,
        kind: DecoratorKind::Known(known),
        span: span(0, length(text)),
        unknown_arguments: None,
    }
}

fn constant(expression: &Expr) -> Value {
    let all = |items: &[Expr]| items.iter().map(constant).collect();
    match expression {
        Expr::NoneLiteral(_) => Value::None,
        Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
        Expr::StringLiteral(literal) => Value::str(literal.value.to_str()),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(number) => Value::Int(number.as_i64().unwrap()),
            Number::Float(number) => Value::Float(*number),
            Number::Complex { .. } => panic!("a complex number"),
        },
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => match constant(&unary.operand) {
            Value::Int(number) => Value::Int(-number),
            Value::Float(number) => Value::Float(-number),
            other => panic!("- {other:?}"),
        },
        // `"k" * 129`
        Expr::BinOp(product) => {
            let (text, count) = (constant(&product.left), constant(&product.right));
            Value::str(
                text.as_str().unwrap().repeat(
                    count
                        .as_int()
                        .and_then(|count| usize::try_from(count).ok())
                        .unwrap(),
                ),
            )
        }
        Expr::List(list) => Value::List(all(&list.elts)),
        Expr::Tuple(tuple) => Value::Tuple(all(&tuple.elts)),
        Expr::Dict(dict) => Value::Dict(
            dict.items
                .iter()
                .map(|item| (constant(item.key.as_ref().unwrap()), constant(&item.value)))
                .collect(),
        ),
        Expr::Lambda(_) => Value::Function("<lambda>".into()),
        Expr::Name(name) => Value::Function(name.id.as_str().into()),
        Expr::Call(call) => made(&call.func.as_name_expr().unwrap().id, &call.arguments),
        other => panic!("no constant: {other:?}"),
    }
}

fn made(function: &str, arguments: &ruff_python_ast::Arguments) -> Value {
    let callee = Call::KNOWN
        .into_iter()
        .find(|known| known.ends_with(function))
        .unwrap();
    let positional = arguments.args.iter().map(|value| (None, constant(value)));
    let named = arguments.keywords.iter();
    let named = named.map(|keyword| {
        (
            keyword.arg.as_ref().map(|name| Arc::from(name.as_str())),
            constant(&keyword.value),
        )
    });
    Value::Call(Arc::new(Call {
        callee: callee.into(),
        arguments: positional.chain(named).collect(),
    }))
}
