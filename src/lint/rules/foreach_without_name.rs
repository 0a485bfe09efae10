//! `foreach=` is not the name of an artifact.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::flow::{NoName, Step, Tail, Transition};
use crate::lint::Context;
use crate::source::Span;

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
        if let Tail::Next {
            transition:
                Transition::Foreach {
                    no_name: Some(given),
                    variable_span,
                    ..
                },
            ..
        } = &step.tail
        {
            out.push(finding(step, given, *variable_span));
        }
    }
}

fn finding(step: &Step, given: &NoName, span: Span) -> Diagnostic {
    let message = match given {
        NoName::Literal(value) => format!(
            "`foreach` takes the name of an artifact as text, not {}",
            value.type_name()
        ),
        NoName::Items(kind) => {
            format!(
                "`foreach` takes the name of the artifact that holds the items, not the items: this is a {kind}"
            )
        }
        NoName::Artifact(name) => {
            format!(
                "`foreach` takes the name of an artifact, but `self.{name}` is its value, which only the task knows"
            )
        }
        NoName::Expression => {
            "the name after `foreach` is no text literal: which artifact it means cannot be told".to_owned()
        }
    };
    let finding = Diagnostic::new(&INFO, span, message).step(&step.name);
    let NoName::Artifact(name) = given else {
        return finding.help("set an artifact and give its name: `self.items = …` and `foreach=\"items\"`");
    };
    let items = step.set_items(name);
    let finding = match items {
        Some((set, _)) => finding.label(set, "the task dies: these are items, no name"),
        None => finding,
    };
    finding.fix(Fix {
        title: format!("write the name: `foreach=\"{name}\"`"),
        // `self.models` may hold the name of another artifact.
        is_safe: items.is_some(),
        edits: vec![Edit {
            span,
            text: format!("\"{name}\""),
        }],
    })
}
