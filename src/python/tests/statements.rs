//! What statements leave: names, loops, exceptions, changes from elsewhere.

use super::*;

#[test]
fn names_follow_statements() {
    check(
        "a = b = 1\na += 1\n(c, *d), e = (1, 2, 3), 4\n",
        &[("a", "2"), ("b", "1"), ("d", "[2, 3]"), ("e", "4")],
    );
    check(
        "xs = [1]\nys = xs\nys.append(2)\nys += [3]\n",
        &[("xs", "[1, 2, 3]")],
    );
    check(
        "d = {}\nd['a'] = 1\nd.update(b=2)\ndel d['a']\nd.setdefault('c', []).append(1)\n",
        &[("d", "{'b': 2, 'c': [1]}")],
    );
    check(
        "t = 0\nfor i in range(4):\n    if i == 3:\n        break\n    t += i\nelse:\n    t = 99\n",
        &[("t", "3"), ("i", "3")],
    );
    check(
        "n = 3\nwhile n:\n    n -= 1\nelse:\n    m = 'end'\n",
        &[("n", "0"), ("m", "'end'")],
    );
    check(
        "if (n := 5) > 3:\n    x = n\nelif True:\n    x = 0\nelse:\n    x = 1\n",
        &[("x", "5")],
    );
    check(
        "def f(x, y=2):\n    z = x + y\n    return z\na = f(1)\nb = f(y=5, x=1)\n",
        &[("a", "3"), ("b", "6")],
    );
    check(
        "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\na = f(5)\n",
        &[("a", "120")],
    );
    check(
        "def f():\n    x = 1\n    def g():\n        return x\n    x = 2\n    return g()\na = f()\n",
        &[("a", "2")],
    );
    check(
        "match 3:\n    case 1 | 2:\n        x = 'low'\n    case n:\n        x = n\n",
        &[("x", "3")],
    );
    check("x: int = 4\ny: str\n", &[("x", "4"), ("y", "unbound")]);
    check("x = 1\ndel x\n", &[("x", "unbound")]);
    check("if __name__ == '__main__':\n    x = 1\n", &[("x", "1")]);
    check(
        "from typing import TYPE_CHECKING\nx = 1\nif TYPE_CHECKING:\n    x = 2\n",
        &[("x", "1")],
    );
}

#[test]
fn exceptions_are_reported_once_and_caught_by_handlers() {
    check(
        "x = y\nz = x\n",
        &[
            ("z", "NameError: name 'y' is not defined [y]"),
            ("!", "1: Python raises `NameError` here: name 'y' is not defined"),
        ],
    );
    check(
        "x = {'a': 1}['b']\n",
        &[("!", "1: Python raises `KeyError` here: 'b'")],
    );
    check(
        "try:\n    x = {}['b']\nexcept KeyError:\n    x = 0\n",
        &[("x", "0"), ("!", "")],
    );
    check(
        "try:\n    x = {}['b']\nexcept (ValueError, LookupError) as e:\n    x = 0\n",
        &[("x", "0"), ("e", "unbound")],
    );
    check(
        "try:\n    x = {}['b']\nexcept ValueError:\n    x = 0\n",
        &[("!", "2: Python raises `KeyError` here: 'b'")],
    );
    check(
        "try:\n    x = 1\nexcept KeyError:\n    x = 2\nelse:\n    x = 3\nfinally:\n    y = 4\n",
        &[("x", "3"), ("y", "4")],
    );
    check(
        "raise ValueError('boom')\n",
        &[("!", "1: Python raises `ValueError` here: boom")],
    );
    check(
        "import sys\nsys.exit('need OK')\n",
        &[(
            "!",
            "1: Python raises `SystemExit` here: need OK"
                .replace('1', "2")
                .as_str(),
        )],
    );
    check(
        "import sys, foo\nif foo.bar():\n    sys.exit(1)\nx = 1\n",
        &[("x", "1"), ("!", "")],
    );
    check(
        "def f():\n    return g()\nx = f()\ndef g():\n    return 1\n",
        &[("!", "2: Python raises `NameError` here: name 'g' is not defined")],
    );
    check(
        "def f():\n    x = y\n    y = 1\nf()\n",
        &[(
            "!",
            "2: Python raises `UnboundLocalError` here: cannot access local variable 'y' where it is not associated with a value",
        )],
    );
    check(
        "assert 1 == 2, 'no'\n",
        &[("!", "1: Python raises `AssertionError` here: no")],
    );
    check(
        "x = 1 + 'a'\n",
        &[(
            "!",
            "1: Python raises `TypeError` here: unsupported operand type(s) for +: 'int' and 'str'",
        )],
    );
    check(
        "def f(a): pass\nf()\n",
        &[(
            "!",
            "2: Python raises `TypeError` here: f() missing 1 required positional argument: 'a'",
        )],
    );
    check(
        "x = self.y + 1\n",
        &[
            ("x", "run time self.y [self.y]"),
            ("!", "1: (run time self.y [self.y])"),
        ],
    );
    check(
        "class C:\n    x = 1 / 0\n    y = 2\n",
        &[
            ("C.y", "2"),
            ("!", "2: (ZeroDivisionError: division by zero [1 / 0])"),
        ],
    );
}

