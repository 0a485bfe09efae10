//! A `Config` has both `default` and `default_value`.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::Context;
use crate::value::Value;

declare_rule! {
    /// A `Config` has both a default file (`default`) and a default value (`default_value`). Only one may be given.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     settings = Config("settings", default="settings.json", default_value={})
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
    /// from metaflow import Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     settings = Config("settings", default_value={})
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
    /// `For config 'settings', you can only specify default or default_value, not both` in a raw traceback (2.19.39)
    pub static INFO: error "FLC614" "config-with-two-defaults";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = context.graph.flow.parameters.iter();
    for config in parameters.filter(|parameter| parameter.kind == ParameterKind::Config) {
        let given = |field| {
            let attribute = config.attribute(field)?;
            (!matches!(attribute.value.result, Ok(Value::None))).then_some(attribute)
        };
        if let (Some(file), Some(value)) = (given("default"), given("default_value")) {
            let message = format!(
                "the Config `{}` has two defaults: a file and a value",
                config.name
            );
            let finding = Diagnostic::new(&INFO, value.value.span, message);
            out.push(
                finding
                    .label(file.value.span, "the file")
                    .help("keep one of `default` and `default_value`"),
            );
        }
    }
}
