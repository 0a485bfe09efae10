//! A step marked as an end of the flow competes with one of that name.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Flow, Step};
use crate::lint::Context;

declare_rule! {
    /// One step is marked as the first (or last) and another has the name that makes it so: it is not clear where the flow begins (or ends).
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step(start=True)
    ///     def load(self):
    ///         self.next(self.start)
    ///
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
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self):
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
    /// `Ambiguous start step: step 'load' is annotated with @step(start=True) but a step named 'start' also exists. Remove the 'start' name or the @step(start=True) annotation.`, without a line (2.19.39)
    pub static INFO: error "FLC105" "ambiguous-terminal-step";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let flow = context.graph.flow;
    check_end(flow, "start", |step| step.is_annotated_start, out);
    check_end(flow, "end", |step| step.is_annotated_end, out);
}

fn check_end(flow: &Flow, end: &str, is_annotated: fn(&Step) -> bool, out: &mut Vec<Diagnostic>) {
    let annotated: Vec<&Step> = flow.steps.iter().filter(|step| is_annotated(step)).collect();
    let ([marked], Some(named)) = (annotated.as_slice(), flow.step(end)) else {
        return;
    };
    if marked.name == end {
        return;
    }
    let message = format!(
        "`{}` is marked with `@step({end}=True)`, but there is a step named `{end}` too",
        marked.name
    );
    out.push(
        Diagnostic::new(&INFO, marked.span, message)
            .label(named.span, format!("a step of this name is the {end} step"))
            .help(format!("remove `{end}=True`, or rename the step `{end}`"))
            .step(&marked.name),
    );
}
