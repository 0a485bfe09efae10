//! A step's signature has no `self`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step takes no argument, but Python passes it the flow: its first argument has to be `self`.
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
    ///     def fit():
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
    /// `Step *fit* is missing the 'self' argument.` (2.19.39)
    pub static INFO: error "FLC112" "missing-self";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        if step.argument_count == 0 {
            let message = format!("`{}` has no argument `self`", step.name);
            out.push(
                Diagnostic::new(&INFO, step.span, message)
                    .help(format!(
                        "write `def {}(self)`; a positional-only `self, /` does not count",
                        step.name
                    ))
                    .step(&step.name),
            );
        }
    }
}
