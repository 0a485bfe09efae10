//! `@resources`: sizes for whichever machine the step runs on. Metaflow 2.19: `resources_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{Request, Resources};
use crate::target::Target;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "resources",
    Level::Step(lower),
    &[
        Attribute::new("cpu", "'1'", Kind::POSITIVE).harmless(),
        Attribute::new("gpu", "None", Kind::whole_from(0)).harmless(),
        Attribute::new("disk", "None", Kind::POSITIVE)
            .harmless()
            .ignored_on(Target::StepFunctions, "an AWS Batch job has no size of disk"),
        Attribute::new("memory", "'4096'", Kind::POSITIVE).harmless(),
        Attribute::new("shared_memory", "None", Kind::whole_from(1)).harmless(),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.resources = Some(Resources {
        cpu: attributes.value("cpu"),
        gpu: attributes.value("gpu"),
        memory: attributes.value("memory"),
        disk: attributes.value("disk"),
        shared_memory: attributes.value("shared_memory"),
    });
}
