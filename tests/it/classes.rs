//! Which classes are flows and which of their members are steps: the class semantics of Metaflow.

use crate::memory::Project;

const HEAD: &str = "from metaflow import *\nimport functools\n";

fn names(project: &Project) -> Vec<(String, String)> {
    let (_, reading) = project.read();
    let flows = reading.flows.iter();
    flows
        .map(|flow| {
            let steps: Vec<&str> = flow.steps.iter().map(|step| step.name.as_str()).collect();
            (flow.name.clone(), steps.join(" "))
        })
        .collect()
}

/// The flows of a program, as `Name: steps; …`.
fn flows(text: &str) -> String {
    let found = names(&Project::new(&format!("{HEAD}{text}")));
    let lines: Vec<String> = found
        .iter()
        .map(|(name, steps)| format!("{name}: {steps}"))
        .collect();
    lines.join("; ")
}

const AB: &str = "class A(FlowSpec):\n @step\n def start(self): self.next(self.end)\n @step\n def end(self): pass\n\
                  class B(A):\n @step\n def mid(self): self.next(self.end)\n";

#[test]
fn what_is_run_is_the_flow() {
    assert_eq!(flows(AB), "B: end mid start");
    assert_eq!(
        flows(&format!("{AB}if __name__ == '__main__':\n A()\n")),
        "A: end start"
    );
    assert_eq!(flows(&format!("{AB}B()\n")), "B: end mid start");
    assert_eq!(flows("class A: pass\nA()\n"), "");
}

#[test]
fn a_flow_may_be_named_anew() {
    assert_eq!(flows(&format!("{AB}B.__name__ = 'C'\nB()\n")), "C: end mid start");
    let beside = Project::new(&format!("{HEAD}{AB}B.__name__ = 'C'\nclass D(A): pass\nD()\n"));
    let (_, reading) = beside.read();
    let left_out: Vec<&str> = reading.left_out.iter().map(|flow| flow.name.as_str()).collect();
    assert_eq!(left_out, ["C"]);
    let unknown = Project::new(&format!("{HEAD}{AB}B.__name__ = input()\nB()\n"));
    let (_, reading) = unknown.read();
    assert!(reading.flows.iter().all(|flow| flow.unknown_name.is_some()));
}

#[test]
fn what_cannot_be_told_to_run_may_be_any_flow() {
    let flows = "class A(FlowSpec):\n @step\n def start(self): self.next(self.end)\n @step\n def end(self): pass\n\
                 class B(A): pass\nFLOWS = {'a': A, 'b': B}\n";
    let never_run = |run: &str| {
        let text = format!(
            "{HEAD}import sys, argparse\nns = argparse.ArgumentParser().parse_args()\n{flows}{run}\n"
        );
        Project::new(&text).found("FLC311")
    };
    for run in [
        "if __name__ == '__main__': A() if len(sys.argv) > 5 else B()",
        "(A if ns.f == 'a' else B)()",
        "globals()['B']()",
        "FLOWS[ns.key]()",
        "FLOWS.get(ns.key)()",
        "flow = FLOWS[ns.key]\nflow()",
        "def main():\n FLOWS[ns.key]()\nmain()",
        "ns.ready and B()",
        "exec(ns.code)",
    ] {
        assert_eq!(never_run(run), Vec::<String>::new(), "{run}");
    }
    for run in [
        "",
        "ns.log.info(A)",
        "import logging\nlogging.getLogger().info('x')",
        "print(A)",
    ] {
        assert_eq!(never_run(run).len(), 1, "{run}");
    }
}

/// The parameters of a flow whose class begins with these lines, and what cannot be told of it.
fn members_of(body: &str) -> (Vec<String>, Vec<String>) {
    let text = format!(
        "{HEAD}import os, helpers\nclass F(FlowSpec):\n{body}\n @step\n def start(self): self.next(self.end)\n @step\n \
         def end(self): print(self.alpha)\nF()\n"
    );
    let project = Project::new(&text);
    let (_, reading) = project.read();
    let parameters = reading.flows[0].parameters.iter();
    let names = parameters.map(|parameter| parameter.name.clone()).collect();
    (names, project.found("FLC9"))
}

#[test]
fn names_set_in_the_class_body_by_their_text_are_members() {
    for names in ["locals()", "vars()"] {
        let (parameters, unknown) = members_of(&format!(
            " for n in ('alpha', 'beta'):\n  {names}[n] = Parameter(n, default=1)"
        ));
        assert_eq!(parameters, ["alpha", "beta"], "{names}");
        assert_eq!(unknown, Vec::<String>::new());
    }
    for body in [
        " for n in helpers.names():\n  locals()[n] = Parameter(n, default=1)",
        " for n in helpers.names():\n  vars()[n] = Parameter(n, default=1)",
        " locals().update({n: Parameter(n) for n in helpers.names()})",
        " exec(helpers.code())",
    ] {
        let (_, unknown) = members_of(body);
        assert_eq!(unknown.len(), 1, "{body}: {unknown:?}");
        assert!(
            unknown[0].contains("FLC901 which parameters and steps `F` has cannot be known statically"),
            "{unknown:?}"
        );
    }
    // Another object's names, and the module's, are not the class's.
    for body in [
        " x = vars(helpers)['a']",
        " globals()['x'] = 1",
        " def f(self):\n  locals()['x'] = 1",
    ] {
        assert_eq!(members_of(body).1, Vec::<String>::new(), "{body}");
    }
}

