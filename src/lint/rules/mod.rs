//! The list of rules: one line each; the rule itself is the file of that name.

use super::Group::{Anywhere, Balance, Joins, Loops, Reach, Steps};
use super::Rule;
use crate::diagnostic::RuleInfo;

pub mod ambiguous_terminal_step;
pub mod closed_loop;
pub mod empty_branch;
pub mod end_step_takes_inputs;
pub mod end_step_with_transition;
pub mod invalid_step_name;
pub mod invalid_transition;
pub mod join_that_branches;
pub mod join_without_split;
pub mod missing_end_step;
pub mod missing_self;
pub mod missing_start_step;
pub mod missing_transition;
pub mod num_parallel_without_parallel_step;
pub mod parallel_step_without_join;
pub mod parallel_step_without_num_parallel;
pub mod repeated_branch;
pub mod reserved_step_name;
pub mod several_terminal_steps;
pub mod start_step_with_predecessor;
pub mod switch_into_join;
pub mod switch_with_one_case;
pub mod too_many_step_arguments;
pub mod unjoined_split;
pub mod unknown_step;
pub mod unreachable_step;
pub mod unrelated_branches_at_join;
pub mod wrong_branches_at_join;

pub mod limits;

/// Every rule, sorted by code.
#[rustfmt::skip]
pub static ALL: &[Rule] = &[
    Rule::new(&reserved_step_name::INFO, Steps, reserved_step_name::check),
    Rule::new(&missing_start_step::INFO, Steps, missing_start_step::check),
    Rule::new(&missing_end_step::INFO, Steps, missing_end_step::check),
    Rule::new(&several_terminal_steps::INFO, Steps, several_terminal_steps::check),
    Rule::new(&ambiguous_terminal_step::INFO, Steps, ambiguous_terminal_step::check),
    Rule::new(&start_step_with_predecessor::INFO, Steps, start_step_with_predecessor::check),
    Rule::new(&end_step_with_transition::INFO, Steps, end_step_with_transition::check),
    Rule::new(&end_step_takes_inputs::INFO, Steps, end_step_takes_inputs::check),
    Rule::new(&invalid_step_name::INFO, Steps, invalid_step_name::check),
    Rule::new(&unknown_step::INFO, Steps, unknown_step::check),
    Rule::new(&too_many_step_arguments::INFO, Steps, too_many_step_arguments::check),
    Rule::new(&missing_self::INFO, Steps, missing_self::check),
    Rule::new(&join_that_branches::INFO, Steps, join_that_branches::check),
    Rule::new(&missing_transition::INFO, Steps, missing_transition::check),
    Rule::new(&invalid_transition::INFO, Steps, invalid_transition::check),
    Rule::new(&closed_loop::INFO, Loops, closed_loop::check),
    Rule::new(&unreachable_step::INFO, Reach, unreachable_step::check),
    Rule::new(&unjoined_split::INFO, Balance, unjoined_split::check),
    Rule::new(&join_without_split::INFO, Balance, join_without_split::check),
    Rule::new(&wrong_branches_at_join::INFO, Balance, wrong_branches_at_join::check),
    Rule::new(&unrelated_branches_at_join::INFO, Balance, unrelated_branches_at_join::check),
    Rule::new(&empty_branch::INFO, Balance, empty_branch::check),
    Rule::new(&switch_with_one_case::INFO, Anywhere, switch_with_one_case::check),
    Rule::new(&num_parallel_without_parallel_step::INFO, Joins, num_parallel_without_parallel_step::check),
    Rule::new(&parallel_step_without_join::INFO, Joins, parallel_step_without_join::check),
    Rule::new(&parallel_step_without_num_parallel::INFO, Joins, parallel_step_without_num_parallel::check),
    Rule::new(&switch_into_join::INFO, Joins, switch_into_join::check),
    Rule::new(&repeated_branch::INFO, Steps, repeated_branch::check),
];

/// Rules that are found while reading, where they are declared, sorted by code.
pub static READING: &[&RuleInfo] = &[];
