//! What all parts of reading share: the followed program, what was found wrong, and which flow and step is
//! being read. Knows no form of a step or a parameter.

use std::collections::BTreeSet;

use super::phase::{self, Place};
use super::{Flow, Inputs, LostHook, decorators, user_step};
use crate::diagnostic::Diagnostic;
use crate::python::Followed;
use crate::python::object::{Object, Thing};
use crate::source::{Sources, Span};
use crate::value::{Evaluated, Unknown};

pub(super) struct Reader<'r, 'a> {
    pub followed: &'r Followed<'a>,
    pub inputs: &'r Inputs<'r>,
    pub sources: &'r Sources,
    pub flow: Option<String>,
    pub step: Option<String>,
    /// Decorations that were judged: a function may be met as a step, and by another name.
    pub judged: BTreeSet<Span>,
    /// Of the flow that is being read.
    pub lost_hooks: Vec<LostHook>,
    diagnostics: Vec<Diagnostic>,
    /// Places of the unknowns that were reported: a constant used three times is one message.
    reported: BTreeSet<Span>,
    /// Names of `-D` that were asked for here.
    used_defines: BTreeSet<String>,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub fn new(followed: &'r Followed<'a>, inputs: &'r Inputs<'r>, sources: &'r Sources) -> Self {
        Self {
            followed,
            inputs,
            sources,
            flow: None,
            step: None,
            judged: BTreeSet::new(),
            lost_hooks: Vec::new(),
            diagnostics: followed.diagnostics.clone(),
            reported: followed.reported.clone(),
            used_defines: BTreeSet::new(),
        }
    }

    /// Reports a finding of the flow and step that are being read.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.flow.is_none() {
            diagnostic.flow.clone_from(&self.flow);
        }
        if diagnostic.step.is_none() {
            diagnostic.step.clone_from(&self.step);
        }
        self.diagnostics.push(diagnostic);
    }

    /// What is known of an argument; what it must not be is reported.
    pub fn evaluate(&mut self, thing: &Thing<'a>, span: Span, place: &Place<'_>) -> Evaluated {
        let evaluated = self.followed.evaluated(thing, span);
        if let Err(unknown) = &evaluated.result {
            self.report_unknown(unknown, place);
        }
        evaluated
    }

    /// Says once what is wrong with an expression that belongs to another phase. What merely cannot be known
    /// is no fault: the rules judge it.
    pub fn report_unknown(&mut self, unknown: &Unknown, place: &Place<'_>) {
        if unknown.why.is_unknown_value() || !self.reported.insert(unknown.span) {
            return;
        }
        if let Some(diagnostic) = phase::diagnostic(unknown, place) {
            self.report(diagnostic);
        }
        for further in self.followed.further(unknown.span) {
            self.report_unknown(&further, place);
        }
    }

    /// The value given by `-D` under the first of these names that was given, for something opaque.
    pub fn define(&mut self, names: &[String], evaluated: Evaluated) -> Evaluated {
        let defines = self.inputs.defines;
        let Some(name) = names.iter().find(|name| defines.contains_key(*name)) else {
            return evaluated;
        };
        self.used_defines.insert(name.clone());
        let is_opaque = matches!(&evaluated.result, Err(unknown) if unknown.why.is_unknown_value());
        match defines.get(name) {
            Some(value) if is_opaque => Evaluated {
                result: Ok(value.clone()),
                ..evaluated
            },
            Some(_) if evaluated.result.is_ok() => {
                self.report(phase::known_anyway(name, evaluated.span));
                evaluated
            }
            Some(_) | None => evaluated,
        }
    }

    /// What Metaflow and Python would refuse outside of the flows that were read: of other classes, of functions
    /// at module level, of statements.
    pub fn outside_of_flows(&mut self) {
        let followed = self.followed;
        for class in &followed.classes {
            decorators::judge_methods(self, class);
            user_step::judge_class(self, class);
            decorators::judge_class(self, class);
        }
        let module = followed
            .entry
            .iter()
            .flat_map(|module| module.namespace.entries());
        for (_, binding) in module {
            if let Object::Function(function) = &binding.thing.object {
                decorators::judge_function(self, function);
                user_step::judge(self, function, &[]);
            }
        }
        for unknown in &followed.raised {
            self.report_unknown(unknown, &Place::Module);
        }
    }

    /// Judges the names of `-D` that were of no use: those of known values, and those that begin like a part of one
    /// of these flows. The others are given back: they may be meant for other files.
    pub fn unused_defines(&mut self, flows: &[Flow]) -> Vec<String> {
        let mut stray = Vec::new();
        let unused = self
            .inputs
            .defines
            .keys()
            .filter(|name| !self.used_defines.contains(*name));
        for name in unused.cloned().collect::<Vec<_>>() {
            match self.followed.define_met(&name) {
                Some((_, true)) => continue,
                Some((span, false)) => {
                    self.report(phase::known_anyway(&name, span));
                    continue;
                }
                None => {}
            }
            let first = name.split('.').next().unwrap_or_default();
            let owner = flows
                .iter()
                .find(|flow| flow.name == first || flow.step(first).is_some());
            if let Some(flow) = owner.filter(|_| name.contains('.')) {
                let span = flow.step(first).map_or(flow.span, |step| step.span);
                self.report(phase::leads_nowhere(&name, span).flow(&flow.name));
            } else {
                stray.push(name);
            }
        }
        stray
    }

    pub fn finish(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}
