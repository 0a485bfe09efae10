//! Names and objects that are changed where no assignment is written, and iterators, which work when they are asked.
//! The values are those of CPython 3.11.

use super::*;

/// After the program `V` is worth that, or not known.
fn worth_of_v(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        check(source, &[("V", expected)]);
    }
}

#[test]
fn names_behind_functions_are_followed() {
    worth_of_v(&[
        ("V = 1\nglobals()['V'] = 2", "2"),
        ("V = 1\nglobals()['V'] += 2", "3"),
        ("V = 1\ng = globals()\ng['V'] = 3", "3"),
        ("V = 1\nglobals().update(V=3)", "3"),
        ("V = 1\nvars().__setitem__('V', 3)", "3"),
        ("V = {'a': 1}\nglobals()['V']['a'] = 4", "{'a': 4}"),
        ("V = 1\nfor n in ['V']:\n    exec(f'{n} = 3')", "3"),
        ("V = 1\nexec('V = 3', globals())", "3"),
        ("V = 1\nexec('V = 3', {})", "1"),
        ("W = 1\nV = eval('W + 1')", "2"),
        ("import sys\nV = 1\nsys.modules[__name__].V = 4", "4"),
        ("import sys\nV = 1\nsetattr(sys.modules[__name__], 'V', 4)", "4"),
        ("import __main__\nV = 1\n__main__.V = 5", "5"),
        (
            "import importlib\nV = 1\nimportlib.import_module('__main__').V = 5",
            "5",
        ),
        ("import builtins\nbuiltins.len = lambda x: 7\nV = len([1])", "7"),
        ("import builtins\nbuiltins.SIZE = 8\nV = SIZE", "8"),
        ("import builtins\nbuiltins.__dict__['SIZE'] = 8\nV = SIZE", "8"),
        ("import builtins\nvars(builtins)['SIZE'] = 8\nV = SIZE", "8"),
        (
            "import builtins\nbuiltins.__dict__.update(SIZE=8)\nV = SIZE",
            "unknown: builtin names are set (line 2)",
        ),
        (
            "import builtins\nbuiltins.__dict__[input()] = 8\nV = SIZE",
            "unknown: builtin names are set (line 2)",
        ),
        (
            "import os\nos.getenv = lambda name: 'x'\nfrom os import getenv\nV = getenv('A')",
            "'x'",
        ),
        ("class K:\n    pass\nk = K()\nk.__dict__['x'] = 2\nV = k.x", "2"),
        (
            "class K:\n    x = 1\nk = K()\nobject.__setattr__(k, 'x', 2)\nV = k.x",
            "2",
        ),
        ("class K:\n    x = 1\n    locals()['x'] = 3\nV = K.x", "3"),
        (
            "class P: pass\nclass Q:\n    q = 1\no = P()\no.__class__ = Q\nV = o.q",
            "unknown: its class decides what setting an attribute does",
        ),
        (
            "class P: pass\nclass Q:\n    q = 1\nclass R(P): pass\nR.__bases__ = (Q,)\nV = R.q",
            "unknown: `__bases__` of `R` is set",
        ),
    ]);
}

#[test]
fn names_that_may_be_changed_are_lost() {
    worth_of_v(&[
        (
            "V = 1\nexec(open('x').read())",
            "unknown: `exec` may change any name (line 2)",
        ),
        (
            "V = [1]\neval(input())",
            "unknown: `eval` may change any name (line 2)",
        ),
        (
            "V = 1\nglobals()[input()] = 3",
            "unknown: a name that is computed is set (line 2)",
        ),
        (
            "V = 1\nunknown_module_call = input()\nexec('lambda: 1')",
            "unknown: `exec` may change any name (line 3)",
        ),
    ]);
    // What is bound afterwards is known.
    worth_of_v(&[("exec(open('x').read())\nV = 1", "1")]);
}

