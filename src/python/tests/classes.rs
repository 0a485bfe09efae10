//! What classes, decorators and placeholders of a flow are to Python.

use super::*;

#[test]
fn classes_have_pythons_scopes_and_orders() {
    check(
        "class C:\n    CPU = 2\n    x = [CPU for i in (1,)]\n",
        &[("!", "3: (NameError: name 'CPU' is not defined [CPU])")],
    );
    check(
        "class C:\n    CPU = 2\n    x = [i for i in (CPU,)]\n    y = (lambda: 1)() + CPU\n",
        &[("C.x", "[2]"), ("C.y", "3")],
    );
    check(
        "class C:\n    CPU = 2\n    def f(): return CPU\n    y = f()\n",
        &[("!", "3: (NameError: name 'CPU' is not defined [CPU])")],
    );
    check(
        "class A:\n    x = 1\nclass B(A):\n    pass\nclass C(A):\n    x = 2\nclass D(B, C):\n    pass\ny = D.x\n",
        &[("y", "2")],
    );
    check(
        "class A:\n    pass\nclass B(A):\n    pass\nclass C(A, B):\n    pass\n",
        &[(
            "!",
            "5: (TypeError: Cannot create a consistent method resolution order (MRO) for bases A, B [C])",
        )],
    );
    check(
        "from metaflow import FlowSpec\nclass A(FlowSpec):\n    pass\nclass B(FlowSpec, A):\n    pass\n",
        &[(
            "!",
            "4: (TypeError: Cannot create a consistent method resolution order (MRO) for bases FlowSpec, A [B])",
        )],
    );
    check(
        "from metaflow import FlowSpec\nclass B(object, FlowSpec):\n    pass\n",
        &[(
            "!",
            "2: (TypeError: Cannot create a consistent method resolution order (MRO) for bases object, FlowSpec [B])",
        )],
    );
    check(
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass A(Generic[T]):\n    x = 1\nclass B(Generic[T], A):\n    pass\ny = B.x\n",
        &[("y", "1")],
    );
    check(
        "class S:\n    IMAGE = 'a'\n    def __init__(self, n):\n        self.n = n * 2\n    @property\n    def m(self):\n        return self.n + 1\n    @staticmethod\n    def s():\n        return 's'\n    @classmethod\n    def c(cls):\n        return cls.IMAGE\nx = S(2)\ny = (x.n, x.m, x.IMAGE, x.s(), S.c(), S.s())\n",
        &[("y", "(4, 5, 'a', 's', 'a', 's')")],
    );
    check(
        "from enum import Enum\nclass C(Enum):\n    RED = 'r'\nx = C.RED.value\ny = C.RED.name\n",
        &[("x", "'r'"), ("y", "'RED'")],
    );
    check(
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: str = 'x'\nc = C(1)\nx = (c.a, c.b)\n",
        &[("x", "(1, 'x')")],
    );
    check(
        "class F:\n    pass\nx = F.nope\n",
        &[(
            "!",
            "3: Python raises `AttributeError` here: type object 'F' has no attribute 'nope'",
        )],
    );
}

