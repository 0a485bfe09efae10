//! A flow as its source states it: steps, transitions, parameters, decorators. Nothing is judged here but
//! what only reading can see. Knows no graph and no target.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ruff_text_size::Ranged;

use crate::decorator::Decorator;
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use crate::value::{Evaluated, Unknown, Value};

pub use crate::python::{Configs, Entry, Inputs, KnownDecorator};
pub use attached::{attached, attached_to};
pub use parameter::bool_of;

mod attached;
mod body;
mod class;
mod construction;
mod decorators;
mod deploy_time;
mod discover;
mod docstring;
mod hooks;
pub mod literals;
mod parameter;
mod perhaps_parameter;
mod phase;
mod reader;
mod results;
mod repeated;
pub mod rules;
mod step;
mod storable;
mod transition;
mod uncertain;
mod unknowns;
mod user_step;

pub use discover::read;
pub use phase::stray_define;
pub use unknowns::{UnknownUse, unknowns};

/// What was read of one entry file.
#[derive(Debug, Default)]
pub struct Reading {
    /// The flow classes that the file runs or defines, in source order.
    pub flows: Vec<Flow>,
    /// Flows that the file defines and does not run, while it runs others: they were not read.
    pub left_out: Vec<LeftOut>,
    /// Not sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was looked at, in order, as named in `Sources`; with the digest's inputs in mind.
    pub files_read: Vec<PathBuf>,
    /// Sources with syntax errors in which lines of a flow may have got lost.
    pub partial: BTreeSet<SourceId>,
    /// Names of `-D` that nothing in the program has.
    pub stray_defines: Vec<String>,
}

/// A flow class that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub name: String,
    /// Of the class's name.
    pub span: Span,
}

/// One class derived from `FlowSpec`, its bases followed into other files.
#[derive(Clone, Debug)]
pub struct Flow {
    pub name: String,
    /// Of the class's name.
    pub span: Span,
    /// Names of the direct bases as written.
    pub bases: Vec<String>,
    /// Names of all classes of the project that it derives from, however far.
    pub ancestors: Vec<Span>,
    pub docstring: Option<String>,
    /// Class decorators in source order (outermost first), of bases too (those follow).
    pub decorators: Vec<DecoratorUse>,
    /// `Parameter`s, `IncludeFile`s and `Config`s, sorted by variable name (Metaflow's order).
    pub parameters: Vec<Parameter>,
    /// Names of flow mutators, in source order.
    pub mutators: Vec<String>,
    /// Class attributes that become constant artifacts, sorted by name.
    pub constants: Vec<Constant>,
    /// Sorted by name in code-point order (Metaflow's `dir()` order).
    pub steps: Vec<Step>,
    /// Names of all other attributes of the class: methods, properties, nested classes; sorted.
    pub members: Vec<String>,
    /// Members that may be steps, for all that can be told. The graph is not known then.
    pub uncertain_steps: Vec<UncertainStep>,
    /// Attributes that may be parameters, for all that can be told.
    pub uncertain_parameters: Vec<UncertainParameter>,
    /// A decorator raises on what was meant as a step: Python never makes the class, and nobody knows its graph.
    pub has_raised_steps: bool,
    /// Decorators of Metaflow that are called on something unknown, by their names: perhaps on a step of this flow.
    pub astray: Vec<(String, Unknown)>,
    /// Hooks of `@exit_hook` that will not be found when they are to run.
    pub lost_hooks: Vec<LostHook>,
    /// The file calls the class at module level; one that nobody calls does nothing when the file is run.
    pub is_run: bool,
    /// The file calls something of which nobody can tell whether it is the class.
    pub is_perhaps_run: bool,
    /// Why its name is not known: `TrainFlow.__name__ = read()`.
    pub unknown_name: Option<Unknown>,
    /// Why the class may have members that cannot be seen: it sets names that are computed.
    pub unknown_members: Option<Unknown>,
    /// Bases that are not followed and may bring parameters, steps and decorators.
    pub unknown_bases: Vec<UnknownBase>,
    /// A base class is from elsewhere, or not known: there may be more attributes than these.
    pub has_foreign_base: bool,
}

