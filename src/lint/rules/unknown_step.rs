//! A transition to a step that does not exist.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Edit, Fix, nearest};
use crate::flow::{Step, StepName, Tail};
use crate::lint::Context;
use crate::source::Span;

declare_rule! {
    /// `self.next` names a step that the flow does not have: it is misspelt, it lacks `@step`, or a subclass removed it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.trian)
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
    /// ## What Metaflow says
    /// `Step *start* specifies a self.next() transition to an unknown step, *trian*.`, the first one only (2.19.39)
    pub static INFO: error "FLC110" "unknown-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name() {
        let step = graph.step(node);
        // An end step's or an unreadable transition is another rule's finding.
        if graph.end == Some(node) || !matches!(step.tail, Tail::Next { .. }) {
            continue;
        }
        for target in step.targets() {
            if graph.find(&target.name).is_none() {
                out.push(finding(context, step, target));
            }
        }
    }
}

fn finding(context: &Context<'_>, step: &Step, target: &StepName) -> Diagnostic {
    let message = format!(
        "`{}` goes on to `{}`, which is no step of this flow",
        step.name, target.name
    );
    let finding = Diagnostic::new(&INFO, target.span, message).step(&step.name);
    let steps = context.graph.flow.steps.iter();
    let others = steps
        .map(|step| step.name.as_str())
        .filter(|&name| name != step.name);
    match nearest(&target.name, others) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(Fix {
            title: format!("replace `{}` by `{near}`", target.name),
            is_safe: is_waiting(context, near),
            edits: vec![Edit {
                span: attribute(target),
                text: near.to_owned(),
            }],
        }),
        None => finding.help(format!("define it: `@step` above `def {}(self)`", target.name)),
    }
}

/// Nothing leads to the step, so that the flow could not run as it stands: surely it is the one that is meant.
fn is_waiting(context: &Context<'_>, name: &str) -> bool {
    let graph = context.graph;
    let is_start = graph.start.is_some_and(|start| graph.name(start) == name);
    let mut targets = graph.flow.steps.iter().flat_map(Step::targets);
    !is_start && targets.all(|target| target.name != name)
}

/// `nope` in `self.nope`.
fn attribute(target: &StepName) -> Span {
    let length = u32::try_from(target.name.len()).unwrap_or(0);
    Span {
        start: target.span.end.saturating_sub(length).max(target.span.start),
        ..target.span
    }
}
