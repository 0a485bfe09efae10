//! A step reads an artifact that nothing sets.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::artifacts::Artifacts;

declare_rule! {
    /// A step reads an artifact that no step sets, and that is no parameter, constant or method of the flow.
    ///
    /// Reading it fails when the task runs. Nothing is said of flows in which more may be set than can be seen: `setattr` with a computed name, `self` given to a function, a base class from elsewhere.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.total = 1
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         print(self.totl)
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
    ///         self.total = 1
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         print(self.total)
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at definition time; the task dies of `AttributeError: Flow TrainFlow has no attribute 'totl'` (2.19.39)
    pub static INFO: warning "FLC305" "unset-artifact";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let known = Artifacts::new(context.graph.flow);
    for step in &context.graph.flow.steps {
        for read in &step.body.read {
            if known.may_exist(&read.name) {
                continue;
            }
            let message = format!("`self.{}` is read, but nothing sets it", read.name);
            let finding = Diagnostic::new(&INFO, read.span, message);
            let finding = match known.nearest(&read.name) {
                Some(near) => finding.help(format!("did you mean `self.{near}`?")),
                None => finding,
            };
            out.push(finding.step(&step.name));
        }
    }
}