impl Flow {
    /// A flow of nothing but a name.
    pub fn new(name: impl Into<String>, span: Span) -> Self {
        Self {
            name: name.into(),
            span,
            bases: Vec::new(),
            ancestors: Vec::new(),
            docstring: None,
            decorators: Vec::new(),
            parameters: Vec::new(),
            mutators: Vec::new(),
            constants: Vec::new(),
            steps: Vec::new(),
            members: Vec::new(),
            uncertain_steps: Vec::new(),
            uncertain_parameters: Vec::new(),
            has_raised_steps: false,
            astray: Vec::new(),
            lost_hooks: Vec::new(),
            is_run: true,
            is_perhaps_run: false,
            unknown_name: None,
            unknown_members: None,
            unknown_bases: Vec::new(),
            has_foreign_base: false,
        }
    }

    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The names of its `Config`s, for which `--config` may give a content; nothing where there may be others.
    pub fn config_names(&self) -> Option<Vec<&str>> {
        let configs = self
            .parameters
            .iter()
            .filter(|parameter| parameter.kind == ParameterKind::Config);
        let configs: Vec<&Parameter> = configs.collect();
        let is_certain = !self.has_foreign_base
            && self.uncertain_parameters.is_empty()
            && !configs.iter().any(|config| config.known_name().is_none());
        is_certain.then(|| configs.iter().map(|config| config.name.as_str()).collect())
    }

    pub fn decorators_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a DecoratorUse> {
        self.decorators
            .iter()
            .filter(move |decorator| decorator.name == name)
    }
}

/// A base of a flow, or of a class that it derives from, beside `FlowSpec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownBase {
    /// Where it stands as a base.
    pub span: Span,
    /// As written.
    pub name: String,
    /// The class that names it.
    pub of: String,
    /// One of two classes, by an `if` or a `try` around their imports.
    pub is_either: bool,
}

/// A hook of `@exit_hook` that is looked for by its name in the flow's file (a dotted one in its module), in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostHook {
    /// Of the attribute.
    pub span: Span,
    pub name: String,
    /// It was written as a text; else it is the name of the function that was given.
    pub is_text: bool,
    pub why: LostWhy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostWhy {
    /// `near`: the function there that was perhaps meant.
    Absent { near: Option<String> },
    /// Something there has the name, which cannot be called.
    NoFunction,
}

#[derive(Clone, Debug)]
pub struct Constant {
    pub name: String,
    pub span: Span,
    pub value: Evaluated,
}

/// A method with `@step`.
#[derive(Clone, Debug)]
pub struct Step {
    /// The attribute's name, which is the step's.
    pub name: String,
    /// Of the name in the `def` line (its line is Metaflow's `func_lineno`).
    pub span: Span,
    /// The whole definition with decorators.
    pub definition: Span,
    pub docstring: Option<String>,
    /// Of the function that is called: [`Form::Plain`] where the project wraps it.
    pub form: Form,
    /// Count of plain positional-or-keyword parameters (`len(args.args)`): 2 makes a join.
    pub argument_count: usize,
    /// Name of the first of them.
    pub first_argument: Option<String>,
    pub tail: Tail,
    /// `@step(start=True)`, `@step(end=True)`.
    pub is_annotated_start: bool,
    pub is_annotated_end: bool,
    /// In source order, outermost first.
    pub decorators: Vec<DecoratorUse>,
    /// What the body does, as far as it can be seen.
    pub body: Body,
}

impl Step {
    /// Made of a lambda, which no step can be: of its body nothing was read.
    pub fn is_lambda(&self) -> bool {
        self.argument_count == 1 && self.first_argument.is_none()
    }

    /// A step `def name(self)` without a transition.
    pub fn new(name: impl Into<String>, span: Span) -> Self {
        Self {
            name: name.into(),
            span,
            definition: span,
            docstring: None,
            form: Form::Plain,
            argument_count: 1,
            first_argument: Some("self".to_owned()),
            tail: Tail::Missing,
            is_annotated_start: false,
            is_annotated_end: false,
            decorators: Vec::new(),
            body: Body::default(),
        }
    }

