//! A step without a `self.next` at its end.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Step, Tail};
use crate::lint::Context;

declare_rule! {
    /// A step does not say where to go. The last statement of every step but the end step is `self.next(…)`, at the top level of the method: flowc and Metaflow read it there, before anything runs.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.ready = True
    ///         if self.ready:
    ///             self.next(self.fit)
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
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.ready = "yes"
    ///         self.next({"yes": self.fit, "no": self.end}, condition="ready")
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
    /// `Step *start* is missing a self.next() transition to the next step. Add a self.next() as the last line in the function.` (2.19.39)
    pub static INFO: error "FLC114" "missing-transition";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    // Without an end step the last step seems to lack a transition: that is FLC103's finding.
    if graph.end.is_none() {
        return;
    }
    for node in graph.by_name() {
        let step = graph.step(node);
        if graph.end != Some(node) && matches!(step.tail, Tail::Missing) && !step.is_lambda() {
            out.push(finding(step));
        }
    }
}

fn finding(step: &Step) -> Diagnostic {
    let message = format!("`{}` does not end with `self.next(…)`", step.name);
    let mut finding = Diagnostic::new(&INFO, step.span, message).step(&step.name);
    for call in &step.body.other_nexts {
        let place = match call.inside {
            Some(statement) => {
                format!("this call stands inside `{statement}`, so it is not the last statement")
            }
            None => "this call is not the last statement".to_owned(),
        };
        finding = finding.label(call.span, place);
    }
    if let Some(first) = step.first_argument.as_deref().filter(|&first| first != "self") {
        finding = finding.help(format!(
            "the first argument has to be called `self`, not `{first}`"
        ));
    }
    if step.body.other_nexts.is_empty() {
        finding.help("add `self.next(self.other_step)` as the last statement")
    } else {
        finding
            .help("make one `self.next` the last statement of the step, at its top level")
            .help("to choose at run time: `self.next({\"a\": self.x, \"b\": self.y}, condition=\"choice\")`")
    }
}
