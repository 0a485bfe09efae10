//! A flow from its class: members over all bases as Python's `dir()` would list them. Knows no graph.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are members that a flow knows"
)]

use std::collections::BTreeMap;
use std::rc::Rc;

use super::decorators::Level;
use super::phase::Place;
use super::reader::Reader;
use super::rules::{MODULE_AS_CONSTANT, UNSTORABLE_CONSTANT};
use super::uncertain::{self, Uncertain};
use super::{
    Constant, DecoratorKind, Flow, UncertainParameter, construction, decorators, discover, docstring,
    parameter, perhaps_parameter, repeated, span_of, step, storable,
};
use crate::diagnostic::Diagnostic;
use crate::python::object::{Applied, Binding, Class, Object};
use crate::python::why_copied;
use crate::source::Span;
use crate::value::{Unknown, Value, Why};

/// Names that Metaflow keeps to itself (`FlowSpec._EPHEMERAL` and the like): an attribute of such a name is
/// neither a parameter nor a constant.
pub(super) const EPHEMERAL: [&str; 6] = ["cmd", "foreach_stack", "index", "input", "script_name", "name"];

/// Reads the flow that a class is.
pub(super) fn read<'a>(reader: &mut Reader<'_, 'a>, class: &Rc<Class<'a>>) -> Flow {
    let order = reader.followed.resolution_order(class);
    let (name, unknown_name) = name_of(class);
    reader.flow = Some(name.clone());
    for ancestor in &order {
        decorators::judge_methods(reader, ancestor);
        repeated::judge(reader, ancestor);
    }
    let unknown_members = order.iter().find_map(|class| class.namespace.why_open());
    let mut flow = Flow {
        name,
        span: span_of(class.source, &class.node.name),
        bases: bases(reader, class),
        ancestors: order
            .iter()
            .skip(1)
            .map(|ancestor| span_of(ancestor.source, &ancestor.node.name))
            .collect(),
        docstring: docstring::of(&class.node.body),
        decorators: Vec::new(),
        parameters: Vec::new(),
        mutators: Vec::new(),
        constants: Vec::new(),
        steps: Vec::new(),
        members: Vec::new(),
        uncertain_steps: Vec::new(),
        uncertain_parameters: Vec::new(),
        has_raised_steps: false,
        astray: reader.followed.astray.clone(),
        lost_hooks: Vec::new(),
        is_run: reader
            .followed
            .instantiated
            .iter()
            .any(|(run, _)| Rc::ptr_eq(run, class)),
        is_perhaps_run: reader.followed.runs_unknown,
        has_foreign_base: discover::has_foreign_base(reader.followed, class) || unknown_members.is_some(),
        unknown_name,
        unknown_members,
        unknown_bases: discover::unknown_bases(reader, &order),
    };
    class_decorators(reader, &order, &mut flow);
    flow.lost_hooks = std::mem::take(&mut reader.lost_hooks);
    let mut uncertain_steps = Uncertain::default();
    for (name, member) in members(&order) {
        read_member(reader, name, &member, &order, &mut flow, &mut uncertain_steps);
    }
    flow.has_raised_steps = uncertain_steps.has_raised(&flow);
    flow.uncertain_steps = uncertain_steps.of(&flow);
    parameter::judge_all(reader, &order, &flow.parameters);
    judge_replaced(reader, &order, &flow);
    construction::judge(reader, &order, &flow);
    reader.flow = None;
    flow
}

/// `train = Parameter("train")` above `def train(self)`, or in a base.
fn judge_replaced<'a>(reader: &mut Reader<'_, 'a>, order: &[Rc<Class<'a>>], flow: &Flow) {
    let names = flow.steps.iter().map(|step| step.name.as_str()).collect();
    for replaced in perhaps_parameter::replaced(reader.followed, &names, order) {
        if let Some(step) = flow.step(&replaced.name)
            && reader.judged.insert(replaced.span)
        {
            reader.report(parameter::replaced_by_step(
                &replaced.name,
                replaced.span,
                step.span,
            ));
        }
    }
}

