//! Argo: flows of more tasks than a DAG may hold, wherever they lie.

use std::fmt::Write as _;

use flowc::backend::{self, Format};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::target::Version;

use crate::argo::{argo, compiled, compiled_for, deployment, manifest};
use crate::{random, sketch};

/// So many steps in a row, `p0` to `p(n-1)`, the last leading to `to`.
fn chain(prefix: &str, count: usize, to: &str) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let next = if number + 1 < count {
            format!("{prefix}{}", number + 1)
        } else {
            to.to_owned()
        };
        writeln!(lines, "{prefix}{number}: {next}").unwrap();
    }
    lines
}

/// Name and sketch.
fn shapes() -> Vec<(&'static str, String)> {
    let branches = |count: usize, length: usize| {
        let heads: Vec<String> = (0..count).map(|number| format!("b{number}x0")).collect();
        let arms = (0..count).map(|number| chain(&format!("b{number}x"), length, "j"));
        (heads.join(" "), arms.collect::<String>())
    };
    let (three, of_three) = branches(3, 100);
    let (two, of_two) = branches(2, 120);
    let (sixty, of_sixty) = branches(60, 4);
    vec![
        ("in-a-row", format!("start: a0\n{}end\n", chain("a", 498, "end"))),
        (
            "body",
            format!("start: a0 foreach\n{}j/2: end\nend\n", chain("a", 300, "j")),
        ),
        (
            "arms",
            format!(
                "start: ? a0 b0 m\n{}{}m: end\nend\n",
                chain("a", 300, "m"),
                chain("b", 40, "m")
            ),
        ),
        ("branches", format!("start: {three}\n{of_three}j/2: end\nend\n")),
        (
            "many-branches",
            format!("start: {sixty}\n{of_sixty}j/2: end\nend\n"),
        ),
        (
            "split-in-body",
            format!(
                "start: f foreach\nf: {two}\n{of_two}j/2: c0\n{}g/2: end\nend\n",
                chain("c", 60, "g")
            ),
        ),
        (
            "arms-in-body",
            format!(
                "start: f foreach\nf: ? a0 b0\n{}{}m: g\ng/2: end\nend\n",
                chain("a", 170, "m"),
                chain("b", 3, "m")
            ),
        ),
        (
            "foreach-at-the-cut",
            format!(
                "start: a0\n{}s: w foreach\nw: j\nj/2: c0\n{}end\n",
                chain("a", 148, "s"),
                chain("c", 60, "end")
            ),
        ),
        (
            "loop-and-foreach-in-arm",
            format!(
                "start: ? a0 z\n{}r: ? r b0\n{}s: w foreach\nw: v\nv: j\nj/2: c0\n{}z: m\nm: end\nend\n",
                chain("a", 100, "r"),
                chain("b", 60, "s"),
                chain("c", 60, "m")
            ),
        ),
        (
            "switch-at-the-cut",
            format!(
                "start: a0\n{}k: ? x y\nx: m\ny: m\nm: c0\n{}end\n",
                chain("a", 148, "k"),
                chain("c", 60, "end")
            ),
        ),
        ("loop", "start: r\nr: ? r done\ndone: end\nend\n".to_owned()),
    ]
}

#[test]
fn no_dag_holds_more_than_argo_accepts() {
    let folder = manifest("target/argo-long");
    std::fs::create_dir_all(&folder).unwrap();
    #[expect(clippy::disallowed_methods, reason = "below `target/`")]
    let write = |name: String, text: &str| std::fs::write(folder.join(name), text).unwrap();
    for (name, sketch) in shapes() {
        let definition = compiled(&sketch);
        // For `scripts/argo-shapes`, which runs them.
        write(format!("{name}.flow"), &sketch);
        write(format!("{name}.yaml"), &definition);
        write(
            format!("{name}.3.6.yaml"),
            &compiled_for(&sketch, Version::new(3, 6)),
        );
        let read: serde_json::Value = serde_saphyr::from_str(&definition).unwrap();
        let templates = read["spec"]["templates"].as_array().unwrap();
        assert!(templates.len() <= 200, "{name}: {} templates", templates.len());
        let mut steps = 0;
        for template in templates {
            let tasks = template["dag"]["tasks"].as_array().cloned().unwrap_or_default();
            assert!(tasks.len() <= 200, "{name}: {} tasks", tasks.len());
            let arguments = tasks
                .iter()
                .map(|task| task["arguments"]["parameters"].as_array());
            steps += arguments
                .flatten()
                .filter(|arguments| arguments.iter().any(|argument| argument["name"] == "step"))
                .count();
        }
        if name != "loop" && !name.starts_with("loop-") {
            assert_eq!(steps, sketch.lines().count(), "{name}");
        }
    }
}

