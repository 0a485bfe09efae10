//! A switch that has nothing to choose from.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;

declare_rule! {
    /// A switch has fewer than two cases. Cases whose keys are equal count once: in a Python dict the last one stays.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SwitchFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.kind = "a"
    ///         self.next({"a": self.end}, condition="kind")
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SwitchFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class SwitchFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     SwitchFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Step *start* is a switch split but defines 1 transitions. Switch splits must define at least 2 transitions.` (2.19.39)
    pub static INFO: error "FLC123" "switch-with-one-case";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    // An end step's transition is one too many (FLC107).
    for node in graph.by_name().filter(|&node| graph.end != Some(node)) {
        let step = graph.step(node);
        let Tail::Next {
            span,
            transition: Transition::Switch { cases, .. },
        } = &step.tail
        else {
            continue;
        };
        if cases.len() >= 2 {
            continue;
        }
        let message = format!(
            "the switch of `{}` has only one case: it needs at least two",
            step.name
        );
        let mut finding = Diagnostic::new(&INFO, step.span, message)
            .label(*span, "the switch is here")
            .help("add the other cases; keys that are equal in Python, as `1` and `True`, count once")
            .step(&step.name);
        if let Some(case) = cases.first() {
            finding = finding.help(format!(
                "or go there at once: `self.next(self.{})`",
                case.target.name
            ));
        }
        out.push(finding);
    }
}
