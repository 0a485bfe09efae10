//! The structural rules against Metaflow's linter written down literally, on random flows.

use std::collections::BTreeMap;

use flowc::graph::FlowGraph;
use flowc::lint::{self, rules};

use crate::{literal, random, sketch};

/// The rule that speaks for each of Metaflow's checks (numbers of `literal.rs`); several where flowc tells
/// causes apart that Metaflow reports alike.
const RULES: [(&str, &[&str]); 26] = [
    ("2a", &["FLC102", "FLC104"]),
    ("2b", &["FLC103", "FLC104"]),
    ("3", &["FLC105"]),
    // Where the end step leads to the start step, the end step is to blame.
    ("4a", &["FLC106", "FLC107"]),
    ("4b", &["FLC107"]),
    ("5a", &["FLC107"]),
    ("5b", &["FLC108"]),
    ("7a", &["FLC111"]),
    // A step whose `self.next` is missing or unreadable is not called a join that branches.
    ("7b", &["FLC113", "FLC114", "FLC115"]),
    ("7c", &["FLC112"]),
    ("8", &["FLC114"]),
    ("9", &["FLC115"]),
    ("10", &["FLC110"]),
    ("11", &["FLC116"]),
    ("12", &["FLC117"]),
    ("13a", &["FLC118", "FLC128"]),
    ("13b", &["FLC119"]),
    ("13c", &["FLC120", "FLC122", "FLC128"]),
    ("13d", &["FLC121", "FLC128"]),
    ("13!", &["FLC121", "FLC122", "FLC128"]),
    ("14", &["FLC123"]),
    ("16", &["FLC124"]),
    ("17", &["FLC125"]),
    ("17!", &["FLC125"]),
    ("18", &["FLC126"]),
    ("20", &["FLC127"]),
];

/// The rare shape in which branches fit and what is around them does not.
const UNRELATED: &str = "start: a b\na: j\nb: ? d s2\nd: j\ns2: a c\nc: end\nj/2: end\nend\n";

#[test]
fn agrees_with_metaflow_on_random_flows() {
    let structural = &rules::ALL[..rules::ALL.partition_point(|rule| rule.info.code < "FLC2")];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in (0..10_000).map(random::sketch).chain([UNRELATED.to_owned()]) {
        let (flow, _) = sketch::flow(&text);
        let theirs = literal::Graph::new(&flow).lint();
        let graph = FlowGraph::new(&flow);
        let ours = lint::run(&graph, structural, None).diagnostics;
        let codes = ours.iter().map(|finding| finding.rule.code);
        let codes: Vec<&str> = codes.filter(|code| code.starts_with("FLC1")).collect();
        let check = theirs.as_ref().map_or("accepted", |finding| finding.check);
        *counts.entry(check).or_default() += 1;
        let allowed = RULES
            .iter()
            .find(|(name, _)| *name == check)
            .map_or(&[][..], |(_, codes)| *codes);
        let agrees = match &theirs {
            None => codes.is_empty(),
            Some(_) => codes.iter().any(|code| allowed.contains(code)),
        };
        assert!(agrees, "Metaflow {theirs:?}, flowc {codes:?}:\n{text}");
    }
    for (check, _) in RULES {
        assert!(
            counts.contains_key(check),
            "no random flow has check {check}: {counts:?}"
        );
    }
}
