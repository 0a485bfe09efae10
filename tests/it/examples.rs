//! An example of a rule's page or fixture: a whole flow, with what has to be given to judge it, and what one rule
//! finds in it.
//!
//! A page's example may follow the command that shows it (```` ```sh ````); a fixture names what it needs in its
//! first lines: `# target: argo`, `# define: IMAGE="x"`, `# command: flowc compile train.py --target argo`. Commands
//! run in a folder with the settings of [`SETTINGS`]. What is long is spelt `self.s1, self.s2, …, self.s200`, and
//! `# … and so on to s200` below the paragraph that is to be repeated.

use std::collections::{BTreeMap, BTreeSet};

use flowc::diagnostic::{Diagnostic, RuleInfo};
use flowc::graph::FlowGraph;
use flowc::lint::{self, Rule, rules, suppress};
use flowc::settings::Settings;
use flowc::source::Sources;
use flowc::target::{Target, TargetVersion};
use flowc::value::Value;

use crate::program::Project;
use crate::reading;

/// A whole deployment, for every target.
const SETTINGS: &str = r#"
datastore-root = "s3://bucket/metaflow"
code = "image"
image = "python:3.11"

[metaflow]
BATCH_JOB_QUEUE = "queue"
ECS_S3_ACCESS_IAM_ROLE = "arn:aws:iam::123456789012:role/job"
SFN_DYNAMO_DB_TABLE = "table"

[step-functions]
region = "eu-west-1"
"#;

