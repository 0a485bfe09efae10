//! Bases of a flow that are not in the project.

use flowc::target::{Target, TargetVersion};

use crate::memory::Project;

const STEPS: &str =
    "    @step\n    def start(self): self.next(self.end)\n    @step\n    def end(self): pass\n";

fn flow(head: &str, bases: &str) -> Project {
    Project::new(&format!(
        "from metaflow import FlowSpec, step\n{head}\nclass F({bases}):\n{STEPS}\nif __name__ == '__main__':\n    F()\n"
    ))
}

const FALLBACK: &str = "try:\n    from company import BaseFlow\nexcept ImportError:\n    BaseFlow = FlowSpec";

#[test]
fn what_a_foreign_base_brings_is_no_secret() {
    let expected =
        "3:9 warning FLC907 what `F` gets from its base `Mixin` is not known: it is not in the project";
    let first = flow("from company import Mixin", "Mixin, FlowSpec").found("FLC9");
    assert_eq!(first, [expected]);
    let later = flow("from company import Mixin", "FlowSpec, Mixin").found("FLC9");
    assert_eq!(later, [expected.replace("3:9", "3:19")]);
}

#[test]
fn bases_of_python_and_of_the_project_are_no_finding() {
    let generic = "from typing import Generic, TypeVar\nT = TypeVar('T')";
    for (head, bases) in [
        (generic, "FlowSpec, Generic[T]"),
        ("from mixins import Mixin", "Mixin, FlowSpec, object"),
        ("import threading", "FlowSpec, threading.local"),
    ] {
        let project = flow(head, bases).with("mixins.py", "class Mixin: pass\n");
        assert!(project.found("FLC9").is_empty(), "{head} {bases}");
    }
}

#[test]
fn a_base_of_two_is_a_flow_of_which_not_all_is_known() {
    let import = "try:\n    from company import BaseFlow\nexcept ImportError:\n    from metaflow import FlowSpec as BaseFlow";
    for head in [FALLBACK, import] {
        assert_eq!(
            flow(head, "BaseFlow").found("FLC9"),
            [
                "6:9 warning FLC907 what `F` gets from its base `BaseFlow` is not known: which class it is cannot be told"
            ]
        );
    }
    // It is no flow for certain.
    let tools = FALLBACK.replace("FlowSpec", "object");
    assert_eq!(
        flow(&tools, "BaseFlow").found("FLC9"),
        ["6:7 error FLC905 a base of `F` cannot be found: whether it is a flow cannot be told"]
    );
    let either = flow(FALLBACK, "BaseFlow, FlowSpec");
    assert!(either.found("FLC2").is_empty() && either.found("FLC9").len() == 1);
}

#[test]
fn a_base_that_may_bring_something_is_not_compiled_unless_it_is_declared() {
    let argo = TargetVersion::newest(Target::Argo);
    for (head, bases, name) in [
        (FALLBACK, "BaseFlow", "BaseFlow"),
        ("from company import Mixin", "Mixin, FlowSpec", "Mixin"),
        ("from company import Mixin", "Mixin, FlowSpec", "company.Mixin"),
    ] {
        let mut project = flow(head, bases);
        let is_error = |project: &Project| {
            let (_, found) = project.diagnostics(Some(argo));
            let mut found = found.iter().filter(|found| found.rule.code.starts_with("FLC9"));
            found.next().map(flowc::diagnostic::Diagnostic::is_error)
        };
        assert_eq!(is_error(&project), Some(true));
        project.harmless_bases.insert(name.to_owned());
        assert_eq!(is_error(&project), None);
        assert_eq!(project.flow().steps.len(), 2);
    }
}

#[test]
fn a_step_taken_over_from_elsewhere_is_not_left_out() {
    let project = Project::new(
        "import company\nfrom metaflow import FlowSpec, step\nclass F(FlowSpec):\n    start = company.Start.start\n    \
         @step\n    def end(self): pass\nF()\n",
    );
    assert_eq!(
        project.found("FLC"),
        [
            "4:5 note FLC901 whether `start` is a step cannot be known statically: `company.Start.start` comes from outside of the project"
        ]
    );
}
