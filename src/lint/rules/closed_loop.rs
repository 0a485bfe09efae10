//! A loop other than a switch to itself.

use petgraph::graph::NodeIndex;

use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::graph::{FlowGraph, NodeKind, PerStep};
use crate::lint::Context;

declare_rule! {
    /// Steps lead back to each other in a circle. A flow runs from start to end; the only way to repeat is a switch that names its own step as one of the cases.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class CircleFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self):
    ///         self.next(self.judge)
    ///
    ///     @step
    ///     def judge(self):
    ///         self.verdict = "good"
    ///         self.next({"bad": self.fit, "good": self.end}, condition="verdict")
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     CircleFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class CircleFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.fit)
    ///
    ///     @step
    ///     def fit(self):
    ///         self.verdict = "good"
    ///         self.next({"bad": self.fit, "good": self.end}, condition="verdict")
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     CircleFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `There is a loop in your flow: *judge->fit->judge*. Break the loop by fixing self.next() transitions.` (2.19.39)
    pub static INFO: error "FLC116" "closed-loop";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let graph = context.graph;
    let mut search = Search {
        graph,
        state: PerStep::filled(State::New, graph.nodes.len()),
        path: Vec::new(),
    };
    for root in graph.by_name() {
        if let Some((closing, back_to)) = search.run(root) {
            out.push(finding(graph, &search.loop_of(back_to), closing, back_to));
        }
        search.forget_path();
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    OnPath,
    /// Leads to no loop, or to one that is reported.
    Done,
}

/// Metaflow's `check_for_acyclicity`: a depth-first search from every step in the order of names. The root is
/// put on the path only when it is met again, so a loop is closed by the step that leads back to the second step
/// of the search, and that step's line is reported. A step is looked at once: what led to no loop never will.
struct Search<'a, 'f> {
    graph: &'a FlowGraph<'f>,
    state: PerStep<State>,
    /// Each step with the number of its children that were tried.
    path: Vec<(NodeIndex, usize)>,
}

impl Search<'_, '_> {
    /// The step that closes a loop and the step to which it leads back.
    fn run(&mut self, root: NodeIndex) -> Option<(NodeIndex, NodeIndex)> {
        if self.state[root] == State::Done {
            return None;
        }
        self.path.push((root, 0));
        while let Some((node, tried)) = self.path.last_mut() {
            let node = *node;
            let Some(&child) = self.graph.node(node).successors.get(*tried) else {
                self.state[node] = State::Done;
                self.path.pop();
                continue;
            };
            *tried += 1;
            if child == node && self.graph.node(node).is(NodeKind::Switch) {
                continue;
            }
            match self.state[child] {
                State::Done => {}
                State::OnPath => return Some((node, child)),
                State::New => {
                    self.state[child] = State::OnPath;
                    self.path.push((child, 0));
                }
            }
        }
        None
    }

    /// The end of the path, from the step that was met again.
    fn loop_of(&self, back_to: NodeIndex) -> Vec<NodeIndex> {
        // The root stands there twice when it is part of the loop; its second place counts.
        let from = self
            .path
            .iter()
            .rposition(|&(node, _)| node == back_to)
            .unwrap_or(0);
        self.path.iter().skip(from).map(|&(node, _)| node).collect()
    }

    /// What is on the path leads to a loop that was reported: one loop, one message.
    fn forget_path(&mut self) {
        for (node, _) in self.path.drain(..) {
            self.state[node] = State::Done;
        }
    }
}

fn finding(graph: &FlowGraph<'_>, steps: &[NodeIndex], closing: NodeIndex, back_to: NodeIndex) -> Diagnostic {
    let names: Vec<&str> = steps.iter().map(|&node| graph.name(node)).collect();
    let target = graph.name(back_to);
    let step = graph.step(closing);
    let at = step
        .targets()
        .into_iter()
        .find(|name| name.name == target)
        .map_or(step.span, |name| name.span);
    let message = format!(
        "steps lead back to each other: `{} → {target}`",
        names.join(" → ")
    );
    let mut finding = Diagnostic::new(&INFO, at, message)
        .caption(format!("leads back to `{target}`"))
        .label(graph.step(back_to).span, "the loop comes back here")
        .step(&step.name);
    if steps.len() == 1 {
        finding = finding.help("only a switch may lead to its own step: `self.next({\"again\": self.same, \"done\": self.other}, condition=\"x\")`");
    } else {
        finding = finding
            .help("to repeat, put the work into one step and let a switch lead to the step itself or on");
    }
    finding
}
