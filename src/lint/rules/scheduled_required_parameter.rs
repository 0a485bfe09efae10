//! A flow that starts by a schedule has a required parameter without default.

use crate::declare_rule;
use crate::decorator::Level;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::lint::uses::{self, Use};
use crate::request::FlowRequest;

declare_rule! {
    /// A flow that starts by a schedule has a required parameter without default: nobody is there to give it.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, Parameter, schedule, step
    ///
    ///
    /// @schedule(daily=True)
    /// class DemoFlow(FlowSpec):
    ///     alpha = Parameter("alpha", required=True)
    ///
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
    /// # target: argo
    /// from metaflow import FlowSpec, Parameter, schedule, step
    ///
    ///
    /// @schedule(daily=True)
    /// class DemoFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default="1")
    ///
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
    /// `The parameter *alpha* does not have a default and is required. Scheduling such parameters via Argo
    /// CronWorkflows is not currently supported.`, when it deploys; on Airflow it refuses every parameter without
    /// default (2.19.39)
    pub static INFO: error "FLC407" "scheduled-required-parameter";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    for used in uses::named(context, "schedule").filter(starts) {
        let parameters = context.graph.flow.parameters.iter();
        for parameter in parameters.filter(|parameter| parameter.kind != ParameterKind::Config) {
            if parameter.is_required() {
                let message = format!(
                    "`{}` is required, and a scheduled run has nobody to give it",
                    parameter.name
                );
                out.push(
                    Diagnostic::new(&INFO, parameter.span, message)
                        .label(used.span(), "starts the flow by itself")
                        .target(target)
                        .help("give it a default"),
                );
            }
        }
    }
}

/// Is there a time at which it starts?
fn starts(used: &Use<'_>) -> bool {
    let mut request = FlowRequest::default();
    if let Level::Flow(lower) = used.decorator.level {
        lower(&used.attributes(), &mut request);
    }
    request.schedule.is_some_and(|schedule| schedule.cron.is_some())
}
