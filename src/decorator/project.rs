//! `@project`: a name space of deployments. Metaflow 2.19: `project_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{FlowRequest, Project};

pub(super) static DECORATOR: Decorator = Decorator::new(
    "project",
    Level::Flow(lower),
    &[
        Attribute::new("name", "None", Kind::Any),
        Attribute::new("production", "False", Kind::Bool).harmless(),
        Attribute::new("branch", "None", Kind::Any),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.project = attributes.text("name").map(|name| Project {
        name,
        production: attributes.flag("production"),
        branch: attributes.text("branch").filter(|branch| !branch.is_empty()),
    });
}
