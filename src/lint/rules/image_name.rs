//! The rule `image-name`.

use crate::declare_rule;
use crate::decorator::image;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};

declare_rule! {
    /// `image` of `@kubernetes` or `@batch` is no name that an image can have: `[registry/]path[:tag][@digest]`, the
    /// path in lower case, without blanks. Everybody passes it on, and then no container starts: the pod waits with
    /// `InvalidImageName` until somebody looks. An error where a target is asked that uses it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(image="registry.example.com/ML/base: 2026.11")
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(image="registry.example.com/ml/base:2026.11")
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
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing: the text goes into the definition as it is (2.19.39)
    pub static INFO: warning "FLC252" "image-name";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for name in ["kubernetes", "batch"] {
        for used in uses::named(context, name) {
            let Some(written) = used.truthy("image") else {
                continue;
            };
            if let Some(problem) = written.value.as_str().and_then(image::problem) {
                out.push(finding(context, &used, written, &problem));
            }
        }
    }
}

fn finding(context: &Context<'_>, used: &Use<'_>, written: Written<'_>, problem: &str) -> Diagnostic {
    let decorator = used.decorator.name;
    let text = shown(written.value);
    let message = format!("`image` of `@{decorator}` is {text}, which is no name of an image: {problem}");
    let finding = used
        .finding(&INFO, written.span, message)
        .help("write it as `[registry/]path[:tag][@digest]`, such as `registry.example.com/ml/base:2026.11`");
    used.for_target(context, "image", finding)
}