#[test]
fn decorators_are_remembered_or_followed() {
    let flow =
        "import functools\nfrom metaflow import FlowSpec, step, retry, resources, kubernetes\nimport third\n";
    let check_steps = |source: &str, expected: &[(&str, &str)]| check(&format!("{flow}{source}"), expected);
    check_steps(
        "class F(FlowSpec):\n    @retry(times=3)\n    @step\n    def start(self): pass\n",
        &[("F.start.decorators", "metaflow.step metaflow.retry(times=3)")],
    );
    check_steps(
        "big = resources(cpu=16)\nmine = functools.partial(resources, cpu=3)\nmystep = step\nclass F(FlowSpec):\n    @big\n    @mystep\n    def a(self): pass\n    @mine(memory=1)\n    @step\n    def b(self): pass\n    def c(self): pass\n    c = step(c)\n    d = a\n",
        &[
            ("F.a.decorators", "metaflow.step metaflow.resources(cpu=16)"),
            (
                "F.b.decorators",
                "metaflow.step metaflow.resources(memory=1,cpu=3)",
            ),
            ("F.c.decorators", "metaflow.step"),
            ("F.d.decorators", "metaflow.step metaflow.resources(cpu=16)"),
        ],
    );
    check_steps(
        "def both(n):\n    def apply(f):\n        return retry(times=n)(resources(cpu=n)(f))\n    return apply\nclass F(FlowSpec):\n    @both(2)\n    @step\n    def a(self): pass\n",
        &[(
            "F.a.decorators",
            "metaflow.step metaflow.resources(cpu=2) metaflow.retry(times=2)",
        )],
    );
    check_steps(
        "def timing(f):\n    @functools.wraps(f)\n    def wrapper(*a, **k):\n        return f(*a, **k)\n    return wrapper\nclass F(FlowSpec):\n    @step\n    @timing\n    def a(self): pass\n",
        &[("F.a.decorators", "metaflow.step")],
    );
    check_steps(
        "class F(FlowSpec):\n    @third.deco(x=1)\n    @step\n    def a(self): pass\n    @third.other\n    @step\n    def b(self): pass\n",
        &[
            ("F.a.decorators", "metaflow.step third.deco(x=1)"),
            ("F.b.decorators", "metaflow.step third.other"),
        ],
    );
    check_steps(
        "import os\nwhere = kubernetes if os.environ.get('PROD') else resources\nclass F(FlowSpec):\n    @where(cpu=1)\n    @step\n    def a(self): pass\n",
        &[("F.a.decorators", "metaflow.step metaflow.resources(cpu=1)")],
    );
    check_steps(
        "class F(FlowSpec):\n    @resources(cpu=self.n, memory=2)\n    @step\n    def a(self): pass\n    @nope\n    @step\n    def b(self): pass\n",
        &[
            (
                "F.a.decorators",
                "metaflow.step metaflow.resources(cpu=Runtime { what: \"self.n\" },memory=2)",
            ),
            (
                "!",
                "5: (run time self.n [self.n]); 8: (NameError: name 'nope' is not defined [nope])",
            ),
        ],
    );
}

#[test]
fn placeholders_are_no_values() {
    let head = "from metaflow import FlowSpec, Parameter, Config, config_expr\nclass F(FlowSpec):\n    p = Parameter('p', default=2)\n    c = Config('c', default_value={'a': {'b': 3}, 'n': 'x'})\n";
    let check_body = |body: &str, expected: &[(&str, &str)]| check(&format!("{head}    {body}\n"), expected);
    check_body("x = 1 if p else 2", &[("F.x", "placeholder p Truth [p]")]);
    check_body("x = f'{p}'", &[("F.x", "placeholder p Text [p]")]);
    check_body(
        "x = p * 2",
        &[
            ("F.x", "placeholder p Arithmetic [p * 2]"),
            ("!", "5: (placeholder p Arithmetic [p * 2])"),
        ],
    );
    check_body("x = p['k']", &[("F.x", "placeholder p Item [p['k']]")]);
    check_body(
        "x = p",
        &[("F.x", "placeholder p Bare [p]")].map(|(name, _)| (name, "placeholder p Bare [x]")),
    );
    check_body("x = c.a.b", &[("F.x", "3 <- config:c.a.b")]);
    check_body("x = c['a']['b']", &[("F.x", "3 <- config:c.a.b")]);
    check_body("x = {'k': [c.n]}", &[("F.x", "{'k': ['x']} <- config:c.n")]);
    check_body("x = dict(**c.a)", &[("F.x", "{'b': 3} <- config:c.a")]);
    check_body("x = f'{c.n}-y'", &[("F.x", "placeholder c.n Text [c.n]")]);
    check_body(
        "x = c.a.b * 2",
        &[("!", "5: (placeholder c.a.b Arithmetic [c.a.b * 2])")],
    );
    check_body("x = c.nope", &[("F.x", "AttributeError: nope [c.nope]")]);
    check_body(
        "x = config_expr('c.a.b * 2 + N')\nN = 1",
        &[("F.x", "7 <- config:c.a.b")],
    );
    check_body(
        "x = config_expr('nope.proj')",
        &[(
            "F.x",
            "NameError: name 'nope' is not defined [config_expr('nope.proj')]",
        )],
    );
    check_with(
        &format!("{head}    x = c.k\n"),
        &Given {
            configs: &[("c", "{\"k\": true}")],
            ..Given::default()
        },
        &[("F.x", "True <- config:c.k")],
    );
}