    /// Where an artifact is set to items, and how many: where the step sets it once and nothing that it calls can set
    /// it too (`self.pick()`, `pick(self)`).
    pub fn set_items(&self, artifact: &str) -> Option<(Span, usize)> {
        let body = &self.body;
        let mut counted = body.counted.iter();
        let (named, count) = counted.find(|(named, _)| named.name == artifact)?;
        let is_set = |named: &&Named| named.name == artifact;
        let is_sure = !body.is_opaque
            && body.assigned.iter().filter(is_set).count() == 1
            && !body.set_by_helpers.iter().any(|named| named.name == artifact);
        is_sure.then_some((named.span, *count))
    }

    /// The same where nothing looks at the list but the foreach: who has it may make it longer
    /// (`self.items.append(x)`).
    pub fn known_items(&self, artifact: &str) -> Option<(Span, usize)> {
        let tail = self.tail_span();
        let is_in_tail = |named: &Named| {
            tail.is_some_and(|tail| {
                tail.source == named.span.source && (tail.start..tail.end).contains(&named.span.start)
            })
        };
        let mut read = self.body.read.iter();
        let is_read = read.any(|named| named.name == artifact && !is_in_tail(named))
            || self.body.probed.iter().any(|name| name == artifact)
            || self.body.read_by_helpers.iter().any(|name| name == artifact);
        self.set_items(artifact).filter(|_| !is_read)
    }

    /// The steps that its tail names, in source order, repetitions kept (`out_funcs`).
    pub fn targets(&self) -> Vec<&StepName> {
        match &self.tail {
            Tail::Missing => Vec::new(),
            Tail::Invalid { targets, .. } => targets.iter().collect(),
            Tail::Next { transition, .. } => transition.targets(),
        }
    }

    /// Where its tail `self.next(…)` stands.
    pub fn tail_span(&self) -> Option<Span> {
        match &self.tail {
            Tail::Missing => None,
            Tail::Invalid { span, .. } | Tail::Next { span, .. } => Some(*span),
        }
    }

    pub fn decorators_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a DecoratorUse> {
        self.decorators
            .iter()
            .filter(move |decorator| decorator.name == name)
    }

    pub fn has(&self, decorator: &str) -> bool {
        self.decorators.iter().any(|used| used.name == decorator)
    }
}

/// The last statement of a step's body, which alone Metaflow looks at.
#[derive(Clone, Debug)]
pub enum Tail {
    /// No `self.next(…)` there.
    Missing,
    /// A `self.next(…)` that Metaflow does not accept. `targets`: what it records nevertheless.
    Invalid {
        /// The statement.
        span: Span,
        /// The part of it that is to blame.
        at: Span,
        problem: String,
        targets: Vec<StepName>,
        /// `foreach` or `num_parallel` where that alone stands there: Metaflow calls the step a foreach all the same.
        only_keyword: Option<&'static str>,
    },
    Next {
        span: Span,
        transition: Transition,
    },
}

/// `self.next(…)` in its accepted forms.
#[derive(Clone, Debug)]
pub enum Transition {
    /// `self.next(self.a)`
    Linear(StepName),
    /// `self.next(self.a, self.b)`, two or more
    Split(Vec<StepName>),
    /// `self.next(self.a, foreach="xs")`; the name is none where the argument is no text literal
    Foreach {
        target: StepName,
        variable: Option<String>,
        /// What stands there where it is no text.
        no_name: Option<NoName>,
        variable_span: Span,
    },
    /// `self.next(self.a, num_parallel=4)`; the count is none where it is no literal
    Parallel {
        target: StepName,
        count: Option<i64>,
        count_span: Span,
    },
    /// `self.next({"k": self.a, …}, condition="v")`
    Switch {
        cases: Vec<Case>,
        condition: String,
        condition_span: Span,
        /// Further keywords, which the graph does not look at and the task refuses.
        further_keywords: Vec<Span>,
    },
}

