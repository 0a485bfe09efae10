//! Flows of which it cannot be told what their steps are: no graph is judged, and none is compiled.

use crate::program::Project;

const HEAD: &str = "from metaflow import FlowSpec, retry, step\n";
const START: &str = "    @step\n    def start(self):\n        self.next(self.mid)\n";
const END: &str = "    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    F()\n";
const MID: &str = "@step\n        def mid(self):\n            self.next(self.end)\n";

/// Says of `mid` that it cannot be told, at this line, and compiles nothing.
fn cannot_be_told(before: &str, bases: &str, members: &str, reason: &str) {
    let flow = format!("{HEAD}{before}\n\nclass F({bases}):\n{START}{members}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    let told = format!("note[FLC901] whether `mid` is a step cannot be known statically: {reason}");
    let checked = project
        .run(["check", "flow.py", "--output-format", "concise"])
        .ends(0)
        .says(&told);
    assert_eq!(checked.out.lines().count(), 1, "{}", checked.out);
    let words = ["compile", "flow.py", "--target", "argo", "--draft"];
    let compiled = project.run(words).ends(1).complains("error[FLC901]");
    assert_eq!(compiled.out, "");
}

#[test]
fn a_step_under_a_condition_that_is_not_known() {
    let guarded = format!("    if HAS_GPU:\n        {MID}    else:\n        {MID}");
    let cupy = "try:\n    import cupy\n    HAS_GPU = True\nexcept ImportError:\n    HAS_GPU = False\n";
    cannot_be_told(
        cupy,
        "FlowSpec",
        &guarded,
        "it depends on whether `cupy` can be imported",
    );
    let host = "import socket\nHAS_GPU = socket.gethostname() == 'gpu'\n";
    cannot_be_told(host, "FlowSpec", &guarded, "`socket.gethostname` is called");
}

#[test]
fn a_step_made_elsewhere() {
    let decorated = "    @mystep\n    def mid(self):\n        self.next(self.end)\n";
    let import = "from third_lib import mystep\n";
    cannot_be_told(
        import,
        "FlowSpec",
        decorated,
        "`third_lib.mystep` comes from outside of the project",
    );
    let made = "    mid = mystep('mid')\n";
    cannot_be_told(import, "FlowSpec", made, "`third_lib.mystep` is called");
    let mixin = "from third_lib import Mixin\n";
    cannot_be_told(
        mixin,
        "Mixin, FlowSpec",
        "",
        "a base of the flow is not in the project",
    );
}

#[test]
fn marks_of_a_step_that_are_copied_by_hand() {
    let wrapper = "def deco(fn):\n    def w(self):\n        return fn(self)\n    w.__dict__.update(fn.__dict__)\n    return w\n";
    let mid = "    @deco\n    @step\n    def mid(self):\n        self.next(self.end)\n";
    let reason = "the attributes of another object are copied to it (line 5)";
    cannot_be_told(wrapper, "FlowSpec", mid, reason);
    let exact = wrapper.replace(
        "w.__dict__.update(fn.__dict__)",
        "functools.update_wrapper(w, fn)",
    );
    let flow = format!("{HEAD}import functools\n{exact}\n\nclass F(FlowSpec):\n{START}{mid}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    project.run(["check", "flow.py"]).ends(0);
}

/// What is sure is still said; a typo in a flow whose steps are known is an error.
#[test]
fn what_does_not_rest_on_the_steps_is_said() {
    let members = "    @retry(tims=3)\n    @mystep\n    def mid(self):\n        self.next(self.end)\n";
    let flow = format!("{HEAD}from third_lib import mystep\n\n\nclass F(FlowSpec):\n{START}{members}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    project
        .run(["check", "flow.py", "--output-format", "concise"])
        .says("FLC901");
    let typo = format!("{HEAD}from third_lib import mystep\n\n\nclass F(FlowSpec):\n{START}{END}");
    let project = Project::new(&[("flow.py", &typo)]);
    project
        .run(["check", "flow.py", "--output-format", "concise"])
        .ends(1)
        .says("error[FLC110]");
}

/// What takes too long is not known; what stands behind it is.
#[test]
fn a_heavy_constant_hides_nothing_behind_it() {
    let heavy = "PRIMES = [n for n in range(2, 3000) if all(n % d for d in range(2, n))]\nTIMES = 9\n";
    let members = "    @retry(times=TIMES)\n    @step\n    def mid(self):\n        self.next(self.end)\n";
    let flow = format!("{HEAD}{heavy}\n\nclass F(FlowSpec):\n{START}{members}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    let checked = project
        .run(["check", "flow.py", "--output-format", "concise"])
        .ends(1);
    assert_eq!(checked.out.lines().count(), 1, "{}", checked.out);
    checked.says("error[FLC221] `times` of `@retry` must be a whole number of at most 4, not `9`");
}

/// What is looked through for names counts as work: each level of `~~~…~unknown` has all below it.
#[test]
fn deep_unknown_expressions_in_long_loops_end() {
    let inverted = "~".repeat(130);
    let heavy = format!("from third_lib import x\nfor i in range(10**9):\n    {inverted}x\nTIMES = 9\n");
    let members = "    @retry(times=TIMES)\n    @step\n    def mid(self):\n        self.next(self.end)\n";
    let flow = format!("{HEAD}{heavy}\n\nclass F(FlowSpec):\n{START}{members}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    let begun = std::time::Instant::now();
    let checked = project.run(["check", "flow.py", "--output-format", "concise"]);
    checked.ends(1).says("error[FLC221]");
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// Values that hold themselves, or one part in very many places, are as heavy as they would be when written out.
#[test]
fn values_without_end_are_not_known() {
    let doubled = "a = []\nb = []\nfor i in range(50):\n    a = [a, a]\n    b = [b, b]\n";
    for value in [
        "a = []\na.append(a)\nVALUE = a\n".to_owned(),
        "a = [0]\na[0] = a\nVALUE = a\n".to_owned(),
        "a = []\na.extend([a, a])\nVALUE = {'a': a}\n".to_owned(),
        "a = {}\na['a'] = (a, a)\nVALUE = a\n".to_owned(),
        "a = []\nb = [a, a]\na.append(b)\nVALUE = a\n".to_owned(),
        "a = []\na.append(iter(a))\nVALUE = str(a)\n".to_owned(),
        "from third_lib import f\na = []\na.extend([a] * 10)\nf(a)\nVALUE = a\n".to_owned(),
        format!("{doubled}VALUE = a\n"),
        format!("{doubled}VALUE = a == b\n"),
        format!("{doubled}VALUE = str(a)\n"),
        "a = 1\nfor i in range(50):\n    a = (a, a)\nVALUE = {a: 1}\n".to_owned(),
    ] {
        let members = "    @environment(vars={'V': VALUE})\n    @retry(times=9)\n    @step\n    def mid(self):\n        self.next(self.end)\n";
        let imports = "from metaflow import environment\n";
        let flow = format!("{HEAD}{imports}{value}\n\nclass F(FlowSpec):\n{START}{members}{END}");
        let project = Project::new(&[("flow.py", &flow)]);
        project
            .run(["check", "flow.py", "--output-format", "concise"])
            .ends(1)
            .says("error[FLC221] `times` of `@retry` must be a whole number of at most 4, not `9`");
    }
}

/// What is searched in many bases is found, and the order is found once.
#[test]
fn a_long_line_of_classes_takes_no_time() {
    let mut classes = String::from("class A0: pass\nclass B0(A0): pass\n");
    for at in 1..400 {
        let before = at - 1;
        classes.push_str(&format!(
            "class A{at}(A{before}): pass\nclass B{at}(B{before}, A{before}): pass\n"
        ));
    }
    let members = "    @retry(times=9)\n    @step\n    def mid(self):\n        self.next(self.end)\n";
    let flow = format!("{HEAD}{classes}\n\nclass F(FlowSpec):\n{START}{members}{END}");
    let project = Project::new(&[("flow.py", &flow)]);
    let began = std::time::Instant::now();
    project
        .run(["check", "flow.py", "--output-format", "concise"])
        .ends(1)
        .says("FLC221");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// It may be a flow, for all that can be told.
#[test]
fn a_class_with_a_base_that_is_not_followed_may_have_the_decorators_of_a_flow() {
    let told = |base: &str| {
        let before = format!(
            "from metaflow import project\nfrom third_lib import Shared\n\n@project(name='x')\nclass G({base}):\n    pass\n"
        );
        let mid = "    @step\n    def mid(self):\n        self.next(self.end)\n";
        let flow = format!("{HEAD}{before}\nclass F(FlowSpec):\n{START}{mid}{END}");
        let project = Project::new(&[("flow.py", &flow)]);
        let checked = project.run(["check", "flow.py", "--output-format", "concise"]);
        checked.out.contains("FLC212")
    };
    assert!(!told("Shared"));
    assert!(told("object"));
}

/// Python never makes the class: what its graph lacks for that reason is not said beside the cause.
#[test]
fn a_decorator_that_raises_is_the_only_finding() {
    let told = |import: &str, members: &str| {
        let flow = format!("{import}\n\n\nclass F(FlowSpec):\n{members}{END}");
        let project = Project::new(&[("flow.py", &flow)]);
        let checked = project.run(["check", "flow.py", "--output-format", "concise"]);
        let out = checked.ends(1).out;
        let codes = out.lines().filter_map(|line| line.split_once("error["));
        let codes: Vec<String> = codes.map(|(_, rest)| rest.chars().take(6).collect()).collect();
        assert_eq!(codes.len(), out.lines().count(), "{out}");
        codes
    };
    let mid =
        |decorators: &str| format!("{START}{decorators}    def mid(self):\n        self.next(self.end)\n");
    let without_step = "from metaflow import FlowSpec";
    assert_eq!(told(without_step, &mid("    @step\n")), ["FLC203"; 3]);
    assert_eq!(told(HEAD, &mid("    @stpe\n")), ["FLC203"]);
    assert_eq!(told(HEAD, &mid("    @gone\n    @step\n")), ["FLC203"]);
    let raising = "def deco(function):\n    raise ValueError\n";
    let applied = told(&format!("{HEAD}{raising}"), &mid("    @deco\n    @step\n"));
    assert_eq!(applied, ["FLC203"]);
    // A helper is no step: the graph is known.
    let helper = format!("{START}    @gone\n    def helper(self):\n        pass\n");
    assert_eq!(told(HEAD, &helper), ["FLC110", "FLC203"]);
}

/// What is said of a flow with these lines at the head of its class, at `check` and at `compile`.
fn parameter_verdict(before: &str, members: &str) -> (String, i32) {
    let body: String = members.lines().map(|line| format!("    {line}\n")).collect();
    let flow = format!(
        "from metaflow import Config, FlowSpec, IncludeFile, Parameter, step\n{before}\n\nclass F(FlowSpec):\n{body}    \
         @step\n    def start(self):\n        self.next(self.end)\n\n{END}"
    );
    let project = Project::new(&[("flow.py", &flow)]);
    let checked = project.run(["check", "flow.py", "--output-format", "concise"]);
    let compiled = project.run(["compile", "flow.py", "--target", "argo", "--draft"]);
    (checked.out, compiled.code)
}

const TORCH: &str = "try:\n    import torch\n    HAS = True\nexcept ImportError:\n    HAS = False\n";
const SUBCLASS: &str = "class Choice(Parameter):\n    def __init__(self, name, options, **kw):\n        super().__init__(name, default=options[0], **kw)\n";
const FALLBACK: &str = "try:\n    from internal_lib import Param\nexcept ImportError:\n    from metaflow import Parameter as Param\n";
const GENERATOR: &str = "def ps():\n    yield Parameter('a')\n    yield Parameter('b')\n";
const SUPER: &str = "class Mk:\n    def p(self, n): return Parameter(n)\nclass Mk2(Mk):\n    def p(self, n): return super().p(n)\n";

#[test]
fn attributes_that_may_be_parameters_are_told() {
    for (before, members, name) in [
        (
            TORCH,
            "if HAS:\n    dev = Parameter('device', default='cuda')\nelse:\n    dev = Parameter('device', default='cpu')",
            "dev",
        ),
        (
            TORCH,
            "dev = Parameter('device', default='cuda') if HAS else Parameter('device', default='cpu')",
            "dev",
        ),
        (TORCH, "dev = Parameter('device') if HAS else 5", "dev"),
        (TORCH, "if HAS:\n    dev = Parameter('device')", "dev"),
        (
            "",
            "try:\n    import numpy as _np\n    b = Parameter('b', default=1)\nexcept ImportError:\n    b = Parameter('b', default=2)",
            "b",
        ),
        (FALLBACK, "b = Param('b', default=1)", "b"),
        (SUBCLASS, "b = Choice('b', ['x', 'y'])", "b"),
        (GENERATOR, "a, _ = ps()", "a"),
        ("", "b = sorted([Parameter('b', default=1)], key=id)[0]", "b"),
        (SUPER, "a = Mk2().p('a')", "a"),
        (
            "",
            "b = Parameter('b', default=1) if __import__('os').cpu_count() else IncludeFile('b')",
            "b",
        ),
        (
            "import company_flows",
            "region = company_flows.make_param('region')",
            "region",
        ),
        (
            "from company_flows import RegionParameter",
            "region = RegionParameter()",
            "region",
        ),
    ] {
        let (told, code) = parameter_verdict(before, members);
        let expected = format!("note[FLC901] whether `{name}` is a parameter cannot be known statically: ");
        assert!(
            told.lines().count() == 1 && told.contains(&expected),
            "{members}: {told}"
        );
        assert_eq!(code, 1, "{members}");
    }
}

/// Most attributes that are not known are constants; they are none of a definition's business.
#[test]
fn attributes_that_are_no_parameters_are_silent() {
    for (before, members) in [
        (TORCH, "dev = 'cuda' if HAS else 'cpu'"),
        (TORCH, "if HAS:\n    dev = 'cuda'\nelse:\n    dev = 'cpu'"),
        (
            "from some_lib import CONST, compute",
            "a = CONST\nb = compute()\nc = compute(CONST)[0]",
        ),
        ("from some_lib import REGION", "region = REGION"),
        (
            "import some_lib\nc = Config('c', default_value={'a': 1}) if some_lib.X else {}\n",
            "b = c['a']",
        ),
        ("from some_lib import get_params", "settings = get_params()"),
        (
            "from some_lib import f",
            "c = Config('c', default_value={'a': 1})\nb = f(3) + 1",
        ),
        (
            "import os\ndef make():\n    return os.cpu_count()\n",
            "cpus = make()",
        ),
        ("", "b = isinstance(Parameter('b'), int)"),
        ("", "b = _b = Parameter('b', default=1) if False else 3"),
    ] {
        let (told, code) = parameter_verdict(before, members);
        assert_eq!(told, "", "{members}");
        assert_eq!(code, 0, "{members}");
    }
}

#[test]
fn parameters_of_which_something_is_not_known() {
    for (before, members, what) in [
        (
            "import platform",
            "b = Parameter('x' + platform.node(), default=1)",
            "the name of the parameter `b`",
        ),
        (
            "import json, os\nCOMMON = json.loads(os.popen('echo {}').read())",
            "b = Parameter('alpha', **COMMON)",
            "which arguments the parameter `b` has",
        ),
        (
            "",
            "b = Parameter('b', default=sum(i * i for i in range(200_000)))",
            "`default` of the parameter `b`",
        ),
        // Nothing is said of the variable in place of the name.
        (
            "import platform",
            "tag = Parameter('x' + platform.node(), default=1)",
            "the name of the parameter `tag`",
        ),
        (
            "import os",
            "b = Parameter('b', default=os.cpu_count())",
            "`default` of the parameter `b`",
        ),
    ] {
        let (told, code) = parameter_verdict(before, members);
        let expected = format!("note[FLC901] {what} cannot be known statically: ");
        assert!(
            told.lines().count() == 1 && told.contains(&expected),
            "{members}: {told}"
        );
        assert_eq!(code, 1, "{members}");
    }
}
