//! What happens in `try`: each kind of operation on what is not known may raise, on what is known it does or not.

use super::*;

const TRIED: &str = "try:\n    OP\nexcept Exception:\n    M = 1\nelse:\n    M = 2\n";

/// What `M` is after an operation (its lines parted by `\n`) was tried.
fn tried(before: &str, operation: &str) -> String {
    let body = operation.replace('\n', "\n    ");
    let source = format!("{before}{}", TRIED.replace("OP", &body));
    let found = names(&source, &["M", "!"], &Given::default());
    match found.as_slice() {
        [value, findings] if findings.is_empty() => value.clone(),
        found => found.join(" with "),
    }
}

/// Operations on `X`, and the special method that Python calls for each.
const OPERATIONS: &[(&str, &str)] = &[
    ("X()", "__call__"),
    ("X.name", "__getattr__"),
    ("X.name = 1", "__setattr__"),
    ("del X.name", "__delattr__"),
    ("X['a']", "__getitem__"),
    ("X['a'] = 1", "__setitem__"),
    ("del X['a']", "__delitem__"),
    ("X + 1", "__add__"),
    ("1 - X", "__rsub__"),
    ("-X", "__neg__"),
    ("~X", "__invert__"),
    ("X == 1", "__eq__"),
    ("1 == X", "__eq__"),
    ("X < 1", "__lt__"),
    ("1 < X", "__gt__"),
    ("1 in X", "__contains__"),
    ("1 in X", "__iter__"),
    ("not X", "__bool__"),
    ("X and 1", "__bool__"),
    ("1 if X else 2", "__len__"),
    ("if X:\n    pass", "__bool__"),
    ("while X:\n    break", "__bool__"),
    ("assert X", "__bool__"),
    ("for _ in X:\n    pass", "__iter__"),
    ("[x for x in X]", "__iter__"),
    ("a, b = X", "__iter__"),
    ("a, *b = X", "__iter__"),
    ("print(*X)", "__iter__"),
    ("list(X)", "__iter__"),
    ("len(X)", "__len__"),
    ("with X:\n    pass", "__enter__"),
    ("with X:\n    pass", "__exit__"),
    ("f'{X}'", "__str__"),
    ("f'{X}'", "__format__"),
    ("f'{X!r}'", "__repr__"),
    ("str(X)", "__str__"),
    ("repr(X)", "__repr__"),
    ("{X: 1}", "__hash__"),
    ("match X:\n    case 1: pass", "__eq__"),
    ("@X\ndef f(): pass", "__call__"),
];

