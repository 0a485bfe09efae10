//! `@conda_base`: Conda packages of every step. Metaflow 2.19: `conda_decorator.py`.

use super::python_environment::{DISABLED, LIBRARIES, PACKAGES, PYTHON, read};
use super::{Attributes, Decorator, Level};
use crate::request::FlowRequest;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "conda_base",
    Level::Flow(lower),
    &[PACKAGES, LIBRARIES, PYTHON, DISABLED],
);

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.conda_base = Some(read(attributes));
}
