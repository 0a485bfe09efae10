//! The list of rules: one line each; the rule itself is the file of that name.

use super::Group::{Anywhere, Balance, Joins, Loops, Reach, Steps};
use super::Rule;
use crate::diagnostic::RuleInfo;

pub mod ambiguous_terminal_step;
pub mod artifact_lost_at_join;
pub mod artifact_named_like_member;
pub mod artifact_named_like_step;
pub mod assigned_constant;
pub mod attribute_value;
pub mod batch_tag;
pub mod batch_value;
pub mod cannot_tell;
pub mod card_id;
pub mod catch_on_parallel_pod;
pub mod catch_on_split;
pub mod closed_loop;
pub mod config_with_two_defaults;
pub mod container_default;
pub mod cron_expression;
pub mod default_of_other_type;
pub mod deploy_time_event;
pub mod duplicate_parameter;
pub mod empty_branch;
pub mod end_step_takes_inputs;
pub mod end_step_with_transition;
pub mod environment_value;
pub mod event_mapping;
pub mod exit_hook_form;
pub mod flow_never_run;
pub mod foreach_without_name;
pub mod function_in_parameter_field;
pub mod further_switch_keyword;
pub mod further_transition;
pub mod ignored_event_detail;
pub mod image_name;
pub mod include_file_in_cloud;
pub mod include_file_position;
pub mod incomplete_project;
pub mod inexpressible_schedule;
pub mod internal_decorator;
pub mod invalid_parameter_name;
pub mod invalid_step_name;
pub mod invalid_transition;
pub mod join_that_branches;
pub mod join_without_split;
pub mod kubernetes_value;
pub mod label_value;
pub mod log_options_without_driver;
pub mod merge_outside_join;
pub mod missing_end_step;
pub mod missing_included_file;
pub mod missing_self;
pub mod missing_start_step;
pub mod missing_transition;
pub mod long_foreach;
pub mod mixed_package_managers;
pub mod mixed_triggers;
pub mod mount;
pub mod mutator;
pub mod namespace_override;
pub mod needs_environment;
pub mod no_effect;
pub mod node_selector;
pub mod not_supported;
pub mod num_parallel_without_parallel_step;
pub mod odd_retry;
pub mod package_source;
pub mod parallel_step_switches;
pub mod parallel_step_without_join;
pub mod parallel_step_without_num_parallel;
pub mod project_name;
pub mod python_environment;
pub mod relative_tmpfs_path;
pub mod repeated_branch;
pub mod required_with_default;
pub mod reserved_parameter_name;
pub mod reserved_step_name;
pub mod reserved_variable;
pub mod resources_conflict;
pub mod schedule_choice;
pub mod scheduled_required_parameter;
pub mod secret_in_clear;
pub mod secret_source;
pub mod security_context;
pub mod sensor_argument;
pub mod sensor_name;
pub mod separator_on_no_text;
pub mod several_ends_of_foreach;
pub mod several_terminal_steps;
pub mod shared_foreach_body;
pub mod start_step_with_predecessor;
pub mod step_named_like_member;
pub mod switch_into_join;
pub mod switch_with_one_case;
pub mod third_party_decorator;
pub mod timeout_too_short;
pub mod timeout_without_duration;
pub mod toleration;
pub mod too_many_step_arguments;
pub mod trigger_form;
pub mod trigger_on_finish_form;
pub mod two_accelerators;
pub mod two_machines;
pub mod unfollowed_base;
pub mod unjoined_split;
pub mod unknown_attribute;
pub mod unknown_parameter_field;
pub mod unknown_step;
pub mod unknown_timezone;
pub mod unreachable_step;
pub mod unrelated_branches_at_join;
pub mod unrun_body;
pub mod unset_artifact;
pub mod unset_branch_artifact;
pub mod unwritable_text;
pub mod wrong_branches_at_join;

