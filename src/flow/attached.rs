//! A flow with the decorators that `--with` attaches, as if they stood above every step that lacks them
//! (Metaflow 2.19: `decorators.py`, `_attach_decorators_to_step`).

use super::{AttributeUse, DecoratorKind, DecoratorUse, Flow, Step};
use crate::decorator::{self, spec::Spec};
use crate::value::Evaluated;

/// The flow as the steps' tasks see it. What is attached stands where its step does.
pub fn attached(flow: &Flow, specs: &[Spec]) -> Flow {
    let mut flow = flow.clone();
    for step in &mut flow.steps {
        for used in attached_to(step, specs) {
            step.decorators.insert(0, used);
        }
    }
    flow
}

/// What is attached to a step, in the order of the options. A decorator in the source wins; among several `--with` of
/// one name the first does.
pub fn attached_to(step: &Step, specs: &[Spec]) -> Vec<DecoratorUse> {
    let mut attached: Vec<DecoratorUse> = Vec::new();
    for spec in specs {
        if !step.has(&spec.name) && !attached.iter().any(|used| used.name == spec.name) {
            attached.push(used(step, spec));
        }
    }
    attached
}

fn used(step: &Step, spec: &Spec) -> DecoratorUse {
    let span = step.span;
    let attribute = |(name, value): &(String, _)| AttributeUse {
        name: name.clone(),
        name_span: span,
        value: Evaluated::known(span, Clone::clone(value)),
        literals: Vec::new(),
        is_unchecked: false,
    };
    DecoratorUse {
        name: spec.name.clone(),
        kind: decorator::find(&spec.name).map_or(DecoratorKind::ThirdParty, DecoratorKind::Known),
        span,
        attributes: spec.attributes.iter().map(attribute).collect(),
        unknown_arguments: None,
        undecided: None,
    }
}