#[test]
fn what_is_changed_elsewhere_is_not_known() {
    check(
        "L = {}\ndef grow():\n    L['a'] = 1\n",
        &[("L", "unknown: `L` is changed in `grow` (line 3)")],
    );
    check(
        "N = 1\ndef f():\n    global N\n    N = 2\n",
        &[("N", "unknown: `N` is changed in `f` (line 4)")],
    );
    check(
        "L = []\nclass F:\n    def m(self):\n        L.append(1)\n",
        &[("L", "unknown: `L` is changed in `m` (line 4)")],
    );
    check_with(
        "from settings import L\nimport settings\nM = settings.L\nX = settings.X\ndef f():\n    settings.X = 2\n",
        &Given {
            files: &[("settings.py", "L = []\nX = 1\ndef f():\n    L.append(1)\n")],
            ..Given::default()
        },
        &[
            ("L", "unknown: `L` is changed in `f` (line 4)"),
            ("M", "unknown: `L` is changed in `f` (line 4)"),
            ("X", "unknown: `settings.X` is changed in `f` (line 6)"),
        ],
    );
    check(
        "import os\ndef f():\n    os.remove('x')\nX = os.environ.get('A', 'b')\n",
        &[("X", "'b' <- env:A")],
    );
    check(
        "import random\nL = [1, 2]\nrandom.shuffle(L)\n",
        &[(
            "L",
            "unknown: it was passed to `random.shuffle`, which may change it (line 3)",
        )],
    );
    check(
        "import foo\nL = [1]\nif foo.x:\n    L.append(2)\n    Y = 1\n",
        &[
            ("L", "unknown: `foo.x` comes from outside of the project"),
            ("Y", "unknown: `foo.x` comes from outside of the project"),
        ],
    );
    check("import foo\nX = 1\nif foo.x:\n    X = 1\n", &[("X", "1")]);
    check(
        "import foo\nX = 0\nL = []\nfor i in foo.xs():\n    X = 1\n    L.append(i)\n",
        &[
            (
                "X",
                "unknown: `foo.xs` is called, which is outside of the project",
            ),
            (
                "L",
                "unknown: `foo.xs` is called, which is outside of the project",
            ),
        ],
    );
    check(
        "try:\n    import torch\n    D = 'gpu'\nexcept ImportError:\n    D = 'cpu'\nE = 1\n",
        &[
            ("D", "unknown: it depends on whether `torch` can be imported"),
            ("E", "1"),
        ],
    );
    check(
        "try:\n    import json\n    D = 'yes'\nexcept ImportError:\n    D = 'no'\n",
        &[("D", "'yes'")],
    );
}

/// Of a loop over something unknown, what stands after it stays what it is.
#[test]
fn loops_that_cannot_be_followed_lose_what_they_change() {
    check(
        "import os\na = b = c = 1\nfor i in os.listdir('.'):\n    if i == 'x':\n        break\n    b = 2\nelse:\n    c = 2\n\
         def f():\n    return a\nd = f()\n",
        &[
            ("a", "1"),
            (
                "b",
                "unknown: `os.listdir` is called, which is outside of the project",
            ),
            (
                "c",
                "unknown: `os.listdir` is called, which is outside of the project",
            ),
            ("d", "1"),
            ("!", ""),
        ],
    );
    check(
        "import os\nfor i in [1, os.getpid(), 3]:\n    if i == 2:\n        continue\n    a = i\nb = 1\n",
        &[
            (
                "a",
                "unknown: `os.getpid` is called, which is outside of the project",
            ),
            (
                "i",
                "unknown: `os.getpid` is called, which is outside of the project",
            ),
            ("b", "1"),
        ],
    );
    check(
        "import os\ndef f(items):\n    for item in items:\n        if item == 3:\n            break\n        elif item:\n            \
         continue\n        item = 5\n    return 7\ndef g(items):\n    for item in items:\n        if item == 3:\n            \
         return 9\n    return 7\na = f(os.listdir('.'))\nb = g(os.listdir('.'))\n",
        &[
            ("a", "7"),
            (
                "b",
                "unknown: `os.listdir` is called, which is outside of the project",
            ),
        ],
    );
}

