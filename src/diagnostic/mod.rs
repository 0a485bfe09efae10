//! What flowc tells people: diagnostics, their rules' identity, and one renderer per output format.
//! Knows no rule's logic.

use crate::source::Span;
use crate::target::Target;

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

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
