//! A switch that leads directly to a join.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Tail;
use crate::flow::Transition;
use crate::graph::NodeKind;
use crate::lint::Context;
use crate::lint::words;

declare_rule! {
    /// A case of a switch is a join. The join counts one task for each branch; put a step between them, so that every branch ends in a step of its own.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ChoiceFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.kind = "x"
    ///         self.next({"x": self.c, "y": self.join}, condition="kind")
    ///
    ///     @step
    ///     def c(self):
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
    ///     ChoiceFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ChoiceFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.a, self.b)
    ///
    ///     @step
    ///     def a(self):
    ///         self.kind = "x"
    ///         self.next({"x": self.c, "y": self.skip}, condition="kind")
    ///
    ///     @step
    ///     def c(self):
    ///         self.next(self.join)
    ///
    ///     @step
    ///     def skip(self):
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
    ///     ChoiceFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `A conditional path cannot lead directly to a join step. In your conditional step(s) *a*, one or more of the possible paths transition directly to the join step *join*. As a workaround, please introduce an intermediate, unconditional step on that specific path before joining.` (2.19.39)
    pub static INFO: error "FLC127" "switch-into-join";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph
        .by_name()
        .filter(|&node| graph.node(node).is(NodeKind::Join))
    {
        let before = graph.node(node).predecessors.iter();
        let switches: Vec<_> = before
            .copied()
            .filter(|&before| graph.node(before).is(NodeKind::Switch))
            .collect();
        if switches.is_empty() {
            continue;
        }
        let join = graph.step(node);
        let message = format!(
            "the switch of {} leads directly to the join `{}`",
            words::steps(graph, &switches),
            join.name
        );
        let mut finding = Diagnostic::new(&INFO, join.span, message)
            .help(format!(
                "let the case lead to a step that goes on to `{}`",
                join.name
            ))
            .step(&join.name);
        for &switch in &switches {
            let Tail::Next {
                transition: Transition::Switch { cases, .. },
                ..
            } = &graph.step(switch).tail
            else {
                continue;
            };
            for case in cases.iter().filter(|case| case.target.name == join.name) {
                finding = finding.label(case.target.span, "this case is a join");
            }
        }
        out.push(finding);
    }
}