#[test]
fn an_imported_flow_can_be_run() {
    let base = format!("{HEAD}{AB}");
    let project =
        Project::new("from base import B\nif __name__ == '__main__':\n    B()\n").with("base.py", &base);
    assert_eq!(names(&project), [("B".to_owned(), "end mid start".to_owned())]);
    let project = Project::new("import base\nclass C(base.A):\n    start = None\n").with("base.py", &base);
    assert_eq!(names(&project), [("C".to_owned(), "end".to_owned())]);
}

#[test]
fn members_come_from_the_whole_resolution_order() {
    let mixin = "class M:\n @step\n def start(self): self.next(self.end)\n\
                 class F(M, FlowSpec):\n @step\n def end(self): pass\n @step\n def B(self): pass\n";
    assert_eq!(flows(mixin), "F: B end start");
    assert_eq!(flows(&format!("{AB}class C(B):\n mid = None\n")), "C: end start");
    assert_eq!(
        flows(&format!("{AB}class C(B):\n def mid(self): pass\n")),
        "C: end start"
    );
    assert_eq!(
        flows("class F(FlowSpec):\n @step\n def a(self): pass\n b = a\n"),
        "F: a b"
    );
}

#[test]
fn what_counts_as_a_step() {
    let one = |decorators: &str| {
        flows(&format!(
            "class F(FlowSpec):\n{decorators} def start(self): self.next(self.end)\n"
        ))
    };
    for decorators in [
        " @step\n",
        " @step()\n",
        " @staticmethod\n @step\n",
        " @classmethod\n @step\n",
        " @retry(times=1)\n @step\n",
        " @functools.lru_cache\n @step\n",
    ] {
        assert_eq!(one(decorators), "F: start", "{decorators}");
    }
    assert_eq!(one(" @property\n @step\n"), "F: ");
    assert_eq!(one(""), "F: ");
    assert_eq!(
        flows(
            "import metaflow as mf\nmine = mf.step\nclass F(mf.FlowSpec):\n @mine\n def start(self): pass\n"
        ),
        "F: start"
    );
}

const WRAPPERS: &str = "def wrapped(f):\n @functools.wraps(f)\n def wrapper(self): return f(self)\n return wrapper\n\
                        def bare(f):\n def wrapper(self): return f(self)\n return wrapper\n";

#[test]
fn wrappers_hide_steps_unless_they_say_what_they_wrap() {
    let one = |decorators: &str| {
        flows(&format!(
            "{WRAPPERS}class F(FlowSpec):\n{decorators} def start(self): self.next(self.end)\n"
        ))
    };
    assert_eq!(one(" @wrapped\n @step\n"), "F: start");
    assert_eq!(one(" @step\n @wrapped\n"), "F: start");
    assert_eq!(one(" @step\n @bare\n"), "F: start");
    assert_eq!(one(" @bare\n @step\n"), "F: ");
    let hidden = format!("{HEAD}{WRAPPERS}class F(FlowSpec):\n @bare\n @step\n def start(self): pass\n");
    assert_eq!(Project::new(&hidden).found("FLC217").len(), 1);
}

