//! No step is the first.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::words;

declare_rule! {
    /// The flow has no first step: none is called `start`, and none is marked with `@step(start=True)`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def begin(self):
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
    ///     @step(start=True)
    ///     def begin(self):
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
    /// `Your flow must have exactly one start step. Either name a step 'start' or use @step(start=True).`, without a line (2.19.39)
    pub static INFO: error "FLC102" "missing-start-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = &context.graph.flow;
    let is_annotated = flow.steps.iter().any(|step| step.is_annotated_start);
    if context.graph.start.is_some() || is_annotated {
        return;
    }
    if flow.steps.is_empty() {
        let message = format!("`{}` has no steps: a flow needs at least one `@step`", flow.name);
        out.push(Diagnostic::new(&INFO, flow.span, message));
        return;
    }
    let message = format!("`{}` has no start step", flow.name);
    let mut finding = Diagnostic::new(&INFO, flow.span, message)
        .help("name the first step `start`, or mark it with `@step(start=True)`");
    let targets: BTreeSet<&str> = flow
        .steps
        .iter()
        .flat_map(|step| step.targets())
        .map(|target| target.name.as_str())
        .collect();
    let roots = flow
        .steps
        .iter()
        .filter(|step| !targets.contains(step.name.as_str()));
    let roots: Vec<&str> = roots.map(|step| step.name.as_str()).collect();
    if let [only] = roots.as_slice() {
        finding = finding.help(format!("`{only}` is the one step that no other step leads to"));
    } else if !roots.is_empty() {
        finding = finding.help(format!("no step leads to {}", words::list(&roots)));
    }
    out.push(finding);
}