/// The flow's name, and why it is not known: `TrainFlow.__name__ = "Nightly"` names the flow anew.
pub(super) fn name_of(class: &Class<'_>) -> (String, Option<Unknown>) {
    let written = || class.name.to_owned();
    match class.set_name().map(|binding| binding.thing.object) {
        None => (written(), None),
        Some(Object::Constant(Value::Str(name))) => (name.to_string(), None),
        Some(Object::Unknown(unknown)) => (written(), Some(unknown)),
        Some(_) => (written(), None),
    }
}

/// A name of the class with the binding that wins, and the class that holds it.
pub(super) struct Member<'a> {
    pub binding: Binding<'a>,
    pub class: Rc<Class<'a>>,
}

/// By name, in code-point order; the first class of the resolution order that binds a name has the say.
fn members<'a>(order: &[Rc<Class<'a>>]) -> BTreeMap<&'a str, Member<'a>> {
    let mut members = BTreeMap::new();
    for class in order {
        for (name, binding) in class.namespace.entries() {
            members.entry(name).or_insert_with(|| Member {
                binding,
                class: Rc::clone(class),
            });
        }
    }
    members
}

fn read_member<'a>(
    reader: &mut Reader<'_, 'a>,
    name: &'a str,
    member: &Member<'a>,
    order: &[Rc<Class<'a>>],
    flow: &mut Flow,
    uncertain_steps: &mut Uncertain,
) {
    judge_storable(reader, name, member);
    uncertain::replaced(reader, name, member);
    match &member.binding.thing.object {
        Object::Function(function) => {
            if let Some(step) = step::read(reader, name, function, order) {
                flow.steps.push(step);
            } else if let Some(why) = step::why_unsettled(function) {
                flow.members.push(name.to_owned());
                uncertain_steps.note_unsettled(name, member, &why);
            } else if step::is_raised(function) {
                flow.members.push(name.to_owned());
                uncertain_steps.note_raised(name, member);
            } else {
                flow.members.push(name.to_owned());
                uncertain::hidden(reader, name, member);
                uncertain_steps.note_decorated(name, member, function);
            }
        }
        Object::Applied(applied) if parameter::kind(applied).is_some() => {
            read_parameter(reader, name, member, applied, flow);
        }
        _ if is_imported_here(name, member) => {
            flow.members.push(name.to_owned());
            if !name.starts_with('_') && reader.judged.insert(member.binding.span) {
                reader.report(module_constant(name, member.binding.span));
            }
        }
        Object::Class(_) | Object::Method(_) | Object::Partial(_) | Object::Module(_) => {
            flow.members.push(name.to_owned());
        }
        Object::Unknown(unknown) if uncertain::is_meant_as_step(name, member) => {
            flow.members.push(name.to_owned());
            reader.report_unknown(unknown, &Place::Constant { name });
            if matches!(unknown.why, Why::Raises { .. }) {
                uncertain_steps.note_raised(name, member);
            }
            uncertain_steps.note(name, unknown);
        }
        // `functools.update_wrapper(self, function)` in its `__init__`.
        object if why_copied(object).is_some() => {
            flow.members.push(name.to_owned());
            if let Some(why) = why_copied(object) {
                uncertain_steps.note_unsettled(name, member, &why);
            }
        }
        // `class Log:` with a `__call__`, above `@step`.
        object if uncertain::is_no_step(reader, object) => {
            if uncertain::is_meant_as_step(name, member) {
                flow.members.push(name.to_owned());
            } else {
                flow.constants.extend(constant(reader, name, member));
            }
        }
        // `@mystep` of a package that is not followed.
        Object::Applied(applied) if uncertain::is_meant_as_step(name, member) => {
            flow.members.push(name.to_owned());
            uncertain_steps.note(name, &uncertain::from_outside(&applied.callee, applied.span));
        }
        object => {
            if let Some(applied) = perhaps_parameter::of_plain_subclass(reader.followed, object) {
                read_parameter(reader, name, member, &applied, flow);
                return;
            }
            if let Some(unknown) = perhaps_parameter::why(reader.followed, name, member) {
                let name = name.to_owned();
                flow.uncertain_parameters
                    .push(UncertainParameter { name, unknown });
            }
            match constant(reader, name, member) {
                Some(constant) => flow.constants.push(constant),
                None => flow.members.push(name.to_owned()),
            }
        }
    }
}

