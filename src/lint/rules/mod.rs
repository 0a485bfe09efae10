//! The list of rules: one line each; the rule itself is the file of that name.

use super::Group::{Anywhere, Balance, Joins, Loops, Reach, Steps};
use super::Rule;
use crate::diagnostic::RuleInfo;

pub mod ambiguous_terminal_step;
pub mod artifact_lost_at_join;
pub mod artifact_named_like_member;
pub mod artifact_named_like_step;
pub mod assigned_constant;
pub mod cannot_tell;
pub mod closed_loop;
pub mod config_with_two_defaults;
pub mod container_default;
pub mod default_of_other_type;
pub mod duplicate_parameter;
pub mod empty_branch;
pub mod end_step_takes_inputs;
pub mod end_step_with_transition;
pub mod flow_never_run;
pub mod foreach_without_name;
pub mod function_in_parameter_field;
pub mod further_switch_keyword;
pub mod further_transition;
pub mod include_file_in_cloud;
pub mod include_file_position;
pub mod inexpressible_schedule;
pub mod invalid_parameter_name;
pub mod invalid_step_name;
pub mod invalid_transition;
pub mod join_that_branches;
pub mod join_without_split;
pub mod missing_end_step;
pub mod missing_self;
pub mod missing_start_step;
pub mod missing_transition;
pub mod mutator;
pub mod num_parallel_without_parallel_step;
pub mod parallel_step_without_join;
pub mod parallel_step_without_num_parallel;
pub mod python_environment;
pub mod repeated_branch;
pub mod required_with_default;
pub mod reserved_parameter_name;
pub mod reserved_step_name;
pub mod separator_on_no_text;
pub mod several_ends_of_foreach;
pub mod several_terminal_steps;
pub mod start_step_with_predecessor;
pub mod step_named_like_member;
pub mod switch_into_join;
pub mod switch_with_one_case;
pub mod third_party_decorator;
pub mod too_many_step_arguments;
pub mod unjoined_split;
pub mod unknown_parameter_field;
pub mod unknown_step;
pub mod unreachable_step;
pub mod unrelated_branches_at_join;
pub mod unset_artifact;
pub mod unset_branch_artifact;
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
    Rule::new(&assigned_constant::INFO, Anywhere, assigned_constant::check),
    Rule::new(&further_transition::INFO, Anywhere, further_transition::check),
    Rule::new(&foreach_without_name::INFO, Anywhere, foreach_without_name::check),
    Rule::new(&unset_branch_artifact::INFO, Anywhere, unset_branch_artifact::check),
    Rule::new(&unset_artifact::INFO, Anywhere, unset_artifact::check),
    Rule::new(&artifact_named_like_step::INFO, Anywhere, artifact_named_like_step::check),
    Rule::new(&step_named_like_member::INFO, Anywhere, step_named_like_member::check),
    Rule::new(&artifact_named_like_member::INFO, Anywhere, artifact_named_like_member::check),
    Rule::new(&further_switch_keyword::INFO, Anywhere, further_switch_keyword::check),
    Rule::new(&artifact_lost_at_join::INFO, Anywhere, artifact_lost_at_join::check),
    Rule::new(&flow_never_run::INFO, Anywhere, flow_never_run::check),
    Rule::new(&several_ends_of_foreach::INFO, Joins, several_ends_of_foreach::check),
    Rule::new(&python_environment::INFO, Anywhere, python_environment::check),
    Rule::new(&inexpressible_schedule::INFO, Anywhere, inexpressible_schedule::check),
    Rule::new(&reserved_parameter_name::INFO, Anywhere, reserved_parameter_name::check),
    Rule::new(&duplicate_parameter::INFO, Anywhere, duplicate_parameter::check),
    Rule::new(&invalid_parameter_name::INFO, Anywhere, invalid_parameter_name::check),
    Rule::new(&function_in_parameter_field::INFO, Anywhere, function_in_parameter_field::check),
    Rule::new(&separator_on_no_text::INFO, Anywhere, separator_on_no_text::check),
    Rule::new(&default_of_other_type::INFO, Anywhere, default_of_other_type::check),
    Rule::new(&unknown_parameter_field::INFO, Anywhere, unknown_parameter_field::check),
    Rule::new(&container_default::INFO, Anywhere, container_default::check),
    Rule::new(&include_file_position::INFO, Anywhere, include_file_position::check),
    Rule::new(&include_file_in_cloud::INFO, Anywhere, include_file_in_cloud::check),
    Rule::new(&config_with_two_defaults::INFO, Anywhere, config_with_two_defaults::check),
    Rule::new(&required_with_default::INFO, Anywhere, required_with_default::check),
    Rule::new(&cannot_tell::INFO, Anywhere, cannot_tell::check),
    Rule::new(&third_party_decorator::INFO, Anywhere, third_party_decorator::check),
    Rule::new(&mutator::INFO, Anywhere, mutator::check),
];

/// Rules that are found while reading, where they are declared, sorted by code.
pub static READING: &[&RuleInfo] = &[
    &crate::python::SYNTAX_ERROR,
    &crate::flow::rules::RUN_TIME_VALUE,
    &crate::flow::rules::PARAMETER_AS_VALUE,
    &crate::flow::rules::RAISES,
    &crate::flow::rules::DECORATOR_WITHOUT_STEP,
    &crate::flow::rules::POSITIONAL_ATTRIBUTE,
    &crate::flow::rules::FLOW_DECORATOR_MISPLACED,
    &crate::flow::rules::STEP_DECORATOR_ON_CLASS,
    &crate::flow::rules::DUPLICATE_DECORATOR,
    &crate::flow::rules::BAD_STEP_FORM,
    &crate::flow::rules::UNREADABLE_STEP,
    &crate::flow::rules::HIDDEN_STEP,
    &crate::flow::rules::BAD_USER_STEP_DECORATOR,
    &crate::flow::rules::FUNCTION_AS_VALUE,
    &crate::flow::rules::NAMELESS_PARAMETER,
    &crate::flow::rules::IGNORED_PARAMETER,
    &super::suppress::UNUSED_SUPPRESSION,
    &crate::flow::rules::DEFINE_WITHOUT_EFFECT,
];

/// Every rule's identity, sorted by code.
pub fn infos() -> Vec<&'static RuleInfo> {
    let rules = ALL.iter().map(|rule| rule.info);
    let mut infos: Vec<&RuleInfo> = rules
        .chain(READING.iter().copied())
        .chain(limits::ALL.iter().copied())
        .collect();
    infos.sort_by_key(|info| info.code);
    infos
}