#[test]
fn an_operation_on_something_unknown_may_raise() {
    let unknowns = [
        "import sys\nX = sys.argv[1]\n",
        "import foo\nX = foo.make()\n",
        "import foo\nX = foo.make().part\n",
        "import foo\nclass C(foo.Base): pass\nX = C()\n",
        "import foo\nX = foo.X\n",
    ];
    let others = [
        ("class C(X): pass", "__init_subclass__"),
        ("@X\nclass C: pass", "__call__"),
        ("X += 1", "__iadd__"),
        ("X.name += 1", "__iadd__"),
    ];
    let mut wrong = Vec::new();
    for before in unknowns {
        for (operation, _) in OPERATIONS.iter().chain(&others) {
            let found = tried(before, operation);
            if found != "unknown: it depends on whether an exception is caught" {
                wrong.push(format!("{before}{operation}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_special_method_that_raises_is_caught() {
    let mut wrong = Vec::new();
    for (operation, method) in OPERATIONS {
        let enter = if *method == "__exit__" {
            "    def __enter__(self): return self\n"
        } else {
            ""
        };
        let before = format!(
            "class C:\n    def {method}(self, *a): raise LookupError\n{enter}    def __exit__(self, *a): pass\nX = C()\n"
        );
        let before = match *method {
            "__exit__" => before.replace("    def __exit__(self, *a): pass\n", ""),
            _ => before,
        };
        let found = tried(&before, operation);
        if found != "1" {
            wrong.push(format!("{operation} by {method}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_the_class_says_of_its_attributes_raises() {
    for (class, operation, expected) in [
        ("@property\n    def x(self): return 1", "X.x = 2", "1"),
        ("@property\n    def x(self): return 1", "del X.x", "1"),
        ("@property\n    def x(self): raise KeyError", "X.x", "1"),
        ("x = 1", "X.x = 2", "2"),
        (
            "x = property(lambda s: 1, lambda s, v: None)",
            "X.x = 2",
            "unknown: it depends on whether an exception is caught",
        ),
        ("__slots__ = ('a',)", "X.b = 2", "1"),
        ("__slots__ = ('a',)", "X.a = 2", "2"),
        ("__slots__ = 'a'", "X.b = 2", "1"),
        (
            "@property\n    def x(self): return 1\n    @x.setter\n    def x(self, v):\n        if v < 0: raise ValueError",
            "X.x = -1",
            "1",
        ),
        (
            "@property\n    def x(self): return 1\n    @x.setter\n    def x(self, v):\n        if v < 0: raise ValueError",
            "X.x = 1",
            "2",
        ),
        ("d = D()", "X.d = -1", "1"),
        ("d = D()", "X.d = 1", "2"),
        ("def __init__(self): raise OSError", "C()", "1"),
        (
            "def __init_subclass__(cls): raise OSError",
            "class E(C): pass",
            "1",
        ),
    ] {
        let make = if class.contains("__init__(") {
            ""
        } else {
            "X = C()\n"
        };
        let before = format!(
            "class D:\n    def __set__(self, o, v):\n        if v < 0: raise ValueError\nclass C:\n    {class}\n{make}"
        );
        assert_eq!(tried(&before, operation), expected, "{before}{operation}");
    }
}

#[test]
fn a_dataclass_may_refuse_its_values() {
    let before = "import dataclasses\n@dataclasses.dataclass\nclass D:\n    n: int = 0\n    def __post_init__(self):\n        \
                  if self.n < 1: raise ValueError\n";
    assert_eq!(tried(before, "D()"), "1");
    assert_eq!(tried(before, "D(3)"), "2");
    let before = "import dataclasses\ndef bad(): raise ValueError\n@dataclasses.dataclass\nclass D:\n    n: list = \
                  dataclasses.field(default_factory=bad)\n";
    assert_eq!(tried(before, "D()"), "1");
    check(
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass D:\n    n: int = 0\n    def __post_init__(self):\n        \
         object.__setattr__(self, 'b', self.n + 1)\nx = D(4).b\ntry:\n    D(4).b = 1\nexcept AttributeError:\n    M = 1\n",
        &[("x", "5"), ("M", "1"), ("!", "")],
    );
    check(
        "import dataclasses\n@dataclasses.dataclass\nclass D:\n    n: int = 0\n    def __post_init__(self):\n        \
         self.twice = self.n * 2\nx = D(4).twice\n",
        &[("x", "8"), ("!", "")],
    );
}

#[test]
fn an_import_from_outside_may_fail() {
    let torch = "unknown: it depends on whether `torch` can be imported";
    for kinds in [
        "ImportError",
        "ModuleNotFoundError",
        "(ModuleNotFoundError, AttributeError)",
        "Exception",
        "OSError",
    ] {
        for import in [
            "import torch",
            "import importlib\n    t = importlib.import_module('torch')",
            "from torch import nn",
            "X = 1\n    import torch",
        ] {
            let source = format!("try:\n    {import}\n    M = 2\nexcept {kinds}:\n    M = 1\n");
            let found = names(&source, &["M", "!"], &Given::default());
            assert_eq!(found, [torch, ""], "{source}");
        }
    }
    check(
        "try:\n    import nope\nexcept:\n    M = 1\nprint(M)\n",
        &[("!", "")],
    );
    check(
        "import contextlib\nM = 1\nwith contextlib.suppress(ModuleNotFoundError):\n    import torch\n    M = 2\n",
        &[("M", "unknown: an exception may have ended the block before")],
    );
    // A failure that is caught does not concern the `try` around.
    check(
        "try:\n    try:\n        import torch\n        X = 1\n    except ImportError:\n        X = 2\n    Y = 5\nexcept \
         ValueError:\n    Y = 6\n",
        &[("Y", "5")],
    );
}

#[test]
fn the_handler_sees_what_the_body_may_have_done() {
    let caught = "unknown: it depends on whether an exception is caught";
    check(
        "import os\nn = 1\ntry:\n    n = 2\n    os.listdir('.')\nexcept OSError:\n    m = n\nelse:\n    m = 1\n",
        &[("m", caught)],
    );
    check(
        "import os\nl = []\ntry:\n    l.append(1)\n    os.listdir('.')\n    l.append(2)\nexcept OSError:\n    m = len(l)\nelse:\n    \
         m = 2\n",
        &[("m", caught)],
    );
    // Whatever was raised before, the handler of what is raised at the end need not be the one.
    check(
        "import os\ntry:\n    os.listdir('.')\n    raise KeyError\nexcept OSError:\n    m = 1\nexcept KeyError:\n    m = 2\n",
        &[("m", caught), ("!", "")],
    );
    check(
        "import os\ntry:\n    os.listdir('.')\nexcept OSError:\n    m = 1\nexcept KeyError:\n    m = 1\nelse:\n    m = 1\n",
        &[("m", "1")],
    );
}

#[test]
fn an_exception_of_the_project_goes_to_its_handler() {
    let classes = "class A(ValueError): pass\nclass B(ValueError): pass\nclass C(A): pass\n";
    for (raised, first, second, expected) in [
        ("A('x')", "B", "A", "2"),
        ("A", "B", "ValueError", "2"),
        ("C('x')", "A", "ValueError", "1"),
        ("A('x')", "C", "LookupError", "1: uncaught"),
        ("ValueError", "A", "ValueError", "2"),
        ("A", "(B, A)", "ValueError", "1"),
    ] {
        let source = format!(
            "{classes}try:\n    raise {raised}\nexcept {first}:\n    M = 1\nexcept {second}:\n    M = 2\n"
        );
        let found = names(&source, &["M", "!"], &Given::default());
        match found.as_slice() {
            [value, findings] if findings.is_empty() => assert_eq!(value, expected, "{source}"),
            found => assert_eq!(expected, "1: uncaught", "{found:?} {source}"),
        }
    }
    check(
        "import sys\ntry:\n    raise make()\nexcept NameError:\n    M = 1\ndef make(): return sys.argv[1]\ntry:\n    raise \
         make()\nexcept ValueError:\n    N = 1\nexcept Exception:\n    N = 2\n",
        &[
            ("M", "1"),
            ("N", "unknown: it depends on whether an exception is caught"),
            ("!", ""),
        ],
    );
}

#[test]
fn each_part_of_a_group_has_its_handler() {
    check(
        "N = 0\ntry:\n    raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\nexcept* ValueError as eg:\n    N += 1\n    \
         GOT = len(eg.exceptions)\nexcept* KeyError:\n    N += 1\n",
        &[
            ("N", "unknown: it depends on which exception is caught"),
            ("!", ""),
        ],
    );
}

#[test]
fn methods_that_do_not_raise_are_no_finding() {
    check(
        "class V:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n    def __getattr__(self, k):\n        \
         if k == 'no': raise AttributeError(k)\n        return k\n    def __setattr__(self, k, v): object.__setattr__(self, k, \
         v)\n    def __exit__(self, t, v, tb):\n        if t is None: raise ValueError\n        return True\n    def __enter__(self): \
         return self\na = V(1)\na == V(1)\na.foo\nx = getattr(a, 'no', 5)\nwith a: raise KeyError\n",
        &[("!", "")],
    );
    assert_eq!(tried("", "issubclass(1, int)"), "1");
}

#[test]
fn outside_of_a_try_what_may_raise_is_no_finding() {
    for before in [
        "import foo\nX = foo.make()\n",
        "import foo\nclass C(foo.Base): pass\nX = C()\n",
    ] {
        for (operation, _) in OPERATIONS {
            let found = names(&format!("{before}{operation}\n"), &["!"], &Given::default());
            assert_eq!(found, [""], "{before}{operation}");
        }
    }
}
