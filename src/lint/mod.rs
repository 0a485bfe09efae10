//! The rules: what is wrong with a flow, for every target or for one. Knows no output format.

use crate::diagnostic::{Diagnostic, RuleInfo};
use crate::flow::Step;
use crate::graph::FlowGraph;
use crate::target::{TargetVersion, ThisMachine};

pub mod attached;
pub mod balance;
mod artifacts;
pub mod partial;
pub mod rules;
pub mod select;
pub mod suppress;
pub mod uses;
pub mod words;

/// What a rule looks at.
pub struct Context<'a> {
    pub graph: &'a FlowGraph<'a>,
    /// None: only what holds for every target.
    pub target: Option<TargetVersion>,
    /// The Kubernetes namespace of the deployment; none where it is not known.
    pub namespace: Option<&'a str>,
}

/// Metaflow's `METAFLOW_KUBERNETES_NAMESPACE` where nothing is said.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A rule: identity and function. All stand in one list, [`rules::ALL`].
pub struct Rule {
    pub info: &'static RuleInfo,
    pub group: Group,
    pub check: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

impl Rule {
    pub const fn new(
        info: &'static RuleInfo,
        group: Group,
        check: fn(&Context<'_>, &mut Vec<Diagnostic>),
    ) -> Self {
        Self { info, group, check }
    }
}

/// Rules run group by group. The groups before [`Group::Anywhere`] look at the graph: each needs what the ones
/// before it make sure of, and is skipped when one of them found an error, so that one typo is one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Each step alone: names, signatures, tails, targets that exist.
    Steps,
    /// Needs known targets: loops.
    Loops,
    /// Needs a graph without loops: steps that nothing leads to.
    Reach,
    /// Needs all of the above: which join closes which split.
    Balance,
    /// Needs splits that are joined: who may meet at a join.
    Joins,
    /// Decorators, parameters, bodies: need no sound graph.
    Anywhere,
}

impl Group {
    const ALL: [Self; 6] = [
        Self::Steps,
        Self::Loops,
        Self::Reach,
        Self::Balance,
        Self::Joins,
        Self::Anywhere,
    ];
}

/// Proof that no rule reported an error: only this module makes one, and only from it a plan is made.
pub struct Checked<'a, T = TargetVersion> {
    pub graph: &'a FlowGraph<'a>,
    pub target: T,
    _seal: Seal,
}

/// Only this module can write one down.
struct Seal;

/// What the rules found, sorted by position and code.
pub struct Linted<'a, T = TargetVersion> {
    pub diagnostics: Vec<Diagnostic>,
    /// There when a target was given and nothing is an error.
    pub checked: Option<Checked<'a, T>>,
}

/// Runs the rules that hold for every target over a flow that is to run here.
pub fn run_here<'a>(graph: &'a FlowGraph<'a>, rules: &[Rule]) -> Linted<'a, ThisMachine> {
    let Linted {
        diagnostics,
        checked: _,
    } = run(graph, rules, None);
    let is_clean = !diagnostics.iter().any(Diagnostic::is_error);
    let checked = is_clean.then_some(Checked {
        graph,
        target: ThisMachine,
        _seal: Seal,
    });
    Linted { diagnostics, checked }
}

/// Runs the rules over one flow, in the default namespace.
pub fn run<'a>(graph: &'a FlowGraph<'a>, rules: &[Rule], target: Option<TargetVersion>) -> Linted<'a> {
    run_in(Some(DEFAULT_NAMESPACE), graph, rules, target)
}

/// Runs the rules over one flow that is to be deployed in a namespace of Kubernetes.
pub fn run_in<'a>(
    namespace: Option<&str>,
    graph: &'a FlowGraph<'a>,
    rules: &[Rule],
    target: Option<TargetVersion>,
) -> Linted<'a> {
    let context = Context {
        graph,
        target,
        namespace,
    };
    let mut diagnostics = Vec::new();
    // What the graph is rests on what the steps are.
    let is_whole = graph.flow.uncertain_steps.is_empty() && !graph.flow.has_raised_steps;
    let mut is_sound = is_whole;
    for group in Group::ALL {
        if !is_sound && group != Group::Anywhere {
            continue;
        }
        let before = diagnostics.len();
        for rule in rules.iter().filter(|rule| rule.group == group) {
            (rule.check)(&context, &mut diagnostics);
        }
        is_sound &= !diagnostics.iter().skip(before).any(Diagnostic::is_error);
        // Where a lambda leads to was not read, and that it is none was said.
        is_sound &= !graph.flow.steps.iter().any(Step::is_lambda);
    }
    diagnostics.retain(|found| is_whole || partial::stands_alone(found));
    for diagnostic in &mut diagnostics {
        diagnostic.flow.get_or_insert_with(|| graph.flow.name.clone());
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.rule.code));
    let is_clean = !diagnostics.iter().any(Diagnostic::is_error);
    let checked = target.filter(|_| is_clean).map(|target| Checked {
        graph,
        target,
        _seal: Seal,
    });
    Linted { diagnostics, checked }
}
