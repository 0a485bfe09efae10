//! What modules know of themselves, modules that are imported by a name that is made, and changes of the environment
//! that are not written as such. The values are those of CPython 3.13.

use super::*;

#[test]
fn modules_know_where_they_come_from() {
    let given = Given {
        files: &[
            (
                "pkg/__init__.py",
                "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\nassert __doc__ is None\nassert __package__ == 'pkg'\nassert __spec__.name == 'pkg'\nassert __loader__ and __cached__\n",
            ),
            (
                "pkg/part.py",
                "'''Doc.'''\nP = __package__\nassert __doc__ == 'Doc.'\n",
            ),
            ("other/__init__.py", ""),
        ],
        ..Given::default()
    };
    check_with(
        "\"\"\"Flow.\"\"\"\nimport other\nfrom pkg.part import P\nx = __doc__\ny = __package__ is None and __spec__ is None\nassert other.__path__[0].endswith('other')\nassert __loader__ is not None\nz = other.__package__\n",
        &given,
        &[
            ("!", ""),
            ("P", "'pkg'"),
            ("x", "'Flow.'"),
            ("y", "True"),
            ("z", "'other'"),
        ],
    );
    check(
        "x = __path__",
        &[(
            "!",
            "1: Python raises `NameError` here: name '__path__' is not defined",
        )],
    );
    check("'''A\n  b'''\nassert __doc__ == 'A\\nb'\n", &[("!", "")]);
}

#[test]
fn modules_that_are_not_known_fill_registries() {
    let loop_over = |import: &str| {
        format!(
            "import importlib, pkgutil\nfrom registry import REGISTRY\nSEEN = {{}}\nSIZE = 1\nfor m in pkgutil.iter_modules(__path__):\n    {import}\n"
        )
    };
    for import in [
        "importlib.import_module(f'{__name__}.{m.name}')",
        "importlib.import_module('.' + m.name, package=__name__)",
        "importlib.import_module('.' + m.name, __package__)",
        "__import__(f'{__name__}.{m.name}')",
    ] {
        let package = loop_over(import);
        let given = Given {
            files: &[
                ("steps/__init__.py", &package),
                ("registry.py", "REGISTRY = {}\n"),
            ],
            ..Given::default()
        };
        let lost = "unknown: a module whose name is not known is imported, which may change it (line 6)";
        check_with(
            "import steps\nfrom registry import REGISTRY as R\nS = steps.SEEN\nN = steps.SIZE\nassert R['a'] and steps.a\n",
            &given,
            &[("R", lost), ("S", lost), ("N", "1"), ("!", "")],
        );
    }
    let given = Given {
        files: &[("pkg/__init__.py", ""), ("pkg/part.py", "X = 3\n")],
        ..Given::default()
    };
    check_with(
        "import importlib\nx = importlib.import_module('.part', package='pkg').X\ny = importlib.import_module('..part', 'pkg.other').X\nz = __import__('pkg.part').part.X\n__import__('pkg').W = 6\nimport pkg\nw = pkg.W\n",
        &given,
        &[("x", "3"), ("y", "3"), ("z", "3"), ("w", "6"), ("!", "")],
    );
}

#[test]
fn the_environment_changes_behind_calls() {
    let start = "import os\nfrom os import environ\nfrom unittest import mock\nimport elsewhere\nn = elsewhere.find()\n";
    for source in [
        "def put(k, v): os.environ.setdefault(k, v)\nput(*n)",
        "def inner(): environ['A'] = 'b'\ndef put(*a): inner()\nput(*n)",
        "@elsewhere.wraps\ndef put(): environ['A'] = 'b'\nput()",
        "with mock.patch.dict(os.environ, {'A': 'b'}): x = os.environ['A']",
        "@mock.patch.dict('os.environ', {'A': 'b'})\ndef f(): return os.environ['A']\nx = f()",
        "mock.patch.dict(os.environ, A='b').start()",
        "e = os.environ\ne |= n",
    ] {
        check(
            &format!("{start}{source}\nif n: y = os.environ['A']\ny = os.environ['A']\n"),
            &[("!", "")],
        );
    }
    for (source, expected) in [
        (
            "e = os.environ\ne |= {'A': 'b'}\nx = environ['A']",
            "'b' <- env:A",
        ),
        ("os.environ |= {'A': 'b'}\nx = environ['A']", "'b' <- env:A"),
        ("os.putenv('A', 'c')\nx = os.getenv('A', 'd')", "'d' <- env:A"),
        (
            "def f(*a): return os.getenv('A')\nf(*n)\nx = os.getenv('A', 'd')",
            "'d' <- env:A",
        ),
    ] {
        check(&format!("{start}{source}\n"), &[("x", expected), ("!", "")]);
    }
}

#[test]
fn classes_around_and_bases_that_objects_say_are_not_known() {
    for source in [
        "class K:\n    @staticmethod\n    def st(): return __class__\n    def me(self): return __class__.__name__\nassert K.st() is K\nassert K().me() == 'K'\n",
        "class K:\n    def me(self): return [__class__ for _ in 'a'][0]\nassert K().me() is K\n",
        "class O:\n    def __mro_entries__(self, bases): return (dict,)\no = O()\nclass C(o): pass\nassert C().get('x') is None\n",
    ] {
        check(source, &[("!", "")]);
    }
    check(
        "x = __class__",
        &[(
            "!",
            "1: Python raises `NameError` here: name '__class__' is not defined",
        )],
    );
}
