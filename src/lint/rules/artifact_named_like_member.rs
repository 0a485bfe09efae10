//! A step sets an attribute that belongs to Metaflow.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::lint::Context;

declare_rule! {
    /// A step sets an attribute that belongs to Metaflow.
    ///
    /// `self.index`, `self.input` and `self.script_name` cannot be set: the task fails. `self.name`, `self.cmd`, `self.foreach_stack`, `self.merge_artifacts` and `self.next` can, but then what Metaflow keeps there is gone.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.index = 3
    ///         self.name = "run"
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
    ///         self.position = 3
    ///         self.label = "run"
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
    /// nothing at definition time; the task dies of `AttributeError: property 'index' of 'TrainFlow' object has no setter` (2.19.39)
    pub static INFO: error "FLC308" "artifact-named-like-member";
}

/// Properties without a setter.
const FIXED: [&str; 3] = ["index", "input", "script_name"];
/// What can be overwritten, to Metaflow's harm.
const NEEDED: [&str; 5] = ["cmd", "foreach_stack", "merge_artifacts", "name", "next"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        for set in &step.body.assigned {
            let name = set.name.as_str();
            let finding = if FIXED.contains(&name) {
                Diagnostic::new(
                    &INFO,
                    set.span,
                    format!("`self.{name}` belongs to Metaflow and cannot be set"),
                )
            } else if NEEDED.contains(&name) {
                let message = format!("`self.{name}` belongs to Metaflow: setting it hides what is there");
                Diagnostic::new(&INFO, set.span, message).severity(Severity::Warning)
            } else {
                continue;
            };
            out.push(finding.help("choose another name").step(&step.name));
        }
    }
}
