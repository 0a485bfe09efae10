//! `@airflow_internal`: attached by Metaflow's Airflow deployer.

use super::Decorator;

pub(super) static DECORATOR: Decorator = Decorator::internal("airflow_internal", &[]);
