//! Damaged flows: whatever stands in a file, `check` and the views of the graph answer, and soon.
//! `FLOWC_MUTATIONS=200000` sets the number of inputs, `FLOWC_MUTATIONS_FROM=1000` the first seed.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use flowc::diagnostic::{concise, full, json, sarif};
use flowc::flow::{Configs, Entry, Inputs};
use flowc::graph::{FlowGraph, render};
use flowc::settings::Settings;
use flowc::source::Files;
use flowc::target::{Target, TargetVersion};
use flowc::{Checkup, python};
use serde_json::Value as Json;

use crate::random::Random;

/// What a plain `cargo test` tries.
const FEW: usize = 1_500;
/// No input of this size may take longer, in a debug build, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is put into a text: names that mean something, and what is hard to read.
const WORDS: &[&str] = &[
    "self",
    "self.next(self.end)",
    "self.next",
    "inputs",
    "current",
    "start",
    "end",
    "step",
    "@step",
    "FlowSpec",
    "foreach='xs'",
    "num_parallel=2",
    "condition='x'",
    "{'a': self.end, 'b': self.start}",
    "Parameter('p')",
    "Config('c', default_value={})",
    "config_expr('c.x')",
    "IncludeFile('f')",
    "lambda x: x",
    "**{}",
    "*[]",
    "def f(*a, k=1, **kw):",
    "return",
    "yield",
    "await f()",
    "async ",
    "class ",
    "import os",
    "from . import x",
    "from metaflow import *",
    "os.environ['X']",
    "f'{x!r:>{w}}'",
    "b'\\xff'",
    "r'\\'",
    "'''",
    "\"\"\"",
    "'",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ":=",
    ",",
    ";",
    "\\",
    "\\\n",
    "#",
    "# flowc: ignore[FLC102] why",
    "@",
    "=",
    "==",
    "->",
    "...",
    "**",
    "//",
    "%",
    "<<",
    "~",
    "not ",
    " in ",
    " is ",
    " if x else ",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    "    ",
    "\u{c}",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "é",
    "\u{301}",
    "\u{1F468}\u{200D}",
    "0",
    "-1",
    "1e999",
    "0x",
    "10**10**8",
    "'x' * 10**12",
    "[0] * 10**9",
    "range(10**12)",
    "9",
    "1_000",
    "1j",
    "None",
    "True",
    "match x:\n",
    "case _:\n",
    "while True: pass\n",
    "for x in range(10**9): y = x\n",
    "try:\n",
    "except* E:\n",
    "with a as b:\n",
    "global x",
    "nonlocal x",
    "del x",
    "assert 0",
    "raise X",
    "type X = int",
    "if 1:\n",
    "else:\n",
    "print(x)",
    "{**a, 'b': 1}",
    "[x for x in y]",
    "super().start()",
    "@retry(times=9)",
    "@kubernetes(cpu=0)",
    "@batch",
    "@resources(**R)",
    "@catch",
    "@project(name='X')",
    "@schedule(cron='* *')",
    "@trigger(event=1)",
    "@parallel",
    "@environment(vars={'a': 1})",
    "@exit_hook(on_error=[f])",
    "@card(id='!')",
    "@secrets(sources=[1])",
    "@timeout(hours=0)",
    "@conda(packages=1)",
    "__file__",
    "__name__",
    "setattr(F, 'a', 1)",
    "'{0[0].x:>9}'.format(x)",
];

struct Alone;

impl Files for Alone {
    fn read(&self, _path: &Path) -> std::io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn is_folder(&self, _path: &Path) -> bool {
        false
    }
}

/// Whole files to begin with: what Metaflow was asked about, and the fixtures of the rules.
fn originals() -> Vec<Vec<u8>> {
    let recorded = [
        include_str!("../../fixtures/metaflow/definition_cases.jsonl"),
        include_str!("../../fixtures/metaflow/deployment_verdicts.jsonl"),
        include_str!("../../fixtures/metaflow/lint_corpus.jsonl"),
    ];
    let sources = recorded.iter().flat_map(|file| file.lines()).map(|line| {
        let row: Json = serde_json::from_str(line).unwrap();
        row["source"].as_str().unwrap().as_bytes().to_vec()
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    paths.sort();
    sources
        .chain(paths.iter().map(|path| std::fs::read(path).unwrap()))
        .collect()
}

/// One damaged file.
fn mutated(seed: u64, originals: &[Vec<u8>]) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut text = pick(&mut random, originals).clone();
    for _ in 0..=random.below(6) {
        damage(&mut random, &mut text, originals);
    }
    text.truncate(40_000);
    text
}

fn pick<'a, T>(random: &mut Random, items: &'a [T]) -> &'a T {
    &items[random.below(items.len())]
}

