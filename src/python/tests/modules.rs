//! What comes from outside of a module: the environment, other files, values that are given.

use super::*;

#[test]
fn the_environment_is_given_and_recorded() {
    let given = Given {
        environment: &[("CPU", "4")],
        ..Given::default()
    };
    check_with(
        "import os\nx = int(os.environ['CPU']) * 2\n",
        &given,
        &[("x", "8 <- env:CPU")],
    );
    check_with(
        "import os\nx = os.environ['NO']\n",
        &given,
        &[("!", "2: Python raises `KeyError` here: 'NO'")],
    );
    check_with(
        "from os import environ, getenv\nx = environ.get('NO', 3)\ny = getenv('CPU')\nz = 'CPU' in environ\n",
        &given,
        &[("x", "3 <- env:NO"), ("y", "'4' <- env:CPU")],
    );
    check_with(
        "import os\nif os.getenv('CPU') == '4':\n    x = 1\nelse:\n    x = 2\n    y = 1\ny = 3\n",
        &given,
        &[("x", "1 <- env:CPU"), ("y", "3")],
    );
    check_with(
        "import os\nos.environ['A'] = 'b'\nx = os.environ['A']\nos.environ.setdefault('CPU', '9')\ny = os.environ['CPU']\n",
        &given,
        &[("x", "'b' <- env:A"), ("y", "'4' <- env:CPU")],
    );
    check_with(
        "import os\nfrom dotenv import load_dotenv\nload_dotenv()\nx = os.getenv('CPU')\ny = os.getenv('NO')\n",
        &given,
        &[
            ("x", "'4' <- env:CPU"),
            (
                "y",
                "unknown: `dotenv.load_dotenv` may set it from a `.env` file <- env:NO",
            ),
        ],
    );
}

#[test]
fn imports_follow_the_project() {
    let given = Given {
        files: &[
            (
                "settings.py",
                "IMAGE = 'a:1'\n_private = 1\nfrom pkg.deep import K\n",
            ),
            ("pkg/__init__.py", "from .deep import K as J\n"),
            (
                "pkg/deep.py",
                "from . import sibling\nfrom .sibling import S\nK = S + 1\n",
            ),
            ("pkg/sibling.py", "S = 1\n"),
            ("broken.py", "def f(:\n"),
            ("a.py", "import b\nX = 1\n"),
            ("b.py", "import a\nY = hasattr(a, 'X')\n"),
        ],
        ..Given::default()
    };
    check_with(
        "from settings import IMAGE\nimport settings as s\nx = s.IMAGE + '-x'\nk = s.K\n",
        &given,
        &[("IMAGE", "'a:1'"), ("x", "'a:1-x'"), ("k", "2"), ("!", "")],
    );
    check_with(
        "from settings import *\n",
        &given,
        &[("IMAGE", "'a:1'"), ("_private", "unbound"), ("K", "2")],
    );
    check_with(
        "import pkg.sibling\nx = pkg.sibling.S\ny = pkg.J\n",
        &given,
        &[("x", "1"), ("y", "2")],
    );
    check_with("from pkg import sibling\nx = sibling.S\n", &given, &[("x", "1")]);
    check_with(
        "from settings import NOPE\n",
        &given,
        &[(
            "!",
            "1: Python raises `ImportError` here: cannot import name 'NOPE' from 'settings'",
        )],
    );
    check_with("import a, b\nx = b.Y\n", &given, &[("x", "False")]);
    check_with(
        "import settings\nx = settings.NOPE\n",
        &given,
        &[(
            "!",
            "2: Python raises `AttributeError` here: module 'settings' has no attribute 'NOPE'",
        )],
    );
    check_with(
        "from broken import g\nx = g\n",
        &given,
        &[("x", "unknown: `broken.py` does not parse")],
    );
    check_with(
        "from numpy import pi\nx = pi\nimport metaflow as mf\ny = mf.rezources\n",
        &given,
        &[
            ("x", "unknown: `numpy.pi` comes from outside of the project"),
            (
                "!",
                "4: Python raises `AttributeError` here: module 'metaflow' has no attribute 'rezources'",
            ),
        ],
    );
    check_with(
        "from metaflow import rezources\n",
        &given,
        &[(
            "!",
            "1: Python raises `ImportError` here: cannot import name 'rezources' from 'metaflow' (is `resources` meant?)",
        )],
    );
    check_with(
        "import settings\nsettings.IMAGE = 'b'\nfrom settings import IMAGE\n",
        &given,
        &[("IMAGE", "'b'")],
    );
}

