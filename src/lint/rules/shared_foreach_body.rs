//! The first step of a foreach's body is reached from elsewhere, too.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::graph::NodeKind;
use crate::lint::Context;

declare_rule! {
    /// The first step of a foreach's body is reached from another step besides the one that opens the foreach. A
    /// target makes one fan-out of a body, over the items of one step. Asked only of the target that is named with
    /// `--target` or in `flowc.toml`.
    ///
    /// ## Wrong
    /// ```python
    /// # target: airflow
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ItemsFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.size = "small"
    ///         self.next({"small": self.few, "large": self.many}, condition="size")
    ///
    ///     @step
    ///     def few(self):
    ///         self.items = [1, 2]
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def many(self):
    ///         self.items = [1, 2, 3, 4]
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
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
    /// # target: airflow
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class ItemsFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.size = "small"
    ///         self.next({"small": self.few, "large": self.many}, condition="size")
    ///
    ///     @step
    ///     def few(self):
    ///         self.items = [1, 2]
    ///         self.next(self.fan)
    ///
    ///     @step
    ///     def many(self):
    ///         self.items = [1, 2, 3, 4]
    ///         self.next(self.fan)
    ///
    ///     @step
    ///     def fan(self):
    ///         self.next(self.work, foreach="items")
    ///
    ///     @step
    ///     def work(self):
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
    /// nothing: a local run goes through (2.19.39). Argo Workflows is given a template with two tasks of one name,
    /// which it refuses; Airflow and Step Functions no switch at all
    pub static INFO: error "FLC444" "shared-foreach-body";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context.target.map(|target| target.target) else {
        return;
    };
    for &id in &context.graph.order {
        let leads_here = |kind: NodeKind| {
            let before = context.graph.node(id).predecessors.iter().copied();
            before.filter(move |&before| before != id && context.graph.node(before).is(kind))
        };
        let others = context
            .graph
            .node(id)
            .predecessors
            .iter()
            .filter(|&&before| before != id);
        if leads_here(NodeKind::Foreach).next().is_none() || others.clone().count() < 2 {
            continue;
        }
        let step = context.graph.step(id);
        let names: Vec<String> = others
            .clone()
            .map(|&before| format!("`{}`", context.graph.step(before).name))
            .collect();
        let message = format!(
            "`{}` begins the body of a foreach and is reached from {}: one step may lead there",
            step.name,
            names.join(", ")
        );
        let mut finding = Diagnostic::new(&INFO, step.span, message)
            .help("let these steps lead to one step, which opens the foreach")
            .step(step.name.clone())
            .target(target);
        for &before in others {
            let before = context.graph.step(before);
            finding = finding.label(before.tail_span().unwrap_or(before.span), "leads here");
        }
        out.push(finding);
    }
}
