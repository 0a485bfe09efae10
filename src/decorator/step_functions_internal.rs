//! `@step_functions_internal`: attached by Metaflow's Step Functions deployer.

use super::Decorator;

pub(super) static DECORATOR: Decorator = Decorator::internal("step_functions_internal", &[]);
