//! `@resources` cannot be merged with the `@kubernetes` or `@batch` of its step.

use crate::declare_rule;
use crate::decorator::Kind;
use crate::diagnostic::Diagnostic;
use crate::flow::Step;
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `@resources` cannot be merged with the `@kubernetes` or `@batch` of its step: the sizes are compared as
    /// numbers, and one is none. Every target merges them on every step.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, resources, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @resources(cpu="two")
    ///     @kubernetes
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
    /// from metaflow import FlowSpec, kubernetes, resources, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @resources(cpu=2)
    ///     @kubernetes
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
    /// `ValueError: could not convert string to float: 'two'`; with `@batch` `'resources' and compute decorator
    /// have conflicting values for 'cpu'. Please use consistent values or specify this resource constraint once`
    /// (2.19.39)
    pub static INFO: error "FLC232" "resources-conflict";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "resources") {
        let Some(step) = used.step else { continue };
        if let Some(batch) = uses::first(step, "batch") {
            with_batch(&used, &batch, out);
            if let Some(target) = context.target.map(|target| target.target) {
                nothing_for_batch(&used, &batch, target, out);
            }
        } else if step.has("kubernetes") || context.target.is_some() {
            with_kubernetes(context, &used, step, out);
        }
    }
}

/// cpu, memory and disk go through `float()`; gpu and shared memory replace what `@kubernetes` has. An AWS Batch
/// job takes them as they are.
fn with_kubernetes(context: &Context<'_>, used: &Use<'_>, step: &Step, out: &mut Vec<Diagnostic>) {
    let target = context
        .target
        .map(|target| target.target)
        .filter(|_| !step.has("kubernetes"));
    let is_job = target == Some(Target::StepFunctions);
    let number = if is_job { Kind::POSITIVE } else { Kind::ANY_NUMBER };
    let shared_memory = Kind::Whole {
        min: 1,
        max: i64::MAX,
        as_text: is_job,
    };
    for (name, accepts) in [
        ("cpu", number),
        ("memory", number),
        ("disk", Kind::ANY_NUMBER),
        ("gpu", Kind::whole_from(i64::MIN)),
        ("shared_memory", shared_memory),
    ] {
        let Some(written) = used.get(name) else {
            continue;
        };
        let is_absent = match name {
            "gpu" => *written.value == Value::None,
            // A job has no other size that would be larger.
            "cpu" | "memory" if is_job => *written.value == Value::None,
            _ => !written.value.is_truthy(),
        };
        if !is_absent && !accepts.takes(written.value) {
            out.push(finding(used, name, accepts, written, target));
        }
    }
}

fn finding(
    used: &Use<'_>,
    name: &str,
    accepts: Kind,
    written: Written<'_>,
    target: Option<Target>,
) -> Diagnostic {
    let whose = target.map_or("`@kubernetes`", Target::title);
    let message = format!(
        "`{name}` of `@resources` must be {} where it is merged for {whose}, not {}",
        accepts.describe(),
        shown(written.value)
    );
    let finding = used.finding(&INFO, written.span, message);
    match target {
        Some(target) => finding.target(target),
        None => finding,
    }
}

/// The larger is taken; what is no number must be the same.
fn with_batch(used: &Use<'_>, batch: &Use<'_>, out: &mut Vec<Diagnostic>) {
    for name in ["cpu", "gpu", "memory", "shared_memory"] {
        let (Some(asked), Some(own)) = (given(used, name), given(batch, name)) else {
            continue;
        };
        let is_number =
            |written: &Written<'_>| !written.value.is_truthy() || written.value.to_float().is_some();
        if asked.value != own.value && !(is_number(&asked) && is_number(&own)) {
            let message = format!(
                "`@resources` has `{name}={}` and `@batch` `{name}={}`: the larger cannot be told",
                asked.value.to_repr(),
                own.value.to_repr()
            );
            out.push(
                used.finding(&INFO, asked.span, message)
                    .label(own.span, "the other one"),
            );
        }
    }
}

/// `@batch` without a size of its own takes that of `@resources`, nothing too.
fn nothing_for_batch(used: &Use<'_>, batch: &Use<'_>, target: Target, out: &mut Vec<Diagnostic>) {
    if target != Target::StepFunctions {
        return;
    }
    for name in ["cpu", "memory"] {
        let is_nothing = |written: &Written<'_>| !written.value.is_truthy();
        let own = given(batch, name);
        let asked = given(used, name).filter(is_nothing);
        if let Some(written) = asked.filter(|_| own.is_none_or(|own| is_nothing(&own))) {
            out.push(finding(used, name, Kind::POSITIVE, written, Some(target)));
        }
    }
}

fn given<'a>(used: &Use<'a>, name: &str) -> Option<Written<'a>> {
    used.get(name).filter(|written| *written.value != Value::None)
}
