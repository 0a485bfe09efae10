//! The rule `project-name`.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written, shown};

declare_rule! {
    /// `@project` has no name, or a name or branch that is more than 128 lower-case letters, digits and
    /// underscores.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, project, step
    ///
    ///
    /// @project(name="My-Project")
    /// class DemoFlow(FlowSpec):
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
    /// from metaflow import FlowSpec, project, step
    ///
    ///
    /// @project(name="my_project")
    /// class DemoFlow(FlowSpec):
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
    /// `@project needs a name. Try @project(name='some_name')`, `The @project name must contain only lowercase
    /// alphanumeric characters and underscores.`, the same of the branch (2.19.39)
    pub static INFO: error "FLC236" "project-name";
}

pub const LONGEST: usize = 128;

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "project") {
        match used.get("name") {
            Some(name) if name.value.is_truthy() => out.extend(finding(&used, "name", name)),
            Some(name) => out.push(nameless(&used, name.span)),
            None if !used.may_have("name") => out.push(nameless(&used, used.span())),
            // Not known.
            None => {}
        }
        if let Some(branch) = used.truthy("branch") {
            out.extend(finding(&used, "branch", branch));
        }
    }
}

fn nameless(used: &Use<'_>, span: crate::source::Span) -> Diagnostic {
    used.finding(&INFO, span, "`@project` needs a name")
        .help("write `@project(name=\"my_project\")`")
}

fn finding(used: &Use<'_>, attribute: &str, written: Written<'_>) -> Option<Diagnostic> {
    let Some(text) = written.value.as_str() else {
        let message = format!(
            "the {attribute} of a project must be a text, not {}",
            shown(written.value)
        );
        return Some(used.finding(&INFO, written.span, message));
    };
    if let Some(wrong) = text.chars().find(|c| !is_letter(*c)) {
        let message = format!(
            "the {attribute} of a project is lower-case letters, digits and underscores; {} has `{}`",
            shown(written.value),
            wrong.escape_default()
        );
        let finding = used.finding(&INFO, written.span, message);
        let place = used.written.attribute(attribute);
        return Some(match place.filter(|place| used.is_keyword(place)) {
            Some(_) => finding.fix(renamed(written, text)),
            None => finding,
        });
    }
    let length = text.chars().count();
    (length > LONGEST).then(|| {
        let message =
            format!("the {attribute} of a project has at most {LONGEST} characters, this one {length}");
        used.finding(&INFO, written.span, message)
    })
}

/// Is it the name of a project or a branch?
pub fn is_name(text: &str) -> bool {
    text.chars().all(is_letter) && text.chars().count() <= LONGEST
}

fn is_letter(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// It is another project then, so not by itself.
fn renamed(written: Written<'_>, text: &str) -> Fix {
    let lower = text.trim().to_lowercase();
    let name: String = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Fix {
        title: format!("write `{name}`"),
        is_safe: false,
        edits: vec![Edit {
            span: written.span,
            text: format!("\"{name}\""),
        }],
    }
}
