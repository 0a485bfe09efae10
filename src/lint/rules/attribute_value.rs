//! An attribute of a decorator has a value that it cannot take.

use crate::declare_rule;
use crate::decorator::{Attribute, Outside};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::target::Target;
use crate::value::{Value, float_repr};

declare_rule! {
    /// An attribute of a decorator has a value that it cannot take: of the wrong type, out of range, or a text that
    /// is no number. An error where Metaflow refuses it or dies of it before a task runs; a warning where it lets
    /// it pass and something else happens than the flow says, which is an error again for a target that uses it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=5)
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @retry(times=4)
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
    /// `The maximum number of retries is @retry(times=4).`; of most wrong types a traceback, as `ValueError: could
    /// not convert string to float: '500m'` for `@kubernetes(cpu="500m")`; of others nothing (2.19.39)
    pub static INFO: error "FLC221" "attribute-value";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::all(context) {
        for (attribute, written) in used.known() {
            let Some(declared) = used.decorator.attribute(&attribute.name) else {
                continue;
            };
            // That a function is no value is found while reading.
            if !declared.takes(written.value) && !matches!(written.value, Value::Function(_)) {
                out.push(finding(
                    &used,
                    declared,
                    written,
                    context.target.map(|target| target.target),
                ));
            }
        }
    }
}

fn finding(used: &Use<'_>, declared: &Attribute, written: Written<'_>, target: Option<Target>) -> Diagnostic {
    let name = declared.name;
    let accepted = declared.accepts.describe();
    let message = format!(
        "`{name}` of `@{}` must be {accepted}, not {}",
        used.decorator.name,
        shown(written.value)
    );
    let user = target.filter(|target| used.reaches(declared, *target));
    let severity = declared.outside.severity(user.is_some());
    let finding = used.finding(&INFO, written.span, message).severity(severity);
    let finding = match user.filter(|_| declared.outside == Outside::Unchecked) {
        Some(target) => finding.target(target),
        None => finding,
    };
    let Some(text) = replacement(name, written.value) else {
        return match hint(used, name, written.value) {
            Some(hint) => finding.help(hint),
            None => finding,
        };
    };
    let finding = finding.help(format!("in Metaflow's units that is `{name}={text}`"));
    if !used
        .written
        .attribute(name)
        .is_some_and(|attribute| used.is_keyword(attribute))
    {
        return finding;
    }
    finding.fix(Fix {
        title: format!("write `{text}`"),
        is_safe: false,
        edits: vec![Edit {
            span: written.span,
            text,
        }],
    })
}

fn hint(used: &Use<'_>, attribute: &str, value: &Value) -> Option<&'static str> {
    match (used.decorator.name, attribute, value) {
        ("retry", "times", Value::Int(_)) => {
            Some("Metaflow makes six attempts at most, and keeps one for `@catch`")
        }
        (_, "python", Value::Float(_)) => {
            Some("write it as a text: a number loses its last zero, `3.10` is `3.1`")
        }
        ("card", "timeout", _) => Some("in seconds"),
        _ => None,
    }
}

/// What a quantity of Kubernetes (`500m`, `4Gi`) is in cores or MB.
fn replacement(attribute: &str, value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    match attribute {
        "cpu" => {
            let thousandths: f64 = text.strip_suffix('m')?.parse().ok()?;
            Some(number(thousandths / 1000.0))
        }
        "memory" | "disk" => megabytes(text).map(number),
        "shared_memory" => text.parse::<i64>().ok().map(|size| size.to_string()),
        _ => None,
    }
}

const UNITS: [(&str, f64); 8] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("K", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
];

fn megabytes(text: &str) -> Option<f64> {
    let text = text.trim_end_matches(['B', 'b']);
    let (count, unit) = UNITS
        .iter()
        .find_map(|(name, size)| Some((text.strip_suffix(name)?, size)))?;
    let count: f64 = count.trim().parse().ok()?;
    Some((count * unit / 1e6).ceil())
}

fn number(number: f64) -> String {
    float_repr(number).trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_kubernetes() {
        let write = |attribute, text| replacement(attribute, &Value::str(text));
        assert_eq!(write("cpu", "500m").as_deref(), Some("0.5"));
        assert_eq!(write("memory", "4Gi").as_deref(), Some("4295"));
        assert_eq!(write("memory", "4096M").as_deref(), Some("4096"));
        assert_eq!(write("disk", "10 GB").as_deref(), Some("10000"));
        assert_eq!(write("memory", "lots"), None);
        assert_eq!(write("gpu", "1"), None);
    }
}
