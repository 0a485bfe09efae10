//! A foreach over more items than Airflow maps.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::{Tail, Transition};
use crate::lint::Context;
use crate::target::Target;

/// Airflow's `max_map_length`, unless an installation sets another.
const MOST: usize = 1024;

declare_rule! {
    /// A foreach goes over a list whose length can be read in the source and is more than Airflow maps: 1,024 tasks,
    /// unless the installation's `max_map_length` says otherwise. The run fails when the foreach opens. Of nested
    /// foreaches the product counts, which is known only in the run.
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
    ///         self.items = list(range(2000))
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
    ///         self.chunks = [range(first, first + 100) for first in range(0, 2000, 100)]
    ///         self.next(self.work, foreach="chunks")
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
    /// nothing; Airflow itself names the two numbers when the task has run (2.19.39)
    pub static INFO: warning "FLC530" "long-foreach";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context
        .target
        .is_none_or(|target| target.target != Target::Airflow)
    {
        return;
    }
    for step in &context.graph.flow.steps {
        let Tail::Next { transition, .. } = &step.tail else {
            continue;
        };
        let Transition::Foreach {
            variable: Some(name),
            variable_span,
            ..
        } = transition
        else {
            continue;
        };
        let Some((span, count)) = step.known_items(name).filter(|&(_, count)| count > MOST) else {
            continue;
        };
        let message =
            format!("`{name}` has {count} items, and Airflow maps {MOST} unless it is told otherwise");
        out.push(
            Diagnostic::new(&INFO, span, message)
                .label(*variable_span, "each is a mapped task")
                .help("go over fewer and larger items, or set `AIRFLOW__CORE__MAX_MAP_LENGTH` on the scheduler and the workers")
                .step(step.name.clone())
                .target(Target::Airflow),
        );
    }
}
