//! Decorators that the project makes itself: `@user_step_decorator` wraps the run time of a step, mutators rewrite
//! the flow. What Metaflow refuses of them; what they do is not followed.

use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::rules::BAD_USER_DECORATOR;
use super::{DecoratorKind, Form, discover, results, span_of};
use crate::diagnostic::Diagnostic;
use crate::python::is_user_step_decorator;
use crate::python::object::{Argument, Class, Code, Function, Object};
use crate::source::{SourceId, Span};

/// Is the function a user step decorator? What Metaflow refuses of it is reported.
pub(super) fn judge<'a>(
    reader: &mut Reader<'_, 'a>,
    function: &Function<'a>,
    arguments: &[Argument<'a>],
) -> Option<DecoratorKind> {
    let decorators = function.decorators.borrow();
    let mut marks = decorators.iter();
    let marked = marks.find(|decoration| is_user_step_decorator(&decoration.decorator.object))?;
    if reader.judged.insert(marked.span)
        && let Code::Def(def) = function.code
    {
        let span = span_of(function.source, &def.name);
        let count = def.parameters.len();
        let has_arguments =
            matches!(&marked.decorator.object, Object::Applied(applied) if !applied.arguments.is_empty());
        let fault = if results::form(def) != Form::Generator {
            Some("must be a generator that yields once")
        } else if has_arguments && count != 4 {
            Some("is made with arguments and must take `step_name`, `flow`, `inputs` and `attributes`")
        } else if !(3..=4).contains(&count) {
            Some("must take `step_name`, `flow`, `inputs`, and `attributes` where it has arguments")
        } else {
            None
        };
        if let Some(fault) = fault {
            let message = format!("the user step decorator `{}` {fault}", function.name);
            reader.report(
                Diagnostic::new(&BAD_USER_DECORATOR, span, message)
                    .help("write `def name(step_name, flow, inputs, attributes=None): … yield …`"),
            );
        }
    }
    if let Some(positional) = arguments.iter().find(|argument| argument.name.is_none())
        && reader.judged.insert(positional.span)
    {
        let message = format!("`@{}` takes keyword arguments only", function.name);
        reader.report(Diagnostic::new(&BAD_USER_DECORATOR, positional.span, message));
    }
    Some(DecoratorKind::UserStep)
}

/// `@user_step_decorator` on a class.
pub(super) fn judge_class<'a>(reader: &mut Reader<'_, 'a>, class: &Class<'a>) {
    let decorators = class.decorators.borrow();
    let mut marks = decorators.iter();
    let marked = marks.find(|decoration| is_user_step_decorator(&decoration.decorator.object));
    if let Some(marked) = marked
        && reader.judged.insert(marked.span)
    {
        let message = format!(
            "`@user_step_decorator` makes decorators of generators, not of the class `{}`",
            class.name
        );
        reader.report(
            Diagnostic::new(&BAD_USER_DECORATOR, marked.span, message)
                .help("derive the class from `UserStepDecorator` instead"),
        );
    }
}

/// A mutator that is given arguments it has no use for, or that changes in `mutate` what may only change before.
pub(super) fn judge_mutator<'a>(
    reader: &mut Reader<'_, 'a>,
    class: &Rc<Class<'a>>,
    span: Span,
    has_arguments: bool,
) {
    let derives = |base| discover::derives_from(reader.followed, class, base);
    let is_of_flows = derives("metaflow.FlowMutator");
    if !is_of_flows && !derives("metaflow.StepMutator") {
        return;
    }
    if has_arguments
        && reader.followed.attribute(class, "init").is_none()
        && reader.judged.insert(Span {
            start: span.end,
            ..span
        })
    {
        let message = format!(
            "`@{}` is given arguments, but defines no `init` that takes them",
            class.name
        );
        reader.report(
            Diagnostic::new(&BAD_USER_DECORATOR, span, message).help("define `def init(self, …)` in it"),
        );
    }
    let mut defs = class.node.body.iter().filter_map(Stmt::as_function_def_stmt);
    let mutate = defs.rfind(|def| is_of_flows && def.name.as_str() == "mutate");
    let receiver = mutate.and_then(|def| def.parameters.args.get(1));
    if let (Some(def), Some(receiver)) = (mutate, receiver) {
        judge_mutate(reader, class.source, &def.body, receiver.name().as_str());
    }
}

/// `flow.add_parameter(…)` in `mutate(self, flow)`, also of decorators of the flow.
fn judge_mutate(reader: &mut Reader<'_, '_>, source: SourceId, body: &[Stmt], flow: &str) {
    let mut finder = CallFinder {
        receiver: flow,
        found: Vec::new(),
    };
    finder.visit_body(body);
    for (name, range) in finder.found {
        let span = span_of(source, range);
        let is_early = matches!(
            name,
            "add_parameter" | "remove_parameter" | "add_decorator" | "remove_decorator"
        );
        if is_early && reader.judged.insert(span) {
            let message = format!("`{flow}.{name}` is allowed in `pre_mutate` only, not in `mutate`");
            reader.report(
                Diagnostic::new(&BAD_USER_DECORATOR, span, message)
                    .help("move it to `def pre_mutate(self, flow)`"),
            );
        }
    }
}

/// Methods called on one name.
struct CallFinder<'s> {
    receiver: &'s str,
    found: Vec<(&'s str, TextRange)>,
}

impl<'s> Visitor<'s> for CallFinder<'s> {
    fn visit_expr(&mut self, expression: &'s Expr) {
        if let Some(call) = expression.as_call_expr()
            && let Some(method) = call.func.as_attribute_expr()
            && method
                .value
                .as_name_expr()
                .is_some_and(|name| name.id == self.receiver)
        {
            self.found.push((method.attr.as_str(), call.range()));
        }
        visitor::walk_expr(self, expression);
    }
}
