//! A file defines a flow and does not run it.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A file defines a flow, but does not call its class.
    ///
    /// `python FILE run` then does nothing at all and succeeds, and so does every task of a compiled definition, which runs the same file.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
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
    /// nothing: it exits with status 0 (2.19.39)
    pub static INFO: warning "FLC311" "flow-never-run";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    if flow.is_run || flow.is_perhaps_run {
        return;
    }
    let message = format!("nothing runs `{}`: the file must call it", flow.name);
    let finding = Diagnostic::new(&INFO, flow.span, message);
    out.push(finding.help(format!(
        "end the file with `if __name__ == \"__main__\":` and `{}()`",
        flow.name
    )));
}
