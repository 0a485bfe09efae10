//! Every rule has a code and a name of its own, a page whose examples do what they say, and a fixture.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use flowc::diagnostic::{Diagnostic, RuleInfo};
use flowc::graph::FlowGraph;
use flowc::lint::{self, Rule, rules, suppress};
use flowc::settings::Settings;
use flowc::target::{Target, TargetVersion};
use flowc::value::Value;

use crate::reading;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Line, severity and code of each finding of one rule.
type Found = BTreeSet<(u32, &'static str, String)>;

/// What a text's first lines ask for: `# target: argo`, `# define: IMAGE="x"`.
#[derive(Default)]
struct Header {
    targets: Vec<TargetVersion>,
    defines: BTreeMap<String, Value>,
}

impl Header {
    fn of(text: &str) -> Self {
        let mut header = Self::default();
        for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
            if let Some(name) = line.strip_prefix("target: ") {
                header.targets.push(TargetVersion::newest(
                    Target::parse(name.trim()).expect("a target"),
                ));
            } else if let Some((name, value)) = line
                .strip_prefix("define: ")
                .and_then(|pair| pair.split_once('='))
            {
                header
                    .defines
                    .insert(name.trim().to_owned(), Value::str(value.trim()));
            }
        }
        header
    }
}

/// The findings of one rule over a text.
fn run(info: &RuleInfo, text: &str, targets: &[TargetVersion], defines: &BTreeMap<String, Value>) -> Found {
    let rule = rules::ALL.iter().find(|rule| rule.info.code == info.code);
    reading::with_inputs(text, defines, |entry, inputs| {
        if let Some(rule) = rule {
            let checkup = flowc::read(entry, inputs).unwrap();
            let graphs: Vec<FlowGraph<'_>> = checkup.flows.iter().map(FlowGraph::new).collect();
            let findings: Vec<Diagnostic> = graphs
                .iter()
                .flat_map(|graph| run_one(graph, rule, targets))
                .collect();
            return summary(info, &checkup.sources, &findings);
        }
        let checkup = flowc::check(entry, inputs, &Settings::default(), targets).unwrap();
        let ids: BTreeSet<_> = checkup.sources.iter().map(|(id, _)| id).collect();
        let infos = rules::infos();
        let kept = suppress::apply(&checkup.sources, checkup.diagnostics, &infos, &ids, |_, _| true);
        summary(info, &checkup.sources, &kept)
    })
}

fn run_one(graph: &FlowGraph<'_>, rule: &Rule, targets: &[TargetVersion]) -> Vec<Diagnostic> {
    let rules = std::slice::from_ref(rule);
    if targets.is_empty() {
        return lint::run(graph, rules, None).diagnostics;
    }
    targets
        .iter()
        .flat_map(|target| lint::run(graph, rules, Some(*target)).diagnostics)
        .collect()
}

fn summary(info: &RuleInfo, sources: &flowc::source::Sources, findings: &[Diagnostic]) -> Found {
    let own = findings.iter().filter(|finding| finding.rule.code == info.code);
    own.map(|finding| {
        (
            sources.start(finding.span).line,
            finding.severity.name(),
            finding.rule.code.to_owned(),
        )
    })
    .collect()
}

/// `# error: FLC110` at the end of a line.
fn marks(text: &str) -> Found {
    let mut found = Found::new();
    for (index, line) in text.lines().enumerate() {
        for comment in line.split("# ").skip(1) {
            for severity in ["error", "warning", "note"] {
                if let Some(code) = comment
                    .strip_prefix(severity)
                    .and_then(|rest| rest.strip_prefix(": FLC"))
                {
                    let line = u32::try_from(index + 1).unwrap();
                    found.insert((line, severity, format!("FLC{}", code.trim())));
                }
            }
        }
    }
    found
}

/// A rule about the size of a whole definition: an example would fill pages. `backend/limits.rs` and
/// `step_functions/mod.rs` test them.
fn is_measured(info: &RuleInfo) -> bool {
    let of_targets = rules::limits::ALL.iter().chain(rules::step_functions_limits::ALL);
    info.code != "FLC501" && of_targets.into_iter().any(|other| other.code == info.code)
}

/// Rules about options of the command line: the file alone is right.
const ABOUT_OPTIONS: [&str; 1] = ["FLC904"];

fn fixture(info: &RuleInfo) -> PathBuf {
    root().join("fixtures/rules").join(format!("{}.py", info.code))
}