/// What `foreach=` is given in place of a name.
#[derive(Clone, Debug, PartialEq)]
pub enum NoName {
    /// A literal of another type, which Metaflow records (`foreach=5`).
    Literal(Value),
    /// `foreach=self.models`: the artifact itself.
    Artifact(String),
    /// `foreach=[1, 2]`: the items themselves, in such a type.
    Items(&'static str),
    Expression,
}

/// How the function of a step is written, which decides what calling it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Plain,
    /// `async def`: the call makes a coroutine.
    Coroutine,
    /// With a `yield`: the call makes a generator.
    Generator,
}

/// One case of a switch, after keys that are equal in Python were merged (first key, last target).
#[derive(Clone, Debug)]
pub struct Case {
    /// As Metaflow records it: a constant, or the text `config:cfg.key` for `self.cfg.key`.
    pub key: Value,
    pub key_span: Span,
    pub target: StepName,
}

/// A step named in a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepName {
    pub name: String,
    pub span: Span,
}

impl Transition {
    /// The steps named, in source order, repetitions kept (Metaflow's `out_funcs`).
    pub fn targets(&self) -> Vec<&StepName> {
        match self {
            Self::Linear(target) | Self::Foreach { target, .. } | Self::Parallel { target, .. } => {
                vec![target]
            }
            Self::Split(targets) => targets.iter().collect(),
            Self::Switch { cases, .. } => cases.iter().map(|case| &case.target).collect(),
        }
    }
}

/// A name of the flow under which a step may stand: `if HAS_GPU:` around two `def start(self)`, a decorator from outside.
#[derive(Clone, Debug)]
pub struct UncertainStep {
    pub name: String,
    pub unknown: Unknown,
}

/// An attribute of the flow that may be a parameter: `if HAS_GPU:` around two of them, one that a package makes.
#[derive(Clone, Debug)]
pub struct UncertainParameter {
    pub name: String,
    pub unknown: Unknown,
}

/// What a step's body says about artifacts and transitions, for the rules on data flow.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// `self.x = …`, `self.x += …`, `self.x: T = …`, `del self.x`; in source order.
    pub assigned: Vec<Named>,
    /// Those that are set to a list whose length is written, under no condition: `self.x = [1, 2]`,
    /// `self.x = list(range(9))`.
    pub counted: Vec<(Named, usize)>,
    /// `self.x` read, in source order.
    pub read: Vec<Named>,
    /// Methods called on `self`, other than `next` and `merge_artifacts`: `self.helper()`.
    pub calls: Vec<Named>,
    /// What those methods of the flow assign, where they could be followed.
    pub set_by_helpers: Vec<Named>,
    /// What those methods read.
    pub read_by_helpers: Vec<String>,
    /// Every `self.next(…)` that is not the tail statement.
    pub other_nexts: Vec<OtherNext>,
    /// The body uses `setattr(self, name, …)`, `self.__dict__`, passes `self` on: more may be assigned than is seen.
    pub is_opaque: bool,
    /// `self.merge_artifacts(…)` calls.
    pub merges: Vec<Merge>,
    /// A method does it that the step calls.
    pub is_merged_by_helpers: bool,
    /// Names asked for by `hasattr(self, "x")` or `getattr(self, "x", …)`: they may be missing.
    pub probed: Vec<String>,
}

impl Body {
    /// Does the step set this artifact, itself or by a method it calls?
    pub fn sets(&self, name: &str) -> bool {
        let set = self.assigned.iter().chain(&self.set_by_helpers);
        set.into_iter().any(|named| named.name == name)
    }
}

#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub span: Span,
    /// It stands where its failure is caught: `try: self.x = 1` with an `except AttributeError`.
    pub is_attempted: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Merge {
    pub span: Span,
    /// It stands in a `try` or `with`, or in a function that may be called in one: its failure may be meant.
    pub is_attempted: bool,
}

#[derive(Clone, Debug)]
pub struct OtherNext {
    pub span: Span,
    /// `if`, `for`, `while`, `try`, `with`, `match`, `nested function`, `return`, `expression` (`x = self.next(…)`),
    /// or nothing where it is a statement of its own at top level.
    pub inside: Option<&'static str>,
    pub targets: Vec<String>,
}