#[test]
fn private_names_are_those_of_the_class_around() {
    check(
        "class B:\n    __v = 1\n    def b(self): return self.__v\nclass A(B):\n    __v = 2\n    def __init__(self): self.__x = \
         3\n    def a(self, __k=4): return self.__v, __k\nx = A().b()\ny = A().a(_A__k=5)\nz = A()._A__x\n",
        &[("x", "1"), ("y", "(2, 5)"), ("z", "3")],
    );
    check(
        "class _S:\n    __cpu = 4\n    @classmethod\n    def cpu(cls): return cls.__cpu\n    k = _S__cpu\nx = _S.cpu()\ny = \
         _S.k\n",
        &[("x", "4"), ("y", "4")],
    );
}

#[test]
fn enumerations_look_members_up() {
    let color = "import enum\nclass Color(enum.Enum):\n    RED = 1\n    ROUGE = 1\n    BLUE = 2\n";
    for (line, value) in [
        ("Color(1).name", "'RED'"),
        ("Color['ROUGE'].name", "'RED'"),
        ("Color['BLUE'].value", "2"),
    ] {
        check(&format!("{color}x = {line}\n"), &[("x", value), ("!", "")]);
    }
    for (line, finding) in [
        (
            "Color.GREEN",
            "AttributeError` here: type object 'Color' has no attribute 'GREEN'",
        ),
        ("Color(3)", "ValueError` here: 3 is not a valid Color"),
        ("Color['GREEN']", "KeyError` here: 'GREEN'"),
    ] {
        check(
            &format!("{color}x = {line}\n"),
            &[("!", &format!("6: Python raises `{finding}"))],
        );
    }
}

#[test]
fn enumerations_that_python_refuses() {
    let refused = "6: Python raises `";
    for (lines, finding) in [
        (
            "class C(B):\n    Y = 2\n",
            "TypeError` here: <enum 'C'> cannot extend <enum 'B'>",
        ),
        ("B.X = 2\n", "AttributeError` here: cannot reassign member 'X'"),
        (
            "@enum.unique\nclass C(enum.Enum):\n    V = 1\n    W = 1\n",
            "ValueError` here: duplicate values found in <enum 'C'>: W -> V",
        ),
    ] {
        let source = format!("import enum\nclass A(enum.Enum):\n    pass\nclass B(A):\n    X = 1\n{lines}");
        check(&source, &[("!", &format!("{refused}{finding}"))]);
    }
    check(
        "import enum\nclass A(enum.Enum):\n    X = 1\n    X = 2\n",
        &[("!", "4: Python raises `TypeError` here: 'X' already defined")],
    );
    // What the class decides itself, or may have from its type.
    check(
        "import enum\nclass A(enum.Enum):\n    X = 1\n    @classmethod\n    def _missing_(cls, value):\n        return cls.X\nx = A(3)\nclass B(enum.IntEnum):\n    Y = 1\ny = B.numerator\n",
        &[("!", "")],
    );
}

#[test]
fn dataclasses_that_python_refuses() {
    let head = "from dataclasses import KW_ONLY, dataclass, field\nfrom typing import ClassVar\n";
    for (lines, finding) in [
        (
            "@dataclass\nclass A:\n    x: int = 1\n    y: int\n",
            "6: Python raises `TypeError` here: non-default argument 'y' follows default argument",
        ),
        (
            "@dataclass\nclass A:\n    x: list = []\n",
            "5: Python raises `ValueError` here: mutable default <class 'list'> for field x is not allowed: use default_factory",
        ),
        (
            "@dataclass(frozen=True)\nclass A:\n    x: int\na = A(1)\na.x = 2\n",
            "7: Python raises `FrozenInstanceError` here: cannot assign to field 'x'",
        ),
        (
            "@dataclass\nclass A:\n    x: int\na = A(1, 2)\n",
            "6: Python raises `TypeError` here: A.__init__() takes 2 positional arguments but 3 were given",
        ),
        (
            "@dataclass\nclass A:\n    x: int\na = A(1, y=2)\n",
            "6: Python raises `TypeError` here: A.__init__() got an unexpected keyword argument 'y'",
        ),
        (
            "@dataclass\nclass A:\n    x: int = 1\n    y: ClassVar[int]\n    z: list = field(default_factory=list)\n",
            "",
        ),
        (
            "@dataclass\nclass A:\n    x: int = 1\n    _: KW_ONLY\n    y: int\na = A(y=1)\n",
            "",
        ),
        (
            "@dataclass(kw_only=True)\nclass A:\n    x: int = 1\n    y: int\na = A(y=1)\n",
            "",
        ),
        (
            "@dataclass\nclass A:\n    x: int = 1\n    y: int = field(init=False)\na = A(1)\n",
            "",
        ),
        (
            "@dataclass(order=True)\nclass A:\n    x: int\nless = A(1) < A(2)\n",
            "",
        ),
    ] {
        check(&format!("{head}{lines}"), &[("!", finding)]);
    }
}

