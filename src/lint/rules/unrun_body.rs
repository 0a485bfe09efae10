//! A step whose body nobody runs.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{DecoratorKind, DecoratorUse, Form};
use crate::lint::Context;

declare_rule! {
    /// A step is an `async def`, or has a `yield`. Metaflow calls it as any function, which makes a coroutine or a generator, and runs nothing of it: an end step is reported as successful, any other fails because it never came to its `self.next`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// async def fetch():
    ///     return ["a", "b"]
    ///
    ///
    /// class FetchFlow(FlowSpec):
    ///     @step
    ///     async def start(self):
    ///         self.pages = await fetch()
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     FetchFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// import asyncio
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// async def fetch():
    ///     return ["a", "b"]
    ///
    ///
    /// class FetchFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.pages = asyncio.run(fetch())
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     FetchFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at definition time; the end step: nothing ever (`Task finished successfully`); any other fails with `Based on static analysis of the code, step start was expected to transition to step(s) end. However, when the code was executed, self.next() was called with .` (2.19.39)
    pub static INFO: warning "FLC313" "unrun-body";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let (written, help) = match step.form {
            Form::Plain => continue,
            Form::Coroutine => (
                "is an `async def`",
                "write a plain `def` and run what it waits for inside: `asyncio.run(…)`",
            ),
            Form::Generator => (
                "has a `yield`",
                "keep the results as artifacts: `self.items = list(…)`",
            ),
        };
        // Another package's decorator may run it.
        if !step.decorators.iter().all(leaves_the_call_alone) {
            continue;
        }
        let message = format!(
            "`{}` {written}: a task calls it, and nothing of its body runs",
            step.name
        );
        out.push(
            Diagnostic::new(&INFO, step.span, message)
                .help(help)
                .step(&step.name),
        );
    }
}

fn leaves_the_call_alone(used: &DecoratorUse) -> bool {
    matches!(used.kind, DecoratorKind::Known(_))
}
