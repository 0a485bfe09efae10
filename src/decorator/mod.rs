//! Metaflow's decorators as declarations: which attributes each takes, and what it asks for.
//! One file per decorator; the catalog is the list at the end. Knows no syntax tree and no target's output.

use crate::diagnostic::Severity;
use crate::request::{FlowRequest, Request};
use crate::source::Span;
use crate::target::{Feature, Support, Target};
use crate::value::Value;

pub use kind::Kind;

pub mod cron;
pub mod image;
pub mod kubernetes_names;
pub mod kubernetes_values;
mod kind;
mod python_environment;
pub mod sensor;
pub mod spec;

pub mod airflow_external_task_sensor;
mod airflow_internal;
mod airflow_s3_key_sensor;
mod argo_workflows_internal;
mod batch;
mod card;
mod catch;
mod conda;
mod conda_base;
mod environment;
mod exit_hook;
mod kubernetes;
pub mod package_sources;
mod parallel;
mod project;
mod pypi;
mod pypi_base;
mod pytorch_parallel;
mod resources;
mod retry;
mod schedule;
mod secrets;
mod step_functions_internal;
pub mod timeout;
mod trigger;
mod trigger_on_finish;
mod unbounded_test_foreach_internal;

/// One decorator of Metaflow 2.19 (`metaflow.plugins`, `STEP_DECORATORS` and `FLOW_DECORATORS`).
#[derive(Debug)]
pub struct Decorator {
    pub name: &'static str,
    pub level: Level,
    /// May stand several times on one step or class.
    pub is_multiple: bool,
    /// Inserted by Metaflow itself; not for users.
    pub is_internal: bool,
    /// Takes its attributes by position too, in the order of declaration.
    pub is_positional: bool,
    /// What a target must be capable of.
    pub needs: Option<Feature>,
    /// In Metaflow's order of declaration, in which its messages list them.
    pub attributes: &'static [Attribute],
}

/// What a decorator is put on, and how it speaks to the plan.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    Step(fn(&Attributes<'_>, &mut Request)),
    Flow(fn(&Attributes<'_>, &mut FlowRequest)),
}

impl Decorator {
    /// An ordinary decorator; the rest is set by struct update.
    const fn new(name: &'static str, level: Level, attributes: &'static [Attribute]) -> Self {
        Self {
            name,
            level,
            is_multiple: false,
            is_internal: false,
            is_positional: false,
            needs: None,
            attributes,
        }
    }

    /// One that Metaflow's deployers attach; it asks for nothing.
    const fn internal(name: &'static str, attributes: &'static [Attribute]) -> Self {
        Self {
            is_internal: true,
            ..Self::new(name, Level::Step(asks_nothing), attributes)
        }
    }

    pub fn is_step_level(&self) -> bool {
        matches!(self.level, Level::Step(_))
    }

    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Of decorators that act inside the task alone.
fn asks_nothing(_: &Attributes<'_>, _: &mut Request) {}

/// One attribute ("Parameter" is a flow's parameter): what it accepts and where it has an effect.
#[derive(Debug)]
pub struct Attribute {
    pub name: &'static str,
    /// Metaflow's default as Python writes it: `"1"`, `None`, `{}`.
    pub default: &'static str,
    pub accepts: Kind,
    pub absent: Absent,
    /// What becomes of a value outside of `accepts`.
    pub outside: Outside,
    /// By target, in the order of [`Target::ALL`].
    pub support: [Support; 3],
}

/// What becomes of a value that an attribute does not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Metaflow refuses it, or dies of it, before any task runs.
    Refused,
    /// Metaflow lets it pass, and a target that uses the attribute refuses it or does without.
    Unchecked,
    /// It is taken for something else, or matters inside of the task alone.
    Harmless,
}

impl Outside {
    /// How bad it is, where the target (if one is asked for) uses the attribute or not.
    pub fn severity(self, is_used_by_target: bool) -> Severity {
        match self {
            Self::Refused => Severity::Error,
            Self::Unchecked if is_used_by_target => Severity::Error,
            Self::Unchecked | Self::Harmless => Severity::Warning,
        }
    }
}

/// Which values mean the same as leaving the attribute away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// None does: even `None` is a value.
    Never,
    None,
    /// All that Python takes for false: `None`, `0`, `""`, `[]`.
    Falsy,
}

impl Attribute {
    const fn new(name: &'static str, default: &'static str, accepts: Kind) -> Self {
        Self {
            name,
            default,
            accepts,
            absent: Absent::None,
            outside: Outside::Refused,
            support: [Support::Yes; 3],
        }
    }

    /// Metaflow lets a wrong value pass at definition time.
    const fn unchecked(self) -> Self {
        Self {
            outside: Outside::Unchecked,
            ..self
        }
    }

    /// A wrong value surprises at most.
    const fn harmless(self) -> Self {
        Self {
            outside: Outside::Harmless,
            ..self
        }
    }

    /// `None` is no value for it.
    const fn never_none(self) -> Self {
        Self {
            absent: Absent::Never,
            ..self
        }
    }

    const fn or_falsy(self) -> Self {
        Self {
            absent: Absent::Falsy,
            ..self
        }
    }

    const fn ignored_on(mut self, target: Target, reason: &'static str) -> Self {
        let [argo, step_functions, airflow] = &mut self.support;
        let support = match target {
            Target::Argo => argo,
            Target::StepFunctions => step_functions,
            Target::Airflow => airflow,
        };
        *support = Support::Ignored(reason);
        self
    }

    /// Is the value what the attribute means, or one that means nothing was said?
    pub fn takes(&self, value: &Value) -> bool {
        let is_absent = match self.absent {
            Absent::Never => false,
            Absent::None => *value == Value::None,
            Absent::Falsy => !value.is_truthy(),
        };
        is_absent || self.accepts.takes(value)
    }

    pub fn support(&self, target: Target) -> Support {
        let [argo, step_functions, airflow] = self.support;
        match target {
            Target::Argo => argo,
            Target::StepFunctions => step_functions,
            Target::Airflow => airflow,
        }
    }
}

/// The known attributes of one use of a decorator, read by the functions that turn it into a request.
/// Absent attributes and those written as `None` are `None`.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    pub span: Span,
    pub values: Vec<(&'a str, &'a Value)>,
}

