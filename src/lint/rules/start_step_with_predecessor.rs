//! A transition leads to the start step.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::words;

declare_rule! {
    /// A step leads back to the start step. A flow begins there and never comes back; to repeat something, put it into a step of its own.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class AgainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.ask)
    ///
    ///     @step
    ///     def ask(self):
    ///         self.more = "no"
    ///         self.next({"yes": self.start, "no": self.end}, condition="more")
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     AgainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class AgainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.ask)
    ///
    ///     @step
    ///     def ask(self):
    ///         self.more = "no"
    ///         self.next({"yes": self.ask, "no": self.end}, condition="more")
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     AgainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `The start step *start* has incoming transitions from ask. A start step must have no incoming transitions.`, at the start step's `def` (2.19.39)
    pub static INFO: error "FLC106" "start-step-with-predecessor";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let Some(start) = graph.start else { return };
    let start_step = graph.step(start);
    // A transition of the end step is that step's own fault (FLC107).
    let mut callers: Vec<_> = graph
        .order
        .iter()
        .filter(|&&node| graph.end != Some(node) && graph.node(node).successors.contains(&start))
        .map(|&node| graph.step(node))
        .collect();
    callers.sort_by(|left, right| left.name.cmp(&right.name));
    if callers.is_empty() {
        return;
    }
    let names: Vec<&str> = callers.iter().map(|step| step.name.as_str()).collect();
    let message = format!(
        "nothing may lead to the start step `{}`, but {} {}",
        start_step.name,
        words::list(&names),
        words::verb(names.len(), "does", "do")
    );
    let mut finding = Diagnostic::new(&INFO, start_step.span, message)
        .help("move what should be repeated into a step behind the start step")
        .step(&start_step.name);
    for target in callers.iter().flat_map(|step| step.targets()) {
        if target.name == start_step.name {
            finding = finding.label(target.span, "leads back to the start step");
        }
    }
    out.push(finding);
}
