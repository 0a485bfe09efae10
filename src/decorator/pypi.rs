//! `@pypi`: PyPI packages of one step. Metaflow 2.19: `pypi_decorator.py`.

use super::python_environment::{DISABLED, PACKAGES, PYTHON, read};
use super::{Attributes, Decorator, Level};
use crate::request::Request;

pub(super) static DECORATOR: Decorator =
    Decorator::new("pypi", Level::Step(lower), &[PACKAGES, PYTHON, DISABLED]);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.pypi = Some(read(attributes));
}