fn read_parameter<'a>(
    reader: &mut Reader<'_, 'a>,
    name: &'a str,
    member: &Member<'a>,
    applied: &Rc<Applied<'a>>,
    flow: &mut Flow,
) {
    match parameter::read(reader, name, &member.binding, applied) {
        Some(parameter) => flow.parameters.push(parameter),
        None => flow.members.push(name.to_owned()),
    }
}

/// Is the name bound by an `import` statement of the class body itself?
fn is_imported_here(name: &str, member: &Member<'_>) -> bool {
    let body = member.class.node.body.iter();
    let names = body.filter_map(|statement| statement.as_import_stmt());
    names.flat_map(|import| &import.names).any(|alias| {
        let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        bound.split('.').next() == Some(name)
    })
}

fn module_constant(name: &str, span: Span) -> Diagnostic {
    let message =
        format!("the module `{name}` is an attribute of the flow: it cannot be stored when a run starts");
    Diagnostic::new(&MODULE_AS_CONSTANT, span, message)
        .help("import it at the top of the file, or in the step that needs it")
}

/// Is the attribute something that no run can store?
fn judge_storable(reader: &mut Reader<'_, '_>, name: &str, member: &Member<'_>) {
    let Binding { thing, span } = &member.binding;
    if EPHEMERAL.contains(&name) || name.starts_with("__") {
        return;
    }
    if let Some(why) = storable::why_not(name, &thing.object, &member.class)
        // A module that is imported here is told of as such.
        && (name.starts_with('_') || !is_imported_here(name, member))
        && reader.judged.insert(*span)
    {
        let message = format!("`{name}` {why}, which cannot be stored when a run starts");
        reader.report(
            Diagnostic::new(&UNSTORABLE_CONSTANT, *span, message)
                .help("put it beside the flow, or make it in the step that needs it"),
        );
    }
}

/// A class attribute that every task gets as an artifact.
fn constant<'a>(reader: &mut Reader<'_, 'a>, name: &'a str, member: &Member<'a>) -> Option<Constant> {
    if name.starts_with('_') || EPHEMERAL.contains(&name) {
        return None;
    }
    let Binding { thing, span } = &member.binding;
    let place = Place::Constant { name };
    if let Object::Applied(applied) = &thing.object
        && parameter::is_config_path(applied)
    {
        reader.report(parameter::config_constant(name, applied, *span));
        return None;
    }
    let value = reader.followed.evaluated(thing, *span);
    if let Err(unknown) = &value.result
        && !matches!(
            unknown.why,
            Why::Placeholder {
                used: crate::value::PlaceholderUse::Bare,
                ..
            }
        )
    {
        reader.report_unknown(unknown, &place);
    }
    Some(Constant {
        name: name.to_owned(),
        span: *span,
        value,
    })
}

/// The decorators of the class, then those of its bases that are flows.
fn class_decorators<'a>(reader: &mut Reader<'_, 'a>, order: &[Rc<Class<'a>>], flow: &mut Flow) {
    for class in order {
        if !discover::is_flow(reader.followed, class) {
            continue;
        }
        let decorations = class.decorators.borrow();
        for decoration in decorations.iter().rev() {
            let Some(used) = decorators::read(reader, decoration, Level::Flow) else {
                continue;
            };
            match used.kind {
                DecoratorKind::Mutator => flow.mutators.push(used.name.clone()),
                DecoratorKind::Known(_) | DecoratorKind::UserStep | DecoratorKind::ThirdParty => {}
            }
            flow.decorators.push(used);
        }
    }
    decorators::judge_duplicates(reader, &flow.decorators, &format!("flow `{}`", flow.name));
}

/// The direct bases as written.
fn bases<'a>(reader: &Reader<'_, 'a>, class: &Class<'a>) -> Vec<String> {
    let written = class.node.bases().iter();
    written
        .map(|base| reader.sources.slice(span_of(class.source, base)).to_owned())
        .collect()
}
