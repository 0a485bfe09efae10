//! A split that is not joined before the end.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::balance::{self, Imbalance};
use crate::lint::words;

declare_rule! {
    /// A path reaches the end step while a split or foreach is still open. Every split and every foreach is closed by a join, a step that takes `inputs`, before the flow ends.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SplitFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SplitFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SplitFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def b(self):
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
    ///     SplitFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `The terminal step *end* was reached before a split started at step(s) *a, b* were joined. Add a join step before *end*.` (2.19.39)
    pub static INFO: error "FLC118" "unjoined-split";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for imbalance in balance::find(graph) {
        let Imbalance::EndInsideSplit { end, split } = imbalance else {
            continue;
        };
        let incoming = &graph.node(end).predecessors;
        let (end, opener) = (graph.step(end), graph.step(split));
        let what = words::opening(graph, split);
        let message = format!(
            "`{}` is reached while the {what} of `{}` is open",
            end.name, opener.name
        );
        let mut finding = Diagnostic::new(&INFO, end.span, message)
            .label(
                opener.tail_span().unwrap_or(opener.span),
                format!("the {what} is opened here"),
            )
            .step(&end.name);
        for &before in incoming {
            let is_inside =
                graph.split_parents(before).contains(&split) && graph.node(before).closes != Some(split);
            if is_inside || before == split {
                let step = graph.step(before);
                let at = step.tail_span().unwrap_or(step.span);
                finding = finding.label(
                    at,
                    format!("`{}` goes to `{}` without a join", step.name, end.name),
                );
            }
        }
        out.push(finding.help(format!(
            "let every branch of `{}` lead to one step `def join(self, inputs)`, and that to `{}`",
            opener.name, end.name
        )));
    }
}