pub mod aws_batch;
pub mod deployment;
pub mod limits;
pub mod retired;
pub mod solved_environments;
pub mod step_functions_limits;

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
    Rule::new(&repeated_branch::INFO, Balance, repeated_branch::check),
    Rule::new(&unknown_attribute::INFO, Anywhere, unknown_attribute::check),
    Rule::new(&attribute_value::INFO, Anywhere, attribute_value::check),
    Rule::new(&internal_decorator::INFO, Anywhere, internal_decorator::check),
    Rule::new(&catch_on_split::INFO, Anywhere, catch_on_split::check),
    Rule::new(&parallel_step_switches::INFO, Anywhere, parallel_step_switches::check),
    Rule::new(&catch_on_parallel_pod::INFO, Anywhere, catch_on_parallel_pod::check),
    Rule::new(&two_machines::INFO, Anywhere, two_machines::check),
    Rule::new(&timeout_without_duration::INFO, Anywhere, timeout_without_duration::check),
    Rule::new(&timeout_too_short::INFO, Anywhere, timeout_too_short::check),
    Rule::new(&two_accelerators::INFO, Anywhere, two_accelerators::check),
    Rule::new(&batch_tag::INFO, Anywhere, batch_tag::check),
    Rule::new(&relative_tmpfs_path::INFO, Anywhere, relative_tmpfs_path::check),
    Rule::new(&resources_conflict::INFO, Anywhere, resources_conflict::check),
    Rule::new(&label_value::INFO, Anywhere, label_value::check),
    Rule::new(&node_selector::INFO, Anywhere, node_selector::check),
    Rule::new(&toleration::INFO, Anywhere, toleration::check),
    Rule::new(&project_name::INFO, Anywhere, project_name::check),
    Rule::new(&trigger_form::INFO, Anywhere, trigger_form::check),
    Rule::new(&trigger_on_finish_form::INFO, Anywhere, trigger_on_finish_form::check),
    Rule::new(&exit_hook_form::INFO, Anywhere, exit_hook_form::check),
    Rule::new(&sensor_argument::INFO, Anywhere, sensor_argument::check),
    Rule::new(&package_source::INFO, Anywhere, package_source::check),
    Rule::new(&needs_environment::INFO, Anywhere, needs_environment::check),
    Rule::new(&mixed_package_managers::INFO, Anywhere, mixed_package_managers::check),
    Rule::new(&cron_expression::INFO, Anywhere, cron_expression::check),
    Rule::new(&unknown_timezone::INFO, Anywhere, unknown_timezone::check),
    Rule::new(&schedule_choice::INFO, Anywhere, schedule_choice::check),
    Rule::new(&ignored_event_detail::INFO, Anywhere, ignored_event_detail::check),
    Rule::new(&secret_source::INFO, Anywhere, secret_source::check),
    Rule::new(&card_id::INFO, Anywhere, card_id::check),
    Rule::new(&environment_value::INFO, Anywhere, environment_value::check),
    Rule::new(&odd_retry::INFO, Anywhere, odd_retry::check),
    Rule::new(&image_name::INFO, Anywhere, image_name::check),
    Rule::new(&unwritable_text::INFO, Anywhere, unwritable_text::check),
    Rule::new(&kubernetes_value::INFO, Anywhere, kubernetes_value::check),
    Rule::new(&batch_value::INFO, Anywhere, batch_value::check),
    Rule::new(&secret_in_clear::INFO, Anywhere, secret_in_clear::check),
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
    Rule::new(&unrun_body::INFO, Anywhere, unrun_body::check),
    Rule::new(&merge_outside_join::INFO, Anywhere, merge_outside_join::check),
    Rule::new(&not_supported::INFO, Anywhere, not_supported::check),
    Rule::new(&no_effect::INFO, Anywhere, no_effect::check),
    Rule::new(&namespace_override::INFO, Anywhere, namespace_override::check),
    Rule::new(&event_mapping::INFO, Anywhere, event_mapping::check),
    Rule::new(&mixed_triggers::INFO, Anywhere, mixed_triggers::check),
    Rule::new(&incomplete_project::INFO, Anywhere, incomplete_project::check),
    Rule::new(&scheduled_required_parameter::INFO, Anywhere, scheduled_required_parameter::check),
    Rule::new(&deploy_time_event::INFO, Anywhere, deploy_time_event::check),
    Rule::new(&security_context::INFO, Anywhere, security_context::check),
    Rule::new(&reserved_variable::INFO, Anywhere, reserved_variable::check),
    Rule::new(&log_options_without_driver::INFO, Anywhere, log_options_without_driver::check),
    Rule::new(&several_ends_of_foreach::INFO, Joins, several_ends_of_foreach::check),
    Rule::new(&python_environment::INFO, Anywhere, python_environment::check),
    Rule::new(&inexpressible_schedule::INFO, Anywhere, inexpressible_schedule::check),
    Rule::new(&missing_included_file::INFO, Anywhere, missing_included_file::check),
    Rule::new(&shared_foreach_body::INFO, Joins, shared_foreach_body::check),
    Rule::new(&sensor_name::INFO, Anywhere, sensor_name::check),
    Rule::new(&mount::INFO, Anywhere, mount::check),
    Rule::new(&long_foreach::INFO, Anywhere, long_foreach::check),
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
    Rule::new(&unfollowed_base::INFO, Anywhere, unfollowed_base::check),
];

