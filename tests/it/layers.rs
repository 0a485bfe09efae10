//! Modules use only those declared above them in `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of `src/lib.rs`.
fn order() -> Vec<String> {
    let text = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![path]
        }
    };
    entries.into_iter().flat_map(below).collect()
}

/// `flow` and 1 of `src/flow.rs` and `src/flow/mod.rs`, `flow` and 2 of `src/flow/body.rs`.
fn module_and_depth(relative: &Path) -> (String, usize) {
    let mut parts: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    (parts[0].clone(), parts.len())
}

/// The top-level modules that code names, by `crate::x`, `crate::{x, y::z}` or enough `super::`.
fn named_modules(text: &str, depth: usize) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let mut names = Vec::new();
    for root in ["crate::".to_owned(), "super::".repeat(depth)] {
        for (at, _) in code.match_indices(&root) {
            let before = code[..at].chars().next_back();
            let is_whole = before.is_none_or(|letter| !letter.is_alphanumeric() && !"_:$".contains(letter));
            if is_whole {
                names.extend(first_segments(&code[at + root.len()..]));
            }
        }
    }
    names
}

/// `a` of `a::b`; `a` and `c` of `{a::b, c}`.
fn first_segments(path: &str) -> Vec<String> {
    let identifier = |text: &str| {
        text.chars()
            .take_while(|&letter| letter.is_alphanumeric() || letter == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let (mut depth, mut segments, mut start) = (0, Vec::new(), 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                segments.push(identifier(group[start..at].trim()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    segments
}

/// What a file names that is declared below its own module.
fn upward(relative: &Path, text: &str, order: &[String]) -> Vec<String> {
    let (module, depth) = module_and_depth(relative);
    let Some(own) = order.iter().position(|name| *name == module) else {
        return Vec::new();
    };
    let is_upward = |name: &String| {
        order
            .iter()
            .position(|other| other == name)
            .is_some_and(|place| place > own)
    };
    named_modules(text, depth).into_iter().filter(is_upward).collect()
}

#[test]
fn modules_use_only_those_above_them() {
    let order = order();
    assert!(order.len() > 10, "{order:?}");
    let mut faults = Vec::new();
    for path in files_below(&source_folder()) {
        let relative = path.strip_prefix(source_folder()).unwrap();
        for name in upward(relative, &fs::read_to_string(&path).unwrap(), &order) {
            faults.push(format!(
                "src/{} uses `crate::{name}`, which is declared below it",
                relative.display()
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sees_upward_paths_in_every_spelling() {
    let order: Vec<String> = ["source", "flow", "graph"].map(str::to_owned).to_vec();
    let upward = |file: &str, text: &str| super::layers::upward(Path::new(file), text, &order);
    assert_eq!(upward("flow/body.rs", "use crate::graph::FlowGraph;"), ["graph"]);
    assert_eq!(
        upward("flow/deep/er.rs", "fn f() -> crate::graph::Node {}"),
        ["graph"]
    );
    assert_eq!(
        upward(
            "flow.rs",
            "use crate::{\n    source::{Span, X},\n    graph::Node,\n};"
        ),
        ["graph"]
    );
    assert_eq!(upward("flow/mod.rs", "use super::graph::Node;"), ["graph"]);
    assert_eq!(
        upward("flow/body.rs", "use super::super::graph::Node;"),
        ["graph"]
    );
    assert_eq!(
        upward("flow/body.rs", "use super::graph::Node; // crate::graph"),
        Vec::<String>::new()
    );
    assert_eq!(
        upward("graph/mod.rs", "use crate::flow::Flow;"),
        Vec::<String>::new()
    );
}

/// A file that no `mod` line names is compiled by nobody, and its tests pass by not running.
#[test]
fn every_test_file_is_a_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = fs::read_to_string(folder.join("main.rs")).unwrap();
    let names = fs::read_dir(&folder).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        let is_module = path.join("mod.rs").is_file() || path.extension().is_some_and(|end| end == "rs");
        is_module.then(|| path.file_stem().unwrap().to_str().unwrap().to_owned())
    });
    let forgotten: Vec<String> = names
        .filter(|name| name != "main" && !main.lines().any(|line| line == format!("mod {name};")))
        .collect();
    assert!(forgotten.is_empty(), "no `mod` line in main.rs: {forgotten:?}");
}
