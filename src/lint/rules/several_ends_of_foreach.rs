//! The steps of a foreach end in more than one step.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::graph::NodeKind;
use crate::lint::Context;
use crate::target::Target;

declare_rule! {
    /// Several steps of a foreach lead directly to its join. The join computes the names of the tasks that it joins from the name of the one step before it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ItemsFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = [1, 2]
    ///         self.next(self.choose, foreach="items")
    ///
    ///     @step
    ///     def choose(self):
    ///         self.kind = "a"
    ///         self.next({"a": self.a, "b": self.b}, condition="kind")
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
    ///     ItemsFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ItemsFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.items = [1, 2]
    ///         self.next(self.choose, foreach="items")
    ///
    ///     @step
    ///     def choose(self):
    ///         self.kind = "a"
    ///         self.next({"a": self.a, "b": self.b}, condition="kind")
    ///
    ///     @step
    ///     def a(self):
    ///         self.next(self.last)
    ///
    ///     @step
    ///     def b(self):
    ///         self.next(self.last)
    ///
    ///     @step
    ///     def last(self):
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
    ///     ItemsFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Conditional steps inside a foreach that transition directly into a join step are not currently supported.`, when it deploys to Argo Workflows (2.19.39)
    pub static INFO: error "FLC440" "several-ends-of-foreach";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none_or(|target| target.target != Target::Argo) {
        return;
    }
    for &join in &context.graph.order {
        let node = context.graph.node(join);
        let closes_foreach = node
            .closes
            .is_some_and(|split| context.graph.node(split).is(NodeKind::Foreach));
        if !closes_foreach || node.predecessors.len() < 2 {
            continue;
        }
        let step = context.graph.step(join);
        let ends = node.predecessors.iter().map(|&end| context.graph.step(end));
        let names: Vec<String> = ends.clone().map(|end| format!("`{}`", end.name)).collect();
        let message = format!(
            "{} lead directly to `{}`, the join of a foreach: one step may",
            names.join(", "),
            step.name
        );
        let mut finding = Diagnostic::new(&INFO, step.span, message)
            .help("put one step between them and the join")
            .step(step.name.clone())
            .target(Target::Argo);
        for end in ends {
            finding = finding.label(end.tail_span().unwrap_or(end.span), "leads to the join");
        }
        out.push(finding);
    }
}