#[test]
fn methods_that_stand_for_statements_change_their_object() {
    worth_of_v(&[
        ("V = [1, 2]\nV.__setitem__(0, 5)", "[5, 2]"),
        ("V = [1, 2]\nV.__delitem__(0)", "[2]"),
        ("V = {1}\nset.add(V, 2)\nV = sorted(V)", "[1, 2]"),
        (
            "V = [1]\nV.__init__([2])",
            "unknown: `__init__` is called, which may change it (line 2)",
        ),
        (
            "V = [1]\nV.__iadd__([2])",
            "unknown: `__iadd__` is called, which may change it (line 2)",
        ),
        (
            "class R:\n    def __init__(self): self.d = {}\n    def __setitem__(self, k, v): self.d[k] = v\nr = R()\nr['a'] = 1\nV = r.d",
            "{'a': 1}",
        ),
        (
            "class K:\n    n = 0\n    def __bool__(self):\n        self.n += 1\n        return True\nk = K()\nx = 1 if k else 2\nV = k.n",
            "unknown: `K.__bool__` changes it",
        ),
        (
            "class B:\n    def __init_subclass__(cls): cls.x = 5\nclass C(B):\n    x = 1\nV = C.x",
            "5",
        ),
        (
            "from functools import cache\n@cache\ndef f(): return [1]\nf().append(2)\nV = f()",
            "[1, 2]",
        ),
        (
            "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 1\nV = [E.B.name, E.A is E.B]",
            "['A', True]",
        ),
    ]);
}

#[test]
fn what_others_may_change_is_not_known() {
    worth_of_v(&[
        (
            "import threading\nV = [1]\ndef f(x): x.append(2)\nthreading.Thread(target=f, args=(V,)).start()",
            "unknown: it was passed to `threading.Thread`, which may change it (line 4)",
        ),
        (
            "from collections import ChainMap\nV = {'a': 1}\nc = ChainMap(V)\nc['a'] = 3",
            "unknown: it was passed to `collections.ChainMap`, which may change it (line 4)",
        ),
        (
            "import itertools\ni = iter([1, 2, 3])\na = list(itertools.islice(i, 2))\nV = list(i)",
            "unknown: it was passed to `itertools.islice`, which may change it (line 3)",
        ),
        (
            "def g(x):\n    x.append(2)\n    yield 1\nV = [1]\nlist(g(V))",
            "unknown: it was passed to `g`, which may change it (line 5)",
        ),
    ]);
}

#[test]
fn iterators_work_when_they_are_asked() {
    worth_of_v(&[
        ("a = [1]\ni = (x for x in a)\na.append(2)\nV = list(i)", "[1, 2]"),
        ("a = [1]\ni = map(str, a)\na.append(2)\nV = list(i)", "['1', '2']"),
        ("a = [0]\ni = filter(None, a)\na.append(2)\nV = list(i)", "[2]"),
        (
            "a = [1]\ni = zip(a, [3, 4])\na.append(2)\nV = list(i)",
            "[(1, 3), (2, 4)]",
        ),
        (
            "a = [1]\ni = enumerate(a)\na.append(2)\nV = list(i)",
            "[(0, 1), (1, 2)]",
        ),
        ("a = [1, 2]\ni = reversed(a)\na[0] = 9\nV = list(i)", "[2, 9]"),
        ("i = iter([1, 2, 3])\nV = [2 in i, list(i)]", "[True, [3]]"),
        ("i = map(str, [1])\nV = [list(i), list(i)]", "[['1'], []]"),
        (
            "i = iter([1, 2, 3])\nV = []\nfor x in i:\n    V.append((x, next(i, None)))",
            "[(1, 2), (3, None)]",
        ),
        ("n = 1\ni = (n for _ in [0])\nn = 5\nV = list(i)", "[5]"),
        ("V = []\ni = map(V.append, [1, 2])\nnext(i)", "[1]"),
        ("i = iter([1, 2, 3, 4])\nV = list(zip(i, i))", "[(1, 2), (3, 4)]"),
        ("i = iter([0, 1, 2])\nV = [any(i), list(i)]", "[True, [2]]"),
        (
            "a = [1]\nfor x in a:\n    if len(a) < 3: a.append(x + 1)\nV = a",
            "[1, 2, 3]",
        ),
        (
            "V = [(i, j) for i in range(3) for j in range(i)]",
            "[(1, 0), (2, 0), (2, 1)]",
        ),
        (
            "V = [150000 in range(200000), 4 in range(10, 0, -2), 10 in range(10)]",
            "[True, True, False]",
        ),
    ]);
    // What nobody asks for raises nothing.
    for quiet in [
        "i = (1 // 0 for _ in [1])",
        "i = map(int, ['a'])",
        "i = (missing for _ in [1])",
    ] {
        check(quiet, &[("!", "")]);
    }
    check(
        "i = (x for x in missing)",
        &[(
            "!",
            "1: Python raises `NameError` here: name 'missing' is not defined",
        )],
    );
}

