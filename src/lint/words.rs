//! Lists of steps and small words for messages. Knows no rule.

use petgraph::graph::NodeIndex;

use crate::graph::{FlowGraph, NodeKind};

/// `a`, `b` and `c`, in backticks.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// The names of steps, as [`list`].
pub fn steps(graph: &FlowGraph<'_>, nodes: &[NodeIndex]) -> String {
    let names: Vec<&str> = nodes.iter().map(|&node| graph.name(node)).collect();
    list(&names)
}

/// The verb that goes with so many subjects.
pub fn verb<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// What a step opens that a join has to close.
pub fn opening(graph: &FlowGraph<'_>, split: NodeIndex) -> &'static str {
    match graph.node(split).kind {
        Some(NodeKind::Foreach) if graph.is_parallel_foreach(split) => "parallel foreach",
        Some(NodeKind::Foreach) => "foreach",
        Some(
            NodeKind::Start
            | NodeKind::Linear
            | NodeKind::Split
            | NodeKind::Switch
            | NodeKind::Join
            | NodeKind::End,
        )
        | None => "split",
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn lists_read_as_people_write_them() {
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