/// One use of a decorator on a step or class.
#[derive(Clone, Debug)]
pub struct DecoratorUse {
    /// Metaflow's name (`retry`, however it was imported), else the dotted name as written.
    pub name: String,
    pub kind: DecoratorKind,
    /// The expression behind the `@`.
    pub span: Span,
    /// As written, in source order, splats expanded.
    pub attributes: Vec<AttributeUse>,
    /// A `*x` or `**x` whose content is not known: there may be more attributes than these.
    pub unknown_arguments: Option<Unknown>,
    /// Why it cannot be told which decorator it is, or whether it is applied, where it may be one of Metaflow's.
    pub undecided: Option<(Undecided, Unknown)>,
}

/// What is not known of a decorator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    Which,
    Whether,
}

#[derive(Clone, Copy, Debug)]
pub enum DecoratorKind {
    /// In the catalog.
    Known(&'static Decorator),
    /// A `@user_step_decorator` of the project: wraps the run time only.
    UserStep,
    /// A `FlowMutator` or `StepMutator`: rewrites the flow at import.
    Mutator,
    /// From another package, or one that could not be followed.
    ThirdParty,
}

#[derive(Clone, Debug)]
pub struct AttributeUse {
    pub name: String,
    pub name_span: Span,
    pub value: Evaluated,
    /// The texts that stand in the value's source.
    pub literals: Vec<literals::Literal>,
    /// A key of a Config (`**config.sizes`): Metaflow does not look whether there is such an attribute.
    pub is_unchecked: bool,
}

impl DecoratorUse {
    pub fn attribute(&self, name: &str) -> Option<&AttributeUse> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// A `Parameter`, `IncludeFile` or `Config` of the class.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub kind: ParameterKind,
    /// The first argument: the option's name.
    pub name: String,
    /// Of that argument.
    pub name_span: Span,
    /// The class attribute that holds it.
    pub variable: String,
    /// Of the variable.
    pub span: Span,
    /// The call.
    pub call: Span,
    /// Arguments as written except the name; positional ones under their names.
    pub attributes: Vec<AttributeUse>,
    /// The type as Metaflow infers it from `type=` and `default=`.
    pub value_type: ParameterType,
    /// For an `IncludeFile` or a `Config`: the content, where it was given or could be read.
    pub content: Option<Value>,
    /// For a `Config`: what that content is read from.
    pub text: ConfigText,
    /// A function gives the default when the flow is deployed.
    pub is_computed: bool,
    /// Why the option's name is not known: `name` is the variable's then.
    pub unknown_name: Option<Unknown>,
    /// A `*x` or `**x` among its arguments that is not known.
    pub unknown_arguments: Option<Unknown>,
}

/// What a `Config` reads, as its parser gets it.
#[derive(Clone, Debug, Default)]
pub enum ConfigText {
    /// Nothing is given, or it is no `Config`.
    #[default]
    Absent,
    Given(String),
    Unknown(Unknown),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    Parameter,
    IncludeFile,
    Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    Str,
    Int,
    Float,
    Bool,
    Json,
    File,
    /// `list`, `dict`, a function, `click.Choice` …: whatever click makes of it.
    Other,
}

impl Parameter {
    pub fn attribute(&self, name: &str) -> Option<&AttributeUse> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The option's name, where it is known.
    pub fn known_name(&self) -> Option<&str> {
        self.unknown_name.is_none().then_some(self.name.as_str())
    }

    pub fn default(&self) -> Option<&Evaluated> {
        self.attribute("default").map(|attribute| &attribute.value)
    }

    /// `required=True` without a default.
    pub fn is_required(&self) -> bool {
        let required = self
            .attribute("required")
            .and_then(|attribute| attribute.value.value());
        required.is_some_and(Value::is_truthy)
            && self.unknown_arguments.is_none()
            && self
                .default()
                .is_none_or(|default| matches!(default.result, Ok(Value::None)))
    }
}

/// The place of a node of the syntax tree.
fn span_of(source: SourceId, node: impl Ranged) -> Span {
    Span::new(source, node.start().to_u32(), node.end().to_u32())
}
