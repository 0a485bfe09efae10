//! A decorator that has packages solved when the flow is deployed.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::DecoratorUse;
use crate::lint::Context;
use crate::source::Span;
use crate::target::Target;

declare_rule! {
    /// `@conda` and `@pypi` name packages that Metaflow solves and uploads when it deploys a flow. A DAG for Airflow does not unpack such an environment, and every task would refuse to start without it.
    ///
    /// Put the packages into the image of the step. On Argo Workflows and Step Functions the tasks unpack the environment, which the code package has to hold.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, pypi, step
    ///
    ///
    /// class PackagesFlow(FlowSpec):
    ///     @pypi(packages={"pandas": "2.2.2"})
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
    ///     PackagesFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class PackagesFlow(FlowSpec):
    ///     @kubernetes(image="registry.example.com/pandas:2.2.2")
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
    ///     PackagesFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing with `--environment=conda` or `--environment=pypi`, else `@pypi decorator requires --environment=conda or --environment=pypi or --environment=fast-bakery` (2.19.39)
    pub static INFO: error "FLC441" "python-environment";
}

const SOLVED: [&str; 4] = ["conda", "conda_base", "pypi", "pypi_base"];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    match context.target.map(|version| version.target) {
        // What has to be there is said where the plan is known.
        None | Some(Target::Argo | Target::StepFunctions) => return,
        Some(Target::Airflow) => {}
    }
    let flow = context.graph.flow;
    for used in flow.decorators.iter().filter(|used| is_solved(used)) {
        out.push(finding(used, used.span));
    }
    for step in &flow.steps {
        for used in step.decorators.iter().filter(|used| is_solved(used)) {
            out.push(finding(used, used.span).step(step.name.clone()));
        }
    }
}

fn is_solved(used: &DecoratorUse) -> bool {
    SOLVED.contains(&used.name.as_str())
}

fn finding(used: &DecoratorUse, span: Span) -> Diagnostic {
    let message = format!(
        "`@{}` needs an environment that Metaflow solves while it deploys",
        used.name
    );
    Diagnostic::new(&INFO, span, message)
        .help("put the packages into the image of the step and name it: `@kubernetes(image=…)`")
}
