//! A step calls `self.next` before its last statement.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Tail;
use crate::lint::Context;

declare_rule! {
    /// A step calls `self.next` before its last statement.
    ///
    /// Only the call in the last statement says how the graph goes on. An earlier one is not part of the graph: when it runs, the task fails, because a step may transition once, and only as the graph says. To choose between steps write a switch.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.found = True
    ///         if not self.found:
    ///             self.next(self.end)
    ///         self.next(self.train)
    ///
    ///     @step
    ///     def train(self):
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
    ///         self.found = "yes"
    ///         self.next({"yes": self.train, "no": self.end}, condition="found")
    ///
    ///     @step
    ///     def train(self):
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
    /// nothing at definition time; the task dies of `Multiple self.next() calls detected in step *start*. Call self.next() only once.` (2.19.39)
    pub static INFO: warning "FLC302" "further-transition";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        // Without a transition in its last statement the step has a graver fault.
        if !matches!(step.tail, Tail::Next { .. }) {
            continue;
        }
        for next in &step.body.other_nexts {
            let place = match next.inside {
                Some("nested function") => " in a nested function".to_owned(),
                Some("expression") => " inside of an expression".to_owned(),
                Some(statement) => format!(" inside of `{statement}`"),
                None => String::new(),
            };
            let message = format!(
                "this `self.next`{place} is not part of the graph: only the last statement of a step is"
            );
            let finding = Diagnostic::new(&INFO, next.span, message)
                .help("to choose between steps write a switch: `self.next({\"a\": self.a, \"b\": self.b}, condition=\"name\")`");
            out.push(finding.step(&step.name));
        }
    }
}
