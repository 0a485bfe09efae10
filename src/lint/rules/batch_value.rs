//! A value of `@batch` in a form that AWS does not take: roles, a queue, a log driver and its options.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::settings::aws;
use crate::value::Value;

declare_rule! {
    /// A role, a queue or a log driver of `@batch` is written in a form that AWS does not take. With a target that uses
    /// it, this is an error.
    ///
    /// `iam_role` and `execution_role` are ARNs (`arn:aws:iam::123456789012:role/NAME`); a queue has up to 128 letters,
    /// digits, `-` and `_`, or is an ARN; `log_options` are `NAME:VALUE`; log drivers are `awslogs`, `fluentd`, `gelf`, `journald`, `json-file`, `splunk` and
    /// `syslog`.
    ///
    /// ## Wrong
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(iam_role="train-job", log_driver="awslog")
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// # target: step-functions
    /// from metaflow import FlowSpec, batch, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @batch(iam_role="arn:aws:iam::123456789012:role/train-job", log_driver="awslogs")
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: AWS Batch refuses the job definition or the job. An option without `:` ends in a traceback (2.19.39).
    pub static INFO: warning "FLC255" "batch-value";
}

/// AWS Batch's, on EC2.
const LOG_DRIVERS: [&str; 7] = [
    "awslogs",
    "fluentd",
    "gelf",
    "journald",
    "json-file",
    "splunk",
    "syslog",
];

/// An attribute, whether a text can be it, and what it has to be. An empty log driver is none.
type Form = (&'static str, fn(&str) -> bool, &'static str);

const FORMS: [Form; 4] = [
    ("iam_role", aws::is_role, aws::ROLE),
    ("execution_role", aws::is_role, aws::ROLE),
    ("queue", aws::is_queue, aws::QUEUE),
    (
        "log_driver",
        |text| text.is_empty() || LOG_DRIVERS.contains(&text),
        "one of AWS Batch: `awslogs`, `fluentd`, `gelf`, `journald`, `json-file`, `splunk`, `syslog`",
    ),
];

/// The first option of the log driver that gives no value.
fn incomplete_option(value: &Value) -> Option<&Value> {
    let is_incomplete = |text: &&Value| text.as_str().is_some_and(|text| !text.contains(':'));
    match value.as_sequence() {
        Some(items) => items.iter().find(is_incomplete),
        None => Some(value).filter(is_incomplete),
    }
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "batch") {
        for (attribute, is_right, form) in FORMS {
            let Some(written) = used.get(attribute) else {
                continue;
            };
            if written.value.as_str().is_some_and(|text| !is_right(text)) {
                let message = format!(
                    "`{attribute}` of `@batch` must be {form}, not {}",
                    shown(written.value)
                );
                let finding = used.finding(&INFO, written.span, message);
                out.push(used.for_target(context, attribute, finding));
            }
        }
        let options = used.truthy("log_options");
        let wrong = options.and_then(|written| Some((written, incomplete_option(written.value)?)));
        if let Some((written, option)) = wrong {
            let message = format!("{} of `log_options` is not `NAME:VALUE`", shown(option));
            let finding = used.finding(&INFO, written.span, message);
            out.push(used.for_target(context, "log_options", finding));
        }
    }
}
