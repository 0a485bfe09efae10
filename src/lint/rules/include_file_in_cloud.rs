//! The default of an `IncludeFile` lies in cloud storage.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// The default of an `IncludeFile` is an `s3://` address. Metaflow includes files of this machine only.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     data = IncludeFile("data", default="s3://bucket/data.csv")
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
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     data = IncludeFile("data", default="data.csv")
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
    /// ## What Metaflow says
    /// nothing at `check`; `IncludeFile using a direct reference to a file in cloud storage is no longer supported.` when the flow is run (2.19.39)
    pub static INFO: error "FLC613" "include-file-in-cloud";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = context.graph.flow.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.kind == ParameterKind::IncludeFile) {
        let Some(default) = parameter.default() else {
            continue;
        };
        let path = default.value().and_then(Value::as_str).unwrap_or_default();
        if ["s3://", "gs://", "azure://"]
            .iter()
            .any(|scheme| path.starts_with(scheme))
        {
            let message = format!(
                "the IncludeFile `{}` names a file in cloud storage",
                parameter.name
            );
            let finding = Diagnostic::new(&INFO, default.span, message);
            out.push(finding.help("take the address as a `Parameter` and read the file in a step"));
        }
    }
}
