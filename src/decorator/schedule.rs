//! `@schedule`: when the deployed flow starts by itself. Metaflow 2.19: `schedule_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{FlowRequest, Schedule};

const WEEKLY: &str = "0 0 ? * SUN *";
const HOURLY: &str = "0 * * * ? *";
const DAILY: &str = "0 0 * * ? *";

pub(super) static DECORATOR: Decorator = Decorator::new(
    "schedule",
    Level::Flow(lower),
    &[
        Attribute::new("cron", "None", Kind::Text),
        Attribute::new("weekly", "False", Kind::Bool).harmless(),
        Attribute::new("daily", "True", Kind::Bool).harmless(),
        Attribute::new("hourly", "False", Kind::Bool).harmless(),
        Attribute::new("timezone", "None", Kind::Text),
    ],
);

fn lower(attributes: &Attributes<'_>, request: &mut FlowRequest) {
    request.schedule = Some(Schedule {
        span: attributes.span,
        cron: cron(attributes),
        // Empty is none to Metaflow.
        timezone: attributes.text("timezone").filter(|zone| !zone.is_empty()),
    });
}

/// The first that is set wins; `daily` alone is on unless it is switched off.
fn cron(attributes: &Attributes<'_>) -> Option<String> {
    let is_on = |name| attributes.flag(name) == Some(true);
    let is_off = attributes
        .values
        .iter()
        .any(|(name, value)| *name == "daily" && !value.is_truthy());
    match attributes.text("cron").filter(|cron| !cron.is_empty()) {
        Some(cron) => Some(cron),
        None if is_on("weekly") => Some(WEEKLY.to_owned()),
        None if is_on("hourly") => Some(HOURLY.to_owned()),
        None if is_off => None,
        None => Some(DAILY.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decorator::tests::lower_flow;
    use crate::value::Value;

    #[test]
    fn the_first_that_is_set_wins() {
        let cron = |attributes: &[(&str, Value)]| lower_flow(&DECORATOR, attributes).schedule.unwrap().cron;
        let on = || Value::Bool(true);
        assert_eq!(cron(&[]).as_deref(), Some(DAILY));
        assert_eq!(
            cron(&[("hourly", on()), ("weekly", on())]).as_deref(),
            Some(WEEKLY)
        );
        assert_eq!(cron(&[("hourly", on())]).as_deref(), Some(HOURLY));
        assert_eq!(
            cron(&[("cron", Value::str("1 2 * * *")), ("weekly", on())]).as_deref(),
            Some("1 2 * * *")
        );
        assert_eq!(cron(&[("daily", Value::Bool(false))]), None);
        assert_eq!(cron(&[("daily", Value::None)]), None);
    }
}
