//! `@unbounded_test_foreach_internal`: of Metaflow's own tests.

use super::Decorator;

pub(super) static DECORATOR: Decorator = Decorator::internal("unbounded_test_foreach_internal", &[]);
