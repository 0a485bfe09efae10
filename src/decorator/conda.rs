//! `@conda`: Conda packages of one step. Metaflow 2.19: `conda_decorator.py`.

use super::python_environment::{DISABLED, LIBRARIES, PACKAGES, PYTHON, read};
use super::{Attributes, Decorator, Level};
use crate::request::Request;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "conda",
    Level::Step(lower),
    &[PACKAGES, LIBRARIES, PYTHON, DISABLED],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.conda = Some(read(attributes));
}