#[test]
fn what_raises_in_one_of_two_ways_may_be_caught() {
    let caught = "unknown: it depends on whether an exception is caught";
    check(
        "try:\n    match {'a': 1}:\n        case {'b': v}:\n            x = 1\n        case _:\n            raise \
         LookupError\nexcept LookupError:\n    x = 2\n",
        &[("x", caught)],
    );
    check(
        "try:\n    try:\n        import torch\n        x = 1\n    except ImportError:\n        raise \
         LookupError\nexcept LookupError:\n    x = 2\n",
        &[("x", caught)],
    );
}

#[test]
fn what_either_of_two_raising_ways_did_is_not_known() {
    check(
        "x = 1\ntry:\n    match {'a': 1}:\n        case {'b': v}:\n            x = 2\n            raise LookupError\n        \
         case _:\n            x = 3\n            raise LookupError\nexcept LookupError:\n    pass\n",
        &[("x", "unknown: it depends on whether an exception is caught")],
    );
}

#[test]
fn a_manager_may_swallow_what_its_block_raises() {
    let ended = "unknown: an exception may have ended the block before";
    for manager in ["ignore(KeyError)", "Ignore()", "foo.bar()", "ExitStack()"] {
        let source = format!(
            "import foo\nfrom contextlib import ExitStack, suppress as ignore\nclass Ignore:\n    def __enter__(self): return \
             self\n    def __exit__(self, *e): return True\nx = 1\nwith {manager}:\n    x = 2\n    {{}}['a']\n    x = 3\n"
        );
        check(&source, &[("x", ended)]);
    }
    check(
        "import os\nfrom contextlib import suppress\nx = 1\nwith suppress(ValueError):\n    if os.path.exists('/nope'):\n        \
         x = 2\n    else:\n        raise ValueError\n",
        &[("x", ended)],
    );
    check(
        "import os\nclass Timer:\n    def __enter__(self): return self\n    def __exit__(self, *e): self.end = 1\nwith Timer():\n    \
         os.getpid()\n    x = 2\nwith open('a') as f:\n    f.read()\n    y = 3\n",
        &[("x", "2"), ("y", "3")],
    );
}

#[test]
fn a_class_body_sets_nonlocal_names() {
    check(
        "def outer():\n    x = 1\n    class A:\n        nonlocal x\n        x = 3\n    return x\nX = outer()\n",
        &[("X", "3")],
    );
}

#[test]
fn fields_are_numbered_in_one_way() {
    for text in ["{0} {}", "{} {0}"] {
        check(
            &format!("try:\n    x = '{text}'.format(1, 2)\nexcept ValueError:\n    x = 3\n"),
            &[("x", "3")],
        );
    }
}

#[test]
fn what_a_module_has_is_not_known_where_it_is_tried() {
    let caught = "unknown: it depends on whether an exception is caught";
    check(
        "import random\ntry:\n    random.foo\nexcept AttributeError:\n    x = True\nelse:\n    raise RuntimeError('new')\n",
        &[("x", "True")],
    );
    check(
        "import random\nx = 1\ntry:\n    random.foo\n    x = 2\nexcept AttributeError:\n    pass\n",
        &[("x", caught)],
    );
    check(
        "import os\nx = 1\ntry:\n    x = os.path.join('a', 'b')\nexcept Exception:\n    x = 2\n",
        &[("x", "'a/b'")],
    );
}

#[test]
fn parts_of_a_group_may_be_caught() {
    let source = "try:\n    raise ExceptionGroup('g', [ValueError(1)])\nexcept* ValueError:\n    V = 1\n";
    check(source, &[("!", "")]);
    let plain = "try:\n    raise ValueError('g')\nexcept* ValueError:\n    V = 1\n";
    check(plain, &[("!", ""), ("V", "1")]);
}
