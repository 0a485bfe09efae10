//! A split with the same branch twice.

use std::collections::BTreeMap;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{StepName, Tail, Transition};
use crate::lint::Context;

declare_rule! {
    /// A split names the same step twice. Each branch of a split is a step of its own; to run one step several times use a foreach.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TwiceFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.work, self.work)
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
    ///     TwiceFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TwiceFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.twice = [1, 2]
    ///         self.next(self.work, foreach="twice")
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
    ///     TwiceFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step *join* seems like a join step (it takes an extra input argument) but an incorrect number of steps (*work*) lead to it. This join was expecting 2 incoming paths, starting from split step(s) *work, work*.`, at the join (2.19.39)
    pub static INFO: error "FLC128" "repeated-branch";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    for node in graph.by_name().filter(|&node| graph.end != Some(node)) {
        let step = graph.step(node);
        let Tail::Next {
            transition: Transition::Split(targets),
            ..
        } = &step.tail
        else {
            continue;
        };
        let mut seen: BTreeMap<&str, &StepName> = BTreeMap::new();
        for target in targets {
            let Some(first) = seen.get(target.name.as_str()) else {
                seen.insert(&target.name, target);
                continue;
            };
            let message = format!("the split of `{}` names `{}` twice", step.name, target.name);
            out.push(
                Diagnostic::new(&INFO, target.span, message)
                    .label(first.span, "it stands here already")
                    .help("remove it, or use `foreach=\"artifact\"` to run the step once for each item")
                    .step(&step.name),
            );
        }
    }
}
