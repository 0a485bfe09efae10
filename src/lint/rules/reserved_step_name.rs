//! A step's name is one that `FlowSpec` uses.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step has a name that `FlowSpec` needs for itself: `name`, `next`, `input`, `index` or `cmd`.
    ///
    /// Inside a task `self.index` is the place in a foreach and `self.next` makes the transition. A step of that name would hide it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class IndexFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.index)
    ///
    ///     @step
    ///     def index(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     IndexFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class IndexFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.build_index)
    ///
    ///     @step
    ///     def build_index(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     IndexFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step name *index* is a reserved word. Choose another name for the step.` (2.19.39)
    pub static INFO: error "FLC101" "reserved-step-name";
}

/// `metaflow/lint.py`, `check_reserved_words`.
const RESERVED: [&str; 5] = ["cmd", "index", "input", "name", "next"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        if RESERVED.contains(&step.name.as_str()) {
            let message = format!(
                "`{}` cannot be the name of a step: `FlowSpec` uses it itself",
                step.name
            );
            out.push(
                Diagnostic::new(&INFO, step.span, message)
                    .help("give the step another name, here and in the `self.next` calls that lead to it")
                    .step(&step.name),
            );
        }
    }
}