#[test]
fn identities_are_unique_and_sorted() {
    let is_sorted = |codes: Vec<&str>| codes.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(
        is_sorted(rules::ALL.iter().map(|rule| rule.info.code).collect()),
        "ALL is not sorted by code"
    );
    assert!(
        is_sorted(rules::READING.iter().map(|info| info.code).collect()),
        "READING is not sorted by code"
    );
    let infos = rules::infos();
    assert!(
        is_sorted(infos.iter().map(|info| info.code).collect()),
        "a code is used twice"
    );
    let names: BTreeSet<&str> = infos.iter().map(|info| info.name).collect();
    assert_eq!(names.len(), infos.len(), "a name is used twice");
    for info in infos {
        let is_code = info
            .code
            .strip_prefix("FLC")
            .is_some_and(|number| number.len() == 3 && number.parse::<u16>().is_ok());
        assert!(is_code, "{}", info.code);
        let is_kebab = info
            .name
            .chars()
            .all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'));
        assert!(is_kebab, "{}", info.name);
    }
}

#[test]
fn fixtures_find_what_they_mark() {
    let mut faults = String::new();
    let has_fixture = |info: &&RuleInfo| !is_measured(info);
    for info in rules::infos().into_iter().filter(has_fixture) {
        let Ok(text) = fs::read_to_string(fixture(info)) else {
            let _ = writeln!(faults, "{} has no fixture", info.code);
            continue;
        };
        let header = Header::of(&text);
        let found = run(info, &text, &header.targets, &header.defines);
        let marked = marks(&text);
        if found != marked || marked.is_empty() {
            let _ = writeln!(
                faults,
                "fixtures/rules/{}.py: found {found:?}, marked {marked:?}",
                info.code
            );
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    let codes: BTreeSet<String> = rules::infos()
        .iter()
        .map(|info| format!("{}.py", info.code))
        .collect();
    for entry in fs::read_dir(root().join("fixtures/rules")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(
            entry.path().is_dir() || codes.contains(&name),
            "{name} is no rule's"
        );
    }
}

/// The Python blocks of a section of a page.
fn blocks<'a>(page: &'a str, section: &str) -> Vec<&'a str> {
    let Some((_, rest)) = page.split_once(&format!("## {section}\n")) else {
        return Vec::new();
    };
    let body = rest.split("\n## ").next().unwrap_or(rest);
    body.split("```python\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .collect()
}

/// A page, without the blank that `///` leaves at the beginning of each line.
fn page(info: &RuleInfo) -> String {
    let lines = info
        .page
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Found for no target or for any.
fn fires(info: &RuleInfo, text: &str) -> bool {
    let header = Header::of(text);
    let all: Vec<TargetVersion> = Target::ALL.into_iter().map(TargetVersion::newest).collect();
    let targets = if header.targets.is_empty() {
        all
    } else {
        header.targets
    };
    !run(info, text, &[], &header.defines).is_empty()
        || !run(info, text, &targets, &header.defines).is_empty()
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    let mut faults = String::new();
    for info in rules::infos() {
        let page = page(info);
        let (wrong, right) = (blocks(&page, "Wrong"), blocks(&page, "Right"));
        let is_shown = !wrong.is_empty() || is_measured(info) || ABOUT_OPTIONS.contains(&info.code);
        let is_mended = !right.is_empty() || is_measured(info);
        if !is_shown || !is_mended || !page.contains("## What Metaflow says\n") {
            let _ = writeln!(faults, "{}: a section is missing", info.code);
        }
        if wrong.iter().any(|text| !fires(info, text)) {
            let _ = writeln!(faults, "{}: the wrong example is not found wrong", info.code);
        }
        if right.iter().any(|text| fires(info, text)) {
            let _ = writeln!(faults, "{}: the right example is found wrong", info.code);
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_document_of_all_rules_is_current() {
    let mut text = "# Rules\n\nGenerated from the rules themselves: `UPDATE_DOCS=1 cargo test` rewrites this page. \
                    `flowc explain CODE` shows one of them.\n\n| code | name | severity | what is wrong |\n|---|---|---|---|\n"
        .to_owned();
    for info in rules::infos() {
        let page = page(info);
        let summary = page
            .trim_start()
            .split("\n\n")
            .next()
            .unwrap_or("")
            .replace('\n', " ")
            .replace('|', "\\|");
        let _ = writeln!(
            text,
            "| [{0}](#{1}) | `{2}` | {3} | {summary} |",
            info.code,
            anchor(info),
            info.name,
            info.severity.name()
        );
    }
    for info in rules::infos() {
        let body = page(info).trim().replace("\n## ", "\n### ");
        let _ = write!(
            text,
            "\n## {} {}\n\n*{}*\n\n{body}\n",
            info.code,
            info.name,
            info.severity.name()
        );
    }
    let path = root().join("docs/rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == text,
        "docs/rules.md is not current: UPDATE_DOCS=1 cargo test"
    );
}

/// As GitHub makes it of the heading.
fn anchor(info: &RuleInfo) -> String {
    format!("{} {}", info.code, info.name)
        .to_lowercase()
        .replace(' ', "-")
}
