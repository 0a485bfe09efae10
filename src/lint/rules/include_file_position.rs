//! The file of an `IncludeFile` is given as `required`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// An `IncludeFile` gets its file as second positional argument. That one is `required`, not `default`: any text makes the file required, and there is no default.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, IncludeFile, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     data = IncludeFile("data", "data.csv")
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
    /// nothing at `check`; `Error: Missing option '--data'.` when the flow is run (2.19.39)
    pub static INFO: error "FLC612" "include-file-position";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = context.graph.flow.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.kind == ParameterKind::IncludeFile) {
        let Some(required) = parameter.attribute("required") else {
            continue;
        };
        if let Ok(Value::Str(path)) = &required.value.result {
            let message = format!(
                "`required` of the IncludeFile `{}` is the text {:?}",
                parameter.name, &**path
            );
            let finding = Diagnostic::new(&INFO, required.value.span, message);
            out.push(finding.help(format!("name the argument: `default={:?}`", &**path)));
        }
    }
}
