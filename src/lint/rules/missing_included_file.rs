//! The file of an `IncludeFile` that is not there.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;

declare_rule! {
    /// The file that an `IncludeFile` includes by default is not there. A definition names it by its content, so that it has to be read.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TextFlow(FlowSpec):
    ///     data = IncludeFile("data", default="absent.txt")
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
    ///     TextFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TextFlow(FlowSpec):
    ///     data = IncludeFile("data", required=True)
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
    ///     TextFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; `IncludeFile: could not open file 'absent.txt' for reading` when the flow is run, `Parameter field failed` when it is deployed (2.19.39)
    pub static INFO: error "FLC443" "missing-included-file";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if context.target.is_none() {
        return;
    }
    let parameters = context.graph.flow.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.kind == ParameterKind::IncludeFile) {
        let Some(default) = parameter.default() else {
            continue;
        };
        let Some(path) = default.value().and_then(|value| value.as_str()) else {
            continue;
        };
        // A file in cloud storage is another rule's finding.
        if parameter.content.is_none() && !path.contains("://") {
            let message = format!(
                "`{path}`, the default of the IncludeFile `{}`, is not there",
                parameter.name
            );
            out.push(Diagnostic::new(&INFO, default.span, message));
        }
    }
}
