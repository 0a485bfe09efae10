//! A step assigns to a parameter or a constant of the class.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step assigns to a parameter, or to an attribute of the class.
    ///
    /// What the class body defines (parameters, configs, plain values) is the same in every task and cannot be changed: the assignment fails when the task runs. Use another name for what a step computes.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default=0.1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.alpha = self.alpha * 2
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default=0.1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.doubled = self.alpha * 2
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at definition time; the task dies of `AttributeError: Flow level attributes and Parameters are not modifiable` (2.19.39)
    pub static INFO: error "FLC301" "assigned-constant";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    for step in &flow.steps {
        let body = &step.body;
        let set = body.assigned.iter().chain(&body.set_by_helpers);
        for set in set.filter(|set| !set.is_attempted) {
            let parameter = flow
                .parameters
                .iter()
                .find(|parameter| parameter.variable == set.name);
            let constant = flow.constants.iter().find(|constant| constant.name == set.name);
            let (what, span) = match (parameter, constant) {
                (Some(parameter), _) => ("a parameter", parameter.span),
                (None, Some(constant)) => ("an attribute of the class", constant.span),
                (None, None) => continue,
            };
            let message = format!("`self.{}` is {what}, which no step can change", set.name);
            let finding = Diagnostic::new(&INFO, set.span, message)
                .label(span, "defined here")
                .help("use another name for what the step computes");
            out.push(finding.step(&step.name));
        }
    }
}
