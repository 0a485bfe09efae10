//! The flow uses something that the target cannot express.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{ParameterKind, Tail};
use crate::lint::{Context, uses};
use crate::target::{Feature, Support, Target};

declare_rule! {
    /// The flow uses something that the target cannot express: a decorator, a kind of parameter, a step that goes
    /// on to itself. Asked only of the target that is named with `--target` or in `flowc.toml`.
    ///
    /// ## Wrong
    /// ```python
    /// # target: airflow
    /// from metaflow import FlowSpec, step, trigger
    ///
    ///
    /// @trigger(event="data.updated")
    /// class DemoFlow(FlowSpec):
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
    /// # target: airflow
    /// from metaflow import FlowSpec, schedule, step
    ///
    ///
    /// @schedule(daily=True)
    /// class DemoFlow(FlowSpec):
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
    /// `Deploying flows with @trigger or @trigger_on_finish decorator(s) to Airflow is not supported currently.`,
    /// and others like it, when it deploys (2.19.39)
    pub static INFO: error "FLC401" "not-supported";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    let mut push = |finding: Diagnostic| out.push(finding.target(target));
    decorators(context, target, &mut push);
    transitions(context, target, &mut push);
    parameters(context, target, &mut push);
}

fn message(what: &str, feature: Feature, target: Target) -> Option<String> {
    match target.supports(feature) {
        Support::No(reason) => Some(format!("{what} is not supported on {}: {reason}", target.title())),
        Support::Yes | Support::Ignored(_) => None,
    }
}

fn decorators(context: &Context<'_>, target: Target, push: &mut impl FnMut(Diagnostic)) {
    for used in uses::all(context) {
        let what = format!("`@{}`", used.decorator.name);
        if let Some(message) = used
            .decorator
            .needs
            .and_then(|feature| message(&what, feature, target))
        {
            let finding = used.finding(&INFO, used.span(), message);
            push(match other_compute(used.decorator.name) {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
        let timezone = used
            .truthy("timezone")
            .filter(|_| used.decorator.name == "schedule");
        if let Some(written) = timezone
            && let Some(message) = message("a time zone", Feature::ScheduleTimezone, target)
        {
            push(used.finding(&INFO, written.span, message));
        }
        for (attribute, written) in used.known() {
            let declared = used.decorator.attribute(&attribute.name);
            if let Some(Support::No(reason)) = declared.map(|declared| declared.support(target)) {
                let of = format!("`{}` of `@{}`", attribute.name, used.decorator.name);
                let message = format!("{of} is not supported on {}: {reason}", target.title());
                push(used.finding(&INFO, written.span, message));
            }
        }
    }
}

/// What asks for the same elsewhere.
fn other_compute(decorator: &str) -> Option<&'static str> {
    match decorator {
        "batch" => {
            Some("`@kubernetes` asks for the same there; `@resources` alone is understood by every target")
        }
        "kubernetes" => {
            Some("`@batch` asks for the same there; `@resources` alone is understood by every target")
        }
        _ => None,
    }
}

fn transitions(context: &Context<'_>, target: Target, push: &mut impl FnMut(Diagnostic)) {
    for step in &context.graph.flow.steps {
        let Tail::Next { span, transition } = &step.tail else {
            continue;
        };
        let is_own = transition.targets().iter().any(|next| next.name == step.name);
        let features = [
            (
                matches!(transition, crate::flow::Transition::Switch { .. }),
                "a switch",
                Feature::Switch,
            ),
            (is_own, "a step that goes on to itself", Feature::Recursion),
        ];
        for (is_there, what, feature) in features {
            if let Some(message) = message(what, feature, target).filter(|_| is_there) {
                push(Diagnostic::new(&INFO, *span, message).step(step.name.clone()));
            }
        }
    }
}

fn parameters(context: &Context<'_>, target: Target, push: &mut impl FnMut(Diagnostic)) {
    for parameter in &context.graph.flow.parameters {
        let (what, feature) = match parameter.kind {
            ParameterKind::Parameter => continue,
            ParameterKind::IncludeFile => ("`IncludeFile`", Feature::IncludeFile),
            ParameterKind::Config => ("`Config`", Feature::Config),
        };
        if let Some(message) = message(what, feature, target) {
            push(Diagnostic::new(&INFO, parameter.span, message));
        }
    }
}
