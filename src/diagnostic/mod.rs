//! What flowc tells people: diagnostics, their rules' identity, and one renderer per output format.
//! Knows no rule's logic.

use serde::Serialize;

use crate::source::{Shift, Sources, Span};
use crate::target::Target;

pub mod concise;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod rdjson;
pub mod sarif;
mod nearest;

pub use nearest::nearest;

/// How bad a finding is. *Error*: Metaflow or the target would refuse the flow, or the output would not do
/// what the flow says. *Warning*: it compiles but will surprise. *Note*: worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A rule's identity and page. Each is a `static` in the rule's own file, made by [`declare_rule!`](crate::declare_rule).
#[derive(Debug)]
pub struct RuleInfo {
    /// `FLC101`; never reused.
    pub code: &'static str,
    /// Kebab case, names the fault: `unknown-step`.
    pub name: &'static str,
    /// The severity of its findings unless a finding says otherwise.
    pub severity: Severity,
    /// The doc comment: Markdown with sections `## Wrong`, `## Right`, `## What Metaflow says`.
    pub page: &'static str,
}

impl RuleInfo {
    /// The first sentence of the page.
    pub fn summary(&self) -> &'static str {
        self.page.trim_start().split("\n\n").next().unwrap_or("").trim()
    }
}

/// Declares a rule's `static RuleInfo`; the doc comment becomes its page (`flowc explain`, `docs/rules.md`).
///
/// ```
/// flowc::declare_rule! {
///     /// A step calls `self.next` with a step that does not exist.
///     pub static UNKNOWN_STEP: error "FLC110" "unknown-step";
/// }
/// assert_eq!(UNKNOWN_STEP.name, "unknown-step");
/// ```
#[macro_export]
macro_rules! declare_rule {
    ($(#[doc = $doc:expr])+ $vis:vis static $ident:ident: $severity:ident $code:literal $name:literal;) => {
        $(#[doc = $doc])+
        $vis static $ident: $crate::diagnostic::RuleInfo = $crate::diagnostic::RuleInfo {
            code: $code,
            name: $name,
            severity: $crate::declare_rule!(@severity $severity),
            page: concat!($($doc, "\n"),+),
        };
    };
    (@severity error) => { $crate::diagnostic::Severity::Error };
    (@severity warning) => { $crate::diagnostic::Severity::Warning };
    (@severity note) => { $crate::diagnostic::Severity::Note };
}

/// One finding. The message stands alone: lower case, no final dot, code in backticks.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub rule: &'static RuleInfo,
    pub severity: Severity,
    pub message: String,
    pub span: Span,
    /// What the caret at `span` says, often nothing.
    pub caption: Option<String>,
    /// Other places that belong to the story.
    pub labels: Vec<Label>,
    /// The legal ways out.
    pub help: Vec<String>,
    pub fix: Option<Fix>,
    pub flow: Option<String>,
    pub step: Option<String>,
    /// The targets it is about; empty where it holds for all.
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// An edit that resolves the finding.
#[derive(Clone, Debug)]
pub struct Fix {
    pub title: String,
    /// `false`: it may change what the program does (`unsafe` in JSON).
    pub is_safe: bool,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Diagnostic {
    pub fn new(rule: &'static RuleInfo, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            span,
            caption: None,
            labels: Vec::new(),
            help: Vec::new(),
            fix: None,
            flow: None,
            step: None,
            targets: Vec::new(),
        }
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    #[must_use]
    pub fn flow(mut self, name: impl Into<String>) -> Self {
        self.flow = Some(name.into());
        self
    }

    #[must_use]
    pub fn step(mut self, name: impl Into<String>) -> Self {
        self.step = Some(name.into());
        self
    }

    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// The same finding after its source was absorbed by another [`Sources`].
    #[must_use]
    pub fn moved(mut self, shift: Shift) -> Self {
        self.span = self.span.moved(shift);
        for label in &mut self.labels {
            label.span = label.span.moved(shift);
        }
        for edit in self.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = edit.span.moved(shift);
        }
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts by file, position and code; what is said twice (of two targets, of a base class that two flows share)
/// is said once, about all of its targets.
pub fn in_order(sources: &Sources, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| order(sources, a).cmp(&order(sources, b)));
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        match kept
            .iter_mut()
            .rev()
            .take_while(|other| other.span == diagnostic.span)
            .find(|other| is_same(other, &diagnostic))
        {
            Some(other) => merge_targets(other, &diagnostic),
            None => kept.push(diagnostic),
        }
    }
    kept
}

fn order<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> impl Ord + use<'a> {
    let Span { source, start, end } = diagnostic.span;
    (
        sources.get(source).name(),
        start,
        diagnostic.rule.code,
        end,
        &diagnostic.message,
        &diagnostic.flow,
    )
}

fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.rule.code == b.rule.code && a.message == b.message && a.severity == b.severity
}

/// A finding that holds for every target stays one.
fn merge_targets(kept: &mut Diagnostic, other: &Diagnostic) {
    if kept.targets.is_empty() || other.targets.is_empty() {
        kept.targets.clear();
        return;
    }
    kept.targets.extend(&other.targets);
    kept.targets.sort_unstable();
    kept.targets.dedup();
}

/// How many findings of each kind, in how many files and flows; as data it stands in documents like this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub files: usize,
    pub flows: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// With a safe fix.
    pub fixable: usize,
}

impl Summary {
    pub fn new(files: usize, flows: usize, diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| {
            diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == severity)
                .count()
        };
        let is_fixable = |diagnostic: &&Diagnostic| diagnostic.fix.as_ref().is_some_and(|fix| fix.is_safe);
        Self {
            files,
            flows,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            fixable: diagnostics.iter().filter(is_fixable).count(),
        }
    }
}

/// Where the project lives on the web, once it does.
pub const HOME: Option<&str> = {
    let home = env!("CARGO_PKG_REPOSITORY");
    if home.is_empty() { None } else { Some(home) }
};

/// Where a rule's page stands on the web.
pub fn url(rule: &RuleInfo) -> Option<String> {
    HOME.map(|home| {
        format!(
            "{home}/blob/main/docs/rules.md#{}",
            rule.code.to_ascii_lowercase()
        )
    })
}
