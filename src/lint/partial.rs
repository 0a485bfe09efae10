//! Which findings are sure where a file has syntax errors: its tree lacks the lines that the parser could make no
//! sense of, among them perhaps a `self.next` or a `def`. The one place that decides it; knows no rule's logic.

use std::collections::BTreeSet;

use super::rules::{
    attribute_value, batch_tag, cannot_tell, card_id, container_default, cron_expression,
    default_of_other_type, environment_value, foreach_without_name, function_in_parameter_field, image_name,
    include_file_in_cloud, include_file_position, invalid_parameter_name, label_value, mutator,
    namespace_override, odd_retry, relative_tmpfs_path, reserved_parameter_name, reserved_variable,
    secret_source, security_context, third_party_decorator, toleration, unknown_attribute,
    unknown_parameter_field, unknown_timezone, unwritable_text,
};
use crate::diagnostic::{Diagnostic, RuleInfo};
use crate::flow::{Flow, rules};
use crate::python::SYNTAX_ERROR;
use crate::source::{SourceId, Span};

/// The rules that speak of what stands there, and is wrong whatever else the file holds. All others rest on
/// what does not stand there (a step, a transition, an attribute, a call), or on how two places belong together.
#[rustfmt::skip]
static SURE: &[&RuleInfo] = &[
    &SYNTAX_ERROR,
    &rules::RUN_TIME_VALUE,
    &rules::PARAMETER_AS_VALUE,
    &rules::POSITIONAL_ATTRIBUTE,
    &rules::BAD_STEP_FORM,
    &rules::FUNCTION_AS_VALUE,
    &unknown_attribute::INFO,
    &attribute_value::INFO,
    &batch_tag::INFO,
    &relative_tmpfs_path::INFO,
    &label_value::INFO,
    &toleration::INFO,
    &cron_expression::INFO,
    &unknown_timezone::INFO,
    &secret_source::INFO,
    &card_id::INFO,
    &environment_value::INFO,
    &odd_retry::INFO,
    &image_name::INFO,
    &unwritable_text::INFO,
    &foreach_without_name::INFO,
    &namespace_override::INFO,
    &security_context::INFO,
    &reserved_variable::INFO,
    &reserved_parameter_name::INFO,
    &invalid_parameter_name::INFO,
    &function_in_parameter_field::INFO,
    &default_of_other_type::INFO,
    &unknown_parameter_field::INFO,
    &container_default::INFO,
    &include_file_position::INFO,
    &include_file_in_cloud::INFO,
    &third_party_decorator::INFO,
    &mutator::INFO,
];

/// Does it hold whatever the steps of the flow are?
pub fn stands_alone(found: &Diagnostic) -> bool {
    is_one_of(found, SURE) || is_one_of(found, &[&cannot_tell::INFO])
}

/// The findings that are sure: all of those where every source is whole.
pub fn keep(found: Vec<Diagnostic>, flows: &[Flow], partial: &BTreeSet<SourceId>) -> Vec<Diagnostic> {
    if partial.is_empty() {
        return found;
    }
    let errors = found.iter().filter(|found| is_one_of(found, &[&SYNTAX_ERROR]));
    let errors: Vec<Span> = errors.map(|error| error.span).collect();
    let is_kept = |found: &Diagnostic| !rests_on(found, flows, partial) || is_sure(found, &errors);
    found.into_iter().filter(is_kept).collect()
}

/// Does what is found rest on a source that is not whole?
fn rests_on(found: &Diagnostic, flows: &[Flow], partial: &BTreeSet<SourceId>) -> bool {
    let Some(name) = &found.flow else {
        return partial.contains(&found.span.source);
    };
    // A class whose base got lost is no flow any more.
    let flow = flows.iter().find(|flow| flow.name == *name);
    partial.contains(&found.span.source) || flow.is_none_or(|flow| is_partial(flow, partial))
}

/// May something of the flow be missing: of its class, or of one that it derives from?
fn is_partial(flow: &Flow, partial: &BTreeSet<SourceId>) -> bool {
    let mut places = flow.ancestors.iter().chain([&flow.span]);
    flow.has_foreign_base || places.any(|place| partial.contains(&place.source))
}

/// Behind an error statements may have lost their indentation, or run together (`@retry()` under an open bracket
/// is a multiplication): of what is then said about the phase of a value, only the decorators of a step are sure.
fn is_sure(found: &Diagnostic, errors: &[Span]) -> bool {
    let is_behind = |error: &Span| error.source == found.span.source && error.start < found.span.start;
    let is_of_phase = is_one_of(found, &[&rules::RUN_TIME_VALUE, &rules::PARAMETER_AS_VALUE]);
    is_one_of(found, SURE) && (!is_of_phase || found.step.is_some() || !errors.iter().any(is_behind))
}

fn is_one_of(found: &Diagnostic, rules: &[&RuleInfo]) -> bool {
    rules.iter().any(|rule| rule.code == found.rule.code)
}
