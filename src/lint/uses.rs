//! Uses of Metaflow's decorators in a flow, as the rules look at them. Judges nothing.

use super::Context;
use crate::decorator::{Attribute, Attributes, Decorator};
use crate::diagnostic::{Diagnostic, RuleInfo, Severity};
use crate::flow::literals::Literal;
use crate::flow::{AttributeUse, DecoratorKind, DecoratorUse, Step};
use crate::source::Span;
use crate::target::{Support, Target};
use crate::value::Value;

/// A decorator of the catalog on a step, or on the class where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    pub step: Option<&'a Step>,
    pub written: &'a DecoratorUse,
    pub decorator: &'static Decorator,
}

/// An attribute as written, its value known.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub span: Span,
    pub value: &'a Value,
    literals: &'a [Literal],
}

impl Written<'_> {
    /// Where a text stands in the value; the whole value where it is not written there, or more than once.
    pub fn place(&self, text: &str) -> Span {
        let mut found = self.literals.iter().filter(|(literal, _)| literal == text);
        match (found.next(), found.next()) {
            (Some((_, span)), None) => *span,
            (Some(_), Some(_)) | (None, _) => self.span,
        }
    }
}

impl<'a> Use<'a> {
    fn new(step: Option<&'a Step>, written: &'a DecoratorUse) -> Option<Self> {
        let DecoratorKind::Known(decorator) = written.kind else {
            return None;
        };
        Some(Self {
            step,
            written,
            decorator,
        })
    }

    pub fn span(&self) -> Span {
        self.written.span
    }

    /// The attribute, where it is written and known.
    pub fn get(&self, name: &str) -> Option<Written<'a>> {
        self.written.attribute(name).and_then(known)
    }

    /// The attribute, where it is written, known and true for Python.
    pub fn truthy(&self, name: &str) -> Option<Written<'a>> {
        self.get(name).filter(|written| written.value.is_truthy())
    }

    /// All attributes that are written and known.
    pub fn known(&self) -> impl Iterator<Item = (&'a AttributeUse, Written<'a>)> + use<'a> {
        let attributes = self.written.attributes.iter();
        attributes.filter_map(|attribute| Some((attribute, known(attribute)?)))
    }

    /// Is everything known that is written? Else nothing can be said of what is missing.
    pub fn is_complete(&self) -> bool {
        let attributes = &self.written.attributes;
        !self.hides_attributes() && attributes.iter().all(|used| used.value.value().is_some())
    }

    /// May the attribute hold something: written with whatever value, misspelt, or hidden in a `**x`?
    pub fn may_have(&self, name: &str) -> bool {
        self.written.attribute(name).is_some() || self.hides_attributes()
    }

    fn hides_attributes(&self) -> bool {
        let mut attributes = self.written.attributes.iter();
        self.written.unknown_arguments.is_some()
            || attributes.any(|used| self.decorator.attribute(&used.name).is_none() && !used.is_unchecked)
    }

    /// Is the attribute written as `name=value` in the decorator, not as a key of a dict that is unpacked?
    /// Only then the spans are those of its name and value alone.
    pub fn is_keyword(&self, attribute: &AttributeUse) -> bool {
        let (name, value, whole) = (attribute.name_span, attribute.value.span, self.span());
        let is_inside = name.source == whole.source && name.start >= whole.start && value.end <= whole.end;
        let length = usize::try_from(name.end - name.start);
        is_inside
            && name.source == value.source
            && name.end < value.start
            && length == Ok(attribute.name.len())
    }

    /// Does the attribute reach the target's definition?
    pub fn reaches(&self, attribute: &Attribute, target: Target) -> bool {
        let needs = self
            .decorator
            .needs
            .map_or(Support::Yes, |feature| target.supports(feature));
        [needs, attribute.support(target)] == [Support::Yes; 2]
    }

    /// A finding about an attribute: an error where a target is asked that uses it.
    pub fn for_target(&self, context: &Context<'_>, attribute: &str, finding: Diagnostic) -> Diagnostic {
        let declared = self.decorator.attribute(attribute);
        match context.target.map(|target| target.target) {
            Some(target) if declared.is_some_and(|attribute| self.reaches(attribute, target)) => {
                finding.severity(Severity::Error).target(target)
            }
            Some(_) | None => finding,
        }
    }

    /// For the functions that turn attributes into a request.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes {
            span: self.span(),
            values: self
                .known()
                .map(|(attribute, written)| (attribute.name.as_str(), written.value))
                .collect(),
        }
    }

    /// A finding in this use.
    pub fn finding(&self, rule: &'static RuleInfo, span: Span, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(rule, span, message);
        match self.step {
            Some(step) => diagnostic.step(step.name.clone()),
            None => diagnostic,
        }
    }
}

fn known(attribute: &AttributeUse) -> Option<Written<'_>> {
    let value = attribute.value.value()?;
    Some(Written {
        span: attribute.value.span,
        value,
        literals: &attribute.literals,
    })
}

/// Every use of a decorator of the catalog: on the class, then step by step.
pub fn all<'a>(context: &Context<'a>) -> impl Iterator<Item = Use<'a>> + use<'a> {
    let flow = context.graph.flow;
    let on_class = flow
        .decorators
        .iter()
        .filter_map(|written| Use::new(None, written));
    on_class.chain(flow.steps.iter().flat_map(on_step))
}

/// The uses of one decorator.
pub fn named<'a>(context: &Context<'a>, name: &'static str) -> impl Iterator<Item = Use<'a>> + use<'a> {
    all(context).filter(move |used| used.decorator.name == name)
}

/// The uses on one step.
pub fn on_step(step: &Step) -> impl Iterator<Item = Use<'_>> {
    step.decorators
        .iter()
        .filter_map(move |written| Use::new(Some(step), written))
}

/// The first use of one decorator on a step.
pub fn first<'a>(step: &'a Step, name: &str) -> Option<Use<'a>> {
    on_step(step).find(|used| used.decorator.name == name)
}

/// The first of several decorators that stands on a step.
pub fn any<'a>(step: &'a Step, names: &[&str]) -> Option<Use<'a>> {
    on_step(step).find(|used| names.contains(&used.decorator.name))
}

/// A value in a message: its Python text, cut where it is long.
pub fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_repr();
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("`{start}…`")
}