#[test]
fn defines_answer_for_what_is_unknown() {
    let given = Given {
        defines: &[
            ("IMAGE", Value::str("x")),
            ("settings.CPU", Value::Int(4)),
            ("foo.bar", Value::Int(7)),
        ],
        files: &[("settings.py", "import numpy\nCPU = numpy.cpu\n")],
        ..Given::default()
    };
    check_with(
        "from numpy import IMAGE\nfrom settings import CPU\nimport foo\nx = foo.bar\n",
        &given,
        &[("IMAGE", "'x'"), ("CPU", "4"), ("x", "7")],
    );
    // One of two, nobody knows which; and a name that a function changes.
    check_with(
        "from numpy import random\nif random():\n    IMAGE = 'a'\nelse:\n    IMAGE = 'b'\nx = IMAGE\n",
        &given,
        &[("x", "'x'")],
    );
    check_with(
        "IMAGE = None\ndef choose():\n    global IMAGE\n    IMAGE = 'a'\nx = IMAGE\n",
        &given,
        &[("x", "'x'")],
    );
    // What the source says stays.
    check_with("IMAGE = 'a'\nx = IMAGE\n", &given, &[("x", "'a'")]);
}

#[test]
fn an_imported_module_takes_the_place_of_what_its_package_calls_so() {
    let given = Given {
        files: &[
            ("pkg/__init__.py", "x = 1\nfrom .y import y\n"),
            ("pkg/x.py", "z = 2\n"),
            ("pkg/y.py", "y = 3\n"),
        ],
        ..Given::default()
    };
    check_with(
        "from pkg import x\na = x\nimport pkg.x\nfrom pkg import x\nb = x.z\nimport pkg.y\nc = pkg.y\n",
        &given,
        &[("a", "1"), ("b", "2"), ("c", "3")],
    );
}

#[test]
fn folders_of_the_search_path_hold_modules() {
    let given = Given {
        files: &[
            (
                "../src/acme/__init__.py",
                "CPU = 3\nfrom pathlib import Path\nUP = str(Path(__file__).parents[1])",
            ),
            ("../json.py", "CPU = 4"),
            ("lib/settings.py", "CPU = 5"),
            ("acme.py", "CPU = 6"),
        ],
        ..Given::default()
    };
    let head = "import os, sys\nfrom pathlib import Path\n";
    let cases = [
        (
            "sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'src'))\nfrom acme import CPU as V",
            "3",
        ),
        (
            "sys.path.append(str(Path(__file__).resolve().parents[1] / 'src'))\nfrom acme import CPU as V",
            "6",
        ),
        (
            "sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))\nfrom settings import CPU as V",
            "5",
        ),
        (
            "LIB = Path(__file__).parent / 'lib'\nif str(LIB) not in sys.path:\n    sys.path.append(str(LIB))\nfrom settings import CPU as V",
            "5",
        ),
        (
            "sys.path.append(str(Path(__file__).resolve().parent.parent))\nimport json\nV = json.loads('7')",
            "7",
        ),
        (
            "sys.path.insert(0, '..')\nimport settings\nV = settings.CPU",
            "unknown: `settings.CPU` comes from outside",
        ),
        (
            "V = str(Path(__file__).resolve().parents[2] / 'x') == str(Path(__file__).parent.parent.parent / 'x')",
            "True",
        ),
        (
            "V = (Path(__file__).parent / '..').resolve() == Path(__file__).parent.parent",
            "True",
        ),
        (
            "V = (Path(__file__).parent / '..') == Path(__file__).parent.parent",
            "unknown",
        ),
        ("V = len(Path(__file__).parents) > 1", "unknown"),
    ];
    let mut wrong = Vec::new();
    for (source, expected) in cases {
        let found = names(&format!("{head}{source}"), &["V"], &given).remove(0);
        if !found.contains(expected) {
            wrong.push(format!("{source}\n    expected {expected}\n    found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
