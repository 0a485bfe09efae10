//! Decorators that are not written above what they are put on, or of which it is not known which they are: none is lost.

use crate::program::Project;

const HEAD: &str = "import functools, platform, sys\nfrom metaflow import FlowSpec, Parameter, environment, kubernetes, project, resources, retry, schedule, step, timeout\n";
const TORCH: &str = "try:\n    import torch\n    HAS = True\nexcept ImportError:\n    HAS = False\n";
const FIB: &str = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n";
const STEPS: &str = "    @step\n    def start(self):\n        self.next(self.end)\n    @step\n    def end(self):\n        pass\n";
const MAIN: &str = "if __name__ == '__main__':\n    F()\n";

/// A flow with decorators above its class and its first step, and statements behind the class.
fn flow(before: &str, on_class: &str, on_step: &str, behind: &str) -> String {
    format!("{HEAD}{before}{on_class}class F(FlowSpec):\n{on_step}{STEPS}{behind}{MAIN}")
}

#[track_caller]
fn compile(flow: &str) -> crate::program::Ran {
    Project::new(&[("flow.py", flow)]).run(["compile", "flow.py", "--target", "argo", "--draft"])
}

/// Is refused with this as the only finding.
#[track_caller]
fn cannot_be_told(flow: &str, told: &str) {
    let ran = compile(flow).ends(1).complains(&format!("error[FLC901]: {told}"));
    assert_eq!(ran.out, "", "{flow}");
    assert_eq!(ran.err.matches("[FLC").count(), 1, "{flow}{}", ran.err);
}