/// What the limits say of so many foreaches within each other.
fn said_of_foreaches(depth: usize) -> Vec<String> {
    let mut text = "start: f1 foreach\n".to_owned();
    for level in 1..depth {
        writeln!(text, "f{level}: f{} foreach", level + 1).unwrap();
    }
    writeln!(text, "f{depth}: j{depth}").unwrap();
    for level in (1..=depth).rev() {
        let next = if level > 1 {
            format!("j{}", level - 1)
        } else {
            "end".to_owned()
        };
        writeln!(text, "j{level}/2: {next}").unwrap();
    }
    text.push_str("end\n");
    let (flow, _) = sketch::flow(&text);
    let graph = FlowGraph::new(&flow);
    let checked = lint::run(&graph, &[], Some(argo())).checked.unwrap();
    let plan = Plan::new(&checked, &deployment(), &Origin::default());
    let found = backend::limits::check(&backend::emit(&plan, Format::Yaml).measures);
    let errors = found.iter().filter(|found| found.is_error());
    errors.map(|found| found.message.clone()).collect()
}

#[test]
fn argo_follows_98_foreaches_within_each_other() {
    assert_eq!(said_of_foreaches(98), Vec::<String>::new());
    let said = said_of_foreaches(99);
    assert_eq!(said, ["`f98` lies 98 templates deep, Argo Workflows follows 97"]);
}

#[test]
fn short_flows_stay_in_one_piece() {
    let short = format!("start: a0\n{}end\n", chain("a", 140, "end"));
    assert!(!compiled(&short).contains("part-1"));
}

/// Random flows that no rule objects to, for `scripts/argo-long`, which runs them over all outcomes.
#[test]
fn random_flows_keep_to_the_accepted_forms() {
    let folder = manifest("target/argo-random");
    std::fs::create_dir_all(&folder).unwrap();
    #[expect(clippy::disallowed_methods, reason = "below `target/`")]
    let write = |name: String, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let mut count = 0;
    for seed in 0..4000 {
        let sketch = random::sketch(seed);
        let is_wanted = sketch.contains('?') && !sketch.contains("parallel") && !sketch.contains(['@', '+']);
        if !is_wanted || !is_sound(&sketch) {
            continue;
        }
        count += 1;
        let definition = compiled(&sketch);
        let older = compiled_for(&sketch, Version::new(3, 6));
        // `find` was seen on 4.1 alone; a chain of conditions works on all.
        assert!(!older.contains("find("), "{sketch}");
        // These are broken in the controller's expressions.
        for form in ["findLast", "last(", "[-1]"] {
            assert!(!definition.contains(form) && !older.contains(form), "{sketch}");
        }
        write(format!("{seed}.flow"), &sketch);
        write(format!("{seed}.yaml"), &definition);
        write(format!("{seed}.3.6.yaml"), &older);
    }
    assert!(count >= 100, "{count} flows");
}

fn is_sound(sketch: &str) -> bool {
    let (flow, _) = sketch::flow(sketch);
    let graph = flowc::graph::FlowGraph::new(&flow);
    let linted = lint::run(&graph, lint::rules::ALL, Some(crate::argo::argo()));
    !linted
        .diagnostics
        .iter()
        .any(flowc::diagnostic::Diagnostic::is_error)
}