/// Rules that are found while reading, where they are declared, sorted by code.
pub static READING: &[&RuleInfo] = &[
    &crate::python::SYNTAX_ERROR,
    &crate::flow::rules::REPEATED_STEP,
    &crate::flow::rules::RUN_TIME_VALUE,
    &crate::flow::rules::PARAMETER_AS_VALUE,
    &crate::python::DEFINITION_TIME_EXCEPTION,
    &crate::flow::rules::DECORATOR_WITHOUT_STEP,
    &crate::flow::rules::POSITIONAL_ATTRIBUTE,
    &crate::flow::rules::FLOW_DECORATOR_MISPLACED,
    &crate::flow::rules::STEP_DECORATOR_ON_CLASS,
    &crate::flow::rules::DUPLICATE_DECORATOR,
    &crate::flow::rules::BAD_STEP_FORM,
    &crate::flow::rules::UNREADABLE_STEP,
    &crate::flow::rules::HIDDEN_STEP,
    &crate::flow::rules::BAD_USER_DECORATOR,
    &crate::flow::rules::FUNCTION_AS_VALUE,
    &crate::flow::rules::MODULE_AS_CONSTANT,
    &crate::flow::rules::UNSTORABLE_CONSTANT,
    &crate::flow::rules::UNSTARTED_FLOW,
    &crate::flow::rules::NAMELESS_PARAMETER,
    &crate::flow::rules::IGNORED_PARAMETER,
    &crate::flow::rules::UNREADABLE_CONFIG,
    &crate::flow::rules::VALUE_AS_TYPE,
    &crate::flow::rules::UNFIT_FUNCTION,
    &super::suppress::UNUSED_SUPPRESSION,
    &crate::flow::rules::DEFINE_WITHOUT_EFFECT,
    &crate::flow::rules::UNKNOWN_BASE,
    &crate::python::FOREIGN_NAME,
];

/// Rules that speak when a flow has been planned for a target or its definition measured.
pub static COMPILING: [&[&RuleInfo]; 5] = [
    limits::ALL,
    deployment::ALL,
    aws_batch::ALL,
    solved_environments::ALL,
    step_functions_limits::ALL,
];

/// Every rule's identity, sorted by code.
pub fn infos() -> Vec<&'static RuleInfo> {
    let rules = ALL.iter().map(|rule| rule.info);
    let mut infos: Vec<&RuleInfo> = rules
        .chain(READING.iter().copied())
        .chain(COMPILING.into_iter().flatten().copied())
        .collect();
    infos.sort_by_key(|info| info.code);
    infos
}
