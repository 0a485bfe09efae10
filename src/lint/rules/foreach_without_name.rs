//! `foreach=` is not the name of an artifact.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;

declare_rule! {
    /// `foreach=` is not given as a text literal.
    ///
    /// It takes the *name* of an artifact that holds the items, and the graph knows the name only when it is written as a literal. A list, a number or `None` fails when the task runs; a variable that holds a name works in Metaflow, but cannot be compiled.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.models = ["a", "b"]
    ///         self.next(self.train, foreach=self.models)
    ///
    ///     @step
    ///     def train(self):
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
    ///         self.models = ["a", "b"]
    ///         self.next(self.train, foreach="models")
    ///
    ///     @step
    ///     def train(self):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at definition time; when the task runs `The argument to 'foreach' must be a string.` where it is none (2.19.39)
    pub static INFO: warning "FLC303" "foreach-without-name";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let Tail::Next {
            transition:
                Transition::Foreach {
                    variable: None,
                    variable_span,
                    literal,
                    ..
                },
            ..
        } = &step.tail
        else {
            continue;
        };
        let message = match literal {
            Some(value) => format!(
                "`foreach` takes the name of an artifact as text, not {}",
                value.type_name()
            ),
            None => "the name after `foreach` is no text literal: which artifact it means cannot be told"
                .to_owned(),
        };
        let finding = Diagnostic::new(&INFO, *variable_span, message)
            .help("set an artifact and give its name: `self.items = …` and `foreach=\"items\"`");
        out.push(finding.step(&step.name));
    }
}
