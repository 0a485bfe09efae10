//! A step's signature has room for more than `self` and `inputs`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step takes more than two arguments. A step takes `self`; a join takes `self` and `inputs`. Values reach a step through artifacts (`self.x`) and parameters.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self, rate, depth):
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
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.rate, self.depth = 0.1, 3
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self):
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
    /// `Step fit has too many arguments. Normal steps take only 'self' as an argument. Join steps take 'self' and 'inputs'.` (2.19.39)
    pub static INFO: error "FLC111" "too-many-step-arguments";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        if step.argument_count > 2 {
            let message = format!(
                "`{}` takes {} arguments: a step takes `self`, a join `self` and `inputs`",
                step.name, step.argument_count
            );
            out.push(
                Diagnostic::new(&INFO, step.span, message)
                    .help("pass values on as artifacts: set `self.x` in an earlier step, read it here")
                    .step(&step.name),
            );
        }
    }
}
