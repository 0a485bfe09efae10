//! `@argo_workflows_internal`: attached by Metaflow's Argo Workflows deployer.

use super::{Attribute, Decorator, Kind};

pub(super) static DECORATOR: Decorator = Decorator::internal(
    "argo_workflows_internal",
    &[Attribute::new("auto-emit-argo-events", "True", Kind::Bool).harmless()],
);
