//! `@parallel`: the step runs as a gang of tasks that know each other. Metaflow 2.19: `parallel_decorator.py`.

use super::{Attributes, Decorator, Level};
use crate::request::Request;
use crate::target::Feature;

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Parallel),
    ..Decorator::new("parallel", Level::Step(lower), &[])
};

pub(super) fn lower(_: &Attributes<'_>, request: &mut Request) {
    request.parallel = true;
}
