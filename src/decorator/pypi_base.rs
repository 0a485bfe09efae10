//! `@pypi_base`: PyPI packages of every step. Metaflow 2.19: `pypi_decorator.py`.

use super::python_environment::{DISABLED, PACKAGES, PYTHON, read};
use super::{Attributes, Decorator, Level};
use crate::request::FlowRequest;

pub(super) static DECORATOR: Decorator =
    Decorator::new("pypi_base", Level::Flow(lower), &[PACKAGES, PYTHON, DISABLED]);

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.pypi_base = Some(read(attributes));
}