#[test]
fn builtin_objects_take_no_attributes() {
    for (lines, finding) in [
        (
            "x = None\nx.y = 1\n",
            "2: Python raises `AttributeError` here: 'NoneType' object has no attribute 'y'",
        ),
        (
            "x = [1]\ndel x.y\n",
            "2: Python raises `AttributeError` here: 'list' object has no attribute 'y'",
        ),
        (
            "x = 5\nsetattr(x, 'y', 1)\n",
            "2: Python raises `AttributeError` here: 'int' object has no attribute 'y'",
        ),
        ("class A: pass\ndef f(): pass\nA.y = f.y = A().y = 1\n", ""),
    ] {
        check(lines, &[("!", finding)]);
    }
}

#[test]
fn names_of_classes_may_be_set() {
    check(
        "class A:\n    class Inner:\n        pass\n    Inner.__name__ = 'Z'\nclass B(A.Inner):\n    __name__ = 'Y'\nx = A.Inner.__name__\ny = B.__name__\nz = B().__name__\n",
        &[("x", "'Z'"), ("y", "'B'"), ("z", "'Y'")],
    );
    check(
        "def f(): pass\nf.__name__ = 'g'\nx = f.__name__\n",
        &[("x", "'g'")],
    );
}

#[test]
fn private_names_in_texts_are_as_written() {
    check(
        "class A:\n    __p = 1\n    def has(self):\n        return hasattr(self, '__p')\nx = hasattr(A, '__p')\ny = getattr(A(), '__p', 4)\nz = A().has()\nw = hasattr(A, '_A__p')\n",
        &[("x", "False"), ("y", "4"), ("z", "False"), ("w", "True")],
    );
}

#[test]
fn flows_take_the_arguments_of_their_init() {
    let flow = "from metaflow import FlowSpec\nclass F(FlowSpec):\n    pass\nclass G(FlowSpec):\n    def __init__(self, x, use_cli=True):\n        pass\n";
    for (call, finding) in [
        ("F(use_cli=False)", ""),
        ("G(1)", ""),
        (
            "F(nope=1)",
            "7: Python raises `TypeError` here: FlowSpec.__init__() got an unexpected keyword argument 'nope'",
        ),
        (
            "G()",
            "7: Python raises `TypeError` here: G.__init__() missing 1 required positional argument: 'x'",
        ),
    ] {
        check(&format!("{flow}{call}\n"), &[("!", finding)]);
    }
    check(
        "from metaflow import FlowSpec\nclass F(FlowSpec, FlowSpec):\n    pass\n",
        &[(
            "!",
            "2: Python raises `TypeError` here: duplicate base class FlowSpec",
        )],
    );
}

#[test]
fn names_of_extensions_are_told_in_functions_too() {
    check(
        "from metaflow import *\ndef f():\n    return nope()\nf()\ntry:\n    nope()\nexcept NameError:\n    pass\n",
        &[(
            "!",
            "3: `metaflow` has no `nope`: unless an extension brings it, Python raises `NameError` here",
        )],
    );
}

#[test]
fn decorators_are_applied_to_no_constant() {
    check(
        "from metaflow import retry\nx = retry(times=2)(3)\ndef f(): pass\ny = retry(times=2)(f)\n",
        &[(
            "!",
            "2: Python raises `MetaflowException` here: `retry(times=2)(3)` applies `retry` to its argument, which is not a step: attributes are given by name",
        )],
    );
}

#[test]
fn abstract_classes_make_no_objects() {
    let base = "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def f(self): ...\n    @property\n    @abstractmethod\n    def g(self): ...\n";
    for (lines, finding) in [
        (
            "A()\n",
            "8: Python raises `TypeError` here: Can't instantiate abstract class A with abstract method f",
        ),
        (
            "class B(A):\n    def f(self): ...\nB()\n",
            "10: Python raises `TypeError` here: Can't instantiate abstract class B with abstract method g",
        ),
        ("class B(A):\n    def f(self): ...\n    g = 1\nx = B().g\n", ""),
    ] {
        check(&format!("{base}{lines}"), &[("!", finding)]);
    }
}