fn damage(random: &mut Random, text: &mut Vec<u8>, originals: &[Vec<u8>]) {
    let at = random.below(text.len() + 1);
    let span = at..(at + random.below(12)).min(text.len());
    match random.below(12) {
        0 => drop(text.drain(span)),
        1 | 2 => drop(text.splice(span, pick(random, WORDS).bytes())),
        3 | 4 => drop(text.splice(at..at, pick(random, WORDS).bytes())),
        5 => drop(text.splice(
            at..at,
            vec![*pick(random, b"([{-~.x1+ '\\\t"); 1 + random.below(300)],
        )),
        6 => {
            if let Some(byte) = text.get_mut(at) {
                *byte = u8::try_from(random.below(256)).unwrap();
            }
        }
        7 => {
            let other = pick(random, originals);
            let from = random.below(other.len());
            let part = &other[from..(from + random.below(200)).min(other.len())];
            text.splice(at..at, part.iter().copied());
        }
        8 => text.truncate(at),
        _ => lines(random, text),
    }
}

/// Repeats, drops, moves or indents lines.
fn lines(random: &mut Random, text: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let (from, to) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(5) {
        0 => drop(lines.remove(from)),
        1 => lines.swap(from, to),
        2 => lines.insert(to, lines[from].clone()),
        3 => lines[from].splice(0..0, b"    ".iter().copied()).for_each(drop),
        _ => {
            let word = pick(random, WORDS).as_bytes().to_vec();
            let indent = lines[from].iter().take_while(|&&byte| byte == b' ').count();
            lines.insert(from, [vec![b' '; indent], word].concat());
        }
    }
    *text = lines.join(&b'\n');
}

/// All that is said and shown of a file; how many findings.
fn look_at(text: &[u8]) -> usize {
    let targets = Target::ALL.map(TargetVersion::newest);
    python::with_deep_stack(|| {
        let inputs = Inputs {
            files: &Alone,
            environment: &BTreeMap::new(),
            configs: &Configs::default(),
            defines: &BTreeMap::new(),
            known_decorators: &BTreeMap::new(),
            harmless_bases: &std::collections::BTreeSet::new(),
        };
        let entry = Entry {
            path: Path::new("flow.py"),
            text: Some(text),
            class: None,
        };
        let checkup = flowc::check(entry, &inputs, &Settings::default(), &targets).unwrap();
        show(&checkup);
        checkup.diagnostics.len()
    })
}

fn show(checkup: &Checkup) {
    let Checkup {
        sources,
        flows,
        diagnostics,
        ..
    } = checkup;
    let graphs: Vec<FlowGraph<'_>> = flows.iter().map(FlowGraph::new).collect();
    let shown = [
        full::render(sources, diagnostics, true),
        concise::render(sources, diagnostics),
        sarif::render(sources, diagnostics),
        json::render_lines(sources, diagnostics),
        render::text(&graphs, sources),
        render::svg(&graphs, sources),
        render::mermaid(&graphs, sources),
        render::json(&graphs, sources, &()),
    ];
    assert!(!shown.concat().is_empty());
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn damaged_flows_are_answered() {
    let (count, from) = (number("FLOWC_MUTATIONS", FEW), number("FLOWC_MUTATIONS_FROM", 0));
    let originals = originals();
    let (mut wrong, mut slowest, mut findings) = (Vec::new(), Duration::ZERO, 0);
    for seed in from..from + count {
        let text = mutated(seed as u64, &originals);
        let begun = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| look_at(&text))) {
            Ok(found) => findings += found,
            Err(_) => wrong.push(format!(
                "seed {seed} panics on {:?}",
                String::from_utf8_lossy(&text)
            )),
        }
        let took = begun.elapsed();
        if took > PATIENCE {
            wrong.push(format!("seed {seed} takes {took:?}"));
        }
        slowest = slowest.max(took);
    }
    writeln!(
        std::io::stderr(),
        "{count} damaged flows from seed {from}: {findings} findings, the slowest took {slowest:?}"
    )
    .unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Not all of them may be beyond reading.
    assert!(findings > count);
}
