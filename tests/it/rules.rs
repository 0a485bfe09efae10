//! Every rule has a code and a name of its own, a page whose examples do what they say, and a fixture.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use flowc::diagnostic::RuleInfo;
use flowc::lint::rules;

use crate::examples::{self, Example};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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
    for retired in rules::retired::ALL {
        let is_there = |code: &str| infos.iter().any(|info| info.code == code);
        assert!(!is_there(retired.code), "{} is retired", retired.code);
        assert!(is_there(retired.successor), "{}", retired.successor);
    }
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
    for info in rules::infos() {
        let Ok(text) = fs::read_to_string(fixture(info)) else {
            let _ = writeln!(faults, "{} has no fixture", info.code);
            continue;
        };
        let found = Example::new(&text).found(info);
        let marked = examples::marks(&text);
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

/// A page, without the blank that `///` leaves at the beginning of each line.
fn page(info: &RuleInfo) -> String {
    let lines = info
        .page
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    let mut faults = String::new();
    for info in rules::infos() {
        let page = page(info);
        let (wrong, right) = (Example::all_of(&page, "Wrong"), Example::all_of(&page, "Right"));
        if wrong.is_empty() || right.is_empty() || !page.contains("## What Metaflow says\n") {
            let _ = writeln!(faults, "{}: a section is missing", info.code);
        }
        if wrong.iter().any(|example| !example.fires(info)) {
            let _ = writeln!(faults, "{}: the wrong example is not found wrong", info.code);
        }
        if right
            .iter()
            .any(|example| example.fires(info) || !example.is_done())
        {
            let _ = writeln!(faults, "{}: the right example is found wrong", info.code);
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_document_of_all_rules_is_current() {
    let mut text = "# Rules\n\nGenerated from the rules themselves: `UPDATE_DOCS=1 cargo test` rewrites this page. \
                    `flowc explain CODE` shows one of them. A command in an example runs beside a `flowc.toml` with all that a \
                    definition needs (`flowc init` writes one).\n\n| code | name | severity | what is wrong |\n|---|---|---|---|\n"
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
    text += "\nRetired codes, which are never used again:\n\n";
    for retired in rules::retired::ALL {
        let _ = writeln!(text, "- {}", retired.answer());
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