#[test]
fn the_name_of_a_class_is_a_text() {
    check(
        "class F: pass\nF.__name__ = 4",
        &[(
            "!",
            "2: Python raises `TypeError` here: can only assign string to F.__name__, not 'int'",
        )],
    );
    check(
        "class F: pass\nF.__name__ = 'G'\nV = F.__name__",
        &[("V", "'G'"), ("!", "")],
    );
}

#[test]
fn metaclasses_that_do_not_go_together_are_told() {
    let head = "from metaflow import FlowSpec\nfrom metaflow.flowspec import FlowSpecMeta\nimport abc, enum\n\
                from collections.abc import Mapping\nfrom typing import Protocol, Generic, TypeVar\nT = TypeVar('T')\n\
                class M(type): pass\nclass Both(FlowSpecMeta, abc.ABCMeta): pass\nclass Plain: pass\n\
                class A(abc.ABC): pass\nclass N(Plain, metaclass=M): pass\n";
    let refused = "12: Python raises `TypeError` here: metaclass conflict: the metaclass of a derived class must be a \
                   (non-strict) subclass of the metaclasses of all its bases";
    let found = |class: &str| names(&format!("{head}{class}: pass\n"), &["!"], &Given::default()).remove(0);
    for class in [
        "class F(FlowSpec, abc.ABC)",
        "class F(A, FlowSpec)",
        "class F(FlowSpec, metaclass=abc.ABCMeta)",
        "class F(FlowSpec, metaclass=M)",
        "class F(FlowSpec, N)",
        "class F(FlowSpec, Mapping)",
        "class F(FlowSpec, Protocol)",
        "class F(A, enum.Enum)",
    ] {
        assert_eq!(found(class), refused, "{class}");
    }
    for class in [
        "class F(FlowSpec, Plain)",
        "class F(FlowSpec, Generic[T])",
        "class F(FlowSpec, metaclass=type)",
        "class F(FlowSpec, metaclass=FlowSpecMeta)",
        "class F(FlowSpec, abc.ABC, metaclass=Both)",
        "class F(A, Mapping, Protocol)",
        "class F(A, metaclass=abc.ABCMeta)",
        "class F(N, metaclass=type)",
        "class F(FlowSpec, dict)",
        "class F(FlowSpec, metaclass=make())",
    ] {
        assert!(!found(class).contains("metaclass"), "{class}: {}", found(class));
    }
}

#[test]
fn what_a_metaclass_decides_is_not_guessed() {
    let plain = "class M(type):\n    def __getitem__(cls, k): return 3\n    def __eq__(cls, o): return True\n    def __bool__(cls): return False\n    def __instancecheck__(cls, o): return True\n    def __call__(cls, *a): return 1\nclass C(metaclass=M):\n    pass\n";
    for expression in ["C['x'] == 3", "C == 4", "not C", "isinstance(5, C)", "C() is C()"] {
        check(&format!("{plain}assert {expression}\n"), &[("!", "")]);
    }
    check(
        "class S:\n    one = None\n    def __new__(cls):\n        if cls.one is None: cls.one = super().__new__(cls)\n        return cls.one\nassert S() is S()\n",
        &[("!", "")],
    );
    check(
        "class Field:\n    order = []\n    def __set_name__(self, owner, name):\n        type(self).order.append(name)\nclass T:\n    a = Field()\nassert Field.order[0] == 'a'\n",
        &[("!", "")],
    );
}

#[test]
fn classes_with_other_instances_than_their_own_are_not_judged() {
    for source in [
        "import typing\n@typing.runtime_checkable\nclass P(typing.Protocol):\n    def r(self): ...\nclass C:\n    def r(self): return 1\nassert isinstance(C(), P)\n",
        "import abc\nclass V(abc.ABC): pass\nclass C: pass\nV.register(C)\nassert isinstance(C(), V)\n",
    ] {
        check(source, &[("!", "")]);
    }
}

#[test]
fn attributes_of_computed_names_are_seen_by_instances() {
    check(
        "import os\nclass K:\n    def go(self): return 0\nclass L(K): pass\nfor n in os.listdir('.'):\n    setattr(K, n, 1)\nassert K().a and L().a and L.a and K().go()\n",
        &[("!", "")],
    );
}

#[test]
fn a_deep_copy_shares_what_the_original_shares() {
    check(
        "import copy\ns = {'m': 1}\nc = copy.deepcopy({'a': s, 'b': s, 'l': [[0] * 2] * 2})\nc['a']['m'] = 5\nc['l'][0][0] = 7\nx = (c['b']['m'], c['l'][1][0], s['m'])\n",
        &[("x", "(5, 7, 1)")],
    );
}
