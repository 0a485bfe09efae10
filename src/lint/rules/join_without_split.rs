//! A join where nothing is to be joined.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::balance::{self, Imbalance};

declare_rule! {
    /// A step takes `inputs`, which makes it a join, but no split or foreach is open where it is reached. Arms of a switch are not joined: only one of them runs.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self, inputs):
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
    ///         self.next(self.fit)
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
    /// `Step *fit* seems like a join step (it takes an extra input argument) but it is not preceded by a split. Ensure that there is a matching split for every join.` (2.19.39)
    pub static INFO: error "FLC119" "join-without-split";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for imbalance in balance::find(graph) {
        let Imbalance::JoinWithoutSplit { join, via } = imbalance else {
            continue;
        };
        let step = graph.step(join);
        let message = format!(
            "`{}` is a join, as it takes an argument besides `self`, but no split is open here",
            step.name
        );
        let mut finding = Diagnostic::new(&INFO, step.span, message).step(&step.name);
        if let Some(via) = via.map(|via| graph.step(via)) {
            let at = via.tail_span().unwrap_or(via.span);
            finding = finding.label(at, format!("`{}` leads to it outside of any split", via.name));
        }
        out.push(finding.help(format!(
            "if it joins nothing, write `def {}(self)`; arms of a switch meet in such a step",
            step.name
        )));
    }
}