/// Line, severity and code of each finding of one rule.
pub type Found = BTreeSet<(u32, &'static str, String)>;

/// A flow and what it is judged with.
#[derive(Debug, Default)]
pub struct Example {
    pub text: String,
    targets: Vec<TargetVersion>,
    defines: BTreeMap<String, Value>,
    /// Without it the rules are asked directly.
    command: Option<String>,
}

impl Example {
    /// With what the text's first lines ask for.
    pub fn new(text: &str) -> Self {
        let mut example = Self {
            text: in_full(text),
            ..Self::default()
        };
        for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
            let Some((what, value)) = line.split_once(": ") else {
                continue;
            };
            match (what, value.split_once('=')) {
                ("target", _) => {
                    let target = Target::parse(value.trim()).expect("a target");
                    example.targets.push(TargetVersion::newest(target));
                }
                ("define", Some((name, value))) => {
                    let value = Value::str(value.trim());
                    example.defines.insert(name.trim().to_owned(), value);
                }
                ("command", _) => example.command = Some(value.to_owned()),
                _ => {}
            }
        }
        example
    }

    /// The examples of a section of a page.
    pub fn all_of(page: &str, section: &str) -> Vec<Self> {
        let Some((_, rest)) = page.split_once(&format!("## {section}\n")) else {
            return Vec::new();
        };
        let body = rest.split("\n## ").next().unwrap_or(rest);
        let mut examples = Vec::new();
        let mut command = None;
        // Every second piece stands between fences.
        for block in body.split("```").skip(1).step_by(2) {
            if let Some(text) = block.strip_prefix("sh\n") {
                command = Some(text.replace("\\\n", " "));
            } else if let Some(text) = block.strip_prefix("python\n") {
                let mut example = Self::new(text);
                example.command = command.take();
                examples.push(example);
            }
        }
        examples
    }

    /// What the rule finds, in the way that the example asks for.
    pub fn found(&self, info: &RuleInfo) -> Found {
        match &self.command {
            Some(command) => self.ran(command, info),
            None => self.asked(info, &self.targets),
        }
    }

    /// Does the rule find something: in the way asked for, or else for no target or for any?
    pub fn fires(&self, info: &RuleInfo) -> bool {
        if self.command.is_some() {
            return !self.found(info).is_empty();
        }
        let all: Vec<TargetVersion> = Target::ALL.into_iter().map(TargetVersion::newest).collect();
        let targets = if self.targets.is_empty() {
            &all
        } else {
            &self.targets
        };
        !self.asked(info, &[]).is_empty() || !self.asked(info, targets).is_empty()
    }

    /// Does its command, if it has one, do its work?
    pub fn is_done(&self) -> bool {
        let ran = self.command.as_deref().map(|command| self.run(command));
        ran.is_none_or(|ran| ran.code == 0)
    }

    fn run(&self, command: &str) -> crate::program::Ran {
        let project = Project::new(&[
            ("train.py", &self.text),
            ("flowc.toml", SETTINGS),
            ("data.txt", "1 2 3\n"),
        ]);
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("flowc"), "{command}");
        project.run(words)
    }

    fn ran(&self, command: &str, info: &RuleInfo) -> Found {
        let ran = self.run(command);
        assert_ne!(ran.code, 2, "{command}: {}", ran.err);
        let text = ran.out + &ran.err;
        let mut found = Found::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let severities = ["error", "warning", "note"].into_iter();
            let mut severities =
                severities.filter(|severity| line.starts_with(&format!("{severity}[{}]: ", info.code)));
            if let Some(severity) = severities.next() {
                let place = lines.next().unwrap_or_default();
                let line = place.split(':').nth(1).and_then(|line| line.parse().ok());
                found.insert((line.expect("a place"), severity, info.code.to_owned()));
            }
        }
        found
    }

    fn asked(&self, info: &RuleInfo, targets: &[TargetVersion]) -> Found {
        let rule = rules::ALL.iter().find(|rule| rule.info.code == info.code);
        reading::with_inputs(&self.text, &self.defines, |entry, inputs| {
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

fn summary(info: &RuleInfo, sources: &Sources, findings: &[Diagnostic]) -> Found {
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
pub fn marks(text: &str) -> Found {
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

/// A name with a number at its end: `s200` is `("s", 200)`.
fn numbered(name: &str) -> Option<(&str, usize)> {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    Some((stem, name.strip_prefix(stem)?.parse().ok()?))
}

/// The text without `…`.
fn in_full(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(last) = line.trim_start().strip_prefix("# … and so on to ") {
            let paragraph = last_paragraph(&out);
            out.pop();
            out.extend(repeated(&paragraph, last));
        } else if let Some((before, after)) = line.split_once(", …, ") {
            out.push(enumerated(before, after));
        } else {
            out.push(line.to_owned());
        }
    }
    out.join("\n") + "\n"
}

/// `self.s1, self.s2` and `self.s200)`: all between them as well.
fn enumerated(before: &str, after: &str) -> String {
    let is_end = |letter: char| !letter.is_ascii_alphanumeric() && !"._".contains(letter);
    let (last, rest) = after.split_at(after.find(is_end).unwrap_or(after.len()));
    let (stem, last) = numbered(last).expect("a number");
    let (_, first) = before
        .rsplit(", ")
        .next()
        .and_then(numbered)
        .expect("a number before it");
    let names = (first + 1..=last).map(|number| format!(", {stem}{number}"));
    format!("{before}{}{rest}", names.collect::<String>())
}

/// The lines above the blank one at the end.
fn last_paragraph(lines: &[String]) -> Vec<String> {
    let (_, above) = lines.split_last().expect("a blank line");
    let start = above
        .iter()
        .rposition(String::is_empty)
        .map_or(0, |blank| blank + 1);
    above[start..].to_vec()
}

/// A paragraph about `s1` again for `s2` to `last`; what it says of `s2` goes up with it.
fn repeated(paragraph: &[String], last: &str) -> Vec<String> {
    let (stem, last) = numbered(last).expect("a number");
    let text = paragraph.join("\n");
    let first = numbers(&text, stem)
        .into_iter()
        .map(|(_, _, number)| number)
        .min();
    let first = first.expect("the name of what is repeated");
    let mut out = Vec::new();
    for number in first + 1..=last {
        out.push(String::new());
        out.push(shifted(&text, stem, number - first));
    }
    out
}

/// Where a stem with a number stands as a word, and the number.
fn numbers(text: &str, stem: &str) -> Vec<(usize, usize, usize)> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let starts = text.match_indices(stem).map(|(at, _)| at);
    let starts = starts.filter(|at| !text[..*at].ends_with(is_word));
    let found = starts.filter_map(|at| {
        let from = at + stem.len();
        let rest = &text[from..];
        let length = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest[..length].parse().ok()?;
        (!rest[length..].starts_with(is_word)).then_some((from, from + length, number))
    });
    found.collect()
}

fn shifted(text: &str, stem: &str, by: usize) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (from, to, number) in numbers(text, stem) {
        out += &text[done..from];
        out += &(number + by).to_string();
        done = to;
    }
    out + &text[done..]
}

#[test]
fn what_is_left_out_is_filled_in() {
    let text = "self.next(self.s1, self.s2, …, self.s4)\n\ndef s1(self):\n    self.next(self.s2)\n\n# … and so on to s3\n\nend\n";
    let whole = "self.next(self.s1, self.s2, self.s3, self.s4)\n\ndef s1(self):\n    self.next(self.s2)\n\n\
                 def s2(self):\n    self.next(self.s3)\n\ndef s3(self):\n    self.next(self.s4)\n\nend\n";
    assert_eq!(in_full(text), whole);
}
