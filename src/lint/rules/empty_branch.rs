//! A split with nothing between it and its join.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::balance::{self, Imbalance};
use crate::lint::words;

declare_rule! {
    /// A split or foreach leads directly to the join that closes it. There has to be at least one step in between: a join needs the tasks whose results it joins.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class EmptyFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.xs = [1, 2, 3]
    ///         self.next(self.join, foreach="xs")
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
    ///     EmptyFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class EmptyFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.xs = [1, 2, 3]
    ///         self.next(self.work, foreach="xs")
    ///
    ///     @step
    ///     def work(self):
    ///         self.y = self.input * 2
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
    ///     EmptyFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// An internal error: `IndexError: list index out of range` in `check_split_join_balance`; inside another split `Step *join* seems like a join step … but an incorrect number of steps …` (2.19.39)
    pub static INFO: error "FLC122" "empty-branch";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for imbalance in balance::find(graph) {
        let Imbalance::EmptyBranch { join, split } = imbalance else {
            continue;
        };
        let (step, opener) = (graph.step(join), graph.step(split));
        let target = opener
            .targets()
            .into_iter()
            .find(|target| target.name == step.name);
        let at = target.map_or(opener.span, |target| target.span);
        let what = words::opening(graph, split);
        let message = format!(
            "the {what} of `{}` leads directly to its join `{}`: at least one step has to stand between them",
            opener.name, step.name
        );
        out.push(
            Diagnostic::new(&INFO, at, message)
                .label(step.span, "a join, as it takes an argument besides `self`")
                .help(format!(
                    "add a step between `{}` and `{}`",
                    opener.name, step.name
                ))
                .help(format!(
                    "or, if `{}` is to run once for each branch, write `def {0}(self)`",
                    step.name
                ))
                .step(&opener.name),
        );
    }
}
