//! A base of the flow, beside `FlowSpec`, is not in the project.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity};
use crate::flow::UnknownBase;
use crate::lint::Context;

declare_rule! {
    /// A flow derives from `FlowSpec` and from a class that is not in the project, or of which it depends on an import or a condition which of two it is. Parameters, steps and decorators may come from it, which are missing in what is shown of the flow. It is a warning when a flow is checked, and an error when it is compiled.
    ///
    /// Bases are followed into the files beside the flow's file and into folders that it adds to `sys.path` from its own place, not into installed packages. Put the class there, or declare in `flowc.toml` that it brings the flow no parameters, no steps and no decorators: `[bases]` with `NAME = "harmless"`. Of two classes, `BaseFlow` of a package and `FlowSpec` where that is not installed, the one that is there is taken then. Classes of Python itself (`Generic[T]`, `object`) are harmless.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    /// from elsewhere import CommonParameters
    ///
    ///
    /// class TrainFlow(CommonParameters, FlowSpec):
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
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class CommonParameters:
    ///     alpha = Parameter("alpha", default=0.1)
    ///
    ///
    /// class TrainFlow(CommonParameters, FlowSpec):
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
    /// nothing: it imports the package (2.19.39)
    pub static INFO: warning "FLC907" "unfollowed-base";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for base in &context.graph.flow.unknown_bases {
        let mut finding = finding(base);
        if context.target.is_some() {
            finding.severity = Severity::Error;
        }
        out.push(finding);
    }
}

fn finding(base: &UnknownBase) -> Diagnostic {
    let UnknownBase {
        span,
        name,
        of,
        is_either,
    } = base;
    let why = if *is_either {
        "which class it is cannot be told"
    } else {
        "it is not in the project"
    };
    let message = format!("what `{of}` gets from its base `{name}` is not known: {why}");
    let last = name.rsplit('.').next().unwrap_or(name);
    let declared = last.chars().all(|c| c.is_alphanumeric() || c == '_');
    let finding =
        Diagnostic::new(&INFO, *span, message).help("put the class into the project, beside the flow's file");
    if declared {
        finding.help(format!(
            "if it brings no parameters, steps and decorators, declare it under `[bases]` in `flowc.toml`: `{last} = \"harmless\"`"
        ))
    } else {
        finding
    }
}
