//! Airflow: the shapes of flows and what is made of them; in the other files what Airflow itself says to it.

use flowc::backend::{self, Format};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::airflow::{NEWEST, OLDEST};
use flowc::target::{Target, TargetVersion};

use crate::sketch;

mod engine;
mod files;
mod mocked;
mod pods;
mod sensors;
mod texts;
mod wide;

/// The DAG file of a sketch.
fn compiled(text: &str) -> String {
    let (flow, _) = sketch::flow(text);
    let graph = FlowGraph::new(&flow);
    let target = TargetVersion {
        target: Target::Airflow,
        oldest: OLDEST,
        newest: NEWEST,
    };
    let checked = lint::run(&graph, &[], Some(target)).checked.unwrap();
    let origin = Origin {
        file_name: "flow.py".to_owned(),
        digest: "0".repeat(40),
        ..Origin::default()
    };
    let plan = Plan::new(&checked, &crate::argo::deployment(), &origin);
    backend::emit(&plan, Format::Usual).files.remove(0).1
}

/// The operators and their dependencies: what depends on the flow's shape.
fn operators(dag: &str) -> &str {
    dag.split_once("\nwith DAG(").expect("a DAG").1
}

#[test]
fn a_single_step_needs_nobody() {
    insta::assert_snapshot!(compiled("only\n"));
}

#[test]
fn foreaches_are_flattened_and_switches_skip_what_they_did_not_choose() {
    let sketch = "\
start: outer foreach
outer: choose foreach
choose: ? left right
left: merge
right: merge
merge: inner_join
inner_join/2: after
after: outer_join
outer_join/2: mid
mid: l r
l: both
r: both
both/2: end
end
";
    insta::assert_snapshot!(compiled(sketch));
}

#[test]
fn names_of_steps_do_no_harm() {
    let sketch = "\
start: l list step
l: start_paths
list: start_paths
step: start_paths
start_paths/2: result
result: end foreach
end: task
task/2: O
O
";
    insta::assert_snapshot!(operators(&compiled(sketch)));
}

#[test]
fn a_long_dependency_is_broken_as_a_formatter_breaks_it() {
    let name = "a".repeat(60);
    let dag = compiled(&format!("start: {name}\n{name}: {name}b\n{name}b: end\nend\n"));
    assert!(dag.contains(&format!("    (\n        {name}\n        >> {name}b\n    )\n")));
    assert!(dag.contains(&format!("    start >> {name}\n")));
}
