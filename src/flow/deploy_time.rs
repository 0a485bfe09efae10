//! Functions that give a default when a flow is deployed or run, as far as their source shows that they cannot. Knows
//! no results but literals.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of ruff's AST few expressions are literals"
)]

use ruff_python_ast as ast;

use super::reader::Reader;
use super::results::Results;
use super::rules::UNFIT_FUNCTION;
use super::span_of;
use crate::diagnostic::{Diagnostic, Severity};
use crate::python::object::{Argument, Code, Function, Object};

/// Judges the function that is the default of a parameter: how Metaflow calls it, and what it gives.
pub(super) fn judge(reader: &mut Reader<'_, '_>, name: &str, fields: &[(&str, &Argument<'_>)]) {
    let field = |wanted: &str| fields.iter().find(|(field, _)| *field == wanted);
    let Some((_, argument)) = field("default") else {
        return;
    };
    let Object::Function(function) = &argument.thing.object else {
        return;
    };
    if !function.decorators.borrow().is_empty() {
        return;
    }
    let diagnostic = if let Some(why) = why_not_called(function) {
        let message = format!("the function that gives the default of `{name}` {why}");
        Diagnostic::new(&UNFIT_FUNCTION, argument.span, message)
            .help("let it take the context: `def default(context): …`, `lambda context: …`")
    } else if let Some(unfit) = unfit_result(function, field("type").map(|(_, argument)| *argument)) {
        let message = format!(
            "the function that gives the default of `{name}` returns a value of type {}, not {}",
            unfit.given, unfit.wanted
        );
        let mut finding = Diagnostic::new(&UNFIT_FUNCTION, span_of(function.source, unfit.result), message);
        if unfit.may_be_right {
            finding.severity = Severity::Warning;
        }
        finding.help(format!(
            "return {}, or give the parameter that `type`",
            unfit.wanted
        ))
    } else {
        return;
    };
    if reader.judged.insert(diagnostic.span) {
        reader.report(diagnostic);
    }
}

/// Metaflow calls it with the context and a flag, and where that is a `TypeError` with the context alone.
fn why_not_called(function: &Function<'_>) -> Option<String> {
    let parameters = match function.code {
        Code::Def(def) => &*def.parameters,
        Code::Lambda(lambda) => match &lambda.parameters {
            Some(parameters) => parameters,
            None => return Some("takes no argument: it is called with the context".to_owned()),
        },
    };
    let positional = || parameters.posonlyargs.iter().chain(&parameters.args);
    let required = positional().filter(|it| it.default.is_none()).count();
    if required > 2 {
        return Some(format!(
            "needs {required} arguments: it is called with the context alone"
        ));
    }
    if positional().count() == 0 && parameters.vararg.is_none() {
        return Some("takes no positional argument: it is called with the context".to_owned());
    }
    let named = parameters.kwonlyargs.iter().find(|it| it.default.is_none());
    named.map(|it| {
        let name = it.parameter.name.as_str();
        format!("needs the argument `{name}`: it is called with the context alone")
    })
}

struct Unfit<'a> {
    result: &'a ast::Expr,
    given: &'static str,
    wanted: &'static str,
    /// Deployers make JSON of what is no text, which a run refuses; or another `return` gives what is fit or not known.
    may_be_right: bool,
}

/// A literal that the function returns and that is not of the parameter's type.
fn unfit_result<'a>(function: &Function<'a>, value_type: Option<&Argument<'_>>) -> Option<Unfit<'a>> {
    let wanted = match value_type.map(|argument| &argument.thing.object) {
        None | Some(Object::Constant(_)) => "str",
        Some(Object::External(name)) => match &**name {
            "builtins.str" | "metaflow.JSONType" => "str",
            "builtins.int" => "int",
            "builtins.float" => "float",
            "builtins.bool" => "bool",
            "builtins.list" => "list",
            "builtins.dict" => "dict",
            _ => return None,
        },
        Some(_) => return None,
    };
    let results = results(function);
    let unfit = |result: &&'a ast::Expr| Some((*result, type_of(result).filter(|given| *given != wanted)?));
    let (result, given) = results.iter().find_map(unfit)?;
    Some(Unfit {
        result,
        given,
        wanted,
        may_be_right: wanted == "str" || !results.iter().all(|result| unfit(result).is_some()),
    })
}

/// What it returns, each `return` of it.
fn results<'a>(function: &Function<'a>) -> Vec<&'a ast::Expr> {
    match function.code {
        Code::Lambda(lambda) => vec![&lambda.body],
        Code::Def(def) => {
            let results = Results::of(def);
            if def.is_async || results.yields {
                Vec::new()
            } else {
                results.returned
            }
        }
    }
}

/// The type of a literal.
fn type_of(expression: &ast::Expr) -> Option<&'static str> {
    Some(match expression {
        ast::Expr::StringLiteral(_) | ast::Expr::FString(_) => "str",
        ast::Expr::BooleanLiteral(_) => "bool",
        ast::Expr::NoneLiteral(_) => "NoneType",
        ast::Expr::NumberLiteral(number) => match number.value {
            ast::Number::Int(_) => "int",
            ast::Number::Float(_) => "float",
            ast::Number::Complex { .. } => "complex",
        },
        ast::Expr::List(_) | ast::Expr::ListComp(_) => "list",
        ast::Expr::Dict(_) | ast::Expr::DictComp(_) => "dict",
        ast::Expr::Tuple(_) => "tuple",
        ast::Expr::Set(_) | ast::Expr::SetComp(_) => "set",
        _ => return None,
    })
}
