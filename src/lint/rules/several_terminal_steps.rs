//! Several steps claim to be the first, or the last.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::Step;
use crate::lint::Context;
use crate::lint::words;

declare_rule! {
    /// More than one step is marked with `@step(start=True)`, or more than one with `@step(end=True)`. A flow begins in one place and ends in one.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TwoDoorsFlow(FlowSpec):
    ///     @step(start=True)
    ///     def left(self):
    ///         self.next(self.end)
    ///
    ///     @step(start=True)
    ///     def right(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TwoDoorsFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class OneDoorFlow(FlowSpec):
    ///     @step(start=True)
    ///     def door(self):
    ///         self.next(self.left, self.right)
    ///
    ///     @step
    ///     def left(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def right(self):
    ///         self.next(self.meet)
    ///
    ///     @step
    ///     def meet(self, inputs):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     OneDoorFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Multiple steps annotated with @step(start=True): left, right. Exactly one is allowed.`, without a line (2.19.39)
    pub static INFO: error "FLC104" "several-terminal-steps";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let steps = &context.graph.flow.steps;
    check_end(steps, "start", |step| step.is_annotated_start, out);
    check_end(steps, "end", |step| step.is_annotated_end, out);
}

fn check_end(steps: &[Step], end: &str, is_annotated: fn(&Step) -> bool, out: &mut Vec<Diagnostic>) {
    let mut annotated: Vec<&Step> = steps.iter().filter(|step| is_annotated(step)).collect();
    annotated.sort_by_key(|step| step.span);
    let [first, .., last] = annotated.as_slice() else {
        return;
    };
    let names: Vec<&str> = annotated.iter().map(|step| step.name.as_str()).collect();
    let message = format!(
        "{} are all marked with `@step({end}=True)`: exactly one step may be",
        words::list(&names)
    );
    out.push(
        Diagnostic::new(&INFO, last.span, message)
            .label(first.span, format!("`{}` is marked first", first.name))
            .help(format!("keep `{end}=True` on one of them"))
            .step(&last.name),
    );
}
