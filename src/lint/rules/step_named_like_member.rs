//! A step has the name of a method that Metaflow needs.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step has the name of a method or property of `FlowSpec`, which it replaces.
    ///
    /// The names `next`, `input`, `index`, `name` and `cmd` are refused by Metaflow itself; `merge_artifacts`, `foreach_stack` and `script_name` are not, but tasks need them.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.merge_artifacts)
    ///
    ///     @step
    ///     def merge_artifacts(self):
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
    ///         self.next(self.merge)
    ///
    ///     @step
    ///     def merge(self):
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
    /// nothing (2.19.39)
    pub static INFO: warning "FLC307" "step-named-like-member";
}

/// Members of `FlowSpec` that are not refused as names of steps.
const MEMBERS: [&str; 3] = ["foreach_stack", "merge_artifacts", "script_name"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let steps = context.graph.flow.steps.iter();
    for step in steps.filter(|step| MEMBERS.contains(&step.name.as_str())) {
        let message = format!(
            "the step `{}` replaces the method or property of `FlowSpec` of that name",
            step.name
        );
        let finding = Diagnostic::new(&INFO, step.span, message).help("choose another name for the step");
        out.push(finding.step(&step.name));
    }
}
