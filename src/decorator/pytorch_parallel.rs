//! `@pytorch_parallel`: `@parallel` for `torchrun`. Metaflow 2.19: `frameworks/pytorch.py`.

use super::{Attribute, Decorator, Kind, Level, parallel};
use crate::target::Feature;

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Parallel),
    ..Decorator::new(
        "pytorch_parallel",
        Level::Step(parallel::lower),
        &[Attribute::new("master_port", "None", Kind::whole_from(1)).harmless()],
    )
};
