//! A step's name has characters that are not allowed.

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;

declare_rule! {
    /// A step's name may hold lower-case ASCII letters, digits and underscores, and may not begin with an underscore: it becomes part of paths and of the names of jobs and pods.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fitModel)
    ///
    ///     @step
    ///     def fitModel(self):
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
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit_model)
    ///
    ///     @step
    ///     def fit_model(self):
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
    /// `Step *fitModel* has an invalid name. Only lowercase ascii characters, underscores, and digits are allowed.` (2.19.39)
    pub static INFO: error "FLC109" "invalid-step-name";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for step in &context.graph.flow.steps {
        let Some(problem) = problem(&step.name) else {
            continue;
        };
        let mut finding = Diagnostic::new(
            &INFO,
            step.span,
            format!("`{}` cannot be the name of a step: {problem}", step.name),
        )
        .help("a step's name is made of `a` to `z`, `0` to `9` and `_`, and does not begin with `_`")
        .step(&step.name);
        if let Some(legal) = legal_name(&step.name) {
            finding = finding.help(format!("`{legal}` would do"));
        }
        out.push(finding);
    }
}

fn problem(name: &str) -> Option<String> {
    if name.starts_with('_') {
        return Some("it begins with `_`".to_owned());
    }
    let odd = name.chars().find(|&letter| !is_allowed(letter))?;
    Some(if odd.is_ascii_uppercase() {
        format!("`{odd}` is upper case")
    } else {
        format!("`{odd}` is not allowed")
    })
}

fn is_allowed(letter: char) -> bool {
    matches!(letter, 'a'..='z' | '0'..='9' | '_')
}

/// `fitModel` as `fit_model`; nothing where letters would have to be invented.
fn legal_name(name: &str) -> Option<String> {
    let mut legal = String::new();
    let mut is_after_lower = false;
    for letter in name.trim_start_matches('_').chars() {
        if letter.is_ascii_uppercase() && is_after_lower {
            legal.push('_');
        }
        is_after_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        legal.push(letter.to_ascii_lowercase());
    }
    (!legal.is_empty() && legal.chars().all(is_allowed)).then_some(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_snake_case() {
        assert_eq!(legal_name("fitModel").as_deref(), Some("fit_model"));
        assert_eq!(legal_name("_ABTest2Run").as_deref(), Some("abtest2_run"));
        assert_eq!(legal_name("étape"), None);
        assert_eq!(legal_name("__"), None);
    }
}
