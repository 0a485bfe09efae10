//! Mistakes that an emitter could make, each made in a machine that is right: the interpreter or the model has to
//! notice every one.

use std::panic::catch_unwind;

use serde_json::{Value as Json, json};

use super::model::{self, Chooser};
use super::{deployment, interpreter, machine};
use crate::sketch;

/// Every construct, some inside of others.
const FLOW: &str = "start: f s\nf: w foreach\nw: w2\nw2: g foreach\ng: gj\ngj/2: fj\nfj/2: j\n\
s: ? a r\na: m\nr: ? r m\nm: j\nj/2: v\nv: l foreach\nl: ? l t\nt: vj\nvj/2: end\nend\n";

/// Replacements in the text of the machine.
const TEXTS: &[(&str, &str, &str)] = &[
    ("a next state that is not there", r#""Next":"m""#, r#""Next":"n""#),
    ("another item as index", "$$.Map.Item.Value", "$$.Execution.Name"),
    (
        "parameters that the item lacks",
        r#""Parameters.$":"$.Parameters","Index.$""#,
        r#""Index.$""#,
    ),
    (
        "a switch that writes a constant",
        r#"\"S\":t[0][0]"#,
        r#"\"S\":\"a\""#,
    ),
    (
        "a switch that writes nothing",
        "dump --private --include _transition",
        "dump",
    ),
    (
        "a choice that leads elsewhere",
        r#""StringEquals":"a","Next":"a""#,
        r#""StringEquals":"a","Next":"r""#,
    ),
    (
        "a choice of one step twice",
        r#""StringEquals":"a""#,
        r#""StringEquals":"r""#,
    ),
    (
        "a job that forgets its id",
        r#""ResultSelector":{"JobId.$":"$.JobId","#,
        r#""ResultSelector":{"#,
    ),
    (
        "a job that forgets its parameters",
        r#""JobId.$":"$.JobId","Parameters.$":"$.Parameters"},"Retry""#,
        r#""JobId.$":"$.JobId"},"Retry""#,
    ),
    (
        "a first task without index",
        " --split-index $METAFLOW_SPLIT_INDEX",
        "",
    ),
    (
        "the index of another place",
        r#""METAFLOW_SPLIT_INDEX","Value.$":"$.Index""#,
        r#""METAFLOW_SPLIT_INDEX","Value.$":"$.JobId""#,
    ),
    (
        "a last task that is not reported",
        "ADD children :v",
        "SET children :v",
    ),
    (
        "a child of the outer foreach",
        r#"FOR_FOREACH_JOIN","Value.$":"$.JobId""#,
        r#"FOR_FOREACH_JOIN","Value.$":"$.Parameters.split_parent_task_id_f""#,
    ),
    (
        "a foreach that is lost on the way",
        r#""split_parent_task_id_f.$":"$.Parameters.split_parent_task_id_f","#,
        "",
    ),
    (
        "an index that is lost on the way",
        r#""split_index_f.$":"$.Parameters.split_index_f","#,
        "",
    ),
    ("a join that reads no children", ">$MF_OWN/inputs", ">/dev/null"),
    (
        "a join that reads another item",
        r#"e[\"METAFLOW_SPLIT_PARENT_TASK_ID\"]"#,
        r#"e[\"AWS_BATCH_JOB_ID\"]"#,
    ),
    (
        "the other attribute of the item",
        "for_each_cardinality\"}",
        "next_step\"}",
    ),
    (
        "the step before is another",
        "/f/$METAFLOW_PARENT_TASK_ID",
        "/start/$METAFLOW_PARENT_TASK_ID",
    ),
    ("a fixed step where several lead", "$METAFLOW_PARENT_STEP/", "s/"),
    ("branches of a join exchanged", "$[0].JobId", "$[1].JobId"),
    ("another first state", r#""StartAt":"start""#, r#""StartAt":"f""#),
    (
        "a loop that enters as an item again",
        r#""Next":"l+""#,
        r#""Next":"l""#,
    ),
    ("no end", r#""End":true"#, r#""Comment":"x""#),
    (
        "a map that replaces its input",
        r#""ResultPath":"$.Result","Next":"fj""#,
        r#""Next":"fj""#,
    ),
    (
        "the child's step under another name",
        r#""METAFLOW_STEP_NAME","Value":"g""#,
        r#""METAFLOW_STEP_NAME","Value":"w""#,
    ),
];

fn is_right(machine: &Json) -> bool {
    let (flow, _) = sketch::flow(FLOW);
    (0..6).all(|seed| {
        let chooser = Chooser {
            flow: &flow,
            width: 3,
            seed,
            is_even: false,
        };
        let ran = catch_unwind(|| interpreter::run(machine, &chooser).inputs);
        ran.is_ok_and(|inputs| inputs == model::run(&chooser))
    })
}

#[test]
fn every_mistake_is_noticed() {
    let right = machine(FLOW, &deployment());
    assert!(is_right(&right));
    let text = right.to_string();
    let mut missed = Vec::new();
    for (mistake, from, to) in TEXTS {
        let wrong = text.replace(from, to);
        assert_ne!(wrong, text, "{mistake}: nothing to change");
        if is_right(&serde_json::from_str(&wrong).unwrap()) {
            missed.push(*mistake);
        }
    }
    let mut swapped = right.clone();
    let branches = swapped["States"]["&start"]["Branches"].as_array_mut().unwrap();
    branches.reverse();
    if is_right(&swapped) {
        missed.push("branches exchanged");
    }
    let mut lacking = right;
    lacking["States"]["&start"]["Branches"][1]["States"]
        .as_object_mut()
        .unwrap()
        .insert("?s".to_owned(), json!({"Type": "Choice", "Choices": []}));
    if is_right(&lacking) {
        missed.push("a choice of nothing");
    }
    assert!(missed.is_empty(), "{missed:?}");
}
