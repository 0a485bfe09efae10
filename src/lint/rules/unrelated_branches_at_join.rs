//! A join that is reached from outside of its split.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::balance::{self, Imbalance};
use crate::lint::words;

declare_rule! {
    /// A join is reached from inside a split and from outside of it, or from two different splits. All that leads to a join has to come from the one split that it closes.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class MixedFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.kind = "one"
    ///         self.next({"many": self.spread, "one": self.single}, condition="kind")
    ///
    ///     @step
    ///     def spread(self):
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
    ///     def single(self):
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
    ///     MixedFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class MixedFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.kind = "one"
    ///         self.next({"many": self.spread, "one": self.single}, condition="kind")
    ///
    ///     @step
    ///     def spread(self):
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
    ///         self.next(self.report)
    ///
    ///     @step
    ///     def single(self):
    ///         self.next(self.report)
    ///
    ///     @step
    ///     def report(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     MixedFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Depending on the shape `Step *join* joins steps from unrelated splits. Ensure that there is a matching join for every split.`, or an internal error: `IndexError: list index out of range` in `check_split_join_balance` (2.19.39)
    pub static INFO: error "FLC121" "unrelated-branches-at-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for imbalance in balance::find(graph) {
        let Imbalance::Unrelated { join, split } = imbalance else {
            continue;
        };
        let (step, opener) = (graph.step(join), graph.step(split));
        let what = words::opening(graph, split);
        let before = &graph.node(join).predecessors;
        let is_outside = |&&node: &&_| graph.node(node).enclosing != Some(split);
        let outside: Vec<_> = before.iter().filter(is_outside).copied().collect();
        let message = format!(
            "`{}` joins the {what} of `{}`, but {} from outside of it",
            step.name,
            opener.name,
            match outside.as_slice() {
                [] => "it is also reached".to_owned(),
                _ => format!(
                    "{} {} to it",
                    words::steps(graph, &outside),
                    words::verb(outside.len(), "leads", "lead")
                ),
            }
        );
        let mut finding = Diagnostic::new(&INFO, step.span, message)
            .label(
                opener.tail_span().unwrap_or(opener.span),
                format!("the {what} is opened here"),
            )
            .step(&step.name);
        for node in outside {
            let other = graph.step(node);
            let at = other.tail_span().unwrap_or(other.span);
            finding = finding.label(at, "this transition comes from outside");
        }
        out.push(finding.help(format!(
            "let only branches of `{}` lead to `{}`, and the others to a step behind it",
            opener.name, step.name
        )));
    }
}