impl<'a> Attributes<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let found = self.values.iter().rev().find(|(key, _)| *key == name);
        found
            .map(|(_, value)| *value)
            .filter(|value| !matches!(value, Value::None))
    }

    pub fn value(&self, name: &str) -> Option<Value> {
        self.get(name).cloned()
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(Value::is_truthy)
    }

    /// Python's `int(value)`.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::to_int)
    }
}

/// The decorator of this name, internal ones included.
pub fn find(name: &str) -> Option<&'static Decorator> {
    CATALOG.iter().copied().find(|decorator| decorator.name == name)
}

macro_rules! catalog {
    ($($name:ident,)+) => {
        /// All decorators, sorted by name.
        pub static CATALOG: &[&Decorator] = &[$(&$name::DECORATOR),+];
    };
}

catalog! {
    airflow_external_task_sensor,
    airflow_internal,
    airflow_s3_key_sensor,
    argo_workflows_internal,
    batch,
    card,
    catch,
    conda,
    conda_base,
    environment,
    exit_hook,
    kubernetes,
    package_sources,
    parallel,
    project,
    pypi,
    pypi_base,
    pytorch_parallel,
    resources,
    retry,
    schedule,
    secrets,
    step_functions_internal,
    timeout,
    trigger,
    trigger_on_finish,
    unbounded_test_foreach_internal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn attributes<'a>(written: &'a [(&'a str, Value)]) -> Attributes<'a> {
        let source = Sources::default().add("flow.py", "");
        Attributes {
            span: Span::new(source, 0, 0),
            values: written.iter().map(|(name, value)| (*name, value)).collect(),
        }
    }

    pub(super) fn lower_step(decorator: &Decorator, written: &[(&str, Value)]) -> Request {
        let mut request = Request::default();
        match decorator.level {
            Level::Step(lower) => lower(&attributes(written), &mut request),
            Level::Flow(_) => panic!("{} is of the flow", decorator.name),
        }
        request
    }

    pub(super) fn lower_flow(decorator: &Decorator, written: &[(&str, Value)]) -> FlowRequest {
        let mut request = FlowRequest::default();
        match decorator.level {
            Level::Flow(lower) => lower(&attributes(written), &mut request),
            Level::Step(_) => panic!("{} is of a step", decorator.name),
        }
        request
    }

    #[test]
    fn the_catalog_is_sorted_and_holds_its_own_defaults() {
        assert!(CATALOG.is_sorted_by_key(|decorator| decorator.name));
        assert_eq!(
            find("retry")
                .and_then(|retry| retry.attribute("times"))
                .map(|times| times.default),
            Some("'3'")
        );
        assert!(find("nope").is_none());
    }
}
