//! The end step looks like a join.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// The end step takes a second argument, which would make it a join. The end step cannot join: branches have to meet in a step before it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SplitFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self, inputs):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SplitFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SplitFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def join(self, inputs):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SplitFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `The terminal step *end* should not be a join step (it gets an extra argument). Add a join step before it.`, at line 0 (2.19.39)
    pub static INFO: error "FLC108" "end-step-takes-inputs";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let Some(end) = graph.end else { return };
    let step = graph.step(end);
    if step.argument_count < 2 {
        return;
    }
    let message = format!(
        "the end step `{}` takes an argument besides `self`: it cannot be a join",
        step.name
    );
    out.push(
        Diagnostic::new(&INFO, step.span, message)
            .help(format!(
                "add a join step before `{}`: `def join(self, inputs)`",
                step.name
            ))
            .step(&step.name),
    );
}