/// The decorators of `start`, outermost first.
#[track_caller]
fn on_start(flow: &str) -> String {
    let ran = Project::new(&[("flow.py", flow)]).run(["graph", "flow.py", "--format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let steps = graph["flows"][0]["steps"].as_array().unwrap();
    let start = steps.iter().find(|step| step["name"] == "start").unwrap();
    let decorators = start["decorators"].as_array().unwrap().iter();
    let names = decorators.map(|used| format!("{} {}", used["name"].as_str().unwrap(), used["attributes"]));
    names.collect::<Vec<_>>().join("; ")
}

#[test]
fn an_argument_that_takes_too_long_keeps_its_decorator() {
    let told = |what: &str| format!("{what} cannot be known statically: it takes too long to compute");
    let memory = told("`memory` of `@kubernetes`");
    for on_step in [
        "    @kubernetes(image='img:1', memory=fib(23))\n",
        "    @kubernetes(image='img:1', memory=len([i for i in range(200000)]))\n",
    ] {
        cannot_be_told(&flow(FIB, "", on_step, ""), &memory);
    }
    let scheduled = flow(FIB, "@schedule(cron=f'0 {fib(23) % 5} * * *')\n", "", "");
    cannot_be_told(&scheduled, &told("`cron` of `@schedule`"));
    let made = format!("{FIB}def sized(n):\n    return kubernetes(memory=n)\n");
    cannot_be_told(
        &flow(&made, "", "    @sized(fib(23))\n", ""),
        &told("which decorator `@sized` is"),
    );
}

#[test]
fn a_decorator_that_depends_on_what_is_not_known() {
    let torch = "it depends on whether `torch` can be imported";
    let which = |name: &str, reason: &str| {
        format!("which decorator `@{name}` is cannot be known statically: {reason}")
    };
    for chosen in [
        "gpu = kubernetes(gpu=1) if HAS else resources(cpu=1)\n",
        "gpu = lambda f: f\nif HAS:\n    gpu = kubernetes(gpu=1)\n",
        "def made(n): return kubernetes(gpu=n)\ngpu = made(1) if HAS else (lambda f: f)\n",
    ] {
        let flow = flow(&format!("{TORCH}{chosen}"), "", "    @gpu\n", "");
        cannot_be_told(&flow, &which("gpu", torch));
    }
    for made in [
        "def gpu(n):\n    if HAS:\n        return kubernetes(gpu=n)\n    return resources(cpu=n)\n",
        "def gpu(n):\n    return kubernetes(gpu=n) if HAS else (lambda f: f)\n",
    ] {
        let flow = flow(&format!("{TORCH}{made}"), "", "    @gpu(2)\n", "");
        cannot_be_told(&flow, &which("gpu", torch));
    }
    let by_system = "big = {'Linux': kubernetes(cpu=8), 'Darwin': resources(cpu=1)}[platform.system()]\n";
    cannot_be_told(
        &flow(by_system, "", "    @big\n", ""),
        &which("big", "`platform.system` is called"),
    );
    let imported = "try:\n    from internal_lib import gpu\nexcept ImportError:\n    from metaflow import resources as gpu\n";
    cannot_be_told(
        &flow(imported, "", "    @gpu(cpu=3)\n", ""),
        &which("gpu", "it depends on whether `internal_lib` can be imported"),
    );
    let named = "named = project(name='a') if platform.system() else (lambda c: c)\n";
    cannot_be_told(
        &flow(named, "@named\n", "", ""),
        &which("named", "`platform.system` is called"),
    );
}

/// Containers, `or`, a module's attribute, a function that gives the decorator itself.
#[test]
fn a_decorator_out_of_others_of_which_it_is_not_known_which_counts() {
    let chosen = [
        (
            "sizes = {'a': resources(cpu=1)}\n",
            "sizes.get(platform.system(), kubernetes(cpu=4))",
        ),
        (
            "sized = sys.argv[1:] and kubernetes(cpu=2) or resources(cpu=2)\n",
            "sized",
        ),
        (
            "import metaflow as mf\nif sys.platform == 'x':\n    def gpu(f): return mf.kubernetes(gpu=1)(f)\nelse:\n    def gpu(f): return f\n",
            "gpu",
        ),
        (
            "def pick():\n    if sys.platform == 'x': return kubernetes\n    return resources\n",
            "pick()(cpu=1)",
        ),
        (
            "all = [kubernetes(gpu=1)] if sys.platform == 'x' else [resources(cpu=1)]\n",
            "all[0]",
        ),
    ];
    for (before, used) in chosen {
        cannot_be_told(
            &flow(before, "", &format!("    @{used}\n"), ""),
            "which decorator `@",
        );
    }
}

/// What is certainly none of Metaflow's is only noted, as is one that is simply not known.
#[test]
fn a_decorator_of_another_package_is_noted() {
    for before in [
        "from internal_lib import gpu\n".to_owned(),
        format!("{TORCH}import elsewhere\ngpu = elsewhere.one if HAS else elsewhere.two\n"),
        "try:\n    from internal_lib import gpu\nexcept ImportError:\n    def gpu(f): return f\n".to_owned(),
        format!(
            "{TORCH}import elsewhere\nbig = kubernetes(cpu=8) if HAS else resources(cpu=1)\ngpu = elsewhere.one if HAS else elsewhere.two\n"
        ),
    ] {
        compile(&flow(&before, "", "    @gpu\n", ""))
            .ends(0)
            .complains("note[FLC902]");
    }
}

#[test]
fn a_decorator_that_is_perhaps_applied() {
    let schedule = "whether `@schedule` is applied cannot be known statically";
    for behind in [
        "if '--prod' in sys.argv: F = schedule(daily=True)(F)\n",
        "if sys.platform == 'darwin': schedule(daily=True)(F)\n",
    ] {
        cannot_be_told(&flow("", "", "", behind), schedule);
    }
    for applied in ["schedule(daily=True)(cls)", "return schedule(daily=True)(cls)"] {
        let deploy = format!(
            "def deploy(cls):\n    if sys.platform == 'darwin':\n        {applied}\n    return cls\n"
        );
        cannot_be_told(&flow(&deploy, "@deploy\n", "", ""), schedule);
    }
    let behind = "if sys.platform == 'darwin': retry(times=2)(F.start)\n";
    cannot_be_told(
        &flow("", "", "", behind),
        "whether `@retry` is applied cannot be known statically",
    );
    let attempted = "def gpu(f):\n    try:\n        import torch\n        return kubernetes(gpu=1)(f)\n    except ImportError:\n        return f\n";
    cannot_be_told(
        &flow(attempted, "", "    @gpu\n", ""),
        "whether `@kubernetes` is applied cannot be known statically",
    );
    let listed = "for name in dir(F):\n    if hasattr(getattr(F, name), 'is_step'):\n        retry(times=2)(getattr(F, name))\n";
    cannot_be_told(
        &flow("", "", "", listed),
        "what `@retry` is applied to cannot be known statically",
    );
}

#[test]
fn a_parameter_that_is_perhaps_there() {
    let told = "whether `alpha` is a parameter cannot be known statically";
    for behind in [
        "if sys.platform == 'darwin': F.alpha = Parameter('alpha', default=1)\n",
        "if sys.platform == 'darwin': setattr(F, 'alpha', Parameter('alpha', default=1))\n",
    ] {
        cannot_be_told(&flow("", "", "", behind), told);
    }
    let member = "    alpha = Parameter('a') if HAS else Parameter('b')\n";
    cannot_be_told(&flow(TORCH, "", member, ""), told);
}

/// The order is that of Metaflow, which has them the other way round.
#[test]
fn a_decorator_changes_the_function_that_it_is_given() {
    let heavy = "def heavy(f):\n    resources(cpu=3)(f)\n    return f\n";
    assert_eq!(
        on_start(&flow(heavy, "", "    @heavy\n", "")),
        r#"resources {"cpu":3}"#
    );
    let twice = "retry(times=2)(F.start)\n";
    for behind in [
        twice,
        "functools.partial(retry, times=2)(F.start)\n",
        "try:\n    retry(times=2)(F.start)\nexcept Exception:\n    pass\n",
        "for s in (F.start, F.end): retry(times=2)(s)\n",
        "def harden(cls):\n    for n in ('start', 'end'):\n        retry(times=2)(getattr(cls, n))\n    return cls\nF = harden(F)\n",
    ] {
        assert_eq!(
            on_start(&flow("", "", "", behind)),
            r#"retry {"times":2}"#,
            "{behind}"
        );
    }
    let inherited = flow("", "", "", twice)
        .replace("class F", "class B")
        .replace("F.start", "B.start");
    let inherited = inherited.replace(MAIN, &format!("class F(B):\n    pass\n{MAIN}"));
    assert_eq!(on_start(&inherited), r#"retry {"times":2}"#);
    let in_body = flow("", "", "", "").replace(
        "    @step\n    def end",
        "    retry(times=4)(start)\n    @step\n    def end",
    );
    assert_eq!(on_start(&in_body), r#"retry {"times":4}"#);
    let several = flow(
        heavy,
        "",
        "    @timeout(seconds=60)\n    @heavy\n    @retry(times=1)\n",
        "environment(vars={'A': 'b'})(F.start)\n",
    );
    assert_eq!(
        on_start(&several),
        r#"environment {"vars":{"A":"b"}}; timeout {"seconds":60}; resources {"cpu":3}; retry {"times":1}"#
    );
    let both = "def both(f):\n    step(f)\n    retry(times=3)(f)\n    return f\n";
    let by_both = flow(both, "", "", "").replacen("@step", "@both", 1);
    assert_eq!(on_start(&by_both), r#"retry {"times":3}"#);
    let wrapped = "def wrapped(f):\n    @functools.wraps(f)\n    def inner(self):\n        return f(self)\n    return inner\n";
    assert_eq!(
        on_start(&flow(wrapped, "", "    @wrapped\n", twice)),
        r#"retry {"times":2}"#
    );
    let on_wrapper = wrapped.replace("    return inner", "    retry(times=2)(inner)\n    return f");
    assert_eq!(
        on_start(&flow(&on_wrapper, "", "    @wrapped\n", "")),
        r#"retry {"times":2}"#
    );
    let too_late = flow("", "", "", "").replace(MAIN, &format!("{MAIN}    {twice}"));
    assert_eq!(on_start(&too_late), "");
    compile(&flow("", "", "    @retry(times=1)\n", twice))
        .ends(1)
        .complains("error[FLC214]: step `start` has `@retry` twice");
}

#[test]
fn a_step_that_a_decorator_takes_away() {
    let log = "def log(f):\n    print(f.__name__)\n";
    let made = "def log(n):\n    def apply(f):\n        print(n)\n    return apply\n";
    let class = "class log:\n    def __init__(self, f):\n        self.f = f\n    def __call__(self, *a):\n        return self.f(*a)\n";
    for (before, on_step, what) in [
        (log, "    @log\n", "gives `None` in its place"),
        (made, "    @log(1)\n", "gives `None` in its place"),
        (
            class,
            "    @log\n",
            "puts an object of the class `log` in its place",
        ),
    ] {
        let told = format!("FLC217]: `start` is no step: a decorator above `@step` {what}");
        compile(&flow(before, "", on_step, "")).complains(&told);
    }
    let target = format!(
        "{HEAD}{class}class F(FlowSpec):\n{STEPS}    @log\n    @step\n    def mid(self):\n        self.next(self.end)\n{MAIN}"
    );
    let target = target.replacen("self.end", "self.mid", 1);
    compile(&target)
        .ends(1)
        .complains("FLC217]: `mid` is no step")
        .complains("error[FLC110]: `start` goes on to `mid`, which is no step of this flow");
    // What looks up attributes of the function finds the mark of a step.
    let handing_on = class.replace(
        "    def __call__",
        "    def __getattr__(self, n):\n        return getattr(self.f, n)\n    def __call__",
    );
    compile(&target.replace(class, &handing_on))
        .ends(1)
        .complains("error[FLC901]: whether `mid` is a step");
    let removed = flow("", "", "", "F.start = None\n");
    assert!(!compile(&removed).err.contains("FLC217"));
}

/// An object that Metaflow's decorators make is true.
#[test]
fn a_decorator_chosen_by_and_and_or() {
    let chosen = |known: &str| {
        let before = format!("HAS_GPU = {known}\nbig = HAS_GPU and retry(times=2) or timeout(minutes=1)\n");
        on_start(&flow(&before, "", "    @big\n", ""))
    };
    assert!(chosen("True").starts_with("retry "), "{}", chosen("True"));
    assert!(chosen("False").starts_with("timeout "), "{}", chosen("False"));
}
