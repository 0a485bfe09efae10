//! Reading and checking programs that stand in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use flowc::diagnostic::{Diagnostic, in_order};
use flowc::flow::{Configs, Entry, Flow, Inputs, KnownDecorator, Reading};
use flowc::graph::FlowGraph;
use flowc::lint::{self, rules};
use flowc::source::{Files, Sources};
use flowc::target::TargetVersion;
use flowc::value::Value;

/// A project: files by path, the entry among them, and what is given besides.
#[derive(Default)]
pub struct Project {
    files: BTreeMap<PathBuf, Vec<u8>>,
    pub environment: BTreeMap<String, String>,
    pub configs: Configs,
    pub defines: BTreeMap<String, Value>,
    pub known_decorators: BTreeMap<String, KnownDecorator>,
    pub harmless_bases: std::collections::BTreeSet<String>,
}

impl Files for Project {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.files
            .keys()
            .any(|file| file != path && file.starts_with(path))
    }
}

impl Project {
    /// One file, `f.py`.
    pub fn new(text: &str) -> Self {
        Self::default().with("f.py", text)
    }

    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(PathBuf::from(path), text.as_bytes().to_vec());
        self
    }

    pub fn define(mut self, name: &str, value: Value) -> Self {
        self.defines.insert(name.to_owned(), value);
        self
    }

    /// Reads `f.py`.
    pub fn read(&self) -> (Sources, Reading) {
        let mut sources = Sources::default();
        let reading = self.read_into(&mut sources);
        (sources, reading)
    }

    fn read_into(&self, sources: &mut Sources) -> Reading {
        let inputs = Inputs {
            files: self,
            environment: &self.environment,
            configs: &self.configs,
            defines: &self.defines,
            known_decorators: &self.known_decorators,
            harmless_bases: &self.harmless_bases,
        };
        let entry = Entry {
            path: Path::new("f.py"),
            text: None,
            class: None,
        };
        flowc::flow::read(entry, &inputs, sources).expect("the entry is there")
    }

    /// The only flow of `f.py`.
    pub fn flow(&self) -> Flow {
        let (_, mut reading) = self.read();
        assert_eq!(reading.flows.len(), 1, "{:?}", reading.diagnostics);
        reading.flows.remove(0)
    }

    /// All findings, of reading and of the rules.
    pub fn diagnostics(&self, target: Option<TargetVersion>) -> (Sources, Vec<Diagnostic>) {
        let (sources, reading) = self.read();
        let mut found = reading.diagnostics;
        for flow in &reading.flows {
            found.extend(lint::run(&FlowGraph::new(flow), rules::ALL, target).diagnostics);
        }
        let found = in_order(&sources, found);
        (sources, found)
    }

    /// The same as `line:column severity code message`.
    pub fn findings(&self) -> Vec<String> {
        let (sources, found) = self.diagnostics(None);
        found.iter().map(|finding| line(&sources, finding)).collect()
    }

    /// The findings whose codes begin like this.
    pub fn found(&self, code: &str) -> Vec<String> {
        let mut findings = self.findings();
        findings.retain(|line| {
            line.split(' ')
                .nth(2)
                .is_some_and(|found| found.starts_with(code))
        });
        findings
    }
}

fn line(sources: &Sources, finding: &Diagnostic) -> String {
    let at = sources.start(finding.span);
    let (severity, code) = (finding.severity.name(), finding.rule.code);
    format!("{}:{} {severity} {code} {}", at.line, at.column, finding.message)
}
