//! The list of rules: one line each; the rule itself is the file of that name.

use super::Rule;

pub mod limits;

/// Every rule, sorted by code.
pub static ALL: &[Rule] = &[];