/// Metaflow's own refusals when decorators are applied.
#[test]
fn decorators_that_cannot_be_applied() {
    let tail = "\n def start(self): self.next(self.end)\n @step\n def end(self): pass\n";
    for (code, text) in [
        (
            "FLC210",
            format!("class F(FlowSpec):\n @step\n @retry(times=1){tail}"),
        ),
        ("FLC210", format!("class F(FlowSpec):\n @step\n @retry{tail}")),
        (
            "FLC210",
            format!("class F(FlowSpec):\n @retry\n def helper(self): pass\n @step{tail}"),
        ),
        ("FLC211", format!("class F(FlowSpec):\n @retry(2)\n @step{tail}")),
        (
            "FLC211",
            format!("@project('x')\nclass F(FlowSpec):\n @step{tail}"),
        ),
        (
            "FLC212",
            format!("class F(FlowSpec):\n @project(name='x')\n @step{tail}"),
        ),
        (
            "FLC212",
            format!("@project(name='x')\nclass G: pass\nclass F(FlowSpec):\n @step{tail}"),
        ),
        (
            "FLC213",
            format!("@retry(times=1)\nclass F(FlowSpec):\n @step{tail}"),
        ),
        ("FLC213", format!("@retry\nclass F(FlowSpec):\n @step{tail}")),
        (
            "FLC214",
            format!("class F(FlowSpec):\n @retry(times=1)\n @retry(times=2)\n @step{tail}"),
        ),
        (
            "FLC214",
            format!(
                "@project(name='a')\nclass A(FlowSpec): pass\n@project(name='b')\nclass F(A):\n @step{tail}"
            ),
        ),
        ("FLC215", format!("class F(FlowSpec):\n @step(True){tail}")),
        ("FLC215", format!("class F(FlowSpec):\n @step(foo=1){tail}")),
        (
            "FLC216",
            format!("class F(FlowSpec):\n x = step(lambda self: None)\n @step{tail}"),
        ),
        (
            "FLC216",
            format!(
                "def _mid(self):\n self.next(self.end)\nclass F(FlowSpec):\n mid = step(_mid)\n @step{tail}"
            ),
        ),
        (
            "FLC218",
            format!(
                "@user_step_decorator\ndef t(step_name, flow, inputs): return 1\nclass F(FlowSpec):\n @t\n @step{tail}"
            ),
        ),
        (
            "FLC218",
            format!(
                "@user_step_decorator\ndef t(step_name, flow): yield\nclass F(FlowSpec):\n @t\n @step{tail}"
            ),
        ),
    ] {
        let project = Project::new(&format!("{HEAD}{text}"));
        let found = project.found("FLC21");
        assert!(
            found.len() == 1 && found[0].contains(code),
            "{code}: {:?}\n{text}",
            project.findings()
        );
    }
}

/// The same where Metaflow has nothing against it.
#[test]
fn decorators_that_can_be_applied() {
    let tail = "\n def start(self): self.next(self.end)\n @step\n def end(self): pass\n";
    for text in [
        format!("class F(FlowSpec):\n @retry()\n @step{tail}"),
        format!("class F(FlowSpec):\n @card(id='a')\n @card(id='b')\n @step{tail}"),
        format!("R = dict(times=2)\nclass F(FlowSpec):\n @retry(**R)\n @step{tail}"),
        format!("big = resources(cpu=16)\nclass F(FlowSpec):\n @big\n @step{tail}"),
        format!(
            "big = functools.partial(resources, cpu=16)\nclass F(FlowSpec):\n @big(memory=3)\n @step{tail}"
        ),
        format!(
            "@project(name='a')\nclass A(FlowSpec): pass\nclass B(A): pass\nclass C(A): pass\nclass F(B, C):\n @step{tail}"
        ),
        format!(
            "@user_step_decorator\ndef t(step_name, flow, inputs, attributes): yield\nclass F(FlowSpec):\n @t(a=1)\n @step{tail}"
        ),
        format!("@step\ndef _mid(self):\n    pass\nclass F(FlowSpec):\n @step{tail}"),
    ] {
        let project = Project::new(&format!("{HEAD}{text}"));
        assert_eq!(project.found("FLC21"), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn decorators_stand_in_source_order_with_their_attributes() {
    let flow = Project::new(&format!(
        "{HEAD}big = resources(cpu=16)\nRES = {{'times': 2}}\n@schedule(daily=True)\n@project(name='p')\n\
         class F(FlowSpec):\n @retry(**RES)\n @timeout(minutes=1 + 1)\n @big\n @step\n def start(self): pass\n"
    ))
    .flow();
    let shown = |used: &flowc::flow::DecoratorUse| {
        let attributes = used.attributes.iter();
        let values = attributes.map(|it| format!("{}={}", it.name, it.value.value().unwrap().to_repr()));
        format!("{}({})", used.name, values.collect::<Vec<_>>().join(","))
    };
    let of_flow: Vec<String> = flow.decorators.iter().map(shown).collect();
    assert_eq!(of_flow, ["schedule(daily=True)", "project(name='p')"]);
    let of_step: Vec<String> = flow.steps[0].decorators.iter().map(shown).collect();
    assert_eq!(
        of_step,
        ["retry(times=2)", "timeout(minutes=2)", "resources(cpu=16)"]
    );
}

#[test]
fn mutators_and_foreign_decorators_are_named() {
    let text = format!(
        "{HEAD}from elsewhere import traced\nclass Every(FlowMutator):\n def mutate(self, flow): pass\n\
         @Every\nclass F(FlowSpec):\n @traced\n @step\n def start(self): pass\n"
    );
    let project = Project::new(&text);
    assert_eq!(project.found("FLC902").len(), 1, "{:?}", project.findings());
    assert_eq!(project.found("FLC903").len(), 1, "{:?}", project.findings());
    assert_eq!(project.flow().mutators, ["Every"]);
}
