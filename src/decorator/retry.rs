//! `@retry`: runs the step's code again when it fails. Metaflow 2.19: `retry_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{Request, Seconds};
use crate::target::Target;
use crate::value::Value;

/// `MAX_ATTEMPTS` (6) less the first attempt and one that Metaflow keeps for itself.
pub const MAX_TIMES: i64 = 4;

const TIMES: i64 = 3;

pub(super) static DECORATOR: Decorator = Decorator::new(
    "retry",
    Level::Step(lower),
    &[
        Attribute::new(
            "times",
            "'3'",
            Kind::Int {
                min: i64::MIN,
                max: MAX_TIMES,
            },
        )
        .never_none(),
        Attribute::new(
            "minutes_between_retries",
            "'2'",
            Kind::Number {
                min: 0.0,
                above: false,
            },
        )
        .unchecked()
        .never_none()
        .ignored_on(Target::StepFunctions, "AWS Batch retries at once"),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    let times = attributes.int("times").unwrap_or(TIMES);
    request.attempts.user = u8::try_from(times.clamp(0, MAX_TIMES)).unwrap_or(0);
    request.attempts.delay = attributes.get("minutes_between_retries").and_then(seconds);
}

fn seconds(minutes: &Value) -> Option<Seconds> {
    let seconds = (minutes.to_float()? * 60.0).round();
    Value::Float(seconds)
        .to_int()
        .and_then(|seconds| Seconds::try_from(seconds).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_step;

    #[test]
    fn counts_and_waits() {
        let attempts = |attributes: &[(&str, Value)]| lower_step(&DECORATOR, attributes).attempts;
        assert_eq!(attempts(&[]).user, 3);
        assert_eq!(attempts(&[]).delay, None);
        assert_eq!(attempts(&[("times", Value::str("2"))]).user, 2);
        assert_eq!(attempts(&[("times", Value::Int(-3))]).user, 0);
        assert_eq!(
            attempts(&[("minutes_between_retries", Value::Float(0.5))]).delay,
            Some(30)
        );
    }
}
