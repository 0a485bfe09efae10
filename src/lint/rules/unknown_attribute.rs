//! A decorator is given an attribute that it does not have.

use crate::declare_rule;
use crate::decorator::Decorator;
use crate::diagnostic::{Diagnostic, Edit, Fix, Severity, nearest};
use crate::flow::AttributeUse;
use crate::lint::{Context, uses};

declare_rule! {
    /// A decorator is given an attribute that it does not have: misspelt, or of another decorator.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @resources(cpus=2)
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
    /// from metaflow import FlowSpec, resources, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @resources(cpu=2)
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
    /// `metaflow.exception.InvalidDecoratorAttribute: Decorator 'resources' does not support the attribute 'cpus'.
    /// These attributes are supported: cpu, gpu, disk, memory, shared_memory.`, as a traceback (2.19.39).
    /// Nothing for a name that comes out of a Config (`@resources(**config.sizes)`): it is ignored, which is a warning here.
    pub static INFO: error "FLC220" "unknown-attribute";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::all(context) {
        for attribute in &used.written.attributes {
            if used.decorator.attribute(&attribute.name).is_none() {
                let message = message(used.decorator, &attribute.name);
                let finding = used.finding(&INFO, attribute.name_span, message);
                let finding = with_nearest(finding, &used, attribute);
                out.push(if attribute.is_unchecked {
                    finding.severity(Severity::Warning)
                } else {
                    finding
                });
            }
        }
    }
}

fn message(decorator: &Decorator, attribute: &str) -> String {
    let names: Vec<String> = decorator
        .attributes
        .iter()
        .map(|known| format!("`{}`", known.name))
        .collect();
    let takes = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    format!(
        "`@{}` has no attribute `{attribute}`: it takes {takes}",
        decorator.name
    )
}

fn with_nearest(finding: Diagnostic, used: &uses::Use<'_>, attribute: &AttributeUse) -> Diagnostic {
    let free = used.decorator.attributes.iter().map(|known| known.name);
    let free = free.filter(|name| used.written.attribute(name).is_none());
    let Some(near) = nearest(&attribute.name, free) else {
        return finding;
    };
    if !used.is_keyword(attribute) {
        return finding.help(format!("did you mean `{near}`?"));
    }
    finding.fix(Fix {
        title: format!("replace `{}` by `{near}`", attribute.name),
        is_safe: true,
        edits: vec![Edit {
            span: attribute.name_span,
            text: near.to_owned(),
        }],
    })
}