#[test]
fn annotations_are_evaluated_where_they_stand() {
    let missing =
        |line: usize| format!("{line}: Python raises `NameError` here: name 'Missing' is not defined");
    check("x: Missing = 1", &[("!", &missing(1))]);
    check("def f(x: list[Missing]): pass", &[("!", &missing(1))]);
    check("def f() -> Missing: pass", &[("!", &missing(1))]);
    check(
        "class K:\n    x: Missing = 1",
        &[("!", "2: (NameError: name 'Missing' is not defined [Missing])")],
    );
    for right in [
        "x: 'Missing' = 1",
        "from __future__ import annotations\nx: Missing = 1",
        "def f():\n    x: Missing = 1\nf()",
        "class K:\n    class L: pass\n    def f(self, x: L, y: 'K') -> L: pass",
        "class Box[T]:\n    x: T\n    class L: pass\n    def f[U](self, x: T, y: U, z: L) -> U: pass",
    ] {
        check(right, &[("!", "")]);
    }
}

#[test]
fn what_something_unknown_may_be_is_lost_when_that_changes() {
    for source in [
        "V = [[1], [2]]\nV[n].append(3)",
        "V = [1]\nx = V if n else []\nx.append(3)",
        "V = [1]\nif n: x = V\nelse: x = []\nx += [3]",
        "V = [1]\nx = None or (n and V) or V\nx.append(3)",
        "V = {}\ndef pick():\n    if n: return V\n    return {}\npick()['a'] = 2",
        "V = {0: [1]}\nV.get(n).append(5)",
        "V = [1]\nm = V.append if n else V.remove\nm(5)",
        "V = [1]\nl = [V]\nl.insert(n, 5)\nl[0].append(2)",
        "V = [1]\ndef g():\n    yield V\nnext(g()).append(2)",
        "V = [1]\nclass K:\n    def __getitem__(self, i): return V\nK()[0].append(2)",
        "V = [1]\ndef f(*a): a[0].append(2)\nf(V, *n)",
        "V = [1]\nfor i in [1, 2]:\n    if n: continue\n    V.append(i)",
        "V = [1]\nfor i in [1, 2]:\n    with n:\n        if n: continue\n    V.append(i)",
        "V = [1]\nlist.append(V, n)",
        "i = iter([1, 2])\nlist(zip(i, n))\nV = list(i)",
        "from collections import deque\nV = [[1]]\nfor x in deque(V): x.append(2)",
        "V = [1]\ntry:\n    n.go()\n    x = V\nexcept OSError:\n    x = []\nx.append(2)",
    ] {
        let program = format!("import elsewhere\nn = elsewhere.find()\n{source}");
        let found = names(&program, &["V"], &Given::default()).remove(0);
        assert!(found.starts_with("unknown: "), "{found} is claimed of\n{program}");
    }
    // What is only looked at stays known, and so does what nothing unknown can be.
    worth_of_v(&[
        (
            "import elsewhere\nn = elsewhere.find()\nV = [1]\nx = V if n else []\nprint(x)",
            "[1]",
        ),
        (
            "import elsewhere\nn = elsewhere.find()\nV = [1]\nx = [2] if n else []\nx.append(3)",
            "[1]",
        ),
        ("i = [1]\nV = [i]\ni.extend(str(x) for x in V)", "[[1, '[1]']]"),
    ]);
}

#[test]
fn what_making_a_class_runs_may_change_other_things() {
    let meta = "class M(type):\n    reg = {}\n    def __new__(m, name, bases, ns):\n        c = super().__new__(m, name, bases, ns)\n        m.reg[name] = c\n        return c\nclass W(metaclass=M): pass\n";
    check(
        &format!("{meta}V = M.reg['W']"),
        &[("V", "unknown: the metaclass of `W` is not followed"), ("!", "")],
    );
    check(
        "class M(type):\n    @classmethod\n    def __prepare__(m, n, b): return {'foo': 1}\nclass W(metaclass=M):\n    a = foo\nV = W.a",
        &[
            ("V", "unknown: the class of `W` comes from outside of the project"),
            ("!", ""),
        ],
    );
    worth_of_v(&[
        (
            "class A:\n    log = []\n    def __class_getitem__(cls, k):\n        cls.log.append(k)\n        return cls\nB = A[1]\nV = A.log",
            "[1]",
        ),
        // What is defined outside of the class is found all the same.
        (
            "W = 1\nclass A:\n    locals()[input()] = 2\n    a = W\nV = A.a",
            "1",
        ),
    ]);
}
